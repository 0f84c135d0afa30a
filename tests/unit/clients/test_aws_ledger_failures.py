"""The ledger in DynamoDB translates AWS's refusals and failures."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Lock, get_ident
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from gridwix.clients.aws.batches import ROUNDS
from gridwix.clients.aws.ledger import MAX_THROTTLED, SETTLE_RETRIES, WORKERS, DynamoDBLedger
from gridwix.errors import Forbidden, Throttled, Unavailable
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.publication.models import Claim, Publication, RowKey, Versions
from tests.fakes.aws import OneAtATime, as_client, create_table, dynamodb

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW, UNTIL = 1000.0, 1090.0


def key(number: int) -> RowKey:
    return RowKey(CollectionId("PartnerStatus"), WixItemId(f"p{number}"))


def claims(count: int) -> list[Claim]:
    return [Claim(key(number), 0, Versions({"partners/p": 1})) for number in range(count)]


def publications(count: int) -> list[Publication]:
    return [Publication(key(number), Versions(), "hash", "evt") for number in range(count)]


class Scripted:
    """moto's DynamoDB, whose next writes of a row fail with these errors, one each.

    ``errors`` are by row; ``requests`` are all writes, in the order of their arrival. ``gate`` is
    called with a row's number before its write; ``failed`` is set at the first error.
    """

    def __init__(self, tables: OneAtATime) -> None:
        self.errors: dict[str, list[ClientError]] = defaultdict(list)
        self.requests: list[Any] = []
        self.failed = Event()
        self.gate: Callable[[int], object] = lambda number: None
        self._tables = tables
        self._lock = Lock()

    def fail(self, number: int, *codes: str, status: int = 400, times: int = 1) -> None:
        self.errors[f"PartnerStatus#p{number}"] += [
            aws_answer(code, status) for code in codes * times
        ]

    def update_item(self, **request: Any) -> Any:
        self.gate(int(request["Key"]["row"]["S"].removeprefix("PartnerStatus#p")))
        with self._lock:
            self.requests.append(request)
            errors = self.errors[request["Key"]["row"]["S"]]
            error = errors.pop(0) if errors else None
        if error is not None:
            self.failed.set()
            raise error
        return self._tables.update_item(**request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)


def aws_answer(code: str, status: int = 400, **members: Any) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": 0},
        **members,
    }
    return ClientError(response, "UpdateItem")


@pytest.fixture
def scripted(tables: OneAtATime) -> tuple[DynamoDBLedger, Scripted]:
    client = Scripted(tables)
    return DynamoDBLedger(cast("DynamoDBClient", client), create_table(tables, "row")), client


@pytest.fixture
def stubbed() -> Iterator[tuple[DynamoDBLedger, Stubber]]:
    client = boto3.client(
        "dynamodb", region_name="eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    with Stubber(client) as stubber:
        yield DynamoDBLedger(client, "ledger"), stubber
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    "code",
    [
        "TransactionConflictException",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "ValidationException",
    ],
)
def test_claim_when_a_row_is_in_use_or_throttled_or_invalid_does_not_grant_it_this_time(
    code: str, scripted: tuple[DynamoDBLedger, Scripted]
) -> None:
    ledger, client = scripted
    client.fail(1, code)

    granted = ledger.claim(claims(3), holder="a", now=NOW, until=UNTIL)

    assert granted == {key(0), key(2)}
    assert len(client.requests) == 3


def test_claim_when_every_row_is_in_use_ends_after_one_call_per_row(
    scripted: tuple[DynamoDBLedger, Scripted],
) -> None:
    ledger, client = scripted
    for number in range(2):
        client.fail(number, "TransactionConflictException")

    assert ledger.claim(claims(2), holder="a", now=NOW, until=UNTIL) == frozenset()
    assert len(client.requests) == 2


def test_commit_when_a_transaction_is_in_flight_tries_again(
    scripted: tuple[DynamoDBLedger, Scripted],
) -> None:
    ledger, client = scripted
    ledger.claim(claims(2), holder="a", now=NOW, until=UNTIL)
    client.fail(0, "TransactionConflictException", times=SETTLE_RETRIES)

    assert ledger.commit(publications(2), holder="a") == {key(0), key(1)}


def test_commit_when_the_conflict_stays_gives_that_row_up_and_records_the_others(
    scripted: tuple[DynamoDBLedger, Scripted],
) -> None:
    ledger, client = scripted
    ledger.claim(claims(2), holder="a", now=NOW, until=UNTIL)
    client.fail(0, "TransactionConflictException", times=SETTLE_RETRIES + 1)

    assert ledger.commit(publications(2), holder="a") == {key(1)}


def test_claim_when_aws_fails_half_way_returns_what_was_granted_and_writes_no_further(
    scripted: tuple[DynamoDBLedger, Scripted],
) -> None:
    ledger, client = scripted
    for number in range(100, 250):
        client.fail(number, "InternalServerError", status=500)

    granted = ledger.claim(claims(250), holder="a", now=NOW, until=UNTIL)

    assert granted == set(ledger.read_entries([key(number) for number in range(250)]))
    assert 0 < len(granted) <= 100
    assert len(client.requests) <= len(granted) + WORKERS


@pytest.mark.threads
def test_claim_when_aws_fails_for_one_worker_stops_the_others(
    scripted: tuple[DynamoDBLedger, Scripted],
) -> None:
    ledger, client = scripted
    client.fail(WORKERS, "InternalServerError", status=500)
    # The other workers wait after their first row until the failure has happened.
    client.gate = lambda number: number <= WORKERS or client.failed.wait()

    granted = ledger.claim(claims(1000), holder="a", now=NOW, until=UNTIL)

    assert key(0) in granted
    assert len(client.requests) < 500


def test_claim_when_rows_stay_throttled_writes_no_further(
    scripted: tuple[DynamoDBLedger, Scripted],
) -> None:
    ledger, client = scripted
    for number in range(4, 1000):
        client.fail(number, "ThrottlingException")

    granted = ledger.claim(claims(1000), holder="a", now=NOW, until=UNTIL)

    assert granted <= {key(number) for number in range(4)}
    assert len(client.requests) <= 4 + WORKERS * MAX_THROTTLED


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_claim_when_every_row_is_throttled_raises(
    rows: int, scripted: tuple[DynamoDBLedger, Scripted]
) -> None:
    ledger, client = scripted
    for number in range(rows):
        client.fail(number, "ThrottlingException")

    with pytest.raises(Throttled) as raised:
        ledger.claim(claims(rows), holder="a", now=NOW, until=UNTIL)

    assert (raised.value.system, raised.value.vendor_code) == ("aws", "ThrottlingException")


def test_claim_when_the_function_lacks_the_permission_raises_even_half_way(
    scripted: tuple[DynamoDBLedger, Scripted],
) -> None:
    ledger, client = scripted
    client.fail(150, "AccessDeniedException")

    with pytest.raises(Forbidden):
        ledger.claim(claims(200), holder="a", now=NOW, until=UNTIL)


def test_claim_and_commit_that_boto3_repeats_after_a_lost_response_count() -> None:
    with dynamodb() as tables:
        client = RepeatedOnce(tables)
        ledger = DynamoDBLedger(cast("DynamoDBClient", client), create_table(tables, "row"))

        granted = ledger.claim(claims(2), holder="a", now=NOW, until=UNTIL)
        recorded = ledger.commit(publications(2), holder="a")

    assert granted == recorded == {key(0), key(1)}


def test_claim_that_boto3_repeats_after_another_holder_won_is_not_granted() -> None:
    with dynamodb() as tables:
        table = create_table(tables, "row")
        DynamoDBLedger(as_client(tables), table).claim(claims(1), holder="a", now=NOW, until=UNTIL)
        ledger = DynamoDBLedger(cast("DynamoDBClient", RepeatedOnce(tables)), table)

        granted = ledger.claim(claims(1), holder="b", now=NOW, until=UNTIL)
        recorded = ledger.commit(publications(1), holder="b")

    assert granted == recorded == frozenset()


class RepeatedOnce:
    """moto's DynamoDB, as boto3 shows it when the first response of every write is lost."""

    def __init__(self, tables: OneAtATime) -> None:
        self._tables = tables

    def update_item(self, **request: Any) -> Any:
        with suppress(ClientError):
            self._tables.update_item(**request)
        try:
            return self._tables.update_item(**request)
        except ClientError as error:
            error.response["ResponseMetadata"]["RetryAttempts"] = 1
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)


