"""Asks the user before a command changes something, unless ``--yes`` was given.

Every command that changes something has the option ``--yes``.
"""

import sys

import typer

from ops.console import print_error

NOT_ASKED = 2
"""Exit code of a command that could not ask for confirmation: there is no terminal."""


def confirm_change(question: str, *, yes: bool) -> None:
    """Ask the user to confirm a change; return if the user agrees.

    Args:
        question: The change as a question, in one line.
        yes: The user has agreed already (``--yes``).

    Raises:
        typer.Exit: With ``NOT_ASKED``, if standard input is no terminal: scripts say ``--yes``.
        typer.Abort: The answer is no.
    """
    if yes:
        return
    if not has_terminal():
        print_error(
            f"{question} Nothing was changed: without a terminal nobody can be asked."
            " Repeat the command with --yes"
        )
        raise typer.Exit(NOT_ASKED)
    typer.confirm(question, abort=True, err=True)


def has_terminal() -> bool:
    """True if a user can be asked: standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()
