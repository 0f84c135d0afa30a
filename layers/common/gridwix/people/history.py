"""History of people: who gave whom access to which partner, and who took it away.

Each act is one line, a row of the portal. Three writers add lines: the portal's backend for acts of
members (``portal/backend/people-history.js``), the ``gridwix`` commands for acts of the company
that runs the network (hub), and the reconciler when it ends the access of people who have left.
``partner_messenger`` removes lines that are too old.
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
from gridwix.people.row_values import row_text, time_of

HUB = "hub"
"""Actor of acts that the hub does by a command; also the ``invitedBy`` of its invitations."""

RECONCILER = "gridwix"
"""Actor of acts that the reconciler's comparison of people does."""


class HistoryStore(Protocol):
    """Inserts rows of the history of people, which records who gave or took away access.

    The Wix client implements this protocol. Raises UpstreamError, BudgetExhausted.
    """

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome: ...


class HistoryReader(Protocol):
    """Reads rows of the history of people, which records who gave or took away access.

    The Wix client implements this protocol. Raises UpstreamError, BudgetExhausted.
    """

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
    """A line of the history of people: one act that changed a person's access to a partner.

    Site editors can change the row, so a field that is missing or unusable is "" or None.

    ``actor`` is who did it: ``hub``, ``gridwix`` or the id of a member. ``act`` is one of
    ``invited``, ``sent_again``, ``withdrawn``, ``accepted``, ``linked``, ``role_changed``,
    ``removed``, ``restored``, ``ended``.
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
    """Add lines to the history of people, by id. Idempotent: an existing line stays as it is.

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
    """Add a line to the history of people, for an act that can happen several times.

    The time of the act is part of the line's id. Raises the same errors as ``add_lines``.
    """
    add_lines(store, {repeatable_line_id(line): line})


def read_lines(reader: HistoryReader, partner_id: PartnerId) -> Sequence[HistoryLine]:
    """Return a partner's lines in the history of people, oldest first.

    The history records who gave or took away access. Raises UpstreamError, BudgetExhausted.
    """
    pages = reader.query_pages(
        PEOPLE_HISTORY,
        filter={"partnerId": partner_id},
        by="offset",
        sort=[("at", "ASC"), ("_id", "ASC")],
    )
    return [_line(item.data) for page in pages for item in page.items]


def line_id(act: str, subject: str) -> WixItemId:
    """Return the id of a line in the history of people, for an act that can happen only once.

    ``act`` is what was done, ``subject`` to what, such as an invitation. Deterministic: adding the
    line again adds no second one.
    """
    return WixItemId(hashlib.sha256(f"{act}/{subject}".encode()).hexdigest()[:40])


def repeatable_line_id(line: HistoryLine) -> WixItemId:
    """Return the id of a line in the history of people, for an act that can happen several times.

    The time of the act is part of the id.
    """
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
        PartnerId(row_text(row, "partnerId")),
        time_of(row, "at"),
        actor=row_text(row, "actor"),
        act=row_text(row, "act"),
        email=row_text(row, "email"),
        member_id=row_text(row, "memberId"),
        role_before=row_text(row, "roleBefore"),
        role_after=row_text(row, "roleAfter"),
    )
