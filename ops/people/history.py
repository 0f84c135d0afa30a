"""Lines of the history of people that commands add, and the history of a partner."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from gridwix.clients.wix.client import WixClient
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PEOPLE_HISTORY
from gridwix.people.history import HUB, HistoryLine, HistoryStore, add_lines, line_id
from gridwix.people.planning import PeoplePlan


def add_line(store: HistoryStore, line: HistoryLine) -> None:
    """Add a line. Raises as ``add_lines``."""
    add_lines(store, {WixItemId(str(uuid.uuid4())): line})


def plan_lines(plan: PeoplePlan, now: datetime) -> Mapping[WixItemId, HistoryLine]:
    """Return the lines of an import by their ids, to be added before it is carried out.

    The id of an invitation's line follows from the invitation, so that a second run adds none.
    """
    lines = {
        line_id("invited", one.id): HistoryLine(
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


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""
