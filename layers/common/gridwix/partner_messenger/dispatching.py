"""Sends the planned messages (dispatches) that are due, each under a lease.

A dispatch without a channel is an occasion, a reason to write to a partner. It is expanded into one
dispatch per channel and recipient.
"""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from gridwix.configuration.campaigns import PERSONAL, Channel
from gridwix.configuration.everything import Configuration
from gridwix.errors import BudgetExhausted, GridwixError, UpstreamError
from gridwix.models.deadline import Deadline
from gridwix.models.reports import Addable
from gridwix.partner_messenger.attempts import (
    MAIL_PACE,
    DispatchAttempt,
    DispatchVerdict,
    Postponed,
    max_dispatch_age,
    verdict_on,
)
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from gridwix.partner_messenger.expansion import Expander
from gridwix.partner_messenger.mail_pace import PacedMails
from gridwix.partner_messenger.portal_rows import PortalMessageRows
from gridwix.partner_messenger.ports import MemberChannel, Outbox
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.sending import DispatchSender
from gridwix.ports import Clock

PAGE = 100
"""Maximum number of dispatches that are read from the outbox at once."""

LEASE = timedelta(seconds=180)
"""Duration of the lease of a dispatch: longer than the function may run."""


@dataclass(frozen=True, slots=True)
class DispatchReport(Addable):
    """Result of processing dispatches (planned messages) and occasions; reports are added up.

    An occasion is a reason to write to a partner, stored as a dispatch without a channel.
    ``expanded`` counts the occasions for which messages were planned, ``collected`` the messages
    that were added to digests. ``sent`` counts messages by channel; ``suppressed``, ``failed`` and
    ``postponed`` (to be retried) count by reason. ``unknown`` counts messages that may have been
    sent. ``settled`` has each dispatch for which a new state was stored, paired with the verdict
    that gives the state; occasions that were expanded are left out. ``faults`` describes the broken
    templates by campaign. ``stopped`` is the error that ended the run early; None if there was
    none.
    """

    expanded: int = 0
    collected: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    postponed: Counter[str] = field(default_factory=Counter)
    settled: tuple[tuple[Dispatch, DispatchVerdict], ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[GridwixError, ...] = ()
    stopped: GridwixError | None = None

    @classmethod
    def of_attempt(cls, attempt: DispatchAttempt, verdict: DispatchVerdict) -> "DispatchReport":
        """Return the results of an attempt to report even if the new state cannot be stored.

        These are messages added to a digest, broken templates, and errors. The state is not stored
        if the lease has expired and another worker has taken over the dispatch.
        """
        own_fault = (
            {attempt.dispatch.campaign: verdict.template_fault} if verdict.template_fault else {}
        )
        return cls(
            collected=attempt.collected,
            faults={**attempt.template_faults, **own_fault},
            errors=() if verdict.error is None else (verdict.error,),
            stopped=verdict.error if attempt.is_throttled else None,
        )

    @classmethod
    def of_verdict(cls, dispatch: Dispatch, verdict: DispatchVerdict) -> "DispatchReport":
        """Return a report that counts one dispatch (planned message) by the state of its verdict.

        Only for a verdict that is stored in the outbox.
        """
        by_reason, settled = Counter({verdict.reason: 1}), ((dispatch, verdict),)
        match verdict.state:
            case DispatchState.SENT:
                return cls(sent=Counter({dispatch.channel or "": 1}), settled=settled)
            case DispatchState.EXPANDED:
                return cls(expanded=1)
            case DispatchState.SUPPRESSED:
                return cls(suppressed=by_reason, settled=settled)
            case DispatchState.FAILED:
                return cls(failed=by_reason, settled=settled)
            case DispatchState.UNKNOWN:
                return cls(unknown=1, settled=settled)
            case DispatchState.PLANNED:
                return cls(postponed=by_reason, settled=settled)
        return cls()


class Dispatcher:
    """Sends due dispatches (planned messages). Any number of workers can run at the same time.

    Only the worker that has claimed a dispatch (a lease) sends it. A dispatch that fails stops no
    other. See :func:`gridwix.partner_messenger.attempts.verdict_on` for retries.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        expander: Expander,
        channels: Mapping[Channel, MemberChannel],
        portal_rows: PortalMessageRows,
        sender: DispatchSender,
        pace: PacedMails,
        configuration: Configuration,
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._expander = expander
        self._channels = channels
        self._portal_rows = portal_rows
        self._sender = sender
        self._pace = pace
        self._configuration = configuration
        self._clock = clock

    def dispatch_due(
        self, fresh: Sequence[Dispatch], records: RecordCache, deadline: Deadline
    ) -> DispatchReport:
        """Process ``fresh`` dispatches, then those that the outbox lists as due, in pages.

        A dispatch with a channel is a planned message, which is sent. A dispatch without a channel
        is an occasion (a reason to write to a partner): its messages are planned, and sent if they
        are due. Ends when nothing is left, near the deadline, and on a rate limit or an error of
        the outbox.

        Args:
            fresh: Dispatches that were just stored and are due. The outbox's index of due
                dispatches is eventually consistent and may not list them yet.
            records: Cache of this run.
            deadline: Time limit of this run.
        """
        report, pending, seen = DispatchReport(), deque(fresh), set[tuple[str, int]]()
        self._pace.begin_run()
        while report.stopped is None and not deadline.is_near():
            page = [
                pending.popleft() for _ in range(min(PAGE, len(pending)))
            ] or self._outbox.due_dispatches(self._now(), PAGE)
            # The index may still list what this run has processed.
            page = [dispatch for dispatch in page if (dispatch.id, dispatch.revision) not in seen]
            if not page:
                break
            seen |= {(dispatch.id, dispatch.revision) for dispatch in page}
            try:
                # One query of Wix for a page: one for each occasion took half of a site's quota.
                expanding = [one.partner_id for one in page if self._reaches_members(one)]
                records.prefetch_recipients(page, expanding)
                for attempt in self._attempts(page, records, deadline):
                    verdict = self._verdict(attempt)
                    report += DispatchReport.of_attempt(attempt, verdict)
                    # False: the lease has expired, and the worker that took it over counts.
                    if self._outbox.settle_dispatch(
                        attempt.dispatch,
                        verdict.state,
                        reason=verdict.reason,
                        due_at=verdict.due_at,
                    ):
                        report += DispatchReport.of_verdict(attempt.dispatch, verdict)
                    pending += attempt.due
            except (UpstreamError, BudgetExhausted) as error:
                report += DispatchReport(stopped=error)
        return report

    def _attempts(
        self, page: Sequence[Dispatch], records: RecordCache, deadline: Deadline
    ) -> Iterator[DispatchAttempt]:
        """Claim and process each dispatch (planned message) of a page, and yield the results.

        Messages that are shown on the portal (channel ``portal``) come last: their rows are written
        in one call.
        """
        rows: list[Dispatch] = []
        for dispatch in page:
            if deadline.is_near():
                break
            turn = self._turn(dispatch)
            if turn is not None:
                # Not claimed, as nothing is tried: thousands may wait for their turn.
                yield DispatchAttempt(
                    replace(dispatch, since=turn), error=Postponed(turn, MAIL_PACE)
                )
                continue
            claimed = self._outbox.claim_dispatch(dispatch, until=self._now() + LEASE)
            if claimed is None:
                continue
            if claimed.channel == "portal":
                rows.append(claimed)
                continue
            attempt = self._attempt(claimed, dispatch, records)
            yield attempt
            if attempt.is_throttled:
                break
        yield from self._portal_rows.write_rows(rows, records)

    def _turn(self, dispatch: Dispatch) -> datetime | None:
        """Return the time to which to defer an email because the rate limit of emails is used up.

        None if the email may be tried now, or if the dispatch is no email.
        """
        is_waiting_mail = dispatch.channel == "email" and dispatch.state is DispatchState.PLANNED
        return self._pace.next_turn() if is_waiting_mail else None

    def _attempt(
        self, claimed: Dispatch, before: Dispatch, records: RecordCache
    ) -> DispatchAttempt:
        if claimed.channel is None:
            return self._expander.expand_occasion(claimed, records)
        if before.state is DispatchState.SENDING and not self._can_repeat(claimed):
            # The worker that had claimed it died, and the channel cannot be asked whether it has
            # the message: a retry could duplicate it.
            return DispatchAttempt(claimed, DispatchState.UNKNOWN, "worker_lost")
        return self._sender.send_dispatch(claimed, records, self._now(), planned=before.due_at)

    def _verdict(self, attempt: DispatchAttempt) -> DispatchVerdict:
        max_age = max_dispatch_age(attempt.dispatch.campaign, self._configuration.campaigns)
        return verdict_on(
            attempt,
            now=self._now(),
            max_age=max_age + attempt.waited,
            can_repeat=self._can_repeat(attempt.dispatch),
        )

    def _reaches_members(self, dispatch: Dispatch) -> bool:
        """True for an occasion that may lead to messages to members, by inbox or email.

        An occasion is a reason to write to a partner, stored as a dispatch without a channel. False
        for any other dispatch, for an occasion about an invitation, and for an occasion that is too
        old or belongs to a paused campaign.
        """
        campaigns = self._configuration.campaigns
        campaign = campaigns.get(dispatch.campaign)
        return (
            dispatch.channel is None
            and dispatch.invitation_id is None
            and campaign is not None
            and campaign.status != "paused"
            and not PERSONAL.isdisjoint(campaign.channels)
            and self._now() - dispatch.since <= max_dispatch_age(dispatch.campaign, campaigns)
        )

    def _can_repeat(self, dispatch: Dispatch) -> bool:
        """True if the channel of a dispatch is idempotent: sending it again changes nothing."""
        channel = None if dispatch.channel is None else self._channels.get(dispatch.channel)
        return channel is None or channel.is_idempotent

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
