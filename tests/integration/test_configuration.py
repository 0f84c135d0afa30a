"""A change of ``config/`` takes effect in the deployed stack without a deployment, and is taken
back.
"""

import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

from gridwix.runtime.build_report import CONFIGURATION
from ops.configuration import FOLDER
from ops.configuration_versions import read_version_in_effect, version_store
from ops.local_environment import STACK_NAME, LocalEnvironment
from ops.logs import read_lines
from ops.paths import ROOT
from ops.time_zones import FUNCTIONS, read_last_line
from tests.integration.test_requests import ANSWERS, requests

MAIN = "from ops.cli import main; main()"
"""The command of this checkout."""

AGAIN = 1.0
"""Seconds between two requests that try which rule is in effect."""


def config(local: LocalEnvironment, *arguments: str) -> str:
    """Run ``gridwix config`` as an operator does. Return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "config", *arguments, "--stack", STACK_NAME],
        cwd=ROOT,
        env={**os.environ, **local.cloud.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def team(local: LocalEnvironment) -> str:
    """Return the team that gets a new invoice question."""
    # A member of its own, since the intake limits the submissions of one, and of all visitors.
    identifier = uuid.uuid4().hex
    local.site_code.submit_form("invoice-question", identifier, f"member-{identifier}", ANSWERS)
    local.wait_for(lambda: requests(local, identifier), "the request")
    (request,) = requests(local, identifier)
    return str(request["routing"]["teamKey"])


def wait_for_team(local: LocalEnvironment, wanted: str) -> None:
    """Wait until the functions have taken the rule of a version."""
    local.wait_for(lambda: team(local) == wanted, f"requests for {wanted}", poll=AGAIN)


def used_versions(local: LocalEnvironment, since: float) -> list[str]:
    """Return the versions that the form intake has logged, without repeats, in order."""
    lines = read_lines(local.stack.aws.logs, local.stack.log_group("form_intake"), since)
    versions = [
        str(line.fields["config_version"]) for line in lines if "config_version" in line.fields
    ]
    return list(dict.fromkeys(versions))


def wait_for_version(local: LocalEnvironment, function: str, version: str) -> None:
    """Wait until the last metrics of a function name a version, which the doctor compares."""

    def is_used() -> bool:
        line = read_last_line(local.stack, function, time.time(), CONFIGURATION)
        return line is not None and line.fields[CONFIGURATION] == version

    local.wait_for(is_used, f"version {version} in {function}", poll=AGAIN)


def test_changed_rule_takes_effect_without_a_deployment_and_is_rolled_back(
    local_cloud: LocalEnvironment, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "config"))
    routing = folder / "routing.yaml"
    routing.write_text(routing.read_text().replace("team: ap-disputes", "team: edi-support", 1))
    store = version_store(local_cloud.stack)
    bundled = read_version_in_effect(store)
    assert team(local_cloud) == "ap-disputes"
    applied_at = time.time()

    shown = config(local_cloud, "apply", str(folder), "--yes")
    applied = store.read_pointer().version
    try:
        wait_for_team(local_cloud, "edi-support")
    finally:
        config(local_cloud, "rollback", "--yes")
    wait_for_team(local_cloud, "ap-disputes")
    for function in FUNCTIONS:
        wait_for_version(local_cloud, function, bundled.version)

    assert '~ routing.rules.invoice.team: "ap-disputes" -> "edi-support"' in shown
    assert applied in used_versions(local_cloud, applied_at)
    # The first lines may still be of the version before, and the last ones are of it again.
    rolled_back_at = store.list_changes(1)[0].at.timestamp()
    assert used_versions(local_cloud, rolled_back_at)[-1] == bundled.version
    assert store.read_pointer().version == "bundled"
