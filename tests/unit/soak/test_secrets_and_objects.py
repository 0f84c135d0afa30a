"""S3 and Secrets Manager of the soak test, and the signed calls of the webhooks' functions."""

import json
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gridwix.activity_publisher.count_store import S3CountStore
from gridwix.clients.aws.edge import claim_key, get_secret, put_event, put_once
from gridwix.clients.aws.secrets import SecretStore
from gridwix.clients.aws.signed import SignedCaller
from gridwix.errors import ConfigurationError, NotFound, Throttled, Unavailable, UpstreamError
from gridwix.models.key_claims import KeyClaim
from gridwix.reconciler.report_bucket import S3Documents
from soak.cloud.boto_calls import client_error
from soak.cloud.bus import EVENTS, Bus
from soak.cloud.objects import Objects
from soak.cloud.secret_values import SecretValues
from soak.cloud.signed import signed_call
from soak.kernel.edges import Fault
from tests.unit.soak.cloud_world import START, CloudWorld, template

CARRIED_OUT = {Fault.ANSWER_LOST, Fault.RESET_AFTER, Fault.LATE}


def objects_of(world: CloudWorld) -> Any:
    return Objects(template(), world.edges, Random(1))


def secrets_of(world: CloudWorld) -> SecretValues:
    return SecretValues(template(), world.edges, Random(1), {"WixCredentials": {"apiKey": "one"}})


def test_products_documents_when_written_are_read_again() -> None:
    world = CloudWorld()
    client = objects_of(world)
    documents = S3Documents(client, "reportbucket")

    documents.write("runs/1", "text")

    assert documents.read_document("runs/1") == "text"
    assert documents.read_document("runs/2") is None
    assert list(client.items("reportbucket")) == [("runs/1", b"text")]


def test_products_counts_when_there_are_none_are_not_found() -> None:
    client = objects_of(CloudWorld())

    assert S3CountStore(client, "reportbucket").read_index("activity/index/x.gz") is None
    with pytest.raises(ClientError, match="NoSuchBucket"):
        client.get_object(Bucket="x", Key="y")


def test_object_when_its_body_breaks_off_is_unavailable_to_the_product() -> None:
    world = CloudWorld([("s3", Fault.PARTIAL)])
    client = objects_of(world)
    client.put_object(Bucket="reportbucket", Key="k", Body=b"text", ContentType="text/plain")

    with pytest.raises(Unavailable):
        world.run(lambda: S3Documents(client, "reportbucket").read_document("k"))


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.SERVER_ERROR, Fault.REQUEST_LOST])
def test_object_when_an_attempt_fails_is_read_all_the_same(fault: Fault) -> None:
    world = CloudWorld([("s3", fault)] * 2)
    client = objects_of(world)
    client.put_object(Bucket="reportbucket", Key="k", Body=b"text", ContentType="text/plain")

    assert world.run(lambda: S3Documents(client, "reportbucket").read_document("k")) == "text"


def test_secret_when_rotated_has_its_new_value_but_for_a_stale_read() -> None:
    world = CloudWorld([("secrets", Fault.STALE)])
    secrets = secrets_of(world)
    client: Any = secrets
    secrets.rotate("WixCredentials", {"apiKey": "two"})
    secrets.rotate("WixCredentials", {"apiKey": "three"})

    def read() -> str:
        key: str = SecretStore(client, time.time).get("WixCredentials")["apiKey"]
        return key

    assert world.run(read) == "two"
    assert read() == "three"
    assert secrets.value("WixCredentials") == {"apiKey": "three"}


def test_secret_when_it_has_no_value_is_not_found() -> None:
    client: Any = secrets_of(CloudWorld())

    with pytest.raises(ConfigurationError, match="secret WixAutomation does not exist"):
        SecretStore(client, time.time).get("WixAutomation")
    with pytest.raises(ValueError, match="no secret Typo"):
        client.rotate("Typo", {})


class _Table:
    """A table for conditional puts, in the place of DynamoDB's model."""

    def __init__(self, world: CloudWorld) -> None:
        self._world = world
        self.items: dict[str, Any] = {}

    def call_once(self, operation: str, request: Any) -> dict[str, Any]:
        def carry_out(fault: Fault | None) -> dict[str, Any]:
            key = request["Item"]["id"]["S"]
            if key in self.items:
                members = {"Item": self.items[key]}
                code = "ConditionalCheckFailedException"
                raise client_error(operation, code, "The condition failed", 400, members)
            self.items[key] = request["Item"]
            return {"ResponseMetadata": {"HTTPStatusCode": 200}}

        def fail(fault: Fault) -> dict[str, Any]:
            EVENTS.fail(operation, fault)

        return self._world.edges.cross("dynamodb", operation, carry_out, fail, refusals=ClientError)


