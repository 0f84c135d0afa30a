"""Puts the event of each new invitation on the bus, so that partner_messenger sends a mail.

Invitations are skipped if the outbox, the table of messages, has an entry for their event already.
The outbox deduplicates by the event, so an event that is put twice sends one mail.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import NamedTuple, Protocol

from gridwix.configuration.campaigns import Campaign, Channel
from gridwix.models.ids import CompanyId, PartnerId, WixItemId
from gridwix.partner_messenger.dispatches import Dispatch
from gridwix.partner_messenger.selection import dispatch_id, event_occasions
from gridwix.people.events import invitation_event, inviting_campaigns
from gridwix.ports import EventBus

PER_READ = 500
"""Maximum number of invitations per read of their occasions from the outbox."""

PER_PUT = 100
"""Number of events that are put on the bus between two reports of progress."""


class DispatchReader(Protocol):
    """The part of the messenger's outbox that the import of people reads. Raises UpstreamError."""

    def read_dispatches(self, ids: Collection[str]) -> Mapping[str, Dispatch]:
        """Return the stored dispatches (entries of the outbox) that have these ids, by id."""


class Invited(NamedTuple):
    """The id of an invitation, and the id of its partner."""

    id: WixItemId
    partner_id: PartnerId


class Announcer:
    """Triggers the mails of invitations by events on the bus, and looks up the mails' state.

    The state of a mail is in the outbox, the table of planned messages. For an event, the outbox
    first stores an occasion: the fact that a campaign (the rule for one kind of message) has to
    write about the event. The messages to people are made from it.

    Args:
        outbox: The messenger's outbox.
        bus: The event bus of the stack.
        campaigns: All campaigns of the configuration in effect.
        company_id: Id of the hub.
    """

    def __init__(
        self,
        outbox: DispatchReader,
        bus: EventBus,
        campaigns: Mapping[str, Campaign],
        company_id: CompanyId,
    ) -> None:
        self._outbox = outbox
        self._bus = bus
        self._campaigns = inviting_campaigns(campaigns)
        self._company_id = company_id

    @property
    def has_campaign(self) -> bool:
        """True if a campaign of the configuration sends a mail for an invitation.

        Without such a campaign, no event is put on the bus.
        """
        return bool(self._campaigns)

    def occasions(
        self, invited: Iterable[Invited], now: datetime
    ) -> Mapping[WixItemId, Sequence[Dispatch]]:
        """Return the occasions that the outbox has for each invitation, by the invitation's id.

        The outbox is the table of planned and sent messages. An occasion is an entry that records a
        campaign's reason to write, here the event of a new invitation. It is stored before the
        messages. Invitations without an occasion are left out.
        """
        found: dict[WixItemId, Sequence[Dispatch]] = {}
        for some in batched(invited, PER_READ, strict=False):
            wanted = {one.id: self._occasion_ids(one, now) for one in some}
            stored = self._outbox.read_dispatches(
                [identifier for ids in wanted.values() for identifier in ids]
            )
            found |= {
                one: known
                for one, ids in wanted.items()
                if (known := [stored[each] for each in ids if each in stored])
            }
        return found

    def messages(
        self, invited: Sequence[Invited], now: datetime
    ) -> Mapping[WixItemId, Sequence[Dispatch]]:
        """Return all entries that the outbox has for each invitation, by the id of the invitation.

        The outbox is the table of planned and sent messages. Its entries are the occasions (a
        campaign's reason to write, see :meth:`occasions`) and the messages that were made from
        them. Invitations without an occasion are left out.
        """
        occasions = self.occasions(invited, now)
        parts = {
            _message_id(occasion, channel): identifier
            for identifier, found in occasions.items()
            for occasion in found
            if (campaign := self._campaigns.get(occasion.campaign)) is not None
            for channel in campaign.channels
        }
        found = {one: list(known) for one, known in occasions.items()}
        for some in batched(parts, PER_READ, strict=False):
            for identifier, message in self._outbox.read_dispatches(some).items():
                found[parts[identifier]].append(message)
        return found

    def unannounced(self, invited: Iterable[Invited], now: datetime) -> Sequence[Invited]:
        """Return the invitations for which no mail was triggered: the outbox has no entry for them.

        The outbox is the table of planned and sent messages. The entry of a single campaign is
        enough to count an invitation as announced, because partner_messenger stores the entries of
        all campaigns, or retries. So a campaign that is added later sends nothing for earlier
        invitations. Empty if no campaign is about invitations.
        """
        if not self.has_campaign:
            return ()
        given = tuple(invited)
        known = self.occasions(given, now)
        return [one for one in given if one.id not in known]

    def announce(
        self,
        invited: Sequence[Invited],
        now: datetime,
        report: Callable[[int], None] = lambda _: None,
    ) -> int:
        """Put the event of each invitation on the bus; return the number of events.

        Args:
            invited: The invitations.
            now: The current time.
            report: Receives the number of events that were put since the last report.

        Raises:
            UpstreamError: The bus failed. Some of the events may be on the bus.
        """
        if not self.has_campaign:
            return 0
        for some in batched(invited, PER_PUT, strict=False):
            self._bus.put(
                [invitation_event(one.id, one.partner_id, self._company_id, now) for one in some]
            )
            report(len(some))
        return len(invited)

    def _occasion_ids(self, one: Invited, now: datetime) -> Sequence[str]:
        event = invitation_event(one.id, one.partner_id, self._company_id, now)
        return [
            occasion.id
            for key, campaign in self._campaigns.items()
            for occasion in event_occasions(key, campaign, event, {}, 0, one.partner_id, now)
        ]


def _message_id(occasion: Dispatch, channel: Channel) -> str:
    # The person is no member yet, so a message about an invitation names no recipient.
    return dispatch_id(occasion.campaign, occasion.occasion, occasion.partner_id, channel)
