"""Paths of a gateway's collections in the community gateway profile."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommunityPaths:
    """Paths of the collections below a gateway's base URL; the defaults are the profile's.

    A single record is at its collection's path, a slash and its id.
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
