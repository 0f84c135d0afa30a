"""Collections of the community gateway profile, with the names that events use for them."""

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
"""Entity name in events, such as ``case``, by collection, such as ``cases``."""

STATUS_EVENTS: Mapping[str, str] = {
    "partners": "partner.status_changed",
    "enrollments": "enrollment.status_changed",
    "compliance-checks": "compliance.status_changed",
    "cases": "case.status_changed",
    "collaboration-requests": "request.status_changed",
    "documents": "document.status_changed",
}
"""Event type of a status change, by collection."""
