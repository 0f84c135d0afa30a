"""AWS calls of the webhook functions without boto3, for a fast cold start: secrets, events, items.

The webhook functions (the *edge* of gridwix) are the Lambda functions that receive webhooks. All
functions here raise :class:`gridwix.errors.UpstreamError` if AWS fails. To cache secrets between
calls, use ``SecretCache(partial(get_secret, caller), clock)`` of
:mod:`gridwix.clients.aws.secret_cache`.
"""

import os
from collections.abc import Mapping

from gridwix.clients.aws.error_codes import SYSTEM, THROTTLED
from gridwix.clients.aws.item_schemas import ItemKind, schema_attribute, schema_value
from gridwix.clients.aws.items import Value, decode_item, encode_item
from gridwix.clients.aws.signed import Service, SignedCaller
from gridwix.errors import ConfigurationError, Throttled, Unavailable
from gridwix.mapping.handovers import MAX_EVENTS
from gridwix.models.key_claims import KeyClaim

SECRETS_MANAGER = Service(
    "secretsmanager", "secretsmanager", "1.1", "AWS_ENDPOINT_URL_SECRETS_MANAGER"
)
EVENTBRIDGE = Service("events", "AWSEvents", "1.1", "AWS_ENDPOINT_URL_EVENTBRIDGE")
DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0", "AWS_ENDPOINT_URL_DYNAMODB")


def get_secret(caller: SignedCaller, name: str) -> str:
    """Return the current text of a secret. ``name`` is the secret's name or ARN.

    Raises NotFound if there is no such secret, ConfigurationError if the secret has no text.
    """
    text = caller.call(SECRETS_MANAGER, "GetSecretValue", {"SecretId": name}).members.get(
        "SecretString"
    )
    if not isinstance(text, str):
        raise ConfigurationError(
            "has no text", secret=name, remedy="store one with `gridwix secret set`"
        )
    return text


def put_event(
    caller: SignedCaller, bus: str, *, source: str, detail_type: str, detail_json: str, time: float
) -> None:
    """Put one event on an event bus.

    Args:
        caller: Makes the call.
        bus: Name of the bus.
        source: The event's ``source``.
        detail_type: The event's ``detail-type``.
        detail_json: The event's ``detail``, as JSON.
        time: Time at which the event occurred, in Unix seconds.

    Raises:
        Throttled: The bus refused the event because of a rate limit.
        Unavailable: The bus refused the event for another reason, or did not respond. If the error
            is ``ambiguous``, the event may be on the bus.
    """
    entry = {
        "EventBusName": bus,
        "Source": source,
        "DetailType": detail_type,
        "Detail": detail_json,
        "Time": round(time, 3),
    }
    members = caller.call(EVENTBRIDGE, "PutEvents", {"Entries": [entry]}).members
    # A refused entry is reported inside a 200 response.
    if members.get("FailedEntryCount") != 0:
        results = members.get("Entries") or [{}]
        code = str(results[0].get("ErrorCode", ""))
        kind = Throttled if code in THROTTLED else Unavailable
        raise kind(f"PutEvents: the entry was refused, {code}", system=SYSTEM, vendor_code=code)


def put_once(
    caller: SignedCaller, table: str, item: Mapping[str, Value], *, ttl_seconds: int, now: float
) -> bool:
    """Insert an item unless the table has an item with the same ``id`` (deduplication).

    Returns True if the item was inserted, False if there is one with this ``id``.

    Args:
        caller: Makes the call.
        table: A table with the key ``id`` and the time-to-live attribute ``expiration``.
        item: Attributes of the item, ``id`` among them.
        ttl_seconds: Seconds after which DynamoDB may delete the item.
        now: Current time in Unix seconds.

    Raises:
        Unavailable: AWS did not respond. If the error is ``ambiguous``, the item may be stored.
    """
    response = caller.call(
        DYNAMODB,
        "PutItem",
        {
            "TableName": table,
            "Item": encode_item({**item, "expiration": int(now) + ttl_seconds}),
            "ConditionExpression": "attribute_not_exists(id)",
        },
        expected_code="ConditionalCheckFailedException",
    )
    return not response.code


