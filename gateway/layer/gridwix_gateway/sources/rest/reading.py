"""Checkpoints of reading a REST list, so that no row is missed while rows move. Pure.

If the declaration has ``since``, rows come in the order of their updates, and an update moves a row
to the end. With offsets, such a move shifts all rows behind the moved row to the left, and the next
page skips one. So pages are not followed: after each page the list is requested again, from the
time of its last row. Only rows that share one time (of the precision that the API has) are read by
following pages, in repeated passes, until two passes in a row have seen the same rows. That proves
that none was skipped: a pass skips a row only if another row moves away meanwhile, and the next
pass no longer sees the row that moved, so the two passes differ.

A list without ``since`` is read by following pages. A row that is skipped is read by the next run.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from gridwix_gateway.documents import parse_timestamp, timestamp
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.rest.declaration import RestDeclaration, Since
from gridwix_gateway.sources.rest.paging import Place, asked_time, rounded_time
from gridwix_gateway.sources.rest.rows import Row

MAX_PASSES = 8
"""Maximum passes over rows that share one time of update."""

MAX_REPEATED = 3
"""Equal pages in a row after which the run fails: the API ignores the paging parameter."""


@dataclass(frozen=True, slots=True)
class Position:
    """Checkpoint within a REST list: the page to request next, and digests of rows seen.

    The list is requested from a time of update, the boundary. Rows that share this time can fill
    several pages. These pages are read one after another (a pass), and again, until two passes saw
    the same rows.

    Attributes:
        boundary: Time of update from which the list is requested, RFC 3339; "" for a list that is
            not read by time of update.
        place: What identifies the next page in that list (offset, number, cursor or URL); None for
            the first page.
        followed: Number of pages of this pass that were read after its first one.
        page: Digest of the page before; "" on the first page.
        repeated: Number of pages in a row that equal the page before.
        seen: Digest of the rows of this pass that have the boundary as their time.
        seen_before: The digest ``seen`` of the previous pass; "" in the first pass.
        passes: Number of finished passes over the rows that have the boundary as their time.
    """

    boundary: str = ""
    place: Place = None
    followed: int = 0
    page: str = ""
    repeated: int = 0
    seen: str = ""
    seen_before: str = ""
    passes: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """State of reading a REST list after a page: high-water mark and checkpoint.

    Attributes:
        cursor: High-water mark: all rows updated before this time were read; "" for a list that is
            not read by time of update.
        position: Checkpoint of the next page; None at the end of the list.
    """

    cursor: str
    position: Position | None


def start_position(declaration: RestDeclaration, cursor: str) -> Position:
    """Return the checkpoint from which a run starts: the last high-water mark, minus the overlap.

    Args:
        declaration: Declaration of the source.
        cursor: The last run's high-water mark; "" for the first run.

    Returns:
        The checkpoint of the first page.
    """
    since = declaration.since
    if since is None:
        return Position()
    if not cursor:
        return Position(timestamp(since.start))
    return Position(timestamp(max(since.start, parse_timestamp(cursor) - since.overlap)))


def next_progress(
    declaration: RestDeclaration,
    progress: Progress,
    rows: Sequence[Row],
    following: Place,
    page: str,
    ceiling: datetime,
) -> Progress:
    """Return high-water mark and checkpoint after a page of a REST list.

    Args:
        declaration: Declaration of the source.
        progress: The progress before the page, with a position.
        rows: The page's rows.
        following: What identifies the next page (offset, number, cursor or URL); None at the list's
            end.
        page: Digest of the page.
        ceiling: Upper bound of the high-water mark: the present time by the API's clock or by ours,
            the earlier of the two. So a row with a time in the future does not move the mark there.

    Returns:
        The progress after the page. Its position is None at the end of the list.

    Raises:
        SourceFault: ``repeated-page``, ``endless``, ``unstable``, ``since-ignored`` or ``order``.
    """
    position = progress.position
    assert position is not None
    if rows and position.followed and page == position.page:
        if position.repeated + 1 == MAX_REPEATED:
            raise SourceFault("repeated-page", "pages have the same rows as those before")
        # Rows that move to the right can show a page twice, but not again and again.
        progress = replace(progress, position=replace(position, repeated=position.repeated + 1))
    elif position.repeated:
        progress = replace(progress, position=replace(position, repeated=0))
    assert progress.position is not None
    if declaration.since is None:
        if following is None:
            return Progress("", None)
        return Progress("", _follow(declaration, progress.position, following, page, ""))
    return _next_since_progress(
        declaration, declaration.since, progress, rows, following, page, ceiling
    )


def _next_since_progress(
    declaration: RestDeclaration,
    since: Since,
    progress: Progress,
    rows: Sequence[Row],
    following: Place,
    page: str,
    ceiling: datetime,
) -> Progress:
    position = progress.position
    assert position is not None
    boundary = parse_timestamp(position.boundary)
    dated = [(parse_timestamp(row.updated), row) for row in rows if row.updated]
    rounded = [rounded_time(since, moment) for moment, _ in dated]
    if dated and min(moment for moment, _ in dated) < asked_time(since, boundary):
        raise SourceFault("since-ignored", "a row is older than what was asked for")
    if any(later < earlier for earlier, later in pairwise(rounded)):
        raise SourceFault("order", "rows are not in ascending order of their updates")
    floor = rounded_time(since, boundary)
    shared = [row for moment, (_, row) in zip(rounded, dated, strict=True) if moment <= floor]
    seen = _combine(position.seen, shared)
    high = min(max((row.updated for _, row in dated), default=""), timestamp(ceiling))
    left = bool(high) and rounded_time(since, parse_timestamp(high)) > floor
    if following is not None and not left:
        return Progress(progress.cursor, _follow(declaration, position, following, page, seen))
    # The end of the rows that share the boundary's time. If several pages had them, they must have
    # been the same twice.
    if position.followed and seen != position.seen_before:
        if position.passes + 1 == MAX_PASSES:
            raise SourceFault("unstable", f"rows move during {MAX_PASSES} passes over them")
        again = Position(position.boundary, seen_before=seen, passes=position.passes + 1)
        return Progress(progress.cursor, again)
    cursor = max(progress.cursor, high)
    return Progress(cursor, None if following is None else Position(high))


def _follow(
    declaration: RestDeclaration, position: Position, following: Place, page: str, seen: str
) -> Position:
    if position.followed + 1 >= declaration.limits.same_time_pages:
        raise SourceFault("endless", f"the list does not end after {position.followed + 1:,} pages")
    return replace(position, place=following, followed=position.followed + 1, page=page, seen=seen)


def _combine(seen: str, rows: Sequence[Row]) -> str:
    """Return the digest of a set of rows with further rows added to the set.

    The digest is the XOR of the rows' digests, so the order of rows does not matter. ``seen`` is
    the digest so far; "" for none.
    """
    total = int(seen or "0", 16)
    for row in rows:
        digest = hashlib.sha256(f"{row.key}\0{row.updated}".encode("utf-8", "surrogatepass"))
        total ^= int.from_bytes(digest.digest()[:16])
    return f"{total:032x}"
