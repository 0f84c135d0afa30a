"""Stores of portal rows that name the person or partner to erase, one for each collection.

Rows that belong to a member are removed. Rows that gridwix publishes from Trading Grid are only
reported, since gridwix would publish a removed row again as long as the record in Trading Grid
names the person.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched, islice
from typing import Any, override

from gridwix.clients.wix.client import WixClient
from gridwix.errors import Refused
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import (
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PARTNER_MESSAGES,
    PARTNER_REQUESTS,
    PEOPLE_HISTORY,
)
from gridwix.models.wix import MISSING_ITEM, BulkOutcome, DataItem
from gridwix.partner_messenger.erasure import PER_REMOVAL
from gridwix.people.addresses import normal_email
from gridwix.people.member_rows import INVITATION_ATTEMPTS
from gridwix.people.unlinking import INVITATION_REDEMPTIONS
from ops.erasure.ports import BY_HAND, Findings, PersonalStore, Remainder, TooLarge
from ops.erasure.subject import Subject

MAX_ROWS = 500_000
"""Maximum number of rows of a collection that an erasure searches, 1000 per call."""

MEMBER_ROWS: Mapping[CollectionId, tuple[str, ...]] = {
    MEMBER_READ_MARKS: ("memberId", "partnerId"),
    MEMBER_SETTINGS: ("memberId",),
    INVITATION_ATTEMPTS: ("memberId",),
    PARTNER_LINKS: ("memberId", "partnerId"),
}
"""Collections of the portal with rows that belong to members, with the fields that name the
owner.
"""

UNDELIVERED = frozenset({"received", "not_possible"})
"""Statuses of a row of ``PartnerRequests`` for which Trading Grid may have no record."""

PUBLISHED_STAY = (
    "gridwix publishes them from Trading Grid: they change when the hub changes the record there"
)
MEMBERS_STAY = "a member is a person, who may act for other partners: erase each with --person"
PARTNER_STAYS = (
    "gridwix publishes them from Trading Grid: `gridwix reconcile` removes them when the partner is"
    " deleted there"
)


class MemberRows(PersonalStore):
    """Rows of one collection that belong to a member: all of them are removed.

    A link (a member's right to act for a partner) also belongs to the person with the address that
    accepted it.
    """

    def __init__(self, wix: WixClient, collection: CollectionId) -> None:
        self.name = wix_name(collection)
        self._wix = wix
        self._collection = collection

    @override
    def find(self, subject: Subject) -> Findings:
        own = _own_filter(subject, MEMBER_ROWS[self._collection], self._collection)
        rows = list(read_rows(self._wix, self._collection, own)) if own else []
        members = {str(row.data.get("memberId")) for row in rows}
        return Findings(
            _ids(rows),
            (Remainder("members who acted for it", MEMBERS_STAY, ids=tuple(sorted(members))),)
            if members and subject.partner and self._collection == PARTNER_LINKS
            else (),
        )

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        return remove_rows(self._wix, self._collection, ids)


class InvitationRows(PersonalStore):
    """Invitations to a partner, which an erasure removes: those of a person, or all to one partner.

    A person's invitations are those that the person used or got by email. An invitation that the
    person made for another person stays, without the inviter's id. Invitations are removed before
    their redemptions (the records that they were used), because a code without its invitation is
    useless.
    """

    name = f"Wix {PARTNER_INVITATIONS}"

    def __init__(self, wix: WixClient) -> None:
        self._wix = wix

    @override
    def find(self, subject: Subject) -> Findings:
        if subject.partner is not None:
            return Findings(
                _ids(read_rows(self._wix, PARTNER_INVITATIONS, {"partnerId": subject.partner}))
            )
        wanted: list[Mapping[str, Any]] = []
        if addresses := compared_addresses(subject):
            wanted.append(_is_one_of("email", addresses))
        if subject.members:
            redeemed = _ids(_redemptions(self._wix, subject))
            wanted += [
                _is_one_of("usedBy", subject.members),
                _is_one_of("invitedBy", subject.members),
                _is_one_of("_id", redeemed),
            ]
        if not wanted:
            return Findings()
        return Findings(_ids(read_rows(self._wix, PARTNER_INVITATIONS, {"$or": wanted})))

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        removed = 0
        for some in batched(ids, PER_REMOVAL, strict=False):
            rows = self._wix.items(PARTNER_INVITATIONS, [WixItemId(one) for one in some])
            others = {
                identifier: {"invitedBy": None}
                for identifier, row in rows.items()
                if isinstance(row, Mapping) and is_only_inviter(row, subject)
            }
            remove_rows(self._wix, PARTNER_INVITATIONS, [one for one in some if one not in others])
            _check(self._wix.bulk_set(PARTNER_INVITATIONS, others), missing_is_fine=True)
            removed += len(some)
        return removed


class HistoryRows(PersonalStore):
    """Lines of the history of people, which says who gave whom access to a partner.

    The lines about the person to erase are removed. A line about another person, in which the
    person to erase is the actor, stays without the actor's id. If a partner is erased, all lines of
    the partner are removed.
    """

    name = f"Wix {PEOPLE_HISTORY}"

    def __init__(self, wix: WixClient) -> None:
        self._wix = wix

    @override
    def find(self, subject: Subject) -> Findings:
        if subject.partner is not None:
            wanted: list[Mapping[str, Any]] = [{"partnerId": subject.partner}]
        else:
            wanted = [
                _is_one_of(field, values)
                for field, values in (
                    ("email", compared_addresses(subject)),
                    ("memberId", subject.members),
                    ("actor", subject.members),
                )
                if values
            ]
        if not wanted:
            return Findings()
        return Findings(_ids(read_rows(self._wix, PEOPLE_HISTORY, {"$or": wanted})))

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        removed = 0
        for some in batched(ids, PER_REMOVAL, strict=False):
            rows = self._wix.items(PEOPLE_HISTORY, [WixItemId(one) for one in some])
            others = {
                identifier: {"actor": None}
                for identifier, row in rows.items()
                if isinstance(row, Mapping) and is_only_actor(row, subject)
            }
            remove_rows(self._wix, PEOPLE_HISTORY, [one for one in some if one not in others])
            _check(self._wix.bulk_set(PEOPLE_HISTORY, others), missing_is_fine=True)
            removed += len(some)
        return removed


class RedemptionRows(PersonalStore):
    """Redemptions of invitations: those by the person, or those of invitations to the partner.

    A redemption is the row that says which member has used an invitation.
    """

    name = f"Wix {INVITATION_REDEMPTIONS}"

    def __init__(self, wix: WixClient) -> None:
        self._wix = wix

    @override
    def find(self, subject: Subject) -> Findings:
        if subject.partner is None:
            return Findings(_ids(_redemptions(self._wix, subject)) if subject.members else ())
        invitations = _ids(
            read_rows(self._wix, PARTNER_INVITATIONS, {"partnerId": subject.partner})
        )
        # A redemption has the id of its invitation.
        return Findings(
            _ids(
                row
                for some in batched(invitations, 1000, strict=False)
                for row in read_rows(self._wix, INVITATION_REDEMPTIONS, _is_one_of("_id", some))
            )
        )

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        return remove_rows(self._wix, INVITATION_REDEMPTIONS, ids)


class RequestRows(PersonalStore):
    """Rows of requests sent by the person to erase, or by any member for the partner to erase.

    If a row's request is in Trading Grid, the row stays, without the id of the member who sent it,
    since the request is the partner's as well. Rows of undelivered requests are removed.
    """

    name = f"Wix {PARTNER_REQUESTS}"

    def __init__(self, wix: WixClient) -> None:
        self._wix = wix

    @override
    def find(self, subject: Subject) -> Findings:
        own, others = list[str](), list[str]()
        for row in read_rows(self._wix, PARTNER_REQUESTS, {}):
            member = row.data.get("memberId")
            is_own = (
                bool(member) and row.data.get("partnerId") == subject.partner
                if subject.partner
                else member in subject.members
            )
            if is_own:
                own.append(row.id)
            # The clearing of the id leaves a conversation as it is.
            if subject.partner is None and _names(row, subject, without="memberId"):
                others.append(row.id)
        return Findings(
            tuple(sorted(own)),
            (Remainder("rows that name it", PUBLISHED_STAY, ids=tuple(others)),) if others else (),
        )

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        removed = 0
        for some in batched(ids, PER_REMOVAL, strict=False):
            rows = self._wix.items(PARTNER_REQUESTS, [WixItemId(one) for one in some])
            known = {
                identifier: row for identifier, row in rows.items() if isinstance(row, Mapping)
            }
            gone = [one for one in some if one in known and is_undelivered(known[WixItemId(one)])]
            kept = {WixItemId(one): {"memberId": None} for one in some if one not in gone}
            remove_rows(self._wix, PARTNER_REQUESTS, gone)
            _check(self._wix.bulk_set(PARTNER_REQUESTS, kept), missing_is_fine=True)
            removed += len(some)
        return removed


class PublishedRows(PersonalStore):
    """Rows of one collection that gridwix publishes from Trading Grid or sends as messages.

    They are only reported, with one exception: if a partner is erased, the messages to the partner
    are removed.
    """

    def __init__(self, wix: WixClient, collection: CollectionId) -> None:
        self.name = wix_name(collection)
        self._wix = wix
        self._collection = collection

    @override
    def find(self, subject: Subject) -> Findings:
        if subject.partner is not None:
            of_partner = read_rows(
                self._wix, self._collection, {"partnerId": subject.partner}, ["partnerId"]
            )
            found = _ids(of_partner)
            if self._collection == PARTNER_MESSAGES:
                return Findings(found)
            return Findings((), _remainder(PARTNER_STAYS, found))
        rows = read_rows(self._wix, self._collection, {})
        return Findings(
            (), _remainder(PUBLISHED_STAY, _ids(row for row in rows if _names(row, subject)))
        )

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        return remove_rows(self._wix, self._collection, ids)


def wix_name(collection: CollectionId) -> str:
    """Return the name that the erasure's report shows for a portal collection."""
    return f"Wix {collection}"


def is_undelivered(row: Mapping[str, Any]) -> bool:
    """Return True if Trading Grid has created no request from the submission that a row shows.

    Such a row of ``PartnerRequests`` has one of the statuses ``UNDELIVERED``, and not the number
    that Trading Grid gives a request.

    >>> is_undelivered({"status": "received"}), is_undelivered({"status": "done"})
    (True, False)
    """
    return row.get("status") in UNDELIVERED and not row.get("number")


def read_rows(
    wix: WixClient,
    collection: CollectionId,
    chosen: Mapping[str, Any],
    fields: Iterable[str] = (),
) -> Iterator[DataItem]:
    """Yield the rows of a collection that match the filter ``chosen``, 1000 per call.

    ``fields`` are the fields to read; empty for all. Raises UpstreamError, and TooLarge after
    ``MAX_ROWS``.
    """
    rows = (
        row
        for page in wix.query_pages(
            collection, filter=chosen, by="offset", sort=[("_id", "ASC")], fields=list(fields)
        )
        for row in page.items
    )
    yield from islice(rows, MAX_ROWS)
    if next(rows, None) is not None:
        raise TooLarge(
            f"{collection} has more than {MAX_ROWS} rows, which are not looked through", BY_HAND
        )


def remove_rows(wix: WixClient, collection: CollectionId, ids: Iterable[str]) -> int:
    """Remove rows and return their number. Raises Refused if Wix refuses a removal."""
    removed = 0
    for some in batched(ids, PER_REMOVAL, strict=False):
        _check(wix.bulk_remove(collection, [WixItemId(one) for one in some]))
        removed += len(some)
    return removed


def _check(outcome: BulkOutcome, *, missing_is_fine: bool = False) -> None:
    refused = [one for one in outcome.refused if not (missing_is_fine and one.code == MISSING_ITEM)]
    if refused:
        first = refused[0]
        raise Refused(
            f"Wix refused {len(refused)} rows of {first.collection}, such as {first.item_id}",
            system="wix",
            vendor_code=first.code,
        )


def compared_addresses(subject: Subject) -> Sequence[str]:
    """Return a person's email addresses in normal form (lowercase, ASCII domain), sorted.

    Rows of the portal have addresses in this form, so the two can be compared. A malformed address
    is left out.
    """
    return sorted({email for one in subject.emails if (email := normal_email(one))})


def _own_filter(
    subject: Subject, fields: Iterable[str], collection: CollectionId
) -> Mapping[str, Any] | None:
    """Return the filter for the rows of the person or partner to erase.

    Returns None if the collection can have no such row.
    """
    if subject.partner is not None:
        return {"partnerId": subject.partner} if "partnerId" in fields else None
    wanted = [_is_one_of("memberId", subject.members)] if subject.members else []
    addresses = compared_addresses(subject)
    if collection == PARTNER_LINKS and addresses:
        wanted.append(_is_one_of("email", addresses))
    if not wanted:
        return None
    return wanted[0] if len(wanted) == 1 else {"$or": wanted}


def is_only_inviter(row: Mapping[str, Any], subject: Subject) -> bool:
    """Return True for an invitation that the person to erase has made for another person.

    False if a partner is erased: all invitations to the partner are removed.
    """
    return (
        subject.partner is None
        and row.get("invitedBy") in subject.members
        and row.get("usedBy") not in subject.members
        and row.get("email") not in compared_addresses(subject)
    )


def is_only_actor(row: Mapping[str, Any], subject: Subject) -> bool:
    """Return True if the person to erase is the actor of a history line about another person.

    The actor gave the other person access to a partner, or changed or ended the access. False if a
    partner is erased: all lines of the partner are removed.
    """
    return (
        subject.partner is None
        and row.get("actor") in subject.members
        and row.get("memberId") not in subject.members
        and row.get("email") not in compared_addresses(subject)
    )


def _redemptions(wix: WixClient, subject: Subject) -> Iterator[DataItem]:
    return read_rows(wix, INVITATION_REDEMPTIONS, _is_one_of("memberId", subject.members))


def _is_one_of(field: str, values: Iterable[str]) -> Mapping[str, Any]:
    return {field: {"$in": sorted(values)}}


def _remainder(why: str, ids: tuple[str, ...]) -> tuple[Remainder, ...]:
    return (Remainder("rows that name it", why, ids=ids),) if ids else ()


def _ids(rows: Iterable[DataItem]) -> tuple[str, ...]:
    return tuple(sorted(row.id for row in rows))


def _names(row: DataItem, subject: Subject, *, without: str = "") -> bool:
    content = {name: value for name, value in row.data.items() if name != without}
    return subject.is_named_in(json.dumps({**content, "_id": row.id}, default=str))
