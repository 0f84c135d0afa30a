"""Erasure: removes portal data of members who are gone or no longer act for a partner.

``gridwix unlink`` erases at once. This module finds all other cases: members that were deleted on
the site, and links (permissions to act for a partner) that an editor removed there.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gridwix.errors import BudgetExhausted, GridwixError, UpstreamError
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.reports import Addable
from gridwix.partner_messenger.dispatches import PersonalRow
from gridwix.partner_messenger.ports import DatedCollections, MemberDirectory, Outbox
from gridwix.ports import Clock

SLOTS = 256
"""Number of parts of a collection, by the first two hexadecimal digits of the items' ids."""

SLOTS_PER_DAY = 8
"""Number of parts that are checked per day: each part is checked every 32 days."""

LAST_SLOT = "member-data-looked-through"
"""Key in the outbox of the checkpoint: the last part that was checked, counted from day 0 (UTC)."""

PER_REMOVAL = 1000
"""Maximum number of rows in one bulk removal."""


@dataclass(frozen=True, slots=True)
class ErasureReport(Addable):
    """Result of one erasure run over a part of the portal's personal rows; reports are added up.

    ``erased`` counts rows. ``refused`` counts the rows that Wix refused to remove, by error code.
    ``stopped`` is the error that ended the run early; None if there was none. After a retryable
    error the next run checks the same part again. After any other error, such as on a site without
    the collections, the next run takes the next part.
    """

    erased: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    stopped: GridwixError | None = None


class MemberErasure:
    """Removes rows of members who no longer exist, or have no link to the row's partner.

    The rows are divided into 256 parts. Each run checks one part, and only eight parts are checked
    on a day (``SLOTS_PER_DAY``). Idempotent, with any number of workers: a row that another worker
    removed counts as removed. The slow pace bounds the loss if an editor empties the collection of
    links by mistake: 3% of the rows per day.
    """

    def __init__(
        self, outbox: Outbox, portal: DatedCollections, directory: MemberDirectory, clock: Clock
    ) -> None:
        self._outbox = outbox
        self._portal = portal
        self._directory = directory
        self._clock = clock

    def erase_next_part(self) -> ErasureReport:
        """Check the next part of the members' personal rows, and remove those of members who left.

        A part has the rows with ids that begin with the same two hexadecimal digits. Does nothing
        if the ``SLOTS_PER_DAY`` parts of today (UTC) are done. Errors are in the report.
        """
        first = datetime.fromtimestamp(self._clock(), UTC).toordinal() * SLOTS_PER_DAY
        try:
            # Parts of days on which nothing ran are left for their next turn.
            slot = max(first, self._outbox.watermarks([LAST_SLOT]).get(LAST_SLOT, 0) + 1)
            if slot >= first + SLOTS_PER_DAY:
                return ErasureReport()
            report = self._look_through(slot)
            if report.stopped is None or not report.stopped.retryable:
                self._outbox.raise_watermark(LAST_SLOT, slot)
        except (UpstreamError, BudgetExhausted) as error:
            return ErasureReport(stopped=error)
        return report

    def _look_through(self, slot: int) -> ErasureReport:
        try:
            return self._erase_rows(f"{slot % SLOTS:02x}")
        except (UpstreamError, BudgetExhausted) as error:
            return ErasureReport(stopped=error)

    def _erase_rows(self, prefix: str) -> ErasureReport:
        rows = self._directory.personal_rows(prefix)
        members = {row.member_id for row in rows}
        existing = self._directory.existing_members(members) if members else ()
        partners: defaultdict[str, set[str]] = defaultdict(set)
        if existing:
            for member, partner in self._directory.member_links(existing):
                partners[member].add(partner)
        found: defaultdict[CollectionId, list[WixItemId]] = defaultdict(list)
        for row in rows:
            if is_orphaned(row, partners):
                found[row.collection].append(row.id)
        report = ErasureReport()
        for collection, ids in found.items():
            outcome = self._portal.bulk_remove(collection, ids[:PER_REMOVAL])
            report += ErasureReport(
                len(outcome.written), Counter(refusal.code for refusal in outcome.refused)
            )
        return report


def is_orphaned(row: PersonalRow, partners: Mapping[str, Collection[str]]) -> bool:
    """True if a row's member acts for no partner, or no longer for the row's partner.

    >>> of_baltic = PersonalRow(CollectionId("MemberReadMarks"), WixItemId("1"), "dana", "GC2")
    >>> is_orphaned(of_baltic, {"dana": {"GC1"}}), is_orphaned(of_baltic, {"dana": {"GC2"}})
    (True, False)

    Args:
        row: The row. A row without a partner is orphaned only if its member acts for no partner at
            all.
        partners: The partners for which a member acts, by member. A member who was deleted, or acts
            for no partner, is left out.
    """
    own = partners.get(row.member_id, ())
    return not own or row.partner_id not in ("", *own)
