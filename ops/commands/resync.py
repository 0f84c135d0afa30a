"""``gridwix resync``: publish every partner anew."""

import time

from gridwix.clients.aws.cursors import DynamoDBCursorStore
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName
from ops.console import print_result
from ops.resync import request_resync
from ops.stack import Stack


def resync(stack: StackName = DEFAULT_STACK) -> None:
    """Ask for every partner to be read and projected anew.

    Rows that are right already are not written.
    """
    found = Stack.read(stack, Aws())
    cursors = DynamoDBCursorStore(found.aws.dynamodb, found.output("CursorTableName"), time.time)
    request_resync(cursors, found.aws.sqs, found.output("TradingGridFeedQueueUrl"))
    print_result("Every partner is being read anew: gridwix status shows how far it is")
