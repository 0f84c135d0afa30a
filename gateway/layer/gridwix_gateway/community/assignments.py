"""Assigns collaboration requests to a team, and to the partner that they came from."""

from gridwix_gateway.community.records import require_partner
from gridwix_gateway.community.requests import COLLECTION, move_request
from gridwix_gateway.community.transitions import next_step_changes
from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft

DESK_RULE = "desk"
"""Value of ``routing.ruleKey`` and ``partnerMatch`` if an employee, and no rule, has assigned a
request.
"""


def assign_request(draft: Draft, request: Document, wish: Document) -> Document:
    """Assign a collaboration request to a team or partner, and set its priority and due time.

    A request with the status ``received`` becomes ``triaged`` if ``wish`` names a team.

    Args:
        draft: The commit: its reads and buffered writes.
        request: The collaboration request, as read within the commit.
        wish: Any of ``teamKey``, ``partnerId``, ``priority``, ``dueAt`` and ``nextStep``.

    Returns:
        The request after the change. If nothing changes, it gets no new version.

    Raises:
        Problem: ``validation``: there is no such partner.
    """
    changes = {name: value for name, value in wish.items() if name != "teamKey"}
    if changes.get("partnerId") is not None:
        require_partner(draft, changes["partnerId"])
        changes["partnerMatch"] = DESK_RULE
    if "teamKey" in wish and (request.get("routing") or {}).get("teamKey") != wish["teamKey"]:
        changes["routing"] = {"teamKey": wish["teamKey"], "ruleKey": DESK_RULE}
    changes = {name: value for name, value in changes.items() if request.get(name) != value}
    if changes:
        changes = next_step_changes(request, changes)
        request = draft.change(COLLECTION, request, changes, "request.updated")
    if "teamKey" in wish and request["status"] == "received":
        request = move_request(draft, request, {"to": "triaged"})
    return request
