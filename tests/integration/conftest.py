"""One local environment for all integration tests: the local cloud with the deployed stack, IAM enforced, and both emulators."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.local_environment import LocalEnvironment, start_local_environment
from ops.paths import new_run

HERE = Path(__file__).parent
PARTNERS = 200
"""Partners that are generated beside the three of the sample data, whose records stay as the tests and samples expect them."""

OVERRIDES = {
    "WixCallsPerMinute": "12000",
    "WixCallBurst": "6000",
    "SweepSchedule": "rate(1 day)",
    "TransactionSchedule": "rate(1 day)",
    "StepCascade": "gridwix",
}
"""The local cloud hands over ten messages at a time where AWS hands over a thousand, so there are a hundred times as many calls.

The tests sweep and watch transactions when they want, and not on schedule.
"""


# First, since xdist looks at the marks before the conftest of a folder that the command line names has its turn.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, and keep it on one of xdist's workers, so that everything is started once; but for the many denials, which have one of
    their own on another worker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.integration)
            item.add_marker(pytest.mark.xdist_group("denials" if item.path.stem == "test_least_privilege" else "local-cloud"))


@pytest.fixture(scope="session")
def local_cloud() -> Iterator[LocalEnvironment]:
    """Everything, running, with every partner published once. Tests share it, so each works on a partner or a record of its own."""
    with start_local_environment(new_run("tests"), lambda _: contextlib.nullcontext(), partners=PARTNERS, overrides=OVERRIDES) as running:
        yield running
