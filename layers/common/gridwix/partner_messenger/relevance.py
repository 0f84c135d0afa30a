"""Checks, before a planned message is sent, whether its campaign, partner and record permit it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from gridwix.configuration.campaigns import Campaign
from gridwix.configuration.everything import Configuration
from gridwix.configuration.roles import RoleName
from gridwix.mapping.texts import Texts
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.attempts import Suppressed, max_dispatch_age
from gridwix.partner_messenger.context import generated_texts, record_fields, template_context
from gridwix.partner_messenger.dispatches import Dispatch, Suppression
from gridwix.partner_messenger.invitations import InvitationRow
from gridwix.partner_messenger.messages import Contexts
from gridwix.partner_messenger.ports import Outbox
from gridwix.partner_messenger.readers import reader_roles
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.selection import (
    addressee_test,
    is_condition_met,
    is_date_unchanged,
    is_version_current,
    shared_audience,
    watermark_key,
)


@dataclass(frozen=True, slots=True)
class RelevantDispatch:
    """Data for sending a dispatch (planned message) that passed the check of its relevance.

    ``contexts`` is a function that returns the values for the templates in a language and a time
    zone. ``readers`` are the member roles that may get the message. ``is_shared``: the record that
    the message is about belongs to no single partner. ``invitation`` is that record if it is an
    invitation, else None.
    """

    campaign: Campaign
    partner: Partner
    contexts: Contexts
    readers: frozenset[RoleName]
    is_shared: bool
    invitation: InvitationRow | None = None


def _has_expired(campaign: Campaign, invitation: InvitationRow, now: datetime) -> bool:
    """True if a message is about an invitation that has expired and cannot be accepted any more.

    False if the message is about the end of an access, which does not expire.
    """
    return campaign.trigger.kind == "invitation" and invitation.expires_at <= now


class RelevanceCheck:
    """Checks, before a dispatch (planned message) is sent, that the reason for it still holds.

    ``labels`` looks up the texts for coded values of Trading Grid. For the metrics, ``labels`` also
    counts the values that have no text.
    """

    def __init__(self, outbox: Outbox, labels: Texts, configuration: Configuration) -> None:
        self._outbox = outbox
        self._labels = labels
        self._configuration = configuration

    def check_dispatch(
        self,
        dispatch: Dispatch,
        records: RecordCache,
        now: datetime,
        *,
        waited: timedelta = timedelta(0),
    ) -> RelevantDispatch:
        """Read partner and record again, and check that the campaign's conditions hold.

        Returns the current data for the message. Raises Suppressed for a dispatch that must not be
        sent, SourceBehind if Trading Grid still returns an older version of the record, RecordFault
        for a record or partner that cannot be read, and UpstreamError.

        Args:
            dispatch: The planned message, alone or as part of a digest; or the occasion (the
                reason to write to a partner) for which messages are about to be planned.
            records: Cache of this run.
            now: Time at which the age of the dispatch is computed.
            waited: Time that the dispatch spent waiting for quiet hours, which does not count
                as age.
        """
        campaign = self._configuration.campaigns.get(dispatch.campaign)
        if campaign is None or campaign.status == "paused":
            raise Suppressed(Suppression.PAUSED)
        if now - waited - dispatch.since > max_dispatch_age(
            dispatch.campaign, self._configuration.campaigns
        ):
            raise Suppressed(Suppression.TOO_OLD)
        partner = records.partner(dispatch.partner_id)
        entity = records.current_record(dispatch.record, dispatch.version)
        if (
            partner is None
            or entity is None
            or not addressee_test(entity, self._configuration.audiences.regions)(partner)
        ):
            raise Suppressed(Suppression.NOT_THEIRS)
        fields = record_fields(campaign.trigger.kind, entity, dispatch.step)
        invitation = entity if isinstance(entity, InvitationRow) else None
        if (
            fields is None
            or (invitation is not None and _has_expired(campaign, invitation, now))
            or not is_condition_met(campaign, fields)
            or not is_date_unchanged(campaign, dispatch, fields)
            or not is_version_current(campaign, dispatch, fields)
        ):
            raise Suppressed(Suppression.REASON_GONE)
        if campaign.trigger.restarts_wait:
            # A greater version was announced since, and the record meets the condition: the newer
            # event has an occasion of its own.
            key = watermark_key(dispatch.campaign, dispatch.subject)
            if self._outbox.watermarks([key]).get(key, 0) > dispatch.version:
                raise Suppressed(Suppression.OVERTAKEN)
        readers = reader_roles(campaign, entity, self._configuration.roles)
        if not readers:
            raise Suppressed(Suppression.NO_MEMBER)
        generated, url = (
            generated_texts(entity, self._labels),
            str(self._configuration.messaging.portal_url or ""),
        )
        return RelevantDispatch(
            campaign,
            partner,
            partial(
                template_context,
                campaign.trigger.kind,
                fields,
                generated,
                partner,
                self._labels,
                url,
            ),
            readers=readers,
            is_shared=shared_audience(entity) is not None,
            invitation=invitation,
        )
