"""Counterparts: what a record is in another system, such as the hub's ticket system."""

from dataclasses import dataclass

from gridwix_gateway.community.cases import move_case
from gridwix_gateway.community.transitions import move_record
from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.profile.state_machines import MACHINES
from gridwix_gateway.store.commits import Draft


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Identity of a record in another system.

    Args:
        reference: Its id there.
        number: The number that people quote there; empty if none is known.
        status: The record's new status in the profile; empty if none is known.
        url: Its page there; empty if none is known.
    """

    reference: str = ""
    number: str = ""
    status: str = ""
    url: str = ""


def record_counterpart(
    draft: Draft, collection: str, identifier: str, system: str, counterpart: Counterpart
) -> None:
    """Write a counterpart to its record: ``externalRefs``, and the number and status if known.

    A record that is gone, or has all of it, stays as it is. So does the status if the record cannot
    go to the new one.

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
