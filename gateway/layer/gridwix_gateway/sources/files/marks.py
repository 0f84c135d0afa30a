"""The mark of a source: the last applied drop, and the progress of the one that is being applied.

It is one item of the table, written in the same commits as the records. So after a crash the mark
and the records agree, and no change is applied twice or left out.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.table import Item, Key


@dataclass(frozen=True, slots=True)
class AppliedDrop:
    """The drop that was applied last.

    Attributes:
        drop_id: Identifies the drop.
        dropped_at: Time of its upload, RFC 3339.
        files: Prefix of its files: ``snapshot.parquet`` and ``declaration.json``.
    """

    drop_id: str
    dropped_at: str
    files: str


@dataclass(frozen=True, slots=True)
class PendingDrop:
    """A drop that is being applied.

    Attributes:
        drop_id: Identifies the drop.
        dropped_at: Time of its upload.
        files: Prefix of its files: those of :class:`AppliedDrop`, and ``changes.jsonl``.
        position: Number of changes that are applied.
        total: Number of changes.
    """

    drop_id: str
    dropped_at: str
    files: str
    position: int
    total: int


@dataclass(frozen=True, slots=True)
class Mark:
    """State of a source. Empty before the first drop."""

    applied: AppliedDrop | None = None
    pending: PendingDrop | None = None

    def advanced(self, position: int) -> "Mark":
        """Return the mark after more changes; the drop is applied when there are no more."""
        assert self.pending is not None
        if position < self.pending.total:
            return replace(self, pending=replace(self.pending, position=position))
        pending = self.pending
        return Mark(AppliedDrop(pending.drop_id, pending.dropped_at, pending.files))


def mark_key(source: str) -> Key:
    """Return the key of a source's mark."""
    return Key(f"S#{source}", "-")


def read_mark(draft: Draft, source: str) -> Mark:
    """Return the mark of a source.

    Args:
        draft: The commit.
        source: Name of the source.

    Returns:
        The mark; an empty one before the first drop.
    """
    item = draft.get_item(mark_key(source))
    if item is None:
        return Mark()
    document: dict[str, Any] = json.loads(str(item["mark"]))
    applied, pending = document["applied"], document["pending"]
    return Mark(
        AppliedDrop(**applied) if applied else None, PendingDrop(**pending) if pending else None
    )


def put_mark(draft: Draft, source: str, mark: Mark) -> None:
    """Write the mark of a source with the commit.

    Args:
        draft: The commit.
        source: Name of the source.
        mark: The mark.
    """
    key = mark_key(source)
    document = {
        "applied": _document(mark.applied),
        "pending": _document(mark.pending),
    }
    item: Item = {"pk": key.pk, "sk": key.sk, "mark": json.dumps(document)}
    draft.put_item(item)


def _document(part: AppliedDrop | PendingDrop | None) -> dict[str, Any] | None:
    return None if part is None else {name: getattr(part, name) for name in part.__slots__}
