"""A world of the soak test as a whole: a change of a partner travels to its row on the portal."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson
import pytest
from standardwebhooks import Webhook

from soak.kernel.edges import Fault, PlannedFaults, RatedFaults
from soak.world import START, World

PARTNER = "GC070000000101"


def put_partner(world: World, name: str) -> None:
    """Create or change a partner, whose events arrive as signed webhooks."""
    partner = {
        "id": PARTNER,
        "name": name,
        "status": "active",
        "role": "supplier",
        "externalIds": [],
        "communities": [],
    }
    known = world.grid.version("partners", PARTNER)
    for event in world.grid.put("partners", {"id": PARTNER, "name": name} if known else partner):
        world.scheduler.after(0.1, lambda event=event: post_webhook(world, event))  # type: ignore[misc]


def post_webhook(world: World, event: Mapping[str, Any]) -> None:
    body, now = orjson.dumps(event), world.scheduler.now
    (secret,) = world.rotation.hub_secrets
    at = datetime.fromtimestamp(int(now), UTC)
    headers = {
        "content-type": "application/json",
        "webhook-id": str(event["id"]),
        "webhook-timestamp": str(int(now)),
        "webhook-signature": Webhook(secret).sign(str(event["id"]), at, body.decode()),
    }
    world.functions.post_webhook("trading_grid_webhook", headers, body)


def new_world(seed: str = "1", **named: Any) -> World:
    """A world without schedules."""
    world = World(seed, **named)
    world.mappings.start()
    return world


def row(world: World) -> Mapping[str, Any] | None:
    return world.wix.rows("PartnerStatus").get(PARTNER)


def test_change_of_a_partner_travels_from_the_webhook_to_the_row() -> None:
    with new_world() as world:
        put_partner(world, "First")
        assert world.run_until_quiet(60)
        first = row(world)
        put_partner(world, "Second")
        assert world.run_until_quiet(60)
        second = row(world)

    assert first is not None
    assert second is not None
    assert (first["partnerName"], second["partnerName"]) == ("First", "Second")
    assert world.functions.unhandled == []
    assert world.dead_letters() == {}


@pytest.mark.parametrize("kept", [True, False])
def test_world_when_its_journal_is_not_kept_calls_as_often_and_stores_nothing_of_it(
    kept: bool,
) -> None:
    with new_world(journal=kept) as world:
        put_partner(world, "First")
        assert world.run_until_quiet(60)
        calls = world.edges.calls["dynamodb", "BatchWriteItem"]
        entries = len([*world.dynamodb.items("JournalTable")])

    assert calls > 0
    assert bool(entries) is kept


@pytest.mark.parametrize("edge", ["dynamodb", "trading_grid", "wix", "sqs"])
@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_change_when_its_worker_is_killed_arrives_after_the_redelivery(
    edge: str, fault: Fault
) -> None:
    with new_world() as world:
        world.edges.faults = PlannedFaults([(START + 2.5, edge, fault)])
        put_partner(world, "First")
        assert world.run_until_quiet(3600)
        found = row(world)

    kills = sum(counts.get("kills", 0) for counts in world.functions.counts.values())
    assert kills == 1
    assert found is not None
    assert found["partnerName"] == "First"


def test_change_when_its_worker_is_killed_in_the_middle_takes_the_visibility_timeout() -> None:
    with new_world() as world:
        put_partner(world, "First")
        while not (killed := world.functions.kill_one("status_publisher")):
            world.run(0.5)
        world.run(300)
        early = row(world)
        world.run(100)
        late = row(world)

    assert killed.function == "status_publisher"
    assert early is None
    assert late is not None


@pytest.mark.parametrize("secret", ["hub", "site", "app", "gateway", "api"])
def test_secret_when_it_is_rotated_is_read_again(secret: str) -> None:
    with new_world() as world:
        put_partner(world, "First")
        assert world.run_until_quiet(60)
        world.rotation.rotate(secret)
        # A webhook that is refused is sent again by its sender.
        world.run(31)
        put_partner(world, "Second")
        world.run_until_quiet(600)
        found = row(world)

    assert found is not None
    assert found["partnerName"] == "Second"


def test_schedules_when_the_world_begins_bring_what_no_webhook_has_brought() -> None:
    with World("1") as world:
        world.begin()
        world.run(130)
        world.grid.put(
            "partners",
            {
                "id": PARTNER,
                "name": "First",
                "status": "active",
                "role": "supplier",
                "externalIds": [],
                "communities": [],
            },
        )
        world.run(130)
        found = row(world)

    assert found is not None
    assert world.edges.calls["trading_grid", "GET events"] >= 2


def story_of(seed: str) -> str:
    """A digest of all that happens in a small storm."""
    rates = {
        Fault.THROTTLED: 0.05,
        Fault.ANSWER_LOST: 0.05,
        Fault.LATE: 0.02,
        Fault.KILLED_AFTER: 0.01,
    }
    edges = ("dynamodb", "trading_grid", "wix", "sqs", "events")
    faults = RatedFaults(Random(seed), dict.fromkeys(edges, rates), START + 600)
    digest = hashlib.sha256()
    with new_world(seed, faults=faults) as world:
        world.wix.on_write.append(
            lambda *write: digest.update(repr((world.scheduler.now, write)).encode())
        )
        for number in range(5):
            put_partner(world, f"Name {number}")
            world.run(3)
        world.run(1200)
        digest.update(repr(sorted(world.edges.calls.items())).encode())
        digest.update(repr(world.functions.counts).encode())
    return digest.hexdigest()


def test_worlds_when_their_seeds_are_equal_are_equal() -> None:
    assert story_of("1") == story_of("1")
    assert story_of("1") != story_of("2")
