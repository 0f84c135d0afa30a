"""The sections of the portal's page, and the Wix collections that each of them shows."""

from collections.abc import Mapping
from typing import Literal

from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    OPEN_ISSUES,
    PARTNER_ACTIVITY,
    PARTNER_DOCUMENTS,
    PARTNER_MESSAGES,
    PARTNER_REQUESTS,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)

type Section = Literal[
    "status",
    "onboarding",
    "issues",
    "notices",
    "documents",
    "requests",
    "messages",
    "activity",
]

SECTION_OF: Mapping[CollectionId, Section] = {
    PARTNER_STATUS: "status",
    ONBOARDING_PROGRESS: "onboarding",
    ONBOARDING_STEPS: "onboarding",
    OPEN_ISSUES: "issues",
    SERVICE_NOTICES: "notices",
    PARTNER_DOCUMENTS: "documents",
    PARTNER_REQUESTS: "requests",
    PARTNER_MESSAGES: "messages",
    PARTNER_ACTIVITY: "activity",
}
"""The section of the portal's page that shows the rows of a collection."""

SECTIONS: tuple[Section, ...] = tuple(dict.fromkeys(SECTION_OF.values()))
