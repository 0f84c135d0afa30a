"""``gridwix submissions``: what was sent from the portal and waits for a person."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from gridwix.mapping.references import reference
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import Stage, Submission
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName
from ops.console import console, print_note, print_result
from ops.errors import OpsError
from ops.stack import Stack

LISTED = 100


def submissions(
    stack: StackName = DEFAULT_STACK,
    release: Annotated[str | None, typer.Option(help="Have the submission of this id delivered as it is.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="List what is to be delivered and waits for Trading Grid.")] = False,
) -> None:
    """List the submissions that are held back, oldest first, or release one.

    Nothing of what was written is shown: it is in the table of the inbox.
    """
    found = Stack.read(stack, Aws())
    inbox = DynamoDBSubmissionInbox(found.aws.dynamodb, found.output("SubmissionTableName"))
    if release is not None:
        if not inbox.release(release, datetime.now(UTC)):
            raise OpsError(f"no submission {release} is held")
        found.aws.sqs.send_message(QueueUrl=found.output("FormIntakeQueueUrl"), MessageBody='{"reason": "release"}')
        print_result(f"Submission {release} is on its way")
        return
    page = inbox.waiting(Stage.OPEN if waiting else Stage.HELD, None, LISTED)
    if not page.submissions:
        print_result("Nothing waits" if waiting else "Nothing is held")
        return
    table = Table("Submission", "Reference", "Form", "Accepted", "Held for")
    for one in page.submissions:
        table.add_row(one.id, reference(one.id), one.form, f"{one.received_at:%Y-%m-%d %H:%M:%S}", _held_for(one))
    console.print(table)
    if page.cursor is not None:
        print_note(f"There are more: these are the oldest {LISTED}")


def _held_for(submission: Submission) -> str:
    """The reason, with the fault of the file if that is what is wrong."""
    return ": ".join(filter(None, [submission.held_for, submission.file_fault]))
