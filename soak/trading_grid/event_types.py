"""Maps changes of a record to the profile's types of events. Pure."""

from collections.abc import Mapping

from emulators.trading_grid import community
from soak.trading_grid.records import Document

_CREATED = {
    "partners": "partner.created",
    "onboarding-programs": "program.published",
    "enrollments": "enrollment.created",
    "compliance-checks": "compliance.status_changed",
    "cases": "case.created",
    "service-notices": "notice.published",
    "collaboration-requests": "request.received",
    "documents": "document.status_changed",
    "approvals": "approval.requested",
}
STATUS_EVENTS: Mapping[str, str] = {**community.STATUS_EVENTS, "approvals": "approval.decided"}
_UPDATED = {
    **STATUS_EVENTS,
    "partners": "partner.updated",
    "cases": "case.updated",
    "service-notices": "notice.updated",
    "onboarding-programs": "program.published",
}
_NOTICE_OVER = frozenset({"resolved", "completed", "cancelled", "withdrawn"})


def created_event(collection: str, document: Document) -> str:
    """Return the type of the event for a new record, without prefix.

    >>> created_event("documents", {"status": "published"})
    'document.published'
    """
    if collection == "documents" and document.get("status") == "published":
        return "document.published"
    return _CREATED[collection]


def changed_event(collection: str, before: Document, changes: Document) -> str:
    """Return the type of the event for a changed record, without prefix.

    The profile has no type for some changes, such as a deleted check: the type of a changed status
    stands for them.

    Args:
        collection: The record's collection.
        before: The record before.
        changes: The members that change.

    >>> changed_event("cases", {"status": "open"}, {"assigneeTeam": {"key": "edi"}})
    'case.assigned'
    """
    status = changes.get("status", before.get("status"))
    moved = status != before.get("status")
    names = changes.keys()
    match collection:
        case "service-notices" if moved and status in _NOTICE_OVER:
            return "notice.resolved"
        case "onboarding-programs" if names == {"steps"}:
            return "requirement.changed"
        case "documents" if moved and status == "withdrawn":
            return "document.withdrawn"
        case "documents" if moved and status == "published":
            return "document.published"
        case "documents" if "currentVersion" in names:
            return "document.version_added"
        case "cases" if names <= {"assignee", "assigneeTeam", "routedBy"}:
            return "case.assigned"
        case "collaboration-requests" if not moved and "routing" in names:
            return "request.routed"
    return (STATUS_EVENTS if moved else _UPDATED).get(collection, _UPDATED[collection])
