"""``gridwix apply``: carries out a plan exactly, or stops before it changes anything."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import Json, Yes, with_aws_options
from ops.commands.planning import plan_question, show_progress
from ops.confirmation import confirm_change
from ops.console import format_minute, print_error, print_note, print_result, show_spinner
from ops.json_output import print_json_output
from ops.outputs.plans import ApplyOutput, PlanOutcome
from ops.plans.application import Application, Outcome, PlanOutdated, apply_plan
from ops.plans.files import PlanError, read_plan, read_progress
from ops.plans.kinds import check_stack, open_kind
from ops.plans.models import Plan
from ops.stack import Stack


@example("gridwix apply plan.json --stack prod")
@with_aws_options
def apply(
    file: Annotated[
        Path, typer.Argument(dir_okay=False, help="The plan, as a command with --plan wrote it.")
    ],
    stack: Annotated[
        str | None, typer.Option("--stack", help="The plan's stack, to be sure which one it is.")
    ] = None,
    leave_new: Annotated[
        bool,
        typer.Option(
            "--leave-new",
            help="Apply the plan although there is more to change now. That is left alone.",
        ),
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(min=1, help="Stop waiting after this many seconds without progress."),
    ] = 900,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Do exactly what a plan says, or change nothing if something has changed since it was made.

    Lists what has changed. A plan is applied once: a second call changes nothing, and after an
    interruption the same command makes the rest. Exit code 1 if it was stopped, or if some of its
    changes could not be made.
    """
    plan = read_plan(file)
    if stack is not None and stack != plan.stack.name:
        raise PlanError(
            f"{file} is a plan for stack {plan.stack.name}, not for {stack}",
            "leave out --stack, or make the plan again",
        )
    progress = read_progress(file, plan)
    if progress is not None and progress.finished_at is not None:
        _show_applied_before(file, plan, progress.finished_at, as_json=as_json)
        return
    if not plan.changes:
        if as_json:
            print_json_output(_document(file, plan, "nothing"))
        else:
            print_result("The plan has no changes: nothing was done")
        return
    found = Stack.read(plan.stack.name, Aws())
    check_stack(plan, found)
    again = "" if progress is None else "Go on with a plan that was begun? "
    confirm_change(f"{again}{plan_question(plan, found.name)}", yes=yes)
    with (
        show_spinner("Comparing the plan with now") as spinner,
        open_kind(found, plan, timeout=timeout, report=partial(show_progress, spinner)) as kind,
    ):
        try:
            done = apply_plan(file, plan, kind, leave_new=leave_new)
        except PlanOutdated as error:
            if not as_json:
                raise
            print_json_output(_document(file, plan, "stopped", differences=error.differences))
            raise typer.Exit(1) from None
    _show_result(file, plan, done, as_json=as_json)


def _show_applied_before(file: Path, plan: Plan, at: datetime, *, as_json: bool) -> None:
    if as_json:
        print_json_output(_document(file, plan, "applied_before", applied_at=at))
    else:
        print_result(f"The plan was carried out at {format_minute(at)}: nothing was done now")


def _show_result(file: Path, plan: Plan, done: Application, *, as_json: bool) -> None:
    outcome = done.outcome
    if as_json:
        result: Literal["incomplete", "applied"] = "incomplete" if outcome.left else "applied"
        print_json_output(_document(file, plan, result, done=done))
    else:
        before = f", {done.done:,} were made before" if done.done else ""
        print_result(f"{outcome.made:,} of {len(plan.changes):,} changes are made{before}")
        if done.new:
            print_note(f"{done.new:,} changes that the plan does not have are left alone")
        for note in outcome.notes:
            print_note(note)
    for sentence in outcome.left:
        print_error(f" ✗ {sentence}")
    if outcome.left:
        raise typer.Exit(1)


def _document(
    file: Path,
    plan: Plan,
    result: Literal["applied", "incomplete", "stopped", "applied_before", "nothing"],
    *,
    done: Application | None = None,
    differences: tuple[str, ...] = (),
    applied_at: datetime | None = None,
) -> ApplyOutput:
    outcome = Outcome(0) if done is None else done.outcome
    return ApplyOutput(
        plan_file=str(file),
        kind=plan.kind,
        digest=plan.digest,
        result=result,
        differences=differences,
        outcome=plan_outcome(outcome),
        done_before=0 if done is None else done.done,
        not_planned=0 if done is None else done.new,
        applied_at=applied_at,
    )


def plan_outcome(outcome: Outcome) -> PlanOutcome:
    """Return the result of applying a plan, as a part of the command's JSON document."""
    return PlanOutcome(made=outcome.made, left=tuple(outcome.left), notes=tuple(outcome.notes))
