"""Shells complete commands and options, without importing what commands need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.completion import complete_function
from ops.paths import ROOT
from ops.role_probe import read_template

GIVEN_SHELL = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
"""Has Typer take the shell as an argument. Otherwise it looks at the process that started it."""

RUN = """
import sys
from ops import cli
sys.argv = ["gridwix", *sys.argv[1:]]
try:
    cli.main()
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def run(*arguments: str, **environment: str) -> tuple[list[str], set[str]]:
    """Return the printed lines, and the modules that were imported."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines(), set(done.stderr.splitlines()[-1].split())


def completed(line: str) -> tuple[list[str], set[str]]:
    """Return the completions of a line's last word, and the modules that were imported."""
    place = len(line.split(" ")) - 1
    lines, modules = run(_GRIDWIX_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(place))
    return [line for line in lines if line], modules


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("gridwix sta", ["status"]),
        ("gridwix form", ["form-address"]),
        ("gridwix campaign f", ["failed"]),
        ("gridwix config pre", ["preview"]),
        ("gridwix config preview ", ["request", "campaign", "text"]),
        ("gridwix config apply --", ["--note", "--yes", "--json", "--profile", "--region"]),
        ("gridwix desk publish", ["publish", "publish-document"]),
        ("gridwix status --", ["--stack", "--json", "--profile", "--region", "--help"]),
        ("gridwix invite GC1 --role l", ["logistics"]),
        ("gridwix pause status", ["status-publisher"]),
        ("gridwix resume trading_grid_f", ["trading_grid_feed"]),
        ("gridwix pause directory", ["directory-source"]),
        ("gridwix redrive case-", ["case-opener"]),
        ("gridwix pause trading-grid-w", []),
        ("gridwix reconcile --collection Open", ["OpenIssues"]),
        ("gridwix backfill --collection PartnerS", ["PartnerStatus"]),
        ("gridwix nonsense x", []),
    ],
)
def test_last_word_is_completed(line: str, words: list[str]) -> None:
    found, _ = completed(line)

    assert set(words) <= set(found)
    assert bool(found) is bool(words)


def test_functions_that_are_completed_are_those_with_a_queue() -> None:
    queues = {
        camel.removesuffix("DeadLetterQueue")
        for path in ("template.yaml", "gateway/template.yaml")
        for camel, resource in read_template(ROOT / path)["Resources"].items()
        if resource["Type"] == "AWS::SQS::Queue" and camel.endswith("DeadLetterQueue")
    }

    found = complete_function("")

    assert {name.title().replace("-", "") for name in found} == queues
    assert len(found) == len(queues) > 13


def test_completion_of_a_commands_name_imports_no_command() -> None:
    found, modules = completed("gridwix re")

    assert {"redrive", "replay", "resync", "reconcile", "refused", "resume"} <= set(found)
    assert [name for name in modules if name.startswith("ops.commands.")] == []
    assert modules & {"boto3", "botocore", "httpx", "yaml", "emulators", "gridwix.models"} == set()


def test_completion_of_an_option_creates_no_client_of_aws() -> None:
    _, modules = completed("gridwix status --st")

    assert "ops.commands.status" in modules
    assert "boto3" not in modules


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_for_a_shell_is_printed(shell: str) -> None:
    lines, _ = run("--show-completion", shell, **GIVEN_SHELL)

    assert "_GRIDWIX_COMPLETE=complete" in "\n".join(lines)


def test_completion_is_installed_for_the_shell(tmp_path: Path) -> None:
    run("--install-completion", "bash", HOME=str(tmp_path), **GIVEN_SHELL)

    (script,) = (tmp_path / ".bash_completions").iterdir()
    assert "_GRIDWIX_COMPLETE=complete_bash" in script.read_text()
    assert str(script) in (tmp_path / ".bashrc").read_text()
