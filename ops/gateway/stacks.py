"""Finds the CloudFormation stack of a community gateway, and refuses stacks of any other kind."""

from collections.abc import Sequence
from itertools import islice

from botocore.exceptions import ClientError

from ops.aws import Aws
from ops.errors import StackError
from ops.stack import GATEWAY_OUTPUT, OWN_OUTPUT, Stack

MAX_PAGES = 10
"""Maximum number of pages of stacks that are searched for gateways."""

GATEWAY_URL = (
    "give the output GatewayUrl of the gateway's stack"
    " (sam list stack-outputs --stack-name GATEWAY-STACK)"
)
COMMUNITY_URL = (
    "give the base URL of the profile, such as https://gateway.example/community/v1; of this"
    " repository's gateway it is the output CommunityUrl of its stack"
)


def read_gateway_stack(name: str, aws: Aws) -> Stack:
    """Return the CloudFormation stack of a community gateway.

    Args:
        name: Name of the stack.
        aws: The AWS clients.

    Raises:
        StackError: No stack has the name, or the stack is not a gateway's. The message names the
            gateway stacks that were found.
    """
    try:
        found = Stack.read(name, aws)
    except StackError as error:
        raise StackError(error.fault, _hint(aws)) from None
    if GATEWAY_OUTPUT not in found.outputs:
        own = OWN_OUTPUT in found.outputs
        what = "gridwix's own stack" if own else "no stack of a community gateway"
        raise StackError(f"{name} is {what}", _hint(aws))
    return found


def _hint(aws: Aws) -> str:
    names = _gateway_stacks(aws)
    if not names:
        return (
            "give the name under which gateway/template.yaml was deployed. No gateway was found in"
            " this account and region"
        )
    return f"give the gateway's stack: {' or '.join(names)}"


def _gateway_stacks(aws: Aws) -> Sequence[str]:
    """Return the names of the gateway stacks in the account and region; empty if listing fails."""
    try:
        pages = aws.cloudformation.get_paginator("describe_stacks").paginate()
        return sorted(
            stack["StackName"]
            for page in islice(pages, MAX_PAGES)
            for stack in page["Stacks"]
            if any(output["OutputKey"] == GATEWAY_OUTPUT for output in stack.get("Outputs", []))
        )
    except ClientError:
        # Listing needs a permission of its own.
        return ()
