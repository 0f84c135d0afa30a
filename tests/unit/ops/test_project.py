"""The project's own files: what a fresh machine gets is what was locked, and every command can be
found.
"""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import COMMANDS, app
from ops.paths import ROOT

REQUIREMENTS = sorted((ROOT / "ops/requirements").glob("*.txt"))
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[a-z,-]+\])?==(?P<version>[^ ;\\]+)")


FIXED_TIME = re.compile(
    r"\b(monotonic|perf_counter)\(\) *[+<>]|assert .*(monotonic|perf_counter|time\.time)\(\) - "
    r"|set_default_timeout\(\d|\bto_\w+\(.*timeout=\d|(subprocess\.\w+|communicate)\(.*timeout=\d"
)
"""A deadline, a duration that a test asserts, or a browser or process that is given up on: right on
one machine, and wrong on a busy one.
"""


def pins(text: str) -> dict[str, str]:
    """The version of each package that a requirements file pins."""
    return {
        match["name"]: match["version"] for line in text.splitlines() if (match := PIN.match(line))
    }


@pytest.mark.parametrize(
    ("folder", "selection"),
    [("layers/common", "--no-dev"), ("gateway/layer", "--only-group=gateway")],
)
def test_layer_requirements_are_in_step_with_the_lock(folder: str, selection: str) -> None:
    command = [
        ".tools/bin/uv",
        "export",
        "--locked",
        "--quiet",
        selection,
        "--no-emit-project",
        "--no-header",
        "--no-annotate",
    ]
    exported = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert (ROOT / folder / "requirements.txt").read_text() == exported


@pytest.mark.parametrize("folder", ["layers/common", "gateway/layer"])
def test_each_package_of_a_layer_is_pinned_with_its_hashes(folder: str) -> None:
    text = (ROOT / folder / "requirements.txt").read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)

    assert len(blocks) == len(pins(text)) > 5
    assert all("--hash=sha256:" in block for block in blocks)


def test_layer_requirements_hold_no_tools() -> None:
    names = pins((ROOT / "layers/common/requirements.txt").read_text()).keys()

    assert "httpx" in names
    assert not names & {"pytest", "rich", "starlette", "typer", "uvicorn"}


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_tool_requirements_pin_what_they_ask_for_with_hashes(path: Path) -> None:
    text = path.read_text()
    asked = pins(path.with_suffix(".in").read_text())

    found = pins(text)

    assert asked.items() <= found.items()
    assert len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)) == len(found)
    assert all(
        "--hash=sha256:" in block
        for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    )


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_tool_requirements_name_no_package_index(path: Path) -> None:
    assert "://" not in path.read_text()
    assert "index" not in path.read_text()


def test_nothing_that_is_started_here_has_a_fixed_total_time() -> None:
    """Waits follow progress (``ops/waiting.py``)."""
    modules = [
        path
        for folder in ("emulators", "ops", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if path != Path(__file__)
    ]

    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in modules
        for line in path.read_text().splitlines()
        if FIXED_TIME.search(line)
    ]

    assert len(modules) > 300
    assert found == []


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))

    shown = subprocess.run(
        ["make", "--silent", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert targets == set(re.findall(r"^  make ([a-z-]+) ", shown, re.MULTILINE))
    assert targets == set(
        re.findall(r"[a-z-]+", re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0])
    )


def test_make_without_a_target_shows_the_help() -> None:
    shown = subprocess.run(
        ["make", "--silent"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert "make demo" in shown


def test_continuous_integration_runs_the_readmes_commands() -> None:
    script = (ROOT / ".ci/run").read_text()

    assert re.findall(r"^make [^>\n]*[^>\s]", script, re.MULTILINE) == [
        "make check",
        "make test",
        'make soak ARGS="--short --seed 1"',
        "make demo ARGS=--check",
    ]


def test_every_command_explains_itself() -> None:
    runner = CliRunner()

    expected = (
        "demo setup doctor status redrive replay resync reconcile refused submissions"
        " form-address invite link unlink links"
    )
    assert set(expected.split()) <= set(COMMANDS)
    for name in COMMANDS:
        assert runner.invoke(app, [name, "--help"]).exit_code == 0


def test_samconfig_gives_the_deployment_its_capabilities() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())

    assert set(config) == {"version", "default", "local", "staging", "prod"}
    for environment in ("default", "local", "staging", "prod"):
        assert config[environment]["deploy"]["parameters"]["capabilities"] == [
            "CAPABILITY_IAM",
            "CAPABILITY_AUTO_EXPAND",
        ]
    assert config["default"]["deploy"]["parameters"]["confirm_changeset"]
    assert config["prod"]["deploy"]["parameters"]["confirm_changeset"]


def test_every_command_has_its_line_in_the_documentation() -> None:
    text = (ROOT / "docs/command.md").read_text()
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output

    # A group may have one line for each of its commands, such as `source plan`.
    assert {name for name in COMMANDS if not re.search(rf"`{name}[` ]", text)} == set()
    assert all(name in shown for name in COMMANDS)


def test_the_operators_policy_writes_nothing_but_the_call_budget() -> None:
    policy = json.loads((ROOT / "docs/operator-policy.json").read_text())
    writes = {
        (action, resource)
        for statement in policy["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
        if not action.partition(":")[2].startswith(
            ("Get", "List", "Describe", "Filter", "Scan", "Query")
        )
        for resource in (
            [statement["Resource"]]
            if isinstance(statement["Resource"], str)
            else statement["Resource"]
        )
        if action.partition(":")[0] == resource.split(":")[2]
    }

    assert writes == {("dynamodb:UpdateItem", "arn:aws:dynamodb:*:*:table/STACK-BudgetTable-*")}
