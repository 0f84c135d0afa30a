"""The mark of a source: the last applied drop, and the progress of the one that is being applied.

It is one item of the table, written in the same commits as the records. So after a crash the mark
and the records agree, and no change is applied twice or left out.
"""

from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from gridwix_gateway.sources.files.ports import drop_order
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.table import Key


@dataclass(frozen=True, slots=True)
class AppliedDrop:
    """The drop that was applied last.

    Attributes:
        drop_id: Identifies the drop.
        dropped_at: Time of its upload, RFC 3339.
        base: Name of the snapshot's file of all rows.
        delta: Name of the file of the rows that changed since; "" if there are none.
        mapping: Digest of the mapping.
        name: Name of the drop; "" if an older release has written the mark.
    """

    drop_id: str
    dropped_at: str
    base: str
    delta: str
    mapping: str
    name: str = ""

    @property
    def order(self) -> str:
        """Its place among the drops of its source, as that of a :class:`Drop`."""
        return drop_order(self.dropped_at, self.name)


@dataclass(frozen=True, slots=True)
class PendingDrop:
    """A drop that is being applied.

    Attributes:
        becomes: The drop that was applied last, once all changes are applied.
        changes: Name of the file of its changes.
        position: Number of changes that are applied.
        total: Number of changes.
    """

    becomes: AppliedDrop
    changes: str
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
        return Mark(self.pending.becomes)


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
    return _MARK.validate_json(str(item["mark"]))


def put_mark(draft: Draft, source: str, mark: Mark) -> None:
    """Write the mark of a source with the commit.

    Args:
        draft: The commit.
        source: Name of the source.
        mark: The mark.
    """
    key = mark_key(source)
    draft.put_item({"pk": key.pk, "sk": key.sk, "mark": _MARK.dump_json(mark).decode()})


_MARK = TypeAdapter(Mark)
