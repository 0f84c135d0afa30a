"""Runs the declared sources of the functions ``rest_source`` and ``directory_source``.

A source is a system that the gateway reads records from, on a schedule. Dependencies are built from
environment variables.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import resources
from typing import Any

from aws_lambda_powertools import Metrics
from botocore.exceptions import ClientError

from gridwix_gateway.documents import Document
from gridwix_gateway.runtime.aws import aws_client
from gridwix_gateway.runtime.logs import logger
from gridwix_gateway.runtime.metrics import write_metrics
from gridwix_gateway.runtime.settings import SourceSettings
from gridwix_gateway.runtime.waking import webhook_waker
from gridwix_gateway.sources.credentials import Secrets
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import Timing
from gridwix_gateway.sources.runs import RunReport
from gridwix_gateway.sources.schedule import Source, report_entry, run_due_sources
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable

DECLARATIONS = "declarations.json"
"""JSON file in the package ``sources`` with the declarations. ``make config`` writes it."""

TIME_RESERVE = 15.0
"""Seconds at the end of an invocation that no source may use."""


def run_sources(
    kind: str, make_source: Callable[[str, Document], Source], remaining_seconds: float
) -> None:
    """Run the declared sources of one kind that are due.

    A source is due when its interval has passed since its last run, or if that run has left a
    checkpoint inside a list.

    Args:
        kind: The sources' kind: ``rest`` or ``directory``.
        make_source: Makes a source from its name and declaration.
        remaining_seconds: Seconds until the invocation ends.

    Raises:
        Problem: ``unavailable``: the table takes no commits. SQS redelivers the message.
    """
    timing = Timing()
    settings = SourceSettings.read()
    table = DynamoTable(aws_client("dynamodb"), settings.table_name)
    run_due_sources(
        load_sources(kind, make_source),
        Commits(table, settings.company_id, settings.event_type_prefix),
        table,
        secrets=secret_reader(aws_client("secretsmanager"), settings.source_secrets),
        timing=timing,
        deadline=timing.monotonic() + remaining_seconds - TIME_RESERVE,
        emit=partial(emit_report, Metrics(), webhook_waker(settings).wake_senders),
    )


def load_sources(
    kind: str,
    make_source: Callable[[str, Document], Source],
    declarations: Mapping[str, Document] | None = None,
) -> Sequence[Source]:
    """Return the declared sources of one kind, sorted by name.

    Args:
        kind: The sources' kind: ``rest`` or ``directory``.
        make_source: Makes a source from its name and declaration.
        declarations: The declarations of all sources, by name; None reads those in the package.

    Returns:
        The sources, sorted by name.
    """
    if declarations is None:
        declarations = read_declarations()
    return [
        make_source(name, declaration)
        for name, declaration in sorted(declarations.items())
        if declaration["source"] == kind
    ]


def read_declarations() -> Mapping[str, Document]:
    """Return the declarations of all sources, by name, from the package; empty if it has none."""
    file = resources.files("gridwix_gateway.sources") / DECLARATIONS
    if not file.is_file():
        return {}
    declarations: dict[str, Document] = json.loads(file.read_text("utf-8"))
    return declarations


def secret_reader(client: Any, prefix: str) -> Secrets:
    """Return a function that reads sources' secrets from Secrets Manager.

    Args:
        client: botocore's client of Secrets Manager.
        prefix: Beginning of the secrets' names.

    Returns:
        The function. It takes the rest of a secret's name and asks Secrets Manager at each call, so
        a rotated secret is used from the next run on.
    """

    def read_secret(name: str) -> Mapping[str, str]:
        try:
            text = client.get_secret_value(SecretId=prefix + name)["SecretString"]
            secret = json.loads(text)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise SourceFault("secret", f"the secret {name} cannot be read ({code})") from None
        except (KeyError, ValueError):
            secret = None
        if not isinstance(secret, dict):
            raise SourceFault("secret", f"the secret {name} is no JSON object")
        return secret

    return read_secret


def emit_report(
    metrics: Metrics, wake_senders: Callable[[], None], report: RunReport, faults: int
) -> None:
    """Log a source run's report, write its metrics, and wake webhook senders if it changed records.

    Args:
        metrics: Writes the metrics.
        wake_senders: Wakes the webhook senders.
        report: The report of the run.
        faults: Number of the source's failed runs in a row, this run included; 0 if it did not
            fail.
    """
    if report.counts.changed:
        wake_senders()
    if report.fault or report.warnings:
        logger.warning("source_run", extra=report_entry(report))
    else:
        logger.info("source_run", extra=report_entry(report))
    values = {
        "SourceRuns": 1,
        "RowsChanged": report.counts.changed,
        "RowsRefused": report.counts.refused,
        # The alarm looks at the highest of them: one source must not hide behind another.
        "FailedRunsInARow": faults,
    }
    write_metrics(metrics, values, source=report.source)
