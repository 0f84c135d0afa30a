"""Commands of the command line that are imported when they are called.

Each command imports what it needs, such as AWS's SDK, the models or the emulators. All of them
together take many times as long as one, so a group has a table of names and places instead. The
list of commands takes their help from the source files.
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
    """Place of a command in the source: a function, or a ``Typer`` with commands of its own.

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
        """Import the module and return its command, called ``name``.

        Raises ImportError or AttributeError if the place has no command.
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
        """Return the command's help from the source, without running the module.

        It is the docstring of a function, or the ``help`` of a ``Typer``, which has to be a
        literal.

        Raises:
            LookupError: The source has no such command, or no help for it.
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
    """Join the lines of each paragraph of a help text: terminals have other widths than source
    files.
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
    """Remove ``<bool>`` from the help of flags, since it would ask for a value."""
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
    """Commands by name, for click. Looking one up imports it; listing the names imports nothing."""

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if isinstance(found, CommandPlace):
            found = self.data[name] = found.import_command(name)
        return found


class LazyGroup(TyperGroup):
    """A group that imports a command when it is called or completed, not when it is listed.

    A subclass sets ``places``. Commands that are registered with Typer come after these.

    Typer has its own copy of click, which is private, so its types are ``Any`` here.
    """

    places: ClassVar[Mapping[str, CommandPlace]] = {}
    """Place of each command, by its name. The order is that of the list of commands."""

    def __init__(self, *, commands: Any = None, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands({**self.places, **(commands or {})})

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options of the group, with those that Typer itself adds."""
        found = super().get_params(ctx)
        _hide_types_of_flags(found)
        return found

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(self.commands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command as the list of commands shows it: name and help, without importing it.

        ``commands[cmd_name]`` imports the command.
        """
        place = self.places.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        return TyperCommand(cmd_name, help=place.read_help())

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Import the command that the arguments call."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else self.commands[name], rest
