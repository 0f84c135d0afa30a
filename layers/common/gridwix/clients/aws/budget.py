"""Rate limit for one Wix site, shared by all functions: a token bucket in one DynamoDB item.

The item's key is ``site``, the id of the Wix site. The attributes ``spentUntil`` and
``blockedUntil`` are the members of :class:`gridwix.mapping.call_rate.RateState`.
"""

import random
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_value
from gridwix.clients.aws.items import decode_item, encode_item
from gridwix.mapping.call_rate import SECOND, CallRate, RateState
from gridwix.ports import CallBudget

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROUNDS = 6
"""Maximum number of attempts to take calls while other workers win the race."""

LOST_RACE_WAIT = (0.05, 0.3)
"""Bounds, in seconds, of the random wait returned to a worker that lost every race."""

MAX_BLOCK = 3600.0
"""Upper bound, in seconds, on the pause that a single 429 imposes on all workers."""


class DynamoDBCallBudget(CallBudget):
    """Rate limit of a Wix site: at most ``calls_per_minute`` calls in any 60 s, ``burst`` at once.

    The limit holds for any number of workers and threads: a grant is stored only if the DynamoDB
    item still holds the state that the grant was computed from. The docstring of
    :class:`gridwix.mapping.call_rate.CallRate` explains the arithmetic and the effect of clocks
    that differ.

    The constructor raises ValueError unless 1 <= burst < calls_per_minute, ``take`` unless
    1 <= calls <= burst. Methods raise :class:`gridwix.errors.UpstreamError` if DynamoDB fails: no
    call is granted then, though some calls may count as spent.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        site_id: str,
        *,
        calls_per_minute: int,
        burst: int,
        clock: Callable[[], float],
        chance: Callable[[], float] = random.random,  # noqa: S311 - no secret
    ) -> None:
        self._client = client
        self._table = table
        self._key = encode_item({"site": site_id})
        self._rate = CallRate(calls_per_minute, burst)
        self._clock = clock
        self._chance = chance
        self._last_seen: RateState | None = None
        self._lock = Lock()

    def take(self, calls: int = 1) -> float:
        """Take calls from the budget. Return 0 if they are granted, else the seconds to wait.

        Never sleeps. The seconds are rounded up to a millisecond.

        Costs one write while no other worker takes calls. Threads that share an instance take
        turns, so that they do not race each other for the item.
        """
        with self._lock:
            return self._take(calls)

    def _take(self, calls: int) -> float:
        state, fresh = self._last_seen, False
        for _ in range(ROUNDS):
            if state is None:
                state, fresh = self.read_state(), True
            decision = self._rate.take(state, now=self._clock_units(), calls=calls)
            if decision.wait and fresh:
                self._last_seen = state
                return -(-decision.wait // 1_000_000) / 1000
            # A refusal needs a fresh read: an operator may have lifted a block.
            state, fresh = (
                (None, False) if decision.wait else self._store_state(decision.state, state)
            )
            if state is decision.state:
                self._last_seen = state
                return 0.0
        self._last_seen = None
        shortest, longest = LOST_RACE_WAIT
        return shortest + (longest - shortest) * self._chance()

    def exhaust(self, seconds: float) -> None:
        """Circuit breaker: block the budget of all workers for ``seconds``, at most ``MAX_BLOCK``.

        Call it when Wix reports that the site's quota is used up. It never shortens a block.
        """
        until = self._clock_units() + int(min(max(seconds, 0.0), MAX_BLOCK) * SECOND)
        with translate_aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=self._key,
                    UpdateExpression=(
                        "SET blockedUntil = :until, schemaVersion = :schema,"
                        " spentUntil = if_not_exists(spentUntil, :zero)"
                    ),
                    ConditionExpression=(
                        "attribute_not_exists(blockedUntil) OR blockedUntil < :until"
                    ),
                    ExpressionAttributeValues=encode_item(
                        {":until": until, ":zero": 0, **schema_value(ItemKind.BUDGET)}
                    ),
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return
            finally:
                self._last_seen = None

    def _clock_units(self) -> int:
        return int(self._clock() * SECOND)

    def read_state(self) -> RateState:
        """Return the stored state of the budget, by a strongly consistent read.

        Takes no call from the budget. Raises UpstreamError if DynamoDB fails.
        """
        with translate_aws_errors("GetItem"):
            response = self._client.get_item(
                TableName=self._table, Key=self._key, ConsistentRead=True
            )
        return _rate_state(response.get("Item", {}))

    def _store_state(self, state: RateState, expected: RateState) -> tuple[RateState | None, bool]:
        """Store ``state`` if the table still holds ``expected`` (optimistic locking).

        Returns:
            The state that the table holds now, and True. It is the object ``state`` itself if this
            call has stored it, and another worker's state if not. None and False if another
            worker's state is stored, and DynamoDB's response does not contain it.
        """
        first = expected == RateState()
        values = {
            ":spent": state.spent_until,
            ":blocked": state.blocked_until,
            **schema_value(ItemKind.BUDGET),
        }
        with translate_aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=self._key,
                    UpdateExpression=(
                        "SET spentUntil = :spent, blockedUntil = :blocked, schemaVersion = :schema"
                    ),
                    ConditionExpression="attribute_not_exists(spentUntil)"
                    if first
                    else "spentUntil = :seen AND blockedUntil = :blocked",
                    ExpressionAttributeValues=encode_item(
                        values if first else {**values, ":seen": expected.spent_until}
                    ),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                item = _old_item(error)
                return (_rate_state(item), True) if item else (None, False)
        return state, True


def _old_item(error: ClientError) -> Mapping[str, Any]:
    item = error.response.get("Item", {})
    return item if isinstance(item, dict) else {}


def _rate_state(attributes: Mapping[str, Any]) -> RateState:
    item = decode_item(attributes)
    return RateState(int(item["spentUntil"]), int(item["blockedUntil"])) if item else RateState()
