"""Selects the campaigns an event triggers and schedules their dispatches. Pure."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from gridwix.configuration.campaigns import Campaign, Channel, MessageKind, member_of
from gridwix.mapping.audiences import FORMER_PARTNER_STATUSES, audience_partner_ids
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.dispatches import Dispatch
from gridwix.partner_messenger.quiet_hours import at_wall_clock

DISPATCHES = uuid.UUID("c2b3c9d4-1f2e-5a67-8b90-3d4e5f6a7b8c")
REMINDER_AT = time(9)
"""When, in the partner's own time, it is said that a date draws near."""

DIGEST = "digest-"
"""What the campaign of a digest is called, before the kind of the messages that it collects."""


def dispatch_id(campaign: str, occasion: str, partner_id: str, channel: str = "", recipient: str = "") -> str:
    """The same for the same message, whoever works it out: a UUID, which is also the ``_id`` of the row on the portal."""
    return str(uuid.uuid5(DISPATCHES, "\n".join((campaign, occasion, partner_id, channel, recipient))))


def begun_by(change: Change, campaigns: Mapping[str, Campaign]) -> Iterator[tuple[str, Campaign]]:
    """The campaigns that begin with an event: none with a wish to read something anew, so that a resync says nothing."""
    for key, campaign in campaigns.items():
        if campaign.status == "active" and change.via != "resync" and change.type in campaign.trigger.events and touches(change, campaign):
            yield key, campaign


def touches(change: Change, campaign: Campaign) -> bool:
    """Whether an event says that one of the fields has changed that the campaign names as ``changed``, if it names any.

    The record must have been what the campaign asks for already, as far as the event says so: one that has only just got its status is new, and not changed.
    So a document's first version is not taken for a later one, whatever else its publication changes.
    """
    trigger = campaign.trigger
    if not trigger.changed:
        return True
    if not {member_of(trigger.kind, field) for field in trigger.changed} & set(change.changed):
        return False
    wanted = trigger.when.get("status")
    return wanted is None or "status" in trigger.changed or change.status.before is None or change.status.before in wanted


def fits(campaign: Campaign, fields: Mapping[str, Any] | None) -> bool:
    """Whether the record is, as it is now, what the campaign asks for."""
    return fields is not None and all(fields.get(name) in values for name, values in campaign.trigger.when.items())


def tells(change: Change, campaign: Campaign) -> bool:
    """Whether an event itself is of what the campaign asks for: one that left another status behind is not, whatever has become of the record since."""
    wanted = campaign.trigger.when.get("status")
    return wanted is None or change.status.after is None or change.status.after in wanted


def is_theirs(entity: Entity, partner: Partner, regions: Mapping[str, Iterable[str]]) -> bool:
    """Whether a partner may hear of a record: its own, or one that is for it. Nothing restricted, and nothing for a partner who is gone."""
    if partner.deleted_at is not None or partner.status in FORMER_PARTNER_STATUSES:
        return False
    if isinstance(entity, Document) and entity.classification == "restricted":
        return False
    owner = getattr(entity, "partner_id", None)
    if owner is not None:
        return bool(owner == partner.partner_id)
    wanted = everybody_of(entity)
    return wanted is not None and (
        wanted.all or bool(audience_partner_ids(wanted, [partner], {region: list(countries) for region, countries in regions.items()}))
    )


def everybody_of(entity: Entity) -> Audience | None:
    """For whom a record is that belongs to no single partner; None for one that does."""
    if isinstance(entity, ServiceNotice):
        return entity.audience
    if isinstance(entity, Document) and entity.partner_id is None:
        return Audience(all=True) if entity.classification == "public" else entity.audience or Audience()
    return None


def occasions(
    key: str, campaign: Campaign, change: Change, fields: Mapping[str, Any], version: int, partner_id: PartnerId, now: datetime
) -> Iterator[Dispatch]:
    """What is to be said of an event, and when; a campaign that runs ahead of a date has :func:`dates_ahead` instead.

    An event is never waited for because its clock runs ahead of ours. ``fields`` are the record's, ``version`` is what it was read at.
    """
    match campaign.trigger.once:
        case "event":
            once = change.event_id
        case "record":
            once = change.subject
        case "version":
            once = version_of(change.subject, fields)
    for hours in campaign.trigger.after_hours or (0,):
        occasion = f"{once}+{hours}h" if hours else once
        due = min(change.occurred_at, now) + timedelta(hours=hours)
        yield _occasion(key, occasion, change.subject, partner_id, due, version)


