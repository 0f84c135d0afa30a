"""Selects the campaigns that an event triggers, and computes their planned messages. Pure."""

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from gridwix.configuration.campaigns import Campaign, Channel, MessageKind, member_of
from gridwix.mapping.audiences import audience_test, is_current
from gridwix.mapping.documents import is_restricted
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.dispatches import Dispatch
from gridwix.partner_messenger.invitations import InvitationRow
from gridwix.partner_messenger.quiet_hours import wall_clock_time

NAMESPACE = uuid.UUID("c2b3c9d4-1f2e-5a67-8b90-3d4e5f6a7b8c")
"""Namespace from which the ids of dispatches (UUIDs) are derived."""

REMINDER_AT = time(9)
"""Wall-clock time, in the partner's zone, at which a reminder of an approaching date is due."""

DIGEST_PREFIX = "digest-"
"""Prefix of the campaign of a digest's dispatch; the kind of the digest's messages follows it."""


def dispatch_id(
    campaign: str, occasion: str, partner_id: str, channel: str = "", recipient: str = ""
) -> str:
    """Return the id (a UUID) of a dispatch (planned message), derived from its properties.

    The id is also the ``_id`` of the message's row on the portal. Dispatches are deduplicated by
    this id: exactly one message per campaign, occasion, partner, channel and recipient.

    >>> first = dispatch_id("review", "evt_1", "GC1", "portal")
    >>> dispatch_id("review", "evt_1", "GC1", "portal") == first
    True
    >>> dispatch_id("review", "evt_1", "GC1", "email") == first
    False

    Args:
        campaign: Key of the campaign.
        occasion: Key of the occasion (the reason to write to the partner), from
            :func:`event_occasions` or :func:`date_occasions`.
        partner_id: The partner.
        channel: The channel of the message. "" for the dispatch that stands for the occasion
            itself, before its messages are planned.
        recipient: Id of the member who gets the message. "" for a message on the portal, which is
            for all members of the partner; for a message to an invited person, who is no member
            yet; and for an occasion.
    """
    return str(
        uuid.uuid5(NAMESPACE, "\n".join((campaign, occasion, partner_id, channel, recipient)))
    )


def member_key(dispatch: Dispatch) -> str:
    """Return the deduplication key of a message to a member: campaign, occasion, channel, member.

    The key is the same for all partners of the member. So a member who acts for several partners
    gets the message once.
    """
    return dispatch_id(
        dispatch.campaign, dispatch.occasion, "", dispatch.channel or "", dispatch.recipient
    )


def triggered_campaigns(
    change: Change, campaigns: Mapping[str, Campaign]
) -> Iterator[tuple[str, Campaign]]:
    """Yield the active campaigns that an event triggers, by key. A resync triggers none."""
    for key, campaign in campaigns.items():
        if (
            campaign.status == "active"
            and change.via != "resync"
            and change.type in campaign.trigger.events
            and has_relevant_change(change, campaign)
        ):
            yield key, campaign


def has_relevant_change(change: Change, campaign: Campaign) -> bool:
    """Return True if the event reports a change of a field in the campaign's ``changed``.

    Always True for a campaign without ``changed``. If the campaign also requires certain statuses,
    the record must have had a required status before the change, as far as the event states the
    status before. A record that has only just reached a required status is new to the campaign, not
    changed. For example, the publication of a document does not count as a new version of a
    published document. This rule does not apply if ``changed`` includes the status itself.
    """
    trigger = campaign.trigger
    if not trigger.changed:
        return True
    if not {member_of(trigger.kind, field) for field in trigger.changed} & set(change.changed):
        return False
    wanted = trigger.when.get("status")
    return (
        wanted is None
        or "status" in trigger.changed
        or change.status.before is None
        or change.status.before in wanted
    )


def is_condition_met(campaign: Campaign, fields: Mapping[str, Any] | None) -> bool:
    """Return True if the current record (``fields``) meets the campaign's condition ``when``."""
    return fields is not None and all(
        fields.get(name) in values for name, values in campaign.trigger.when.items()
    )


