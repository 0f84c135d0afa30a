"""Counterparts: the copies of the gateway's records in other systems, such as a ticket system."""

from dataclasses import dataclass

from gridwix_gateway.community.cases import move_case
from gridwix_gateway.community.transitions import move_record
from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.profile.state_machines import MACHINES
from gridwix_gateway.store.commits import Draft


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The copy of a record in another system, such as the ticket for a case.

    Args:
        reference: Id of the copy in that system.
        number: Number that people quote for the copy; empty if it has none.
        status: The status that the record should get; empty if the other system gives none.
        url: Web address of the copy in that system; empty if it has none.
    """

    reference: str = ""
    number: str = ""
    status: str = ""
    url: str = ""


def record_counterpart(
    draft: Draft, collection: str, identifier: str, system: str, counterpart: Counterpart
) -> None:
    """Write the id of a record's counterpart to the record's ``externalRefs``. Idempotent.

    A counterpart is the record's copy in another system, such as the ticket for a case. If the copy
    has a number, the record gets this number. If the copy gives a status, the record moves to this
    status, unless the record's state machine forbids the move. Nothing is written if the record is
    missing or deleted, or if the copy has no id.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        collection: The record's collection.
        identifier: The record's id.
        system: The other system's name in ``externalRefs``.
        counterpart: Id, number, status and web address of the copy.
    """
    record = draft.get(collection, identifier)
    if record is None or record.get("deletedAt") is not None or not counterpart.reference:
        return
    entry: Document = {"system": system, "id": counterpart.reference}
    if counterpart.url:
        entry["url"] = counterpart.url
    others = [one for one in record.get("externalRefs") or () if one.get("system") != system]
    wanted: Document = {"externalRefs": [*others, entry]}
    if counterpart.number:
        wanted["number"] = counterpart.number
    changes = {name: value for name, value in wanted.items() if record.get(name) != value}
    if changes:
        record = draft.change(collection, record, changes, f"{ENTITY_NAMES[collection]}.updated")
    following = MACHINES[collection].transitions.get(record["status"], frozenset())
    if counterpart.status in following:
        move = {"to": counterpart.status}
        if collection == "cases":
            move_case(draft, record, move)
        else:
            move_record(draft, collection, record, move)
