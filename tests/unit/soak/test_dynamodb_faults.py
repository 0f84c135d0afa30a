"""The soak test's DynamoDB under faults, seen through the retries of boto's client."""

from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.publication.models import Claim, RowKey, Versions
from soak.cloud.dynamodb import DynamoDB
from soak.kernel.edges import Edges, Fault, PlannedFaults
from soak.kernel.tasks import Killed, Scheduler

TABLES: Any = {
    "Rows": SimpleNamespace(
        name="Rows",
        partition="row",
        sort=None,
        types={"row": "S", "waiting": "S"},
        indexes={
            "waiting": SimpleNamespace(
                name="waiting", partition="waiting", sort="row", projection="KEYS_ONLY"
            )
        },
        ttl="expiration",
    )
}
START = 1_780_000_000.0
ROW = RowKey(CollectionId("PartnerStatus"), WixItemId("p1"))


class World:
    """A DynamoDB with one table, whose calls get some faults, one after the other."""

    def __init__(self, *faults: Fault | None) -> None:
        self.scheduler = Scheduler(START)
        self.faults = list(faults)
        self.edges = Edges(self.scheduler, Random(1), self, {})
        self.dynamodb = DynamoDB(TABLES, self.edges)

    def draw(self, edge: str, operation: str, now: float) -> Fault | None:
        """The next fault."""
        return self.faults.pop(0) if self.faults else None

    def run(self, job: Callable[[], Any]) -> Any:
        """Run a job as a task, and return its result or raise its error."""
        task = self.scheduler.spawn("worker", job)
        self.scheduler.run()
        if task.error is not None:
            raise task.error
        return task.result

    def put(self, row: str = "r1", **values: Any) -> None:
        """Put an item, without faults."""
        item = {"row": {"S": row}, **values}
        self.dynamodb.put_item(TableName="Rows", Item=item)

    def count(self, condition: str | None = None) -> Any:
        """Count up in an item, under a condition."""
        return self.dynamodb.update_item(
            TableName="Rows",
            Key={"row": {"S": "r1"}},
            UpdateExpression="ADD counted :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
            **({"ConditionExpression": condition} if condition else {}),
        )

    @property
    def counted(self) -> Any:
        """The count of the item."""
        return next(iter(self.dynamodb.items("Rows")), {}).get("counted")


ALL_ATTEMPTS = [
    (Fault.SERVER_ERROR, "InternalServerError", 0),
    (Fault.NOT_CONNECTED, EndpointConnectionError, 0),
    (Fault.REQUEST_LOST, ReadTimeoutError, 0),
    (Fault.ANSWER_LOST, ReadTimeoutError, 3),
    (Fault.LATE, ReadTimeoutError, 3),
    (Fault.RESET_BEFORE, ConnectionClosedError, 0),
    (Fault.RESET_AFTER, ConnectionClosedError, 3),
]


@pytest.mark.parametrize(("fault", "error", "counted"), ALL_ATTEMPTS)
def test_call_when_all_attempts_fail_raises_and_has_run_as_often_as_the_fault_says(
    fault: Fault, error: str | type[Exception], counted: int
) -> None:
    world = World(fault, fault, fault)

    with pytest.raises(ClientError if isinstance(error, str) else error) as raised:
        world.run(world.count)

    assert (world.counted or 0) == counted
    assert world.edges.calls["dynamodb", "UpdateItem"] == 3
    if isinstance(raised.value, ClientError):
        assert raised.value.response["Error"]["Code"] == error
        metadata = raised.value.response["ResponseMetadata"]
        assert metadata["RetryAttempts"] == 2
        assert metadata["HTTPStatusCode"] == 500


@pytest.mark.parametrize("fault", [fault for fault, _, _ in ALL_ATTEMPTS])
def test_call_when_one_attempt_fails_succeeds_with_the_next(fault: Fault) -> None:
    world = World(fault)

    response = world.run(world.count)

    assert response["ResponseMetadata"]["RetryAttempts"] == 1
    assert world.counted == (
        2 if fault in {Fault.ANSWER_LOST, Fault.LATE, Fault.RESET_AFTER} else 1
    )


def test_call_when_it_is_throttled_waits_longer_than_after_other_errors() -> None:
    codes = set()
    for seed in range(20):
        world = World(*[Fault.THROTTLED] * 3)
        world.dynamodb._random.seed(seed)
        with pytest.raises(ClientError) as raised:
            world.run(world.count)
        codes.add(raised.value.response["Error"]["Code"])
        assert world.counted is None
    slow, fast = World(Fault.THROTTLED), World(Fault.SERVER_ERROR)
    slow.run(slow.count)
    fast.run(fast.count)

    assert codes == {"ProvisionedThroughputExceededException", "ThrottlingException"}
    assert slow.scheduler.now - START > 10 * (fast.scheduler.now - START - 0.02)


