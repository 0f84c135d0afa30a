"""Shared parts of the commands with ``--plan``: they print a plan, save it, and ask the user."""

from pathlib import Path
from typing import Annotated

import typer

from ops.console import Spinner, print_note, print_result
from ops.plans.descriptions import describe_change, describe_plan
from ops.plans.files import write_plan
from ops.plans.models import HAS_CHANGES, Plan

MAX_SHOWN = 100
"""Maximum number of changes that are printed. The file of a plan has all of them."""

PlanFile = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        dir_okay=False,
        help=(
            "Write what would change to this file, and change nothing."
            " `gridwix apply FILE` does it. Exit code 3 if there is something to change."
        ),
    ),
]


def print_plan(plan: Plan) -> None:
    """Print the first ``MAX_SHOWN`` changes of a plan, the number of others, and a summary."""
    for change in plan.changes[:MAX_SHOWN]:
        print_result(f"  {describe_change(change)}")
    if (more := len(plan.changes) - MAX_SHOWN) > 0:
        print_result(f"  … and {more:,} more")
    if plan.changes:
        print_result(f"It would {describe_plan(plan)}")
    else:
        print_result("Nothing would change")


def save_plan(plan: Plan, path: Path | None) -> str | None:
    """Write a plan to a file and return the file's name; None if no file was given.

    Raises PlanError if the file cannot be written.
    """
    if path is None:
        return None
    write_plan(path, plan)
    does = f"`gridwix apply {path}` does it" if plan.changes else "there is nothing to apply"
    print_note(f"The plan is in {path}: {does}")
    return str(path)


def end_planning(plan: Plan) -> None:
    """End a command that only made a plan.

    The exit code is ``HAS_CHANGES`` if the plan has changes. If it has none, the function returns.
    """
    if plan.changes:
        raise typer.Exit(HAS_CHANGES)


def plan_question(plan: Plan, stack: str) -> str:
    """Return the question that asks the user to confirm a plan before it is carried out."""
    sentence = describe_plan(plan)
    return f"{sentence[:1].upper()}{sentence[1:]}, in stack {stack}?"


def show_progress(spinner: Spinner, text: str, done: int, total: int) -> None:
    """Update the text of a spinner, with a progress bar if the total is known."""
    if total:
        spinner.update(f"{text}: {done:,} of {total:,}", done=done, total=total)
    else:
        spinner.update(text)
