"""Sending one dispatch: whether it is still to be sent, what it says, and over which channel."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from gridwix.configuration.campaigns import Campaign
from gridwix.configuration.everything import Configuration
from gridwix.errors import RecordFault, SourceBehind
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.portal.collection_ids import PARTNER_MESSAGES
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.wix import BulkOutcome, DataItem
from gridwix.partner_messenger.context import context, fields_of, own_words
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState, Mail, Person, Suppression, Text
from gridwix.partner_messenger.messages import Contexts, check, digest_text, message_row, plain_text, text_of
from gridwix.partner_messenger.ports import MailTrigger, MemberInbox, Outbox
from gridwix.partner_messenger.quiet_hours import locale_of, not_quiet, zone_of
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.selection import DIGEST, fits, is_current, is_theirs, still_ahead, watch_key
from gridwix.partner_messenger.templates import TemplateFault
from gridwix.publication.ports import PortalCollections

DIGEST_AGE = timedelta(hours=48)
"""How long a digest is tried."""

ATTEMPTS_PER_ENTRY = 4
"""How often a digest is tried before an entry is left out whose record cannot be read."""

SUBSCRIBED = "SUBSCRIBED"
BOUNCED = "BOUNCED"


class Suppressed(Exception):
    """It is not to be sent."""

    def __init__(self, reason: Suppression) -> None:
        super().__init__(reason)
        self.reason = reason


class Postponed(Exception):
    """It is not to be sent before then."""

    def __init__(self, until: datetime) -> None:
        super().__init__("quiet hours")
        self.until = until


class Sender:
    """Looks at a dispatch as things are now, and sends it if it is still to be sent. The caller has claimed it.

    ``faults`` are the campaigns whose templates were found broken in a digest, with what is wrong; ``labels`` counts the values that have no label.
    """

    def __init__(self, outbox: Outbox, portal: PortalCollections, inbox: MemberInbox, mails: MailTrigger, configuration: Configuration) -> None:
        self._outbox = outbox
        self._portal = portal
        self._inbox = inbox
        self._mails = mails
        self._configuration = configuration
        self.labels = Texts(configuration)
        self.faults: dict[str, str] = {}

    def max_age(self, campaign: str) -> timedelta:
        """How long it is tried to send something of a campaign."""
        found = self._configuration.campaigns.get(campaign)
        return DIGEST_AGE if found is None else timedelta(hours=found.max_age_hours)

    def standing(self, dispatch: Dispatch, records: RecordCache, now: datetime) -> tuple[Campaign, Partner]:
        """The campaign and the partner of a dispatch that is to be sent. Raises Suppressed for one that is not, SourceBehind and UpstreamError."""
        campaign, partner, _ = self._standing(dispatch, records, now)
        return campaign, partner

    def send(self, dispatch: Dispatch, records: RecordCache, now: datetime) -> bool:
        """Send it to the member whom it is for; it is sent when this returns.

        Raises Suppressed, Postponed, TemplateFault, ConfigurationError, SourceBehind, BudgetExhausted, UpstreamError.
        """
        if dispatch.campaign.startswith(DIGEST):
            self._send_digest(dispatch, records, now)
            return True
        campaign, partner, words = self._standing(dispatch, records, now)
        person = self._person(dispatch, campaign.audience.roles, campaign.kind, records)
        if campaign.quiet_hours:
            self._wait_for_day(partner, now)
        locale = self._locale(person, partner, campaign.texts)
        self._deliver(dispatch, person, campaign.kind, locale, text_of(campaign, locale, words))
        return True

    def row(self, dispatch: Dispatch, records: RecordCache, now: datetime) -> DataItem:
        """The row on the portal, under the dispatch's own id. Raises Suppressed, TemplateFault, SourceBehind, UpstreamError."""
        campaign, partner, words = self._standing(dispatch, records, now)
        row = message_row(dispatch, campaign, check(campaign, words), locale_of(partner, self._configuration.messaging), now)
        return data_item(dispatch.id, row)

    def save(self, rows: Sequence[DataItem]) -> BulkOutcome:
        """Write rows to the portal in one call: written again they are the same rows. Raises UpstreamError or BudgetExhausted."""
        return self._portal.bulk_save(PARTNER_MESSAGES, rows)

    def _standing(self, dispatch: Dispatch, records: RecordCache, now: datetime) -> tuple[Campaign, Partner, Contexts]:
        """The campaign, the partner and what the texts may say."""
        campaign = self._configuration.campaigns.get(dispatch.campaign)
        if campaign is None or campaign.status == "paused":
            raise Suppressed(Suppression.PAUSED)
        if now - dispatch.since > self.max_age(dispatch.campaign):
            raise Suppressed(Suppression.TOO_OLD)
        partner = records.partner(dispatch.partner_id)
        entity = records.record(dispatch.record, dispatch.version)
        if entity is not None and entity.version < dispatch.version:
            raise SourceBehind
        if partner is None or entity is None or not is_theirs(entity, partner, self._configuration.audiences.regions):
            raise Suppressed(Suppression.NOT_THEIRS)
        fields = fields_of(campaign.trigger.kind, entity, dispatch.step)
        if fields is None or not fits(campaign, fields) or not still_ahead(campaign, dispatch, fields) or not is_current(campaign, dispatch, fields):
            raise Suppressed(Suppression.REASON_GONE)
        if campaign.trigger.after_hours:
            key = watch_key(dispatch.campaign, dispatch.subject)
            if self._outbox.noted([key]).get(key, 0) > dispatch.version:
                raise Suppressed(Suppression.OVERTAKEN)
        own, url = own_words(entity, self.labels), str(self._configuration.messaging.portal_url or "")
        return campaign, partner, partial(context, campaign.trigger.kind, fields, own, partner, self.labels, url)

    def _send_digest(self, digest: Dispatch, records: RecordCache, now: datetime) -> None:
        """Send what of a digest is still to be said. An entry whose template is broken, or whose record stays unreadable, is kept as failed; the others go."""
        kind = digest.campaign.removeprefix(DIGEST)
        if now - digest.since > DIGEST_AGE:
            raise Suppressed(Suppression.TOO_OLD)
        partner = records.partner(digest.partner_id)
        if partner is None:
            raise Suppressed(Suppression.NOT_THEIRS)
        entries = sorted(self._outbox.read(digest.entries).values(), key=lambda entry: (entry.since, entry.id))
        person = self._person(digest, (), kind, records)
        self._wait_for_day(partner, now)
        locale = self._locale(person, partner, self._configuration.messaging.digest)
        texts = [text for entry in entries if (text := self._entry(entry, locale, records, retry=digest.attempts < ATTEMPTS_PER_ENTRY)) is not None]
        if not texts:
            raise Suppressed(Suppression.REASON_GONE)
        self._deliver(digest, person, kind, locale, digest_text(texts, locale, self._configuration.messaging))

    def _entry(self, entry: Dispatch, locale: str, records: RecordCache, *, retry: bool) -> Text | None:
        """What an entry says; None if there is nothing to say. Raises RecordFault for a record that cannot be read, if that is to be tried again."""
        try:
            with confine_to_record(entry.record, passing=(Suppressed, TemplateFault)):
                # It is as old as the time of its collection makes it; what counts is the digest's age.
                campaign, _, words = self._standing(entry, records, entry.since)
                self._person(entry, campaign.audience.roles, campaign.kind, records)
                return text_of(campaign, locale, words)
        except RecordFault as fault:
            if retry:
                raise
            self._outbox.settle(entry, DispatchState.FAILED, reason=fault.code)
        except Suppressed as suppressed:
            self._outbox.settle(entry, DispatchState.SUPPRESSED, reason=suppressed.reason)
        except TemplateFault as fault:
            self.faults[entry.campaign] = str(fault)
            self._outbox.settle(entry, DispatchState.FAILED, reason="template")
        return None

    def _person(self, dispatch: Dispatch, roles: Sequence[str], kind: str, records: RecordCache) -> Person:
        """Whom it goes to: a member who still acts for the partner, and may be written to. Raises Suppressed, and RecordFault where an unreadable link, member
        or contact may be the reason why there is nobody."""
        links = records.links([dispatch.partner_id])[dispatch.partner_id]
        if not any(link.member_id == dispatch.recipient and (not roles or link.role in roles) for link in links):
            records.check_links(dispatch.partner_id)
            raise Suppressed(Suppression.NO_MEMBER)
        person = records.persons([dispatch.recipient]).get(dispatch.recipient)
        if person is None:
            records.check_person(dispatch.recipient)
            raise Suppressed(Suppression.NO_MEMBER)
        if kind == "marketing" and person.subscription != SUBSCRIBED:
            raise Suppressed(Suppression.NO_CONSENT)
        if dispatch.channel == "email" and (not person.email or person.deliverability == BOUNCED):
            raise Suppressed(Suppression.NO_ADDRESS)
        return person

    def _wait_for_day(self, partner: Partner, now: datetime) -> None:
        messaging = self._configuration.messaging
        day = not_quiet(messaging.quiet_hours, zone_of(partner, messaging), now)
        if day > now:
            raise Postponed(day)

    def _locale(self, person: Person, partner: Partner, known: Mapping[str, object]) -> str:
        """The person's language, else that of the partner's country, else the default, of those that there are."""
        wished = (person.locale[:2].lower(), locale_of(partner, self._configuration.messaging))
        return next((locale for locale in wished if locale in known), DEFAULT_LOCALE)

    def _deliver(self, dispatch: Dispatch, person: Person, kind: str, locale: str, text: Text) -> None:
        if dispatch.channel == "inbox":
            self._inbox.send(person.contact_id, plain_text(text))
        else:
            self._mails.send(Mail(dispatch.id, dispatch.campaign, kind, person.contact_id, person.email, locale, text))
