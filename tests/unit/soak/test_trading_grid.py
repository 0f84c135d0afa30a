"""The model of Trading Grid: what the emulator has not, such as faults of the network and lag."""

import base64
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
import pytest

from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.lens import LensClient
from gridwix.errors import CursorExpired, RecordFault, Throttled, Unavailable, UpstreamError
from gridwix.mapping.cloud_events import KNOWN_TYPES
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.cases import NewCase
from gridwix.models.trading_grid.comments import NewComment
from soak.kernel.edges import Edges, Fault, PlannedFaults
from soak.kernel.tasks import Scheduler
from soak.trading_grid import Made, TradingGrid
from soak.trading_grid.event_types import changed_event
from soak.trading_grid.records import TimeIndex
from soak.trading_grid.spoiling import READABLE, UNREADABLE

START = 1_773_306_000.0
BASE = "https://grid.soak/community/v1"
P1 = PartnerId("p1")
TRANSPORT = [
    Fault.THROTTLED,
    Fault.SERVER_ERROR,
    Fault.NOT_CONNECTED,
    Fault.REQUEST_LOST,
    Fault.ANSWER_LOST,
    Fault.LATE,
    Fault.RESET_BEFORE,
    Fault.RESET_AFTER,
]
CARRIED_OUT = {Fault.ANSWER_LOST, Fault.LATE, Fault.RESET_AFTER}


class World:
    """A hub with partner p1 and its case c1, and clients of it."""

    def __init__(self, seed: int = 1) -> None:
        self.scheduler = Scheduler(START)
        self.faults = PlannedFaults([])
        self.grid = TradingGrid(Edges(self.scheduler, Random(seed), self.faults, {}), Random(seed))
        self.grid.access.credentials = {"key": ("secret",)}
        self.grid.put("partners", partner("p1"))
        self.grid.put("cases", case("c1"))
        secrets = {"consumerKey": "key", "consumerSecret": "secret"}
        url = "https://grid.soak"
        http = new_client(transport=httpx.MockTransport(self.grid.respond))
        auth = trading_grid_auth("apigrid", secrets, base_url=url, clock=self.now)
        wait = self.scheduler.sleep
        self.client = CommunityClient(http, auth, base_url=BASE, clock=self.now, sleep=wait)
        self.lens = LensClient(http, auth, base_url=url, clock=self.now, sleep=wait)
        # A token is there before anything fails.
        self.client.head()

    def now(self) -> float:
        """Unix seconds of virtual time."""
        return self.scheduler.now

    def run(self, act: Callable[[], Any], *faults: Fault) -> Any:
        """Let a worker make a call, the edge of which has faults. Returns its result or error."""
        for fault in faults:
            planned = PlannedFaults([(self.now(), "trading_grid", fault)])
            self.faults._waiting.setdefault("trading_grid", []).extend(
                planned._waiting["trading_grid"]
            )
        task = self.scheduler.spawn("worker", act)
        self.scheduler.run()
        return task.error or task.result


def partner(identifier: str, **more: Any) -> dict[str, Any]:
    return {"id": identifier, "name": "Acme", "role": "supplier", "status": "active", **more}