def is_event_status_wanted(change: Change, campaign: Campaign) -> bool:
    """Return True unless the event reports a status that the campaign's ``when`` does not list.

    An event that left the record in another status triggers nothing, even if the record has since
    reached a listed status: that change has an event of its own.
    """
    wanted = campaign.trigger.when.get("status")
    return wanted is None or change.status.after is None or change.status.after in wanted


def addressee_test(
    entity: Entity | InvitationRow, regions: Mapping[str, Collection[str]]
) -> Callable[[Partner], bool]:
    """Return a predicate: True for a partner that may get messages about a record.

    A partner may if it owns the record, or belongs to the audience of a shared record. No partner
    gets messages about a restricted document. A former partner gets no messages, with one
    exception: the message that a person's access has ended.

    Args:
        entity: The record.
        regions: Countries (ISO 3166 codes) of each region that an audience can name.
    """
    owner, shared = getattr(entity, "partner_id", None), shared_audience(entity)
    if isinstance(entity, Document) and is_restricted(entity):
        return lambda _: False
    if isinstance(entity, InvitationRow) and entity.says_end:
        return lambda partner: bool(owner == partner.partner_id)
    if owner is not None:
        return lambda partner: is_current(partner) and bool(owner == partner.partner_id)
    return (lambda _: False) if shared is None else audience_test(shared, regions)


def shared_audience(entity: Entity | InvitationRow) -> Audience | None:
    """Return the audience of a record that no single partner owns; None if a partner owns it."""
    if isinstance(entity, ServiceNotice):
        return entity.audience
    if isinstance(entity, Document) and entity.partner_id is None:
        # A public classification says how its file is opened, not for whom the document is.
        return entity.audience
    return None


def event_occasions(
    key: str,
    campaign: Campaign,
    change: Change,
    fields: Mapping[str, Any],
    version: int,
    partner_id: PartnerId,
    now: datetime,
) -> Iterator[Dispatch]:
    """Yield the occasions (reasons to write to a partner) that an event triggers for a campaign.

    There is one, or one per value of ``after_hours`` of the campaign. For campaigns that run ahead
    of a date use :func:`date_occasions` instead.

    Args:
        key: Key of the campaign.
        campaign: The campaign.
        change: The event.
        fields: Fields of the current record.
        version: Version at which the record was read.
        partner_id: The partner that the messages are for.
        now: Current time. An event from a clock that runs ahead is due now.
    """
    match campaign.trigger.once:
        case "event":
            once = change.event_id
        case "record":
            once = change.subject
        case "version":
            once = version_occasion(change.subject, fields)
    for hours in campaign.trigger.after_hours or (0,):
        occasion = f"{once}+{hours}h" if hours else once
        due = min(change.occurred_at, now) + timedelta(hours=hours)
        yield _new_occasion(key, occasion, change.subject, partner_id, due, version)


def date_occasions(
    key: str,
    campaign: Campaign,
    subject: str,
    fields: Mapping[str, Any],
    version: int,
    partner_id: PartnerId,
    zone: tzinfo,
    now: datetime,
) -> Iterator[Dispatch]:
    """Yield the reminders (occasions) that a campaign sends before a date of a record.

    There is one for each number in ``ahead.days``, due that many days before the date, at
    ``REMINDER_AT`` in the partner's time zone. Only reminders in the future are planned.
    Deterministic: planning them again for the same date gives the same ids.

    Args:
        key: Key of the campaign.
        campaign: The campaign. Without ``ahead`` there are no reminders.
        subject: Subject of the messages, see :class:`~.dispatches.Dispatch`.
        fields: Fields of the current record.
        version: Version at which the record was read.
        partner_id: The partner that the messages are for.
        zone: Time zone of the partner.
        now: Current time. Reminders before it are left out.
    """
    ahead = campaign.trigger.ahead
    value = None if ahead is None else fields.get(ahead.field)
    if ahead is None or not isinstance(value, str):
        return
    end = date.fromisoformat(value[:10])
    for days in ahead.days:
        # A date that lies before year 1 cannot be represented.
        if end - date.min < timedelta(days=days + 1):
            continue
        due = wall_clock_time(end - timedelta(days=days), REMINDER_AT, zone)
        if due > now:
            yield _new_occasion(
                key, date_occasion(subject, value, days), subject, partner_id, due, version
            )


