"""The deadline of this invocation, from the Lambda context."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from gridwix.models.deadline import Deadline


def invocation_deadline(context: LambdaContext, *, reserve: float) -> Deadline:
    """Return the deadline of an invocation: ``reserve`` seconds before Lambda stops it."""
    return Deadline(lambda: context.get_remaining_time_in_millis() / 1000, reserve)