class _Edge:
    """A world with the stand-in of ``SignedCaller.call`` in place."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, faults: list[tuple[str, Fault]] | None = None
    ) -> None:
        self.world = CloudWorld(faults or [])
        self.table = _Table(self.world)
        bus = Bus(template(), self.world.queues, self.world.edges)
        stand_in = signed_call(self.table, bus, secrets_of(self.world), self.world.edges)
        monkeypatch.setattr(SignedCaller, "call", stand_in)
        self.caller = SignedCaller({"AWS_REGION": "us-east-1"})

    def put(self) -> None:
        put_event(
            self.caller,
            "Bus",
            source="gridwix.trading_grid",
            detail_type="request.updated",
            detail_json='{"number":1}',
            time=START,
        )

    def arrived(self) -> int:
        return self.world.queues.depth("RequestPublisherQueue")

    def run(self, *jobs: Callable[[], Any]) -> list[Any]:
        found: list[Any] = self.world.run(lambda: [job() for job in jobs])
        return found


def test_signed_calls_when_nothing_fails_reach_the_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edge = _Edge(monkeypatch)

    edge.run(edge.put)
    secret = get_secret(edge.caller, "WixCredentials")
    first = put_once(edge.caller, "T", {"id": "a"}, ttl_seconds=1, now=START)
    second = put_once(edge.caller, "T", {"id": "a"}, ttl_seconds=1, now=START)

    assert edge.arrived() == 1
    assert json.loads(secret) == {"apiKey": "one"}
    assert (first, second) == (True, False)
    with pytest.raises(NotFound):
        get_secret(edge.caller, "WixAutomation")


@pytest.mark.parametrize(
    ("fault", "kind", "ambiguous", "seconds"),
    [
        (Fault.THROTTLED, Throttled, None, 0.0),
        (Fault.SERVER_ERROR, Unavailable, False, 0.0),
        (Fault.PARTIAL, UpstreamError, None, 0.0),
        (Fault.NOT_CONNECTED, Unavailable, False, 0.0),
        (Fault.RESET_BEFORE, Unavailable, True, 0.0),
        (Fault.RESET_AFTER, Unavailable, True, 0.0),
        (Fault.REQUEST_LOST, Unavailable, True, 2.0),
        (Fault.ANSWER_LOST, Unavailable, True, 2.0),
        (Fault.LATE, Unavailable, True, 2.0),
    ],
)
def test_signed_call_when_it_fails_raises_what_the_real_one_raises(
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    kind: type[Exception],
    ambiguous: bool | None,
    seconds: float,
) -> None:
    edge = _Edge(monkeypatch, [("events", fault)])
    ended: list[float] = []

    def put() -> None:
        try:
            edge.put()
        finally:
            ended.append(edge.world.scheduler.now - START)

    with pytest.raises(kind) as error:
        edge.run(put)

    if ambiguous is not None:
        assert getattr(error.value, "ambiguous", None) is ambiguous
    assert edge.arrived() == (fault in CARRIED_OUT)
    assert edge.world.edges.calls["events", "PutEvents"] == 1
    assert seconds <= ended[0] < seconds + 0.02


@pytest.mark.parametrize(("fault", "sent"), [(Fault.RESET_BEFORE, 1), (Fault.RESET_AFTER, 2)])
def test_signed_call_when_a_reused_connection_breaks_is_repeated_once(
    monkeypatch: pytest.MonkeyPatch, fault: Fault, sent: int
) -> None:
    edge = _Edge(monkeypatch)
    edge.run(edge.put)
    edge.world.edges.faults = CloudWorld([("events", fault)]).edges.faults

    edge.run(edge.put)

    assert edge.arrived() == 1 + sent


def test_signed_call_when_its_connection_was_idle_for_long_opens_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edge = _Edge(monkeypatch)
    edge.run(edge.put)
    edge.world.wait(15)
    edge.world.edges.faults = CloudWorld([("events", Fault.RESET_BEFORE)]).edges.faults

    with pytest.raises(Unavailable, match="ConnectionResetError"):
        edge.run(edge.put)


def test_products_claim_when_the_reused_connection_broke_knows_its_own_item(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edge = _Edge(monkeypatch)
    edge.run(lambda: claim_key(edge.caller, "T", "other", lease_seconds=60, now=START))
    edge.world.edges.faults = CloudWorld([("dynamodb", Fault.RESET_AFTER)]).edges.faults

    claims = edge.run(lambda: claim_key(edge.caller, "T", "key", lease_seconds=60, now=START))

    assert claims == [KeyClaim.GRANTED]
    assert edge.world.edges.calls["dynamodb", "PutItem"] == 3


def test_signed_call_when_its_payload_is_no_json_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edge = _Edge(monkeypatch)

    with pytest.raises(TypeError):
        put_event(
            edge.caller,
            "Bus",
            source="s",
            detail_type="t",
            detail_json=b"{}",  # type: ignore[arg-type]
            time=START,
        )