def dates_ahead(
    key: str, campaign: Campaign, subject: str, fields: Mapping[str, Any], version: int, partner_id: PartnerId, zone: tzinfo, now: datetime
) -> Iterator[Dispatch]:
    """The occasions before a date of the record that are still to come. They are the same whenever they are worked out."""
    ahead = campaign.trigger.ahead
    value = None if ahead is None else fields.get(ahead.field)
    if ahead is None or not isinstance(value, str):
        return
    end = date.fromisoformat(value[:10])
    for days in ahead.days:
        if end - date.min < timedelta(days=days + 1):
            continue
        due = at_wall_clock(end - timedelta(days=days), REMINDER_AT, zone)
        if due > now:
            yield _occasion(key, ahead_of(subject, value, days), subject, partner_id, due, version)


def ahead_of(subject: str, value: str, days: int) -> str:
    """The occasion's name; a certificate that is renewed has another date, and so other occasions."""
    return f"{subject}@{value[:10]}-{days}d"


def still_ahead(campaign: Campaign, dispatch: Dispatch, fields: Mapping[str, Any]) -> bool:
    """Whether the date that an occasion was before is still the record's."""
    ahead = campaign.trigger.ahead
    if ahead is None:
        return True
    value = str(fields.get(ahead.field) or "")
    return dispatch.occasion in {ahead_of(dispatch.subject, value, days) for days in ahead.days}


def version_of(subject: str, fields: Mapping[str, Any]) -> str:
    """The name of the occasion that a document's version is, whatever events speak of it."""
    return f"{subject}@v{fields['version']}"


def is_current(campaign: Campaign, dispatch: Dispatch, fields: Mapping[str, Any]) -> bool:
    """Whether the version that an occasion speaks of is still the document's current one; a later one has its own occasion."""
    return campaign.trigger.once != "version" or dispatch.occasion.partition("+")[0] == version_of(dispatch.subject, fields)


def addressed(occasion: Dispatch, channel: Channel, recipient: str, due: datetime) -> Dispatch:
    """The dispatch of an occasion over a channel, to one member where the channel reaches one."""
    return Dispatch(
        id=dispatch_id(occasion.campaign, occasion.occasion, occasion.partner_id, channel, recipient),
        campaign=occasion.campaign,
        occasion=occasion.occasion,
        subject=occasion.subject,
        partner_id=occasion.partner_id,
        since=due,
        due_at=due,
        channel=channel,
        recipient=recipient,
        version=occasion.version,
    )


def digest_of(entry: Dispatch, kind: MessageKind, due: datetime) -> Dispatch:
    """The digest of that time that an entry belongs in."""
    campaign, occasion = f"{DIGEST}{kind}", due.astimezone(UTC).isoformat(timespec="minutes")
    identifier = dispatch_id(campaign, occasion, entry.partner_id, entry.channel or "", entry.recipient)
    return Dispatch(
        id=identifier,
        campaign=campaign,
        occasion=occasion,
        subject=f"digests/{identifier}",
        partner_id=entry.partner_id,
        since=due,
        due_at=due,
        channel=entry.channel,
        recipient=entry.recipient,
    )


def watch_key(campaign: str, subject: str) -> str:
    """Under what it is kept how far a record has come, for a campaign that waits."""
    return f"{campaign}#{subject}"


def _occasion(campaign: str, occasion: str, subject: str, partner_id: PartnerId, due: datetime, version: int) -> Dispatch:
    return Dispatch(
        id=dispatch_id(campaign, occasion, partner_id),
        campaign=campaign,
        occasion=occasion,
        subject=subject,
        partner_id=partner_id,
        since=due,
        due_at=due,
        version=version,
    )
