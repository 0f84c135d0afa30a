"""Imports each command of the command line only when it is called.

Commands import large packages, such as AWS's SDK or the emulators. Importing all commands would
take many times as long as importing one. So a group of commands has a table of their names and of
the place of their code. The help texts in the list of commands are read from the source files.
"""

import ast
import importlib
import inspect
from collections import UserDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from ops.command_examples import example_of
from ops.paths import ROOT


@dataclass(frozen=True, slots=True)
class CommandPlace:
    """Place of a command's code: module and name of a function, or of a ``Typer`` with subcommands.

    ``text`` has the notation of entry points, such as ``ops.commands.trace:trace``.
    """

    text: str

    @property
    def module(self) -> str:
        """Full name of the module that contains the command."""
        return self.text.partition(":")[0]

    @property
    def member(self) -> str:
        """Name of the command's function or ``Typer`` in its module."""
        return self.text.partition(":")[2]

    def import_command(self, name: str) -> Any:
        """Import the command's module, and return the command for click, under the name ``name``.

        Raises ImportError or AttributeError if there is no such module or member.
        """
        found = getattr(importlib.import_module(self.module), self.member)
        outer = typer.Typer()
        if isinstance(found, typer.Typer):
            outer.add_typer(found, name=name)
        else:
            outer.command(name)(found)
        command = get_group(outer).commands[name]
        _tidy_help(command)
        return command

    def read_help(self, root: Path = ROOT) -> str:
        """Return the help text of the command from its source file, without importing the module.

        The help is the docstring of a function, or the ``help`` of a ``Typer``, which has to be a
        literal.

        Raises:
            LookupError: The source file does not have the command, or has no help for it.
        """
        path = root / f"{self.module.replace('.', '/')}.py"
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.FunctionDef(name=self.member):
                    text = ast.get_docstring(node)
                case ast.Assign(targets=[ast.Name(id=self.member)], value=ast.Call() as call):
                    text = _literal_help(call)
                case ast.ImportFrom(module=str(module), names=names) if any(
                    (name.asname or name.name) == self.member for name in names
                ):
                    # A module that adds commands to those of another.
                    text = CommandPlace(f"{module}:{self.member}").read_help(root)
                case _:
                    continue
            if text:
                return unwrap(text)
            raise LookupError(f"{path}: {self.member} has no docstring or literal help")
        raise LookupError(f"{path}: no command {self.member}")


def unwrap(text: str) -> str:
    """Join the lines of each paragraph of a help text.

    Terminals have other widths than source files, and wrap the text themselves.
    """
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def _tidy_help(command: Any) -> None:
    command.help = unwrap(command.help or "")
    if line := example_of(command.callback):
        command.epilog = f"Example: {line}"
    _hide_types_of_flags([*command.params, command.get_help_option(typer.Context(command))])
    for inner in getattr(command, "commands", {}).values():
        _tidy_help(inner)


def _hide_types_of_flags(options: list[Any]) -> None:
    """Remove ``<bool>`` from the help of flags, as it looks as if a flag needed a value."""
    for option in options:
        if getattr(option, "is_flag", False):
            option.metavar = ""


def _literal_help(call: ast.Call) -> str | None:
    for keyword in call.keywords:
        match keyword:
            case ast.keyword(arg="help", value=ast.Constant(value=str(text))):
                return inspect.cleandoc(text)
    return None


class _Commands(UserDict[str, Any]):
    """Commands by name, for click, where looking up a command imports it.

    Listing the names imports nothing.
    """

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if isinstance(found, CommandPlace):
            found = self.data[name] = found.import_command(name)
        return found


class LazyGroup(TyperGroup):
    """Group of commands that imports a command when it is called, not when it is listed.

    A subclass sets ``places``, which says where the code of each command is. Commands that are
    registered with Typer are listed after these commands.

    Typer has a private copy of click, so click's types are ``Any`` here.
    """

    places: ClassVar[Mapping[str, CommandPlace]] = {}
    """Place of each command, by its name. The order is that of the list of commands."""

    def __init__(self, *, commands: Any = None, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands({**self.places, **(commands or {})})

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options of the group, including those that Typer adds.

        The help of flags is shown without ``<bool>``.
        """
        found = super().get_params(ctx)
        _hide_types_of_flags(found)
        return found

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands in the group, in the order of the list of commands."""
        del ctx
        return list(self.commands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a stand-in for a command, with only its name and help, for the list of commands.

        The help is read from the source file, so that the command's module is not imported.
        Commands that are registered with Typer are returned themselves; None if there is no command
        of this name. :meth:`resolve_command` imports a command in order to run it.
        """
        place = self.places.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        return TyperCommand(cmd_name, help=place.read_help())

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Import the command that the arguments call.

        Return its name, the command, and the arguments for it. Without such a command, name and
        command are None.
        """
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else self.commands[name], rest
