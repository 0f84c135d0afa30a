"""The mark of a files source: the drop applied last, and the checkpoint of a pending one.

A mark is an item of the table, written in the same commits as the records. So after a crash both
agree, and each change is applied exactly once.
"""

from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from gridwix_gateway.sources.files.ports import drop_order
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.table import Key


@dataclass(frozen=True, slots=True)
class AppliedDrop:
    """The drop that a source applied last, with the files of its snapshot.

    Attributes:
        drop_id: Id of the drop (:attr:`Drop.id`).
        dropped_at: Time of the drop's upload, RFC 3339.
        base: Key of the snapshot's file of all rows.
        delta: Key of the file of rows that changed since ``base`` was written; "" if there is none.
        mapping: Digest of the mapping by which the snapshot's records were mapped.
        name: Key of the drop; "" if an older release wrote the mark.
    """

    drop_id: str
    dropped_at: str
    base: str
    delta: str
    mapping: str
    name: str = ""

    @property
    def order(self) -> str:
        """Sort key of the drop: by upload time, then name. Newer drops of a source sort higher.

        The same key as :attr:`Drop.order`.
        """
        return drop_order(self.dropped_at, self.name)


@dataclass(frozen=True, slots=True)
class PendingDrop:
    """A drop that is being applied, with the checkpoint.

    Attributes:
        becomes: The value of ``Mark.applied`` once all changes are applied.
        changes: Key of the file with the changes.
        position: Checkpoint: number of changes that are applied.
        total: Number of all changes.
    """

    becomes: AppliedDrop
    changes: str
    position: int
    total: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Stored state of a files source: drop applied last, drop pending. Both None at first."""

    applied: AppliedDrop | None = None
    pending: PendingDrop | None = None

    def advanced(self, position: int) -> "Mark":
        """Return the mark with a new checkpoint. At the last change the drop counts as applied."""
        assert self.pending is not None
        if position < self.pending.total:
            return replace(self, pending=replace(self.pending, position=position))
        return Mark(self.pending.becomes)


def mark_key(source: str) -> Key:
    """Return the table's key of a files source's mark."""
    return Key(f"S#{source}", "-")


def read_source_mark(draft: Draft, source: str) -> Mark:
    """Return the mark of a files source; an empty one before its first drop.

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


def put_source_mark(draft: Draft, source: str, mark: Mark) -> None:
    """Write the mark of a files source, in the commit of the changes.

    Args:
        draft: The commit.
        source: Name of the source.
        mark: The mark.
    """
    key = mark_key(source)
    draft.put_item({"pk": key.pk, "sk": key.sk, "mark": _MARK.dump_json(mark).decode()})


_MARK = TypeAdapter(Mark)
