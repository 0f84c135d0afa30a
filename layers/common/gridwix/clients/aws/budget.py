"""The calls that all functions together may make to one Wix site, in one DynamoDB item per site.

The item lies under the key ``site``; ``spentUntil`` and ``blockedUntil`` are those of :class:`gridwix.mapping.call_rate.RateState`.
"""

import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gridwix.clients.aws.boto import aws_errors
from gridwix.mapping.call_rate import SECOND, CallRate, RateState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROUNDS = 6
"""How often a take is tried while other takers are faster."""

LOST_RACE_WAIT = (0.05, 0.3)
"""Bounds in seconds of the wait that a taker is told which has lost every race."""

MAX_BLOCK = 3600.0
"""Longest time in seconds for which one answer of the site may stop everybody."""


class DynamoDBCallBudget:
    """A budget that any number of workers share: in any 60 s they are granted at most ``calls_per_minute`` calls in total, ``burst`` of them at once.

    Guaranteed because a grant is stored only on top of the very state that it was computed from. :class:`gridwix.mapping.call_rate.CallRate` has the
    arithmetic, and what clocks that differ do to it. Raises ValueError unless 1 <= burst < calls_per_minute, and from ``take`` unless 1 <= calls <= burst.
    Methods raise :class:`gridwix.errors.UpstreamError` if DynamoDB fails: nothing is granted then, though some may have been spent.
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
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._table = table
        self._site_id = site_id
        self._rate = CallRate(calls_per_minute, burst)
        self._clock = clock
        self._chance = chance
        self._last_seen: RateState | None = None

    def take(self, calls: int = 1) -> float:
        """0.0 if the calls are granted, else the seconds to wait, rounded up to a millisecond. Never sleeps; costs one write if nobody else is at it."""
        state, fresh = self._last_seen, False
        for _ in range(ROUNDS):
            if state is None:
                state, fresh = self._read(), True
            decision = self._rate.take(state, now=self._now(), calls=calls)
            if decision.wait and fresh:
                self._last_seen = state
                return -(-decision.wait // 1_000_000) / 1000
            # A refusal may rest only on what the table says at present: an operator may have lifted a block.
            state, fresh = (None, False) if decision.wait else self._store(decision.state, state)
            if state is decision.state:
                self._last_seen = state
                return 0.0
        self._last_seen = None
        shortest, longest = LOST_RACE_WAIT
        return shortest + (longest - shortest) * self._chance()

    def exhaust(self, seconds: float) -> None:
        """Grant nothing to anybody for that long, at most an hour. A block that lasts longer stays as it is."""
        until = self._now() + int(min(max(seconds, 0.0), MAX_BLOCK) * SECOND)
        with aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"site": {"S": self._site_id}},
                    UpdateExpression="SET blockedUntil = :until, spentUntil = if_not_exists(spentUntil, :zero)",
                    ConditionExpression="attribute_not_exists(blockedUntil) OR blockedUntil < :until",
                    ExpressionAttributeValues={":until": {"N": str(until)}, ":zero": {"N": "0"}},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return
            finally:
                self._last_seen = None

    def _now(self) -> int:
        return int(self._clock() * SECOND)

    def _read(self) -> RateState:
        with aws_errors("GetItem"):
            answer = self._client.get_item(TableName=self._table, Key={"site": {"S": self._site_id}}, ConsistentRead=True)
        return _state(answer.get("Item", {}))

    def _store(self, state: RateState, expected: RateState) -> tuple[RateState | None, bool]:
        """Store ``state`` if the table still holds ``expected``, and return it; else return what the table holds instead (None: not told), and that this is
        fresh."""
        with aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"site": {"S": self._site_id}},
                    UpdateExpression="SET spentUntil = :spent, blockedUntil = :blocked",
                    ConditionExpression="attribute_not_exists(spentUntil)" if expected == RateState() else "spentUntil = :seen AND blockedUntil = :blocked",
                    ExpressionAttributeValues={
                        ":spent": {"N": str(state.spent_until)},
                        ":blocked": {"N": str(state.blocked_until)},
                        **({} if expected == RateState() else {":seen": {"N": str(expected.spent_until)}}),
                    },
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                item = _old_item(error)
                return (_state(item), True) if item else (None, False)
        return state, True


def _old_item(error: ClientError) -> Mapping[str, Any]:
    item = error.response.get("Item", {})
    return item if isinstance(item, dict) else {}


def _state(item: Mapping[str, Any]) -> RateState:
    return RateState(int(item["spentUntil"]["N"]), int(item["blockedUntil"]["N"])) if item else RateState()