def test_read_when_keys_are_left_out_asks_for_them_again(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    rest = {"ledger": {"Keys": [{"row": {"S": "PartnerStatus#p1"}}], "ConsistentRead": True}}
    first = {"row": {"S": "PartnerStatus#p0"}, "revision": {"N": "1"}}
    second = {"row": {"S": "PartnerStatus#p1"}, "revision": {"N": "2"}}
    stubber.add_response(
        "batch_get_item", {"Responses": {"ledger": [first]}, "UnprocessedKeys": rest}
    )
    stubber.add_response(
        "batch_get_item", {"Responses": {"ledger": [second]}}, {"RequestItems": rest}
    )

    entries = ledger.read_entries([key(0), key(1), key(2)])

    assert {row: entry.revision for row, entry in entries.items()} == {key(0): 1, key(1): 2}


def test_read_when_keys_stay_left_out_raises_throttled(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    rest = {"ledger": {"Keys": [{"row": {"S": "PartnerStatus#p0"}}], "ConsistentRead": True}}
    for _ in range(ROUNDS):
        stubber.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": rest})

    with pytest.raises(Throttled):
        ledger.read_entries([key(0)])


def test_rows_are_read_a_hundred_at_a_time_and_written_one_by_one() -> None:
    with dynamodb() as tables:
        ledger = DynamoDBLedger(as_client(tables), create_table(tables, "row"))

        ledger.claim(claims(250), holder="a", now=NOW, until=UNTIL)
        entries = ledger.read_entries([key(number) for number in range(250)])

        assert len(entries) == 250
        assert (tables.calls["update_item"], tables.calls["batch_get_item"]) == (250, 3)


@pytest.mark.threads
def test_write_of_a_single_row_starts_no_thread_and_of_many_rows_few() -> None:
    threads: set[int] = set()
    with dynamodb() as tables:
        ledger = DynamoDBLedger(as_client(tables), create_table(tables, "row"))
        tables.before_call = lambda _: threads.add(get_ident())

        ledger.claim(claims(1), holder="a", now=NOW, until=UNTIL)
        of_one = set(threads)
        ledger.commit(publications(100), holder="a")

    assert of_one == {get_ident()}
    assert len(threads - of_one) <= WORKERS


def test_answer_that_never_came_is_unavailable_and_ambiguous() -> None:
    def time_out(name: str) -> None:
        raise ReadTimeoutError(endpoint_url="https://dynamodb")

    with dynamodb() as tables:
        ledger = DynamoDBLedger(as_client(tables), create_table(tables, "row"))
        tables.before_call = time_out

        with pytest.raises(Unavailable) as raised:
            ledger.commit(publications(1), holder="a")

    assert raised.value.ambiguous


def interrupt_once(action: Callable[[], Any]) -> Callable[[str], None]:
    pending = [action]

    def before_call(name: str) -> None:
        if name == "update_item" and pending:
            pending.pop()()

    return before_call


def test_claim_that_loses_a_race_after_reading_is_not_granted() -> None:
    with dynamodb() as tables:
        table = create_table(tables, "row")
        slow, fast = (
            DynamoDBLedger(as_client(tables), table),
            DynamoDBLedger(as_client(tables), table),
        )
        tables.before_call = interrupt_once(
            lambda: fast.claim(claims(1), holder="fast", now=NOW, until=UNTIL)
        )

        granted = slow.claim(claims(2), holder="slow", now=NOW, until=UNTIL)

        assert granted == {key(1)}
        assert fast.commit(publications(2), holder="fast") == {key(0)}
