"""The site's members. Each member has a contact: the one with its email address, or a new one.

Source: https://dev.wix.com/docs/rest/crm/members-contacts/members/members/about-wix-members and
``@wix/members``.
"""

import re
import uuid
from typing import Any

from emulators.common.clock import Clock
from emulators.wix.arguments import read_object, read_text
from emulators.wix.contacts import Contacts
from emulators.wix.entities import Entities, Page
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.events import Events
from emulators.wix.forms import read_guid
from emulators.wix.tables import Tables
from emulators.wix.wire import Data

TABLE = "$members"
FQDN = "wix.members.v1.member"
MAX_PAGE = 100
STATUSES = ("PENDING", "APPROVED", "BLOCKED", "OFFLINE")
FIELDSETS = ("PUBLIC", "EXTENDED", "FULL")
PUBLIC = ("id", "contactId", "createdDate", "updatedDate", "profile")
HIDDEN = ("status", "privacyStatus", "activityStatus")
"""Properties of a member that are UNKNOWN with the fieldset PUBLIC only."""


class Members:
    """Stores the site's members. Raises WixError (NOT_FOUND) for a missing member."""

    def __init__(self, tables: Tables, clock: Clock, contacts: Contacts, events: Events) -> None:
        self._members = Entities(tables, TABLE, clock)
        self._contacts = contacts
        self._events = events
        self._emails: dict[str, str] = {}
        for member in self._members.all():
            self._index_email(member)

    def create(self, given: Data, by: Data) -> Data:
        """Create a member of the site with a contact, and return the member.

        ``given`` has at least ``loginEmail``. Raises WixError for an email address that another
        member has. Only the emulator's control route sets ``id``, ``status`` and
        ``loginEmailVerified``; the API does not.
        """
        email = read_text(given, "loginEmail")
        identifier = read_guid(given["id"], "id") if given.get("id") else str(uuid.uuid4())
        if email.casefold() in self._emails or self._members.find(identifier):
            raise WixError("ALREADY_EXISTS", "There is a member of that e-mail address or id")
        status = given.get("status") or "APPROVED"
        if status not in STATUSES:
            raise InvalidRequest("status", f"must be one of {', '.join(STATUSES)}")
        person = read_object(given, "contact")
        profile = {"nickname": _nickname(person, email), **read_object(given, "profile")}
        contact = self._contacts.find_by_email(email) or self._contacts.create(
            _contact_info(person, email), by, source="WIX_SITE_MEMBERS"
        )
        # The member repeats the contact as it was given; the contact itself may have more.
        known = {"phones": [], "emails": [email], **person, "contactId": contact["id"]}
        stored = self._members.add(
            {
                "id": identifier,
                "loginEmail": email,
                "loginEmailVerified": given.get("loginEmailVerified") is True,
                "status": status,
                "contactId": contact["id"],
                "contact": known,
                "profile": {"slug": _slug(str(profile["nickname"])), **profile},
                "privacyStatus": given.get("privacyStatus") or "PRIVATE",
                "activityStatus": "ACTIVE",
            }
        )
        self._index_email(stored)
        self._events.publish_created(FQDN, stored, by)
        return stored

    def get(self, identifier: str) -> Data:
        return self._members.get(identifier)

    def update(self, identifier: str, changes: Data, by: Data) -> Data:
        """Change a member, and return it.

        ``contact`` and ``profile`` are merged, ``privacyStatus`` is replaced.
        """
        current = self._members.get(identifier)
        merged = {
            name: {**current[name], **read_object(changes, name)} for name in ("contact", "profile")
        }
        merged["contact"]["contactId"] = current["contactId"]
        return self._replace(
            {
                **current,
                **merged,
                "privacyStatus": changes.get("privacyStatus") or current["privacyStatus"],
            },
            by,
        )

    def set_status(self, identifier: str, status: str, by: Data) -> Data:
        """Set a member's status, and return the member.

        Nothing changes if the member already has the status.
        """
        current = self._members.get(identifier)
        return (
            current
            if current["status"] == status
            else self._replace({**current, "status": status}, by)
        )

    def change_login(self, identifier: str, changes: Data, by: Data) -> Data:
        """Change the login address of a member (``loginEmail``), and whether Wix has verified it.

        Returns the member. A new address is unverified, unless ``loginEmailVerified`` says
        otherwise. Raises WixError for an address that another member has.
        """
        current = self._members.get(identifier)
        email = read_text(changes, "loginEmail", current["loginEmail"])
        is_new = email.casefold() != current["loginEmail"].casefold()
        if is_new and email.casefold() in self._emails:
            raise WixError("ALREADY_EXISTS", "There is a member of that e-mail address")
        is_verified = changes.get("loginEmailVerified")
        if is_verified is None:
            is_verified = current["loginEmailVerified"] and not is_new
        self._emails.pop(current["loginEmail"].casefold(), None)
        stored = self._replace(
            {**current, "loginEmail": email, "loginEmailVerified": is_verified is True}, by
        )
        self._index_email(stored)
        return stored

    def remove(self, identifier: str, by: Data) -> None:
        """Delete a member. The member's contact stays."""
        member = self._members.remove(identifier)
        self._emails.pop(member["loginEmail"].casefold(), None)
        self._contacts.set_member(member["contactId"], None)
        self._events.publish_deleted(FQDN, member, by)

    def query(self, asked: Data) -> Page:
        return self._members.query_by_offset(
            {**asked, "sort": asked.get("sort") or asked.get("sorting")}, most=MAX_PAGE
        )

    def _replace(self, member: Data, by: Data) -> Data:
        stored = self._members.replace(member)
        self._events.publish_updated(FQDN, stored, by)
        return stored

    def _index_email(self, member: Data) -> None:
        self._emails[member["loginEmail"].casefold()] = member["id"]
        self._contacts.set_member(member["contactId"], member["loginEmail"])


def member_json(member: Data, fieldsets: list[str]) -> Data:
    """Return a member in the form of a response, with the properties that the fieldsets include."""
    if "FULL" in fieldsets:
        return member
    if "EXTENDED" in fieldsets:
        return {
            name: member[name] for name in (*PUBLIC, *HIDDEN, "loginEmail", "loginEmailVerified")
        }
    return {**{name: member[name] for name in PUBLIC}, **dict.fromkeys(HIDDEN, "UNKNOWN")}


def _contact_info(person: Data, email: str) -> Data:
    name = {
        part: person[key]
        for part, key in (("first", "firstName"), ("last", "lastName"))
        if person.get(key)
    }
    info: Data = {
        "emails": {"items": [{"email": email, "tag": "MAIN", "primary": True}]},
        **({"name": name} if name else {}),
    }
    phones: Any = person.get("phones")
    if isinstance(phones, list) and phones:
        info["phones"] = {"items": [{"phone": phone} for phone in phones]}
    return {**info, "company": person["company"]} if person.get("company") else info


def _nickname(person: Data, email: str) -> str:
    return (
        " ".join(str(person[key]) for key in ("firstName", "lastName") if person.get(key))
        or email.partition("@")[0]
    )


def _slug(nickname: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", nickname.lower()).strip("-")
