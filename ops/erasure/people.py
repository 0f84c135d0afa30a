"""Finds a person's members and contacts on the Wix site, by an email address or a member's id.

Sources: https://dev.wix.com/docs/rest/crm/members-contacts/members/members/query-members and
https://dev.wix.com/docs/rest/crm/members-contacts/contacts/contacts/contact-v4/query-contacts.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, override

import idna

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.items import decode_item, encode_item
from gridwix.clients.http_messages import path_segment
from gridwix.clients.json_values import json_object
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.bounced_addresses import CONTACTS
from gridwix.clients.wix.site import WixSite
from gridwix.errors import NotFound
from gridwix.partner_messenger.members import PER_CALL
from gridwix.people.addresses import normal_email
from ops.erasure.ports import Findings, PersonalStore, Remainder
from ops.erasure.subject import Subject
from ops.errors import OpsError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MEMBERS = "/members/v1/members"

PROGRESS = "erasure/"
"""Beginning of the keys in the table of cursors that keep the progress of an unfinished erasure."""

type Person = Mapping[str, Any]
"""A member or a contact, as Wix returns it."""


class ErasureProgress:
    """Checkpoint of an erasure, in ``CursorTable``: the contacts of each member to remove.

    Wix removes a member before the member's contacts. An erasure that is interrupted in between
    could otherwise not find the contacts by the member's id, nor the member by an email address.
    The items hold only ids, and are removed when the erasure is done.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def keep(self, member: str, contacts: Collection[str]) -> None:
        """Store the contacts of a member that will be removed. Raises UpstreamError.

        They stay stored until the member and the contacts are removed.
        """
        if contacts:
            for contact in contacts:
                self._put(contact, "members", self.members_of(contact) | {member})
            self._put(member, "contacts", set(contacts))

    def contacts_of(self, member: str) -> frozenset[str]:
        """Return the ids of the contacts that :meth:`keep` has stored for a member, empty if none.

        Raises UpstreamError.
        """
        return self._read(member, "contacts")

    def members_of(self, contact: str) -> frozenset[str]:
        """Return the ids of the members for which :meth:`keep` has stored a contact, empty if none.

        The members and the contact are the same person on the Wix site. Raises UpstreamError.
        """
        return self._read(contact, "members")

    def clear(self, identifier: str) -> None:
        """Delete the item of a member or a contact from the checkpoint. Raises UpstreamError."""
        with translate_aws_errors("DeleteItem"):
            self._client.delete_item(
                TableName=self._table, Key=encode_item({"name": PROGRESS + identifier})
            )

    def _put(self, identifier: str, attribute: str, ids: Collection[str]) -> None:
        with translate_aws_errors("PutItem"):
            self._client.put_item(
                TableName=self._table,
                Item=encode_item({"name": PROGRESS + identifier, attribute: set(ids)}),
            )

    def _read(self, identifier: str, attribute: str) -> frozenset[str]:
        with translate_aws_errors("GetItem"):
            answer = self._client.get_item(
                TableName=self._table,
                Key=encode_item({"name": PROGRESS + identifier}),
                ConsistentRead=True,
            )
        found: frozenset[str] = decode_item(answer.get("Item", {})).get(attribute, frozenset())
        return found


class SitePeople:
    """Members and contacts of a site. All methods raise UpstreamError and BudgetExhausted."""

    def __init__(self, site: WixSite) -> None:
        self._site = site

    def members(self, field: str, values: Iterable[str]) -> list[Person]:
        """Return the site's members that have one of the values in ``field``.

        ``field`` is either ``id`` or ``contactId``.
        """
        return list(self._query("query of members", MEMBERS, "members", field, values))

    def contacts(self, field: str, values: Iterable[str]) -> list[Person]:
        """Return the site's contacts that have one of the values in ``field``.

        ``field`` is either ``id`` or ``info.emails.email``.
        """
        return list(self._query("query of contacts", CONTACTS, "contacts", field, values))

    def contact(self, identifier: str) -> Person | None:
        """Return one contact of the site, read consistently; None if it does not exist."""
        path = f"{CONTACTS}/{path_segment(identifier)}"
        try:
            return json_object(
                self._site.call("read of a contact", "GET", path, safe=True).get("contact")
            )
        except NotFound:
            return None

    def remove(self, path: str, identifier: str) -> None:
        """Delete a member (``MEMBERS``) or a contact (``CONTACTS``). Idempotent.

        A member or contact that does not exist is no error.
        """
        try:
            self._site.call("removal of a person", "DELETE", f"{path}/{path_segment(identifier)}")
        except NotFound:
            return

    def _query(
        self, operation: str, path: str, name: str, field: str, values: Iterable[str]
    ) -> Iterator[Person]:
        wanted, offset = sorted(set(values)), 0
        while wanted:
            body = {
                "query": {
                    "filter": {field: {"$in": wanted}},
                    "paging": {"limit": PER_CALL, "offset": offset},
                },
                "fieldsets": ["FULL"],
            }
            page = self._site.call(operation, "POST", f"{path}/query", body=body, safe=True).get(
                name
            )
            if not isinstance(page, list):
                raise WIX_ERRORS.malformed_response(operation, f"the answer has no {name}")
            yield from (one for one in map(json_object, page) if isinstance(one.get("id"), str))
            if len(page) < PER_CALL:
                return
            offset += len(page)


