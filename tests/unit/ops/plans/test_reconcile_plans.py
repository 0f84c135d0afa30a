"""Plans of reconcile runs, with the reconciler itself behind its queue."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.reconciliation import (
    DriftReport,
    GuardReason,
    RowFinding,
    RowVerdict,
    RunRequest,
)
from gridwix.reconciler.report_bucket import S3Documents
from ops import reconcile
from ops.plans.application import Application, PlanOutdated, apply_plan
from ops.plans.files import PlanError
from ops.plans.models import ReconcilePlan
from ops.plans.reconcile_plans import ReconcilePlans, planned_change
from ops.stack import Stack
from tests.factories import check
from tests.unit.reconciler.test_service import World

BUCKET = "reports"


class Crash(BaseException):
    """The command's process ended."""


@dataclass
class Queue:
    """The reconciler's queue: a message runs to its end, unless the process dies before it."""

    world: World
    runs: int = 0
    dies: bool = False
    dead: bool = False

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> dict[str, Any]:  # noqa: N803
        request = RunRequest.model_validate_json(MessageBody)
        if self.dies and request.plan is not None:
            raise Crash
        self.runs += 1
        begun = datetime.fromtimestamp(self.world.now, UTC)
        page = self.world.reconciler.first_page(request, run=f"full-{self.runs}", begun=begun)
        self.world.queue.pages.append(page)
        while self.world.queue.pages:
            self.world.step()
        self.world.publish()
        return {"MessageId": str(self.runs)}


@dataclass
class Site:
    """A portal that is right, and its stack."""

    world: World
    queue: Queue
    stack: Stack

    def plan(self, *, accept_shrink: bool = False) -> ReconcilePlan:
        plans = ReconcilePlans(self.stack, 5)
        return plans.make(PARTNER_STATUS, accept_shrink=accept_shrink).plan

    def apply(self, path: Path, plan: ReconcilePlan, *, leave_new: bool = False) -> Application:
        return apply_plan(path, plan, ReconcilePlans(self.stack, 5), leave_new=leave_new)


@pytest.fixture
def site() -> Iterator[Site]:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        world = World(partners=12, documents=cast("Any", S3Documents(s3, BUCKET)))
        queue = Queue(world)
        outputs = {"ReportBucketName": BUCKET, "ReconcilerQueueUrl": "queue"}
        aws: Any = SimpleNamespace(s3=s3, sqs=queue)
        yield Site(world, queue, Stack("gridwix", outputs, aws, id="arn:stack"))


def test_plan_names_each_row_with_its_fields_and_changes_nothing(site: Site) -> None:
    site.world.edit("GC0001", headline="Edited by hand")
    site.world.drop("GC0002")
    site.world.add("GC9999", partnerId="GC9999")

    made = site.plan()

    assert [(one.id, one.verdict, one.fields) for one in made.changes] == [
        ("GC0001", RowVerdict.DRIFTED, ("headline",)),
        ("GC0002", RowVerdict.MISSING, ()),
        ("GC9999", RowVerdict.EXTRA, ()),
    ]
    assert site.world.written() == []
    assert "Edited by hand" not in made.model_dump_json()


def test_apply_repairs_the_planned_rows_and_a_second_time_nothing(
    site: Site, tmp_path: Path
) -> None:
    site.world.edit("GC0001", headline="Edited by hand")
    site.world.add("GC9999", partnerId="GC9999")
    made = site.plan()

    done = site.apply(tmp_path / "p", made)
    written = site.world.written()
    site.world.edit("GC0003", headline="Edited by hand")
    again = site.apply(tmp_path / "p", made)

    assert (done.outcome.made, list(done.outcome.left)) == (2, [])
    assert written == ["GC0001", "GC9999"]
    assert (again.applied_before is not None, site.world.written()) == (True, written)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda world: world.edit("GC0001", headline="Edited again"),
            "PartnerStatus/GC0001: its content on the portal has changed",
        ),
        (
            lambda world: world.grid.put(
                check("chk-GC0001", 2, partnerId="GC0001", status="passed")
            ),
            "PartnerStatus/GC0001: ",
        ),
        (lambda world: world.run("other"), "PartnerStatus/GC0001: it is as it should be"),
        (
            lambda world: world.edit("GC0003", headline="Edited since"),
            "PartnerStatus/GC0003: it is not in the plan",
        ),
        (
            lambda world: world.drop("GC0001"),
            "PartnerStatus/GC0001: verdict was drifted, now it is missing",
        ),
    ],
)
def test_apply_after_somebody_changed_something_repairs_nothing_and_says_what(
    site: Site, tmp_path: Path, change: Any, said: str
) -> None:
    site.world.edit("GC0001", headline="Edited by hand")
    made = site.plan()
    change(site.world)
    before = site.world.written()

    with pytest.raises(PlanOutdated) as stopped:
        site.apply(tmp_path / "p", made)

    assert said in "\n".join(stopped.value.differences)
    assert site.world.written() == before


def test_apply_that_leaves_what_is_new_repairs_the_planned_rows_only(
    site: Site, tmp_path: Path
) -> None:
    site.world.edit("GC0001", headline="Edited by hand")
    made = site.plan()
    site.world.edit("GC0003", headline="Edited since")

    done = site.apply(tmp_path / "p", made, leave_new=True)

    assert (done.outcome.made, done.new, site.world.written()) == (1, 1, ["GC0001"])


