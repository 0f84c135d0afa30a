"""Environment of the functions. Set before any import, because Powertools reads it at import."""

import os
from functools import lru_cache

import botocore.session
import httpx
import pytest
from httpx._transports import default as transports
from hypothesis import HealthCheck, settings

# Before the product, whose constructors take time.time as a default: the soak test replaces it.
import soak  # noqa: F401
from ops.waiting import wait_for_answers

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "test")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "gridwix")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("POWERTOOLS_METRICS_DISABLED", "false")

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("gridwix", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gridwix")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the integration tests."""
    parser.addoption(
        "--hub",
        choices=["emulator", "gateway"],
        default="emulator",
        help="what keeps the community in the integration tests",
    )


def share_certificates() -> None:
    """Let all HTTP clients of this process share one TLS context.

    Each client of httpx reads the certificates of all authorities when it is made. That takes
    longer than a call, and the tests make thousands of clients for servers that have no TLS.
    """
    shared = lru_cache(maxsize=4)(httpx.create_ssl_context)
    vars(transports)["create_ssl_context"] = shared


def share_service_models() -> None:
    """Let all sessions of botocore in this process share what they read of AWS's services.

    Each session reads and parses the description of a service for its first client. That takes up
    to a fifth of a second, and the tests make a session for each stack.
    """
    shared = lru_cache(maxsize=4)(botocore.session.create_loader)
    vars(botocore.session)["create_loader"] = shared


share_certificates()
share_service_models()
wait_for_answers()
