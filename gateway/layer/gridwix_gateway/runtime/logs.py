"""Logs of the gateway's functions: JSON lines with ids, codes and counts, and no personal data."""

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

if TYPE_CHECKING:
    from gridwix_gateway.api.application import RequestEntry
    from gridwix_gateway.targets.invocation import TargetEntry

logger = Logger()


def log_request(entry: "RequestEntry") -> None:
    """Log an API request: at level error if the gateway failed (status 500), else at level info."""
    if entry["status"] == 500:
        logger.error("request_answered", extra=entry)
    else:
        logger.info("request_answered", extra=entry)


def log_lost_wake(error: str) -> None:
    """Log that the message to the webhook senders failed. A schedule wakes the senders later."""
    logger.warning("webhook_senders_not_woken", extra={"error": error})


def log_target_run(level: str, entry: "TargetEntry") -> None:
    """Log the deliveries of one run to a target, at the level ``info`` or ``error``.

    A target is one of the hub's own systems.
    """
    if level == "error":
        logger.error("target_run", extra=entry)
    else:
        logger.info("target_run", extra=entry)
