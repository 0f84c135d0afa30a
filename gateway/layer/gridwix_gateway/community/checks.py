"""Compliance checks of partners: moves a check to another status, such as ``passed``."""

from collections.abc import Mapping

from gridwix_gateway.community.transitions import status_changes
from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import STATUS_EVENTS
from gridwix_gateway.store.commits import Draft

COLLECTION = "compliance-checks"

PASSED_ACTIONS: Mapping[str, str] = {
    "asn_before_arrival": "No action needed. Live 856 monitoring continues."
}
"""Next action that a passed compliance check shows, by the check's rule."""


def move_check(draft: Draft, check: Document, move: Document) -> Document:
    """Move a compliance check to another status.

    A passed check has no findings. The date until which it is valid is taken from ``move``, and
    never computed.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        check: The check, as read within the commit.
        move: ``to``, and maybe ``reason``, ``nextAction`` and ``validUntil``.

    Returns:
        The check after the move.

    Raises:
        Problem: ``invalid-transition``.
    """
    changes = {**status_changes(COLLECTION, check, move), "evaluatedAt": draft.at}
    if move["to"] == "passed":
        action = PASSED_ACTIONS.get(check["ruleKey"], "No action needed.")
        changes["findings"] = []
        changes["nextAction"] = move.get("nextAction") or action
        changes["validUntil"] = move.get("validUntil")
    elif "nextAction" in move:
        changes["nextAction"] = move["nextAction"]
    return draft.change(COLLECTION, check, changes, STATUS_EVENTS[COLLECTION])
