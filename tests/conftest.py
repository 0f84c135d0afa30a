"""Environment of the functions. Set before any import, because Powertools reads it at import."""

import gc
import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import botocore.session
import httpx
import pytest
from _pytest.assertion import rewrite
from httpx._transports import default as transports

# Before the product, whose constructors take time.time as a default: the soak test replaces it.
import soak  # noqa: F401
from ops.waiting import wait_for_answers
from tests.examples import load_profile
from tests.scheduling import FileScheduling

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "test")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "gridwix")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("POWERTOOLS_METRICS_DISABLED", "false")

load_profile()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the integration tests."""
    parser.addoption(
        "--hub",
        choices=["emulator", "gateway"],
        default="emulator",
        help="what keeps the community in the integration tests",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling | None:
    """Return the scheduler of ``--dist loadgroup``."""
    return FileScheduling(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Collect without the garbage collector, and let it leave alone what was collected.

    Modules and items live until the end. Looking through them takes seconds in each worker.
    """
    gc.disable()
    try:
        _rewrite_share(session.config)
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def _rewrite_share(config: pytest.Config) -> None:
    """Rewrite the assertions of some test files: those of this worker of pytest-xdist.

    All workers import all test files, in the same order. In a fresh checkout each of them would
    rewrite every file. So each begins with others, and then finds what the others have written.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    state = config.stash.get(rewrite.assertstate_key, None)
    if not worker or state is None or sys.dont_write_bytecode:
        return
    number, workers = int(worker), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for path in _test_files(config)[number::workers]:
        written = rewrite.get_cache_dir(path) / (path.stem + rewrite.PYC_TAIL)
        if not written.exists() and rewrite.try_makedirs(written.parent):
            status, code = rewrite._rewrite_test(path, config)
            rewrite._write_pyc(state, code, status, written)


def _test_files(config: pytest.Config) -> list[Path]:
    """Return the test files of the folders that this run is about."""
    folders = (config.invocation_params.dir / argument for argument in config.args)
    return [path for folder in folders for path in sorted(folder.rglob("test_*.py"))]


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
