"""Use case 6, second half: what is due in the outbox is worked off, each dispatch under a claim of its own."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from gridwix.configuration.campaigns import PERSONAL, Campaign, Channel
from gridwix.configuration.everything import Configuration
from gridwix.errors import (
    BudgetExhausted,
    ConfigurationError,
    Forbidden,
    GridwixError,
    InvalidEvent,
    NotJson,
    RecordFault,
    Refused,
    SourceBehind,
    Throttled,
    Unauthenticated,
    Unavailable,
    UpstreamError,
)
from gridwix.mapping.record_faults import reason_of
from gridwix.models.deadline import Deadline
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.wix import DataItem
from gridwix.partner_messenger.dispatches import Collected, Dispatch, DispatchState, Suppression
from gridwix.partner_messenger.ports import Outbox
from gridwix.partner_messenger.quiet_hours import next_time, not_quiet, zone_of
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.selection import addressed, digest_of
from gridwix.partner_messenger.sending import Postponed, Sender, Suppressed
from gridwix.partner_messenger.templates import TemplateFault
from gridwix.ports import Clock

PAGE = 100
LEASE = timedelta(seconds=180)
"""How long a claim runs: longer than the function may."""

LONGEST_BACKOFF = 900.0
CLOSED_DAYS = 3
"""How many digests are tried that take no entry any more."""

MEND = (Unauthenticated, Forbidden, ConfigurationError)
"""What somebody has to mend, so that the same call may succeed later."""


@dataclass(slots=True)
class DispatchReport:
    """What became of what was due. ``sent`` counts by channel, ``suppressed`` and ``failed`` by reason; ``unknown`` may have been sent; ``postponed`` counts by
    reason what comes again. ``faults`` are campaigns whose templates are broken, with what is wrong; ``stopped`` is why the run ended early."""

    expanded: int = 0
    collected: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    postponed: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    errors: list[GridwixError] = field(default_factory=list)
    stopped: GridwixError | None = None


class Dispatcher:
    """Works off what is due, with any number of workers at it.

    A dispatch is sent only by who has claimed it. What fails for a while comes again until it is too old; what fails for good is kept as failed; what may have
    been sent over a channel that knows no idempotency is kept as unknown and not sent again. One that fails stops no other.
    """

    def __init__(self, outbox: Outbox, sender: Sender, configuration: Configuration, clock: Clock) -> None:
        self._outbox = outbox
        self._sender = sender
        self._configuration = configuration
        self._clock = clock

    def work_off(self, fresh: Sequence[Dispatch], records: RecordCache, deadline: Deadline) -> DispatchReport:
        """``fresh`` are known to be due, as the index of what is due lags behind by moments."""
        report, pending, seen = DispatchReport(), deque(fresh), set[tuple[str, int]]()
        while report.stopped is None and not deadline.is_near():
            page = [pending.popleft() for _ in range(min(PAGE, len(pending)))] or self._outbox.due(self._now(), PAGE)
            page = [dispatch for dispatch in page if (dispatch.id, dispatch.revision) not in seen]
            if not page:
                break
            seen |= {(dispatch.id, dispatch.revision) for dispatch in page}
            try:
                records.prepare(page)
                pending += self._page(page, records, deadline, report)
            except (UpstreamError, BudgetExhausted) as error:
                report.stopped = error
        return report

    def _page(self, page: Sequence[Dispatch], records: RecordCache, deadline: Deadline, report: DispatchReport) -> list[Dispatch]:
        """Work off a page, and return what has become due by it."""
        rows: list[Dispatch] = []
        planned: list[Dispatch] = []
        for dispatch in page:
            if report.stopped is not None or deadline.is_near():
                break
            claimed = self._outbox.claim(dispatch, until=self._now() + LEASE)
            if claimed is None:
                continue
            if dispatch.channel is None:
                planned += self._expand(claimed, records, report)
            elif dispatch.channel == "portal":
                rows.append(claimed)
            elif dispatch.channel == "inbox" and dispatch.state is DispatchState.SENDING:
                # Who had it died with it, and the inbox cannot be asked whether it has it.
                self._settle(claimed, DispatchState.UNKNOWN, "worker_lost", report)
            elif self._attempt(claimed, partial(self._sender.send, claimed, records, self._now()), report) is not None:
                self._settle(claimed, DispatchState.SENT, "", report)
        self._show(rows, records, report)
        return planned

    def _show(self, dispatches: Sequence[Dispatch], records: RecordCache, report: DispatchReport) -> None:
        """Write the rows of these dispatches to the portal."""
        rows = [(one, self._attempt(one, partial(self._sender.row, one, records, self._now()), report)) for one in dispatches]
        self._write([(dispatch, row) for dispatch, row in rows if row is not None], report)

    def _write(self, rows: Sequence[tuple[Dispatch, DataItem]], report: DispatchReport) -> None:
        if not rows:
            return
        try:
            outcome = self._sender.save([row for _, row in rows])
        except (UpstreamError, BudgetExhausted) as error:
            for dispatch, row in rows:
                if isinstance(error, Refused) and len(rows) > 1:
                    # One row may spoil the whole call, so each is written by itself.
                    self._write([(dispatch, row)], report)
                else:
                    self._failed(dispatch, error, report)
            return
        refused = {refusal.item_id: refusal.code for refusal in outcome.refused}
        for dispatch, row in rows:
            state = DispatchState.FAILED if row.id in refused else DispatchState.SENT
            self._settle(dispatch, state, refused.get(row.id, ""), report)

    def _attempt[T](self, dispatch: Dispatch, work: Callable[[], T], report: DispatchReport) -> T | None:
        """Do something for a dispatch; None if it failed, and then it is recorded what became of it."""
        try:
            return work()
        except Suppressed as suppressed:
            self._settle(dispatch, DispatchState.SUPPRESSED, suppressed.reason, report)
        except Postponed as postponed:
            self._postpone(dispatch, "quiet_hours", postponed.until, report)
        except TemplateFault as fault:
            report.faults[dispatch.campaign] = str(fault)
            self._settle(dispatch, DispatchState.FAILED, "template", report)
        except NotJson:
            # A text that no JSON can hold.
            self._settle(dispatch, DispatchState.FAILED, "not_json", report)
        except InvalidEvent as error:
            self._settle(dispatch, DispatchState.FAILED, error.code, report)
        except GridwixError as error:
            self._failed(dispatch, error, report)
        except Exception as error:
            self._failed(dispatch, RecordFault(dispatch.record, reason_of(error)), report)
        return None

    def _failed(self, dispatch: Dispatch, error: GridwixError, report: DispatchReport) -> None:
        report.errors.append(error)
        if isinstance(error, BudgetExhausted | Throttled):
            report.stopped = error
        if dispatch.channel == "inbox" and isinstance(error, Unavailable) and error.ambiguous:
            self._settle(dispatch, DispatchState.UNKNOWN, error.code, report)
        elif not (error.retryable or isinstance(error, MEND)) or self._now() - dispatch.since > self._sender.max_age(dispatch.campaign):
            self._settle(dispatch, DispatchState.FAILED, error.code, report)
        else:
            wait = max(error.wait or 0.0, min(LONGEST_BACKOFF, 15.0 * 2.0 ** min(dispatch.attempts - 1, 10)))
            self._postpone(dispatch, error.code, self._now() + timedelta(seconds=wait), report)

    def _postpone(self, dispatch: Dispatch, reason: str, until: datetime, report: DispatchReport) -> None:
        if self._outbox.settle(dispatch, DispatchState.PLANNED, reason=reason, due_at=until):
            report.postponed[reason] += 1

    def _settle(self, dispatch: Dispatch, state: DispatchState, reason: str, report: DispatchReport) -> None:
        # False: the claim has lapsed and somebody else has it, who records what became of it.
        if not self._outbox.settle(dispatch, state, reason=reason):
            return
        match state:
            case DispatchState.SENT:
                report.sent[dispatch.channel or ""] += 1
            case DispatchState.EXPANDED:
                report.expanded += 1
            case DispatchState.SUPPRESSED:
                report.suppressed[reason] += 1
            case DispatchState.FAILED:
                report.failed[reason] += 1
            case DispatchState.UNKNOWN:
                report.unknown += 1

    def _expand(self, occasion: Dispatch, records: RecordCache, report: DispatchReport) -> list[Dispatch]:
        """Plan the dispatches of an occasion; those that are due at once are returned."""

        def plan() -> list[Dispatch]:
            campaign, partner = self._sender.standing(occasion, records, self._now())
            wanted, entries = self._dispatches(occasion, campaign, partner, records)
            for entry in entries:
                report.collected += self._collect(entry, campaign, partner)
            if not wanted and not entries:
                records.check_links(partner.partner_id)
                raise Suppressed(Suppression.NO_MEMBER)
            now = self._now()
            return [dispatch for dispatch in self._outbox.plan(wanted) if dispatch.due_at <= now]

        due = self._attempt(occasion, plan, report)
        if due is None:
            return []
        self._settle(occasion, DispatchState.EXPANDED, "", report)
        return due

    def _dispatches(self, occasion: Dispatch, campaign: Campaign, partner: Partner, records: RecordCache) -> tuple[list[Dispatch], list[Dispatch]]:
        """What is to be sent of an occasion, and what is to be collected in a digest."""
        now = self._now()
        messaging = self._configuration.messaging
        wanted = [addressed(occasion, "portal", "", now)] if "portal" in campaign.channels else []
        entries: list[Dispatch] = []
        channels: list[Channel] = [channel for channel in campaign.channels if channel in PERSONAL]
        if channels:
            later = not_quiet(messaging.quiet_hours, zone_of(partner, messaging), now) if campaign.quiet_hours else now
            roles = campaign.audience.roles
            members = sorted({link.member_id for link in records.links([partner.partner_id])[partner.partner_id] if not roles or link.role in roles})
            made = [addressed(occasion, channel, member, later) for channel in channels for member in members]
            (entries if campaign.digest else wanted).extend(made)
        return wanted, entries

    def _collect(self, entry: Dispatch, campaign: Campaign, partner: Partner) -> int:
        """Put an entry into the next digest that takes it; 1 if that was done now."""
        messaging = self._configuration.messaging
        zone, at = zone_of(partner, messaging), self._now()
        for _ in range(CLOSED_DAYS):
            at = next_time(messaging.digest_at, zone, at)
            outcome = self._outbox.collect(entry, digest_of(entry, campaign.kind, at))
            if outcome is not Collected.CLOSED:
                return int(outcome is Collected.ADDED)
        raise SourceBehind

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
