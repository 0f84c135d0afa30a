"""Plans messages for events: stores one occasion per campaign, event and partner in the outbox.

An occasion is a campaign's reason to write to a partner. Its messages to single channels and
persons are planned later.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import batched

from gridwix.configuration.campaigns import Campaign, RecordKind
from gridwix.configuration.everything import Configuration
from gridwix.errors import (
    BudgetExhausted,
    GridwixError,
    InvalidEvent,
    OutOfTime,
    RecordFault,
    UpstreamError,
)
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.deadline import Deadline
from gridwix.models.events import HUB_RESYNC_REQUESTED, Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, first_fault_by_owner
from gridwix.models.reports import Addable
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.context import record_fields
from gridwix.partner_messenger.dispatches import Dispatch, subject_step_key
from gridwix.partner_messenger.invitations import invitation_id_of
from gridwix.partner_messenger.ports import Outbox
from gridwix.partner_messenger.quiet_hours import partner_zone
from gridwix.partner_messenger.record_cache import MessageRecord, RecordCache
from gridwix.partner_messenger.selection import (
    addressee_test,
    date_occasions,
    event_occasions,
    is_condition_met,
    is_event_status_wanted,
    shared_audience,
    triggered_campaigns,
    watermark_key,
)
from gridwix.ports import Clock

MAX_DUE = 1000
"""Maximum number of due occasions of one change that are kept in memory: a shared record may be for
all partners."""

CHUNK = 100
"""Occasions that are stored between two checks of the deadline."""

KINDS: Mapping[str, RecordKind] = {"compliance-checks": "check", "documents": "document"}
"""Collections of records with dates, for which the resync of one record plans reminders. The value
is the kind of the records."""


@dataclass(frozen=True, slots=True)
class PlanReport(Addable):
    """Result of planning messages; reports are added up.

    ``planned`` counts the new occasions (reasons of campaigns to write to a partner). ``due`` holds
    the new occasions that are due already, at most ``MAX_DUE`` for each change. ``old`` counts, by
    campaign, the events that were too old. ``unreadable`` holds the faults of partners that were
    left out. ``failures`` holds the error of each change that needs a retry, by event id.
    """

    due: tuple[Dispatch, ...] = ()
    planned: int = 0
    old: Counter[str] = field(default_factory=Counter)
    unreadable: tuple[RecordFault, ...] = ()
    failures: Mapping[str, GridwixError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Checks:
    """Compliance checks, by partner, of the partners that changed or are resynced.

    ``faults`` has the partners with checks that cannot be read, each with the first fault.
    """

    by_partner: Mapping[PartnerId, Sequence[ComplianceCheck]] = field(default_factory=dict)
    faults: Mapping[str, RecordFault] = field(default_factory=dict)


class Planner:
    """Stores the occasions (reasons to write to a partner) that changes trigger, for each campaign.

    Idempotent: a duplicate event plans nothing. The internal steps are generators. They yield a
    partial report after each page of partners and each chunk of stored occasions, so that after an
    error the report still counts what was stored before.
    """

    def __init__(self, outbox: Outbox, configuration: Configuration, clock: Clock) -> None:
        self._outbox = outbox
        self._configuration = configuration
        self._clock = clock

    def plan_occasions(
        self, changes: Sequence[Change], records: RecordCache, deadline: Deadline
    ) -> PlanReport:
        """Store the occasions that changes trigger: reasons for which campaigns write to partners.

        An error of one change does not affect the other changes. If a partner cannot be read, the
        occasions for all other partners are stored, and then the change fails, so that it is
        retried. The retry does not store the same occasions again.
        """
        report, checks = self._prefetch_invitations(changes, records), _Checks()
        try:
            checks = self._read_checks(changes, records)
        except UpstreamError as error:
            report += PlanReport(
                failures=dict.fromkeys(
                    (
                        change.event_id
                        for change in changes
                        if change.renewed_partner_id is not None
                    ),
                    error,
                )
            )
        for change in changes:
            if change.event_id not in report.failures:
                report += self._plan_change(change, checks, records, deadline)
        return report

    def _prefetch_invitations(self, changes: Sequence[Change], records: RecordCache) -> PlanReport:
        """Read the invitations that ``changes`` are about in one call, their partners in another.

        The records are cached. Returns the failures: after an error, all changes about invitations
        fail, and no others.
        """
        wanted = {
            change.event_id: identifier
            for change in changes
            if (identifier := invitation_id_of(change.record)) is not None
        }
        try:
            invitations = records.read_invitations(wanted.values())
            if invitations:
                records.read_partners(invitation.partner_id for invitation in invitations)
        except (UpstreamError, BudgetExhausted) as error:
            return PlanReport(failures=dict.fromkeys(wanted, error))
        return PlanReport()

    def _plan_change(
        self, change: Change, checks: _Checks, records: RecordCache, deadline: Deadline
    ) -> PlanReport:
        report = PlanReport()
        try:
            if deadline.is_near():
                raise OutOfTime
            with confine_to_record(change.record):
                for part in self._plan_parts(change, checks, records, deadline):
                    report += part
                    # The outbox lists the others as due, as soon as its index shows them.
                    report = replace(report, due=report.due[:MAX_DUE])
            if report.unreadable:
                raise report.unreadable[0]
        except InvalidEvent:
            # A record of a collection that is not read here: no campaign is about it.
            return report
        except GridwixError as error:
            return report + PlanReport(failures={change.event_id: error})
        return report

    def _plan_parts(
        self, change: Change, checks: _Checks, records: RecordCache, deadline: Deadline
    ) -> Iterator[PlanReport]:
        yield from self._plan_date_occasions(change, checks, records, deadline)
        for key, campaign in triggered_campaigns(change, self._configuration.campaigns):
            if campaign.trigger.ahead is None:
                yield from self._plan_event_occasions(key, campaign, change, records, deadline)
        fault = (
            None
            if change.renewed_partner_id is None
            else checks.faults.get(change.renewed_partner_id)
        )
        if fault is not None:
            yield PlanReport(unreadable=(fault,))

    def _plan_event_occasions(
        self, key: str, campaign: Campaign, change: Change, records: RecordCache, deadline: Deadline
    ) -> Iterator[PlanReport]:
        """Store the occasions (reasons to write to a partner) of a campaign that an event triggers.

        Yields a partial report for each chunk of stored occasions and each page of partners. If the
        event is too old for the campaign, the only report counts this event.
        """
        oldest = self._now() - timedelta(hours=campaign.max_age_hours)
        if (
            change.occurred_at + timedelta(hours=max(campaign.trigger.after_hours, default=0))
            < oldest
        ):
            yield PlanReport(old=Counter({key: 1}))
            return
        entity = records.current_record(change.record, change.version or 0)
        version = change.version or (entity.version if entity else 0)
        if campaign.trigger.restarts_wait:
            # Also for a record that no longer meets the condition: occasions that wait for an
            # earlier version are then suppressed as overtaken.
            self._outbox.raise_watermark(watermark_key(key, change.subject), version)
        fields = (
            None
            if entity is None
            else record_fields(campaign.trigger.kind, entity, subject_step_key(change.subject))
        )
        if (
            entity is None
            or fields is None
            or not is_event_status_wanted(change, campaign)
            or not is_condition_met(campaign, fields)
        ):
            return
        is_addressed = addressee_test(entity, self._configuration.audiences.regions)
        for audience in self._candidates(entity, records):
            found = [
                occasion
                for partner in audience.records
                if is_addressed(partner)
                for occasion in event_occasions(
                    key, campaign, change, fields, version, partner.partner_id, self._now()
                )
                if occasion.due_at >= oldest
            ]
            yield from self._store_occasions(found, deadline)
            yield PlanReport(unreadable=tuple(audience.faults))

    def _plan_date_occasions(
        self, change: Change, checks: _Checks, records: RecordCache, deadline: Deadline
    ) -> Iterator[PlanReport]:
        """Store the reminders (occasions) that campaigns send some days before a date of a record.

        The records are the changed record or, for a change of a partner, the partner's compliance
        checks. Yields a partial report for each page of partners and each chunk of stored
        reminders. Raises SourceBehind if Trading Grid still returns an older version of the changed
        partner.
        """
        campaigns = self._date_campaigns()
        if not campaigns:
            return
        renewed = change.renewed_partner_id
        if renewed is not None and change.via != "resync":
            # What is due for a partner depends on its status and its time zone.
            records.check_partner_version(renewed, change.version or 0)
        for entity in (
            checks.by_partner.get(renewed, ())
            if renewed is not None
            else self._dated_records(change, campaigns, records)
        ):
            for key, campaign in campaigns.items():
                subject = change.subject if change.record == entity.record else entity.record
                fields = record_fields(campaign.trigger.kind, entity, subject_step_key(subject))
                if fields is None or not is_condition_met(campaign, fields):
                    continue
                is_addressed = addressee_test(entity, self._configuration.audiences.regions)
                for audience in self._candidates(entity, records):
                    yield PlanReport(unreadable=tuple(audience.faults))
                    found = [
                        occasion
                        for partner in audience.records
                        if is_addressed(partner)
                        for occasion in date_occasions(
                            key,
                            campaign,
                            subject,
                            fields,
                            entity.version,
                            partner.partner_id,
                            partner_zone(partner, self._configuration.messaging),
                            self._now(),
                        )
                    ]
                    yield from self._store_occasions(found, deadline)

    def _date_campaigns(self) -> Mapping[str, Campaign]:
        """Return the active campaigns that send reminders before a date of a record, by key."""
        return {
            key: campaign
            for key, campaign in self._configuration.campaigns.items()
            if campaign.status == "active" and campaign.trigger.ahead is not None
        }

    def _read_checks(self, changes: Sequence[Change], records: RecordCache) -> _Checks:
        """Read the compliance checks of all partners that changed or are resynced, in one call.

        Reads nothing if no campaign sends reminders before dates of compliance checks.
        """
        partners = list(
            dict.fromkeys(
                partner_id
                for change in changes
                if (partner_id := change.renewed_partner_id) is not None
            )
        )
        if not partners or not any(
            campaign.trigger.kind == "check" for campaign in self._date_campaigns().values()
        ):
            return _Checks()
        records.read_partners(partners)
        found: defaultdict[PartnerId, list[ComplianceCheck]] = defaultdict(list)
        listing = records.source.compliance_checks(partners)
        for check in listing.records:
            found[check.partner_id].append(check)
        return _Checks(found, first_fault_by_owner(listing.faults))

    def _dated_records(
        self, change: Change, campaigns: Mapping[str, Campaign], records: RecordCache
    ) -> Sequence[MessageRecord]:
        """Return the changed record if a campaign sends reminders before a date in that record.

        The result has one record or none. A change of a partner is handled elsewhere: its reminders
        are about the partner's compliance checks.
        """
        if change.via == "resync":
            wanted = {campaign.trigger.kind for campaign in campaigns.values()}
            if (
                change.type == HUB_RESYNC_REQUESTED
                or KINDS.get(change.record.partition("/")[0]) not in wanted
            ):
                return ()
            # A resync announces no version.
            entity = records.current_record(change.record)
        else:
            if not any(change.type in campaign.trigger.events for campaign in campaigns.values()):
                return ()
            entity = records.current_record(change.record, change.version or 0)
        return () if entity is None else (entity,)

    def _candidates(
        self, entity: MessageRecord, records: RecordCache
    ) -> Iterator[Listing[Partner]]:
        """Yield the partners that may get messages about a record, page by page.

        These are the owner of the record or, for a shared record, the partners that its audience
        may match. There may be more than fit into memory. Raises RecordFault if the owner cannot be
        read.
        """
        shared = shared_audience(entity)
        if shared is not None:
            if shared.all or shared.roles or shared.regions:
                yield from records.source.partner_pages()
            elif shared.partner_ids:
                # A hub with 100,000 partners lists them in a hundred calls.
                yield records.source.partners(shared.partner_ids)
            return
        owner = getattr(entity, "partner_id", None)
        partner = None if owner is None else records.partner(owner)
        yield Listing(() if partner is None else (partner,))

    def _store_occasions(
        self, occasions: Sequence[Dispatch], deadline: Deadline
    ) -> Iterator[PlanReport]:
        """Store occasions (reasons to write to a partner) in chunks; yield one report per chunk.

        Raises OutOfTime before a chunk if the deadline is near.
        """
        now = self._now()
        for chunk in batched(occasions, CHUNK, strict=False):
            if deadline.is_near():
                raise OutOfTime
            fresh = self._outbox.add_dispatches(chunk)
            yield PlanReport(
                due=tuple(occasion for occasion in fresh if occasion.due_at <= now),
                planned=len(fresh),
            )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
