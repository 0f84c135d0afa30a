"""Writing projections: what is written, what is not, and who may write."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import BudgetExhausted, Forbidden, Throttled, Unavailable
from gridwix.mapping.audiences import AUDIENCE_RECORD
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import DataItem
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import ABANDONED_AFTER, Projection, Publisher, Verdict
from tests.fakes.interleaving import Worker
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, Trouble, lost_answer
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.wire import ManualClock

ROWS = CollectionId("Rows")
HOLD = 90.0


class Bench:
    """One portal, one ledger, any number of publishers."""

    def __init__(self, pace: float = 0.0) -> None:
        self.pace = pace
        self.clock, self.portal, self.ledger, self.refused = (
            ManualClock(),
            FakePortal(),
            MemoryLedger(),
            FakeRefusedItems(),
        )

    def publisher(self, worker: Worker | None = None) -> Publisher:
        portal, ledger = (
            (worker.pausing(self.portal), worker.pausing(self.ledger))
            if worker
            else (self.portal, self.ledger)
        )
        return Publisher(
            collections=portal,
            ledger=ledger,
            refused_items=self.refused,
            function="test",
            clock=self.clock,
            hold=HOLD,
            pace=self.pace,
        )

    def text(self, name: str = "a") -> object:
        item = self.portal.rows.get((ROWS, WixItemId(name)))
        return None if item is None else item.data["text"]


def projection(name: str = "a", version: int = 1, text: str | None = None) -> Projection:
    """Row ``name`` as it is made from version ``version`` of its one record; ``text`` is its
    content, by default the version.
    """
    identifier = WixItemId(name)
    item = DataItem(identifier, {"text": text or f"v{version}"})
    return Projection(
        RowKey(ROWS, identifier),
        Versions(live={f"records/{name}": version}),
        item,
        f"evt_{version}",
    )


def removal(name: str = "a", version: int = 9) -> Projection:
    return Projection(
        RowKey(ROWS, WixItemId(name)),
        Versions(live={f"records/{name}": version}),
        None,
        "evt_removal",
    )


def test_publish_of_a_new_row_writes_it_and_records_it() -> None:
    bench = Bench()

    report = bench.publisher().publish([projection()])

    assert report.verdicts == {projection().key: Verdict.WRITTEN}
    entry = bench.ledger.read_entries([projection().key])[projection().key]
    assert (entry.published.live, entry.origin, entry.intended, entry.held_until) == (
        {"records/a": 1},
        "evt_1",
        None,
        None,
    )


def test_publish_of_an_unchanged_row_makes_no_call() -> None:
    bench = Bench()
    bench.publisher().publish([projection(text="same")])

    report = bench.publisher().publish([projection(version=2, text="same")])

    assert report.count(Verdict.UNCHANGED) == 1
    assert bench.portal.calls == 1


def test_publish_of_an_older_projection_defers_it_and_writes_nothing() -> None:
    bench = Bench()
    bench.publisher().publish([projection(version=7)])

    report = bench.publisher().publish([projection(version=6)])

    assert report.count(Verdict.DEFERRED) == 1
    assert report.reasons[projection().key].code == "source_behind"
    assert bench.text() == "v7"


def for_some(version: int, partners: int) -> Projection:
    """Version ``version`` of a row with an audience, from a list of all partners."""
    versions = Versions(live={"records/a": version, AUDIENCE_RECORD: partners})
    return replace(projection(version=version), versions=versions)


@pytest.mark.parametrize("later", [projection(version=2), removal(version=2)])
def test_publish_of_a_row_without_the_audience_that_it_had_writes_it(later: Projection) -> None:
    bench = Bench()
    bench.publisher().publish([for_some(1, partners=50)])

    report = bench.publisher().publish([later])

    assert report.count(Verdict.WRITTEN) == 1
    assert bench.publisher().publish([later]).count(Verdict.UNCHANGED) == 1


def test_publish_of_a_row_without_the_audience_that_a_newer_version_has_defers_it() -> None:
    bench = Bench()
    bench.publisher().publish([for_some(2, partners=50)])

    report = bench.publisher().publish([projection(version=1)])

    assert (report.count(Verdict.DEFERRED), bench.text()) == (1, "v2")


@pytest.mark.parametrize(("partners", "text"), [(49, "v2"), (50, "v3")])
def test_publish_of_a_row_that_has_an_audience_again_needs_no_older_list_of_partners(
    partners: int, text: str
) -> None:
    bench = Bench()
    bench.publisher().publish([for_some(1, partners=50)])
    bench.publisher().publish([projection(version=2)])

    bench.publisher().publish([for_some(3, partners=partners)])

    assert bench.text() == text


def test_publish_of_2500_rows_makes_three_calls() -> None:
    bench = Bench()

    report = bench.publisher().publish([projection(f"row{n}") for n in range(2_500)])

    assert bench.portal.calls == 3
    assert report.count(Verdict.WRITTEN) == 2_500


def test_publish_when_wix_refuses_single_items_names_them_and_writes_the_others() -> None:
    bench = Bench()
    bench.portal.refuse = lambda identifier: identifier.endswith("7")

    report = bench.publisher().publish([projection(f"row{n}") for n in range(100)])

    assert {refusal.item_id for refusal in report.refusals} == {
        f"row{n}" for n in range(7, 100, 10)
    }
    assert (report.count(Verdict.WRITTEN), report.count(Verdict.REFUSED)) == (90, 10)
    assert {key.item_id for key in bench.refused.items} == {
        refusal.item_id for refusal in report.refusals
    }


def test_publish_when_a_refused_row_is_accepted_at_last_forgets_the_refusal() -> None:
    bench = Bench()
    bench.portal.refuse = lambda _: True
    bench.publisher().publish([projection()])
    bench.portal.refuse = lambda _: False

    report = bench.publisher().publish([projection()])

    assert report.count(Verdict.WRITTEN) == 1
    assert bench.refused.items == {}


def test_publish_when_one_row_spoils_the_whole_call_finds_it_and_writes_its_neighbours() -> None:
    bench = Bench()
    bench.portal.spoilt = lambda identifier: identifier == "row613"

    report = bench.publisher().publish([projection(f"row{n}") for n in range(1_000)])

    assert [(refusal.item_id, refusal.code) for refusal in report.refusals] == [
        ("row613", "WDE0134")
    ]
    assert report.count(Verdict.WRITTEN) == 999
    assert bench.portal.calls <= 21


def test_publish_when_every_row_spoils_the_call_gives_up_after_a_bounded_number_of_calls() -> None:
    bench = Bench()
    bench.portal.spoilt = lambda _: True

    report = bench.publisher().publish([projection(f"row{n}") for n in range(1_000)])

    assert bench.portal.calls < 100
    assert report.count(Verdict.REFUSED) + report.count(Verdict.DEFERRED) == 1_000


@pytest.mark.parametrize(
    "error",
    [
        BudgetExhausted(wait=12),
        Throttled(system="wix", status=429, wait=30),
        Unavailable(system="wix", status=503),
        Forbidden(system="wix", status=403),
    ],
)
def test_publish_when_the_call_certainly_failed_defers_and_lets_go_at_once(
    error: Exception,
) -> None:
    bench = Bench()
    bench.portal.troubles = [Trouble(error)]  # type: ignore[arg-type]

    first = bench.publisher().publish([projection()])
    second = bench.publisher().publish([projection()])

    assert first.reasons == {projection().key: error}
    assert second.count(Verdict.WRITTEN) == 1


def test_publish_when_the_answer_was_lost_lets_nobody_write_until_the_claim_lapses() -> None:
    bench = Bench()
    bench.portal.troubles = [lost_answer(lands="later")]
    bench.publisher().publish([projection(version=6)])

    meanwhile = bench.publisher().publish([projection(version=7)])
    bench.portal.land()
    bench.clock.now += HOLD + 1
    afterwards = bench.publisher().publish([projection(version=7)])

    assert meanwhile.reasons[projection().key].code == "row_held"
    assert afterwards.count(Verdict.WRITTEN) == 1
    assert [
        item and item.data["text"] for item in bench.portal.history((ROWS, WixItemId("a")))
    ] == ["v6", "v7"]


def test_rows_of_which_a_claim_holds_for_long_are_known_before_their_records_are_read() -> None:
    bench = Bench()
    bench.portal.troubles = [lost_answer(lands="later")]
    bench.publisher().publish([projection()])

    def abandoned() -> dict[RowKey, float | None]:
        entries = bench.ledger.read_entries([projection().key])
        found = bench.publisher().waiting_rows(entries)
        return {key: error.wait for key, error in found.items()}

    began = bench.clock.now
    assert abandoned() == {}
    bench.clock.now = began + ABANDONED_AFTER + 1
    assert abandoned() == {projection().key: pytest.approx(HOLD - ABANDONED_AFTER - 1)}
    bench.clock.now = began + HOLD + 1
    assert abandoned() == {}


def test_publish_of_a_row_that_was_just_written_waits_for_the_rest_of_its_pace() -> None:
    bench = Bench(pace=1.0)
    bench.publisher().publish([projection(version=1)])
    bench.clock.now += 0.25

    report = bench.publisher().publish([projection(version=2), projection("b")])
    waiting = bench.publisher().waiting_rows(bench.ledger.read_entries([projection().key]))

    assert report.reasons[projection().key].code == "row_paced"
    assert report.reasons[projection().key].wait == pytest.approx(0.75)
    assert waiting[projection().key].wait == pytest.approx(0.75)
    assert (bench.text(), bench.text("b")) == ("v1", "v1")


def test_publish_of_an_unchanged_row_that_was_just_written_does_not_wait() -> None:
    bench = Bench(pace=1.0)
    bench.publisher().publish([projection(version=1)])

    report = bench.publisher().publish([projection(version=1)])

    assert report.count(Verdict.UNCHANGED) == 1


@pytest.mark.parametrize("later", [1.0, -0.5])
def test_publish_when_the_pace_has_passed_or_the_last_write_is_in_the_future_does_not_wait(
    later: float,
) -> None:
    bench = Bench(pace=1.0)
    bench.publisher().publish([projection(version=1)])
    bench.clock.now += later

    report = bench.publisher().publish([projection(version=2)])

    assert report.count(Verdict.WRITTEN) == 1


def test_publish_when_a_worker_dies_between_write_and_ledger_heals_at_the_next_delivery() -> None:
    bench = Bench()
    worker = Worker(lambda it: bench.publisher(it).publish([projection(version=7)]))
    while not bench.portal.writes:
        worker.step()
    worker.kill()
    assert bench.ledger.read_entries([projection().key])[projection().key].published.live == {}
    bench.clock.now += HOLD + 1

    report = bench.publisher().publish([projection(version=7)])

    assert report.count(Verdict.WRITTEN) == 1
    assert bench.ledger.read_entries([projection().key])[projection().key].published.live == {
        "records/a": 7
    }


def test_publish_after_a_worker_died_never_goes_back_behind_what_it_may_have_written() -> None:
    bench = Bench()
    bench.publisher().publish([projection(version=5)])
    slow = Worker(lambda it: bench.publisher(it).publish([projection(version=6)]))
    slow.steps(2)
    fast = Worker(lambda it: bench.publisher(it).publish([projection(version=7)]))
    while bench.text() != "v7":
        fast.step()
    fast.kill()
    bench.clock.now += HOLD + 1

    slow.run()
    again = bench.publisher().publish([projection(version=6)])

    assert bench.text() == "v7"
    assert slow.result.reasons[projection().key].code == "row_held"
    assert again.reasons[projection().key].code == "source_behind"


def test_publish_when_the_old_content_comes_back_after_a_worker_died_writes_it_again() -> None:
    bench = Bench()
    bench.publisher().publish([projection(version=5, text="calm")])
    worker = Worker(lambda it: bench.publisher(it).publish([projection(version=6, text="trouble")]))
    while bench.text() != "trouble":
        worker.step()
    worker.kill()
    bench.clock.now += HOLD + 1

    bench.publisher().publish([projection(version=7, text="calm")])

    assert bench.text() == "calm"


@pytest.mark.parametrize("steps_of_the_slow_worker", range(6))
def test_publish_when_two_workers_race_between_check_and_write_ends_on_the_newest(
    steps_of_the_slow_worker: int,
) -> None:
    bench = Bench()
    slow = Worker(lambda it: bench.publisher(it).publish([projection(version=6)]))
    slow.steps(steps_of_the_slow_worker)

    fast = bench.publisher().publish([projection(version=7)])
    slow.run()
    if fast.count(Verdict.DEFERRED):
        bench.publisher().publish([projection(version=7)])

    texts = [item and item.data["text"] for item in bench.portal.history((ROWS, WixItemId("a")))]
    assert texts[-1] == "v7"
    assert texts in (["v7"], ["v6", "v7"])


def test_publish_when_the_commit_is_not_recorded_has_the_message_come_again() -> None:
    bench = Bench()
    worker = Worker(lambda it: bench.publisher(it).publish([projection()]))
    while not bench.portal.writes:
        worker.step()
    bench.ledger.release([projection().key], holder=next(iter(bench.ledger._holders.values())))

    worker.run()

    assert worker.result.verdicts == {projection().key: Verdict.DEFERRED}
    assert bench.publisher().publish([projection()]).count(Verdict.WRITTEN) == 1


def test_publish_of_a_removal_takes_the_row_away_once() -> None:
    bench = Bench()
    bench.publisher().publish([projection()])

    first = bench.publisher().publish([removal()])
    second = bench.publisher().publish([removal()])

    assert (first.count(Verdict.WRITTEN), second.count(Verdict.UNCHANGED)) == (1, 1)
    assert bench.text() is None


def test_publish_of_one_row_twice_writes_it_once_and_defers_it_and_writes_the_others() -> None:
    bench = Bench()

    report = bench.publisher().publish(
        [projection("a"), projection("b"), projection("a", text="again"), projection("c")]
    )

    assert report.verdicts == {
        projection("a").key: Verdict.DEFERRED,
        projection("b").key: Verdict.WRITTEN,
        projection("c").key: Verdict.WRITTEN,
    }
    assert (bench.text("a"), bench.text("b"), bench.text("c")) == ("v1", "v1", "v1")


def test_publish_of_saves_and_removals_together_does_both() -> None:
    bench = Bench()
    bench.publisher().publish([projection("a"), projection("b")])

    report = bench.publisher().publish([removal("a"), projection("b", version=2)])

    assert report.count(Verdict.WRITTEN) == 2
    assert (bench.text("a"), bench.text("b")) == (None, "v2")


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5)), unique_by=lambda pair: pair[0]),
    st.sets(st.integers(0, 30)),
)
def test_publish_of_anything_gives_every_row_one_verdict(
    rows: list[tuple[int, int]], refused: set[int]
) -> None:
    bench = Bench()
    bench.portal.refuse = lambda identifier: int(identifier) in refused
    bench.publisher().publish([projection(str(row), version=3) for row in range(0, 30, 2)])

    report = bench.publisher().publish([projection(str(row), version) for row, version in rows])

    assert set(report.verdicts) == {projection(str(row)).key for row, _ in rows}
    assert sum(report.count(verdict) for verdict in Verdict) == len(rows)
