"""Members of the site: whether they exist and may log in.

Sources: https://dev.wix.com/docs/rest/crm/members-contacts/members/members/query-members and
https://dev.wix.com/docs/rest/crm/members-contacts/members/members/get-member.
"""

from collections.abc import Collection, Mapping
from itertools import batched
from typing import Any

from gridwix.clients.http_messages import path_segment
from gridwix.clients.json_values import json_object
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.site import WixSite
from gridwix.errors import NotFound
from gridwix.people.leaving import SiteMember

MEMBERS = "/members/v1/members"

PER_CALL = 100
"""Maximum number of members in one query."""

BLOCKED = "BLOCKED"
"""Status of a member whom somebody has blocked. PENDING and OFFLINE members are not blocked."""


class SiteMembers:
    """Implements the port ``gridwix.reconciler.people_ports.MemberReader``."""

    def __init__(self, site: WixSite) -> None:
        self._site = site

    def find_members(self, ids: Collection[str]) -> Mapping[str, SiteMember]:
        """Return the members that a query finds."""
        found: dict[str, SiteMember] = {}
        for some in batched(sorted(set(ids)), PER_CALL, strict=False):
            operation = "query of members"
            body = {
                "query": {
                    "filter": {"id": {"$in": list(some)}},
                    "paging": {"limit": PER_CALL, "offset": 0},
                },
                "fieldsets": ["EXTENDED"],
            }
            listed = self._site.call(
                operation, "POST", f"{MEMBERS}/query", body=body, safe=True
            ).get("members")
            if not isinstance(listed, list):
                raise WIX_ERRORS.malformed_response(operation, "the answer has no members")
            for one in map(json_object, listed):
                if isinstance(identifier := one.get("id"), str):
                    found[identifier] = _read_member(one)
        return found

    def read_member(self, member_id: str) -> SiteMember | None:
        """Return one member; None if the site has none with this id."""
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


def _read_member(member: Mapping[str, Any]) -> SiteMember:
    email = member.get("loginEmail")
    return SiteMember(member.get("status") == BLOCKED, email if isinstance(email, str) else "")
