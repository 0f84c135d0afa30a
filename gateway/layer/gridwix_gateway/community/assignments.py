"""Assignments of collaboration requests: to a team, and to the partner that they came from."""

from gridwix_gateway.community.records import require_partner
from gridwix_gateway.community.requests import COLLECTION, move_request
from gridwix_gateway.community.transitions import next_step_changes
from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft

DESK_RULE = "desk"
"""The rule of a routing that a person has decided."""


def assign_request(draft: Draft, request: Document, wish: Document) -> Document:
    """Assign a request, and change what goes with it. One that waits for triage is triaged by this.

    Args:
        draft: The commit's draft.
        request: The request as the draft has read it.
        wish: Any of ``teamKey``, ``partnerId``, ``priority``, ``dueAt`` and ``nextStep``.

    Returns:
        The request after the change. A wish that changes nothing makes no new version.

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
