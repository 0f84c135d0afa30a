"""What an edge function needs of AWS, with a small import: one secret, one event, one thing to remember.

All functions raise :class:`gridwix.errors.UpstreamError` if AWS fails. ``SecretCache(partial(get_secret, caller), clock)`` of
:mod:`gridwix.clients.aws.secret_cache` keeps secrets between calls.
"""

import os
from collections.abc import Mapping

from gridwix.clients.aws.answers import SYSTEM, THROTTLED
from gridwix.clients.aws.signed import Service, SignedCaller
from gridwix.errors import ConfigurationError, Throttled, Unavailable

SECRETS_MANAGER = Service("secretsmanager", "secretsmanager", "1.1", "AWS_ENDPOINT_URL_SECRETS_MANAGER")
EVENTBRIDGE = Service("events", "AWSEvents", "1.1", "AWS_ENDPOINT_URL_EVENTBRIDGE")
DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0", "AWS_ENDPOINT_URL_DYNAMODB")


def get_secret(caller: SignedCaller, name: str) -> str:
    """The current text of a secret, by name or ARN. Raises NotFound if there is none, ConfigurationError if it has no text."""
    text = caller.call(SECRETS_MANAGER, "GetSecretValue", {"SecretId": name}).members.get("SecretString")
    if not isinstance(text, str):
        raise ConfigurationError(f"secret {name} has no text")
    return text


def put_event(caller: SignedCaller, bus: str, *, source: str, detail_type: str, detail_json: str, time: float) -> None:
    """Put one event on a bus. ``time`` is when what it tells of occurred (Unix seconds). Raises Throttled or Unavailable if the bus refuses it; an Unavailable
    that is ``ambiguous`` may be on the bus all the same."""
    entry = {"EventBusName": bus, "Source": source, "DetailType": detail_type, "Detail": detail_json, "Time": round(time, 3)}
    members = caller.call(EVENTBRIDGE, "PutEvents", {"Entries": [entry]}).members
    if members.get("FailedEntryCount") != 0:
        results = members.get("Entries") or [{}]
        code = str(results[0].get("ErrorCode", ""))
        kind = Throttled if code in THROTTLED else Unavailable
        raise kind(f"PutEvents: the entry was refused, {code}", system=SYSTEM, vendor_code=code)


def put_once(caller: SignedCaller, table: str, item: Mapping[str, str], *, ttl_seconds: int, now: float) -> bool:
    """Put an item of texts into a table of the key ``id`` unless there is one of its id; False if there is. ``now`` is in Unix seconds.

    After an Unavailable that is ``ambiguous`` it may be there.
    """
    stored = {name: {"S": value} for name, value in item.items()} | {"expiration": {"N": str(int(now) + ttl_seconds)}}
    answer = caller.call(
        DYNAMODB,
        "PutItem",
        {"TableName": table, "Item": stored, "ConditionExpression": "attribute_not_exists(id)"},
        expected_code="ConditionalCheckFailedException",
    )
    return not answer.code


def remember_once(caller: SignedCaller, table: str, key: str, ttl_seconds: int, now: float) -> bool:
    """Remember ``key`` for ``ttl_seconds``; False if it is remembered already. ``now`` is in Unix seconds.

    The table has the key ``id`` and the time-to-live attribute ``expiration`` (Unix seconds), as Powertools' idempotency has. DynamoDB removes expired items
    only some time later, so one that has expired is taken for none. After an Unavailable that is ``ambiguous`` the key may be remembered.
    """
    token = os.urandom(16).hex()
    answer = caller.call(
        DYNAMODB,
        "PutItem",
        {
            "TableName": table,
            "Item": {"id": {"S": key}, "expiration": {"N": str(int(now) + ttl_seconds)}, "rememberedBy": {"S": token}},
            "ConditionExpression": "attribute_not_exists(id) OR expiration <= :now",
            "ExpressionAttributeValues": {":now": {"N": str(int(now))}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
        expected_code="ConditionalCheckFailedException",
    )
    # If the request was sent twice, the second may find what the first has stored.
    return not answer.code or answer.members.get("Item", {}).get("rememberedBy") == {"S": token}
