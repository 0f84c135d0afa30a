"""Writes ``docs/cli.md``, the reference of the command line, from the commands' own help."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from ops.cli import app
from ops.command_examples import example_of
from ops.lazy_commands import unwrap
from ops.paths import ROOT, display_path

PAGE = ROOT / "docs/cli.md"

SHARED = ("--stack", "--profile", "--region", "--yes", "--json")
"""Options that mean the same in most commands. The page describes them once."""

_DOCS = re.compile(r"docs/([\w/-]+\.md)(#[\w-]+)?")
_CODE = re.compile(
    r"(`[^`]*`|\[[^]]*\]\([^)]*\))"  # it is marked already
    r"|(?<![\w/])(--[a-z][\w-]*|https?://[^\s,;)]*[\w/]|[\w.-]*/[\w./-]*\w|\w*_\w+|GC\d+|\d+-\d+-[\w:+-]+)"
)
"""Matches what is code in a help text: options, addresses, paths, names with an underscore, ids,
times.
"""

_HEAD = """\
# Command reference

`make cli` writes this page from the help of the commands: `gridwix COMMAND --help` says the same.
[The gridwix command](command.md) explains them: what each changes, output and exit codes, plans,
permissions.

"""


def registered_commands() -> dict[str, Any]:
    """Return every command by its full name, such as ``campaign list``. Imports all commands."""
    return dict(_walk(get_command(app), ()))


def _walk(group: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        path = (*words, name)
        if isinstance(command, TyperGroup):
            yield from _walk(command, path)
        else:
            yield " ".join(path), command


def cli_page() -> str:
    """Return the text of ``docs/cli.md``: the list of commands, then one section for each."""
    commands = registered_commands()
    shared = _shared_options(commands)
    index = "".join(
        f"| [`{name}`](#gridwix-{name.replace(' ', '-')}) | {_summary(command)} |\n"
        for name, command in commands.items()
    )
    options = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in shared.items())
    return (
        f"{_HEAD}| command | purpose |\n|---|---|\n{index}\n"
        "## Options of most commands\n\n"
        f"| option | meaning |\n|---|---|\n{options}\n"
        + "\n".join(_section(name, command, shared) for name, command in commands.items())
    )


def write_page() -> None:
    """Write ``docs/cli.md``, the generated reference of the command line."""
    PAGE.write_text(cli_page())


def _summary(command: Any) -> str:
    """Return the first paragraph of a command's help, as Markdown for a table."""
    return markdown(_cell(command.help.partition("\n\n")[0]))


def _section(name: str, command: Any, shared: Mapping[str, str]) -> str:
    """Return the section on a command: its help, its example, its arguments and options."""
    own = [
        (parameter_label(parameter), parameter_meaning(parameter))
        for parameter in command.params
        if not _is_shared(parameter, shared)
    ]
    others = [f"`{one.opts[0]}`" for one in command.params if _is_shared(one, shared)]
    table = "".join(f"| `{label}` | {meaning} |\n" for label, meaning in own)
    return (
        f"## `gridwix {name}`\n\n{markdown(command.help)}\n\n"
        f"```\n{example_of(command.callback)}\n```\n"
        + (f"\n| argument, option | meaning |\n|---|---|\n{table}" if own else "")
        + (f"\nOptions of most commands: {', '.join(others)}.\n" if others else "")
    )


def _shared_options(commands: Mapping[str, Any]) -> dict[str, str]:
    """Return the help texts of the options in ``SHARED``, by option name.

    Each text is that of the first command that has the option.
    """
    return {
        name: next(
            parameter_meaning(parameter)
            for command in commands.values()
            for parameter in command.params
            if name in parameter.opts
        )
        for name in SHARED
    }


def _is_shared(parameter: Any, shared: Mapping[str, str]) -> bool:
    return shared.get(parameter.opts[0]) == parameter_meaning(parameter)


def parameter_label(parameter: Any) -> str:
    """Return an argument or option as a user types it, for a cell of a Markdown table.

    An argument is shown as ``ROW``, a flag as ``--dry-run``, and an option with a value as
    ``--plan <file>``.
    """
    if parameter.param_type_name == "argument":
        return str(parameter.display_name_raw).upper()
    name: str = parameter.opts[0]
    if parameter.is_flag:
        return name
    if parameter.type_descriptor.is_datetime:
        return f"{name} <time>"
    shown = parameter.display_type(typer.Context(TyperCommand("gridwix")))
    return _cell(f"{name} {shown.replace(' range', '')}")


def parameter_meaning(parameter: Any) -> str:
    """Return the help text of an argument or option, for a cell of a Markdown table.

    The default, the environment variable and "Required" follow the text, where they apply.
    """
    default = parameter.default
    match default:
        case None | False | "" | ():
            said = ""
        case Path():
            said = f" Default: `{display_path(default)}`."
        case float():
            said = f" Default: `{default:g}`."
        case _:
            said = f" Default: `{getattr(default, 'value', default)}`."
    variable = f" Environment variable: `{parameter.envvar}`." if parameter.envvar else ""
    required = " Required." if parameter.required else ""
    return markdown(_cell(unwrap(parameter.help or ""))) + said + variable + required


def markdown(text: str) -> str:
    """Return a help text as Markdown: paths of docs pages become links, and code gets backticks.

    >>> markdown("Write it with --plan (docs/command.md#plan).")
    'Write it with `--plan` ([`command.md`](command.md#plan)).'
    """
    linked = _DOCS.sub(r"[`\1`](\1\2)", text)
    return _CODE.sub(lambda found: found[1] or f"`{found[2]}`", linked)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    write_page()
