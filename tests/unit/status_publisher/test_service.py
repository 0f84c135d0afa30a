"""Use case 1 against a Trading Grid and a portal in memory."""

import json
from collections.abc import Sequence
from threading import Barrier
from typing import Any

import pytest

from gridwix.errors import Unavailable
from gridwix.models.events import RESYNC_REQUESTED
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.publication.partner_groups import PARTNERS_AT_ONCE
from gridwix.publication.publisher import Publisher, Verdict
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.service import PartnerStatusPublisher, status_row_key
from tests.factories import BALTIC, NOW, PRAIRIE_GOLD, case, change, check, enrollment, partner
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, lost_answer
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.trading_grid import FakeTradingGrid
from tests.fakes.wire import ManualClock

ROW = status_row_key(PartnerId(PRAIRIE_GOLD))
PARTNER = f"partners/{PRAIRIE_GOLD}"


class Bench:
    def __init__(self, grid: FakeTradingGrid | None = None, pace: float = 0.0) -> None:
        self.grid, self.portal, self.ledger = (
            grid or FakeTradingGrid(),
            FakePortal(),
            MemoryLedger(),
        )
        self.clock = ManualClock()
        publisher = Publisher(
            collections=self.portal,
            ledger=self.ledger,
            refused_items=FakeRefusedItems(),
            function="test",
            clock=self.clock,
            hold=90,
            pace=pace,
        )
        self.status = PartnerStatusPublisher(self.grid, self.ledger, publisher, configuration())
        self.grid.put(partner(), partner(BALTIC, name="Baltic Home Textiles OÜ"), check(), case())

    def row(self, partner_id: str = PRAIRIE_GOLD) -> dict[str, Any]:
        return dict(self.portal.rows[("PartnerStatus", partner_id)].data)  # type: ignore[index]


def test_publish_when_a_check_is_resolved_changes_that_partners_row_and_nobody_elses() -> None:
    bench = Bench()
    bench.status.publish(
        [
            change(
                "evt_1", type=RESYNC_REQUESTED, subject=f"partners/{p}", partnerId=p, version=None
            )
            for p in (PRAIRIE_GOLD, BALTIC)
        ]
    )
    baltic, writes = bench.row(BALTIC), len(bench.portal.writes)
    bench.grid.put(check(version=2, status="passed"))

    report = bench.status.publish([change("evt_2", version=2)])

    assert report.count(Verdict.WRITTEN) == 1
    assert bench.row()["failedChecks"] == 0
    assert bench.row(BALTIC) == baltic
    assert len(bench.portal.writes) == writes + 1


def test_publish_of_many_changes_of_one_partner_reads_and_writes_it_once() -> None:
    bench = Bench()

    bench.status.publish([change(f"evt_{n}") for n in range(100)])

    assert bench.grid.calls == 4
    assert bench.portal.calls == 1


def test_publish_of_a_change_that_the_row_already_shows_asks_nobody() -> None:
    bench = Bench()
    bench.status.publish([change()])
    calls = bench.grid.calls

    report = bench.status.publish([change("evt_again")])

    assert report.verdicts == {ROW: Verdict.UNCHANGED}
    assert (bench.grid.calls, bench.portal.calls) == (calls, 1)


def test_publish_when_a_row_was_just_written_reads_nothing_and_leaves_what_it_shows_done() -> None:
    bench = Bench(pace=1.0)
    bench.status.publish([change("evt_1")])
    calls = bench.grid.calls

    covered = bench.status.publish([change("evt_2")])
    newer = bench.status.publish([change("evt_3", version=2)])

    assert covered.verdicts == {ROW: Verdict.UNCHANGED}
    assert newer.verdicts == {ROW: Verdict.DEFERRED}
    assert (newer.reasons[ROW].code, newer.reasons[ROW].wait) == ("row_paced", 1.0)
    assert bench.grid.calls == calls


def test_publish_when_a_row_is_held_for_long_waits_for_that_and_reads_nothing() -> None:
    bench = Bench()
    bench.portal.troubles = [lost_answer(lands="later")]
    bench.status.publish([change()])
    bench.clock.now += 30
    calls = bench.grid.calls

    report = bench.status.publish([change("evt_2")])

    assert report.verdicts == {ROW: Verdict.DEFERRED}
    assert (report.reasons[ROW].code, report.reasons[ROW].wait) == ("row_held", 60)
    assert bench.grid.calls == calls


def test_publish_when_trading_grid_answers_with_less_than_it_announced_defers() -> None:
    bench = Bench()

    report = bench.status.publish([change(version=2)])

    assert report.verdicts == {ROW: Verdict.DEFERRED}
    assert report.reasons[ROW].code == "source_behind"
    assert bench.portal.rows == {}


