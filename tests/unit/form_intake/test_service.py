"""Delivery of the inbox to Trading Grid: one request for each submission, in order for each
partner, whatever fails.
"""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gridwix.errors import BudgetExhausted, SourceBehind, Unavailable
from gridwix.form_intake.service import PAGE
from gridwix.mapping.references import idempotency_key, reference
from gridwix.models.deadline import Deadline
from gridwix.models.trading_grid.requests import CollaborationRequest, NewRequest
from gridwix.partner_requests.submissions import HoldReason, Stage
from tests.examples import examples
from tests.factories import BALTIC, PRAIRIE_GOLD, case, submission
from tests.fakes.deadlines import PASSED
from tests.fakes.portal import Trouble, lost_answer
from tests.unit.form_intake.intake_bench import VALUES, Bench, Killer


def test_submission_becomes_one_request_whose_number_goes_back_to_the_portal() -> None:
    bench = Bench()
    bench.accept("sub-1")

    report = bench.intake.deliver_submissions(["sub-1"])

    ((key, order),) = bench.desk.made
    assert (key, order.partner_id, order.partner_match, order.routing.team_key) == (
        idempotency_key("sub-1"),
        PRAIRIE_GOLD,
        "member",
        "ap-disputes",
    )
    assert (report.failures, list(report.delivered), report.unmatched) == ({}, ["sub-1"], 0)
    assert (
        bench.row("sub-1")["number"],
        bench.row("sub-1")["reference"],
        bench.row("sub-1")["memberId"],
    ) == ("CR-1", reference("sub-1"), "member-1")
    assert (bench.stage("sub-1"), bench.inbox.submissions["sub-1"].values) == (Stage.DELIVERED, {})


def test_while_trading_grid_is_down_everybody_has_a_reference_and_nothing_is_lost() -> None:
    bench = Bench()
    bench.lookups.down = True
    bench.desk.down = lambda _: True
    for number in range(5):
        bench.accept(f"sub-{number}", member=f"member-{number % 2 + 1}")

    for _ in range(3):
        report = bench.intake.deliver_submissions([f"sub-{number}" for number in range(5)])

    assert all(isinstance(error, Unavailable) for error in report.failures.values())
    assert len(report.failures) == 5
    assert [bench.row(f"sub-{number}")["reference"] for number in range(5)] == [
        reference(f"sub-{number}") for number in range(5)
    ]
    assert bench.portal.calls == 1

    bench.lookups.down = False
    bench.desk.down = lambda _: False
    bench.intake.deliver_submissions()

    assert bench.desk.sources(PRAIRIE_GOLD) == ["sub-0", "sub-2", "sub-4"]
    assert bench.desk.sources(BALTIC) == ["sub-1", "sub-3"]
    assert bench.row("sub-3")["number"]


def test_lookup_that_fails_loses_no_result_from_before_it() -> None:
    bench = Bench()
    bench.lookups.down = True
    bench.accept("sub-1", values={**VALUES, "website": "https://spam.example"})
    bench.accept("sub-2")

    report = bench.intake.deliver_submissions(["sub-1", "sub-2"])

    assert (report.held, list(report.failures), report.interrupted) == (
        {"sub-1": HoldReason.HONEYPOT},
        ["sub-2"],
        True,
    )


def test_partner_whose_request_cannot_be_made_now_waits_in_order_and_holds_up_nobody_else() -> None:
    bench = Bench()
    bench.desk.down = lambda order: order.source_submission_id == "sub-000"
    for number in range(250):
        bench.accept(f"sub-{number:03}", member=f"member-{number % 2 + 1}", released=True)

    report = bench.intake.deliver_submissions(["sub-000", "sub-249"])

    assert bench.desk.sources(PRAIRIE_GOLD) == []
    assert len(bench.desk.sources(BALTIC)) == 125
    assert set(report.failures) == {f"sub-{number:03}" for number in range(0, 250, 2)}

    bench.desk.down = lambda _: False
    bench.intake.deliver_submissions()

    assert bench.desk.sources(PRAIRIE_GOLD) == [f"sub-{number:03}" for number in range(0, 250, 2)]


