"""Members of the site and their contacts."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any
from uuid import UUID

import orjson

from soak.kernel.edges import Fault
from soak.wix.changes import dump_row
from soak.wix.filters import compile_filter
from soak.wix.refusals import InvalidRequest, WixRefusal
from soak.wix.store import Row, RowStore
from soak.wix.times import timestamp

MAX_PAGE = 100


class People:
    """All members of the site and their contacts.

    Args:
        random: The source of ids.
        clock: Unix seconds.
    """

    def __init__(self, random: Random, clock: Callable[[], float]) -> None:
        self.members: dict[str, Row] = {}
        self.contacts = RowStore()
        self.replica_lag = 1.0
        """Seconds by which queries of contacts are behind."""
        self.stale_lag = 30.0
        """Seconds by which a query of contacts with the fault STALE is behind."""
        self._random = random
        self._clock = clock
        self._member_of: dict[str, str] = {}

    # What happens on the site

    def add_member(
        self,
        email: str,
        *,
        member_id: str | None = None,
        status: str = "APPROVED",
        locale: str = "",
        subscription: str = "NOT_SET",
        deliverability: str = "NOT_SET",
    ) -> Row:
        """Let a person become a member, with a new contact. Return the member.

        Args:
            email: The address of login and contact.
            member_id: The id; a new one by default.
            status: APPROVED, PENDING, BLOCKED or OFFLINE. Only an APPROVED member logs in.
            locale: Language of the contact, such as ``de-de``; empty for none.
            subscription: Subscription status of the address.
            deliverability: Deliverability status of the address, such as BOUNCED.
        """
        identifier, contact_id, now = member_id or self._new_id(), self._new_id(), self._now()
        self._put_contact(
            {
                "id": contact_id,
                "revision": 1,
                "createdDate": now,
                "updatedDate": now,
                "info": {
                    "emails": {"items": [{"email": email, "tag": "MAIN", "primary": True}]},
                    **({"locale": locale} if locale else {}),
                },
                "primaryInfo": {"email": email},
                "primaryEmail": {
                    "email": email,
                    "subscriptionStatus": subscription,
                    "deliverabilityStatus": deliverability,
                },
            }
        )
        member: Row = {
            "id": identifier,
            "loginEmail": email,
            "loginEmailVerified": False,
            "status": status,
            "contactId": contact_id,
            "contact": {"contactId": contact_id, "emails": [email], "phones": []},
            "profile": {"nickname": email.partition("@")[0]},
            "privacyStatus": "PRIVATE",
            "activityStatus": "ACTIVE",
            "createdDate": now,
            "updatedDate": now,
        }
        self.members[identifier] = member
        self._member_of[contact_id] = identifier
        return member

    def change_member(self, member_id: str, **changes: Any) -> Row:
        """Change fields of a member, such as ``status``. Return the member."""
        self.members[member_id] = {
            **self.members[member_id],
            **changes,
            "updatedDate": self._now(),
        }
        return self.members[member_id]

    def remove_member(self, member_id: str) -> None:
        """Delete a member. Its contact stays."""
        member = self.members.pop(member_id)
        self._member_of.pop(member["contactId"], None)

    def change_contact(
        self,
        contact_id: str,
        *,
        email: str | None = None,
        locale: str | None = None,
        subscription: str | None = None,
        deliverability: str | None = None,
    ) -> Row:
        """Change a contact; arguments that are None change nothing. Return the contact.

        Args:
            contact_id: The contact.
            email: Its new primary address.
            locale: Its language.
            subscription: Subscription status of the address.
            deliverability: Deliverability status of the address.
        """
        contact = self.contacts.read(contact_id)
        if contact is None:
            raise WixRefusal("CONTACT_NOT_FOUND", f"There is no {contact_id}")
        changes = {
            "email": email,
            "subscriptionStatus": subscription,
            "deliverabilityStatus": deliverability,
        }
        contact["primaryEmail"] |= {name: one for name, one in changes.items() if one is not None}
        if email is not None:
            contact["primaryInfo"]["email"] = email
            contact["info"]["emails"]["items"][0]["email"] = email
        if locale is not None:
            contact["info"]["locale"] = locale
        contact |= {"revision": contact["revision"] + 1, "updatedDate": self._now()}
        self._put_contact(contact)
        return contact

    def remove_contact(self, contact_id: str) -> None:
        """Delete a contact."""
        self.contacts.write(contact_id, None, None, self._clock())

    # Calls

    def query_members(self, arguments: Row) -> Row:
        """Query members (Query Members)."""
        query = arguments.get("query") or {}
        limit, offset = _read_paging(query)
        matches = compile_filter(query.get("filter") or {})
        found = [one for one in _named(query, self.members) if matches(one)]
        page = found[offset : offset + limit]
        if "FULL" not in (arguments.get("fieldsets") or ()):
            page = [_public_member(member) for member in page]
        return {"members": page, "metadata": _metadata(page, offset, len(found))}

    def query_contacts(self, arguments: Row, fault: Fault | None) -> Row:
        """Query contacts (Query Contacts), which are visible some time after they were written."""
        query = arguments.get("query") or {}
        limit, offset = _read_paging(query)
        matches = compile_filter(query.get("filter") or {})
        lag = self.stale_lag if fault is Fault.STALE else self.replica_lag
        hidden = self.contacts.hidden_writes(self._clock(), lag)
        texts = {**self.contacts.texts, **hidden} if hidden else self.contacts.texts
        rows = (orjson.loads(text) for text in _named(query, texts) if text is not None)
        found = [row for row in rows if matches(row)]
        page = found[offset : offset + limit]
        return {"contacts": page, "pagingMetadata": _metadata(page, offset, len(found))}

    def get_contact(self, contact_id: str) -> Row:
        """Read a contact (Get Contact)."""
        contact = self.contacts.read(contact_id)
        if contact is None:
            raise WixRefusal("CONTACT_NOT_FOUND", f"There is no {contact_id[:128]}")
        return {"contact": contact}

    def member_of(self, contact_id: str) -> str | None:
        """Return the id of the member that a contact belongs to; None if it belongs to no
        member.
        """
        return self._member_of.get(contact_id)

    def _put_contact(self, contact: Row) -> None:
        self.contacts.write(contact["id"], dump_row(contact), contact, self._clock())

    def _new_id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _now(self) -> str:
        return timestamp(self._clock())


def _read_paging(query: Row) -> tuple[int, int]:
    paging = query.get("paging") or {}
    limit, offset = paging.get("limit", 50), paging.get("offset", 0)
    if not isinstance(limit, int) or not 1 <= limit <= MAX_PAGE:
        raise InvalidRequest("limit", f"must be an integer from 1 to {MAX_PAGE}")
    return limit, offset


def _named[T](query: Row, entities: Mapping[str, T]) -> Sequence[T]:
    """Return the entities that a filter by ids can select; all of them for any other filter."""
    condition = (query.get("filter") or {}).get("id")
    ids = condition.get("$in") if isinstance(condition, dict) else None
    if isinstance(ids, list):
        return [entities[one] for one in dict.fromkeys(ids) if one in entities]
    return list(entities.values())


def _metadata(page: Sequence[Row], offset: int, total: int) -> Row:
    return {"count": len(page), "offset": offset, "total": total, "tooManyToCount": False}


def _public_member(member: Row) -> Row:
    public = {name: member[name] for name in ("id", "contactId", "profile")}
    hidden = dict.fromkeys(("status", "privacyStatus", "activityStatus"), "UNKNOWN")
    return {**public, **hidden}
