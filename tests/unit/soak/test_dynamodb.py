"""Limits and refusals of the soak test's DynamoDB, which moto does not have or has differently.

``tests/contract/test_soak_dynamodb.py`` compares the rest with moto.
"""

from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from soak.cloud.attribute_values import Refusal, canonical_number, item_size
from soak.cloud.dynamodb import DynamoDB
from soak.kernel.edges import Edges, NoFaults
from soak.kernel.tasks import Scheduler


def _schema(name: str, sort: str | None = None) -> Any:
    index = SimpleNamespace(name="waiting", partition="waiting", sort="due", projection="ALL")
    return SimpleNamespace(
        name=name,
        partition="row",
        sort=sort,
        types={"row": "S", "step": "N", "waiting": "S", "due": "N"},
        indexes={"waiting": index},
        ttl="expiration",
    )


@pytest.fixture
def dynamodb() -> DynamoDB:
    tables = {"Rows": _schema("Rows"), "Steps": _schema("Steps", "step")}
    return DynamoDB(tables, Edges(Scheduler(1.78e9), Random(1), NoFaults(), {}))


def _put(dynamodb: DynamoDB, row: str = "r1", **values: Any) -> Any:
    return dynamodb.put_item(TableName="Rows", Item={"row": {"S": row}, **values})


def _code(error: pytest.ExceptionInfo[ClientError]) -> Any:
    return error.value.response["Error"]["Code"]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("7", "7"),
        ("007", "7"),
        ("-0", "0"),
        ("+1.50", "1.5"),
        ("1E+2", "100"),
        (".5", "0.5"),
        ("1e-3", "0.001"),
        ("9" * 38, "9" * 38),
        ("1780000000.1234567", "1780000000.1234567"),
    ],
)
def test_number_when_it_is_stored_has_its_canonical_form(text: str, canonical: str) -> None:
    assert canonical_number(text) == canonical


@pytest.mark.parametrize(
    "text", ["", " 1", "1_000", "NaN", "Infinity", "9" * 39, "1E+126", "1E-131", 7]
)
def test_number_when_dynamodb_has_no_such_one_is_refused(text: object) -> None:
    with pytest.raises(Refusal):
        canonical_number(text)


def test_size_when_an_item_has_all_types_is_as_dynamodb_counts_it() -> None:
    item: Any = {
        "é": {"S": "müsli"},
        "n": {"N": "-12345.5"},
        "set": {"SS": ["ab", "ü"]},
        "yes": {"BOOL": True},
        "bytes": {"B": b"123"},
    }

    assert item_size(item) == (2 + 6) + (1 + 5) + (3 + 4) + (3 + 1) + (5 + 3)


def test_item_when_it_grows_above_the_limit_is_refused_and_stays(dynamodb: DynamoDB) -> None:
    room = 400 * 1024 - len("rowr1text")
    _put(dynamodb, text={"S": '"' * room})

    with pytest.raises(ClientError) as raised:
        _put(dynamodb, text={"S": "x" * (room + 1)})

    assert _code(raised) == "ValidationException"
    assert [len(str(item["text"])) for item in dynamodb.items("Rows")] == [room]


@pytest.mark.parametrize("binary", [{}, {"bytes": {"B": b"1"}}])
def test_items_when_they_are_read_are_no_part_of_the_table(
    dynamodb: DynamoDB, binary: dict[str, Any]
) -> None:
    item: Any = {"row": {"S": "r1"}, "names": {"SS": ["b", "a"]}, **binary}
    dynamodb.put_item(TableName="Rows", Item=item)
    item["names"]["SS"].append("c")
    key = {"row": {"S": "r1"}}
    read = dynamodb.get_item(TableName="Rows", Key=key)["Item"]
    read["names"]["SS"].clear()
    del read["row"]

    (stored,) = dynamodb.items("Rows")
    assert stored.pop("bytes", b"1") == b"1"
    assert stored == {"row": "r1", "names": frozenset({"a", "b"})}


def test_expiration_when_time_has_come_deletes_what_still_has_it(dynamodb: DynamoDB) -> None:
    _put(dynamodb, "over", expiration={"N": "1780000000"})
    _put(dynamodb, "extended", expiration={"N": "1780000000"})
    _put(dynamodb, "extended", expiration={"N": "1780000001"})
    _put(dynamodb, "ancient", expiration={"N": "1"})
    _put(dynamodb, "text", expiration={"S": "1780000000"})
    _put(dynamodb, "kept", expiration={"N": "1780000000"})
    _put(dynamodb, "kept")

    assert dynamodb.expire(1_780_000_000.0) == 1
    assert [item["row"] for item in dynamodb.items("Rows")] == [
        "extended",
        "ancient",
        "text",
        "kept",
    ]
    assert dynamodb.expire(1_780_000_001.5) == 1