def claim_key(
    caller: SignedCaller, table: str, key: str, *, lease_seconds: int, now: float
) -> KeyClaim:
    """Claim an idempotency key for the time of a lease, unless it is claimed or confirmed already.

    Returns ``GRANTED`` if the caller has the claim, ``HELD`` if another invocation has it, and
    ``DONE`` if the key is confirmed (processed). An expired item counts as missing, because
    DynamoDB deletes expired items only some time later. An item of an earlier release, which had no
    confirmations, counts as held.

    Args:
        caller: Makes the call.
        table: A table with the key ``id`` and the time-to-live attribute ``expiration`` (Unix
            seconds), like those of Powertools' idempotency.
        key: The idempotency key by which to deduplicate, such as a webhook's id.
        lease_seconds: Seconds after which another invocation may claim the key.
        now: Current time in Unix seconds.

    Raises:
        Unavailable: AWS did not respond. If the error is ``ambiguous``, the claim may be stored.
    """
    token = os.urandom(16).hex()
    response = caller.call(
        DYNAMODB,
        "PutItem",
        {
            "TableName": table,
            "Item": encode_item(
                {
                    "id": key,
                    "expiration": int(now) + lease_seconds,
                    "rememberedBy": token,
                    "confirmed": False,
                    **schema_attribute(ItemKind.WEBHOOK_CLAIM),
                }
            ),
            "ConditionExpression": "attribute_not_exists(id) OR expiration <= :now",
            "ExpressionAttributeValues": encode_item({":now": int(now)}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
        expected_code="ConditionalCheckFailedException",
    )
    if not response.code:
        return KeyClaim.GRANTED
    stored = decode_item(response.members.get("Item", {}))
    # If the request was sent twice, the second may find the item of the first: it has our token.
    if stored.get("rememberedBy") == token:
        return KeyClaim.GRANTED
    return KeyClaim.DONE if stored.get("confirmed") else KeyClaim.HELD


def confirm_key(
    caller: SignedCaller, table: str, key: str, *, ttl_seconds: int, now: float
) -> None:
    """Mark an idempotency key as processed, so that claims of the key return ``DONE``.

    The mark lasts for ``ttl_seconds``.
    """
    put_item(caller, table, _unclaimed_item(key, int(now) + ttl_seconds, confirmed=True))


def release_key(caller: SignedCaller, table: str, key: str, *, now: float) -> None:
    """Release the claim of an idempotency key after a failure, so that a retry can claim it."""
    # An item that has expired, and no deletion: the function may only put items.
    put_item(caller, table, _unclaimed_item(key, int(now), confirmed=False))


def _unclaimed_item(key: str, expiration: int, *, confirmed: bool) -> dict[str, Value]:
    return {
        "id": key,
        "expiration": expiration,
        "confirmed": confirmed,
        **schema_attribute(ItemKind.WEBHOOK_CLAIM),
    }


def put_item(caller: SignedCaller, table: str, item: Mapping[str, Value]) -> None:
    """Insert an item into a table, or replace the item with the same key."""
    caller.call(DYNAMODB, "PutItem", {"TableName": table, "Item": encode_item(item)})


def add_handover(
    caller: SignedCaller, table: str, key: str, event_id: str, *, ttl_seconds: int, now: float
) -> None:
    """Store a handover: the record that the bus has accepted an event, to deduplicate its repeats.

    Does nothing if ``key`` already has ``MAX_EVENTS`` events.

    Args:
        caller: Makes the call.
        table: A table with the key ``change`` and the time-to-live attribute ``expiration``.
        key: Name and version of the record that the event is about (``collection/id@version``).
        event_id: Id of the event.
        ttl_seconds: Seconds after which DynamoDB may delete the item.
        now: Current time in Unix seconds.
    """
    caller.call(
        DYNAMODB,
        "UpdateItem",
        {
            "TableName": table,
            "Key": encode_item({"change": key}),
            "UpdateExpression": (
                "ADD events :event SET expiration = :until, schemaVersion = :schema"
            ),
            "ConditionExpression": "attribute_not_exists(events) OR size(events) < :most",
            "ExpressionAttributeValues": encode_item(
                {
                    ":event": {event_id},
                    ":until": int(now) + ttl_seconds,
                    ":most": MAX_EVENTS,
                    **schema_value(ItemKind.HANDOVER),
                }
            ),
        },
        expected_code="ConditionalCheckFailedException",
    )