def date_occasion(subject: str, value: str, days: int) -> str:
    """Return the key of the reminder (occasion) that is due some days before a date of a record.

    The date is part of the key, so that a renewed certificate is reminded of again.

    >>> date_occasion("compliance-checks/chk_1", "2026-04-05T00:00:00Z", 14)
    'compliance-checks/chk_1@2026-04-05-14d'
    """
    return f"{subject}@{value[:10]}-{days}d"


def is_date_unchanged(campaign: Campaign, dispatch: Dispatch, fields: Mapping[str, Any]) -> bool:
    """Return True if the record still has the date for which a reminder was planned.

    Always True for a campaign without ``ahead``, which sends no reminders before a date.
    """
    ahead = campaign.trigger.ahead
    if ahead is None:
        return True
    value = str(fields.get(ahead.field) or "")
    return dispatch.occasion in {
        date_occasion(dispatch.subject, value, days) for days in ahead.days
    }


def version_occasion(subject: str, fields: Mapping[str, Any]) -> str:
    """Return the key of an occasion: the reason to write to partners about a document's version.

    The key is the same for all events about this version.

    >>> version_occasion("documents/doc_1", {"version": 2})
    'documents/doc_1@v2'
    """
    return f"{subject}@v{fields['version']}"


def is_version_current(campaign: Campaign, dispatch: Dispatch, fields: Mapping[str, Any]) -> bool:
    """Return True if the document version that a message was planned for is still the current one.

    A later version has messages of its own. Always True unless the campaign has ``once: version``.
    """
    return campaign.trigger.once != "version" or dispatch.occasion.partition("+")[
        0
    ] == version_occasion(dispatch.subject, fields)


def channel_dispatch(
    occasion: Dispatch, channel: Channel, recipient: str, due: datetime
) -> Dispatch:
    """Return the dispatch (planned message) of an occasion for one channel and one recipient.

    Args:
        occasion: The dispatch that stands for the occasion, a reason to write to a partner.
        channel: The channel.
        recipient: Id of the member. "" for the portal, which shows one row to all members, and for
            an invited person, who is no member yet.
        due: Time from which the new dispatch may be sent, and from which its age counts.
    """
    return Dispatch(
        id=dispatch_id(
            occasion.campaign, occasion.occasion, occasion.partner_id, channel, recipient
        ),
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


def digest_dispatch(entry: Dispatch, kind: MessageKind, due: datetime) -> Dispatch:
    """Return the planned message (dispatch) for the digest to which a message is added.

    A digest is one message that combines the messages of a day. There is one digest per partner,
    recipient, channel, kind and time.

    Args:
        entry: The message to add: a dispatch of a campaign with ``digest``.
        kind: Kind of the campaign: a digest never mixes marketing with transactional messages.
        due: Time at which the digest is sent.
    """
    campaign, occasion = f"{DIGEST_PREFIX}{kind}", due.astimezone(UTC).isoformat(timespec="minutes")
    identifier = dispatch_id(
        campaign, occasion, entry.partner_id, entry.channel or "", entry.recipient
    )
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


def watermark_key(campaign: str, subject: str) -> str:
    """Return the outbox key for the greatest known version of a record (its high-water mark).

    Only for a campaign in which a newer event starts the wait for a message again
    (``Trigger.restarts_wait``). If the high-water mark is greater than the version for which the
    message was planned, there was such an event, and the message is not sent.

    >>> watermark_key("case-reminder", "cases/case_1")
    'case-reminder#cases/case_1'
    """
    return f"{campaign}#{subject}"


def _new_occasion(
    campaign: str, occasion: str, subject: str, partner_id: PartnerId, due: datetime, version: int
) -> Dispatch:
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
