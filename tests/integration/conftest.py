"""One local environment for all integration tests: deployed stack with IAM enforced, and both
emulators.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.local_environment import LocalEnvironment, start_local_environment
from ops.paths import new_run

HERE = Path(__file__).parent
OWN_GROUPS = {"test_least_privilege": "denials", "test_upgrade": "upgrade"}
"""Groups of the modules that share no environment with the others."""
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
    """Mark the tests in this folder and keep them on one xdist worker.

    Everything is so started once. The many denial tests, and the upgrade of the first release, have
    environments of their own on other workers.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.integration)
            item.add_marker(pytest.mark.xdist_group(OWN_GROUPS.get(item.path.stem, "local-cloud")))


@pytest.fixture(scope="session")
def local_cloud(request: pytest.FixtureRequest) -> Iterator[LocalEnvironment]:
    """The running local, with each partner published once.

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
