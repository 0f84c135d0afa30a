"""``gridwix submissions``: lists submissions that wait or are held, and releases one."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from gridwix.mapping.references import reference
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import Stage, Submission
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName, Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.console import console, print_note, print_result
from ops.errors import OpsError
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
) -> None:
    """List the submissions that are held for review, oldest first, or release one.

    The content of a submission is not shown: it is in the inbox table.
    """
    found = Stack.read(stack, Aws())
    inbox = DynamoDBSubmissionInbox(found.aws.dynamodb, found.output("SubmissionTableName"))
    if release is not None:
        confirm_change(f"Deliver submission {release} to Trading Grid as it is?", yes=yes)
        if not inbox.release_submission(release, datetime.now(UTC)):
            raise OpsError(f"no submission {release} is held")
        found.aws.sqs.send_message(
            QueueUrl=found.output("FormIntakeQueueUrl"), MessageBody='{"reason": "release"}'
        )
        print_result(f"Submission {release} is queued for delivery")
        return
    page = inbox.list_submissions(Stage.OPEN if waiting else Stage.HELD, None, LISTED)
    if not page.submissions:
        print_result("No submission waits" if waiting else "No submission is held")
        return
    table = Table("Submission", "Reference", "Form", "Accepted", "Held for")
    for one in page.submissions:
        table.add_row(
            one.id,
            reference(one.id),
            one.form,
            f"{one.received_at:%Y-%m-%d %H:%M:%S}",
            _held_for(one),
        )
    console.print(table)
    if page.cursor is not None:
        print_note(f"There are more; these are the oldest {LISTED}")


def _held_for(submission: Submission) -> str:
    """Return the reason for holding a submission, with the fault of its file if there is one."""
    return ": ".join(filter(None, [submission.held_for, submission.file_fault]))
