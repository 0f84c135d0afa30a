"""Requests full comparisons from the reconciler, and reads their drift reports."""

from collections.abc import Collection, Iterator

from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    OPEN_ISSUES,
    PARTNER_DOCUMENTS,
    PARTNER_REQUESTS,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)
from gridwix.models.reconciliation import DriftReport, RunRequest
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
"""Collections that a run compares if none is named."""


def request_run(stack: Stack, request: RunRequest) -> str:
    """Send a run request to the reconciler's queue; return the run's name."""
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
    """Yield the drift report of each collection as soon as the run has written it.

    Args:
        stack: The deployed stack.
        run: The run's name.
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
