"""Says which side writes each field of a portal collection: gridwix, site, editors or operators.

gridwix writes the fields of the rows that it computes from Trading Grid's records (``ROW_MODELS``).
``config/ownership.yaml`` names the owner of each field that two sides write. ``UNPROJECTED`` names
the side for collections with rows that are not computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gridwix.configuration.everything import Configuration
from gridwix.models.ids import CollectionId
from gridwix.models.portal import collection_ids as ids
from gridwix.models.portal.onboarding import OnboardingProgressRow
from gridwix.models.portal.open_issues import OpenIssueRow
from gridwix.models.portal.partner_activity import PartnerActivityRow
from gridwix.models.portal.partner_documents import PartnerDocumentRow
from gridwix.models.portal.partner_messages import PartnerMessageRow
from gridwix.models.portal.partner_requests import PartnerRequestRow
from gridwix.models.portal.partner_status import PartnerStatusRow
from gridwix.models.portal.rows import RowModel, field_names
from gridwix.models.portal.service_notices import ServiceNoticeRow
from gridwix.publication.merge import AGREED, CONFLICTS, Owner


class Writer(StrEnum):
    """The side that writes a field of a portal row: gridwix, people, or code of the site.

    Editors write in the Wix CMS, operators with commands of gridwix.
    """

    GRIDWIX = "gridwix"
    EDITORS = "editors"
    SITE = "site"
    OPERATORS = "operators"


ROW_MODELS: Mapping[CollectionId, type[RowModel]] = {
    ids.PARTNER_STATUS: PartnerStatusRow,
    ids.OPEN_ISSUES: OpenIssueRow,
    ids.SERVICE_NOTICES: ServiceNoticeRow,
    ids.ONBOARDING_PROGRESS: OnboardingProgressRow,
    ids.PARTNER_DOCUMENTS: PartnerDocumentRow,
    ids.PARTNER_REQUESTS: PartnerRequestRow,
    ids.PARTNER_ACTIVITY: PartnerActivityRow,
    ids.PARTNER_MESSAGES: PartnerMessageRow,
}
"""Models of the rows that gridwix alone writes, by collection."""


@dataclass(frozen=True, slots=True)
class Unprojected:
    """A collection with rows that are not computed from the present records of Trading Grid.

    ``reason`` says what a row is, and how it came to be. ``writer`` is the side that writes all
    fields, except those in ``exceptions``.
    """

    writer: Writer
    reason: str
    exceptions: Mapping[str, Writer] = field(default_factory=dict)


UNPROJECTED: Mapping[CollectionId, Unprojected] = {
    ids.PARTNER_ACTIVITY: Unprojected(
        Writer.GRIDWIX,
        "activity_publisher counts the documents of 30 days that Lens lists; the counts are in its"
        " bucket",
    ),
    ids.PARTNER_MESSAGES: Unprojected(
        Writer.GRIDWIX,
        "partner_messenger wrote the message once, from the record as it was when it was sent",
    ),
    ids.PORTAL_CHANGES: Unprojected(
        Writer.GRIDWIX,
        "portal_ringer counts changes of rows; the sweep of the reconciler writes asOf and hidden",
    ),
    ids.PARTNER_LINKS: Unprojected(
        Writer.OPERATORS, "`gridwix link` wrote the link, or a member redeemed an invitation"
    ),
    CollectionId("PartnerInvitations"): Unprojected(
        Writer.OPERATORS,
        "`gridwix` or an administrator of the partner invited; the site marks it as used",
        {
            **dict.fromkeys(("status", "usedBy", "usedAt"), Writer.SITE),
            "codeHash": Writer.GRIDWIX,
        },
    ),
    CollectionId("InvitationAttempts"): Unprojected(
        Writer.SITE,
        "the site's backend counts what a member may do a few times an hour:"
        " submissions, upload addresses, invitations, and attempts to redeem one",
    ),
    CollectionId("InvitationRedemptions"): Unprojected(
        Writer.SITE, "the site's backend reserves an invitation for the member who redeems it"
    ),
    ids.PEOPLE_HISTORY: Unprojected(
        Writer.SITE, "the site's backend, or a command of the hub, notes who changed whose access"
    ),
    ids.MEMBER_SETTINGS: Unprojected(Writer.SITE, "a member chose the setting on the portal"),
    ids.MEMBER_READ_MARKS: Unprojected(
        Writer.SITE, "the site's backend keeps what a member has read"
    ),
}

PROJECTED = frozenset({*ROW_MODELS, ids.ONBOARDING_STEPS}) - UNPROJECTED.keys()
"""Collections with rows that follow from records of Trading Grid."""


def known_collections() -> frozenset[CollectionId]:
    """Return the collections that ``gridwix explain`` can explain: all those of the portal."""
    return frozenset({*PROJECTED, *UNPROJECTED})


def field_writer(collection: CollectionId, name: str, configuration: Configuration) -> Writer:
    """Return the side that writes a field of a portal collection.

    If gridwix computes the collection's rows, fields that gridwix does not know belong to the
    editors.

    Args:
        collection: The collection.
        name: The field, as the collection has it.
        configuration: Names the owners of fields that two sides write.
    """
    if collection == ids.ONBOARDING_STEPS:
        owner = configuration.ownership.onboarding_steps.get(name)
        return (
            Writer.GRIDWIX
            if owner == Owner.TRADING_GRID.value or name in (AGREED, CONFLICTS)
            else Writer.EDITORS
        )
    if collection in ROW_MODELS:
        return Writer.GRIDWIX if name in field_names(ROW_MODELS[collection]) else Writer.EDITORS
    unprojected = UNPROJECTED[collection]
    return unprojected.exceptions.get(name, unprojected.writer)
