"""The pipeline's script deploys one environment, tests it, and stops at the first fault."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ops.paths import ROOT, TOOLS

PARAMETERS = "PortalUrl=https://www.your-company.com/portal\r\n\nFeedSchedule=rate(1 minute)\n"
"""With a line end of a browser."""
TOOL = '#!/bin/sh\necho "${0##*/}" "$#" "$@" >> "$CALLS"\ncase "$*" in *"$FAILS"*) exit 1 ;; esac\n'


def checkout(folder: Path) -> Path:
    """A checkout in which all tools only write down how they were called."""
    for name in (
        ".tools/sam/bin/sam",
        ".venv/bin/python",
        ".venv/bin/gridwix",
        "bin/make",
        "bin/git",
    ):
        tool = folder / name
        tool.parent.mkdir(parents=True, exist_ok=True)
        tool.write_text(TOOL + ("echo 0123abc\n" if tool.name == "git" else ""))
        tool.chmod(0o755)
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/deploy", folder / ".ci/deploy")
    return folder


def deploy(
    folder: Path, *arguments: str, fails: str = "nothing", **environment: str
) -> tuple[int, list[str]]:
    """Run the script; return its exit code and the calls of tools."""
    calls = folder / "calls"
    calls.touch()
    done = subprocess.run(
        [checkout(folder) / ".ci/deploy", *arguments],
        env={
            "PATH": f"{folder / 'bin'}:{os.defpath}",
            "CALLS": str(calls),
            "FAILS": fails,
            "PARAMETERS": PARAMETERS,
            "SMOKE_PARTNER": "GC070000000101",
            **environment,
        },
        capture_output=True,
        check=False,
    )
    made = calls.read_text().replace(str(folder), "CHECKOUT").splitlines()
    return done.returncode, [call for call in made if not call.startswith(("make", "git"))]


OVERRIDES = (
    '--parameter-overrides PortalUrl="https://www.your-company.com/portal"'
    ' FeedSchedule="rate(1 minute)"'
)


def test_staging_is_deployed_as_a_whole_and_then_tested(tmp_path: Path) -> None:
    code, calls = deploy(tmp_path, "staging", EXECUTION_ROLE_ARN="arn:role")

    assert code == 0
    assert calls == [
        f"sam 6 build --config-env staging {OVERRIDES}",
        "sam 13 deploy --config-file CHECKOUT/samconfig.toml --config-env staging"
        " --template-file .aws-sam/build/template.yaml --no-confirm-changeset --role-arn arn:role"
        f" {OVERRIDES}",
        "gridwix 7 config apply --stack gridwix-staging --yes --note commit 0123abc",
        "gridwix 3 doctor --stack gridwix-staging",
        "gridwix 5 smoke --stack gridwix-staging --partner GC070000000101",
    ]


def test_prod_is_deployed_in_steps_with_a_digest_of_commit_and_parameters(tmp_path: Path) -> None:
    code, calls = deploy(tmp_path, "prod", "gradual")

    assert code == 0
    assert calls[1:3] == [
        "python 6 -m ops.gradual_template .aws-sam/build/template.yaml 0123abc"
        " PortalUrl=https://www.your-company.com/portal FeedSchedule=rate(1 minute)",
        "sam 11 deploy --config-file CHECKOUT/samconfig.toml --config-env prod"
        " --template-file .aws-sam/build/gradual.json --no-confirm-changeset"
        f" {OVERRIDES}",
    ]


@pytest.mark.parametrize(
    ("fails", "last"), [("build", "sam"), ("deploy ", "sam"), ("doctor", "gridwix")]
)
def test_nothing_follows_a_step_that_failed(tmp_path: Path, fails: str, last: str) -> None:
    code, calls = deploy(tmp_path, "prod", fails=fails)

    assert code != 0
    assert calls[-1].startswith(last)
    assert fails in calls[-1]


@pytest.mark.parametrize(
    ("arguments", "partner"),
    [((), "GC1"), (("qa",), "GC1"), (("prod", "slowly"), "GC1"), (("prod",), "")],
    ids=["none", "environment", "mode", "partner"],
)
def test_nothing_is_built_without_what_is_needed(
    tmp_path: Path, arguments: tuple[str, ...], partner: str
) -> None:
    code, calls = deploy(tmp_path, *arguments, SMOKE_PARTNER=partner)

    assert code != 0
    assert calls == []


@pytest.mark.parametrize(
    "parameters", ["LogLevel", "=INFO", "Log Level=INFO", 'PortalUrl=https://"', "A=b\\c"]
)
def test_parameters_that_sam_would_misread_are_refused(tmp_path: Path, parameters: str) -> None:
    code, calls = deploy(tmp_path, "staging", PARAMETERS=parameters)

    assert code == 2
    assert calls == []


def test_quoted_parameters_are_what_sam_reads() -> None:
    read = (
        "import sys; from samcli.cli.types import CfnParameterOverridesType as T;"
        "assert T().convert(tuple(sys.argv[1:]), None, None)"
        " == {'A': 'rate(1 minute)', 'B': 'https://x.org/?a=b', 'C': ''}, sys.argv"
    )

    subprocess.run(
        [
            TOOLS / "sam/bin/python",
            "-I",
            "-c",
            read,
            'A="rate(1 minute)"',
            'B="https://x.org/?a=b"',
            'C=""',
        ],
        check=True,
    )


def test_prod_waits_for_staging_and_both_run_the_script_with_short_lived_credentials() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text())
    jobs = workflow["jobs"]

    assert jobs["prod"]["needs"] == "staging"
    assert "GRIDWIX_DEPLOY == 'on'" in jobs["staging"]["if"]
    assert "workflow_run.event == 'push'" in jobs["staging"]["if"]
    for name, runs in {"staging": ".ci/deploy staging", "prod": ".ci/deploy prod gradual"}.items():
        job = jobs[name]
        assert job["environment"] == name
        assert job["concurrency"] == {"group": f"deploy-{name}", "cancel-in-progress": False}
        assert job["permissions"] == {"contents": "read", "id-token": "write"}
        assert [step["run"] for step in job["steps"] if "run" in step] == [runs]
        (credentials,) = (
            step["with"] for step in job["steps"] if "configure-aws" in step.get("uses", "")
        )
        assert credentials["role-to-assume"] == "${{ vars.DEPLOY_ROLE_ARN }}"
        assert not {one for one in credentials if "secret" in one or "access-key" in one}
    assert "secrets." not in (ROOT / ".github/workflows/deploy.yml").read_text()
