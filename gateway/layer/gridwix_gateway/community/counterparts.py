"""Counterparts: the ids and states of records in other systems, such as a ticket system."""

from dataclasses import dataclass

from gridwix_gateway.community.cases import move_case
from gridwix_gateway.community.transitions import move_record
from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.profile.state_machines import MACHINES
from gridwix_gateway.store.commits import Draft


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Id, number, status and page of a record's copy in another system.

    Args:
        reference: Id of the copy in that system.
        number: Number that people quote for the copy; empty if it has none.
        status: The record's new status in the profile; empty if none is known.
        url: Page of the copy in that system; empty if it has none.
    """

    reference: str = ""
    number: str = ""
    status: str = ""
    url: str = ""


def record_counterpart(
    draft: Draft, collection: str, identifier: str, system: str, counterpart: Counterpart
) -> None:
    """Write a record's counterpart to ``externalRefs``, with its number and status. Idempotent.

    A deleted record is left unchanged, and so is one that already has these values. The status is
    left unchanged if the state machine does not permit the move.

    Args:
        draft: The commit's draft.
        collection: The record's collection.
        identifier: The record's id.
        system: The other system's name in ``externalRefs``.
        counterpart: The counterpart.
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