def test_condition_when_boto_repeats_a_request_that_has_run_fails_with_the_new_item() -> None:
    world = World(Fault.ANSWER_LOST)

    with pytest.raises(world.dynamodb.exceptions.ConditionalCheckFailedException) as raised:
        world.run(
            lambda: world.dynamodb.put_item(
                TableName="Rows",
                Item={"row": {"S": "r1"}, "holder": {"S": "me"}},
                ConditionExpression="attribute_not_exists(holder)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        )

    response = raised.value.response
    assert response["ResponseMetadata"]["RetryAttempts"] == 1
    assert response["Item"]["holder"] == {"S": "me"}


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.RESET_AFTER])
def test_ledger_when_its_request_is_repeated_knows_that_it_holds_the_row(fault: Fault) -> None:
    world = World(None, fault)
    tables: Any = {"Ledger": SimpleNamespace(**{**vars(TABLES["Rows"]), "name": "Ledger"})}
    client: Any = DynamoDB(tables, world.edges)
    ledger = DynamoDBLedger(client, "Ledger")

    def claim() -> Any:
        ledger.read_entries([ROW])
        return ledger.claim(
            [Claim(ROW, 0, Versions({"partners/p1": 1}))], holder="me", now=START, until=START + 60
        )

    assert world.run(claim) == {ROW}


def test_call_when_its_worker_is_killed_ends_it_and_is_not_repeated() -> None:
    before, after = World(Fault.KILLED_BEFORE), World(Fault.KILLED_AFTER)

    for world, counted in ((before, None), (after, 1)):
        with pytest.raises(Killed):
            world.run(world.count)
        assert world.counted == counted


def test_late_request_when_another_write_came_first_runs_after_it() -> None:
    world = World(Fault.LATE, Fault.REQUEST_LOST, Fault.REQUEST_LOST)

    def write() -> None:
        with pytest.raises(ReadTimeoutError):
            world.count()
        world.dynamodb.delete_item(TableName="Rows", Key={"row": {"S": "r1"}})

    world.edges._random = SimpleNamespace(random=lambda: 0.99)  # type: ignore[assignment]
    world.run(write)

    assert world.counted == 1


@pytest.mark.parametrize("number", [1, 3])
def test_batch_when_it_is_partial_names_what_is_left(number: int) -> None:
    rows = [f"r{place}" for place in range(number)]
    world = World(*[Fault.PARTIAL] * 2)
    for row in rows:
        world.put(row)
    keys = [{"row": {"S": row}} for row in rows]
    wanted = {"Rows": {"Keys": keys, "ConsistentRead": True}}

    read = world.run(lambda: world.dynamodb.batch_get_item(RequestItems=wanted))
    world.faults[:] = [Fault.PARTIAL]
    deletions: Any = {"Rows": [{"DeleteRequest": {"Key": key}} for key in keys]}
    written = world.run(lambda: world.dynamodb.batch_write_item(RequestItems=deletions))

    if number == 1:
        assert read["ResponseMetadata"]["RetryAttempts"] == 2
        assert (len(read["Responses"]["Rows"]), read["UnprocessedKeys"]) == (1, {})
        assert written["ResponseMetadata"]["RetryAttempts"] == 1
        return
    left = read["UnprocessedKeys"]["Rows"]
    found = [item["row"]["S"] for item in read["Responses"]["Rows"]]
    assert left["ConsistentRead"] is True
    assert found
    assert sorted([*found, *(key["row"]["S"] for key in left["Keys"])]) == rows
    undone = [
        one["DeleteRequest"]["Key"]["row"]["S"] for one in written["UnprocessedItems"]["Rows"]
    ]
    assert undone
    assert sorted(item["row"] for item in world.dynamodb.items("Rows")) == undone


def test_write_when_a_transaction_is_in_flight_conflicts_and_is_not_repeated() -> None:
    world = World(Fault.CONFLICT)

    with pytest.raises(world.dynamodb.exceptions.TransactionConflictException):
        world.run(world.count)

    assert world.edges.calls["dynamodb", "UpdateItem"] == 1
    assert world.counted is None