@pytest.mark.parametrize("number", ["0", "2"])
def test_query_when_the_keys_are_numbers_is_in_their_order(dynamodb: DynamoDB, number: str) -> None:
    for step in ("10", "9", "-1", "2.5"):
        item = {"row": {"S": "r"}, "step": {"N": step}}
        dynamodb.put_item(TableName="Steps", Item=item)

    response = dynamodb.query(
        TableName="Steps",
        KeyConditionExpression="#row = :row AND step > :number",
        ExpressionAttributeNames={"#row": "row"},
        ExpressionAttributeValues={":row": {"S": "r"}, ":number": {"N": number}},
        ConsistentRead=True,
    )

    assert [item["step"]["N"] for item in response["Items"]] == ["2.5", "9", "10"]


def test_pages_when_items_are_large_hold_a_megabyte_each(dynamodb: DynamoDB) -> None:
    rows = [f"r{number:02}" for number in range(10)]
    for row in rows:
        _put(dynamodb, row, text={"S": "x" * 300_000}, waiting={"S": "w"}, due={"N": row[1:]})
    query: Any = {
        "TableName": "Rows",
        "IndexName": "waiting",
        "KeyConditionExpression": "waiting = :w",
        "ExpressionAttributeValues": {":w": {"S": "w"}},
    }
    queried = list(dynamodb.get_paginator("query").paginate(**query))
    scanned = list(dynamodb.get_paginator("scan").paginate(TableName="Rows"))

    for pages in (queried, scanned):
        assert [page["Count"] for page in pages] == [3, 3, 3, 1]
    found = [item["row"]["S"] for page in queried for item in page["Items"]]
    assert found == rows
    assert sorted(item["row"]["S"] for page in scanned for item in page["Items"]) == rows


def test_page_when_its_last_item_is_gone_is_followed_by_the_rest(dynamodb: DynamoDB) -> None:
    for row in "abcd":
        _put(dynamodb, row)
    found: list[str] = []
    position: Any = {}
    while True:
        page = dynamodb.scan(TableName="Rows", Limit=1, **position)
        found += [item["row"]["S"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        position = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        dynamodb.delete_item(TableName="Rows", Key=page["LastEvaluatedKey"])

    assert sorted(found) == list("abcd")
    assert list(dynamodb.items("Rows")) == []


def test_order_when_two_values_have_two_types_is_none(dynamodb: DynamoDB) -> None:
    _put(dynamodb, due={"N": "7"})
    for sign in ("<", "<=", ">", ">="):
        with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
            dynamodb.delete_item(
                TableName="Rows",
                Key={"row": {"S": "r1"}},
                ConditionExpression=f"due {sign} :text",
                ExpressionAttributeValues={":text": {"S": "7"}},
            )


ONE: Any = {":one": {"N": "1"}}
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("put_item", {"Item": {"text": {"S": "without a key"}}}),
    ("put_item", {"Item": {"row": {"N": "1"}}}),
    ("put_item", {"Item": {"row": {"S": ""}}}),
    ("put_item", {"Item": {"row": {"S": "é" * 1025}}}),
    ("put_item", {"Item": {"row": {"S": "r"}, "waiting": {"N": "1"}}}),
    ("put_item", {"Item": {"row": {"S": "r"}, "waiting": {"S": ""}}}),
    ("put_item", {"Item": {"row": {"S": "r"}, "names": {"SS": []}}}),
    ("put_item", {"Item": {"row": {"S": "r"}, "names": {"SS": ["a", "a"]}}}),
    ("put_item", {"Item": {"row": {"S": "r"}, "other": {"M": {}}}}),
    ("put_item", {"Item": {"row": {"S": "r"}, "other": {"S": "a", "N": "1"}}}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ReturnValues": "ALL_OLD"}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ExpressionAttributeValues": ONE}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ExpressionAttributeValues": {}}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ConditionExpression": "row = :one"}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ConditionExpression": "attribute_exists(row)"}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ConditionExpression": "attribute_exists(#a)"}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ConditionExpression": "attribute_exists(a.b)"}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ConditionExpression": "attribute_exists(a) due"}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ConditionExpression": "due <> waiting"}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ConditionExpression": "due IN (waiting)"}),
    ("put_item", {"Item": {"row": {"S": "r"}}, "ConditionExpression": " "}),
    ("get_item", {"Key": {"row": {"S": "r"}, "due": {"N": "1"}}}),
    ("get_item", {"Key": {"row": {"S": "r"}}, "ProjectionExpression": "due"}),
    ("update_item", {"Key": {"row": {"S": "r"}}, "UpdateExpression": "SET due = other"}),
    ("update_item", {"Key": {"row": {"S": "r"}}, "UpdateExpression": "SET a = list_append(b, c)"}),
    ("update_item", {"Key": {"row": {"S": "r"}}, "UpdateExpression": "DELETE names waiting"}),
    ("update_item", {"Key": {"row": {"S": "r"}}, "UpdateExpression": "SET a = b, a = c"}),
    ("update_item", {"Key": {"row": {"S": "r"}}, "UpdateExpression": "REMOVE a REMOVE b"}),
    (
        "update_item",
        {"Key": {"row": {"S": "r"}}, "UpdateExpression": "REMOVE a", "ReturnValues": "UPDATED_NEW"},
    ),
    ("query", {"KeyConditionExpression": "waiting = :one", "ExpressionAttributeValues": ONE}),
    ("query", {"IndexName": "none", "KeyConditionExpression": "waiting = :one"}),
    ("query", {"IndexName": "waiting", "ConsistentRead": True}),
    ("scan", {"Limit": 0}),
    ("scan", {"IndexName": "waiting"}),
]


