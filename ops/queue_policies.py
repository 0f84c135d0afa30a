"""Tells which queues need a policy to receive events, and if a policy lets events in. Pure."""

import json
from collections.abc import Mapping

from ops.stack import snake_case

POLICY = "AWS::SQS::QueuePolicy"
SEND = "sqs:sendmessage"


def fed_queues(resources: Mapping[str, Mapping[str, str]]) -> frozenset[str]:
    """Return the names of the functions with a queue that has a policy in the template.

    These queues receive events from the bus.

    Args:
        resources: Physical ids by resource type and logical id (``Stack.read_resources``).
    """
    return frozenset(
        snake_case(logical.removesuffix("QueuePolicy")) for logical in resources.get(POLICY, {})
    )


def admits_events(policy: str) -> bool:
    """Return True if a queue's policy has a statement that allows sending messages to the queue.

    >>> admits_events("")
    False
    >>> admits_events('{"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage"}]}')
    True
    """
    try:
        statements = json.loads(policy or "{}").get("Statement", [])
    except ValueError:
        return False
    return any(
        one.get("Effect") == "Allow" and SEND in str(one.get("Action", "")).lower()
        for one in (statements if isinstance(statements, list) else [statements])
    )
