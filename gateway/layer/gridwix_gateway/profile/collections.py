"""Collections of the profile, and the types of their events."""

from collections.abc import Mapping

ENTITY_NAMES: Mapping[str, str] = {
    "partners": "partner",
    "onboarding-programs": "program",
    "enrollments": "enrollment",
    "compliance-checks": "complianceCheck",
    "cases": "case",
    "service-notices": "notice",
    "collaboration-requests": "request",
    "documents": "document",
    "approvals": "approval",
}
"""Names of entities in events, by collection."""

STATUS_EVENTS: Mapping[str, str] = {
    "partners": "partner.status_changed",
    "enrollments": "enrollment.status_changed",
    "compliance-checks": "compliance.status_changed",
    "cases": "case.status_changed",
    "collaboration-requests": "request.status_changed",
    "documents": "document.status_changed",
}
"""Types of the events of a changed status, by collection."""
