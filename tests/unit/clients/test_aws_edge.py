"""Calls of the edge functions to AWS, against moto's AWS behind a real HTTP server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from moto import mock_aws

from gridwix.clients.aws.edge import claim_key, confirm_key, get_secret, put_event, release_key
from gridwix.clients.aws.secret_cache import SecretCache
from gridwix.clients.aws.signed import SignedCaller
from gridwix.errors import ConfigurationError, NotFound, Throttled, Unavailable
from gridwix.models.key_claims import KeyClaim
from ops.waiting import STANDSTILL
from tests import factories
from tests.fakes.aws import REGION
from tests.fakes.aws_server import AwsServer, answer, aws_server, carry_out, carry_out_and_hang_up

NOW = 1_780_000_000.4
TABLE = "seen"
BUS = "gridwix"


@pytest.fixture
def server() -> Iterator[AwsServer]:
    with mock_aws(), aws_server() as running:
        yield running


@pytest.fixture
def caller(server: AwsServer) -> SignedCaller:
    keys = {
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    return SignedCaller({**keys, "AWS_ENDPOINT_URL": server.url}, timeout=STANDSTILL)


@pytest.fixture
def table(server: AwsServer) -> Any:
    return boto3.resource("dynamodb", region_name=REGION).create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )


def put_change(caller: SignedCaller) -> None:
    change = factories.change()
    put_event(
        caller,
        BUS,
        source="gridwix.trading_grid",
        detail_type=change.type,
        detail_json=change.model_dump_json(by_alias=True, exclude_none=True),
        time=change.occurred_at.timestamp(),
    )


def test_get_secret_reads_its_text(caller: SignedCaller) -> None:
    boto3.client("secretsmanager", region_name=REGION).create_secret(
        Name="gridwix/wix", SecretString='{"apiKey":"ü"}'
    )

    assert get_secret(caller, "gridwix/wix") == '{"apiKey":"ü"}'


def test_get_secret_that_does_not_exist_is_not_found(caller: SignedCaller) -> None:
    with pytest.raises(NotFound):
        get_secret(caller, "gridwix/wix")


def test_get_secret_without_text_is_a_configuration_error(
    caller: SignedCaller, server: AwsServer
) -> None:
    server.behaviours.append(answer(200, b'{"SecretBinary":"c2VzYW1l"}'))

    with pytest.raises(ConfigurationError, match="gridwix/wix"):
        get_secret(caller, "gridwix/wix")


def test_secret_cache_works_at_the_edge_too(caller: SignedCaller, server: AwsServer) -> None:
    boto3.client("secretsmanager", region_name=REGION).create_secret(
        Name="gridwix/wix", SecretString='{"apiKey":"one"}'
    )
    cache = SecretCache(partial(get_secret, caller), lambda: NOW)

    assert cache.get("gridwix/wix") == cache.get("gridwix/wix") == {"apiKey": "one"}
    assert len(server.received) == 1


def test_put_event_reaches_a_rules_target(caller: SignedCaller) -> None:
    events, sqs = (
        boto3.client("events", region_name=REGION),
        boto3.client("sqs", region_name=REGION),
    )
    queue = sqs.create_queue(QueueName="status")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    events.create_event_bus(Name=BUS)
    events.put_rule(
        Name="status",
        EventBusName=BUS,
        EventPattern=json.dumps({"detail-type": [factories.change().type]}),
    )
    events.put_targets(Rule="status", EventBusName=BUS, Targets=[{"Id": "1", "Arn": arn}])

    put_change(caller)

    envelope = json.loads(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    assert envelope["source"] == "gridwix.trading_grid"
    assert envelope["time"].startswith("2026-03-12T14:05:31")
    assert envelope["detail"] == factories.change().model_dump(
        mode="json", by_alias=True, exclude_none=True
    )


def test_put_event_says_when_the_event_occurred(caller: SignedCaller, server: AwsServer) -> None:
    server.behaviours.append(answer(200, b'{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}'))

    put_change(caller)

    assert server.received[0].payload["Entries"][0]["Time"] == factories.NOW.timestamp()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            b'{"FailedEntryCount":1,"Entries":[{"ErrorCode":"ThrottlingException","ErrorMessage":"no"}]}',
            Throttled,
        ),
        (
            b'{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure","ErrorMessage":"no"}]}',
            Unavailable,
        ),
        (b'{"FailedEntryCount":1,"Entries":[]}', Unavailable),
        (b"{}", Unavailable),
    ],
)
def test_put_event_that_the_bus_refuses_inside_a_200_answer_raises(
    body: bytes, error: type[Exception], caller: SignedCaller, server: AwsServer
) -> None:
    server.behaviours.append(answer(200, body))

    with pytest.raises(error):
        put_change(caller)


def claim(caller: SignedCaller, key: str, now: float = NOW, table: str = TABLE) -> KeyClaim:
    return claim_key(caller, table, key, lease_seconds=15, now=now)


def test_claim_is_granted_once_until_its_lease_ends(caller: SignedCaller, table: Any) -> None:
    assert claim(caller, "msg_1") is KeyClaim.GRANTED
    assert claim(caller, "msg_1", NOW + 14) is KeyClaim.HELD
    assert claim(caller, "msg_2") is KeyClaim.GRANTED
    assert claim(caller, "msg_1", NOW + 15) is KeyClaim.GRANTED
    assert claim(caller, "msg_1", NOW + 29) is KeyClaim.HELD


def test_claim_of_a_confirmed_key_is_done_until_that_is_forgotten(
    caller: SignedCaller, table: Any
) -> None:
    claim(caller, "msg_1")

    confirm_key(caller, TABLE, "msg_1", ttl_seconds=600, now=NOW)

    assert table.get_item(Key={"id": "msg_1"})["Item"]["expiration"] == int(NOW) + 600
    assert claim(caller, "msg_1", NOW + 599) is KeyClaim.DONE
    assert claim(caller, "msg_1", NOW + 600) is KeyClaim.GRANTED


def test_claim_of_a_released_key_is_granted_at_once(caller: SignedCaller, table: Any) -> None:
    claim(caller, "msg_1")

    release_key(caller, TABLE, "msg_1", now=NOW)

    assert claim(caller, "msg_1") is KeyClaim.GRANTED


def test_claim_of_a_key_of_a_release_that_confirmed_nothing_is_held(
    caller: SignedCaller, table: Any
) -> None:
    table.put_item(Item={"id": "msg_1", "expiration": int(NOW) + 600, "rememberedBy": "0" * 32})

    assert claim(caller, "msg_1") is KeyClaim.HELD


def test_claim_whose_answer_is_lost_on_a_kept_connection_is_granted(
    caller: SignedCaller, table: Any, server: AwsServer
) -> None:
    claim(caller, "msg_1")
    server.behaviours += [carry_out_and_hang_up, carry_out]

    assert claim(caller, "msg_2") is KeyClaim.GRANTED
    assert len(server.received) == 3


def test_claim_without_a_table_is_not_found(caller: SignedCaller) -> None:
    with pytest.raises(NotFound):
        claim(caller, "msg_1", table="no-such-table")


def test_edge_imports_nothing_heavy() -> None:
    code = (
        "import sys, gridwix.clients.aws.edge, gridwix.clients.aws.secret_cache;"
        " print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert "aws_sdk_signers" in loaded
    assert not {
        "boto3",
        "botocore",
        "pydantic",
        "pydantic_core",
        "httpx",
        "requests",
        "urllib3",
        "aws_lambda_powertools",
    } & set(loaded)
