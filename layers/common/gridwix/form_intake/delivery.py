"""Delivers submissions to Trading Grid: in sequence for each partner, partners in parallel.

An order is the call to Trading Grid that delivers one submission. It is stored before the first
attempt, so that every retry makes the same call.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from gridwix.errors import GridwixError
from gridwix.form_intake.follow_ups import FollowUps
from gridwix.form_intake.holding import SubmissionHolder
from gridwix.form_intake.matching import UNCLEAR
from gridwix.form_intake.new_requests import NewRequests
from gridwix.form_intake.report import IntakeReport
from gridwix.form_intake.states import ReadyOrder, submission_name
from gridwix.mapping.record_faults import confine_to_record
from gridwix.partner_requests.orders import FollowUp, RequestOrder
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.submissions import Outcome


class Delivery:
    """Carries out stored orders in Trading Grid and marks their submissions as delivered.

    An order is the call to Trading Grid for one submission. Retries are idempotent: every call has
    an idempotency key that is made from the submission.

    Args:
        inbox: Store of the submissions, in which they are marked as delivered.
        requests: Creates collaboration requests.
        follow_ups: Carries out comments, resolutions, steps and uploads of documents.
        holder: Holds submissions that Trading Grid refuses, for manual review.
        at_once: Number of lanes (partners) that are delivered in parallel.
    """

    def __init__(
        self,
        *,
        inbox: SubmissionInbox,
        requests: NewRequests,
        follow_ups: FollowUps,
        holder: SubmissionHolder,
        at_once: int,
    ) -> None:
        self._inbox = inbox
        self._requests = requests
        self._follow_ups = follow_ups
        self._holder = holder
        self._at_once = at_once

    def deliver_lanes(self, lanes: Mapping[str, Sequence[ReadyOrder]]) -> Iterator[IntakeReport]:
        """Deliver the orders of several partners (lanes) in parallel; yield one report per lane.

        Raises no GridwixError: the reports have the errors.
        """
        with ThreadPoolExecutor(self._at_once) as pool:
            yield from pool.map(self._deliver_lane, lanes, lanes.values())

    def _deliver_lane(self, lane: str, orders: Sequence[ReadyOrder]) -> IntakeReport:
        """Deliver the orders of one partner (its lane) in sequence; return the report of them all.

        An order is the stored call to Trading Grid for one submission. If it has to be retried, the
        later orders of the partner wait, so that its submissions keep their sequence. If it is held
        for manual review, they do not wait.
        """
        report = IntakeReport()
        for position, one in enumerate(orders):
            done = self._deliver_order(one)
            report += done
            if one.submission.id in done.failures and not done.record_faults:
                error = done.failures[one.submission.id]
                rest = {waiting.submission.id: error for waiting in orders[position:]}
                return report + IntakeReport(failures=rest, blocked_lanes=frozenset({lane}))
        return report

    def _deliver_order(self, one: ReadyOrder) -> IntakeReport:
        """Carry out the stored call to Trading Grid (the order) for one submission.

        The submission is marked as delivered. If the call fails, the submission is held for manual
        review, or stays open for a retry.
        """
        submission = one.submission
        try:
            with confine_to_record(submission_name(submission)):
                outcome = self._carry_out(one)
                settled = self._inbox.settle_submission(submission.id, outcome)
        except GridwixError as error:
            return self._hold_failed(one, error)
        return IntakeReport(
            delivered={submission.id: outcome},
            unmatched=int(_is_unclear(one.order)),
            moved={submission.id: settled},
        )

    def _hold_failed(self, one: ReadyOrder, error: GridwixError) -> IntakeReport:
        try:
            return self._holder.hold_failed(one.submission, error)
        except GridwixError as unwritten:
            # The inbox cannot be written now. The next run holds it.
            return IntakeReport(failures={one.submission.id: unwritten})

    def _carry_out(self, one: ReadyOrder) -> Outcome:
        if isinstance(one.order, RequestOrder):
            return self._requests.create_request(one.submission.id, one.order, one.note)
        return self._follow_ups.carry_out(one.submission.id, one.order)


def _is_unclear(order: RequestOrder | FollowUp) -> bool:
    """Return True for a member's request if it is unclear to which partner the request belongs.

    The member acts for several partners, or no longer for the one that it has chosen. The hub's
    staff has to assign such a request before it shows up on the partner's page.
    """
    return isinstance(order, RequestOrder) and order.request.partner_match == UNCLEAR.by