@pytest.mark.parametrize(("method", "request_"), REFUSED)
def test_request_when_it_breaks_a_rule_or_is_not_known_is_refused(
    dynamodb: DynamoDB, method: str, request_: dict[str, Any]
) -> None:
    _put(dynamodb, "first")
    with pytest.raises(ClientError) as raised:
        getattr(dynamodb, method)(TableName="Rows", **request_)

    assert _code(raised) == "ValidationException"
    assert [item["row"] for item in dynamodb.items("Rows")] == ["first"]


def test_batches_when_they_break_a_rule_change_nothing(dynamodb: DynamoDB) -> None:
    keys: Any = [{"row": {"S": f"r{number}"}} for number in range(101)]
    puts: Any = [{"PutRequest": {"Item": key}} for key in keys]
    large = {"PutRequest": {"Item": {**keys[0], "text": {"S": "x" * 400_000 + "y" * 10_000}}}}

    batches: Any = (puts[:26], [puts[0], puts[0]], [puts[1], large], [], [{"Put": {}}])
    for writes in batches:
        with pytest.raises(ClientError) as raised:
            dynamodb.batch_write_item(RequestItems={"Rows": writes})
        assert _code(raised) == "ValidationException"
    for read in (keys, [keys[0], keys[0]], []):
        with pytest.raises(ClientError) as raised:
            dynamodb.batch_get_item(RequestItems={"Rows": {"Keys": read}})
        assert _code(raised) == "ValidationException"
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.get_item(TableName="Other", Key=keys[0])

    assert list(dynamodb.items("Rows")) == []


def test_batch_read_when_its_items_are_too_large_leaves_some_for_later(dynamodb: DynamoDB) -> None:
    keys = [{"row": {"S": f"r{number}"}} for number in range(45)]
    for key in keys:
        _put(dynamodb, key["row"]["S"], text={"S": "x" * 400_000})

    response = dynamodb.batch_get_item(RequestItems={"Rows": {"Keys": keys}})

    assert len(response["Responses"]["Rows"]) == 41
    assert response["UnprocessedKeys"]["Rows"]["Keys"] == keys[41:]


def test_transaction_when_it_names_an_item_twice_or_its_token_is_another_ones_is_refused(
    dynamodb: DynamoDB,
) -> None:
    put: Any = {"Put": {"TableName": "Rows", "Item": {"row": {"S": "r1"}}}}
    delete: Any = {"Delete": {"TableName": "Rows", "Key": {"row": {"S": "r1"}}}}
    with pytest.raises(ClientError) as raised:
        dynamodb.transact_write_items(TransactItems=[put, delete])
    assert _code(raised) == "ValidationException"

    dynamodb.transact_write_items(TransactItems=[put], ClientRequestToken="t")
    dynamodb.delete_item(TableName="Rows", Key={"row": {"S": "r1"}})
    dynamodb.transact_write_items(TransactItems=[put], ClientRequestToken="t")
    assert list(dynamodb.items("Rows")) == []
    with pytest.raises(dynamodb.exceptions.IdempotentParameterMismatchException):
        dynamodb.transact_write_items(TransactItems=[delete], ClientRequestToken="t")


def test_sums_when_numbers_are_not_whole_are_exact(dynamodb: DynamoDB) -> None:
    _put(dynamodb, due={"N": "0.1"})
    for _ in range(2):
        dynamodb.update_item(
            TableName="Rows",
            Key={"row": {"S": "r1"}},
            UpdateExpression="SET due = due + :tenth",
            ExpressionAttributeValues={":tenth": {"N": "0.1"}},
        )

    assert next(dynamodb.items("Rows"))["due"] == Decimal("0.3")


def test_table_when_it_is_not_kept_checks_what_is_written_and_stores_nothing(
    dynamodb: DynamoDB,
) -> None:
    dynamodb.tables["Rows"].kept = False
    _put(dynamodb, waiting={"S": "yes"}, due={"N": "1"})
    assert not [*dynamodb.items("Rows")]
    with pytest.raises(ClientError) as error:
        _put(dynamodb, row="")
    assert _code(error) == "ValidationException"
