"""The bus event for a new invitation, and the campaigns that send messages about it. Pure."""

from collections.abc import Mapping
from datetime import datetime

from gridwix.configuration.campaigns import Campaign
from gridwix.models.events import Change
from gridwix.models.ids import CompanyId, PartnerId, WixItemId

INVITATION_CREATED = "invitation.created"
"""``DetailType`` of the event for a new invitation. Its subject is ``invitations/`` and the id."""


def invitation_event(
    invitation_id: WixItemId, partner_id: PartnerId, company_id: CompanyId, now: datetime
) -> Change:
    """Return the bus event which reports that an invitation was created.

    It contains only ids, no personal data. Idempotent: the id of the event is always the same, so
    the event is deduplicated however often it is put on the bus.

    Args:
        invitation_id: ``_id`` of the invitation's row.
        partner_id: The invitation's partner.
        company_id: The hub.
        now: The current time, not that of the row: a campaign ignores events that are too old, and
            an interrupted run may be completed days later.
    """
    return Change(
        event_id=f"invitation-{invitation_id}",
        type=INVITATION_CREATED,
        subject=f"invitations/{invitation_id}",
        occurred_at=now,
        company_id=company_id,
        partner_id=partner_id,
        via="poll",
    )


def inviting_campaigns(campaigns: Mapping[str, Campaign]) -> Mapping[str, Campaign]:
    """Return the active campaigns that the event of a new invitation triggers, by key."""
    return {
        key: campaign
        for key, campaign in campaigns.items()
        if campaign.status == "active" and INVITATION_CREATED in campaign.trigger.events
    }
