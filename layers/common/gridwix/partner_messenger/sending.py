"""Sends one dispatch, or one digest, to a member over its channel."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from gridwix.configuration.campaigns import Campaign, Channel
from gridwix.configuration.everything import Configuration
from gridwix.configuration.roles import ROLE_NAMES, RoleName
from gridwix.errors import ConfigurationError, RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.attempts import (
    DIGEST_AGE,
    QUIET_HOURS,
    Attempt,
    Postponed,
    Suppressed,
)
from gridwix.partner_messenger.dispatches import (
    Contact,
    Dispatch,
    DispatchState,
    MemberMessage,
    Suppression,
    Text,
)
from gridwix.partner_messenger.member_settings import QuietPeriod
from gridwix.partner_messenger.messages import digest_text, rendered_text
from gridwix.partner_messenger.ports import MemberChannel, Outbox
from gridwix.partner_messenger.quiet_hours import (
    earliest_time_outside,
    partner_locale,
    partner_zone,
)
from gridwix.partner_messenger.readers import is_reader
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.relevance import RelevanceCheck, RelevantDispatch
from gridwix.partner_messenger.selection import DIGEST_PREFIX, member_key
from gridwix.partner_messenger.template_faults import TemplateFault

ATTEMPTS_PER_ENTRY = 4
"""Attempts at a digest before it is sent without an entry whose record cannot be read."""

SUBSCRIBED = "SUBSCRIBED"


class Sender:
    """Sends claimed dispatches, after a check against the current record, link and consent.

    The member's settings count as they are at this moment, not as they were when the dispatch was
    planned.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        channels: Mapping[Channel, MemberChannel],
        check: RelevanceCheck,
        configuration: Configuration,
    ) -> None:
        self._outbox = outbox
        self._channels = channels
        self._check = check
        self._configuration = configuration

    def send_dispatch(
        self, dispatch: Dispatch, records: RecordCache, now: datetime, *, planned: datetime
    ) -> Attempt:
        """Send a dispatch to its recipient.

        Every error is part of the result: Suppressed, Postponed, TemplateFault, ConfigurationError,
        SourceBehind, RecordFault, BudgetExhausted, UpstreamError, and any unexpected exception.

        Args:
            dispatch: A dispatch of a channel to members, or a digest, claimed by the caller.
            records: Cache of this run.
            now: Current time.
            planned: Time at which the dispatch was due before it was claimed.
        """
        waited = timedelta(0)
        try:
            waited = self._quiet_wait(dispatch, records)
            if dispatch.reason == QUIET_HOURS:
                # The settings for which it waited may have changed, or be unreadable by now.
                waited = max(waited, planned - dispatch.since)
            if dispatch.campaign.startswith(DIGEST_PREFIX):
                return self._send_digest(dispatch, records, now, waited)
            self._send_message(dispatch, records, now, waited)
        except Exception as error:
            return Attempt(dispatch, error=error, waited=waited)
        return Attempt(dispatch, waited=waited)

    def _send_message(
        self, dispatch: Dispatch, records: RecordCache, now: datetime, waited: timedelta
    ) -> None:
        relevant = self._check.check_dispatch(dispatch, records, now - waited)
        campaign = relevant.campaign
        contact = self._recipient_contact(dispatch, relevant.readers, campaign.kind, records)
        self._check_choice(dispatch, campaign, records)
        if campaign.quiet_hours:
            self._check_quiet_hours(dispatch, relevant.partner, records, now)
        locale = self._recipient_locale(contact, relevant.partner, campaign.texts, records)
        zone = self._recipient_zone(dispatch, relevant.partner, records)
        text = rendered_text(campaign, locale, relevant.contexts, zone)
        self._check_told(dispatch, relevant)
        self._deliver_text(dispatch, contact, campaign.kind, locale, text)

    def _send_digest(
        self, digest: Dispatch, records: RecordCache, now: datetime, waited: timedelta
    ) -> Attempt:
        """Send the entries of a digest that still apply, as one message.

        An entry whose template is broken, or whose record stays unreadable, is stored as FAILED. So
        is an optional one, if the member's settings stay unreadable. The digest is sent without it.
        """
        template_faults: dict[str, str] = {}
        try:
            kind = digest.campaign.removeprefix(DIGEST_PREFIX)
            if now - digest.since > DIGEST_AGE + waited:
                raise Suppressed(Suppression.TOO_OLD)
            partner = records.partner(digest.partner_id)
            if partner is None:
                raise Suppressed(Suppression.NOT_THEIRS)
            entries = sorted(
                self._outbox.read_dispatches(digest.entries).values(),
                key=lambda entry: (entry.since, entry.id),
            )
            contact = self._recipient_contact(digest, ROLE_NAMES, kind, records)
            self._check_quiet_hours(digest, partner, records, now)
            locale = self._recipient_locale(
                contact, partner, self._configuration.messaging.digest, records
            )
            zone = self._recipient_zone(digest, partner, records)
            texts: list[Text] = []
            for entry in entries:
                match self._entry_text(
                    entry, locale, zone, records, retry=digest.attempts < ATTEMPTS_PER_ENTRY
                ):
                    case Text() as text:
                        texts.append(text)
                    case TemplateFault() as fault:
                        template_faults[entry.campaign] = str(fault)
            if not texts:
                raise Suppressed(Suppression.REASON_GONE)
            self._deliver_text(
                digest,
                contact,
                kind,
                locale,
                digest_text(texts, locale, self._configuration.messaging),
            )
        except Exception as error:
            return Attempt(digest, error=error, waited=waited, template_faults=template_faults)
        return Attempt(digest, waited=waited, template_faults=template_faults)

    def _entry_text(
        self, entry: Dispatch, locale: str, zone: tzinfo, records: RecordCache, *, retry: bool
    ) -> Text | TemplateFault | None:
        """Text of a digest's entry.

        An entry that is left out is settled: SUPPRESSED (returns None), or FAILED (returns None, or
        the fault of its template). Raises RecordFault for an unreadable record if ``retry`` is
        true, so that the whole digest is retried.
        """
        try:
            with confine_to_record(entry.record, passing=(Suppressed, TemplateFault)):
                # Only the age of the digest counts: take the entry's age at its collection.
                relevant = self._check.check_dispatch(entry, records, entry.since)
                self._recipient_contact(entry, relevant.readers, relevant.campaign.kind, records)
                self._check_choice(entry, relevant.campaign, records)
                text = rendered_text(relevant.campaign, locale, relevant.contexts, zone)
                self._check_told(entry, relevant)
                return text
        except RecordFault as fault:
            if retry:
                raise
            self._outbox.settle_dispatch(entry, DispatchState.FAILED, reason=fault.code)
        except Suppressed as suppressed:
            self._outbox.settle_dispatch(entry, DispatchState.SUPPRESSED, reason=suppressed.reason)
        except TemplateFault as fault:
            self._outbox.settle_dispatch(entry, DispatchState.FAILED, reason="template")
            return fault
        return None

    def _recipient_contact(
        self, dispatch: Dispatch, readers: Collection[RoleName], kind: str, records: RecordCache
    ) -> Contact:
        """Contact of a member who still acts for the partner and may get the message.

        Raises Suppressed. Raises RecordFault where an unreadable link, member or contact may be the
        only reason why there is nobody: then the dispatch is retried.
        """
        links = records.partner_links([dispatch.partner_id])[dispatch.partner_id]
        if not any(
            link.member_id == dispatch.recipient and is_reader(link.role, readers) for link in links
        ):
            records.check_links(dispatch.partner_id)
            raise Suppressed(Suppression.NO_MEMBER)
        contact = records.member_contacts([dispatch.recipient]).get(dispatch.recipient)
        if contact is None:
            records.check_contact(dispatch.recipient)
            raise Suppressed(Suppression.NO_MEMBER)
        if kind == "marketing" and contact.subscription != SUBSCRIBED:
            raise Suppressed(Suppression.NO_CONSENT)
        if not self._channel(dispatch).can_reach(contact):
            raise Suppressed(Suppression.NO_ADDRESS)
        return contact

    def _check_choice(self, dispatch: Dispatch, campaign: Campaign, records: RecordCache) -> None:
        """Raise Suppressed if the member has turned off such messages on the dispatch's channel.

        Raises RecordFault if that cannot be known: an optional message waits for the settings. All
        others are sent without them.
        """
        if campaign.can_be_turned_off:
            settings = records.member_settings(dispatch.recipient)
            records.check_settings(dispatch.recipient)
            if (campaign.group, dispatch.channel) in settings.turned_off:
                raise Suppressed(Suppression.TURNED_OFF)

    def _check_told(self, dispatch: Dispatch, relevant: RelevantDispatch) -> None:
        """Raise Suppressed if the member has the message for another partner.

        To be called last: whoever passes is the only one to tell the member of this occasion.
        """
        if relevant.is_shared and not self._outbox.tell_once(member_key(dispatch), dispatch.id):
            raise Suppressed(Suppression.ALREADY_TOLD)

    def _check_quiet_hours(
        self, dispatch: Dispatch, partner: Partner, records: RecordCache, now: datetime
    ) -> None:
        """Raise Postponed during the quiet hours of the hub, or of the member."""
        until = earliest_time_outside(self._quiet_periods(dispatch, partner, records), now)
        if until > now:
            raise Postponed(until)

    def _quiet_wait(self, dispatch: Dispatch, records: RecordCache) -> timedelta:
        """Time from the dispatch's ``since`` for which quiet hours make it wait.

        It was planned outside the hub's quiet hours, and before the member's are known.
        """
        campaign = self._configuration.campaigns.get(dispatch.campaign)
        partner = records.partner(dispatch.partner_id)
        if partner is None or (campaign is not None and not campaign.quiet_hours):
            return timedelta(0)
        periods = self._quiet_periods(dispatch, partner, records)
        return earliest_time_outside(periods, dispatch.since) - dispatch.since

    def _quiet_periods(
        self, dispatch: Dispatch, partner: Partner, records: RecordCache
    ) -> Sequence[QuietPeriod]:
        """Quiet hours of the hub, in the partner's time zone, and those of the member."""
        messaging = self._configuration.messaging
        hours = messaging.quiet_hours
        hub = None if hours is None else QuietPeriod(hours, partner_zone(partner, messaging))
        own = records.member_settings(dispatch.recipient).quiet
        return [period for period in (hub, own) if period is not None]

    def _recipient_locale(
        self,
        contact: Contact,
        partner: Partner,
        available: Mapping[str, object],
        records: RecordCache,
    ) -> str:
        """First available language: the member's choice, the contact's, the country's, default."""
        preferred = (
            records.member_settings(contact.member_id).language,
            contact.locale[:2].lower(),
            partner_locale(partner, self._configuration.messaging),
        )
        return next((locale for locale in preferred if locale in available), DEFAULT_LOCALE)

    def _recipient_zone(self, dispatch: Dispatch, partner: Partner, records: RecordCache) -> tzinfo:
        """Time zone of the member's own quiet hours, else of the partner, else the hub's."""
        own = records.member_settings(dispatch.recipient).quiet
        return partner_zone(partner, self._configuration.messaging) if own is None else own.zone

    def _deliver_text(
        self, dispatch: Dispatch, contact: Contact, kind: str, locale: str, text: Text
    ) -> None:
        message = MemberMessage(
            dispatch.id, dispatch.campaign, kind, contact.contact_id, contact.email, locale, text
        )
        self._channel(dispatch).send_message(message)

    def _channel(self, dispatch: Dispatch) -> MemberChannel:
        channel = None if dispatch.channel is None else self._channels.get(dispatch.channel)
        if channel is None:
            raise ConfigurationError(f"channel {dispatch.channel} is not set up")
        return channel
