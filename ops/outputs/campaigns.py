"""JSON documents of ``gridwix campaign list``, ``preview`` and ``failed``."""

from datetime import UTC

from pydantic import AwareDatetime

from gridwix.configuration.campaigns import Campaign
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from ops.json_output import JsonOutput


class AheadEntry(JsonOutput):
    """The time at which a campaign sends its messages: days before a date in a record.

    ``field`` is the field of the record with the date.
    """

    field: str
    days: tuple[int, ...]


class CampaignEntry(JsonOutput):
    """A campaign of ``config/campaigns``: the rule for one kind of message to partners."""

    campaign: str
    """the campaign's key"""
    status: str
    events: tuple[str, ...]
    changed: tuple[str, ...]
    """fields of the record of which one must have changed; empty for any change"""
    after_hours: tuple[int, ...]
    ahead: AheadEntry | None
    channels: tuple[str, ...]
    roles: tuple[str, ...]
    """roles of the members who get its messages; empty for all roles"""
    languages: tuple[str, ...]


class CampaignListOutput(JsonOutput):
    """All campaigns, in the order of their keys."""

    campaigns: tuple[CampaignEntry, ...]


class CampaignPreviewOutput(JsonOutput):
    """The message that a campaign would send for one event. Nothing was sent."""

    campaign: str
    event: str
    """the event's type"""
    subject: str
    """the record that the event is about, as collection/id"""
    record_from: str
    """system from which the record was read"""
    locale: str
    would_be_sent: bool
    reason: str | None
    """why the message would not be sent"""
    title: str
    body: str
    """HTML"""


class DispatchEntry(JsonOutput):
    """A dispatch: one message of a campaign to one partner over one channel, such as email."""

    id: str
    campaign: str
    subject: str
    """the record or the step that the message is about"""
    partner: str
    channel: str | None
    state: DispatchState
    reason: str
    since: AwareDatetime


class CampaignFailedOutput(JsonOutput):
    """The messages (dispatches) that have failed or have an unknown result.

    With ``--retry``, there is only the id of the message that is sent again.
    """

    dispatches: tuple[DispatchEntry, ...]
    retried: str | None
    """id of the dispatch that ``--retry`` queued"""


def campaign_entry(key: str, campaign: Campaign) -> CampaignEntry:
    """Return a campaign as an entry of the JSON document of ``gridwix campaign list``."""
    trigger = campaign.trigger
    ahead = trigger.ahead
    return CampaignEntry(
        campaign=key,
        status=campaign.status,
        events=trigger.events,
        changed=trigger.changed,
        after_hours=trigger.after_hours,
        ahead=None if ahead is None else AheadEntry(field=ahead.field, days=tuple(ahead.days)),
        channels=tuple(campaign.channels),
        roles=tuple(campaign.audience.roles),
        languages=tuple(sorted(campaign.texts)),
    )


def dispatch_entry(dispatch: Dispatch) -> DispatchEntry:
    """Return a dispatch (a message over one channel) as an entry of a JSON document."""
    return DispatchEntry(
        id=dispatch.id,
        campaign=dispatch.campaign,
        subject=dispatch.subject,
        partner=dispatch.partner_id,
        channel=dispatch.channel,
        state=dispatch.state,
        reason=dispatch.reason,
        since=dispatch.since.astimezone(UTC),
    )
