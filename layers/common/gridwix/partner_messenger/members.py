"""The members who act for partners, and the contacts behind them.

Sources: https://dev.wix.com/docs/rest/crm/members-contacts/members/members/query-members and
https://dev.wix.com/docs/rest/crm/members-contacts/contacts/contacts/contact-v4/query-contacts.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

from gridwix.clients.http import field_name, members, path_segment
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.faults import unusable
from gridwix.clients.wix.site import WixSite
from gridwix.errors import NotFound, RecordFault, Refused
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import PARTNER_LINKS
from gridwix.partner_messenger.dispatches import Link, Person

CONTACTS = "/contacts/v4/contacts"
PER_CALL = 100
"""Members, contacts or partners that one query names."""

LOGS_IN = "APPROVED"


class PortalPeople:
    """Implements the port ``People``. Everything is read anew each time, as a link or a subscription that was taken away must count at once.

    A link, member or contact that cannot be read is a fault of the answer, handed to ``note`` as well; its neighbours are read.
    """

    def __init__(self, wix: WixClient, site: WixSite, *, note: Callable[[RecordFault], None] = lambda _: None) -> None:
        self._wix = wix
        self._note = note
        self._site = site

    def links(self, partner_ids: Collection[PartnerId]) -> Listing[Link]:
        found: dict[tuple[str, str, str], Link] = {}
        faults: list[RecordFault] = []
        for chunk in batched(sorted(set(partner_ids)), PER_CALL, strict=False):
            for page in self._wix.query_pages(PARTNER_LINKS, filter={"partnerId": {"$in": list(chunk)}}, by="offset", sort=[("_id", "ASC")]):
                for item in page.items:
                    member_id, partner_id, role = (item.data.get(name) for name in ("memberId", "partnerId", "role"))
                    if isinstance(member_id, str) and member_id and isinstance(partner_id, str) and partner_id in chunk:
                        link = Link(member_id, PartnerId(partner_id), role if isinstance(role, str) else "")
                        found[member_id, partner_id, link.role] = link
                    elif partner_id in chunk:
                        faults.append(RecordFault(f"{PARTNER_LINKS}/{field_name(item.id)}", "memberId is none", owner=str(partner_id)))
        return Listing(list(found.values()), self._noted(faults))

    def persons(self, member_ids: Collection[str]) -> Listing[Person]:
        found: list[Person] = []
        faults: list[RecordFault] = []
        for chunk in batched(sorted(set(member_ids)), PER_CALL, strict=False):
            contacts: dict[str, str] = {}
            for member in self._query("query of members", "/members/v1/members/query", "members", list(chunk), {"fieldsets": ["FULL"]}):
                identifier, contact = member["id"], member.get("contactId")
                if member.get("status") != LOGS_IN:
                    continue
                if isinstance(contact, str) and contact.strip(".") != "":
                    contacts[identifier] = contact
                else:
                    faults.append(RecordFault(f"members/{field_name(identifier)}", "contactId is none", owner=identifier))
            known = self._contacts(sorted(set(contacts.values()))) if contacts else {}
            for member_id, contact_id in contacts.items():
                match known.get(contact_id):
                    case None:
                        continue
                    case Refused() as refusal:
                        faults.append(RecordFault(f"contacts/{field_name(contact_id)}", refusal.vendor_code or refusal.code, owner=member_id))
                    case contact:
                        found.append(_person(member_id, contact))
        return Listing(found, self._noted(faults))

    def _contacts(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any] | Refused]:
        """These contacts, or why Wix refuses to give one. The query lags behind by moments, so one that it does not find is read by itself; one that does not
        exist is left out."""
        listed = self._query("query of contacts", f"{CONTACTS}/query", "contacts", ids, {})
        found: dict[str, Mapping[str, Any] | Refused] = {contact["id"]: contact for contact in listed}
        for identifier in ids:
            if identifier not in found:
                try:
                    answer = self._site.call("read of a contact", "GET", f"{CONTACTS}/{path_segment(identifier)}", safe=True)
                    found[identifier] = {**members(answer.get("contact")), "id": identifier}
                except NotFound:
                    continue
                except Refused as refusal:
                    found[identifier] = refusal
        return found

    def _noted(self, faults: Sequence[RecordFault]) -> Sequence[RecordFault]:
        for fault in faults:
            self._note(fault)
        return faults

    def _query(self, operation: str, path: str, name: str, ids: Sequence[str], more: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        body = {"query": {"filter": {"id": {"$in": list(ids)}}, "paging": {"limit": PER_CALL, "offset": 0}}, **more}
        listed = self._site.call(operation, "POST", path, body=body, safe=True).get(name)
        if not isinstance(listed, list):
            raise unusable(operation, f"the answer has no {name}")
        for element in listed:
            found = members(element)
            if isinstance(found.get("id"), str):
                yield found
            else:
                self._note(RecordFault(f"{name}/?", "id is none"))


def _person(member_id: str, contact: Mapping[str, Any]) -> Person:
    primary = members(contact.get("primaryEmail"))
    info = members(contact.get("info"))
    return Person(
        member_id=member_id,
        contact_id=contact["id"],
        email=_text(primary.get("email")),
        locale=_text(info.get("locale")),
        subscription=_text(primary.get("subscriptionStatus")) or "NOT_SET",
        deliverability=_text(primary.get("deliverabilityStatus")) or "NOT_SET",
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
