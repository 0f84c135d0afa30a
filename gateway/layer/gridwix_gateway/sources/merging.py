"""Merges a source's record into a commit, or refuses the record with a code and reason."""

from gridwix_gateway.sources.apply import UnknownRecord, apply_change
from gridwix_gateway.sources.changes import RecordChange
from gridwix_gateway.sources.faults import RecordRefusal
from gridwix_gateway.sources.mapping import MappedRecord
from gridwix_gateway.sources.mapping.members import RULES
from gridwix_gateway.store.commits import Draft


def merge_record(draft: Draft, before: MappedRecord | None, after: MappedRecord) -> bool:
    """Merge a source's values into a record of the gateway. A refused record is left unchanged.

    A deletion is applied even if the source does not own the record (neither creates nor deletes
    it otherwise): some APIs list deleted records separately, and that list is a second source.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        before: The source's last values of the record; None if the source gave none before.
        after: The source's values now.

    Returns:
        True if the record has changed.

    Raises:
        RecordRefusal: ``reference``: the record refers to another one that does not exist.
            ``unknown-record``: the record itself does not exist, and the source does not create it.
    """
    if not after.deleted:
        _require_references(draft, after)
    change = RecordChange(
        after.collection,
        after.id,
        None if before is None or before.deleted else before.fields,
        None if after.deleted else after.fields,
        after.gather,
        after.owner or after.deleted,
    )
    try:
        return apply_change(draft, change) != "unchanged"
    except UnknownRecord:
        where = f"{after.collection}/{after.id}"
        raise RecordRefusal(
            "unknown-record", f"there is no {where}, and the source does not create it"
        ) from None


def _require_references(draft: Draft, record: MappedRecord) -> None:
    for name, collection in RULES[record.collection].references.items():
        identifier = record.fields.get(name)
        if identifier is None:
            continue
        found = draft.get(collection, str(identifier))
        if found is None or found.get("deletedAt") is not None:
            where = f"{collection}/{identifier}"
            raise RecordRefusal("reference", f"{name}: there is no {where:.120} yet")