def case(identifier: str, **more: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "partnerId": "p1",
        "number": "TG-1",
        "subject": "ASN",
        "category": "access",
        "priority": "low",
        "status": "open",
        "transactionRefs": [],
        **more,
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("fault", TRANSPORT)
def test_write_when_its_call_fails_is_an_error_of_the_product_and_carried_out_as_the_fault_says(
    fault: Fault, seed: int
) -> None:
    world, made = World(seed), list[Made]()
    world.grid.on_made.append(made.append)
    new = NewCase(partner_id=P1, subject="x", category="access", priority="low")

    error = world.run(lambda: world.client.create_case(new, "key"), fault)

    # A connection that does not come about is tried again by the client.
    if fault is Fault.NOT_CONNECTED:
        assert error.id == made[0].document["id"]
    else:
        assert isinstance(error, Throttled if fault is Fault.THROTTLED else Unavailable)
        assert len(made) == (fault in CARRIED_OUT)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("fault", TRANSPORT)
def test_read_when_its_call_fails_is_an_error_of_the_product_or_read_again(
    fault: Fault, seed: int
) -> None:
    world = World(seed)

    found = world.run(lambda: world.client.cases([P1]), fault)

    assert isinstance(found, UpstreamError) or [one.id for one in found.records] == ["c1"]


def test_repeated_write_when_the_first_answer_was_lost_has_the_first_result() -> None:
    world, made = World(), list[Made]()
    world.grid.on_made.append(made.append)
    comment = NewComment(body="Hello")

    world.run(lambda: world.client.add_comment("c1", comment, "key"), Fault.ANSWER_LOST)
    world.run(lambda: world.client.add_comment("c1", comment, "key"))

    assert [(one.kind, one.record, one.version, one.key) for one in made] == [
        ("comment", "cases/c1", 2, "key")
    ]
    assert [one["body"] for one in world.grid.comments("cases", "c1")] == ["Hello"]
    world.scheduler.now += 86_401
    world.run(lambda: world.client.add_comment("c1", comment, "key"))
    assert len(made) == 2


def test_stale_read_when_the_change_is_young_may_show_the_version_before_and_else_never() -> None:
    world = World()
    world.scheduler.now += 1000
    world.grid.put("cases", {"id": "c1", "subject": "Changed"})
    world.grid.put("cases", case("c2"))

    young = [world.run(lambda: world.client.cases([P1]), Fault.STALE) for _ in range(20)]
    single = {world.run(lambda: world.client.record("cases/c2"), Fault.STALE) for _ in range(20)}
    world.scheduler.now += 61
    old = world.run(lambda: world.client.cases([P1]), Fault.STALE)

    shown = {tuple((one.id, one.version) for one in listing.records) for listing in young}
    assert (("c1", 1),) in shown
    assert shown <= {(("c1", 1),), (("c1", 2), ("c2", 1))}
    assert None in single
    assert [(one.id, one.version) for one in old.records] == [("c1", 2), ("c2", 1)]


@pytest.mark.parametrize("how", [*UNREADABLE, *READABLE])
def test_spoilt_record_when_it_is_listed_is_one_fault_among_good_records(how: str) -> None:
    world = World()
    world.grid.put("cases", case("c2"))
    world.grid.spoil("cases", "c1", how)

    listing = world.client.cases([P1])
    outcome = world.run(lambda: world.client.record("cases/c1"))

    ids = [one.id for one in listing.records]
    assert "c2" in ids
    assert ids == (["c2"] if how in UNREADABLE else ["c1", "c2"])
    assert isinstance(outcome, RecordFault) == (how in UNREADABLE)
    world.grid.mend("cases", "c1")
    assert not world.client.cases([P1]).faults


@pytest.mark.parametrize("how", ["type", "version", "moment", "null", "text"])
def test_spoilt_transaction_when_it_is_searched_is_a_fault(how: str) -> None:
    world = World()
    for number in range(3):
        world.grid.put_transaction({"transactionid": f"t{number}", "status": "F"})
    world.grid.spoil("transactions", "t1", how)

    listing = world.lens.entries_of(["t0", "t1", "t2"])

    assert [one.transaction_id for one in listing.records] == ["t0", "t2"]
    assert len(listing.faults) == 1


def test_feed_when_pages_come_twice_or_late_gives_each_event_at_last_in_order() -> None:
    world = World()
    cursor = world.client.head()
    seen: list[int] = []
    for number in range(200):
        world.scheduler.now += 1
        world.grid.put("cases", {"id": "c1", "subject": f"Subject {number}"})
        if number % 5 == 0:
            page = world.run(lambda at=cursor: world.client.read_events(at, 7), Fault.STALE)  # type: ignore[misc]
            cursor = page.next_cursor
            seen += [event["data"]["version"] for event in page.items]
    while (page := world.client.read_events(cursor, 200)).items:
        cursor = page.next_cursor
        seen += [event["data"]["version"] for event in page.items]

    assert len(seen) > len(set(seen))
    assert list(dict.fromkeys(seen)) == list(range(2, 202))


def test_feed_when_a_replica_lags_hides_young_events_alone() -> None:
    world = World()
    cursor = world.client.head()
    world.grid.put("cases", {"id": "c1", "subject": "Changed"})

    young = [world.run(lambda: world.client.read_events(cursor, 9), Fault.STALE) for _ in range(20)]
    world.scheduler.now += 61
    old = [world.run(lambda: world.client.read_events(cursor, 9), Fault.STALE) for _ in range(20)]

    assert {len(page.items) for page in young} == {0, 1}
    assert {len(page.items) for page in old} == {1}


def test_list_of_partners_when_it_has_pages_has_each_record_once_in_order() -> None:
    world = World()
    for number in range(9):
        world.grid.put("cases", case(f"d{number}"))
    cases = world.grid.community.collections["cases"]
    found: list[str] = []
    after = ("", "")
    while page := cases.select(["p1", "p1"], ["open"], "", after, 4):
        found += [record.id for record in page]
        after = (page[-1].updated, page[-1].id)

    assert found == ["c1", *(f"d{number}" for number in range(9))]


def test_transaction_when_its_time_has_not_come_is_not_found() -> None:
    world = World()
    world.grid.put_transaction({"transactionid": "t1", "status": "F"}, shown_after=90.0)

    assert world.lens.entries_of(["t1"]).records == []
    world.scheduler.now += 90
    assert len(world.lens.entries_of(["t1"]).records) == 1


@pytest.mark.parametrize(
    ("collection", "before", "changes", "event"),
    [
        ("cases", {"status": "open"}, {"deletedAt": "now"}, "case.updated"),
        ("cases", {"status": "open"}, {"status": "resolved"}, "case.status_changed"),
        ("cases", {"status": "open"}, {"assigneeTeam": {}}, "case.assigned"),
        ("partners", {"status": "active"}, {"name": "x"}, "partner.updated"),
        ("partners", {"status": "active"}, {"status": "suspended"}, "partner.status_changed"),
        ("compliance-checks", {"status": "failed"}, {"title": "x"}, "compliance.status_changed"),
        ("service-notices", {"status": "monitoring"}, {"status": "resolved"}, "notice.resolved"),
        ("service-notices", {"status": "resolved"}, {"title": "x"}, "notice.updated"),
        ("onboarding-programs", {}, {"steps": []}, "requirement.changed"),
        ("onboarding-programs", {}, {"name": "x", "steps": []}, "program.published"),
        ("documents", {"status": "draft"}, {"status": "published"}, "document.published"),
        ("documents", {"status": "published"}, {"currentVersion": 2}, "document.version_added"),
        ("documents", {"status": "published"}, {"status": "withdrawn"}, "document.withdrawn"),
        ("documents", {"status": "published"}, {"title": "x"}, "document.status_changed"),
        ("collaboration-requests", {}, {"routing": {}}, "request.routed"),
        ("collaboration-requests", {}, {"nextStep": "x"}, "request.status_changed"),
        ("enrollments", {}, {"targetGoLive": "x"}, "enrollment.status_changed"),
    ],
)
def test_change_when_the_hub_makes_it_has_the_event_of_the_profile(
    collection: str, before: dict[str, Any], changes: dict[str, Any], event: str
) -> None:
    assert changed_event(collection, before, changes) == event
    assert event in KNOWN_TYPES


def test_cursors_when_they_are_expired_are_refused_and_new_ones_taken() -> None:
    world = World()
    for number in range(201):
        world.grid.put("partners", partner(f"q{number}"))
    feed, (_, listing) = world.client.head(), world.client.partner_ids(None)
    dropped: list[dict[str, Any]] = []
    world.grid.on_dropped.append(dropped.append)
    world.client.read_events(feed, 10)
    world.grid.put("cases", {"id": "c1", "subject": "Changed"})
    world.grid.spoil_feed()
    world.grid.expire_cursors()

    assert [one["subject"] for one in dropped] == ["cases/c1"]
    assert listing is not None
    with pytest.raises(CursorExpired):
        world.client.read_events(feed, 10)
    with pytest.raises(CursorExpired):
        world.client.partner_ids(listing)
    assert world.client.read_events(world.client.head(), 10).items == ()


def test_events_when_a_put_changes_steps_tell_each_step_that_moved() -> None:
    world, told = World(), list[dict[str, Any]]()
    steps = [
        {"key": "a", "status": "available", "waitsOn": []},
        {"key": "b", "status": "locked", "waitsOn": ["a"]},
    ]
    enrollment = {"id": "e1", "partnerId": "p1", "status": "in_progress", "steps": steps}
    world.grid.put("enrollments", enrollment)
    world.grid.on_event.append(told.append)

    moved = [{**steps[0], "status": "completed"}, {**steps[1], "status": "available"}]
    events = world.grid.put("enrollments", {"id": "e1", "steps": moved})

    assert events == told
    assert [(one["type"], one["subject"]) for one in events] == [
        ("net.example.tg.step.status_changed", "enrollments/e1/steps/a"),
        ("net.example.tg.step.unlocked", "enrollments/e1/steps/b"),
    ]
    assert world.grid.get("enrollments", "e1")["percentComplete"] == 50
    assert world.grid.put("enrollments", {"id": "e1", "steps": moved}) == []


def test_secret_when_it_is_rotated_counts_from_then_on() -> None:
    world = World()
    world.grid.access.credentials = {"key": ("fresh",)}
    basic = base64.b64encode(b"key:secret").decode()

    assert world.grid.access.issue(f"Basic {basic}") is None
    assert world.client.head()
    world.grid.access.revoke_tokens()
    with pytest.raises(UpstreamError, match="access token"):
        world.client.head()


def test_time_index_when_entries_come_in_any_order_gives_them_in_order_and_once() -> None:
    index, chance = TimeIndex(), Random(1)
    entries = [(f"t{chance.randrange(50):02}", f"i{chance.randrange(9)}") for _ in range(500)]
    for moment, identifier in entries:
        index.add(moment, identifier)

    assert list(index.after("", "")) == sorted(set(entries))
    assert list(index.after("t20", "i4")) == sorted(x for x in set(entries) if x > ("t20", "i4"))
