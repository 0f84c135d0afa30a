"""History of people: who gave whom access to which partner, and who took it away.

The portal's backend adds lines of its members' acts (``portal/backend/people-history.js``), the
commands those of the hub. ``partner_messenger`` removes lines that are too old.
"""

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any, Protocol

from gridwix.clients.wix.client import WixClient
from gridwix.errors import Refused
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PEOPLE_HISTORY
from gridwix.models.wix import MAX_BULK_ITEMS, BulkOutcome, DataItem
from gridwix.people.planning import PeoplePlan

HUB = "hub"
"""Actor of the commands."""

EXISTS = "WDE0074"
"""Wix's code for an item that exists: an interrupted run has added the line."""


class HistoryStore(Protocol):
    """The part of the Wix client that is needed. Raises UpstreamError, BudgetExhausted."""

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome: ...


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act. Site editors can change the row: what is not known is "", or None.

    ``actor`` is ``hub`` or the id of a member. ``act`` is one of ``invited``, ``sent_again``,
    ``withdrawn``, ``accepted``, ``linked``, ``role_changed``, ``removed``, ``restored``.
    """

    partner_id: PartnerId
    at: datetime | None
    actor: str
    act: str
    email: str = field(default="", repr=False)
    member_id: str = ""
    role_before: str = ""
    role_after: str = ""


def add_lines(store: HistoryStore, lines: Mapping[WixItemId, HistoryLine]) -> None:
    """Add lines by their ids. One that exists stays as it is.

    Raises:
        Refused: Wix refused a line.
        UpstreamError, BudgetExhausted: A call failed.
    """
    items = [DataItem(identifier, _row(line)) for identifier, line in lines.items()]
    for some in batched(items, MAX_BULK_ITEMS, strict=False):
        refused = [
            one for one in store.bulk_insert(PEOPLE_HISTORY, some).refused if one.code != EXISTS
        ]
        if refused:
            raise Refused(
                f"Wix refused {len(refused)} lines of {PEOPLE_HISTORY}",
                system="wix",
                vendor_code=refused[0].code,
            )


def add_line(store: HistoryStore, line: HistoryLine) -> None:
    """Add a line. Raises as ``add_lines``."""
    add_lines(store, {WixItemId(str(uuid.uuid4())): line})


def plan_lines(plan: PeoplePlan, now: datetime) -> Mapping[WixItemId, HistoryLine]:
    """Return the lines of an import by their ids, to be added before it is carried out.

    The id of an invitation's line follows from the invitation, so that a second run adds none.
    """
    lines = {
        _line_id("invited", one.id): HistoryLine(
            one.person.partner_id,
            now,
            HUB,
            "invited",
            one.person.email,
            role_after=one.person.role,
        )
        for one in plan.new
    }
    for change in plan.changed:
        person = change.person
        lines[WixItemId(str(uuid.uuid4()))] = HistoryLine(
            person.partner_id,
            now,
            HUB,
            "role_changed",
            person.email,
            role_before=", ".join(change.before),
            role_after=person.role,
        )
    return lines


def read_history(wix: WixClient, partner_id: PartnerId) -> Sequence[HistoryLine]:
    """Return the lines of a partner, oldest first. Raises UpstreamError, BudgetExhausted."""
    return list(_lines(wix, partner_id))


def _lines(wix: WixClient, partner_id: PartnerId) -> Iterator[HistoryLine]:
    for page in wix.query_pages(
        PEOPLE_HISTORY,
        filter={"partnerId": partner_id},
        by="offset",
        sort=[("at", "ASC"), ("_id", "ASC")],
    ):
        for item in page.items:
            yield _read_line(item.data)


def _read_line(data: Mapping[str, Any]) -> HistoryLine:
    at = data.get("at")
    return HistoryLine(
        PartnerId(_text(data, "partnerId")),
        at if isinstance(at, datetime) else None,
        actor=_text(data, "actor"),
        act=_text(data, "act"),
        email=_text(data, "email"),
        member_id=_text(data, "memberId"),
        role_before=_text(data, "roleBefore"),
        role_after=_text(data, "roleAfter"),
    )


def _row(line: HistoryLine) -> Mapping[str, Any]:
    fields = {
        "partnerId": line.partner_id,
        "at": line.at,
        "actor": line.actor,
        "act": line.act,
        "email": line.email,
        "memberId": line.member_id,
        "roleBefore": line.role_before,
        "roleAfter": line.role_after,
    }
    return {name: value for name, value in fields.items() if value}


def _line_id(act: str, invitation_id: WixItemId) -> WixItemId:
    return WixItemId(hashlib.sha256(f"{act}/{invitation_id}".encode()).hexdigest()[:40])


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
