"""Areas of the portal. An area is hidden if Trading Grid's gateway has no data source for it."""

from collections.abc import Collection, Mapping
from typing import Literal

type Area = Literal["onboarding", "compliance", "issues", "notices", "documents", "requests"]

COLLECTION_OF: Mapping[Area, str] = {
    "onboarding": "enrollments",
    "compliance": "compliance-checks",
    "issues": "cases",
    "notices": "service-notices",
    "documents": "documents",
    "requests": "collaboration-requests",
}
"""The collection of the community gateway that fills an area.

Each area is a section of the page, except the compliance checks, which are part of the overview.
Sections that are no area are always shown: the status comes from the partners, the activity from
Lens, and the messages from gridwix itself.
"""


def hidden_areas(collections: Collection[str] | None) -> tuple[Area, ...]:
    """Return the areas that the portal hides, because their gateway collection has no data source.

    >>> hidden_areas({"partners", "cases", "collaboration-requests", "documents"})
    ('onboarding', 'compliance', 'notices')

    Args:
        collections: The gateway's collections with a data source; None if the gateway does not
            state them, in which case nothing is hidden.
    """
    if collections is None:
        return ()
    return tuple(area for area, name in COLLECTION_OF.items() if name not in collections)
