"""Stored state of a files source: the file that was applied last, and the one being applied.

A files source turns uploaded tables (drops) into records. Its state is one item of the gateway's
table, called the source's mark. The mark has the checkpoint of the file being applied, and is
written in the same commits as the records that change. So after a crash mark and records agree, and
each change is applied exactly once.
"""

from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from gridwix_gateway.sources.files.ports import drop_order
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.table import Key


@dataclass(frozen=True, slots=True)
class AppliedDrop:
    """The uploaded file (drop) that a source applied last, with the files of its snapshot.

    The snapshot has all rows of the source as they were after this drop.

    Attributes:
        drop_id: Id of the drop (:attr:`Drop.id`).
        dropped_at: Time of the drop's upload, RFC 3339.
        base: Key of the snapshot's file of all rows.
        delta: Key of the file of rows that changed since ``base`` was written; "" if there is none.
        mapping: Digest of the mapping by which the snapshot's records were mapped.
        name: Key of the drop; "" if an older release stored this state without it.
    """

    drop_id: str
    dropped_at: str
    base: str
    delta: str
    mapping: str
    name: str = ""

    @property
    def order(self) -> str:
        """Sort key of the uploaded file (drop): by upload time, then name.

        Newer files of a source sort higher. It is the same key as :attr:`Drop.order`.
        """
        return drop_order(self.dropped_at, self.name)


@dataclass(frozen=True, slots=True)
class PendingDrop:
    """An uploaded file (drop) that is being applied, with the checkpoint from which it is resumed.

    Attributes:
        becomes: The entry of this file as the one that was applied last, which is stored once all
            changes are applied.
        changes: Key of the file with the changes of records.
        position: Checkpoint: number of changes that are applied.
        total: Number of all changes.
    """

    becomes: AppliedDrop
    changes: str
    position: int
    total: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Stored state of a files source: the file applied last, and the file that is being applied.

    Attributes:
        applied: The file (drop) that was applied last; None before the first one.
        pending: The file that is being applied, with the checkpoint; None if there is none.
    """

    applied: AppliedDrop | None = None
    pending: PendingDrop | None = None

    def advanced(self, position: int) -> "Mark":
        """Return this state with a new checkpoint, which is the number of changes applied so far.

        After the last change, the pending file becomes the file that was applied last.
        """
        assert self.pending is not None
        if position < self.pending.total:
            return replace(self, pending=replace(self.pending, position=position))
        return Mark(self.pending.becomes)


def mark_key(source: str) -> Key:
    """Return the table key of the item with a files source's state (:class:`Mark`)."""
    return Key(f"S#{source}", "-")


def read_source_mark(draft: Draft, source: str) -> Mark:
    """Return the stored state of a files source: the file applied last, and the file being applied.

    Args:
        draft: The commit that is being prepared. It reads the state.
        source: Name of the source.

    Returns:
        The state; an empty one before the first file of the source.
    """
    item = draft.get_item(mark_key(source))
    if item is None:
        return Mark()
    return _MARK.validate_json(str(item["mark"]))


def put_source_mark(draft: Draft, source: str, mark: Mark) -> None:
    """Store the state of a files source, in the same commit as the changes of records.

    Args:
        draft: The commit that is being prepared. It collects the write.
        source: Name of the source.
        mark: The state: the file applied last, and the file being applied.
    """
    key = mark_key(source)
    draft.put_item({"pk": key.pk, "sk": key.sk, "mark": _MARK.dump_json(mark).decode()})


_MARK = TypeAdapter(Mark)
