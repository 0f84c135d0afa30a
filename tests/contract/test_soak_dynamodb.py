"""The soak test's model of DynamoDB answers the functions' requests exactly as moto does."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.dynamodb_actions import all_actions
from tests.contract.dynamodb_twins import Twins, twin_clients

SMALL = st.integers(0, 3)


@pytest.fixture(scope="module")
def twins() -> Iterator[Twins]:
    with twin_clients() as found:
        yield found


class _NoTwins:
    """Stands in for the clients where only the names of the actions are wanted."""


NAMES = list(all_actions(_NoTwins()))  # type: ignore[arg-type]


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.sampled_from(NAMES), SMALL, SMALL, SMALL), min_size=20, max_size=40))
def test_model_when_the_functions_use_it_answers_as_moto_does(
    twins: Twins, steps: Sequence[tuple[str, int, int, int]]
) -> None:
    twins.clear()
    actions = all_actions(twins)

    for name, a, b, c in steps:
        actions[name](a, b, c)

    twins.require_equal_items()


TABLE = "SubmissionTable"
ITEMS: Sequence[Mapping[str, Any] | None] = [
    None,
    {},
    {"text": {"S": "müsli"}, "number": {"N": "7"}, "names": {"SS": ["a", "b"]}},
    {"text": {"S": ""}, "number": {"N": "-0.5"}, "flag": {"BOOL": True}},
    {"text": {"S": "é"}, "number": {"N": "100"}, "names": {"SS": ["müsli"]}},
    {"text": {"N": "1"}, "number": {"S": "7"}, "names": {"S": "ab"}, "content": {"B": b"\0\xff"}},
]
VALUES: Mapping[str, Any] = {
    ":text": {"S": "müsli"},
    ":start": {"S": "mü"},
    ":empty": {"S": ""},
    ":seven": {"N": "7.0"},
    ":hundred": {"N": "100"},
    ":yes": {"BOOL": True},
    ":names": {"SS": ["b", "a"]},
    ":name": {"S": "a"},
    ":one": {"N": "1"},
    ":new": {"SS": ["c"]},
    ":content": {"B": b"\0\xff"},
}
CONDITIONS = [
    "attribute_exists(#t)",
    "attribute_not_exists(#t)",
    "NOT attribute_exists(id)",
    "#t = :text",
    "#n = :seven",
    "flag = :yes",
    "#s = :names",
    "content = :content",
    "#n < :seven",
    "#n <= :seven",
    "#n > :one",
    "#n >= :hundred",
    "#t >= :text",
    ":seven <= #n",
    "#n BETWEEN :one AND :hundred",
    "#t BETWEEN :empty AND :text AND attribute_exists(#n)",
    "contains(#s, :name)",
    "contains(#t, :start)",
    "contains(#t, :one)",
    "begins_with(#t, :start)",
    "size(#x) < :seven",
    "attribute_not_exists(#n) OR #n < :seven AND flag = :yes",
    "(attribute_not_exists(#n) OR #n < :seven) AND attribute_exists(id)",
    "not (#n = :seven or #t = :text) and attribute_exists(id)",
]
UPDATES = [
    "SET #t = :text, #n = :hundred",
    "SET #n = #n + :one",
    "SET #n = :hundred - #n REMOVE #t",
    "SET #n = if_not_exists(#n, :hundred) + :one",
    "SET #t = if_not_exists(flag, :text), flag = if_not_exists(#t, :yes)",
    "SET other = #n, #n = :one REMOVE #t",
    "ADD #s :new",
    "ADD #s :new, counted :one SET #t = :text",
    "ADD #n :one",
    "REMOVE #s, nothing",
    "set waiting = :name, receivedAt = :text remove #n",
    "SET waiting = :empty",
    "SET waiting = :one",
    "SET id = :text",
    "SET #t = :text REMOVE #t",
    "SET size = :one",
]
NAMES_OF = {"#t": "text", "#n": "number", "#s": "names", "#x": "names"}


def _placeholders(*expressions: str) -> dict[str, Any]:
    """Names and values of the expressions."""
    words = set(" ".join(expressions).replace("(", " ").replace(")", " ").replace(",", " ").split())
    names = {word: NAMES_OF[word] for word in sorted(words) if word.startswith("#")}
    values = {word: VALUES[word] for word in sorted(words) if word.startswith(":")}
    return {
        **({"ExpressionAttributeNames": names} if names else {}),
        **({"ExpressionAttributeValues": values} if values else {}),
    }


def _store(twins: Twins, item: Mapping[str, Any] | None) -> None:
    twins.clear()
    if item is not None:
        twins.put_item(TableName=TABLE, Item={"id": {"S": "s1"}, **item})


def _is_beyond_moto(condition: str, item: Mapping[str, Any] | None) -> bool:
    """Whether moto fails: at an order of two types, and at the size of nothing or of a text."""
    if "size" in condition:
        return "SS" not in (item or {}).get("names", {})
    return item is ITEMS[-1] and any(sign in condition for sign in "<>B")


@pytest.mark.parametrize("condition", CONDITIONS)
def test_condition_when_an_item_is_of_any_form_holds_as_in_moto(
    twins: Twins, condition: str
) -> None:
    for item in ITEMS:
        if _is_beyond_moto(condition, item):
            continue
        _store(twins, item)
        request = {"TableName": TABLE, "ConditionExpression": condition}
        with suppress(ClientError):
            twins.update_item(
                **request,
                **_placeholders(condition, ":text #t"),
                Key={"id": {"S": "s1"}},
                UpdateExpression="SET #t = :text",
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        _store(twins, item)
        with suppress(ClientError):
            twins.put_item(
                **request,
                **_placeholders(condition),
                Item={"id": {"S": "s1"}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        _store(twins, item)
        with suppress(ClientError):
            twins.delete_item(**request, **_placeholders(condition), Key={"id": {"S": "s1"}})
        twins.require_equal_items()


@pytest.mark.parametrize("update", UPDATES)
def test_update_when_an_item_is_of_any_form_changes_it_as_moto_does(
    twins: Twins, update: str
) -> None:
    for item in ITEMS:
        _store(twins, item)
        with suppress(ClientError):
            twins.update_item(
                TableName=TABLE,
                Key={"id": {"S": "s1"}},
                UpdateExpression=update,
                **_placeholders(update),
                ReturnValues="ALL_NEW",
            )
        twins.require_equal_items()


KEY_CONDITIONS = [
    "partition = :p",
    "partition = :p AND step = :2",
    "partition = :p AND step < :2",
    "partition = :p AND step <= :2",
    "partition = :p AND step > :2",
    "partition = :p AND step >= :2",
    "partition = :p AND step BETWEEN :2 AND :3",
    "partition = :p AND begins_with(step, :2)",
]


@pytest.mark.parametrize(
    ("condition", "index"), product(KEY_CONDITIONS, ["", "events", "partners"])
)
def test_query_when_it_goes_through_all_pages_answers_as_moto_does(
    twins: Twins, condition: str, index: str
) -> None:
    twins.clear()
    partition = {"": "record", "events": "eventId", "partners": "partner"}[index]
    for number, step in enumerate(["1", "2", "20", "20é", "3", "4"]):
        for name in ("a", "b"):
            item = {
                "record": {"S": name},
                "step": {"S": step},
                "eventId": {"S": "a"},
                **({"partner": {"S": name}} if number % 2 else {}),
            }
            twins.put_item(TableName="JournalTable", Item=item)
    values = {":p": {"S": "a"}, ":2": {"S": "2"}, ":3": {"S": "3"}}
    for forward, limit in product([True, False], [None, 1, 2, 20]):
        request: dict[str, Any] = {
            "TableName": "JournalTable",
            "KeyConditionExpression": condition.replace("partition", "#k"),
            "ExpressionAttributeNames": {"#k": partition},
            "ExpressionAttributeValues": {
                name: value for name, value in values.items() if name in condition
            },
            "ScanIndexForward": forward,
            **({"IndexName": index} if index else {}),
            **({"Limit": limit} if limit else {}),
        }
        while True:
            response = twins.query(**request)
            if "LastEvaluatedKey" not in response:
                break
            request["ExclusiveStartKey"] = response["LastEvaluatedKey"]


def test_scan_when_it_is_filtered_and_projected_answers_as_moto_does(twins: Twins) -> None:
    twins.clear()
    for number in range(6):
        at = {"queuedAt": {"N": str(number / 2)}} if number else {}
        item = {
            "record": {"S": f"r{number}"},
            "step": {"S": "1"},
            "function": {"S": "f"},
            "eventId": {"S": "e"},
            **at,
        }
        twins.put_item(TableName="JournalTable", Item=item)
    response = twins.scan(
        TableName="JournalTable",
        FilterExpression="queuedAt BETWEEN :low AND :high AND #function = :function",
        ProjectionExpression="eventId, eventType, #function",
        ExpressionAttributeNames={"#function": "function"},
        ExpressionAttributeValues={
            ":low": {"N": "1"},
            ":high": {"N": "2"},
            ":function": {"S": "f"},
        },
    )

    assert response["Count"] == 3
    assert response["ScannedCount"] == 6


@pytest.mark.parametrize("wanted", ["NONE", "ALL_OLD"])
@pytest.mark.parametrize("stored", [[], ["s1"], ["s2"], ["s1", "s2"]])
def test_transaction_when_some_conditions_fail_is_cancelled_as_in_moto(
    twins: Twins, stored: Sequence[str], wanted: str
) -> None:
    twins.clear()
    for name in stored:
        twins.put_item(TableName=TABLE, Item={"id": {"S": name}, "number": {"N": "1"}})
    common = {"TableName": TABLE, "ReturnValuesOnConditionCheckFailure": wanted}
    with suppress(ClientError):
        twins.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        **common,
                        "Item": {"id": {"S": "s1"}},
                        "ConditionExpression": "attribute_not_exists(id)",
                    }
                },
                {
                    "Update": {
                        **common,
                        "Key": {"id": {"S": "s2"}},
                        "UpdateExpression": "ADD counted :one",
                        "ConditionExpression": "attribute_exists(id)",
                        "ExpressionAttributeValues": {":one": {"N": "1"}},
                    }
                },
            ]
        )

    twins.require_equal_items()
