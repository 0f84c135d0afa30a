"""Requests reconcile runs, and reads their drift reports.

A reconcile run compares the portal with Trading Grid.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from gridwix.models.ids import CollectionId
from gridwix.models.people_runs import PeopleReport
from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    OPEN_ISSUES,
    PARTNER_DOCUMENTS,
    PARTNER_REQUESTS,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)
from gridwix.models.reconciliation import (
    DriftReport,
    GuardReason,
    PageRecord,
    PlannedRows,
    RowFinding,
    RunRequest,
)
from gridwix.reconciler.checkpoints import compared_prefix, planned_rows_name
from ops.stack import Stack
from ops.waiting import STANDSTILL, wait_for

POLL = 1.0
"""Seconds between two polls of the report bucket."""

COLLECTIONS = (
    PARTNER_STATUS,
    OPEN_ISSUES,
    SERVICE_NOTICES,
    ONBOARDING_STEPS,
    ONBOARDING_PROGRESS,
    PARTNER_REQUESTS,
    PARTNER_DOCUMENTS,
)
"""Collections that a reconcile run compares unless the request names some."""

AT_ONCE = 8
"""Concurrent reads of a reconcile run's checkpoints."""

GUARD_ADVICE: Mapping[GuardReason, str] = {
    GuardReason.SHRUNK: "Trading Grid lists far fewer records than in the last complete run",
    GuardReason.TOO_MANY: "too large a share of the portal's rows would be removed",
    GuardReason.FILES_LOST: "too large a share of the rows has lost its file",
}
"""Meaning of each reason for which the mass-delete guard blocks changes of a collection."""


def guard_advice(collection: str, reason: GuardReason, stack: str) -> str:
    """Return why the mass-delete guard blocked changes of a collection, and the next step.

    >>> guard_advice("OpenIssues", GuardReason.TOO_MANY, "prod").partition(". ")[0]
    "OpenIssues: too_many, too large a share of the portal's rows would be removed"
    """
    command = f"gridwix reconcile --collection {collection} --stack {stack}"
    look = (
        "look into the folder `gridwix` of the Media Manager and its trash"
        if reason is GuardReason.FILES_LOST
        else "look in Trading Grid if they are gone, and run"
        f" `gridwix doctor --stack {stack}` to see if it answers in full"
    )
    return (
        f"{collection}: {reason}, {GUARD_ADVICE[reason]}. Next: {look}. If they are gone for good:"
        f" `{command} --accept-shrink --plan plan.json`, read the plan, `gridwix apply plan.json`"
        " (docs/runbook.md#reconciler)"
    )


def request_run(stack: Stack, request: RunRequest) -> str:
    """Send a request for a reconcile run to the reconciler's queue; return the run's name."""
    body = request.model_dump_json(by_alias=True, exclude_none=True)
    answer = stack.aws.sqs.send_message(
        QueueUrl=stack.output("ReconcilerQueueUrl"), MessageBody=body
    )
    return f"{request.mode}-{answer['MessageId']}"


def wait_for_reports(
    stack: Stack,
    run: str,
    collections: Collection[str],
    *,
    standstill: float = STANDSTILL,
    poll: float = POLL,
) -> Iterator[DriftReport]:
    """Yield the drift report of each collection as soon as the reconcile run has written it.

    Args:
        stack: The deployed stack.
        run: Name of the reconcile run.
        collections: The collections to wait for.
        standstill: Seconds without a new checkpoint after which to stop waiting.
        poll: Seconds between two polls.

    Raises:
        Standstill: The run wrote no checkpoint for ``standstill`` seconds. It may continue: the
            message names the bucket that will have its reports.
    """
    waiting = set(collections)
    while waiting:
        what = (
            f"the reports of run {run} on {', '.join(sorted(waiting))}"
            f" in bucket {stack.output('ReportBucketName')}"
        )
        found = wait_for(
            # Asked before the set changes, so B023 does not apply.
            lambda: [
                report
                for report in _read_reports(stack, run)
                if report.collection in waiting  # noqa: B023
            ],
            what,
            progress=lambda: f"{len(list(_list_keys(stack, f'runs/{run}/')))} checkpoints",
            standstill=standstill,
            poll=poll,
        )
        waiting -= {report.collection for report in found}
        yield from found


def wait_for_people_report(
    stack: Stack, run: str, *, standstill: float = STANDSTILL, poll: float = POLL
) -> PeopleReport:
    """Wait for the report of a run that compares members with the partners' people; return it.

    Arguments and errors are those of :func:`wait_for_reports`.
    """

    def find() -> PeopleReport | None:
        for name in _list_keys(stack, "reports/"):
            if name.endswith(f"/{run}-people.json"):
                bucket = stack.output("ReportBucketName")
                body = stack.aws.s3.get_object(Bucket=bucket, Key=name)["Body"]
                return PeopleReport.model_validate_json(body.read())
        return None

    report = wait_for(
        find,
        f"the report of run {run} in bucket {stack.output('ReportBucketName')}",
        progress=lambda: f"{len(list(_list_keys(stack, f'runs/{run}/')))} checkpoints",
        standstill=standstill,
        poll=poll,
    )
    assert report is not None
    return report


def read_findings(stack: Stack, run: str, collection: str) -> list[RowFinding]:
    """Return the rows of a collection that a reconcile run found to differ, ordered by id.

    Raises botocore's errors.
    """
    names = list(_list_keys(stack, compared_prefix(run, collection)))

    def read(name: str) -> Sequence[RowFinding]:
        answer = stack.aws.s3.get_object(Bucket=stack.output("ReportBucketName"), Key=name)
        return PageRecord.model_validate_json(answer["Body"].read()).findings

    # Created before the threads use it.
    _ = stack.aws.s3
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = [finding for page in pool.map(read, names) for finding in page]
    return sorted(found, key=lambda finding: finding.id)


def store_planned_rows(
    stack: Stack, plan: str, collection: CollectionId, rows: Sequence[RowFinding]
) -> None:
    """Store the list of rows that a reconcile run with this plan may change.

    It replaces an earlier list. Raises botocore's errors.
    """
    stack.aws.s3.put_object(
        Bucket=stack.output("ReportBucketName"),
        Key=planned_rows_name(plan, collection),
        Body=PlannedRows(rows=tuple(rows)).model_dump_json(by_alias=True).encode(),
        ContentType="application/json",
    )


def _read_reports(stack: Stack, run: str) -> Iterator[DriftReport]:
    for name in _list_keys(stack, "reports/"):
        if name.rpartition("/")[2].startswith(f"{run}-"):
            body = stack.aws.s3.get_object(Bucket=stack.output("ReportBucketName"), Key=name)[
                "Body"
            ]
            yield DriftReport.model_validate_json(body.read())


def _list_keys(stack: Stack, prefix: str) -> Iterator[str]:
    pages = stack.aws.s3.get_paginator("list_objects_v2").paginate(
        Bucket=stack.output("ReportBucketName"), Prefix=prefix
    )
    return (entry["Key"] for page in pages for entry in page.get("Contents", []))
