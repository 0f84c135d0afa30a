"""Unlocking: each step once, as soon as its prerequisites are done."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.errors import SourceBehind, Unavailable, UpstreamConflict
from gridwix.models.events import RESYNC_REQUESTED
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.transitions import Transition
from gridwix.partner_messenger.ports import EnrollmentGateway
from gridwix.partner_messenger.unlocking import StepUnlocker
from tests.examples import examples
from tests.factories import PRAIRIE_GOLD, change, enrollment
from tests.fakes.interleaving import Worker

WAITS = {
    "profile": (),
    "tax": ("profile",),
    "edi": ("profile",),
    "test": ("edi", "tax"),
    "live": ("test",),
}


@dataclass
class Gateway(EnrollmentGateway):
    """Enforces ``If-Match``, deduplicates by idempotency key, and loses ``lost`` responses."""

    statuses: dict[str, str]
    version: int = 10
    status: str = "in_progress"
    waits: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(WAITS))
    unlocked: list[str] = field(default_factory=list)
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)
    lost: int = 0
    races: int = 0

    def enrollment(self) -> Enrollment:
        steps = [
            {"key": key, "title": key, "status": status, "waitsOn": self.waits[key]}
            for key, status in self.statuses.items()
        ]
        return enrollment("enr_1", self.version, steps=steps, status=self.status)

    def record(self, record: str) -> Entity | None:
        return self.enrollment() if record == "enrollments/enr_1" else None

    def enrollments(self, partner_ids: Any) -> Listing[Enrollment]:
        return Listing([self.enrollment()] if PartnerId(PRAIRIE_GOLD) in partner_ids else [])

    def move(self, record: str, transition: Transition, *, version: int, key: str) -> None:
        step = record.removeprefix("enrollments/enr_1/steps/")
        if key in self.keys:
            assert self.keys[key] == (step, version)
            return
        if self.races:
            self.races -= 1
            self.version += 1
        if version != self.version:
            raise UpstreamConflict(
                system="trading_grid", status=412, vendor_code="version-conflict"
            )
        assert transition.to == "available"
        assert self.statuses[step] == "locked"
        assert all(self.statuses[one] in ("completed", "waived") for one in self.waits[step])
        self.keys[key] = step, version
        self.statuses[step] = "available"
        self.version += 1
        self.unlocked.append(step)
        if self.lost:
            self.lost -= 1
            raise Unavailable(system="trading_grid", ambiguous=True)


def done(*steps: str, **others: str) -> dict[str, str]:
    return {key: "completed" if key in steps else others.get(key, "locked") for key in WAITS}


def completed(step: str, event_id: str = "evt_1", version: int = 10) -> Any:
    subject = f"enrollments/enr_1/steps/{step}"
    return change(
        event_id,
        type="step.status_changed",
        subject=subject,
        version=version,
        status={"before": "submitted", "after": "completed"},
    )


def test_step_is_unlocked_when_all_that_it_waits_on_is_done_and_no_sooner() -> None:
    gateway = Gateway(done("profile", "edi", tax="submitted"))

    StepUnlocker(gateway).unlock_steps([completed("edi")])
    assert gateway.unlocked == []
    gateway.statuses["tax"], gateway.version = "waived", 11
    report = StepUnlocker(gateway).unlock_steps([completed("tax", version=11)])

    assert (gateway.unlocked, report.unlocked, report.failures) == (["test"], 1, {})


def test_several_steps_are_unlocked_each_with_the_version_of_its_time() -> None:
    gateway = Gateway(done("profile"))

    report = StepUnlocker(gateway).unlock_steps(
        [completed("profile"), completed("profile", "evt_2")]
    )

    assert (gateway.unlocked, report.unlocked, gateway.version) == (["tax", "edi"], 2, 12)


@pytest.mark.parametrize(
    "gateway",
    [
        Gateway(done("profile"), status="on_hold"),
        Gateway(done("profile"), status="withdrawn"),
        Gateway(done(), waits={**WAITS, "profile": ("x",)}),
    ],
)
def test_enrollment_that_is_not_under_way_and_step_that_waits_on_nothing_known_stay(
    gateway: Gateway,
) -> None:
    StepUnlocker(gateway).unlock_steps([completed("profile")])

    assert gateway.unlocked == []


def test_step_that_was_locked_again_is_unlocked_again() -> None:
    gateway = Gateway(done("profile", "edi", "tax"))
    StepUnlocker(gateway).unlock_steps([completed("tax")])
    gateway.statuses |= {"tax": "changes_requested", "test": "locked"}
    gateway.statuses["tax"], gateway.version = "completed", 20

    StepUnlocker(gateway).unlock_steps([completed("tax", "evt_2", 20)])

    assert gateway.unlocked == ["test", "test"]


@pytest.mark.parametrize(
    "wish",
    [
        {"type": RESYNC_REQUESTED, "version": None, "via": "resync"},
        {"type": "partner.updated", "version": 2},
    ],
    ids=["resync", "change"],
)
def test_resync_or_change_of_a_partner_unlocks_what_was_missed(wish: dict[str, Any]) -> None:
    gateway = Gateway(done("profile", "edi", "tax"))

    StepUnlocker(gateway).unlock_steps(
        [
            change(subject=f"partners/{PRAIRIE_GOLD}", **wish),
            change("other"),
        ]
    )

    assert gateway.unlocked == ["test"]


def test_race_is_read_again_a_lost_answer_and_a_late_reading_come_again() -> None:
    race, lost, late = (
        Gateway(done("profile", "edi", "tax"), races=2),
        Gateway(done("profile", "edi", "tax"), lost=1),
        Gateway(done("profile")),
    )

    assert StepUnlocker(race).unlock_steps([completed("tax")]).failures == {}
    assert isinstance(
        StepUnlocker(lost).unlock_steps([completed("tax")]).failures["evt_1"], Unavailable
    )
    assert StepUnlocker(lost).unlock_steps([completed("tax")]).failures == {}
    assert isinstance(
        StepUnlocker(late).unlock_steps([completed("tax", version=11)]).failures["evt_1"],
        SourceBehind,
    )
    assert (race.unlocked, lost.unlocked, late.unlocked) == (["test"], ["test"], [])


def test_race_that_does_not_end_comes_again_as_a_conflict() -> None:
    gateway = Gateway(done("profile", "edi", "tax"), races=99)

    assert isinstance(
        StepUnlocker(gateway).unlock_steps([completed("tax")]).failures["evt_1"], UpstreamConflict
    )


def unlocking(gateway: Gateway, step: str) -> Worker:
    """A worker with the event of a completed step."""

    def work(own: Worker) -> Any:
        return StepUnlocker(own.pausing(gateway)).unlock_steps([completed(step, f"evt_{step}")])

    return Worker(work)


@settings(max_examples=examples(26), deadline=None)
@given(
    moves=st.lists(st.tuples(st.sampled_from((0, 1)), st.integers(1, 3)), max_size=10),
    lost=st.integers(0, 1),
    kill=st.booleans(),
)
def test_two_prerequisites_that_are_completed_at_the_same_moment_unlock_once(
    moves: list[tuple[int, int]], lost: int, kill: bool
) -> None:
    gateway = Gateway(done("profile", "edi", "tax"), lost=lost)
    workers = [unlocking(gateway, step) for step in ("edi", "tax")]

    for who, steps in moves:
        workers[who].steps(steps)
    if kill:
        workers[0].kill()
    for worker in workers:
        worker.run()
    StepUnlocker(gateway).unlock_steps([completed("edi"), completed("tax", "evt_2")])

    assert gateway.unlocked == ["test"]