def find_person(people: SitePeople, progress: ErasureProgress, wanted: str) -> Subject:
    """Return the person with an email address or a member's id, as the subject of an erasure.

    The person is also found if an interrupted erasure has removed the member on the site already.

    Args:
        people: Members and contacts of the site.
        progress: The checkpoint that an interrupted erasure has left.
        wanted: An email address, or the id of a member.

    Raises:
        OpsError: Several members share the email address.
        UpstreamError: Wix or AWS failed.
    """
    if "@" in wanted:
        others = _other_spellings(wanted)
        contacts = people.contacts("info.emails.email", {wanted, wanted.lower(), *others})
        ids = {str(one["id"]) for one in contacts}
        members = people.members("contactId", ids)
        removed = frozenset[str]().union(*map(progress.members_of, ids))
        if len(own := {str(one["id"]) for one in members} | removed) > 1:
            raise OpsError(
                "more than one member has this email address, and they may be several persons",
                f"look at them on the site, and give the id of the one: {', '.join(sorted(own))}",
            )
        return _subject(members, contacts, emails={wanted, *others}, members_named=removed)
    members = people.members("id", [wanted])
    known = {str(one["contactId"]) for one in members if one.get("contactId")}
    ids = known | progress.contacts_of(wanted)
    contacts = [found for one in sorted(ids) if (found := people.contact(one)) is not None]
    return _subject(members, contacts, members_named={wanted}, contacts_named=ids)


def _other_spellings(address: str) -> Collection[str]:
    """Return an email address twice: with its domain in ASCII, and with its domain in Unicode.

    Empty if the address is malformed, or has only the given spelling. Members and contacts have the
    address as a person has written it, and rows of the portal have it in ASCII.

    >>> sorted(_other_spellings("Ada@Bücher.example"))
    ['ada@bücher.example', 'ada@xn--bcher-kva.example']
    """
    normal = normal_email(address)
    if normal is None:
        return ()
    local, _, domain = normal.rpartition("@")
    try:
        own = f"{local}@{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        own = normal
    written = address.strip().lower()
    return {normal, own} if {normal, own} != {written} else ()


def _subject(
    members: Collection[Person],
    contacts: Collection[Person],
    *,
    emails: Collection[str] = (),
    members_named: Collection[str] = (),
    contacts_named: Collection[str] = (),
) -> Subject:
    addresses, names = set(emails), set[str]()
    for contact in contacts:
        info = json_object(contact.get("info"))
        items = json_object(info.get("emails")).get("items")
        for item in items if isinstance(items, list) else ():
            addresses.add(str(json_object(item).get("email") or ""))
        name = json_object(info.get("name"))
        names.add(f"{name.get('first') or ''} {name.get('last') or ''}")
    for member in members:
        person = json_object(member.get("contact"))
        addresses.add(str(member.get("loginEmail") or ""))
        names.add(f"{person.get('firstName') or ''} {person.get('lastName') or ''}")
        names.add(str(json_object(member.get("profile")).get("nickname") or ""))
    full = {" ".join(name.split()) for name in names}
    return Subject(
        members=frozenset({*members_named, *(str(one["id"]) for one in members)}),
        contacts=frozenset({*contacts_named, *(str(one["id"]) for one in contacts)}),
        emails=frozenset(addresses - {""}),
        names=frozenset(name for name in full if " " in name),
    )


class MemberStore(PersonalStore):
    """Store of personal data: the accounts (members) on the Wix site of the person to erase.

    Before a member is removed, the ids of the person's contacts are stored as a checkpoint, so that
    an interrupted erasure still finds the contacts when it is run again.
    """

    name = "Wix members"

    def __init__(self, people: SitePeople, progress: ErasureProgress) -> None:
        self._people = people
        self._progress = progress

    @override
    def find(self, subject: Subject) -> Findings:
        found = self._people.members("id", subject.members)
        return Findings(tuple(sorted(str(one["id"]) for one in found)))

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        removed = 0
        for member in ids:
            self._progress.keep(member, subject.contacts)
            self._people.remove(MEMBERS, member)
            removed += 1
        return removed


class ContactStore(PersonalStore):
    """Store of personal data: the contacts in Wix of the person to erase.

    Wix allows the removal of a contact only after that of the contact's member.
    """

    name = "Wix contacts"

    def __init__(self, people: SitePeople, progress: ErasureProgress) -> None:
        self._people = people
        self._progress = progress

    @override
    def find(self, subject: Subject) -> Findings:
        found = [one for one in sorted(subject.contacts) if self._people.contact(one) is not None]
        if subject.partner is not None or not (subject.contacts or subject.emails):
            return Findings(tuple(found))
        ids = tuple(sorted(subject.contacts))
        return Findings(
            tuple(found),
            (
                Remainder("conversations in Wix Inbox", INBOX_STAYS, ids=ids),
                Remainder("emails that were sent", EMAILS_STAY, ids=ids),
            ),
        )

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        removed = 0
        for contact in ids:
            self._people.remove(CONTACTS, contact)
            removed += 1
        for identifier in sorted(subject.members | subject.contacts):
            self._progress.clear(identifier)
        return removed


INBOX_STAYS = (
    "Wix has no call that removes a conversation: delete it in the Inbox of the site's dashboard"
)
EMAILS_STAY = (
    "they are in the person's mailbox, and in the run log of the site's email automation, which"
    " only Wix clears"
)