def test_publish_when_only_the_list_is_behind_reads_the_record_by_itself() -> None:
    bench = Bench()
    bench.grid.put(check(version=2, status="passed"))
    answers = iter([1])
    bench.grid.lag = lambda name: next(answers, 0) if name.startswith("compliance") else 0

    report = bench.status.publish([change(version=2)])

    assert report.verdicts == {ROW: Verdict.WRITTEN}
    assert bench.row()["failedChecks"] == 0


def test_publish_when_a_case_is_closed_takes_it_off_and_a_late_answer_does_not_bring_it_back() -> (
    None
):
    bench = Bench()
    bench.status.publish([change()])
    bench.grid.put(case(version=2, status="closed"))
    bench.status.publish(
        [change("evt_2", type="case.status_changed", subject="cases/case_1", version=2)]
    )
    assert bench.row()["openCases"] == 0
    bench.grid.put(check(version=2, nextAction="Try again"))
    bench.status.publish([change("evt_3", version=2)])
    bench.grid.put(check(version=3, nextAction="Once more"))
    bench.grid.lag = lambda name: 1 if name == "cases/case_1" else 0

    report = bench.status.publish([change("evt_4", version=3)])

    assert report.verdicts == {ROW: Verdict.DEFERRED}
    bench.grid.lag = lambda _: 0
    bench.status.publish([change("evt_4", version=3)])
    assert bench.row()["openCases"] == 0
    assert bench.row()["nextStep"] == "Once more"


def test_publish_when_a_late_answer_lacks_a_record_that_was_shown_before_reads_it_by_itself() -> (
    None
):
    bench = Bench()
    bench.status.publish([change()])
    bench.grid.put(partner(version=2, status="suspended"))
    hidden = bench.grid.past.pop("cases/case_1")
    bench.grid.past["cases/case_1"] = [*hidden, case(version=2, status="cancelled")]

    bench.status.publish(
        [
            change(
                "evt_2",
                type="partner.status_changed",
                subject=f"partners/{PRAIRIE_GOLD}",
                version=2,
            )
        ]
    )

    assert bench.row()["openCases"] == 0


def test_publish_when_a_record_is_gone_for_good_shows_the_row_without_it() -> None:
    bench = Bench()
    bench.status.publish([change()])
    bench.grid.forget("cases/case_1")
    bench.grid.put(check(version=2))

    bench.status.publish([change("evt_2", version=2)])

    assert bench.row()["openCases"] == 0


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (check(version=2, partnerId=BALTIC, title="Secret"), {"failedChecks": 0}),
        (case(version=2, partnerId=BALTIC, subject="Secret"), {"openCases": 0}),
        (enrollment(version=2, partnerId=BALTIC), {"onboardingPercent": None}),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_publish_when_a_record_has_become_another_partners_shows_it_to_that_one_alone(
    record: ComplianceCheck | Case | Enrollment, shown: dict[str, object], late: bool
) -> None:
    bench = Bench()
    bench.grid.put(partner(BALTIC), enrollment())
    if not late:
        bench.status.publish([change("evt_1", type="partner.updated", subject=PARTNER, version=1)])
    bench.grid.put(record)

    # Of the version before it moved, or of its former partner itself.
    of_record = change("evt_2", subject=record.record, version=1)
    of_partner = change("evt_2", type="partner.updated", subject=PARTNER, version=2)
    bench.grid.put(partner(version=2))
    bench.status.publish([of_record if late else of_partner])
    moved = change("evt_3", subject=record.record, version=2, partnerId=BALTIC)
    bench.status.publish([moved])

    row = bench.row()
    assert {name: row.get(name) for name in shown} == shown
    assert "Secret" not in json.dumps(row, default=str)
    assert bench.status.publish([of_partner]).count(Verdict.UNCHANGED) == 1
    back = record.model_copy(update={"version": 3, "partner_id": PRAIRIE_GOLD})
    bench.grid.put(back)
    bench.status.publish([change("evt_4", subject=record.record, version=3)])
    assert {name: bench.row().get(name) for name in shown} != shown


def test_publish_when_the_partner_was_deleted_removes_its_row() -> None:
    bench = Bench()
    bench.status.publish([change()])
    bench.grid.put(partner(version=2, deletedAt=NOW))

    bench.status.publish(
        [change("evt_2", type="partner.updated", subject=f"partners/{PRAIRIE_GOLD}", version=2)]
    )

    assert bench.portal.rows == {}