def _transaction(world: World) -> Callable[[], Any]:
    update = {
        "TableName": "Rows",
        "Key": {"row": {"S": "r1"}},
        "UpdateExpression": "ADD counted :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    put = {
        "TableName": "Rows",
        "Item": {"row": {"S": "r2"}},
        "ConditionExpression": "attribute_not_exists(#row)",
        "ExpressionAttributeNames": {"#row": "row"},
    }
    return lambda: world.dynamodb.transact_write_items(
        TransactItems=[{"Update": update}, {"Put": put}]
    )


def test_transaction_when_another_is_in_flight_is_cancelled_for_it() -> None:
    world = World(Fault.CONFLICT)

    with pytest.raises(world.dynamodb.exceptions.TransactionCanceledException) as raised:
        world.run(_transaction(world))

    codes = [reason["Code"] for reason in raised.value.response["CancellationReasons"]]
    assert sorted(codes) == ["None", "TransactionConflict"]
    assert world.counted is None


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.LATE, Fault.RESET_AFTER])
def test_transaction_when_boto_repeats_it_runs_once(fault: Fault) -> None:
    world = World(fault)

    response = world.run(_transaction(world))

    assert response["ResponseMetadata"]["RetryAttempts"] == 1
    assert world.counted == 1
    with pytest.raises(world.dynamodb.exceptions.TransactionCanceledException):
        world.run(_transaction(world))


def test_read_when_it_is_stale_shows_what_was_there_before_the_lag() -> None:
    world = World()
    key = {"row": {"S": "r1"}}
    world.put(waiting={"S": "yes"})
    world.scheduler.run(until=START + 10)
    world.put("r1", edition={"N": "1"})
    world.put("r1", edition={"N": "2"})
    world.put("r2", waiting={"S": "yes"})

    def read() -> list[Any]:
        client = world.dynamodb
        world.faults[:] = [Fault.STALE] * 5
        batch = client.batch_get_item(RequestItems={"Rows": {"Keys": [key]}})
        query = {
            "TableName": "Rows",
            "IndexName": "waiting",
            "KeyConditionExpression": "waiting = :yes",
            "ExpressionAttributeValues": {":yes": {"S": "yes"}},
        }
        return [
            client.get_item(TableName="Rows", Key=key).get("Item", {}).get("edition"),
            client.get_item(TableName="Rows", Key={"row": {"S": "r2"}}).get("Item"),
            [item.get("edition") for item in batch["Responses"]["Rows"]],
            [item["row"]["S"] for item in client.query(**query)["Items"]],
            [item["row"]["S"] for item in client.scan(TableName="Rows")["Items"]],
            client.get_item(TableName="Rows", Key=key, ConsistentRead=True)["Item"]["edition"],
        ]

    assert world.run(read) == [None, None, [None], ["r1"], ["r1"], {"N": "2"}]
    world.scheduler.run(until=START + 20)
    late = world.run(read)
    assert late[0] == {"N": "2"}
    assert late[3] == ["r2"]
    assert sorted(late[4]) == ["r1", "r2"]


def test_client_when_too_many_calls_fail_stops_to_repeat_them_unlike_a_new_one() -> None:
    world = World()

    def fail() -> int:
        world.faults[:] = [Fault.SERVER_ERROR] * 3
        before = world.edges.calls["dynamodb", "UpdateItem"]
        with pytest.raises(ClientError):
            world.count()
        return world.edges.calls["dynamodb", "UpdateItem"] - before

    attempts = [world.run(fail) for _ in range(20)]
    world.dynamodb = world.dynamodb.new_client()

    assert (attempts[0], attempts[-1]) == (3, 1)
    assert world.run(fail) == 3


def test_call_once_when_an_attempt_fails_does_not_repeat_it() -> None:
    world = World(Fault.THROTTLED)
    request = {"TableName": "Rows", "Item": {"row": {"S": "r1"}}}

    with pytest.raises(ClientError):
        world.run(lambda: world.dynamodb.call_once("PutItem", request))

    assert world.edges.calls["dynamodb", "PutItem"] == 1


def test_equal_seeds_when_faults_are_planned_give_equal_times() -> None:
    def end() -> float:
        scheduler = Scheduler(START)
        faults = PlannedFaults([(START, "dynamodb", Fault.THROTTLED)] * 2)
        dynamodb = DynamoDB(TABLES, Edges(scheduler, Random(3), faults, {}), Random(5))
        scheduler.spawn("w", lambda: dynamodb.put_item(TableName="Rows", Item={"row": {"S": "r"}}))
        scheduler.run()
        return scheduler.now

    assert end() == end()
