"""Metrics of the gateway's functions, in CloudWatch's embedded metric format."""

from collections.abc import Mapping

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from gridwix_gateway.runtime.logs import logger
from gridwix_gateway.webhooks.dispatch import Result

metrics = Metrics()

WEBHOOK_METRICS = {
    "WebhooksDelivered": ("delivered",),
    "WebhooksLost": ("failed", "dropped", "gaps"),
}
"""Metrics of webhooks, each with the keys of the sender's report that it adds up."""


def observe_webhooks(endpoint: str, result: Result) -> None:
    """Log a run of the webhook sender for one endpoint, and write the run's metrics.

    Args:
        endpoint: The endpoint's id.
        result: Counts of webhooks by outcome, or the error that ended the run.
    """
    if isinstance(result, Exception):
        # Not its message: it can hold values of a record.
        logger.error(
            "webhook_sender_failed",
            extra={"endpoint": endpoint, "error": type(result).__name__},
        )
        return
    if not result:
        return
    logger.info("webhooks_sent", extra={"endpoint": endpoint, "deliveries": dict(result)})
    for name, counts in WEBHOOK_METRICS.items():
        count = sum(result[each] for each in counts)
        if count:
            metrics.add_metric(name, MetricUnit.Count, count)
    metrics.flush_metrics()


def write_metrics(metrics: Metrics, values: Mapping[str, int], **declared: str) -> None:
    """Write counts of a source or target as metrics, in total and by the source's or target's name.

    Each count is written twice: with the dimension ``service`` alone, which the alarms watch, and
    with ``service`` and the name of the source or target. Without a name it is written once. Zeros
    are written too, so that graphs have no gaps.

    Args:
        metrics: The metrics of the function.
        values: Counts by metric name.
        declared: ``source`` or ``target`` with its name. Only names in the configuration, so that
            the number of metrics is bounded.
    """
    for name, value in values.items():
        metrics.add_metric(name, MetricUnit.Count, value)
    if declared:
        metrics.add_dimensions(service=metrics.service, **declared)
    metrics.flush_metrics()


def count_target(target: str, values: Mapping[str, int]) -> None:
    """Write the metrics of a target, one of the hub's own systems to which the gateway delivers.

    An empty ``target`` writes the values without a target's name, for a run without targets.
    """
    write_metrics(metrics, values, **({"target": target} if target else {}))


def count_unusable_entries(number: int) -> None:
    """Write the number of invalid entries in the secret with the API's consumers as a metric."""
    write_metrics(metrics, {"SecretEntriesUnusable": number})
