"""Checks a dispatch against its current campaign, partner and record before each sending."""

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
from gridwix.partner_messenger.invitations import Invitation
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
    """Campaign and partner of a dispatch that may be sent, and the contexts of its texts.

    ``readers`` are the roles that may get the message. ``is_shared``: the record belongs to no
    single partner. ``invitation``: the record, if it is an invitation.
    """

    campaign: Campaign
    partner: Partner
    contexts: Contexts
    readers: frozenset[RoleName]
    is_shared: bool
    invitation: Invitation | None = None


def _has_expired(campaign: Campaign, invitation: Invitation, now: datetime) -> bool:
    """True for an invitation that has expired, so that it cannot be accepted anymore.

    False if the message is about the end of an access: that does not expire.
    """
    return campaign.trigger.kind == "invitation" and invitation.expires_at <= now


class RelevanceCheck:
    """Checks that the reason for a dispatch still holds, before it is sent.

    ``labels`` counts the values that have no label.
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
        """Read partner and record again, and check the campaign's conditions.

        Raises Suppressed for a dispatch that must not be sent, SourceBehind, RecordFault for a
        record or partner that cannot be read, and UpstreamError.

        Args:
            dispatch: An occasion, a dispatch, or an entry of a digest.
            records: Cache of this run.
            now: Time from which the age of the dispatch is computed.
            waited: Time that the dispatch spent waiting for quiet hours, which is not age.
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
        invitation = entity if isinstance(entity, Invitation) else None
        if (
            fields is None
            or (invitation is not None and _has_expired(campaign, invitation, now))
            or not is_condition_met(campaign, fields)
            or not is_date_unchanged(campaign, dispatch, fields)
            or not is_version_current(campaign, dispatch, fields)
        ):
            raise Suppressed(Suppression.REASON_GONE)
        if campaign.trigger.after_hours:
            # A greater version was announced since: the record left the condition and came back,
            # and the event that brought it back has an occasion of its own.
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
