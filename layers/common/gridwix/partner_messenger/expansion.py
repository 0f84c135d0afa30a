"""Expands a due occasion, a reason to write to a partner, into planned messages (dispatches).

The channel portal gets one dispatch; the channels inbox and email get one for each member.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gridwix.configuration.campaigns import PERSONAL, Campaign, Channel
from gridwix.configuration.everything import Configuration
from gridwix.errors import SourceBehind
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.attempts import DispatchAttempt, Suppressed
from gridwix.partner_messenger.dispatches import Collected, Dispatch, DispatchState, Suppression
from gridwix.partner_messenger.ports import Outbox
from gridwix.partner_messenger.quiet_hours import (
    earliest_sending_time,
    next_wall_clock_time,
    partner_zone,
)
from gridwix.partner_messenger.readers import is_reader
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.relevance import RelevanceCheck, RelevantDispatch
from gridwix.partner_messenger.selection import channel_dispatch, digest_dispatch
from gridwix.ports import Clock

CLOSED_DAYS = 3
"""Number of successive digests, one per day, to which an entry is tried to be added if they are
closed or full."""


@dataclass(frozen=True, slots=True)
class _Expansion:
    """Planned messages for one occasion (a reason to write to a partner).

    ``dispatches`` are sent singly, ``entries`` are collected in digests.
    """

    dispatches: Sequence[Dispatch]
    entries: Sequence[Dispatch]


class Expander:
    """Plans the messages (dispatches) for occasions, which are reasons to write to a partner.

    Idempotent: a dispatch, or an entry of a digest, is stored once.
    """

    def __init__(
        self, outbox: Outbox, check: RelevanceCheck, configuration: Configuration, clock: Clock
    ) -> None:
        self._outbox = outbox
        self._check = check
        self._configuration = configuration
        self._clock = clock

    def expand_occasion(self, occasion: Dispatch, records: RecordCache) -> DispatchAttempt:
        """Plan and store the messages for an occasion, which is a reason to write to a partner.

        The outbox stores an occasion as a dispatch without a channel, and each of its messages as a
        dispatch of its own. This worker has claimed the occasion. The returned attempt has the
        messages that are due at once. An occasion without a recipient is suppressed (NO_MEMBER, or
        NO_ADDRESS for an invitation).
        """
        collected = 0
        try:
            relevant = self._check.check_dispatch(occasion, records, self._now())
            expansion = self._expansion(occasion, relevant, records)
            for entry in expansion.entries:
                collected += self._collect_entry(entry, relevant.campaign, relevant.partner)
            if not expansion.dispatches and relevant.invitation is not None:
                # A campaign for the inbox alone, and a person who is no contact.
                raise Suppressed(Suppression.NO_ADDRESS)
            if not expansion.dispatches and not expansion.entries:
                # An unreadable link may be the only reason why there is nobody: then retry.
                records.check_links(relevant.partner.partner_id)
                raise Suppressed(Suppression.NO_MEMBER)
            now = self._now()
            due = tuple(
                dispatch
                for dispatch in self._outbox.add_dispatches(expansion.dispatches)
                if dispatch.due_at <= now
            )
        except Exception as error:
            return DispatchAttempt(occasion, error=error, collected=collected)
        return DispatchAttempt(occasion, DispatchState.EXPANDED, due=due, collected=collected)

    def _expansion(
        self, occasion: Dispatch, relevant: RelevantDispatch, records: RecordCache
    ) -> _Expansion:
        campaign, partner = relevant.campaign, relevant.partner
        now, messaging = self._now(), self._configuration.messaging
        portal = (
            [channel_dispatch(occasion, "portal", "", now)] if "portal" in campaign.channels else []
        )
        channels: list[Channel] = [channel for channel in campaign.channels if channel in PERSONAL]
        if not channels:
            return _Expansion(portal, ())
        due = (
            earliest_sending_time(messaging.quiet_hours, partner_zone(partner, messaging), now)
            if campaign.quiet_hours
            else now
        )
        if relevant.invitation is not None:
            # Wix Inbox needs a contact, which the person may not have.
            contact = records.address_contact(relevant.invitation.email)
            return _Expansion(
                [
                    channel_dispatch(occasion, channel, "", due)
                    for channel in channels
                    if channel == "email" or contact is not None
                ],
                (),
            )
        members = sorted(
            {
                link.member_id
                for link in records.partner_links([partner.partner_id])[partner.partner_id]
                if is_reader(link.role, relevant.readers)
            }
        )
        personal = [
            channel_dispatch(occasion, channel, member, due)
            for channel in channels
            for member in members
        ]
        return (
            _Expansion(portal, personal) if campaign.digest else _Expansion(portal + personal, ())
        )

    def _collect_entry(self, entry: Dispatch, campaign: Campaign, partner: Partner) -> int:
        """Add a message to the next open digest. Returns 1, or 0 if it was added before.

        A digest is one message a day that combines several. Raises SourceBehind if the next
        ``CLOSED_DAYS`` digests are all closed or full.
        """
        messaging = self._configuration.messaging
        zone, at = partner_zone(partner, messaging), self._now()
        for _ in range(CLOSED_DAYS):
            at = next_wall_clock_time(messaging.digest_at, zone, at)
            result = self._outbox.add_to_digest(entry, digest_dispatch(entry, campaign.kind, at))
            if result is not Collected.CLOSED:
                return int(result is Collected.ADDED)
        raise SourceBehind

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
