"""Sends one dispatch (planned message), or one digest, to a person over its channel."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from gridwix.configuration.campaigns import Channel
from gridwix.configuration.everything import Configuration
from gridwix.configuration.roles import ROLE_NAMES
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.attempts import (
    DIGEST_AGE,
    MAIL_PACE,
    QUIET_HOURS,
    DispatchAttempt,
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
from gridwix.partner_messenger.invitations import InvitationCodes, InvitationRow
from gridwix.partner_messenger.mail_pace import PacedMails
from gridwix.partner_messenger.messages import (
    Contexts,
    contexts_with_code,
    digest_text,
    rendered_text,
)
from gridwix.partner_messenger.ports import InvitationStore, MemberChannel, Outbox
from gridwix.partner_messenger.quiet_hours import earliest_time_outside
from gridwix.partner_messenger.recipients import (
    Recipient,
    Recipients,
    check_choice,
    own_settings,
)
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.relevance import RelevanceCheck, RelevantDispatch
from gridwix.partner_messenger.selection import DIGEST_PREFIX, member_key
from gridwix.partner_messenger.template_faults import TemplateFault

ATTEMPTS_PER_ENTRY = 4
"""Number of attempts to send a digest, after which it is sent without the entries that have an
unreadable record."""


class DispatchSender:
    """Sends claimed dispatches (planned messages), after a check that each is still wanted.

    Checked are the record that the message is about, the member's link (permission to act for the
    partner), the member's consent, and the member's settings. The run that sends the message reads
    all four.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        channels: Mapping[Channel, MemberChannel],
        check: RelevanceCheck,
        invitations: InvitationStore,
        codes: InvitationCodes,
        pace: PacedMails,
        configuration: Configuration,
    ) -> None:
        self._outbox = outbox
        self._recipients = Recipients(channels, configuration.messaging)
        self._check = check
        self._invitations = invitations
        self._codes = codes
        self._pace = pace
        self._configuration = configuration

    def send_dispatch(
        self, dispatch: Dispatch, records: RecordCache, now: datetime, *, planned: datetime
    ) -> DispatchAttempt:
        """Send a dispatch (planned message) to its recipient, and return the result.

        Every error is part of the result: Suppressed, Postponed, TemplateFault, ConfigurationError,
        SourceBehind, RecordFault, BudgetExhausted, UpstreamError, and any unexpected exception.

        Args:
            dispatch: A dispatch of a channel to single persons, or a digest, claimed by the caller.
            records: Cache of this run.
            now: Current time.
            planned: Time at which the dispatch was due before it was claimed.
        """
        attempt = self._attempt_sending(dispatch, records, now, planned)
        if isinstance(attempt.error, Postponed) and attempt.error.reason == MAIL_PACE:
            # It was not tried, and is not older when its turn comes.
            untried = replace(dispatch, attempts=dispatch.attempts - 1, since=attempt.error.until)
            return replace(attempt, dispatch=untried)
        return attempt

    def _attempt_sending(
        self, dispatch: Dispatch, records: RecordCache, now: datetime, planned: datetime
    ) -> DispatchAttempt:
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
            return DispatchAttempt(dispatch, error=error, waited=waited)
        return DispatchAttempt(dispatch, waited=waited)

    def _send_message(
        self, dispatch: Dispatch, records: RecordCache, now: datetime, waited: timedelta
    ) -> None:
        relevant = self._check.check_dispatch(dispatch, records, now, waited=waited)
        campaign = relevant.campaign
        recipient, contexts = self._find_recipient(dispatch, relevant, records), relevant.contexts
        if campaign.quiet_hours:
            self._check_quiet_hours(recipient, relevant.partner, now)
        locale = self._recipients.locale(recipient, relevant.partner, campaign.texts)
        zone = self._recipients.zone(recipient, relevant.partner)
        if relevant.invitation is not None and campaign.trigger.kind == "invitation":
            contexts = self._contexts_with_code(contexts, relevant.invitation)
        text = rendered_text(campaign, locale, contexts, zone)
        self._check_told(dispatch, relevant)
        self._deliver_text(dispatch, recipient.contact, campaign.kind, locale, text)

    def _send_digest(
        self, digest: Dispatch, records: RecordCache, now: datetime, waited: timedelta
    ) -> DispatchAttempt:
        """Send a digest: one message that combines the messages for which the reason still holds.

        A message is left out and stored as FAILED if its template is broken, or if its record
        cannot be read after several attempts. The same applies to an optional message if the
        member's settings cannot be read. A digest that is older than ``DIGEST_AGE`` is not sent;
        ``waited``, the time spent waiting for quiet hours, does not count toward this age.
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
            recipient = self._recipients.member_recipient(digest, ROLE_NAMES, kind, records)
            self._check_quiet_hours(recipient, partner, now)
            locale = self._recipients.locale(
                recipient, partner, self._configuration.messaging.digest
            )
            zone = self._recipients.zone(recipient, partner)
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
                recipient.contact,
                kind,
                locale,
                digest_text(texts, locale, self._configuration.messaging),
            )
        except Exception as error:
            return DispatchAttempt(
                digest, error=error, waited=waited, template_faults=template_faults
            )
        return DispatchAttempt(digest, waited=waited, template_faults=template_faults)

    def _entry_text(
        self, entry: Dispatch, locale: str, zone: tzinfo, records: RecordCache, *, retry: bool
    ) -> Text | TemplateFault | None:
        """Return the rendered text of one message in a digest; None if the digest leaves it out.

        A message that is left out is stored as SUPPRESSED or FAILED. If its template is broken, the
        TemplateFault is returned instead of None. Raises RecordFault for an unreadable record if
        ``retry`` is true, so that the whole digest is retried.
        """
        try:
            with confine_to_record(entry.record, passing=(Suppressed, TemplateFault)):
                # Only the age of the digest counts: take the entry's age at its collection.
                relevant = self._check.check_dispatch(entry, records, entry.since)
                self._recipients.member_recipient(
                    entry, relevant.readers, relevant.campaign.kind, records
                )
                check_choice(entry, relevant.campaign, records)
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

    def _find_recipient(
        self, dispatch: Dispatch, relevant: RelevantDispatch, records: RecordCache
    ) -> Recipient:
        campaign = relevant.campaign
        if relevant.invitation is not None:
            return self._recipients.invited_recipient(
                dispatch, relevant.invitation, campaign.kind, records
            )
        recipient = self._recipients.member_recipient(
            dispatch, relevant.readers, campaign.kind, records
        )
        check_choice(dispatch, campaign, records)
        return recipient

    def _contexts_with_code(self, contexts: Contexts, invitation: InvitationRow) -> Contexts:
        """Return template contexts that also have the invitation's code, derived from a secret key.

        The code's hash is stored on the portal before the text is sent, so that the code works at
        once.
        """
        code = self._codes.derive_code(invitation)
        if invitation.code_hash != code.hash:
            self._invitations.store_code_hash(invitation.id, code.hash)
        return contexts_with_code(contexts, code)

    def _check_told(self, dispatch: Dispatch, relevant: RelevantDispatch) -> None:
        """Claim the right to send a message to a member, or raise Suppressed (deduplicates).

        A message about a record of no single partner has one dispatch (planned message) for each
        partner of the member. Only the first dispatch to claim the message passes, in a retry as
        well. Call this method last before sending: a dispatch that has the claim, but is not sent,
        would suppress the other dispatches.
        """
        if relevant.is_shared and not self._outbox.tell_once(member_key(dispatch), dispatch.id):
            raise Suppressed(Suppression.ALREADY_TOLD)

    def _check_quiet_hours(self, recipient: Recipient, partner: Partner, now: datetime) -> None:
        """Raise Postponed during the quiet hours of the hub, or of the recipient."""
        periods = self._recipients.quiet_periods(recipient.settings, partner)
        until = earliest_time_outside(periods, now)
        if until > now:
            raise Postponed(until)

    def _quiet_wait(self, dispatch: Dispatch, records: RecordCache) -> timedelta:
        """Return how long quiet hours delay a dispatch, counted from its planned time ``since``.

        The dispatch was planned outside the hub's quiet hours, but the recipient's own were not
        considered then. 0 if the campaign ignores quiet hours.
        """
        campaign = self._configuration.campaigns.get(dispatch.campaign)
        partner = records.partner(dispatch.partner_id)
        if partner is None or (campaign is not None and not campaign.quiet_hours):
            return timedelta(0)
        periods = self._recipients.quiet_periods(own_settings(dispatch, records), partner)
        return earliest_time_outside(periods, dispatch.since) - dispatch.since

    def _deliver_text(
        self, dispatch: Dispatch, contact: Contact, kind: str, locale: str, text: Text
    ) -> None:
        message = MemberMessage(
            dispatch.id, dispatch.campaign, kind, contact.contact_id, contact.email, locale, text
        )
        channel = self._recipients.channel(dispatch)
        if dispatch.channel == "email":
            self._pace.take()
        channel.send_message(message)
