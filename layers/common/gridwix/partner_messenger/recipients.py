"""Recipient of a message: contact, consent, own settings, language, time zone and quiet hours."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from gridwix.configuration.campaigns import Campaign, Channel
from gridwix.configuration.messaging import Messaging
from gridwix.configuration.roles import RoleName
from gridwix.errors import ConfigurationError
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.attempts import Suppressed
from gridwix.partner_messenger.dispatches import Contact, Dispatch, Suppression
from gridwix.partner_messenger.invitations import InvitationRow
from gridwix.partner_messenger.member_settings import DEFAULTS, MemberSettings, QuietPeriod
from gridwix.partner_messenger.ports import MemberChannel
from gridwix.partner_messenger.quiet_hours import partner_locale, partner_zone
from gridwix.partner_messenger.readers import is_reader
from gridwix.partner_messenger.record_cache import RecordCache

SUBSCRIBED = "SUBSCRIBED"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person who gets a message: the contact data, and the person's own message settings."""

    contact: Contact
    settings: MemberSettings


class Recipients:
    """Reads the recipient of a dispatch (planned message) from the site at the time of sending."""

    def __init__(self, channels: Mapping[Channel, MemberChannel], messaging: Messaging) -> None:
        self._channels = channels
        self._messaging = messaging

    def member_recipient(
        self,
        dispatch: Dispatch,
        readers: Collection[RoleName],
        kind: str,
        records: RecordCache,
    ) -> Recipient:
        """Return the member that a dispatch goes to, if the member may still get the message.

        Raises Suppressed if the member no longer acts for the partner or must not get the message.
        Raises RecordFault if the member was not found, but a link (permission to act for the
        partner), member or contact could not be read, which may be the reason: then the dispatch is
        retried.

        Args:
            dispatch: A planned message to a member.
            readers: Roles that may get the message.
            kind: Kind of the campaign: transactional or marketing.
            records: Cache of this run.
        """
        contact = _member_contact(dispatch, readers, records)
        self._check_reach(dispatch, contact, kind)
        return Recipient(contact, own_settings(dispatch, records))

    def invited_recipient(
        self, dispatch: Dispatch, invitation: InvitationRow, kind: str, records: RecordCache
    ) -> Recipient:
        """Return the invited person as a recipient, with or without a Wix contact.

        Raises Suppressed if the person must not get the message.

        Args:
            dispatch: A planned message about the invitation.
            invitation: The invitation.
            kind: Kind of the campaign: transactional or marketing.
            records: Cache of this run.
        """
        contact = records.address_contact(invitation.email) or Contact("", "", invitation.email)
        self._check_reach(dispatch, contact, kind)
        return Recipient(contact, MemberSettings(language=invitation.language))

    def _check_reach(self, dispatch: Dispatch, contact: Contact, kind: str) -> None:
        if kind == "marketing" and contact.subscription != SUBSCRIBED:
            raise Suppressed(Suppression.NO_CONSENT)
        if not self.channel(dispatch).can_reach(contact):
            raise Suppressed(Suppression.NO_ADDRESS)

    def channel(self, dispatch: Dispatch) -> MemberChannel:
        """Return the channel of a dispatch. Raises ConfigurationError if it is not set up."""
        channel = None if dispatch.channel is None else self._channels.get(dispatch.channel)
        if channel is None:
            raise ConfigurationError(
                f"is {dispatch.channel}, which is not set up",
                setting="channel of a campaign",
                remedy="take it out of config/campaigns",
            )
        return channel

    def quiet_periods(self, settings: MemberSettings, partner: Partner) -> Sequence[QuietPeriod]:
        """Return the quiet hours that delay a message, those of the hub first.

        The hub's are in the partner's time zone; the recipient's own follow. Empty if there are
        none.
        """
        hours = self._messaging.quiet_hours
        zone = partner_zone(partner, self._messaging)
        hub = None if hours is None else QuietPeriod(hours, zone)
        return [period for period in (hub, settings.quiet) if period is not None]

    def locale(
        self, recipient: Recipient, partner: Partner, available: Mapping[str, object]
    ) -> str:
        """Return the language of a message, one of ``available``.

        It is the recipient's own setting, else the language of the recipient's contact, else that
        of the partner's country, else the default language.
        """
        preferred = (
            recipient.settings.language,
            recipient.contact.locale[:2].lower(),
            partner_locale(partner, self._messaging),
        )
        return next((locale for locale in preferred if locale in available), DEFAULT_LOCALE)

    def zone(self, recipient: Recipient, partner: Partner) -> tzinfo:
        """Return the time zone of the recipient's own quiet hours, or else that of the partner.

        Without a setting for the partner or its country, this is the default time zone.
        """
        own = recipient.settings.quiet
        return partner_zone(partner, self._messaging) if own is None else own.zone


def own_settings(dispatch: Dispatch, records: RecordCache) -> MemberSettings:
    """Return the message settings of a dispatch's recipient; the defaults if there are none."""
    # A person who is invited has no member yet, and so no settings.
    return records.member_settings(dispatch.recipient) if dispatch.recipient else DEFAULTS


def check_choice(dispatch: Dispatch, campaign: Campaign, records: RecordCache) -> None:
    """Raise Suppressed if the member has turned off the campaign's messages on this channel.

    Members turn off groups of campaigns. Raises RecordFault if the campaign can be turned off, but
    the member's settings cannot be read: the dispatch is then retried. The messages of other
    campaigns do not depend on these settings.
    """
    if campaign.can_be_turned_off:
        settings = own_settings(dispatch, records)
        records.check_settings(dispatch.recipient)
        if (campaign.group, dispatch.channel) in settings.turned_off:
            raise Suppressed(Suppression.TURNED_OFF)


def _member_contact(
    dispatch: Dispatch, readers: Collection[RoleName], records: RecordCache
) -> Contact:
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
    return contact
