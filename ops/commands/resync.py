"""``gridwix resync``: reads and publishes all partners again (backfill)."""

import time

from gridwix.clients.aws.cursors import DynamoDBCursorStore
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.console import print_result
from ops.json_output import print_json_output
from ops.outputs.resync import ResyncOutput
from ops.resync import request_resync
from ops.stack import Stack


@example("gridwix resync --stack prod")
@with_aws_options
def resync(stack: StackName = DEFAULT_STACK, yes: Yes = False, as_json: Json = False) -> None:
    """Read and publish all partners again (backfill).

    Rows that are up to date are not written.
    """
    found = Stack.read(stack, Aws())
    confirm_change("Read all partners, and publish the rows that differ?", yes=yes)
    cursors = DynamoDBCursorStore(found.aws.dynamodb, found.output("CursorTableName"), time.time)
    request_resync(cursors, found.aws.sqs, found.output("TradingGridFeedQueueUrl"))
    if as_json:
        print_json_output(ResyncOutput(stack=stack, queued=True))
        return
    print_result(f"The resync has started: `gridwix status --stack {stack}` shows its progress")
