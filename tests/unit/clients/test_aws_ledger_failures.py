"""The ledger in DynamoDB translates AWS's refusals and failures."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import ANY, Stubber

from gridwix.clients.aws.batches import ROUNDS
from gridwix.clients.aws.ledger import SETTLE_RETRIES, DynamoDBLedger
from gridwix.errors import Forbidden, Throttled, Unavailable
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.publication.models import Claim, Publication, RowKey, Versions
from tests.fakes.aws import as_client, create_table, dynamodb

NOW, UNTIL = 1000.0, 1090.0


def key(number: int) -> RowKey:
    return RowKey(CollectionId("PartnerStatus"), WixItemId(f"p{number}"))


def claims(count: int) -> list[Claim]:
    return [Claim(key(number), 0, Versions({"partners/p": 1})) for number in range(count)]


def publications(count: int) -> list[Publication]:
    return [Publication(key(number), Versions(), "hash", "evt") for number in range(count)]


@pytest.fixture
def stubbed() -> Iterator[tuple[DynamoDBLedger, Stubber]]:
    client = boto3.client(
        "dynamodb", region_name="eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    with Stubber(client) as stubber:
        yield DynamoDBLedger(client, "ledger"), stubber
        stubber.assert_no_pending_responses()


def cancel(stubber: Stubber, *codes: str) -> None:
    stubber.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        http_status_code=400,
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
    )


def accept(stubber: Stubber, count: int) -> None:
    stubber.add_response("transact_write_items", {}, {"TransactItems": [ANY] * count})


def test_claim_when_rows_fail_their_condition_tries_the_others_again_at_once(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    cancel(stubber, "None", "ConditionalCheckFailed", "None")
    accept(stubber, 2)

    granted = ledger.claim(claims(3), holder="a", now=NOW, until=UNTIL)

    assert granted == {key(0), key(2)}


@pytest.mark.parametrize(
    "code",
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "ValidationError"],
)
def test_claim_when_a_row_is_in_use_or_throttled_or_invalid_does_not_grant_it_this_time(
    code: str, stubbed: tuple[DynamoDBLedger, Stubber]
) -> None:
    ledger, stubber = stubbed
    cancel(stubber, "None", code)
    accept(stubber, 1)

    granted = ledger.claim(claims(2), holder="a", now=NOW, until=UNTIL)

    assert granted == {key(0)}


def test_claim_when_every_row_is_in_use_ends_after_one_call(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    cancel(stubber, "TransactionConflict", "TransactionConflict")

    assert ledger.claim(claims(2), holder="a", now=NOW, until=UNTIL) == frozenset()


def test_claim_when_one_more_row_fails_in_every_round_ends(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    for left in range(20, 8, -1):
        cancel(stubber, "ConditionalCheckFailed", *["None"] * (left - 1))

    assert ledger.claim(claims(20), holder="a", now=NOW, until=UNTIL) == frozenset()


def test_commit_when_another_transaction_is_in_flight_tries_again(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    cancel(stubber, "TransactionConflict", "None")
    cancel(stubber, "TransactionConflict", "ConditionalCheckFailed")
    accept(stubber, 1)

    assert ledger.commit(publications(2), holder="a") == {key(0)}


def test_commit_when_the_conflict_stays_gives_that_row_up_and_records_the_others(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    for _ in range(SETTLE_RETRIES + 1):
        cancel(stubber, "TransactionConflict", "None")
    accept(stubber, 1)

    assert ledger.commit(publications(2), holder="a") == {key(1)}


def test_claim_when_aws_fails_half_way_returns_what_was_granted(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    accept(stubber, 100)
    stubber.add_client_error("transact_write_items", "InternalServerError", http_status_code=500)

    granted = ledger.claim(claims(250), holder="a", now=NOW, until=UNTIL)

    assert granted == {key(number) for number in range(100)}


def test_claim_when_aws_fails_from_the_start_raises(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    stubber.add_client_error("transact_write_items", "ThrottlingException", http_status_code=400)

    with pytest.raises(Throttled) as raised:
        ledger.claim(claims(2), holder="a", now=NOW, until=UNTIL)

    assert (raised.value.system, raised.value.vendor_code) == ("aws", "ThrottlingException")


def test_claim_when_the_function_lacks_the_permission_raises_even_half_way(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    accept(stubber, 100)
    stubber.add_client_error("transact_write_items", "AccessDeniedException", http_status_code=400)

    with pytest.raises(Forbidden):
        ledger.claim(claims(200), holder="a", now=NOW, until=UNTIL)


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

    entries = ledger.read([key(0), key(1), key(2)])

    assert {row: entry.revision for row, entry in entries.items()} == {key(0): 1, key(1): 2}


def test_read_when_keys_stay_left_out_raises_throttled(
    stubbed: tuple[DynamoDBLedger, Stubber],
) -> None:
    ledger, stubber = stubbed
    rest = {"ledger": {"Keys": [{"row": {"S": "PartnerStatus#p0"}}], "ConsistentRead": True}}
    for _ in range(ROUNDS):
        stubber.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": rest})

    with pytest.raises(Throttled):
        ledger.read([key(0)])


def test_rows_are_read_and_written_a_hundred_at_a_time() -> None:
    with dynamodb() as tables:
        ledger = DynamoDBLedger(as_client(tables), create_table(tables, "row"))

        ledger.claim(claims(250), holder="a", now=NOW, until=UNTIL)
        entries = ledger.read([key(number) for number in range(250)])

        assert len(entries) == 250
        assert (tables.calls["transact_write_items"], tables.calls["batch_get_item"]) == (3, 3)


def test_large_version_vectors_are_spread_over_more_transactions() -> None:
    large = Versions({f"cases/{number:0100}": 1 for number in range(3000)})
    with dynamodb() as tables:
        ledger = DynamoDBLedger(as_client(tables), create_table(tables, "row"))

        granted = ledger.claim(
            [Claim(key(number), 0, large) for number in range(20)], holder="a", now=NOW, until=UNTIL
        )

        assert len(granted) == 20
        assert tables.calls["transact_write_items"] == 3


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
        if name == "transact_write_items" and pending:
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
