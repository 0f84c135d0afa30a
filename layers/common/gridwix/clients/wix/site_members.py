"""Reads members of the Wix site: whether they exist, and their login address and status.

Sources: https://dev.wix.com/docs/rest/crm/members-contacts/members/members/query-members and
https://dev.wix.com/docs/rest/crm/members-contacts/members/members/get-member.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import batched
from typing import Any

from gridwix.clients.http_messages import path_segment
from gridwix.clients.json_values import json_object
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.site import WixSite
from gridwix.errors import NotFound
from gridwix.people.addresses import normal_email
from gridwix.people.leaving import SiteMember

MEMBERS = "/members/v1/members"

PER_CALL = 100
"""Maximum number of members in one query."""

BLOCKED = "BLOCKED"
"""Status of a blocked member. PENDING and OFFLINE members are not blocked."""


class SiteMembers:
    """Reads members of the Wix site: whether they exist or are blocked, and their login address.

    Implements the port ``gridwix.reconciler.people_ports.MemberReader``.
    """

    def __init__(self, site: WixSite) -> None:
        self._site = site

    def find_members(self, ids: Collection[str]) -> Mapping[str, SiteMember]:
        """Return the members with the given ids, by id. An id that no member has is left out."""
        return {
            identifier: _read_member(one)
            for one in self._query("id", ids)
            if isinstance(identifier := one.get("id"), str)
        }

    def find_blocked(self, emails: Collection[str]) -> Collection[str]:
        """Return those of the given email addresses with which a blocked member logs in."""
        return {
            address
            for member in map(_read_member, self._query("loginEmail", emails))
            if member.is_blocked
            and (address := normal_email(member.email)) is not None
            and address in emails
        }

    def read_member(self, member_id: str) -> SiteMember | None:
        """Return one member; None if the site has no member with this id."""
        operation = "read of a member"
        try:
            answer = self._site.call(
                operation,
                "GET",
                f"{MEMBERS}/{path_segment(member_id)}",
                params=[("fieldsets", "EXTENDED")],
                safe=True,
            )
        except NotFound:
            return None
        member = json_object(answer.get("member"))
        if member.get("id") != member_id:
            raise WIX_ERRORS.malformed_response(operation, "the answer is not the member")
        return _read_member(member)

    def _query(self, field: str, values: Collection[str]) -> Iterator[Mapping[str, Any]]:
        """Yield the members, as JSON objects, that have one of the values in ``field``.

        No two members may have the same value in that field.
        """
        operation = "query of members"
        for some in batched(sorted(set(values)), PER_CALL, strict=False):
            body = {
                "query": {
                    "filter": {field: {"$in": list(some)}},
                    "paging": {"limit": PER_CALL, "offset": 0},
                },
                "fieldsets": ["EXTENDED"],
            }
            listed = self._site.call(
                operation, "POST", f"{MEMBERS}/query", body=body, safe=True
            ).get("members")
            if not isinstance(listed, list):
                raise WIX_ERRORS.malformed_response(operation, "the answer has no members")
            yield from map(json_object, listed)


def _read_member(member: Mapping[str, Any]) -> SiteMember:
    email = member.get("loginEmail")
    return SiteMember(member.get("status") == BLOCKED, email if isinstance(email, str) else "")
