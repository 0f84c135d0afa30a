"""Logs of the gateway's functions: JSON lines with ids, codes and counts, and no personal data."""

from aws_lambda_powertools import Logger

from gridwix_gateway.documents import Document

logger = Logger()


def log_request(entry: Document) -> None:
    """Log a request: an error if the gateway failed, else information."""
    write = logger.error if entry["status"] == 500 else logger.info
    write("request", extra=entry)
