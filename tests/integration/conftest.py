"""Local environments of the integration tests: a deployed stack with IAM enforced, and both
emulators.
"""

import contextlib
from collections.abc import Iterator

import pytest

from ops.local_environment import LocalEnvironment, start_local_environment
from ops.paths import new_run

FOLDER = "tests/integration/"
OPERATION = (
    "commands",
    "configuration",
    "erasure",
    "explain",
    "install",
    "nine_oclock",
    "pausing",
    "reconciler",
    "sam_local_invoke",
    "trace",
    "watch",
)
"""Modules about what operators do. They take as long as all others that share an environment."""

GROUPS = {
    "test_least_privilege": "denials",
    "test_upgrade": "upgrade",
    **{f"test_{module}": "operation" for module in OPERATION},
}
"""Group of each module: what runs on one xdist worker, with one environment. Others: ``flow``."""

PARTNERS = 200
"""Number of generated partners, in addition to the three of the sample local.

The records of those three stay as tests and samples describe them.
"""

OVERRIDES = {
    "WixCallsPerMinute": "12000",
    "WixCallBurst": "6000",
    "SweepSchedule": "rate(1 day)",
    "TransactionSchedule": "rate(1 day)",
    "ActivitySchedule": "rate(1 day)",
    "StepCascade": "gridwix",
}
"""The tests sweep and watch transactions when they want, and not on schedule. They make as many
calls to Wix in minutes as a portal does in a day.
"""


# First, since xdist looks at the marks before the conftest of a folder that the command line names
# has its turn.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in this folder, and keep those of a group on one xdist worker.

    An environment is so started once for each group, and the groups run side by side. The many
    denial tests, and the upgrade of the first release, have environments of their own.
    """
    for item in items:
        if item.nodeid.startswith(FOLDER):
            item.add_marker(pytest.mark.integration)
            item.add_marker(pytest.mark.xdist_group(GROUPS.get(item.path.stem, "flow")))


@pytest.fixture(scope="session")
def local_cloud(request: pytest.FixtureRequest) -> Iterator[LocalEnvironment]:
    """The running local of a worker, with each partner published once.

    Tests share it, so each works on a partner or a record of its own. With ``--hub gateway`` the
    gateway of ``gateway/`` keeps the community.
    """
    with start_local_environment(
        new_run("tests"),
        lambda _: contextlib.nullcontext(),
        partners=PARTNERS,
        own_gateway=request.config.getoption("--hub") == "gateway",
        overrides=OVERRIDES,
    ) as running:
        yield running
