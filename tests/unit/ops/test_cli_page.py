"""The reference of the command line agrees with the commands, and its examples with both."""

import shlex
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from ops.cli import app
from ops.cli_page import PAGE, cli_page
from ops.command_examples import example_of
from tests.command_output import registered_commands

COMMANDS = registered_commands()

VERBS = {
    *("approve", "assign", "build", "check", "close", "comment", "compare", "create", "deliver"),
    *("do", "drop", "end", "fetch", "go", "import", "invite", "keep", "let", "link"),
    *("list", "move", "pause", "print", "propose", "publish", "put", "read", "reject", "remove"),
    *("resolve", "run", "say", "send", "set", "show", "tell", "update", "work"),
}
"""Verbs with which the help of a command begins."""

LOCAL = ("campaign list", "campaign preview", "config preview text", "config preview request")
"""Commands whose examples need neither a stack nor a file of one's own."""


@pytest.fixture(autouse=True)
def gateway_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what the help of ``gridwix desk`` asks for."""
    monkeypatch.setenv("GRIDWIX_GATEWAY_URL", "https://gateway.example/community/v1")


def example_arguments(name: str) -> list[str]:
    """Return the arguments in the example of a command, after the words that call it."""
    called, words = ["gridwix", *name.split()], shlex.split(example_of(COMMANDS[name].callback))
    assert words[: len(called)] == called, f"the example of {name} is of another command"
    return words[len(called) :]


def groups(group: Any) -> list[Any]:
    """Return a group, and all groups in it."""
    inner = [one for one in group.commands.values() if isinstance(one, TyperGroup)]
    return [group, *(found for one in inner for found in groups(one))]


def test_page_says_what_the_commands_say() -> None:
    assert PAGE.read_text() == cli_page(), "run `make cli`"


@pytest.mark.parametrize("name", COMMANDS)
def test_example_is_accepted_by_its_command_and_shown_in_its_help(name: str) -> None:
    command = COMMANDS[name]

    context = command.make_context(name, example_arguments(name))

    assert context.params.keys() >= {one.name for one in command.params if one.required}
    assert example_of(command.callback) in command.epilog


def test_help_prints_the_example() -> None:
    said = CliRunner().invoke(app, ["pause", "--help"], env={"COLUMNS": "200"}).output

    assert f"Example: {example_of(COMMANDS['pause'].callback)}" in said


@pytest.mark.parametrize("name", LOCAL)
def test_example_that_needs_no_stack_runs(name: str) -> None:
    result = CliRunner().invoke(app, [*name.split(), *example_arguments(name)])

    assert (result.exit_code, result.exception) == (0, None), result.output
    assert result.stdout


def test_help_of_every_command_and_group_begins_with_a_verb() -> None:
    helps = [one.help for one in [*COMMANDS.values(), *groups(get_command(app))]]

    assert {text for text in helps if text.split()[0].strip(",").lower() not in VERBS} == set()


def test_help_of_every_argument_and_option_is_a_sentence() -> None:
    helps = {
        f"{name} {one.opts[0]}": one.help or ""
        for name, command in COMMANDS.items()
        for one in command.params
    }

    assert {where for where, text in helps.items() if not text.endswith(".")} == set()
