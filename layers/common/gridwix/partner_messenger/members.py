"""Reads members who act for partners, their Wix contacts and their settings from the Wix site.

Sources: https://dev.wix.com/docs/rest/crm/members-contacts/members/members/query-members and
https://dev.wix.com/docs/rest/crm/members-contacts/contacts/contacts/contact-v4/query-contacts.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import batched
from typing import Any, override

from gridwix.clients.http_messages import path_segment
from gridwix.clients.json_values import json_object, safe_field_name
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.bounced_addresses import CONTACTS, MAX_CONTACTS
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.errors import NotFound, RecordFault, Refused, Throttled, UpstreamError
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import MEMBER_READ_MARKS, MEMBER_SETTINGS, PARTNER_LINKS
from gridwix.partner_messenger.dispatches import Contact, Link, PersonalRow
from gridwix.partner_messenger.member_settings import MemberSettings, parse_settings
from gridwix.partner_messenger.ports import MemberDirectory

PER_CALL = 100
"""Maximum number of members, contacts or partners in one query."""

NOT_SET = "NOT_SET"
"""Wix's status of an email address of which it has no information."""

LOGS_IN = "APPROVED"
"""Wix's status of a member who may log in."""


class WixMemberDirectory(MemberDirectory):
    """Queries links, settings, members and contacts of the Wix site.

    A link, setting, member or contact that cannot be read becomes a fault of the returned listing,
    and the readable ones are returned. Each fault is also passed to the callback ``note``, such as
    a log.
    """

    def __init__(
        self, wix: WixClient, site: WixSite, *, note: Callable[[RecordFault], None] = lambda _: None
    ) -> None:
        self._wix = wix
        self._note = note
        self._site = site

    @override
    def partner_links(self, partner_ids: Collection[PartnerId]) -> Listing[Link]:
        found: dict[tuple[str, str, str], Link] = {}
        faults: list[RecordFault] = []
        for chunk in batched(sorted(set(partner_ids)), PER_CALL, strict=False):
            for page in self._wix.query_pages(
                PARTNER_LINKS,
                filter={"partnerId": {"$in": list(chunk)}},
                by="offset",
                sort=[("_id", "ASC")],
            ):
                for item in page.items:
                    member_id, partner_id, role = (
                        item.data.get(name) for name in ("memberId", "partnerId", "role")
                    )
                    if (
                        isinstance(member_id, str)
                        and member_id
                        and isinstance(partner_id, str)
                        and partner_id in chunk
                    ):
                        link = Link(
                            member_id, PartnerId(partner_id), role if isinstance(role, str) else ""
                        )
                        found[member_id, partner_id, link.role] = link
                    elif partner_id in chunk:
                        faults.append(
                            RecordFault(
                                f"{PARTNER_LINKS}/{safe_field_name(item.id)}",
                                "memberId is none",
                                owner=str(partner_id),
                            )
                        )
        return Listing(list(found.values()), self._report_faults(faults))

    @override
    def member_contacts(self, member_ids: Collection[str]) -> Listing[Contact]:
        found: list[Contact] = []
        faults: list[RecordFault] = []
        for chunk in batched(sorted(set(member_ids)), PER_CALL, strict=False):
            contact_ids: dict[str, str] = {}
            for member in self._query_by_id(
                "query of members",
                "/members/v1/members/query",
                "members",
                list(chunk),
                {"fieldsets": ["FULL"]},
            ):
                identifier, contact = member["id"], member.get("contactId")
                if member.get("status") != LOGS_IN:
                    continue
                # An id of dots alone would change the path of the request.
                if isinstance(contact, str) and contact.strip(".") != "":
                    contact_ids[identifier] = contact
                else:
                    faults.append(
                        RecordFault(
                            f"members/{safe_field_name(identifier)}",
                            "contactId is none",
                            owner=identifier,
                        )
                    )
            contacts_by_id = (
                self._read_contacts(sorted(set(contact_ids.values()))) if contact_ids else {}
            )
            for member_id, contact_id in contact_ids.items():
                match contacts_by_id.get(contact_id):
                    case None:
                        continue
                    case Refused() as refusal:
                        faults.append(
                            RecordFault(
                                f"contacts/{safe_field_name(contact_id)}",
                                refusal.vendor_code or refusal.code,
                                owner=member_id,
                            )
                        )
                    case contact:
                        found.append(_contact(member_id, contact))
        return Listing(found, self._report_faults(faults))

    @override
    def address_contacts(self, emails: Collection[str]) -> Mapping[str, Contact]:
        found: dict[str, Contact] = {}
        for chunk in batched(sorted(set(emails)), PER_CALL, strict=False):
            wanted = frozenset(chunk)
            query = {
                "filter": {"info.emails.email": {"$in": list(chunk)}},
                "paging": {"limit": MAX_CONTACTS, "offset": 0},
            }
            for contact in self._query_records(
                "query of contacts", f"{CONTACTS}/query", "contacts", {"query": query}
            ):
                for email in _addresses(contact) & wanted:
                    # Of several, the one whose primary address it is: Wix knows of no other
                    # address whether it bounces.
                    known = _address_contact(email, contact)
                    if email not in found or known.deliverability != NOT_SET:
                        found[email] = known
        return found

    @override
    def member_settings(self, member_ids: Collection[str]) -> Listing[tuple[str, MemberSettings]]:
        found: list[tuple[str, MemberSettings]] = []
        faults: list[RecordFault] = []
        for chunk in batched(sorted(set(member_ids)), PER_CALL, strict=False):
            try:
                values = self._setting_values(chunk)
            except Throttled:
                raise
            except UpstreamError as error:
                reason = error.vendor_code or error.code
                self._note(RecordFault(f"{MEMBER_SETTINGS}/?", reason))
                faults += [
                    RecordFault(f"{MEMBER_SETTINGS}/?", reason, owner=member) for member in chunk
                ]
                continue
            for member, own in values.items():
                try:
                    found.append((member, parse_settings(own)))
                except ValueError as error:
                    faults.append(
                        RecordFault(
                            f"{MEMBER_SETTINGS}/{safe_field_name(member)}", str(error), owner=member
                        )
                    )
                    self._note(faults[-1])
        return Listing(found, faults)

    @override
    def personal_rows(self, prefix: str) -> Sequence[PersonalRow]:
        # "g" comes after all hexadecimal digits.
        of_prefix = {"$and": [{"_id": {"$gte": prefix}}, {"_id": {"$lt": f"{prefix}g"}}]}
        return [
            PersonalRow(collection, item.id, member, str(item.data.get("partnerId") or ""))
            for collection in (MEMBER_SETTINGS, MEMBER_READ_MARKS)
            for page in self._wix.query_pages(
                collection,
                filter=of_prefix,
                by="offset",
                sort=[("_id", "ASC")],
                fields=["memberId", "partnerId"],
            )
            for item in page.items
            if isinstance(member := item.data.get("memberId"), str) and member
        ]

    @override
    def existing_members(self, member_ids: Collection[str]) -> Collection[str]:
        return {
            member["id"]
            for chunk in batched(sorted(set(member_ids)), PER_CALL, strict=False)
            for member in self._query_by_id(
                "query of members", "/members/v1/members/query", "members", list(chunk), {}
            )
        }

    @override
    def member_links(self, member_ids: Collection[str]) -> Collection[tuple[str, str]]:
        return {
            (str(item.data.get("memberId")), str(item.data.get("partnerId")))
            for chunk in batched(sorted(set(member_ids)), PER_CALL, strict=False)
            for page in self._wix.query_pages(
                PARTNER_LINKS,
                filter={"memberId": {"$in": list(chunk)}},
                by="offset",
                sort=[("_id", "ASC")],
                fields=["memberId", "partnerId"],
            )
            for item in page.items
        }

    def _setting_values(self, member_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return the stored values of settings, by member id and then by name of the setting.

        A row with a field that is no text is left out.
        """
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for page in self._wix.query_pages(
            MEMBER_SETTINGS,
            filter={"memberId": {"$in": list(member_ids)}},
            by="offset",
            sort=[("_id", "ASC")],
        ):
            for item in page.items:
                member, setting, value = (
                    item.data.get(name) for name in ("memberId", "setting", "value")
                )
                if (
                    isinstance(member, str)
                    and member in member_ids
                    and isinstance(setting, str)
                    and isinstance(value, str)
                ):
                    found[member][setting] = value
        return found

    def _read_contacts(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any] | Refused]:
        """Return contacts by id, or in place of a contact the error with which Wix refuses it.

        A contact that does not exist is left out. The query is eventually consistent, so each
        contact that the query does not find is read singly.
        """
        listed = self._query_by_id("query of contacts", f"{CONTACTS}/query", "contacts", ids, {})
        found: dict[str, Mapping[str, Any] | Refused] = {
            contact["id"]: contact for contact in listed
        }
        for identifier in ids:
            if identifier not in found:
                try:
                    answer = self._site.call(
                        "read of a contact",
                        "GET",
                        f"{CONTACTS}/{path_segment(identifier)}",
                        safe=True,
                    )
                    found[identifier] = {**json_object(answer.get("contact")), "id": identifier}
                except NotFound:
                    continue
                except Refused as refusal:
                    found[identifier] = refusal
        return found

    def _report_faults(self, faults: Sequence[RecordFault]) -> Sequence[RecordFault]:
        for fault in faults:
            self._note(fault)
        return faults

    def _query_by_id(
        self, operation: str, path: str, name: str, ids: Sequence[str], more: Mapping[str, Any]
    ) -> Iterator[Mapping[str, Any]]:
        """Query members or contacts of Wix by id, and yield them.

        A record without an id is left out and reported as a fault.

        Args:
            operation: Name of the call in errors.
            path: Path of the query.
            name: Member of the response that lists the records.
            ids: At most ``PER_CALL`` ids.
            more: Further members of the request.
        """
        query = {"filter": {"id": {"$in": list(ids)}}, "paging": {"limit": PER_CALL, "offset": 0}}
        return self._query_records(operation, path, name, {"query": query, **more})

    def _query_records(
        self, operation: str, path: str, name: str, body: Mapping[str, Any]
    ) -> Iterator[Mapping[str, Any]]:
        listed = self._site.call(operation, "POST", path, body=body, safe=True).get(name)
        if not isinstance(listed, list):
            raise WIX_ERRORS.malformed_response(operation, f"the answer has no {name}")
        for element in listed:
            found = json_object(element)
            if isinstance(found.get("id"), str):
                yield found
            else:
                self._note(RecordFault(f"{name}/?", "id is none"))


def _contact(member_id: str, contact: Mapping[str, Any]) -> Contact:
    primary = json_object(contact.get("primaryEmail"))
    info = json_object(contact.get("info"))
    return Contact(
        member_id=member_id,
        contact_id=contact["id"],
        email=_text_value(primary.get("email")),
        locale=_text_value(info.get("locale")),
        subscription=_text_value(primary.get("subscriptionStatus")) or NOT_SET,
        deliverability=_text_value(primary.get("deliverabilityStatus")) or NOT_SET,
    )


def _address_contact(email: str, contact: Mapping[str, Any]) -> Contact:
    """Return a contact for one of its email addresses.

    Wix has the subscription and deliverability of the primary address alone, so those of any other
    address are ``NOT_SET``.
    """
    found = _contact("", contact)
    if _comparable_address(found.email) == email:
        return replace(found, email=email)
    return replace(found, email=email, subscription=NOT_SET, deliverability=NOT_SET)


def _addresses(contact: Mapping[str, Any]) -> frozenset[str]:
    """Return the email addresses of a contact, normalized for comparison."""
    listed = json_object(json_object(contact.get("info")).get("emails")).get("items")
    own = [json_object(one).get("email") for one in listed] if isinstance(listed, list) else []
    primary = json_object(contact.get("primaryEmail")).get("email")
    return frozenset(
        _comparable_address(email) for email in (*own, primary) if isinstance(email, str)
    )


def _comparable_address(email: str) -> str:
    return unicodedata.normalize("NFC", email.strip()).lower()


def _text_value(value: object) -> str:
    return value if isinstance(value, str) else ""