def test_apply_that_died_before_the_run_goes_on_and_ends_right(site: Site, tmp_path: Path) -> None:
    site.world.edit("GC0001", headline="Edited by hand")
    site.world.drop("GC0002")
    made = site.plan()
    site.queue.dies = True
    with pytest.raises(Crash):
        site.apply(tmp_path / "p", made)
    site.queue.dies = False

    done = site.apply(tmp_path / "p", made)

    assert (done.outcome.made, site.world.written()) == (2, ["GC0001", "GC0002"])


def test_apply_that_died_after_some_repairs_makes_the_others(site: Site, tmp_path: Path) -> None:
    site.world.edit("GC0001", headline="Edited by hand")
    site.world.drop("GC0002")
    made = site.plan()
    site.queue.dies = True
    with pytest.raises(Crash):
        site.apply(tmp_path / "p", made)
    site.queue.dies = False
    # The part of the run that had come so far.
    reconcile.store_planned_rows(site.stack, made.digest, PARTNER_STATUS, [made.changes[0].finding])
    request = RunRequest(mode="full", collection=PARTNER_STATUS, plan=made.digest)
    site.queue.send_message(QueueUrl="queue", MessageBody=request.model_dump_json(by_alias=True))

    done = site.apply(tmp_path / "p", made)

    assert (done.outcome.made, done.done) == (1, 1)
    assert site.world.written() == ["GC0001", "GC0002"]
    assert site.world.shown() == site.world.wanted()


def test_row_that_changes_in_the_moment_before_the_repair_is_left_and_named(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.world.edit("GC0001", headline="Edited by hand")
    site.world.edit("GC0002", headline="Edited by hand")
    made = site.plan()
    plans = ReconcilePlans(site.stack, 5)
    remake = plans.remake

    def remake_and_edit(plan: ReconcilePlan) -> ReconcilePlan:
        now = remake(plan)
        site.world.edit("GC0001", headline="Edited in the last moment")
        return now

    monkeypatch.setattr(plans, "remake", remake_and_edit)

    done = apply_plan(tmp_path / "p", made, plans)

    assert site.world.written() == ["GC0002"]
    assert (done.outcome.made, list(done.outcome.left)) == (
        1,
        ["PartnerStatus/GC0001: it changed in the moment before the repair"],
    )


def test_rows_that_the_guard_keeps_in_the_last_moment_are_left_and_the_next_step_is_named(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.world.edit("GC0011", headline="Edited by hand")
    site.world.add("GC9999", partnerId="GC9999")
    made = site.plan()
    plans = ReconcilePlans(site.stack, 5)
    remake = plans.remake

    def remake_and_forget(plan: ReconcilePlan) -> ReconcilePlan:
        now = remake(plan)
        for key in site.world.partner_ids()[:6]:
            site.world.grid.forget(f"partners/{key}")
        return now

    monkeypatch.setattr(plans, "remake", remake_and_forget)

    done = apply_plan(tmp_path / "p", made, plans)

    assert site.world.written() == ["GC0011"]
    assert (done.outcome.made, list(done.outcome.left)) == (
        1,
        ["PartnerStatus/GC9999: the mass-delete guard stopped the run"],
    )
    assert "--accept-shrink" in done.outcome.notes[-1]


def test_plan_of_a_guarded_run_removes_nothing_unless_the_shrink_is_accepted(
    site: Site, tmp_path: Path
) -> None:
    site.world.run("first")
    for key in site.world.partner_ids()[:8]:
        site.world.grid.forget(f"partners/{key}")

    guarded, accepted = site.plan(), site.plan(accept_shrink=True)
    done = site.apply(tmp_path / "p", accepted)

    assert (guarded.changes, guarded.guards) == ((), {PARTNER_STATUS: "shrunk"})
    assert ({one.verdict for one in accepted.changes}, done.outcome.made) == (
        {RowVerdict.EXTRA},
        8,
    )
    assert site.world.shown() == site.world.wanted()


@pytest.mark.parametrize(
    ("guard", "planned"),
    [
        (None, {RowVerdict.EXTRA, RowVerdict.LOST}),
        (GuardReason.FILES_LOST, {RowVerdict.EXTRA}),
        (GuardReason.SHRUNK, set()),
        (GuardReason.TOO_MANY, set()),
    ],
)
def test_plan_has_the_removals_that_a_run_makes_when_only_copies_of_files_are_stopped(
    site: Site, guard: GuardReason | None, planned: set[RowVerdict]
) -> None:
    report = DriftReport.model_validate(site.world.run("first")).model_copy(update={"guard": guard})
    findings = [
        RowFinding(id=WixItemId("row"), verdict=one, key="row", shown="hash")
        for one in (RowVerdict.EXTRA, RowVerdict.LOST)
    ]

    changes = [planned_change(report, one) for one in findings]

    assert {one.verdict for one in changes if one is not None} == planned


def test_finding_of_an_earlier_release_makes_no_plan(site: Site) -> None:
    report = site.world.run("first")
    old = RowFinding(id=WixItemId("GC0001"), verdict=RowVerdict.DRIFTED, key="GC0001")

    with pytest.raises(PlanError, match="deploy this one first"):
        planned_change(DriftReport.model_validate(report), old)


def test_guard_advice_names_the_collection_and_the_next_command() -> None:
    for reason in reconcile.GUARD_ADVICE:
        advice = reconcile.guard_advice(CollectionId("OpenIssues"), reason, "prod")

        assert advice.startswith(f"OpenIssues: {reason}")
        assert "gridwix reconcile --collection OpenIssues --stack prod --accept-shrink" in advice
