"""Paths of the collections of a community gateway."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommunityPaths:
    """Paths of the collections below the base URL of a community gateway.

    The defaults are those of the API that gridwix defines for such gateways. A single record is at
    the path of its collection, followed by a slash and the record's id.
    """

    partners: str = "/partners"
    enrollments: str = "/enrollments"
    compliance_checks: str = "/compliance-checks"
    cases: str = "/cases"
    programs: str = "/onboarding-programs"
    notices: str = "/service-notices"
    requests: str = "/collaboration-requests"
    documents: str = "/documents"
    approvals: str = "/approvals"
    uploads: str = "/uploads"
    events: str = "/events"
    capabilities: str = "/capabilities"


PATHS = CommunityPaths()
"""The paths of the profile."""
