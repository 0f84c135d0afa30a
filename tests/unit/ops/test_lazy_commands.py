"""The command line imports what the called command needs, and lists all commands without any."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from gridwix.clients.http import VERSION
from ops.cli import COMMANDS, app
from ops.gateway.desk.client import CONSUMER_KEY, CONSUMER_SECRET
from ops.lazy_commands import CommandPlace
from ops.paths import ROOT

HEAVY = {
    "aws_lambda_powertools",
    "boto3",
    "botocore",
    "cel",
    "cryptography",
    "duckdb",
    "emulators",
    "gridwix_gateway",
    "httpx",
    "jinja2",
    "openpyxl",
    "pydantic",
    "starlette",
    "uvicorn",
    "yaml",
}
"""Packages that take longer to import than the rest of a short command."""
HOSTS = {"emulators", "starlette", "uvicorn"}
READERS = {"cel", "duckdb", "openpyxl"}

RUN = """
import json, sys
from ops import cli
try:
    cli.app(sys.argv[1:], prog_name="gridwix")
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def imported_modules(*arguments: str) -> set[str]:
    """Return the modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def packages(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def commands_among(modules: set[str]) -> set[str]:
    return {module for module in modules if module.startswith("ops.commands.")}


def test_list_of_commands_imports_no_command_and_nothing_that_one_needs() -> None:
    modules = imported_modules("--help")

    assert commands_among(modules) == set()
    assert packages(modules) & HEAVY == set()


def test_help_has_no_line_breaks_of_the_source() -> None:
    group = get_command(app)
    pause = group.commands["pause"]  # type: ignore[attr-defined]
    preview = group.commands["config"].commands["preview"]  # type: ignore[attr-defined]

    said = CliRunner().invoke(app, ["pause", "--help"], env={"COLUMNS": "200"}).output

    assert "A queue keeps a message for 14 days at most." in said
    for command in [pause, preview, *preview.commands.values()]:
        assert "\n" not in command.help.replace("\n\n", "")


@pytest.mark.parametrize(
    "command",
    [(), ("pause",), ("config", "apply"), ("config",), ("config", "preview", "text"), ("desk",)],
)
def test_help_asks_for_no_value_of_an_option_without_one(command: tuple[str, ...]) -> None:
    said = CliRunner().invoke(app, [*command, "--help"]).output

    assert "--help" in said
    assert "<bool>" not in said


def test_version_is_printed_without_a_client_of_aws() -> None:
    modules = imported_modules("--version")

    assert "boto3" not in packages(modules)
    assert CliRunner().invoke(app, ["--version"]).output == f"gridwix {VERSION}\n"


@pytest.mark.parametrize(
    "name", ["trace", "status", "pause", "redrive", "invite", "resync", "source"]
)
def test_help_of_a_command_imports_its_module_and_no_client_of_aws(name: str) -> None:
    modules = imported_modules(name, "--help")

    assert CommandPlace(COMMANDS[name]).module in modules
    assert packages(modules) & ({"boto3"} | HOSTS | READERS) == set()


def test_command_imports_no_module_of_another_one() -> None:
    assert commands_among(imported_modules("trace", "--help")) == {
        "ops.commands.options",
        "ops.commands.trace",
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_list_shows_each_command_as_it_describes_itself(name: str) -> None:
    group: Any = get_command(app)
    listed, command = group.get_command(None, name), group.commands[name]

    assert (listed.name, listed.help) == (command.name, command.help)
    assert (command.name, command.hidden, command.deprecated) == (name, False, False)


def test_unknown_command_gets_the_closest_names() -> None:
    result = CliRunner().invoke(app, ["reconcil"])

    assert result.exit_code == 2
    assert "No such command 'reconcil'. Did you mean 'reconcile'?" in result.output


def test_group_keeps_its_own_commands() -> None:
    group: Any = get_command(app)

    assert {"list", "show", "publish-document", "fetch"} <= set(group.commands["desk"].commands)
    assert CliRunner().invoke(app, ["desk", "fetch", "--help"]).exit_code == 0


def test_help_of_the_desk_names_the_variables_that_it_reads() -> None:
    text = CommandPlace(COMMANDS["desk"]).read_help()

    assert CONSUMER_KEY in text
    assert CONSUMER_SECRET in text


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def tell() -> None: ...", "no command told"),
        ("def told() -> None: ...", "told has no docstring or literal help"),
        ("told = typer.Typer(help=TEXT)", "told has no docstring or literal help"),
    ],
)
def test_place_without_a_command_or_its_help_is_named(
    source: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "story.py").write_text(source)

    with pytest.raises(LookupError, match=rf"story\.py: {message}"):
        CommandPlace("story:told").read_help(tmp_path)
