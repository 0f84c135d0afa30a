"""Asking for a full comparison of the portal with Trading Grid, and reading what it found."""

from collections.abc import Collection, Iterator

from gridwix.models.portal import ONBOARDING_PROGRESS, ONBOARDING_STEPS, OPEN_ISSUES, PARTNER_DOCUMENTS, PARTNER_REQUESTS, PARTNER_STATUS, SERVICE_NOTICES
from gridwix.models.reconciliation import DriftReport, RunRequest
from ops.stack import Stack
from ops.waiting import STANDSTILL, wait_for

POLL = 1.0

COLLECTIONS = (PARTNER_STATUS, OPEN_ISSUES, SERVICE_NOTICES, ONBOARDING_STEPS, ONBOARDING_PROGRESS, PARTNER_REQUESTS, PARTNER_DOCUMENTS)
"""What a run without a collection's name compares."""


def request_run(stack: Stack, request: RunRequest) -> str:
    """Ask for a run; returns its name."""
    body = request.model_dump_json(by_alias=True, exclude_none=True)
    answer = stack.aws.sqs.send_message(QueueUrl=stack.output("ReconcilerQueueUrl"), MessageBody=body)
    return f"{request.mode}-{answer['MessageId']}"


def wait_for_reports(stack: Stack, run: str, collections: Collection[str], *, standstill: float = STANDSTILL, poll: float = POLL) -> Iterator[DriftReport]:
    """The run's drift report of each of these collections, as soon as there is one.

    Raises Standstill once the run has written no checkpoint for ``standstill`` seconds; its reports will be in the bucket that the error names, if it goes on.
    """
    waiting = set(collections)
    while waiting:
        what = f"the reports of run {run} on {', '.join(sorted(waiting))} in bucket {stack.output('ReportBucketName')}"
        found = wait_for(
            lambda: [report for report in _read_reports(stack, run) if report.collection in waiting],  # noqa: B023  # Asked before the set changes.
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
            body = stack.aws.s3.get_object(Bucket=stack.output("ReportBucketName"), Key=name)["Body"]
            yield DriftReport.model_validate_json(body.read())


def _list_keys(stack: Stack, prefix: str) -> Iterator[str]:
    pages = stack.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=stack.output("ReportBucketName"), Prefix=prefix)
    return (entry["Key"] for page in pages for entry in page.get("Contents", []))
