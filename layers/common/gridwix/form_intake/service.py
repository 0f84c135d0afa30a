"""Use case 4: delivers submissions from the portal to Trading Grid.

Each submission is delivered exactly once, and the submissions of one partner in order.

``docs/adr/0009-the-inbox-is-the-queue.md`` gives the reasons.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import batched

from gridwix.concurrency import map_in_order
from gridwix.configuration.everything import Configuration
from gridwix.errors import FileUnreachable, GridwixError, OutOfTime, SourceBehind
from gridwix.form_intake.delivery import Delivery
from gridwix.form_intake.due_rows import DueRows
from gridwix.form_intake.follow_ups import FollowUps
from gridwix.form_intake.holding import SubmissionHolder
from gridwix.form_intake.isolation import concerns_all
from gridwix.form_intake.new_requests import NewRequests
from gridwix.form_intake.partner_lookup import KnownPartners, PartnerLookup
from gridwix.form_intake.permissions import NotAllowed, SenderPermissions
from gridwix.form_intake.reading import SubmissionReader
from gridwix.form_intake.report import IntakeReport
from gridwix.form_intake.sender_limits import SenderLimits
from gridwix.form_intake.states import (
    Hold,
    PendingFiles,
    ReadSubmission,
    ReadyOrder,
    submission_name,
)
from gridwix.form_intake.submission_rows import ReadRequest, SubmissionRows
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.partner_requests.orders import FollowUp, RequestOrder
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.submissions import (
    HoldReason,
    Outcome,
    Stage,
    Submission,
    SubmissionPage,
)
from gridwix.ports import Clock

PAGE = 100
"""Maximum number of submissions that are read and processed together."""

MAX_WITH_FILES = 100
"""Maximum number of submissions with files to fetch in one run. Their answers are in memory until
then.
"""

MAX_UNASSIGNED = 500
"""Maximum number of requests without a partner to deliver in one run. They are in memory until
then.
"""

FILE_RESERVE = 15.0
"""Seconds of a run that are reserved for what follows a file's transfer: storing the order,
delivering it and publishing the row."""

LATE = "no time is left for the submission: its message returns to the queue"

LOOKUP = "submissions/lookup"
"""Record name in the RecordFault of a partner lookup for a whole page, before it is known which
submission is at fault."""


class FormIntake:
    """Delivers the submissions of the inbox to Trading Grid.

    - In order: the submissions of a partner are delivered oldest first, regardless of the
      submission that an event names, so the requests of a partner are created in the order in which
      they were accepted. A failed request of one partner blocks no other partner.
    - Exactly once: the call to Trading Grid (the order) is stored before the first attempt, and
      sent under an idempotency key that is made from the submission. A retry after a crash, or a
      parallel run, sends the same order under the same key, so one submission makes one request.
    - Isolated: each submission is handled alone, from reading it in the inbox to publishing its row
      on the portal. A submission that raises any exception is held for manual review, with the
      exception's class and code location. A submission that needs an unreadable record is retried
      for a while (``gridwix.form_intake.holding.MAX_WAIT``), then held. Neither blocks another
      submission, not even one of the same partner.
    - Partners first: requests without a partner, most of which strangers send, are delivered after
      all requests with a partner, for at most half of the time that is left. So they delay no
      partner, even if Trading Grid does not respond to them. The newest go first, so that old ones
      without a response do not delay them.
    - Files last: a submission without files is delivered before any file is copied. A transfer ends
      before the run does. A submission with files that cannot be fetched gives up its place in the
      sequence, is retried with exponential backoff (``MAX_FILE_TRIES``), and then held.

    Args:
        inbox: The submissions.
        partners: Looks up the partners of senders.
        requests: Builds and creates collaboration requests.
        follow_ups: Builds and carries out follow-ups, which are actions on existing records.
        rows: Makes the portal rows of submissions.
        due_rows: Publishes the rows, at once or in a later run.
        configuration: Forms, routing and rules.
        clock: Returns Unix seconds.
        at_once: Number of partners that are served in parallel, and of submissions with files that
            are copied at a time.
    """

    def __init__(
        self,
        *,
        inbox: SubmissionInbox,
        partners: PartnerLookup,
        requests: NewRequests,
        follow_ups: FollowUps,
        rows: SubmissionRows,
        due_rows: DueRows,
        configuration: Configuration,
        clock: Clock,
        at_once: int = 8,
    ) -> None:
        self._inbox = inbox
        self._partners = partners
        self._requests = requests
        self._follow_ups = follow_ups
        self._roles = configuration.roles
        self._at_once = at_once
        self._limits = SenderLimits(inbox, configuration.intake)
        self._reader = SubmissionReader(self._limits, configuration)
        self._due_rows = due_rows
        self._holder = SubmissionHolder(inbox, rows, clock)
        self._delivery = Delivery(
            inbox=inbox,
            requests=requests,
            follow_ups=follow_ups,
            holder=self._holder,
            at_once=at_once,
        )

    def deliver_submissions(
        self,
        named: Collection[str] = (),
        deadline: Deadline = NO_DEADLINE,
        *,
        publish_due: bool = True,
    ) -> IntakeReport:
        """Deliver all open submissions to Trading Grid, page by page, and those with files last.

        If the partners of a page cannot be looked up, that page and all later pages stay open in
        the inbox.

        Args:
            named: Ids of the submissions for which the caller needs a result. Those that are
                neither delivered, held for manual review nor waiting for their files are failures
                in the report.
            deadline: No page begins once it is near.
            publish_due: If True, first publish the portal rows that earlier runs could not write.

        Raises:
            UpstreamError: The inbox cannot be read.
        """
        # Whatever these rows need, half of the time is left for the deliveries.
        report = self._due_rows.publish_due(deadline.half()) if publish_due else IntakeReport()
        cursor: str | None = None
        pending: list[PendingFiles] = []
        unassigned: list[ReadyOrder] = []
        while True:
            page = self._inbox.list_submissions(Stage.OPEN, cursor, PAGE)
            done, without_partner, with_files = self._process_page(page, report)
            report += done
            pending = self._first_tries(pending, with_files)
            # Oldest first, so the newest stay.
            unassigned = [*unassigned, *without_partner][-MAX_UNASSIGNED:]
            cursor = page.cursor
            if report.interrupted or cursor is None or deadline.is_near():
                break
        # Also after an error: these have their orders.
        report += self._deliver_unassigned(unassigned, deadline.half())
        if not report.interrupted:
            report += self._deliver_with_files(
                pending, deadline.with_reserve(FILE_RESERVE), report.blocked_lanes
            )
        return report + self._fail_unprocessed(named, report)

    def _process_page(
        self, page: SubmissionPage, before: IntakeReport
    ) -> tuple[IntakeReport, list[ReadyOrder], list[PendingFiles]]:
        """Prepare one page of submissions, deliver most of them, and publish their portal rows.

        ``before`` is the report of the earlier pages. Returns the report of this page, and two
        lists of what is delivered later: the orders (calls to Trading Grid) of requests that belong
        to no known partner, and the submissions with files.

        After an error, both lists are empty. The submissions that have no result yet are failures
        in the report, which keeps the results from before the error.
        """
        report = IntakeReport(
            blocked_lanes=before.blocked_lanes, directory_silence=before.directory_silence
        )
        ready: list[ReadyOrder] = []
        unassigned: list[ReadyOrder] = []
        pending: list[PendingFiles] = []
        try:
            for fault in page.faults:
                report += self._holder.hold_unreadable(fault.record.partition("/")[2], fault)
            for step in self._prepare_orders(page.submissions, before.directory_silence):
                if isinstance(step, ReadyOrder):
                    (ready if step.order.partner_id else unassigned).append(step)
                elif isinstance(step, PendingFiles):
                    pending.append(step)
                else:
                    report += step
            for delivered in self._deliver_orders(ready, report.blocked_lanes):
                report += delivered
        except GridwixError as error:
            unassigned, pending = [], []
            report += self._fail_unsettled(page.submissions, error, report)
        # Also after an error: an outage may be long, so senders get their references now.
        # Those with files have their rows after the copy: a row is written once a second at most.
        return report + self._publish_rows(page.submissions, report), unassigned, pending

    def _deliver_unassigned(self, orders: Sequence[ReadyOrder], deadline: Deadline) -> IntakeReport:
        """Deliver requests without a partner, the newest first, until the deadline is near.

        Then publish the portal rows of these requests. Never raises a GridwixError, which would
        discard the results of this run's earlier requests (those with a partner): the report has
        the errors.
        """
        report = IntakeReport()
        for batch in batched(reversed(orders), self._at_once, strict=False):
            if deadline.is_near():
                late = {one.submission.id: OutOfTime(LATE) for one in batch}
                report += IntakeReport(failures=late)
                continue
            for delivered in self._deliver_orders(batch, frozenset()):
                report += delivered
        return report + self._publish_rows([one.submission for one in orders], report)

    def _prepare_orders(
        self, submissions: Sequence[Submission], silence: GridwixError | None
    ) -> Iterator[ReadyOrder | PendingFiles | IntakeReport]:
        """Read submissions, look up their partners, and store the orders that deliver them.

        An order is the call to Trading Grid for one submission.

        ``silence`` is the error of a partner directory that gave no response for an earlier page,
        or None.

        Yields each result at once, so that a later error does not lose it: the order, PendingFiles
        for a submission with files, or a report if it is held or has to wait. Raises UpstreamError.
        """
        read: list[ReadSubmission] = []
        for submission in submissions:
            result = self._isolate(submission, partial(self._read, submission))
            if isinstance(result, ReadSubmission):
                read.append(result)
            else:
                yield result
        # Whose next try is later needs no lookup either.
        later = [one for one in read if one.has_files and self._holder.awaits_files(one.submission)]
        error = FileUnreachable("the next try is later", system="files")
        yield IntakeReport(files_awaited={one.submission.id: error for one in later})
        for one, known in self._look_up([one for one in read if one not in later], silence):
            if isinstance(known, IntakeReport):
                yield known
                continue
            if known.silence is not silence:
                yield IntakeReport(directory_silence=known.silence)
            if one.has_files:
                yield PendingFiles(one, known)
            else:
                yield self._store_order(one, known)

    def _isolate[T](self, submission: Submission, step: Callable[[], T]) -> T | IntakeReport:
        """Run a step for one submission, so that its exceptions affect no other submission.

        Returns the result of the step. After an exception of this submission alone, it is held for
        manual review, or stays open for a retry, and the report of that is returned. An
        UpstreamError that every other submission would meet as well (an outage) is raised.
        """
        try:
            with confine_to_record(submission_name(submission)):
                return step()
        except GridwixError as error:
            if concerns_all(error):
                raise
            return self._holder.hold_failed(submission, error)

    def _read(self, submission: Submission) -> ReadSubmission | ReadyOrder | IntakeReport:
        """Parse one submission, unless the call to Trading Grid that delivers it is stored already.

        Returns ReadyOrder if an earlier run has stored this call (the order), else ReadSubmission.
        Returns a report if the submission is now held for manual review. Raises UpstreamError.
        """
        result = self._reader.read_submission(submission)
        return self._holder.hold(submission, result) if isinstance(result, Hold) else result

    def _look_up(
        self, read: Sequence[ReadSubmission], silence: GridwixError | None
    ) -> Iterator[tuple[ReadSubmission, KnownPartners | IntakeReport]]:
        """Look up the partners of submissions together; yield each submission with its result.

        The result is the partners, or a report if the submission is held for manual review or has
        to wait. ``silence`` is the error of a partner directory that gave no response for an
        earlier page, or None.

        If the lookup of all together fails because of single records, each submission is looked up
        alone. If only some of these lookups fail, their submissions are held or retried. If all
        fail, all submissions are retried in later runs; if the error is a RecordFault, they are
        held after ``MAX_WAIT``. Raises UpstreamError for an outage.
        """
        try:
            with confine_to_record(LOOKUP):
                known = self._partners.find_partners(read, silence)
        except GridwixError as error:
            if concerns_all(error):
                raise
        else:
            yield from ((one, known) for one in read)
            return
        answers = [(one, self._look_up_one(one)) for one in read]
        is_common = all(isinstance(answer, GridwixError) for _, answer in answers)
        for one, answer in answers:
            if not isinstance(answer, GridwixError):
                yield one, answer
            elif is_common:
                yield one, self._holder.wait_for_lookup(one.submission, answer)
            else:
                yield one, self._holder.hold_failed(one.submission, answer)

    def _look_up_one(self, read: ReadSubmission) -> KnownPartners | GridwixError:
        """Return the partners of one submission's sender, or the error of this lookup alone.

        Raises UpstreamError for an error that the lookup of any submission would meet.
        """
        try:
            with confine_to_record(submission_name(read.submission)):
                return self._partners.find_partners([read])
        except GridwixError as error:
            if concerns_all(error):
                raise
            return error

    def _store_order(
        self, read: ReadSubmission, known: KnownPartners, deadline: Deadline = NO_DEADLINE
    ) -> ReadyOrder | IntakeReport:
        """Build the call to Trading Grid that delivers one submission (its order), and store it.

        It is stored before the first attempt, so that every retry makes the same call. Returns a
        report instead if the submission is refused, held or has to wait. Raises UpstreamError if
        the inbox cannot be written now.
        """
        submission = read.submission
        try:
            with confine_to_record(submission_name(submission), passing=(NotAllowed,)):
                order = self._build_order(read, known, deadline)
                if isinstance(order, Outcome):
                    return self._settle_refused(submission, order)
                stored = (
                    order
                    if order is None or isinstance(order, Hold)
                    else self._inbox.keep_order(submission.id, order)
                )
        except NotAllowed:
            # Also if an operator has released it: only another role lets it pass.
            return self._holder.hold(submission, Hold(HoldReason.NOT_ALLOWED))
        except GridwixError as error:
            report = self._holder.hold_failed(submission, error)
            # Later submissions of these partners must not overtake one that has to wait, unless
            # it waits for identifiers, which people write as they like.
            waits = (
                submission.id in report.failures
                and not report.record_faults
                and known.has_answers_for(read)
            )
            return report + IntakeReport(
                blocked_lanes=known.linked_to(submission) if waits else frozenset()
            )
        if stored is None:
            return self._holder.hold(submission, Hold(HoldReason.NOT_THEIRS))
        if isinstance(stored, Hold):
            return self._holder.hold(submission, stored)
        return ReadyOrder(submission, stored, read.note)

    def _settle_refused(self, submission: Submission, outcome: Outcome) -> IntakeReport:
        """Close a submission for an action that the state of its record does not allow.

        ``outcome`` has the reason (``refusal``). Raises UpstreamError if the inbox cannot be
        written now.
        """
        settled = self._inbox.settle_submission(submission.id, outcome)
        return IntakeReport(delivered={submission.id: outcome}, moved={submission.id: settled})

    def _first_tries(
        self, pending: Sequence[PendingFiles], more: Sequence[PendingFiles]
    ) -> list[PendingFiles]:
        """Select the submissions with files to fetch in this run, at most ``MAX_WITH_FILES``.

        ``pending`` were selected from the earlier pages, ``more`` are those of a further page.
        Submissions of members who act for partners come first, as strangers may send many. Then
        come those with the fewest tries, so that files that cannot be fetched delay no other
        submission.
        """
        found = sorted(
            [*pending, *more],
            key=lambda one: (
                not one.known.linked_to(one.read.submission),
                one.read.submission.file_tries,
                one.read.submission.received_at,
            ),
        )
        return found[:MAX_WITH_FILES]

    def _deliver_with_files(
        self, pending: Sequence[PendingFiles], deadline: Deadline, blocked: frozenset[str]
    ) -> IntakeReport:
        """Copy files and deliver their submissions, a few at a time, until the deadline is near.

        Never raises a GridwixError, which would discard the results of this run's earlier
        submissions (those without files): the report has the errors.
        """
        report = IntakeReport(blocked_lanes=blocked)
        late: list[Submission] = []
        for batch in batched(pending, self._at_once, strict=False):
            submissions = [one.read.submission for one in batch]
            if deadline.is_near():
                late += submissions
                continue
            done = self._deliver_copied(batch, deadline, report.blocked_lanes)
            report += done + self._publish_rows(submissions, done)
        if late:
            waits = IntakeReport(files_awaited={one.id: OutOfTime(LATE) for one in late})
            report += waits + self._publish_rows(late, waits)
        return report

    def _deliver_copied(
        self, batch: Sequence[PendingFiles], deadline: Deadline, blocked: frozenset[str]
    ) -> IntakeReport:
        """Copy the files of a few submissions in parallel, then deliver these submissions.

        Returns the report of these submissions.
        """
        report = IntakeReport(blocked_lanes=blocked)
        ready: list[ReadyOrder] = []
        copy = partial(self._store_with_files, deadline=deadline)
        for step in map_in_order(copy, batch, workers=self._at_once):
            if isinstance(step, ReadyOrder):
                ready.append(step)
            else:
                report += step
        for delivered in self._deliver_orders(ready, report.blocked_lanes):
            report += delivered
        return report

    def _store_with_files(
        self, pending: PendingFiles, deadline: Deadline
    ) -> ReadyOrder | IntakeReport:
        submission = pending.read.submission
        try:
            with confine_to_record(submission_name(submission)):
                stopped = self._holder.begin_file_try(submission)
                if stopped is not None:
                    return stopped
                result = self._store_order(pending.read, pending.known, deadline)
                if isinstance(result, IntakeReport) and submission.id in result.failures:
                    self._holder.take_back_file_try(submission)
                return result
        except GridwixError as error:
            # The inbox cannot be written now: it is tried again in the next run.
            return IntakeReport(failures={submission.id: error})

    def _build_order(
        self, read: ReadSubmission, known: KnownPartners, deadline: Deadline
    ) -> RequestOrder | FollowUp | Outcome | Hold | None:
        """Build the order of one submission: the call to Trading Grid that delivers it.

        The call creates a request, or carries out a member's action on an existing record (a
        follow-up).

        Returns:
            The order. Instead of it, a Hold if a person has to review the submission, because it is
            above a rate limit. For a follow-up, there are two more results: an Outcome with the
            reason (``refusal``) if the record's state does not allow the action, and None if the
            record does not exist or belongs to another partner.

        Raises NotAllowed, FileRefused, RecordFault and UpstreamError.
        """
        if not known.linked_to(read.submission) and self._holder.has_waited(read.submission):
            # Of a stranger, what an identifier names is a hint: its request arrives without it.
            known = known.without_unanswered()
        excess = self._limits.hint_excess(read, known)
        if excess is not None:
            return Hold(excess)
        permissions = SenderPermissions(
            self._roles, known.roles_of(read.submission), read.form_key, read.definition
        )
        permissions.require(read.submission.partner_id)
        if read.definition.action == "request":
            return self._requests.build_order(read, known, permissions, deadline)
        return self._follow_ups.build_order(
            read.definition, read.reading, permissions.at(read.submission.partner_id), deadline
        )

    def _deliver_orders(
        self, ready: Sequence[ReadyOrder], blocked: frozenset[str]
    ) -> Iterator[IntakeReport]:
        """Deliver orders (stored calls to Trading Grid), oldest first within each partner (lane).

        ``blocked`` are the lanes in which an older submission waits for a retry. Their orders fail
        without a call, so that no submission of a partner overtakes another.
        """
        lanes: defaultdict[str, list[ReadyOrder]] = defaultdict(list)
        for one in sorted(ready, key=lambda order: order.submission.received_at):
            lanes[one.lane].append(one)
        for lane in blocked & lanes.keys():
            error = SourceBehind(
                "an older submission of the same partner has to go first: it waits"
            )
            yield IntakeReport(failures={one.submission.id: error for one in lanes.pop(lane)})
        yield from self._delivery.deliver_lanes(lanes)

    def _fail_unsettled(
        self, submissions: Sequence[Submission], error: GridwixError, report: IntakeReport
    ) -> IntakeReport:
        """Return a report with ``error`` as the failure of each submission that has no result yet.

        A result in ``report`` is: delivered, held for manual review, or waiting for files. The
        returned report also says that no further page may begin.
        """
        settled = {*report.delivered, *report.held, *report.files_awaited}
        return IntakeReport(
            failures={one.id: error for one in submissions if one.id not in settled},
            interrupted=True,
        )

    def _publish_rows(
        self, submissions: Sequence[Submission], report: IntakeReport
    ) -> IntakeReport:
        """Publish the portal rows of the submissions of a page, and return the report of that.

        A submission that this run has delivered or held gets its new row. A submission that waits
        for a retry or for its files gets a row that says "received".
        """
        waits = report.failures.keys() | report.files_awaited.keys()
        waiting = {one.id: one for one in submissions if one.id in waits}
        requests: dict[str, ReadRequest] = {
            submission: (outcome.request, ())
            for submission, outcome in report.delivered.items()
            if outcome.request is not None
        }
        return self._due_rows.publish_rows([*{**waiting, **report.moved}.values()], requests)

    def _fail_unprocessed(self, named: Collection[str], report: IntakeReport) -> IntakeReport:
        """Return a report with a failure for each named submission without a result of this run.

        They were not reached, or are not in the inbox yet. With the failure, their messages are
        redelivered. Raises UpstreamError if the inbox cannot be read.
        """
        missing = [
            one
            for one in named
            if one
            not in {
                *report.delivered,
                *report.held,
                *report.failures,
                *report.files_awaited,
            }
        ]
        found = self._inbox.read_submissions(missing) if missing else {}
        return IntakeReport(
            failures={
                one: SourceBehind(f"submission {one} is not settled yet: it is read again")
                for one in missing
                if one not in found or found[one].stage is Stage.OPEN
            }
        )
