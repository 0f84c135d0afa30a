"""History of people: who gave whom access to which partner, and who took it away.

The portal's backend adds lines of its members' acts (``portal/backend/people-history.js``), the
commands those of the hub, and the reconciler those of people who have left. ``partner_messenger``
removes lines that are too old.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any, Literal, Protocol

from gridwix.errors import Refused
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PEOPLE_HISTORY
from gridwix.models.wix import EXISTING_ITEM, MAX_BULK_ITEMS, BulkOutcome, DataItem, Page
from gridwix.people.row_values import text_of, time_of

HUB = "hub"
"""Actor of the commands, also in ``invitedBy`` of an invitation."""

RECONCILER = "gridwix"
"""Actor of the comparison of people."""


class HistoryStore(Protocol):
    """The part of the Wix client that is needed. Raises UpstreamError, BudgetExhausted."""

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome: ...


class HistoryReader(Protocol):
    """The part of the Wix client that reads lines. Raises UpstreamError, BudgetExhausted."""

    def query_pages(
        self,
        collection: CollectionId,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Wix's own word
        sort: Sequence[tuple[str, Literal["ASC", "DESC"]]] = (),
        by: Literal["cursor", "offset"] = "cursor",
    ) -> Iterable[Page]: ...


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act. Site editors can change the row: what is not known is "", or None.

    ``actor`` is ``hub``, ``gridwix`` or the id of a member. ``act`` is one of ``invited``,
    ``sent_again``, ``withdrawn``, ``accepted``, ``linked``, ``role_changed``, ``removed``,
    ``restored``, ``ended``.
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
            one
            for one in store.bulk_insert(PEOPLE_HISTORY, some).refused
            if one.code != EXISTING_ITEM
        ]
        if refused:
            raise Refused(
                f"Wix refused {len(refused)} lines of {PEOPLE_HISTORY}",
                system="wix",
                vendor_code=refused[0].code,
            )


def add_line(store: HistoryStore, line: HistoryLine) -> None:
    """Add a line of an act that can happen again. Raises as ``add_lines``."""
    add_lines(store, {repeatable_line_id(line): line})


def read_lines(reader: HistoryReader, partner_id: PartnerId) -> Sequence[HistoryLine]:
    """Return the lines of a partner, oldest first. Raises UpstreamError, BudgetExhausted."""
    pages = reader.query_pages(
        PEOPLE_HISTORY,
        filter={"partnerId": partner_id},
        by="offset",
        sort=[("at", "ASC"), ("_id", "ASC")],
    )
    return [_line(item.data) for page in pages for item in page.items]


def line_id(act: str, subject: str) -> WixItemId:
    """Return the id of the line of an act that happens once to a subject: a repeated one is the
    same line.
    """
    return WixItemId(hashlib.sha256(f"{act}/{subject}".encode()).hexdigest()[:40])


def repeatable_line_id(line: HistoryLine) -> WixItemId:
    """Return the id of the line of an act that a person can see again: its time is part of it."""
    person = f"{line.partner_id}/{line.email}/{line.member_id}"
    return line_id(line.act, f"{person}/{line.at.isoformat() if line.at else ''}")


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


def _line(row: Mapping[str, Any]) -> HistoryLine:
    return HistoryLine(
        PartnerId(text_of(row, "partnerId")),
        time_of(row, "at"),
        actor=text_of(row, "actor"),
        act=text_of(row, "act"),
        email=text_of(row, "email"),
        member_id=text_of(row, "memberId"),
        role_before=text_of(row, "roleBefore"),
        role_after=text_of(row, "roleAfter"),
    )
