"""Support cases: creation, changes, status history, and the EDI transactions they are about."""

from gridwix_gateway.community.records import require_partner
from gridwix_gateway.community.transitions import next_step_changes, status_changes
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.profile.collections import STATUS_EVENTS
from gridwix_gateway.profile.state_machines import FINAL_STATUSES
from gridwix_gateway.store.commits import Draft

COLLECTION = "cases"

DEFAULT_TEAM = "partner-desk"
"""Team that a new case is assigned to if no route names one."""


def create_case(draft: Draft, fields: Document) -> Document:
    """Create a support case for a partner.

    Args:
        draft: The commit that is being prepared: its reads and buffered writes.
        fields: Fields of the OpenAPI schema ``NewCase``.

    Returns:
        The case. Its field ``number`` has the form ``TG-year-number``.

    Raises:
        Problem: ``validation``: there is no such partner.
    """
    require_partner(draft, fields["partnerId"])
    number = draft.next_number
    case = {
        "id": f"case_{number:012}",
        "number": f"TG-{draft.at[:4]}-{number:06}",
        "partnerId": fields["partnerId"],
        "subject": fields["subject"],
        "description": fields.get("description", ""),
        "category": fields["category"],
        "priority": fields.get("priority", "normal"),
        "status": "new",
        "assigneeTeam": team(fields.get("assigneeTeam", {}).get("key", DEFAULT_TEAM)),
        "assignee": None,
        "routedBy": fields.get("routedBy"),
        "nextStep": fields.get("nextStep"),
        "dueAt": fields.get("dueAt"),
        "transactionRefs": fields.get("transactionRefs", []),
        "documentIds": [],
        "statusHistory": [_status_change("new", draft.at)],
    }
    return draft.create(COLLECTION, case, "case.created")


def patch_case(draft: Draft, case: Document, changes: Document) -> Document:
    """Change fields of a support case, such as its priority.

    Args:
        draft: The commit that is being prepared: its reads and buffered writes.
        case: The case, as read within the commit.
        changes: Fields of the OpenAPI schema ``CasePatch``, with their new values.

    Returns:
        The case after the change.
    """
    return draft.change(COLLECTION, case, next_step_changes(case, changes), "case.updated")


def move_case(draft: Draft, case: Document, move: Document) -> Document:
    """Move a support case to another status, and add the move to its status history.

    Args:
        draft: The commit that is being prepared: its reads and buffered writes.
        case: The case, as read within the commit.
        move: The fields ``to`` (the new status), and maybe ``reason`` and ``nextStep``. If the case
            becomes resolved, ``reason`` is the summary of its resolution.

    Returns:
        The case after the move.

    Raises:
        Problem: ``invalid-transition`` or ``validation``.
    """
    changes, target = status_changes(COLLECTION, case, move), move["to"]
    # A case from a source without a history has none: a part of it would pass for the whole.
    if case.get("statusHistory") is not None:
        changes["statusHistory"] = [*case["statusHistory"], _status_change(target, draft.at)]
    if target == "resolved":
        changes["resolution"] = {"code": "fixed", "summary": move.get("reason") or ""}
        changes["resolvedAt"] = draft.at
    if target == "closed":
        changes["closedAt"] = draft.at
    if "nextStep" in move:
        changes |= next_step_changes(case, {"nextStep": move["nextStep"]})
    return draft.change(COLLECTION, case, changes, STATUS_EVENTS[COLLECTION])


def put_transaction_ref(
    draft: Draft, case: Document, correlation_id: str, reference: Document
) -> Document:
    """Add a transaction to a case, or replace the transaction with the same correlation id.

    Idempotent: an identical reference changes nothing, not even the case's version.

    Args:
        draft: The commit that is being prepared: its reads and buffered writes.
        case: The case, as read within the commit.
        correlation_id: Identifies the transaction within the case.
        reference: Fields of the OpenAPI schema ``TransactionRef``.

    Returns:
        The case after the change.

    Raises:
        Problem: ``invalid-transition``: the case is closed or cancelled.
    """
    if case["status"] in FINAL_STATUSES[COLLECTION]:
        raise Problem("invalid-transition", f"case {case['id']} is {case['status']}.")
    fresh = {**reference, "correlationId": correlation_id}
    known = case.get("transactionRefs") or []
    references = [fresh if each.get("correlationId") == correlation_id else each for each in known]
    if fresh not in references:
        references.append(fresh)
    if references == known:
        return case
    return draft.change(COLLECTION, case, {"transactionRefs": references}, "case.updated")


def team(key: str) -> Document:
    """Return the API's object for a team, from the team's key.

    >>> team("edi-support")
    {'key': 'edi-support', 'name': 'Edi support'}
    """
    return {"key": key, "name": key.replace("-", " ").capitalize()}


def _status_change(status: str, at: str) -> Document:
    return {"status": status, "at": at, "visibility": "public"}