def test_what_is_asked_for_is_the_same_at_every_attempt_although_everything_has_changed() -> None:
    bench = Bench()
    bench.accept("sub-1")
    bench.desk.lose = 1
    bench.intake.deliver_submissions(["sub-1"])
    bench.lookups.links = {}
    bench.now += timedelta(days=3)

    report = bench.intake.deliver_submissions(["sub-1"])

    assert (len(bench.desk.made), bench.desk.calls, report.failures) == (1, 2, {})
    assert bench.stage("sub-1") is Stage.DELIVERED


def test_crash_between_trading_grids_commit_and_our_record_makes_no_second_request() -> None:
    bench = Bench()
    bench.accept("sub-1")
    bench.inbox.drop = 1

    first, second = (
        bench.intake.deliver_submissions(["sub-1"]),
        bench.intake.deliver_submissions(["sub-1"]),
    )

    assert (list(first.failures), second.failures) == (["sub-1"], {})
    assert len(bench.desk.made) == 1


def test_portal_that_fails_delays_no_request() -> None:
    bench = Bench()
    bench.accept("sub-1")
    bench.portal.troubles = [lost_answer(lands=None)]

    report = bench.intake.deliver_submissions(["sub-1"])

    assert (list(report.delivered), report.failures) == (["sub-1"], {})


def test_event_for_a_submission_that_is_not_in_the_inbox_yet_is_redelivered() -> None:
    report = Bench().intake.deliver_submissions(["sub-9"])

    assert isinstance(report.failures["sub-9"], SourceBehind)


def test_run_without_time_left_fails_the_submissions_that_it_did_not_reach() -> None:
    bench = Bench()
    for number in range(150):
        bench.accept(f"sub-{number:03}", released=True)

    report = bench.intake.deliver_submissions(["sub-149"], deadline=PASSED)

    assert len(bench.desk.made) == 100
    assert isinstance(report.failures["sub-149"], SourceBehind)


def test_what_strangers_send_is_delivered_after_partners_and_the_newest_first() -> None:
    bench = Bench()
    asked: list[str] = []
    create = bench.desk.create_request

    def create_request(order: NewRequest, key: str) -> CollaborationRequest:
        asked.append(order.source_submission_id)
        if "swallow" in order.answers["question"]:
            raise Unavailable(system="trading_grid", ambiguous=True)
        return create(order, key)

    bench.desk.create_request = create_request  # type: ignore[method-assign]
    for number in range(PAGE):
        values = {**VALUES, "email": f"{number}@visitor.example", "question": "swallow"}
        bench.accept(f"sub-{number}", member=None, values=values, released=True)
    bench.accept("visitor", member=None, released=True)
    bench.accept("member")

    # A request takes ten seconds. Half of what is left after the member's is for the others.
    deadline = Deadline(remaining=lambda: 100.0 - 10.0 * len(asked), reserve=20.0)

    report = bench.intake.deliver_submissions(deadline=deadline)

    assert asked == ["member", "visitor", "sub-99", "sub-98", "sub-97"]
    assert (list(report.delivered), len(report.failures)) == (["member", "visitor"], PAGE)


