"""``gridwix submissions``: lists submissions that wait or are held, and releases one."""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Column, Table

from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import Stage, SubmissionRetention
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.console import console, print_note, print_result
from ops.errors import OpsError
from ops.json_output import print_json_output
from ops.outputs.submissions import SubmissionEntry, SubmissionsOutput, submission_entry
from ops.stack import Stack

LISTED = 100
"""Maximum number of submissions in the list."""


@with_aws_options
def submissions(
    stack: StackName = DEFAULT_STACK,
    release: Annotated[
        str | None, typer.Option(help="Deliver the submission with this id unchanged.")
    ] = None,
    waiting: Annotated[
        bool,
        typer.Option(
            "--waiting", help="List the submissions that wait for delivery to Trading Grid."
        ),
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """List the submissions that are held for review, oldest first, or release one.

    The content of a submission is not shown: it is in the inbox table.
    """
    found = Stack.read(stack, Aws())
    inbox = DynamoDBSubmissionInbox(
        found.aws.dynamodb,
        found.output("SubmissionTableName"),
        retention=submission_retention(found.parameters),
        clock=time.time,
    )
    if release is not None:
        confirm_change(f"Deliver submission {release} to Trading Grid as it is?", yes=yes)
        if not inbox.release_submission(release, datetime.now(UTC)):
            raise OpsError(f"no submission {release} is held")
        found.aws.sqs.send_message(
            QueueUrl=found.output("FormIntakeQueueUrl"), MessageBody='{"reason": "release"}'
        )
        if as_json:
            print_json_output(SubmissionsOutput(submissions=(), more=False, released=release))
        else:
            print_result(f"Submission {release} is queued for delivery")
        return
    page = inbox.list_submissions(Stage.OPEN if waiting else Stage.HELD, None, LISTED)
    entries = tuple(submission_entry(one) for one in page.submissions)
    more = page.cursor is not None
    if as_json:
        print_json_output(SubmissionsOutput(submissions=entries, more=more, released=None))
        return
    if not entries:
        print_result("No submission waits" if waiting else "No submission is held")
        return
    console.print(_submission_table(entries))
    if more:
        print_note(f"There are more; these are the oldest {LISTED}")


def submission_retention(parameters: Mapping[str, str]) -> SubmissionRetention:
    """Return how long a stack keeps submissions, by its parameters.

    >>> submission_retention({"SubmissionDays": "30"})
    SubmissionRetention(held_days=90, submission_days=30)
    """
    return SubmissionRetention(
        int(parameters.get("HeldSubmissionDays", "90")),
        int(parameters.get("SubmissionDays", "400")),
    )


def _submission_table(entries: Iterable[SubmissionEntry]) -> Table:
    # Ids are copied into the next command, so they are never cut.
    ids = (Column(name, no_wrap=True) for name in ("Submission", "Reference"))
    table = Table(*ids, Column("Form", overflow="fold"), "Accepted", "Held for", "Ends")
    for one in entries:
        table.add_row(
            one.id,
            one.reference,
            one.form,
            f"{one.accepted_at:%Y-%m-%d %H:%M:%S}",
            # The reason, with the fault of its file if there is one.
            ": ".join(filter(None, [one.held_for, one.file_fault])),
            "" if one.ends_at is None else f"{one.ends_at:%Y-%m-%d}",
        )
    return table
