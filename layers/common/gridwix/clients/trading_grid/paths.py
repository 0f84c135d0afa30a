"""Where a gateway keeps the collections of the community gateway profile."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommunityPaths:
    """Where a gateway keeps its collections, below its base URL. A single record lies at its collection's path, a slash and its id."""

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


PATHS = CommunityPaths()
"""Those of the profile."""