@settings(
    max_examples=examples(50),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
class Deliveries(RuleBasedStateMachine):
    """Webhooks are redelivered, every call fails at times, and workers are killed anywhere: in the
    end each question has made one request, in order, each comment is made once, and each row shows
    what became of its submission.
    """

    @initialize()
    def begin(self) -> None:
        self.bench = Bench()
        self.bench.cases.put(
            case("case_1", 3, status="open", partnerId=PRAIRIE_GOLD),
            case("case_2", 3, partnerId=BALTIC),
        )
        self.accepted: list[tuple[str, str, datetime]] = []
        self.others: dict[str, str] = {}

    @rule(member=st.sampled_from(["member-1", "member-2"]))
    def accept(self, member: str) -> None:
        # With the comments no more than one person may send in an hour.
        if len(self.accepted) < 12:
            sent = self.bench.accept(f"sub-{len(self.accepted):02}", member=member)
            self.accepted.append((sent.id, member, sent.received_at))

    @rule(
        kind=st.sampled_from(
            [("case_1", "done"), ("case_2", "not_possible"), ("case_9", "not_possible")]
        )
    )
    def accept_comment(self, kind: tuple[str, str]) -> None:
        """A comment on the member's own case, another partner's, or none."""
        if len(self.others) < 8:
            record, status = kind
            sent = self.bench.accept(
                f"com-{len(self.others):02}",
                form="issue-comment",
                values={"case_id": record, "comment": "Look", "your_name": "Dana"},
            )
            self.others[sent.id] = status

    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        """Redeliver a webhook of Wix."""
        if self.accepted:
            identifier, member, at = data.draw(st.sampled_from(self.accepted))
            self.bench.inbox.accept(
                submission(
                    identifier, member_id=member, received_at=at + timedelta(days=2), values=VALUES
                )
            )

    @rule(
        down=st.sets(st.integers(0, 14), max_size=3),
        lookups=st.booleans(),
        lose=st.integers(0, 2),
        drop=st.integers(0, 2),
        lost=st.integers(0, 1),
        unmarked=st.integers(0, 1),
        troubles=st.lists(st.sampled_from(["budget", None, "now", "later"]), max_size=3),
    )
    def weather(
        self,
        down: set[int],
        lookups: bool,
        lose: int,
        drop: int,
        lost: int,
        unmarked: int,
        troubles: list[str | None],
    ) -> None:
        self.bench.desk.down = lambda order: int(order.source_submission_id[4:]) in down
        self.bench.lookups.down = lookups
        self.bench.desk.lose, self.bench.inbox.drop, self.bench.inbox.lose = lose, drop, lost
        self.bench.cases.lose, self.bench.inbox.unmarked = lose, unmarked
        self.bench.portal.troubles = [
            Trouble(BudgetExhausted(wait=20)) if one == "budget" else lost_answer(lands=one)
            for one in troubles
        ]

    @rule(
        data=st.data(),
        at_once=st.integers(1, 3),
        kill=st.none() | st.tuples(st.integers(1, 40), st.booleans()),
    )
    def run_intake(self, data: st.DataObject, at_once: int, kill: tuple[int, bool] | None) -> None:
        known = [identifier for identifier, *_ in self.accepted]
        named = data.draw(st.lists(st.sampled_from(known), max_size=4)) if known else []
        bench = self.bench
        worker = bench.worker(at_once)
        if kill is None:
            worker.deliver_submissions(named)
        else:
            Killer(bench, kill[0], after=kill[1]).kills(lambda: worker.deliver_submissions(named))

    @rule()
    def wait_for_claims(self) -> None:
        """Late writes land, and then the claims on their rows end."""
        self.bench.portal.land()
        self.bench.now += timedelta(minutes=2)

    @invariant()
    def each_at_most_once_and_in_order(self) -> None:
        for member, partner in (("member-1", PRAIRIE_GOLD), ("member-2", BALTIC)):
            sent = [identifier for identifier, owner, _ in self.accepted if owner == member]
            assert self.bench.desk.sources(partner) == sent[: len(self.bench.desk.sources(partner))]

    def teardown(self) -> None:
        if hasattr(self, "accepted"):
            self.weather(set(), False, 0, 0, 0, 0, [])
            self.wait_for_claims()
            self.bench.intake.deliver_submissions()
            assert sorted(self.bench.desk.sources()) == [
                identifier for identifier, *_ in self.accepted
            ]
            self.each_at_most_once_and_in_order()
            assert all(
                self.bench.row(identifier)["reference"] == reference(identifier)
                for identifier, *_ in self.accepted
            )
            self.each_row_shows_what_became_of_its_submission()

    def each_row_shows_what_became_of_its_submission(self) -> None:
        numbers = {one.source_submission_id: one.number for one in self.bench.desk.records.values()}
        for identifier, *_ in self.accepted:
            assert self.bench.row(identifier)["number"] == numbers[identifier]
        for identifier, status in self.others.items():
            assert self.bench.row(identifier)["status"] == status
        done = [status for status in self.others.values() if status == "done"]
        assert self.bench.cases.done == [("cases/case_1", "comment")] * len(done)
        assert not [one for one in self.bench.inbox.submissions.values() if one.row_due]


TestDeliveries = Deliveries.TestCase
