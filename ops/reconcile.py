"""Asking for a full comparison of the portal with Trading Grid, and reading what it found."""

import time
from collections.abc import Collection, Iterator

from gridwix.models.portal import ONBOARDING_PROGRESS, ONBOARDING_STEPS, OPEN_ISSUES, PARTNER_DOCUMENTS, PARTNER_REQUESTS, PARTNER_STATUS, SERVICE_NOTICES
from gridwix.models.reconciliation import DriftReport, RunRequest
from ops.errors import OpsError
from ops.stack import Stack

POLL = 1.0

COLLECTIONS = (PARTNER_STATUS, OPEN_ISSUES, SERVICE_NOTICES, ONBOARDING_STEPS, ONBOARDING_PROGRESS, PARTNER_REQUESTS, PARTNER_DOCUMENTS)
"""What a run without a collection's name compares."""


def request_run(stack: Stack, request: RunRequest) -> str:
    """Ask for a run; returns its name."""
    body = request.model_dump_json(by_alias=True, exclude_none=True)
    answer = stack.aws.sqs.send_message(QueueUrl=stack.output("ReconcilerQueueUrl"), MessageBody=body)
    return f"{request.mode}-{answer['MessageId']}"


def reports(stack: Stack, run: str, collections: Collection[str], *, timeout: float, poll: float = POLL) -> Iterator[DriftReport]:
    """The run's drift report of each of these collections, as soon as there is one. Raises OpsError after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    waiting = set(collections)
    while waiting:
        for report in _reports(stack, run):
            if report.collection in waiting:
                waiting.remove(report.collection)
                yield report
        if waiting:
            if time.monotonic() > deadline:
                raise OpsError(f"run {run} has not ended within {timeout:.0f} seconds; its reports will be in bucket {stack.output('ReportBucketName')}")
            time.sleep(poll)


def _reports(stack: Stack, run: str) -> Iterator[DriftReport]:
    bucket = stack.output("ReportBucketName")
    pages = stack.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="reports/")
    for name in (entry["Key"] for page in pages for entry in page.get("Contents", [])):
        if name.rpartition("/")[2].startswith(f"{run}-"):
            yield DriftReport.model_validate_json(stack.aws.s3.get_object(Bucket=bucket, Key=name)["Body"].read())
