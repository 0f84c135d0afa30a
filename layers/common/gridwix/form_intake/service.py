"""Use case 4: delivers submissions from the portal to Trading Grid, exactly once, and in order for
each partner.

``docs/adr/0009-the-inbox-is-the-queue.md`` gives the reasons.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from gridwix.configuration.everything import Configuration
from gridwix.errors import FileRefused, GridwixError, RecordFault, Refused, SourceBehind
from gridwix.form_intake.delivery import Delivery
from gridwix.form_intake.due_rows import DueRows
from gridwix.form_intake.follow_ups import FollowUps
from gridwix.form_intake.holding import SubmissionHolder
from gridwix.form_intake.new_requests import NewRequests
from gridwix.form_intake.partner_lookup import KnownPartners, PartnerLookup
from gridwix.form_intake.permissions import NotAllowed, SenderPermissions
from gridwix.form_intake.reading import SubmissionReader
from gridwix.form_intake.report import IntakeReport
from gridwix.form_intake.states import Hold, ReadSubmission, ReadyOrder, record_name
from gridwix.form_intake.submission_rows import ReadRequest, SubmissionRows
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.partner_requests.orders import FollowUp, RequestOrder
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Stage, Submission, SubmissionPage
from gridwix.ports import Clock

PAGE = 100
"""Submissions that are processed together."""


class FormIntake:
    """Delivers the submissions of the inbox, oldest first.

    - In order: whatever submission an event names, every older one is delivered first, so the
      requests of a partner are created in the order in which they were accepted. A partner whose
      request cannot be created now blocks no other partner.
    - Exactly once: the order is stored before the first attempt, and sent under an idempotency key
      that is made from the submission. A retry after a crash, or a parallel run, sends the same
      order under the same key, so one submission makes one request.
    - Isolated: a submission that cannot be read or mapped is held for manual review at once. One
      that needs a record which cannot be read is retried for a while
      (``gridwix.form_intake.holding.MAX_WAIT``), then held. Neither blocks another submission, not
      even one of the same partner.

    Args:
        inbox: The submissions.
        partners: Looks up the senders.
        requests: Builds and creates collaboration requests.
        follow_ups: Builds and carries out follow-ups.
        rows: Makes the rows of submissions.
        due_rows: Publishes them, at once or in a later run.
        configuration: Forms, routing and rules.
        clock: Returns Unix seconds.
        at_once: Number of partners that are served in parallel, so of files that are copied at a
            time.
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
        self._reader = SubmissionReader(inbox, configuration)
        self._due_rows = due_rows
        self._holder = SubmissionHolder(inbox, rows, clock)
        self._delivery = Delivery(
            inbox=inbox,
            requests=requests,
            follow_ups=follow_ups,
            holder=self._holder,
            at_once=at_once,
        )

    def run(
        self,
        named: Collection[str] = (),
        deadline: Deadline = NO_DEADLINE,
        *,
        publish_due: bool = True,
    ) -> IntakeReport:
        """Deliver all open submissions, page by page.

        A page whose partners cannot be looked up stays in the inbox, with every later one.

        Args:
            named: Ids of the submissions that the caller needs a result for. The report has each
                one that is not delivered or held as a failure.
            deadline: No page begins once it is near.
            publish_due: First publish the rows that earlier runs could not write.

        Raises:
            UpstreamError: The inbox cannot be read.
        """
        # Whatever these rows need, half of the time is left for the deliveries.
        report = self._due_rows.publish_due(deadline.half()) if publish_due else IntakeReport()
        cursor: str | None = None
        while True:
            page = self._inbox.list_submissions(Stage.OPEN, cursor, PAGE)
            report += self._process_page(page, report.blocked_lanes)
            cursor = page.cursor
            if report.interrupted or cursor is None or deadline.is_near():
                break
        return report + self._fail_unprocessed(named, report)

    def _process_page(self, page: SubmissionPage, blocked: frozenset[str]) -> IntakeReport:
        """Prepare, deliver and publish one page.

        An UpstreamError of a lookup fails the submissions that are not settled yet; what was
        settled before it stays in the report.
        """
        report = IntakeReport(blocked_lanes=blocked)
        for fault in page.faults:
            report += self._holder.hold_unreadable(fault.record.partition("/")[2], fault)
        ready: list[ReadyOrder] = []
        try:
            for step in self._prepare_orders(page.submissions):
                if isinstance(step, ReadyOrder):
                    ready.append(step)
                else:
                    report += step
            for delivered in self._deliver_orders(ready, report.blocked_lanes):
                report += delivered
        except GridwixError as error:
            report += self._fail_unsettled(page.submissions, error, report)
        # Also after an error: an outage may be long, so senders get their references now.
        return report + self._publish_rows(page.submissions, report)

    def _prepare_orders(
        self, submissions: Sequence[Submission]
    ) -> Iterator[ReadyOrder | IntakeReport]:
        """Read submissions, look up their partners and store their orders.

        Yields the order of each, or a report if it is held or has to wait, as soon as it is known:
        a later error does not lose it. Raises UpstreamError.
        """
        read: list[ReadSubmission] = []
        for submission in submissions:
            result = self._read(submission)
            if isinstance(result, ReadSubmission):
                read.append(result)
            else:
                yield result
        known = self._partners.find_partners(read)
        for one in read:
            yield self._store_order(one, known)

    def _read(self, submission: Submission) -> ReadSubmission | ReadyOrder | IntakeReport:
        """Parse one submission; a report if it is held or has to wait. Raises UpstreamError."""
        try:
            with confine_to_record(record_name(submission)):
                result = self._reader.read(submission)
        except RecordFault as fault:
            return self._holder.hold_or_retry(submission, fault)
        return self._holder.hold(submission, result) if isinstance(result, Hold) else result

    def _store_order(self, read: ReadSubmission, known: KnownPartners) -> ReadyOrder | IntakeReport:
        """Build the order of one submission and store it before the first attempt, so that every
        retry sends the same; a report if it is held or has to wait. Raises UpstreamError if it
        cannot be held."""
        submission = read.submission
        try:
            with confine_to_record(record_name(submission), passing=(NotAllowed,)):
                order = self._build_order(read, known)
                stored = None if order is None else self._inbox.keep_order(submission.id, order)
        except FileRefused as refusal:
            return self._holder.hold(
                submission, Hold(HoldReason.ATTACHMENTS, file_fault=refusal.fault)
            )
        except NotAllowed:
            # Also if an operator has released it: only another role lets it pass.
            return self._holder.hold(submission, Hold(HoldReason.NOT_ALLOWED))
        except Refused as error:
            return self._holder.hold_refused(submission, error)
        except RecordFault as fault:
            return self._holder.hold_or_retry(submission, fault)
        except GridwixError as error:
            # Later submissions of these partners must not overtake this one.
            return IntakeReport(
                failures={submission.id: error}, blocked_lanes=known.linked_to(submission)
            )
        if stored is None:
            return self._holder.hold(submission, Hold(HoldReason.NOT_THEIRS))
        return ReadyOrder(submission, stored, read.note)

    def _build_order(
        self, read: ReadSubmission, known: KnownPartners
    ) -> RequestOrder | FollowUp | None:
        """Build the order of one submission; None if its subject is not the sender's. Raises
        NotAllowed, FileRefused, RecordFault and UpstreamError."""
        permissions = SenderPermissions(
            self._roles, known.roles_of(read.submission), read.form_key, read.definition
        )
        permissions.require(read.submission.partner_id)
        if read.definition.action == "request":
            return self._requests.build_order(read, known, permissions)
        return self._follow_ups.build_order(read.definition, read.reading, permissions)

    def _deliver_orders(
        self, ready: Sequence[ReadyOrder], blocked: frozenset[str]
    ) -> Iterator[IntakeReport]:
        """Deliver orders, oldest first in each lane. Those of blocked lanes fail without a call."""
        lanes: defaultdict[str, list[ReadyOrder]] = defaultdict(list)
        for one in sorted(ready, key=lambda order: order.submission.received_at):
            lanes[one.lane].append(one)
        for lane in blocked & lanes.keys():
            error = SourceBehind("an older one of the same partner waits")
            yield IntakeReport(failures={one.submission.id: error for one in lanes.pop(lane)})
        yield from self._delivery.deliver_lanes(lanes)

    def _fail_unsettled(
        self, submissions: Sequence[Submission], error: GridwixError, report: IntakeReport
    ) -> IntakeReport:
        """Fail the submissions that ``report`` does not have as delivered or held."""
        settled = {*report.delivered, *report.held}
        return IntakeReport(
            failures={one.id: error for one in submissions if one.id not in settled},
            interrupted=True,
        )

    def _publish_rows(
        self, submissions: Sequence[Submission], report: IntakeReport
    ) -> IntakeReport:
        """Publish the rows of a page: of the submissions that wait, each with a reference, and of
        those that were moved on."""
        waiting = {one.id: one for one in submissions if one.id in report.failures}
        requests: dict[str, ReadRequest] = {
            submission: (outcome.request, ())
            for submission, outcome in report.delivered.items()
            if outcome.request is not None
        }
        return self._due_rows.publish_rows([*{**waiting, **report.moved}.values()], requests)

    def _fail_unprocessed(self, named: Collection[str], report: IntakeReport) -> IntakeReport:
        """Fail the named submissions that this run did not reach, and those that are not in the
        inbox yet, so that their messages are redelivered. Raises UpstreamError."""
        missing = [
            one
            for one in named
            if one not in report.delivered and one not in report.held and one not in report.failures
        ]
        found = self._inbox.read_submissions(missing) if missing else {}
        return IntakeReport(
            failures={
                one: SourceBehind()
                for one in missing
                if one not in found or found[one].stage is Stage.OPEN
            }
        )
