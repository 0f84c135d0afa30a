"""Logs of the gateway's functions: JSON lines with ids, codes and counts, and no personal data."""

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

if TYPE_CHECKING:
    from gridwix_gateway.api.application import RequestEntry
    from gridwix_gateway.targets.invocation import TargetEntry

logger = Logger()


def log_request(entry: "RequestEntry") -> None:
    """Log an API request: at level error if the gateway failed, else at level info."""
    if entry["status"] == 500:
        logger.error("request_answered", extra=entry)
    else:
        logger.info("request_answered", extra=entry)


def log_lost_wake(error: str) -> None:
    """Log that a message to wake the senders of webhooks failed. A schedule wakes them later."""
    logger.warning("webhook_senders_not_woken", extra={"error": error})


def log_target_run(level: str, entry: "TargetEntry") -> None:
    """Log a target's run at a level, ``info`` or ``error``."""
    if level == "error":
        logger.error("target_run", extra=entry)
    else:
        logger.info("target_run", extra=entry)
