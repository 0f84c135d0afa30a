"""``gridwix backfill``: reads a selection of records of Trading Grid again.

It publishes the rows that differ.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from gridwix.models.ids import CollectionId, PartnerId
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.apply import plan_outcome
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.commands.planning import (
    PlanFile,
    end_planning,
    plan_question,
    print_plan,
    save_plan,
    show_progress,
)
from ops.commands.reconcile import check_collection
from ops.commands.replay import FORMATS
from ops.completion import complete_collection
from ops.confirmation import confirm_change
from ops.connections import connect
from ops.console import print_note, print_result, show_spinner
from ops.json_output import print_json_output
from ops.outputs.plans import BackfillOutput
from ops.plans.kinds import new_backfill_plans
from ops.stack import Stack


@example("gridwix backfill --partner GC070000000101 --since 2026-11-24 --stack prod")
@with_aws_options
def backfill(
    partner: Annotated[
        str | None,
        typer.Option(help="Only this trading partner. Alone, it means everything of the partner."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=FORMATS, help="Only records that were updated at this time or later (UTC)."
        ),
    ] = None,
    collection: Annotated[
        str | None,
        typer.Option(
            help="Only records that rows of this collection are made from.",
            autocompletion=complete_collection,
        ),
    ] = None,
    stack: StackName = DEFAULT_STACK,
    plan: PlanFile = None,
    timeout: Annotated[
        float,
        typer.Option(min=1, help="Give up after this many seconds without progress of the queues."),
    ] = 900,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Read some records of Trading Grid again, and publish their rows. Rows that are up to date are
    not written.

    Records are requested in batches, and only while the publishers' queues are short.
    """
    check_collection(collection)
    found = Stack.read(stack, Aws())
    with connect(found) as connections, show_spinner("Listing records") as spinner:
        backfills = new_backfill_plans(found, connections, timeout, partial(show_progress, spinner))
        made = backfills.make(
            None if partner is None else PartnerId(partner),
            None if since is None else since.replace(tzinfo=UTC),
            None if collection is None else CollectionId(collection),
        )
    if not as_json:
        print_plan(made)
    if plan is not None or not made.changes:
        name = save_plan(made, plan)
        if as_json:
            print_json_output(BackfillOutput(plan_file=name, plan=made, outcome=None))
        end_planning(made)
        return
    confirm_change(plan_question(made, found.name), yes=yes)
    with connect(found) as connections, show_spinner("Requesting records") as spinner:
        outcome = new_backfill_plans(
            found, connections, timeout, partial(show_progress, spinner)
        ).carry_out(made, {change.name for change in made.changes})
    if as_json:
        print_json_output(BackfillOutput(plan_file=None, plan=made, outcome=plan_outcome(outcome)))
        return
    print_result(f"{outcome.made:,} records are requested")
    for note in outcome.notes:
        print_note(note)
