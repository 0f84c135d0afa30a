"""EventBridge of the soak test: delivery to queues, its faults, and schedules."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.errors import Throttled, Unavailable
from gridwix.models.events import Change
from soak.cloud.bus import USUAL, Bus, Deliveries
from soak.cloud.schedules import Schedules
from soak.kernel.edges import Fault
from tests.unit.soak.cloud_world import QUEUE, START, CloudWorld, template

NOW = datetime.fromtimestamp(START, UTC)
CASE_QUEUES = ("StatusPublisherQueue", "NoticePublisherQueue", "PartnerMessengerQueue")


def bus_of(world: CloudWorld, deliveries: Deliveries = USUAL) -> Bus:
    return Bus(template(), world.queues, world.edges, deliveries)


def entry(number: int = 1, **others: Any) -> dict[str, Any]:
    return {
        "EventBusName": "Bus",
        "Source": "gridwix.trading_grid",
        "DetailType": "case.updated",
        "Detail": f'{{"number": {number}}}',
        "Time": NOW,
        **others,
    }


def details(world: CloudWorld, queue: str = QUEUE) -> list[int]:
    return [json.loads(body)["detail"]["number"] for body in world.queues.bodies(queue)]


def test_event_when_put_reaches_the_queues_of_its_rules_in_its_envelope() -> None:
    world = CloudWorld()

    response = bus_of(world).put_events(Entries=[entry()])

    assert response["FailedEntryCount"] == 0
    reached = [name for name in world.queues.names if world.queues.depth(name)]
    assert reached == sorted(CASE_QUEUES)
    assert json.loads(world.queues.bodies(QUEUE)[0]) == {
        "version": "0",
        "id": response["Entries"][0]["EventId"],
        "detail-type": "case.updated",
        "source": "gridwix.trading_grid",
        "account": "000000000000",
        "time": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [],
        "detail": {"number": 1},
    }


def test_event_when_its_time_is_a_number_or_missing_has_it_in_its_envelope() -> None:
    world = CloudWorld()
    entries = [entry(Time=0.9), entry()]
    del entries[1]["Time"]

    bus_of(world).put_events(Entries=entries)

    times = [json.loads(body)["time"] for body in world.queues.bodies(QUEUE)]
    assert times == ["1970-01-01T00:00:00Z", NOW.strftime("%Y-%m-%dT%H:%M:%SZ")]


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.RESET_AFTER, Fault.LATE])
def test_events_when_the_response_is_lost_are_put_again_by_botocore(fault: Fault) -> None:
    world = CloudWorld([("events", fault)])
    bus = bus_of(world)

    world.run(lambda: bus.put_events(Entries=[entry(1), entry(2)]))

    assert sorted(details(world)) == [1, 1, 2, 2]


def test_events_when_every_response_is_lost_are_put_thrice_and_the_call_fails() -> None:
    world = CloudWorld([("events", Fault.ANSWER_LOST)] * 3)
    bus = bus_of(world)

    with pytest.raises(ReadTimeoutError):
        world.run(lambda: bus.put_events(Entries=[entry()]))

    assert details(world) == [1, 1, 1]


def test_events_when_some_entries_fail_are_named_by_their_places() -> None:
    world = CloudWorld([("events", Fault.PARTIAL)])
    bus = bus_of(world)

    response = world.run(lambda: bus.put_events(Entries=[entry(one) for one in range(10)]))

    failed = [n for n, one in enumerate(response["Entries"]) if "ErrorCode" in one]
    assert response["FailedEntryCount"] == len(failed)
    assert 1 < len(failed) < 10
    assert sorted(details(world) + failed) == list(range(10))


def test_products_bus_when_entries_fail_puts_them_again() -> None:
    world = CloudWorld([("events", Fault.PARTIAL)])
    client: Any = bus_of(world)
    changes = [
        Change(
            event_id=f"evt_{number}",
            type="case.updated",
            subject=f"cases/CA-{number}",
            occurred_at=NOW,
            company_id="GC00700011NR",
            via="feed",
        )
        for number in range(25)
    ]

    world.run(lambda: EventBridgeBus(client, "Bus").put(changes))

    found = [json.loads(body)["detail"]["eventId"] for body in world.queues.bodies(QUEUE)]
    assert sorted(found) == sorted(change.event_id for change in changes)
    assert world.edges.calls["events", "PutEvents"] == 4


@pytest.mark.parametrize(
    ("fault", "kind"), [(Fault.THROTTLED, Throttled), (Fault.SERVER_ERROR, Unavailable)]
)
def test_products_bus_when_the_call_is_refused_raises_its_own_error(
    fault: Fault, kind: type[Exception]
) -> None:
    world = CloudWorld([("events", fault)] * 3)
    client: Any = bus_of(world)
    change = Change(
        event_id="evt_1",
        type="case.updated",
        subject="cases/CA-1",
        occurred_at=NOW,
        company_id="GC00700011NR",
        via="feed",
    )

    with pytest.raises(kind):
        world.run(lambda: EventBridgeBus(client, "Bus").put([change]))


@pytest.mark.parametrize(
    "entries",
    [[], [entry()] * 11, [entry(Detail='{"a":"' + "x" * 550_000 + '"}')] * 2],
    ids=["none", "too many", "too large"],
)
def test_events_when_the_request_is_wrong_are_refused(entries: list[dict[str, Any]]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        bus_of(CloudWorld()).put_events(Entries=entries)


def test_event_when_it_is_malformed_fails_alone() -> None:
    world = CloudWorld()

    response = bus_of(world).put_events(Entries=[entry(Detail="{"), entry(Detail="[]"), entry(3)])

    codes = [one.get("ErrorCode") for one in response["Entries"]]
    assert codes == ["MalformedDetail", "MalformedDetail", None]
    assert details(world) == [3]


def test_event_when_its_bus_is_unknown_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no bus x"):
        bus_of(CloudWorld()).put_events(Entries=[entry(EventBusName="x")])


def test_events_when_delivered_late_and_twice_all_come() -> None:
    world = CloudWorld()
    bus = bus_of(world, Deliveries(late=0.3, twice=0.3, until=START + 60))

    for number in range(100):
        bus.put_events(Entries=[entry(number)])
    at_once = details(world)
    world.wait(120)

    found = details(world)
    assert set(found) == set(range(100))
    assert 40 < len(set(at_once)) < 90
    assert 110 < len(found) < 150
    bus.put_events(Entries=[entry(100)])
    assert details(world)[-1] == 100


def test_event_when_put_by_a_task_takes_a_moment() -> None:
    world = CloudWorld()
    bus = bus_of(world, replace(USUAL, latency=1.0))

    world.run(lambda: bus.put_events(Entries=[entry()]))

    assert world.queues[QUEUE].delayed == 1
    world.wait(1)
    assert world.queues[QUEUE].visible == 1


def test_schedules_when_started_send_at_their_rates() -> None:
    world = CloudWorld()
    schedules = Schedules(template(), world.queues, jitter=30)

    schedules.start()
    world.wait(86_400)
    schedules.stop()
    world.wait(3600)

    sent = {name: world.queues[name].sent for name in world.queues.names}
    assert sent["TradingGridFeedQueue"] == 1440
    assert sent["TransactionMonitorQueue"] == 288
    assert sent["ReconcilerQueue"] == 96 + 24 + 1 + 1
    assert sent["PortalRingerQueue"] == 0


def test_schedule_when_daily_sends_at_its_time_of_the_day() -> None:
    world = CloudWorld()
    Schedules(template(), world.queues).start()
    two = datetime(2027, 1, 16, 2, tzinfo=UTC).timestamp()

    world.scheduler.run(until=two - 1)
    assert '{"mode": "full"}' not in world.queues.bodies("ReconcilerQueue")
    world.wait(1)

    assert world.queues.bodies("ReconcilerQueue").count('{"mode": "full"}') == 1


def test_schedule_when_sent_twice_or_by_hand_sends_its_message() -> None:
    world = CloudWorld()
    schedules = Schedules(template(), world.queues, twice=1.0)
    schedules.send("FullReconcileTimer")
    assert world.queues.bodies("ReconcilerQueue") == ['{"mode": "full"}']

    schedules.start()
    world.wait(600)

    assert world.queues[("TradingGridFeedQueue")].sent == 20
