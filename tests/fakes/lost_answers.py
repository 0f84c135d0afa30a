"""A DynamoDB whose answers get lost, behind botocore's own client, which then repeats its requests.

The first copy of such a request is carried out; its caller hears of the second one only.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from botocore.retries.standard import ExponentialBackoff
from moto import mock_aws
from pytest import MonkeyPatch

from tests.fakes.aws import REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 3
"""Attempts of one call, as those of the functions' clients."""

CONDITIONAL = frozenset({"PutItem", "UpdateItem"})
"""Operations that write by a condition, and have no token that makes them safe to repeat."""


class LostAnswers:
    """moto's DynamoDB, and the answers of it that get lost.

    ``client`` is a client like that of the functions. ``lost`` counts the lost answers,
    ``bodies`` are those of all requests. ``meanwhile`` is called after each lost answer, before the
    request is repeated.
    """

    def __init__(self) -> None:
        self.client: DynamoDBClient = boto3.client(
            "dynamodb",
            region_name=REGION,
            config=Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS}),
        )
        self.lost = 0
        self.bodies: list[Any] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self._operations: frozenset[str] = frozenset()
        self._spared = self._times = 0
        # After moto's own handler of the same event, which has carried the request out by then.
        self.client.meta.events.register_last("before-send", self._lose_answer)

    def lose(self, operation: str, times: int = 1) -> None:
        """Lose the next answers to an operation, such as ``UpdateItem``."""
        self._operations, self._spared, self._times = frozenset({operation}), 0, times

    def lose_write(self, number: int) -> None:
        """Lose the answer to one of the next conditional writes of items, counted from 0."""
        self._operations, self._spared, self._times = CONDITIONAL, number, 1

    def _lose_answer(self, event_name: str, request: Any, **_: Any) -> None:
        self.bodies.append(json.loads(request.body))
        if not self._times or event_name.rpartition(".")[2] not in self._operations:
            return
        if self._spared:
            self._spared -= 1
            return
        self._times -= 1
        self.lost += 1
        self.meanwhile()
        raise ReadTimeoutError(endpoint_url="https://dynamodb")


@contextmanager
def lost_answers() -> Iterator[LostAnswers]:
    """An empty DynamoDB whose client does not wait before it repeats a request."""
    with mock_aws(), MonkeyPatch.context() as patch:
        patch.setattr(ExponentialBackoff, "delay_amount", lambda self, context: 0.0)
        yield LostAnswers()
