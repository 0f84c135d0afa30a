"""The table of exit codes in the docs has those that commands end with, and no others."""

import ast
import importlib
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops import cli, confirmation
from ops.paths import ROOT
from tests.command_output import registered_commands

ROW = re.compile(r"^\| ([\d, ]+) \| (.+) \|$", re.MULTILINE)

BY_SIGNAL = {128 + one for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
"""``ops.cli.end_on_signals``; ``test_cli.py`` sends them."""

USAGE = 2
"""Exit code of an invalid command line, which is Click's."""


def documented_codes() -> dict[int, str]:
    """Return the meaning of each code in ``docs/command.md``."""
    text = (ROOT / "docs/command.md").read_text().partition("## Output and exit codes")[2]
    return {
        int(code): meaning
        for codes, meaning in ROW.findall(text.partition("\n## ")[0])
        for code in codes.split(",")
    }


def raised_codes(path: Path) -> Iterator[int]:
    """Yield the codes of ``typer.Exit`` in a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(attr="Exit"), args=[code]):
                yield from _values(code, path)


def _values(code: ast.expr, path: Path) -> list[int]:
    match code:
        case ast.Constant(value=int(value)):
            return [value]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_values(body, path), *_values(orelse, path)]
        case ast.Name(id=name):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            return [getattr(importlib.import_module(module), name)]
    raise AssertionError(f"{path}: no code that can be read: {ast.unparse(code)}")


def test_every_exit_code_is_in_the_docs_and_no_other() -> None:
    modules = [path for path in (ROOT / "ops").rglob("*.py") if "typer" in path.read_text()]
    raised = {code for path in modules for code in raised_codes(path)}

    assert {0, 1, USAGE} | raised | BY_SIGNAL == set(documented_codes())
    assert confirmation.NOT_ASKED in raised


def test_command_whose_help_names_exit_code_1_is_in_its_row() -> None:
    said = {
        name
        for name, command in registered_commands().items()
        if "Exit code 1" in " ".join((command.help or "").split())
    }

    assert {name for name in said if f"`{name}`" not in documented_codes()[1]} == set()
    assert len(said) > 10


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["campaign", "list"], 0),
        (["--help"], 0),
        ([], USAGE),
        (["nonsense"], USAGE),
        (["status", "--nonsense"], USAGE),
        (["explain", "nonsense"], USAGE),
    ],
)
def test_command_ends_with_the_documented_code(arguments: list[str], code: int) -> None:
    assert CliRunner().invoke(cli.app, arguments).exit_code == code
