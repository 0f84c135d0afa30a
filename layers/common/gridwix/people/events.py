"""The event that a person was invited, and the occasions that it begins. Pure."""

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
    """Return the event of an invitation: the same event, however often it is put on the bus.

    It has ids alone.

    Args:
        invitation_id: ``_id`` of the row.
        partner_id: Its partner.
        company_id: The hub.
        now: The current time, not that of the row: a campaign leaves out events that are too old,
            and a run that was interrupted may be completed days later.
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
    """Return the active campaigns that the event begins."""
    return {
        key: campaign
        for key, campaign in campaigns.items()
        if campaign.status == "active" and INVITATION_CREATED in campaign.trigger.events
    }
