"""Parses commands that a page of the docs names, without running them."""

import shlex
from typing import Any

from typer.main import get_command

from ops.cli import app


def parse_command(line: str) -> None:
    """Parse a command of gridwix. Raises for an unknown command, option or argument."""
    program, *arguments = shlex.split(line)
    assert program == "gridwix"
    # Typer has its own copy of click, so no class of click's is named here.
    command: Any = get_command(app)
    context = command.context_class(command, info_name="gridwix")
    while hasattr(command, "resolve_command"):
        name, command, arguments = command.resolve_command(context, arguments)
        context = command.context_class(command, parent=context, info_name=name)
    command.parse_args(context, arguments)
