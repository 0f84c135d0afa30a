"""Changes of partners are gathered: one pass for many of them, and none of them is missed."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import GridwixError, OutOfTime, Refused, RowHeld, Unavailable
from gridwix.models.events import AUDIENCES, AUDIENCES_CHANGED, Change
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import SERVICE_NOTICES
from gridwix.publication.audience_refreshes import (
    CLOCK_ERROR,
    MAX_DELAY,
    MIN_DELAY,
    READ_LAG,
    ROUNDS,
    AudienceRefreshes,
    RefreshState,
)
from gridwix.publication.changes import ChangeReport
from gridwix.publication.hub_partners import PartnersIncomplete
from gridwix.publication.models import RowKey
from tests.factories import change
from tests.fakes.refreshes import FakeRefreshQueue, FakeRefreshStates, audience_refreshes

START = 1_780_000_000.0


def partner_change(number: int = 0) -> Change:
    return change(f"evt_{number}", type="partner.created", subject=f"partners/GC{number}")


@dataclass
class Bench:
    """One function with several workers, each with an error of its clock (seconds).

    ``passes`` are the numbers of the partners that each pass has read.
    """

    errors: tuple[float, ...] = (0.0,)
    now: float = START
    states: FakeRefreshStates = field(default_factory=FakeRefreshStates)
    queue: FakeRefreshQueue = field(default_factory=FakeRefreshQueue)
    changed: int = 0
    passes: list[int] = field(default_factory=list)
    due: list[tuple[float, Change]] = field(default_factory=list)

    def worker(self, number: int = 0) -> AudienceRefreshes:
        error = self.errors[number % len(self.errors)]
        return audience_refreshes(lambda: self.now + error, states=self.states, queue=self.queue)

    def change_partner(self, worker: int = 0) -> bool:
        """Change one partner more, and tell whether its message is done."""
        self.changed += 1
        one = partner_change(self.changed)
        report = self.worker(worker).gather([one])
        self.due += [(self.now + delay, sent) for sent, delay in self.queue.sent]
        self.queue.sent.clear()
        return not report.invalid

    def run_pass(self, refreshes: list[Change], worker: int = 0, seconds: float = 0.0) -> None:
        with self.worker(worker).pass_of(refreshes):
            self.passes.append(self.changed)
            self.now += seconds

    def deliver_due(self, seconds: float = 0.0) -> None:
        """Deliver each message whose delay is over, in a batch of its own."""
        for at, refresh in sorted(self.due, key=lambda one: one[0]):
            if at <= self.now:
                self.due.remove((at, refresh))
                self.run_pass([refresh], seconds=seconds)


def test_gather_when_many_partners_change_in_many_batches_then_one_pass_reads_them_all() -> None:
    bench = Bench()

    for batch in range(20):
        report = bench.worker().gather([partner_change(batch * 50 + one) for one in range(50)])
        assert not report.invalid
        bench.now += 0.4
    ((refresh, delay),) = bench.queue.sent

    assert (refresh.type, refresh.subject, delay) == (AUDIENCES_CHANGED, AUDIENCES, MIN_DELAY)
    assert refresh.is_audience_refresh
    assert refresh.event_id == f"audiences-test-{round((START + MIN_DELAY) * 1000)}"
    assert bench.states.reads == 20


@pytest.mark.parametrize(
    "one",
    [
        change("evt_1", type="case.updated", subject="cases/case_1"),
        change("evt_1", type="partner.updated", subject="partners/GC1", changed=["name"]),
        change("evt_1", type=AUDIENCES_CHANGED, subject=AUDIENCES),
    ],
)
def test_gather_when_no_audience_can_have_changed_then_the_state_is_not_even_read(
    one: Change,
) -> None:
    bench = Bench()

    bench.worker().gather([one])

    assert (bench.states.reads, bench.queue.sent) == (0, [])


def test_gather_after_a_pass_has_begun_then_another_one_comes() -> None:
    bench = Bench()
    bench.change_partner()
    bench.now += MIN_DELAY
    (_, refresh), *_ = bench.due
    bench.due.clear()

    with bench.worker().pass_of([refresh]):
        bench.change_partner()

    assert len(bench.due) == 1


def test_gather_shortly_before_a_pass_then_it_does_not_rely_on_it() -> None:
    """What Trading Grid lists may be older than a change of a moment ago."""
    bench = Bench()
    bench.change_partner()
    bench.now += MIN_DELAY - READ_LAG

    bench.change_partner()

    assert len(bench.due) == 2


@pytest.mark.parametrize("fails", ["send", "save"])
def test_gather_when_it_fails_then_the_changes_of_partners_wait_and_the_retry_makes_a_pass(
    fails: str,
) -> None:
    bench = Bench()
    bench.queue.fails, bench.states.fails = int(fails == "send"), int(fails == "save")
    other = change("evt_other", type="case.updated", subject="cases/case_1")

    report = bench.worker().gather([partner_change(1), other])

    assert [*report.invalid] == ["evt_1"]
    assert isinstance(report.invalid["evt_1"], Unavailable)

    # After a crash between the two, the message that was sent makes a pass as well.
    assert not bench.worker().gather([partner_change(1), other]).invalid
    assert len(bench.queue.sent) == (1 if fails == "send" else 2)


def test_gather_when_another_worker_stores_its_refresh_first_then_both_messages_come() -> None:
    bench = Bench()
    bench.states.before_save = [RefreshState("audiences-other", START + MIN_DELAY)]

    assert bench.change_partner()

    assert len(bench.due) == 1
    assert bench.states.state.pending == "audiences-other"


def test_pass_when_another_worker_changes_the_state_meanwhile_then_it_begins_all_the_same() -> None:
    bench = Bench()
    bench.change_partner()
    pending = bench.states.state
    bench.states.before_save = [replace(pending, seconds=1.0)]

    bench.run_pass([bench.due[0][1]])

    assert bench.states.state.pending == ""


def test_pass_when_its_beginning_cannot_be_stored_then_nothing_is_read() -> None:
    bench = Bench()
    bench.change_partner()
    refreshes = [bench.due[0][1]]
    bench.states.fails = 1

    with pytest.raises(Unavailable):
        bench.run_pass(refreshes)
    bench.states.before_save = [RefreshState(seconds=number) for number in range(ROUNDS)]
    with pytest.raises(Unavailable):
        bench.run_pass(refreshes)

    assert bench.passes == []


def test_pass_of_an_older_message_leaves_a_newer_one_pending() -> None:
    bench = Bench()
    bench.change_partner()
    old = bench.due[0][1]
    bench.run_pass([old], seconds=1.0)
    bench.change_partner()
    newer = bench.states.state.pending

    bench.run_pass([old])

    assert bench.states.state.pending == newer != old.event_id


def test_pass_whose_end_cannot_be_stored_is_done() -> None:
    bench = Bench()
    bench.change_partner()

    with bench.worker().pass_of([bench.due[0][1]]):
        bench.states.fails = 1

    assert bench.states.state.began_at == START


def test_batch_without_a_refresh_stores_nothing() -> None:
    bench = Bench()

    bench.run_pass([partner_change()])

    assert bench.states.state == RefreshState()


@pytest.mark.parametrize(
    ("seconds", "delay"), [(0.4, MIN_DELAY), (4.0, 40), (50.0, MAX_DELAY), (-300.0, MIN_DELAY)]
)
def test_delay_after_a_pass_is_ten_times_as_long_as_the_pass_within_bounds(
    seconds: float, delay: int
) -> None:
    bench = Bench()
    bench.change_partner()
    bench.run_pass([bench.due.pop()[1]], seconds=seconds)

    bench.change_partner()

    assert bench.due[0][0] - bench.now == delay


def test_delay_while_passes_are_killed_before_they_end_grows_to_its_bound() -> None:
    bench = Bench()
    bench.change_partner()
    refresh = bench.due.pop()[1]
    with pytest.raises(Unavailable), bench.worker().pass_of([refresh]):
        bench.now += 60
        raise Unavailable(system="trading_grid")

    bench.change_partner()

    assert bench.due[0][0] - bench.now == MAX_DELAY


@pytest.mark.parametrize("ahead", [MAX_DELAY + CLOCK_ERROR + 1, 10_000_000])
def test_refresh_that_is_due_later_than_any_clock_can_say_is_not_believed_in(ahead: float) -> None:
    bench = Bench()
    bench.states.state = RefreshState("audiences-lost", START + ahead, revision=1)

    bench.change_partner()

    assert len(bench.due) == 1


@pytest.mark.parametrize("error", [-CLOCK_ERROR, 0, CLOCK_ERROR])
def test_refresh_whose_message_is_lost_holds_others_back_no_longer_than_delay_and_clock_error(
    error: float,
) -> None:
    bench = Bench(errors=(error, 0.0))
    bench.change_partner(worker=0)
    bench.due.clear()

    bench.now += MAX_DELAY + CLOCK_ERROR
    bench.change_partner(worker=1)

    assert len(bench.due) == 1


steps = st.lists(
    st.tuples(
        st.sampled_from(["change", "wait", "send fails", "save fails", "race", "pass is killed"]),
        st.integers(0, 2),
        st.floats(0, 20),
    ),
    max_size=40,
)


@given(steps)
def test_changes_in_any_order_with_any_failure_and_clocks_that_differ_are_all_read(
    taken: list[tuple[str, int, float]],
) -> None:
    bench = Bench(errors=(0.0, CLOCK_ERROR, -CLOCK_ERROR))

    for what, worker, seconds in taken:
        bench.now += seconds
        bench.queue.fails, bench.states.fails = int(what == "send fails"), 0
        if what == "save fails":
            bench.states.fails = 1
        if what == "race":
            bench.states.before_save = [replace(bench.states.state, seconds=seconds)]
        if what == "pass is killed" and bench.due:
            # Its message is delivered again.
            with pytest.raises(Unavailable), bench.worker(worker).pass_of([bench.due[0][1]]):
                raise Unavailable(system="trading_grid")
        elif what != "wait" and not bench.change_partner(worker):
            bench.queue.fails = bench.states.fails = 0
            retried = partner_change(bench.changed)
            assert not bench.worker(worker).gather([retried]).invalid
            bench.due += [(bench.now + delay, sent) for sent, delay in bench.queue.sent]
            bench.queue.sent.clear()
        bench.queue.fails = bench.states.fails = 0
        bench.states.before_save.clear()
        bench.deliver_due()
    bench.now += MAX_DELAY
    bench.deliver_due()

    assert max(bench.passes, default=0) == bench.changed


def test_steady_changes_for_an_hour_cost_no_more_than_a_tenth_of_it_in_passes() -> None:
    bench = Bench()
    end, seconds = START + 3_600, 4.0

    while bench.now < end:
        bench.change_partner()
        bench.now += 0.5
        bench.deliver_due(seconds=seconds)

    assert 0 < len(bench.passes) * seconds <= 3_600 / 8


HELD_ROW = RowKey(SERVICE_NOTICES, WixItemId("not_1"))


def failed_pass() -> tuple[Bench, Change]:
    """A function after a pass that could not write all rows, and the refresh that began it."""
    bench = Bench()
    bench.change_partner()
    ((_, failed),) = bench.due
    bench.now += MIN_DELAY
    bench.run_pass([failed])
    return bench, failed


def report_of(*changes: Change) -> ChangeReport:
    """Report of changes that all wait for one row."""
    return ChangeReport.for_deferred(changes, HELD_ROW, RowHeld("held"))


def test_failed_pass_when_another_refresh_is_pending_then_it_is_done() -> None:
    bench, failed = failed_pass()
    bench.change_partner()

    report = bench.worker().settle_covered([failed], report_of(failed))

    assert report.failure(failed) is None
    assert report.reasons.keys() == {HELD_ROW}


@pytest.mark.parametrize("passed", [0.0, MIN_DELAY - READ_LAG, MIN_DELAY])
def test_failed_pass_when_no_refresh_is_ahead_then_it_is_retried(passed: float) -> None:
    bench, failed = failed_pass()
    if passed:
        bench.change_partner()
        bench.now += passed

    report = bench.worker().settle_covered([failed], report_of(failed))

    assert isinstance(report.failure(failed), RowHeld)


def test_failed_pass_when_another_change_of_its_batch_failed_then_that_one_is_retried() -> None:
    bench, failed = failed_pass()
    bench.change_partner()
    other = change("evt_9", subject="service-notices/not_1")

    report = bench.worker().settle_covered([other, failed], report_of(other, failed))

    assert isinstance(report.failure(other), RowHeld)
    assert report.failure(failed) is None


def test_failed_pass_when_its_notices_cannot_be_listed_then_a_pending_refresh_covers_it() -> None:
    bench, failed = failed_pass()
    bench.change_partner()
    invalid = ChangeReport.for_invalid([failed], Unavailable(system="trading_grid"))

    assert bench.worker().settle_covered([failed], invalid).failure(failed) is None


def test_failed_pass_that_has_not_listed_all_partners_goes_on_beside_a_pending_refresh() -> None:
    bench, failed = failed_pass()
    bench.change_partner()
    error = PartnersIncomplete()
    other = ChangeReport.for_deferred(
        [failed], RowKey(SERVICE_NOTICES, WixItemId("not_0")), RowHeld()
    )
    report = other + ChangeReport.for_deferred([failed], HELD_ROW, error)

    assert bench.worker().settle_covered([failed], report).failure(failed) is not None


@pytest.mark.parametrize(
    "error", [OutOfTime(), Refused(system="wix", vendor_code="SITE_QUOTA_EXCEEDED")]
)
def test_failed_pass_whose_row_cannot_be_written_is_done_if_a_refresh_is_pending(
    error: GridwixError,
) -> None:
    bench, failed = failed_pass()
    bench.change_partner()
    report = ChangeReport.for_deferred([failed], HELD_ROW, error)

    assert bench.worker().settle_covered([failed], report).failure(failed) is None


def test_failed_pass_when_the_state_cannot_be_read_then_it_is_retried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench, failed = failed_pass()
    bench.change_partner()

    def fail() -> RefreshState:
        raise Unavailable(system="aws")

    monkeypatch.setattr(bench.states, "read_state", fail)
    report = bench.worker().settle_covered([failed], report_of(failed))

    assert isinstance(report.failure(failed), RowHeld)
