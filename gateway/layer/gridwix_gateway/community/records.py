"""Functions that the use cases of all collections share: read, require and delete records."""

from gridwix_gateway.documents import Document
from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.store.commits import Draft


def missing_record(collection: str) -> Problem:
    """Return the ``not-found`` problem of a record that does not exist."""
    return Problem("not-found", f"There is no such {ENTITY_NAMES[collection]}.")


def read_open_record(draft: Draft, collection: str, identifier: str) -> Document:
    """Return a record that is not deleted, for a use case that changes it.

    Args:
        draft: The commit: its reads and buffered writes.
        collection: The collection, such as ``cases``.
        identifier: The record's id.

    Raises:
        Problem: ``not-found``: there is no such record, or it was deleted.
    """
    record = draft.get(collection, identifier)
    if record is None or record.get("deletedAt") is not None:
        raise missing_record(collection)
    return record


def require_partner(draft: Draft, partner_id: str) -> None:
    """Check that a partner exists and is not deleted.

    Args:
        draft: The commit: its reads and buffered writes.
        partner_id: The partner.

    Raises:
        Problem: ``validation``: there is no such partner.
    """
    partner = draft.get("partners", partner_id)
    if partner is None or partner.get("deletedAt") is not None:
        raise Problem(
            "validation",
            "The request is not valid.",
            [FieldError("/partnerId", "unknown", "there is no such partner")],
        )


def delete_record(draft: Draft, collection: str, identifier: str) -> Document:
    """Delete a record: it becomes a tombstone.

    Lists return the tombstone, and an event announces it, as with any change.

    Args:
        draft: The commit: its reads and buffered writes.
        collection: The collection, such as ``cases``.
        identifier: The record's id.

    Returns:
        The tombstone. A record that was deleted before is returned as it is.

    Raises:
        Problem: ``not-found``: there is no such record.
    """
    record = draft.get(collection, identifier)
    if record is None:
        raise missing_record(collection)
    if record.get("deletedAt") is not None:
        return record
    event_type = f"{ENTITY_NAMES[collection]}.updated"
    return draft.change(collection, record, {"deletedAt": draft.at}, event_type)
