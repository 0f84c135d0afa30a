"""The page "Nine o'clock" names commands that there are, and sentences that they print."""

import inspect
import re
import shlex
from typing import Any

import pytest
from typer.main import get_command

from ops.cli import app
from ops.commands import trace
from ops.paths import ROOT
from ops.story import rows

PAGE = (ROOT / "docs/nine-oclock.md").read_text()
COMMANDS = sorted(
    {line for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()}
    | set(re.findall(r"`(gridwix [^`]+)`", PAGE))
)
SAID = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_command_of_the_page_is_one_of_the_command_line(line: str) -> None:
    program, *arguments = shlex.split(line)
    assert program == "gridwix"
    # Typer has its own copy of click, so no class of click's is named here.
    command: Any = get_command(app)
    context = command.context_class(command, info_name="gridwix")

    # Parsing raises for an unknown command, option or argument, and runs nothing.
    while hasattr(command, "resolve_command"):
        name, command, arguments = command.resolve_command(context, arguments)
        context = command.context_class(command, parent=context, info_name=name)
    command.parse_args(context, arguments)


@pytest.mark.parametrize("line", ["gridwix tell X", "gridwix trace X --no-such", "gridwix trace"])
def test_command_that_is_none_is_noticed(line: str) -> None:
    with pytest.raises(Exception, match=r"(?i)no such|missing"):
        test_command_of_the_page_is_one_of_the_command_line(line)


def test_page_has_commands_and_sentences() -> None:
    assert len(COMMANDS) > 8
    assert len(SAID) > 5


@pytest.mark.parametrize("sentence", SAID)
def test_sentence_of_the_page_is_one_that_trace_prints(sentence: str) -> None:
    printed = re.sub(r'"\s*f?"', "", inspect.getsource(rows) + inspect.getsource(trace))
    first, *_ = re.split(r" ?\(|\.\.\.", sentence)

    assert first.strip() in printed
