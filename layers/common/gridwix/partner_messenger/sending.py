"""Sends one dispatch, or one digest, to a member over its channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gridwix.configuration.campaigns import Channel
from gridwix.configuration.everything import Configuration
from gridwix.errors import ConfigurationError, RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.attempts import DIGEST_AGE, Attempt, Postponed, Suppressed
from gridwix.partner_messenger.dispatches import (
    Contact,
    Dispatch,
    DispatchState,
    MemberMessage,
    Suppression,
    Text,
)
from gridwix.partner_messenger.messages import digest_text, rendered_text
from gridwix.partner_messenger.ports import MemberChannel, Outbox
from gridwix.partner_messenger.quiet_hours import (
    earliest_sending_time,
    partner_locale,
    partner_zone,
)
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.relevance import RelevanceCheck
from gridwix.partner_messenger.selection import DIGEST_PREFIX
from gridwix.partner_messenger.template_faults import TemplateFault

ATTEMPTS_PER_ENTRY = 4
"""Attempts at a digest before it is sent without an entry whose record cannot be read."""

SUBSCRIBED = "SUBSCRIBED"


class Sender:
    """Sends claimed dispatches, after a check against the current record, link and consent."""

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

    def send_dispatch(self, dispatch: Dispatch, records: RecordCache, now: datetime) -> Attempt:
        """Send a dispatch to its recipient.

        Every error is part of the result: Suppressed, Postponed, TemplateFault, ConfigurationError,
        SourceBehind, RecordFault, BudgetExhausted, UpstreamError, and any unexpected exception.

        Args:
            dispatch: A dispatch of a channel to members, or a digest, claimed by the caller.
            records: Cache of this run.
            now: Current time.
        """
        if dispatch.campaign.startswith(DIGEST_PREFIX):
            return self._send_digest(dispatch, records, now)
        try:
            self._send_message(dispatch, records, now)
        except Exception as error:
            return Attempt(dispatch, error=error)
        return Attempt(dispatch)

    def _send_message(self, dispatch: Dispatch, records: RecordCache, now: datetime) -> None:
        relevant = self._check.check_dispatch(dispatch, records, now)
        campaign = relevant.campaign
        contact = self._recipient_contact(dispatch, campaign.audience.roles, campaign.kind, records)
        if campaign.quiet_hours:
            self._check_quiet_hours(relevant.partner, now)
        locale = self._recipient_locale(contact, relevant.partner, campaign.texts)
        self._deliver_text(
            dispatch,
            contact,
            campaign.kind,
            locale,
            rendered_text(campaign, locale, relevant.contexts),
        )

    def _send_digest(self, digest: Dispatch, records: RecordCache, now: datetime) -> Attempt:
        """Send the entries of a digest that still apply, as one message.

        An entry whose template is broken, or whose record stays unreadable, is stored as FAILED.
        The digest is sent without it.
        """
        template_faults: dict[str, str] = {}
        try:
            kind = digest.campaign.removeprefix(DIGEST_PREFIX)
            if now - digest.since > DIGEST_AGE:
                raise Suppressed(Suppression.TOO_OLD)
            partner = records.partner(digest.partner_id)
            if partner is None:
                raise Suppressed(Suppression.NOT_THEIRS)
            entries = sorted(
                self._outbox.read_dispatches(digest.entries).values(),
                key=lambda entry: (entry.since, entry.id),
            )
            contact = self._recipient_contact(digest, (), kind, records)
            self._check_quiet_hours(partner, now)
            locale = self._recipient_locale(contact, partner, self._configuration.messaging.digest)
            texts: list[Text] = []
            for entry in entries:
                match self._entry_text(
                    entry, locale, records, retry=digest.attempts < ATTEMPTS_PER_ENTRY
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
            return Attempt(digest, error=error, template_faults=template_faults)
        return Attempt(digest, template_faults=template_faults)

    def _entry_text(
        self, entry: Dispatch, locale: str, records: RecordCache, *, retry: bool
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
                self._recipient_contact(
                    entry, relevant.campaign.audience.roles, relevant.campaign.kind, records
                )
                return rendered_text(relevant.campaign, locale, relevant.contexts)
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
        self, dispatch: Dispatch, roles: Sequence[str], kind: str, records: RecordCache
    ) -> Contact:
        """Contact of a member who still acts for the partner and may get the message.

        Raises Suppressed. Raises RecordFault where an unreadable link, member or contact may be the
        only reason why there is nobody: then the dispatch is retried.
        """
        links = records.partner_links([dispatch.partner_id])[dispatch.partner_id]
        if not any(
            link.member_id == dispatch.recipient and (not roles or link.role in roles)
            for link in links
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

    def _check_quiet_hours(self, partner: Partner, now: datetime) -> None:
        """Raise Postponed during the partner's quiet hours."""
        messaging = self._configuration.messaging
        until = earliest_sending_time(messaging.quiet_hours, partner_zone(partner, messaging), now)
        if until > now:
            raise Postponed(until)

    def _recipient_locale(
        self, contact: Contact, partner: Partner, available: Mapping[str, object]
    ) -> str:
        """First available language of the contact, the partner's country, and the default."""
        preferred = (
            contact.locale[:2].lower(),
            partner_locale(partner, self._configuration.messaging),
        )
        return next((locale for locale in preferred if locale in available), DEFAULT_LOCALE)

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
