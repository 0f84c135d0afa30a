"""Logs of the gateway's functions: JSON lines with ids, codes and counts, and no personal data."""

from aws_lambda_powertools import Logger

from gridwix_gateway.documents import Document

logger = Logger()


def log_request(entry: Document) -> None:
    """Log a request: an error if the gateway failed, else information."""
    write = logger.error if entry["status"] == 500 else logger.info
    write("request", extra=entry)


def log_lost_wake(error: str) -> None:
    """Log that no message could be sent to wake the senders of webhooks. A schedule wakes them."""
    logger.warning("webhook senders not woken", extra={"error": error})


def log_entry(level: str, entry: Document) -> None:
    """Log an entry of counts and codes at a level, ``info`` or ``error``."""
    write = logger.error if level == "error" else logger.info
    write("run", extra=entry)
