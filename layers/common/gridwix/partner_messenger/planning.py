"""Use case 6, first half: an event becomes occasions in the outbox, one for each campaign and partner."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import batched

from gridwix.configuration.campaigns import Campaign, RecordKind
from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, InvalidEvent, OutOfTime, RecordFault, SourceBehind, UpstreamError
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.events import HUB_RESYNC_REQUESTED, Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, first_fault_by_owner
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.context import fields_of
from gridwix.partner_messenger.dispatches import Dispatch
from gridwix.partner_messenger.ports import Outbox
from gridwix.partner_messenger.quiet_hours import zone_of
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.selection import begun_by, dates_ahead, everybody_of, fits, is_theirs, occasions, tells, watch_key
from gridwix.ports import Clock

CHUNK = 100
"""Occasions that are recorded before it is looked at the clock."""

KINDS: Mapping[str, RecordKind] = {"compliance-checks": "check", "documents": "document"}
"""The collections whose dates are looked at when they are to be read anew, and what campaigns call their records."""


@dataclass(slots=True)
class PlanReport:
    """``due`` are the occasions that were planned and are due already, ``planned`` is how many were planned in all, ``old`` counts by campaign what was too old
    to be spoken of. ``failures`` says by event id why a change is not done."""

    due: list[Dispatch] = field(default_factory=list)
    planned: int = 0
    old: Counter[str] = field(default_factory=Counter)
    failures: dict[str, GridwixError] = field(default_factory=dict)


class Planner:
    """Records the occasions of a batch of changes. An occasion is recorded once, however often its event comes; nothing is sent here."""

    def __init__(self, outbox: Outbox, configuration: Configuration, clock: Clock) -> None:
        self._outbox = outbox
        self._configuration = configuration
        self._clock = clock

    def plan(self, changes: Sequence[Change], records: RecordCache, deadline: Deadline) -> PlanReport:
        """A change that cannot be planned now leaves its neighbours alone.

        A partner that cannot be read keeps no other from its occasions: the change fails when those of all others are recorded, and they are so once.
        """
        report = PlanReport()
        try:
            checks, faults = self._checks(changes, records)
        except UpstreamError as error:
            report.failures.update(dict.fromkeys((change.event_id for change in changes if change.resync_partner_id is not None), error))
            checks, faults = {}, {}
        for change in changes:
            if change.event_id in report.failures:
                continue
            try:
                if deadline.is_near():
                    raise OutOfTime
                unreadable: list[RecordFault] = []
                with confine_to_record(change.record):
                    unreadable += self._plan_reminders(change, checks, records, report)
                    for key, campaign in begun_by(change, self._configuration.campaigns):
                        if campaign.trigger.ahead is None:
                            unreadable += self._plan(key, campaign, change, records, deadline, report)
                if change.resync_partner_id is not None and change.resync_partner_id in faults:
                    unreadable.append(faults[change.resync_partner_id])
                if unreadable:
                    raise unreadable[0]
            except InvalidEvent:
                # A record of a kind that is not read here: no campaign speaks of it.
                continue
            except GridwixError as error:
                report.failures[change.event_id] = error
        return report

    def _plan(self, key: str, campaign: Campaign, change: Change, records: RecordCache, deadline: Deadline, report: PlanReport) -> Sequence[RecordFault]:
        """Record the occasions of a campaign; the partners that could not be looked at are returned."""
        oldest = self._now() - timedelta(hours=campaign.max_age_hours)
        if change.occurred_at + timedelta(hours=max(campaign.trigger.after_hours, default=0)) < oldest:
            report.old[key] += 1
            return ()
        entity = _current(change.record, change.version or 0, records)
        version = change.version or (entity.version if entity else 0)
        if campaign.trigger.after_hours:
            # Also when the record has moved on: whatever waits for it is overtaken.
            self._outbox.note(watch_key(key, change.subject), version)
        fields = None if entity is None else fields_of(campaign.trigger.kind, entity, _step(change.subject))
        if entity is None or fields is None or not tells(change, campaign) or not fits(campaign, fields):
            return ()
        audience = self._audience(entity, records)
        made = [
            occasion
            for partner in audience.records
            if is_theirs(entity, partner, self._configuration.audiences.regions)
            for occasion in occasions(key, campaign, change, fields, version, partner.partner_id, self._now())
            if occasion.due_at >= oldest
        ]
        self._record(made, deadline, report)
        return audience.faults

    @property
    def _ahead(self) -> Mapping[str, Campaign]:
        """The campaigns that run ahead of a date."""
        return {key: campaign for key, campaign in self._configuration.campaigns.items() if campaign.status == "active" and campaign.trigger.ahead is not None}

    def _checks(self, changes: Sequence[Change], records: RecordCache) -> tuple[Mapping[PartnerId, Sequence[ComplianceCheck]], Mapping[str, RecordFault]]:
        """The compliance checks of all partners of whom everything is to be read anew, if a campaign looks at their dates; and one that cannot be read for each
        partner that has any."""
        partners = list(dict.fromkeys(partner_id for change in changes if (partner_id := change.resync_partner_id) is not None))
        if not partners or not any(campaign.trigger.kind == "check" for campaign in self._ahead.values()):
            return {}, {}
        records.read_partners(partners)
        found: defaultdict[PartnerId, list[ComplianceCheck]] = defaultdict(list)
        listing = records.source.compliance_checks(partners)
        for check in listing.records:
            found[check.partner_id].append(check)
        return found, first_fault_by_owner(listing.faults)

    def _plan_reminders(
        self, change: Change, checks: Mapping[PartnerId, Sequence[ComplianceCheck]], records: RecordCache, report: PlanReport
    ) -> Sequence[RecordFault]:
        """What is to be said before a date of the records that a change speaks of, or that it wants to be read anew. Returns the partners that could not be
        looked at."""
        campaigns = self._ahead
        unreadable: list[RecordFault] = []
        if not campaigns:
            return unreadable
        renewed = change.resync_partner_id
        for entity in checks.get(renewed, ()) if renewed is not None else self._dated(change, campaigns, records):
            for key, campaign in campaigns.items():
                subject = change.subject if change.record == entity.record else entity.record
                fields = fields_of(campaign.trigger.kind, entity, _step(subject))
                if fields is None or not fits(campaign, fields):
                    continue
                audience = self._audience(entity, records)
                unreadable += audience.faults
                for partner in audience.records:
                    if is_theirs(entity, partner, self._configuration.audiences.regions):
                        zone = zone_of(partner, self._configuration.messaging)
                        made = dates_ahead(key, campaign, subject, fields, entity.version, partner.partner_id, zone, self._now())
                        self._record(list(made), NO_DEADLINE, report)
        return unreadable

    def _dated(self, change: Change, campaigns: Mapping[str, Campaign], records: RecordCache) -> Sequence[Entity]:
        """The record that a change names, if a campaign looks at its date."""
        if change.via != "resync":
            if not any(change.type in campaign.trigger.events for campaign in campaigns.values()):
                return ()
            entity = _current(change.record, change.version or 0, records)
            return () if entity is None else (entity,)
        collection = change.record.partition("/")[0]
        wanted = {campaign.trigger.kind for campaign in campaigns.values()}
        if change.type == HUB_RESYNC_REQUESTED or KINDS.get(collection) not in wanted:
            return ()
        entity = _current(change.record, 0, records)
        return () if entity is None else (entity,)

    def _audience(self, entity: Entity, records: RecordCache) -> Listing[Partner]:
        """The partners that a record may be for: its own, or all that there are if it is nobody's own. Raises RecordFault if its own cannot be read."""
        if everybody_of(entity) is not None:
            return records.everybody()
        owner = getattr(entity, "partner_id", None)
        partner = None if owner is None else records.partner(owner)
        return Listing(() if partner is None else (partner,))

    def _record(self, made: Sequence[Dispatch], deadline: Deadline, report: PlanReport) -> None:
        now = self._now()
        for chunk in batched(made, CHUNK, strict=False):
            if deadline.is_near():
                raise OutOfTime
            fresh = self._outbox.plan(chunk)
            report.planned += len(fresh)
            report.due += [occasion for occasion in fresh if occasion.due_at <= now]

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _current(record: str, least: int, records: RecordCache) -> Entity | None:
    """The record, at least as new as was announced. Raises SourceBehind if it cannot be had yet."""
    entity = records.record(record, least)
    if entity is not None and entity.version < least:
        raise SourceBehind
    return entity


def _step(subject: str) -> str:
    parts = subject.split("/")
    return parts[3] if len(parts) == 4 and parts[2] == "steps" else ""
