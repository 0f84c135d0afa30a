"""Reading the reports of a reconcile run: each as soon as there is one, for as long as the run
writes checkpoints.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from gridwix.models.ids import CollectionId
from gridwix.models.reconciliation import DriftReport, NamedRows
from ops.reconcile import wait_for_reports
from ops.stack import Stack
from ops.waiting import Standstill

RUN, BUCKET = "full-1", "reports"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATUS, ISSUES = CollectionId("PartnerStatus"), CollectionId("OpenIssues")


@pytest.fixture
def stack() -> Iterator[Stack]:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        yield cast("Stack", SimpleNamespace(output=lambda _: BUCKET, aws=SimpleNamespace(s3=s3)))


def write(stack: Stack, name: str, text: str = "{}") -> None:
    stack.aws.s3.put_object(Bucket=BUCKET, Key=name, Body=text.encode())


def write_report(stack: Stack, collection: CollectionId, run: str = RUN) -> None:
    numbers: dict[str, Any] = dict.fromkeys(
        (
            "listed",
            "rows",
            "equal",
            "drifted",
            "missing",
            "extra",
            "unsettled",
            "removed",
            "kept",
            "repaired",
        ),
        0,
    )
    report = DriftReport(
        run=run,
        collection=collection,
        begun=NOW,
        finished=NOW,
        dry_run=False,
        previously_listed=None,
        guard=None,
        ids=NamedRows(),
        **numbers,
    )
    write(
        stack, f"reports/2026-03-01/{run}-{collection}.json", report.model_dump_json(by_alias=True)
    )


def test_reports_when_they_come_one_after_the_other_then_each_is_given_once_and_none_of_another_run(
    stack: Stack,
) -> None:
    write_report(stack, STATUS)
    write_report(stack, ISSUES, "full-2")
    found = wait_for_reports(stack, RUN, [STATUS, ISSUES], poll=0.0)

    first = next(found)
    write_report(stack, ISSUES)

    assert [one.collection for one in (first, *found)] == [STATUS, ISSUES]


def test_reports_when_the_run_stands_still_then_it_is_told_which_are_missing_and_how_far_it_was(
    stack: Stack,
) -> None:
    write_report(stack, STATUS)
    for number in range(3):
        write(stack, f"runs/{RUN}/{ISSUES}/compared-{number}.json")
    write(stack, f"runs/full-2/{ISSUES}/compared-0.json")
    found = wait_for_reports(stack, RUN, [STATUS, ISSUES], standstill=0.2, poll=0.0)
    next(found)

    with pytest.raises(
        Standstill,
        match=r"the reports of run full-1 .*.* seen: 3 checkpoints: see",
    ):
        next(found)
