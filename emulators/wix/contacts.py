"""The site's contacts, as in Contacts API v4.

A contact's revision is a number, not a string. Wix accepts a second contact with the same email
address only if the caller allows duplicates. Source:
https://dev.wix.com/docs/api-reference/crm/members-contacts/contacts/introduction and ``@wix/crm``.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from emulators.common.clock import Clock
from emulators.wix.contact_info import (
    check_sufficient,
    complete_info,
    list_items,
    list_values,
    merge_info,
    merge_lists,
    primary_value,
    read_member,
)
from emulators.wix.entities import Entities, Page
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.events import Events
from emulators.wix.labels import ExtendedFields, Labels
from emulators.wix.tables import Tables
from emulators.wix.wire import Data

TABLE = "$contacts"
FQDN = "wix.contacts.v4.contact"
IDENTIFIERS = {"emails": "duplicateEmail", "phones": "duplicatePhone"}
"""Lists by which Wix finds duplicate contacts, in this order, with their names in the error."""

MAX_SOURCES = 5
"""Maximum number of contacts that one call merges into another."""

EMAIL_STATUSES = {
    "subscriptionStatus": ("NOT_SET", "SUBSCRIBED", "UNSUBSCRIBED", "PENDING"),
    "deliverabilityStatus": ("NOT_SET", "VALID", "BOUNCED", "SPAM_COMPLAINT", "INACTIVE"),
}

type Identifier = tuple[str, str]


class Contacts:
    """Stores the site's contacts. Raises WixError (CONTACT_NOT_FOUND) for a missing contact."""

    def __init__(self, tables: Tables, clock: Clock, events: Events) -> None:
        self.labels = Labels(tables, clock)
        self.extended_fields = ExtendedFields(tables, clock)
        tables.brief.add(TABLE)
        self._contacts = Entities(tables, TABLE, clock, missing="CONTACT_NOT_FOUND")
        self._events = events
        self._owners: dict[Identifier, list[str]] = {}
        self._members: dict[str, str] = {}
        for contact in self._contacts.all():
            self._claim_identifiers(contact)

    def create(
        self, info: Data, by: Data, *, allow_duplicates: bool = False, source: str = "THIRD_PARTY"
    ) -> Data:
        """Create a contact, and return it.

        Raises WixError for a duplicate, or for info that Wix refuses.
        """
        complete = self._check_info(info)
        if not allow_duplicates:
            self._check_duplicates(complete, None)
        now = self._contacts.now()
        more = {
            "source": {"sourceType": source},
            "lastActivity": {"activityDate": now, "activityType": "CONTACT_CREATED"},
        }
        stored = self._contacts.add(
            {"id": str(uuid.uuid4()), "revision": 1, **more, **_with_derived_members(complete)}
        )
        self._claim_identifiers(stored)
        self._events.publish_created(FQDN, stored, by)
        return stored

    def get(self, identifier: str) -> Data:
        return self._contacts.get(identifier)

    def all(self) -> list[Data]:
        """Return all contacts, oldest first."""
        return self._contacts.all()

    def find_by_email(self, email: str) -> Data | None:
        """Return the contact with an email address, ignoring case; None if there is none.

        If several contacts have the address, the result is the one that has had it for the longest
        time.
        """
        owners = self._owners.get(("emails", email.casefold()))
        return self._contacts.get(owners[0]) if owners else None

    def update(
        self,
        identifier: str,
        revision: Any,
        changes: Data,
        by: Data,
        *,
        allow_duplicates: bool = False,
    ) -> Data:
        """Change a contact's info (optimistic locking by revision), and return the contact.

        Raises WixError for a stale revision, for a duplicate, and for info that Wix refuses.
        """
        current = self._contacts.get(identifier)
        if not isinstance(revision, int) or isinstance(revision, bool):
            raise InvalidRequest("revision", "must be a number")
        if revision != current["revision"]:
            raise WixError(
                "CONTACT_ALREADY_CHANGED", f"The revision is {current['revision']}, not {revision}"
            )
        if not changes:
            raise WixError("INSUFFICIENT_UPDATE_CONTACT_DATA", "There is nothing to change")
        complete = self._check_info(merge_info(current["info"], changes))
        email = self._members.get(identifier)
        if email is not None and email.casefold() not in map(
            str.casefold, list_values(complete, "emails")
        ):
            raise WixError("CANNOT_UPDATE_MEMBER_EMAIL", "A member's e-mail address stays")
        if not allow_duplicates:
            self._check_duplicates(complete, current)
        return self._replace(current, complete, by)

    def change_labels(
        self, identifier: str, keys: list[str], by: Data, *, away: bool = False
    ) -> Data:
        """Add labels to a contact, or remove them if ``away`` is true. Idempotent.

        Returns the contact.
        """
        current = self._contacts.get(identifier)
        if not keys:
            raise InvalidRequest("labelKeys", "is missing")
        if not away:
            self.labels.check(keys)
        before = list_items(current["info"], "labelKeys")
        after = (
            [key for key in before if key not in keys]
            if away
            else [*before, *(key for key in keys if key not in before)]
        )
        if after == before:
            return current
        return self._replace(
            current, complete_info({**current["info"], "labelKeys": {"items": after}}), by
        )

    def remove(self, identifier: str, by: Data) -> None:
        """Delete a contact. Raises WixError (428) for the contact of a site member."""
        if identifier in self._members:
            raise WixError(
                "CANNOT_DELETE_MEMBER", "The contact is a member's, who must be deleted first"
            )
        contact = self._contacts.remove(identifier)
        self._release_identifiers(contact)
        self._events.publish_deleted(FQDN, contact, by)

    def merge(self, identifier: str, revision: Any, sources: list[str], by: Data) -> Data:
        """Merge the contacts ``sources`` into the contact ``identifier``, and delete the sources.

        The contact gets the list entries of the sources, and is returned. Raises WixError for a
        stale revision, and (428) for a source that is a member's contact: Wix deletes no member, so
        such a contact can only be the target of a merge.
        """
        current = self._contacts.get(identifier)
        if revision != current["revision"]:
            raise WixError(
                "CONTACT_ALREADY_CHANGED", f"The revision is {current['revision']}, not {revision}"
            )
        if not sources or len(sources) > MAX_SOURCES or identifier in sources:
            raise InvalidRequest("sourceContactIds", f"needs 1 to {MAX_SOURCES} other contacts")
        if self._members.keys() & set(sources):
            raise WixError("CANNOT_DELETE_MEMBER", "A source is a member's, who stays")
        others = [self._contacts.get(one)["info"] for one in sources]
        info = self._check_info(merge_lists(current["info"], others))
        for one in sources:
            self.remove(one, by)
        stored = self._replace(current, info, by)
        body = {"sourceContactIds": sources, "targetContactId": identifier, "targetContact": stored}
        self._events.publish_action(FQDN, "merged", identifier, body, by)
        return stored

    def set_subscription(self, identifier: str, changes: Data, by: Data) -> Data:
        """Set the marketing subscription and deliverability of a contact's primary email address.

        Returns the contact.
        """
        current = self._contacts.get(identifier)
        if "primaryEmail" not in current:
            raise WixError("INSUFFICIENT_CONTACT_DATA", "The contact has no e-mail address")
        for name, value in changes.items():
            if value not in EMAIL_STATUSES.get(name, ()):
                raise InvalidRequest(
                    name, f"must be one of {', '.join(EMAIL_STATUSES.get(name, ()))}"
                )
        stored = self._contacts.replace(
            {
                **current,
                "primaryEmail": {**current["primaryEmail"], **changes},
                "revision": current["revision"] + 1,
            }
        )
        self._events.publish_updated(FQDN, stored, by)
        return stored

    def query(self, asked: Data) -> Page:
        """Query contacts in the lagging replica, which shows a new contact a moment later."""
        return self._contacts.query_by_offset(asked, read=read_member, consistent=False)

    def set_member(self, identifier: str, email: str | None) -> None:
        """Record that a contact belongs to a member with this email address.

        If ``email`` is None, the contact no longer belongs to a member.
        """
        if email is None:
            self._members.pop(identifier, None)
        else:
            self._members[identifier] = email

    def _replace(self, current: Data, info: Data, by: Data) -> Data:
        self._release_identifiers(current)
        derived = _with_derived_members(info)
        known = current.get("primaryEmail", {})
        # The subscription belongs to the email address: a new address starts without one.
        if known.get("email") == derived.get("primaryEmail", {}).get("email") is not None:
            derived["primaryEmail"] = known
        stored = self._contacts.replace({**current, **derived, "revision": current["revision"] + 1})
        self._claim_identifiers(stored)
        self._events.publish_updated(FQDN, stored, by)
        return stored

    def _check_info(self, info: Data) -> Data:
        complete = complete_info(info)
        check_sufficient(complete)
        self.extended_fields.check(complete)
        self.labels.check(list_items(complete, "labelKeys"))
        return complete

    def _check_duplicates(self, info: Data, current: Data | None) -> None:
        """Raise WixError if another contact has the email address or phone number.

        Phone numbers are compared only for a contact without email address.
        """
        name = "emails" if list_values(info, "emails") else "phones"
        own = set(_contact_identifiers(current)) if current else set()
        for value in list_values(info, name):
            key = (name, value.casefold())
            if key not in own and self._owners.get(key):
                data = {"duplicateContactId": self._owners[key][0], IDENTIFIERS[name]: value}
                raise WixError(
                    "DUPLICATE_CONTACT_EXISTS",
                    "There is a contact of that e-mail address or phone number",
                    data,
                )

    def _claim_identifiers(self, contact: Data) -> None:
        for key in _contact_identifiers(contact):
            self._owners.setdefault(key, []).append(contact["id"])

    def _release_identifiers(self, contact: Data) -> None:
        for key in _contact_identifiers(contact):
            self._owners[key].remove(contact["id"])
            if not self._owners[key]:
                del self._owners[key]


def _contact_identifiers(contact: Data) -> Iterator[Identifier]:
    seen = {
        (name, value.casefold())
        for name in IDENTIFIERS
        for value in list_values(contact["info"], name)
    }
    yield from seen


def _with_derived_members(info: Data) -> Data:
    """Return a contact with this info, and with the members that Wix derives from the info.

    Such a member is ``primaryInfo``.
    """
    found = {"email": primary_value(info, "emails"), "phone": primary_value(info, "phones")}
    derived: Data = {
        "info": info,
        "primaryInfo": {name: value for name, value in found.items() if value is not None},
    }
    if found["email"] is not None:
        derived["primaryEmail"] = {
            "email": found["email"],
            "subscriptionStatus": "NOT_SET",
            "deliverabilityStatus": "NOT_SET",
        }
    return derived