def test_publish_when_trading_grid_does_not_know_the_partner_removes_nothing() -> None:
    bench = Bench()
    bench.status.publish([change()])
    bench.grid.forget(f"partners/{PRAIRIE_GOLD}")

    report = bench.status.publish([change("evt_2", version=2)])

    assert report.verdicts == {ROW: Verdict.DEFERRED}
    assert ROW.item_id in {identifier for _, identifier in bench.portal.rows}


def test_publish_when_a_change_names_no_partner_finds_it_through_the_record() -> None:
    bench = Bench()

    report = bench.status.publish([change(partnerId=None)])

    assert report.verdicts == {ROW: Verdict.WRITTEN}


def test_publish_when_a_change_names_no_partner_and_the_record_lags_then_it_is_read_again() -> None:
    bench = Bench()
    bench.grid.put(check(version=2, partnerId=BALTIC))
    bench.grid.lag = lambda name: 1 if name.startswith("compliance-checks/") else 0
    moved = change("evt_2", partnerId=None, version=2)

    assert bench.status.publish([moved]).failure(moved) is not None

    bench.grid.lag = lambda _: 0
    assert bench.status.publish([moved]).failure(moved) is None
    assert bench.row(BALTIC)["failedChecks"] == 1


def test_publish_when_a_change_leads_to_no_partner_fails_that_change_alone() -> None:
    bench = Bench()
    lost, good = (
        change("evt_lost", partnerId=None, subject="compliance-checks/chk_unknown"),
        change("evt_good"),
    )

    report = bench.status.publish([lost, good])

    assert (report.failure(lost) or lost).code == "invalid_event"  # type: ignore[union-attr]
    assert report.failure(good) is None


def test_publish_when_trading_grid_cannot_be_read_writes_nothing() -> None:
    bench = Bench()

    def unavailable(_: object) -> list[Any]:
        raise Unavailable(system="trading_grid", status=503)

    bench.grid.enrollments = unavailable  # type: ignore[method-assign, assignment]

    report = bench.status.publish([change()])

    assert isinstance(report.failure(change()), Unavailable)
    assert bench.portal.calls == 0


def test_publish_when_a_call_fails_defers_the_partners_after_it_and_writes_those_before() -> None:
    bench = Bench()
    ids = [f"GC{number:012}" for number in range(3 * PARTNERS_AT_ONCE)]
    bench.grid.put(*(partner(one) for one in ids))
    asked: list[int] = []
    enrollments = bench.grid.enrollments

    def fail_once(partner_ids: Sequence[PartnerId]) -> Any:
        asked.append(len(partner_ids))
        if len(asked) == 2:
            raise Unavailable(system="trading_grid", status=503)
        return enrollments(partner_ids)

    bench.grid.enrollments = fail_once  # type: ignore[method-assign, assignment]
    changes = [change(f"evt_{one}", subject=f"partners/{one}", partnerId=one) for one in ids]

    report = bench.status.publish(changes)

    failed = [isinstance(report.failure(one), Unavailable) for one in changes]
    assert failed == [False] * PARTNERS_AT_ONCE + [True] * 2 * PARTNERS_AT_ONCE
    assert asked == [PARTNERS_AT_ONCE] * 2
    assert report.count(Verdict.WRITTEN) == PARTNERS_AT_ONCE


def test_publish_shows_the_steps_of_the_enrollment() -> None:
    bench = Bench()
    bench.grid.put(
        enrollment(
            steps=[
                {
                    "key": "insurance",
                    "status": "available",
                    "title": "Insurance",
                    "owner": "partner",
                    "kind": "document",
                }
            ]
        )
    )

    bench.status.publish(
        [change("evt_1", type="step.unlocked", subject="enrollments/enr_1/steps/insurance")]
    )

    assert bench.row()["currentSteps"] == ["Insurance"]
    assert bench.row()["onboardingPercent"] == 57


@pytest.mark.threads
def test_publish_reads_the_lists_of_a_partner_at_the_same_time() -> None:
    # Passes only if four reads meet: with fewer in flight the barrier would never open.
    meeting = Barrier(4)

    class TradingGrid(FakeTradingGrid):
        def _answer(self, *arguments: Any) -> Any:
            meeting.wait()
            return super()._answer(*arguments)

    bench = Bench(TradingGrid())

    report = bench.status.publish([change("evt_1")])

    assert report.count(Verdict.WRITTEN) == 1


def test_publish_when_one_list_cannot_be_read_writes_nothing() -> None:
    class TradingGrid(FakeTradingGrid):
        def compliance_checks(self, partner_ids: Any) -> Any:
            raise Unavailable(system="trading_grid", status=503)

    bench = Bench(TradingGrid())

    report = bench.status.publish([change("evt_1")])

    assert isinstance(report.failure(change("evt_1")), Unavailable)
    assert bench.portal.calls == 0
