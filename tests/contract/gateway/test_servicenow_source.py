"""The example of ServiceNow cases, against a stand-in of its Table API."""

import httpx

from tests.fakes.gateway.servicenow import ServiceNow
from tests.fakes.gateway.source_runs import PARTNERS, World, example

CASES = example("servicenow-cases")
DELETED = example("servicenow-deleted-cases")


def make_world() -> tuple[ServiceNow, World]:
    world: World
    instance = ServiceNow(World(lambda _: httpx.Response(500)).clock.now)
    world = World(instance)
    return instance, world


def move_time(instance: ServiceNow, world: World, **delta: float) -> None:
    world.clock.advance(**delta)
    instance.now = world.clock.now


def small_pages(size: int = 2) -> dict[str, object]:
    return {"paging": {"type": "link", "limit": "sysparm_limit", "size": size}}


def test_case_when_read_then_its_fields_are_those_of_the_profile() -> None:
    instance, world = make_world()
    instance.add_case(
        "a1",
        state=("18", "Awaiting Info"),
        priority=("1", "1 - Critical"),
        due_date="2026-03-14 17:00:00",
    )

    report = world.run_source(CASES)

    assert (report.outcome, report.counts.changed, report.fault) == ("complete", 1, "")
    case = world.records()["sn_a1"]
    assert case["number"] == "CS0000001"
    assert case["partnerId"] == PARTNERS[0]
    assert case["status"] == "awaiting_partner"
    assert case["priority"] == "critical"
    assert case["category"] == "asn_rejection"
    assert case["dueAt"] == "2026-03-14T17:00:00.000Z"
    assert case["assigneeTeam"] == {"key": "edi-support", "name": "EDI Support"}
    assert case["externalRefs"] == [{"system": "servicenow", "id": "a1"}]


def test_second_run_when_nothing_changed_then_no_event_and_no_record_is_written() -> None:
    instance, world = make_world()
    for number in range(5):
        instance.add_case(f"a{number}")
        move_time(instance, world, seconds=1)
    world.run_source(CASES)
    move_time(instance, world, minutes=2)
    before = dict(world.memory.items)

    report = world.run_source(CASES)

    assert report.counts.rows == report.counts.unchanged == 5
    written = [key.pk for key, item in world.memory.items.items() if item is not before.get(key)]
    # The run itself: its lease, and the counter of commits.
    assert sorted(written) == ["S#servicenow-cases", "counter"]


def test_update_when_read_then_only_its_case_changes_and_only_what_follows_is_asked_for() -> None:
    instance, world = make_world()
    for number in range(5):
        instance.add_case(f"a{number}")
        move_time(instance, world, hours=1)
    world.run_source(CASES)
    instance.update_case("a2", state=("6", "Resolved"))
    instance.requests.clear()
    move_time(instance, world, minutes=2)

    report = world.run_source(CASES)

    assert report.counts.changed == 1
    assert world.records()["sn_a2"]["status"] == "resolved"
    query = instance.requests[-1].url.params["sysparm_query"]
    assert query == "sys_updated_on>=2026-03-12 11:55:00^ORDERBYsys_updated_on^ORDERBYsys_id"


def test_pages_when_cases_are_updated_in_between_then_none_is_missed() -> None:
    instance, world = make_world()
    source = example("servicenow-cases", **small_pages())
    for number in range(9):
        instance.add_case(f"a{number}")
        move_time(instance, world, seconds=1)
    moved = iter(["a0", "a1", "a2"])

    def move_one(request: httpx.Request) -> None:
        if request.url.path.startswith("/api") and (identifier := next(moved, "")):
            move_time(instance, world, seconds=1)
            instance.update_case(identifier, short_description="moved")

    instance.before_answer = move_one

    world.run_to_end(source)

    subjects = {key: case["subject"] for key, case in world.records().items()}
    assert len(subjects) == 9
    assert list(subjects.values()).count("moved") == 3


def test_bulk_update_when_many_cases_share_a_second_then_all_are_read() -> None:
    instance, world = make_world()
    source = example("servicenow-cases", **small_pages(3))
    for number in range(20):
        instance.add_case(f"a{number:02}")
    move_time(instance, world, minutes=1)
    instance.add_case("z")

    report = world.run_to_end(source)

    assert report.outcome == "complete"
    assert len(world.records()) == 21


def test_page_when_hidden_rows_make_it_short_or_empty_then_the_next_is_read() -> None:
    instance, world = make_world()
    source = example("servicenow-cases", **small_pages())
    for number in range(6):
        instance.add_case(f"a{number}")
        move_time(instance, world, seconds=1)
    instance.hidden = {"a2", "a3", "a4"}

    world.run_to_end(source)

    assert sorted(world.records()) == ["sn_a0", "sn_a1", "sn_a5"]


def test_token_when_it_expires_then_it_is_renewed_once() -> None:
    instance, world = make_world()
    source = example("servicenow-cases", **small_pages(1))
    instance.add_case("a1")
    move_time(instance, world, seconds=1)
    instance.add_case("a2")
    calls: list[int] = []

    def expire_once(request: httpx.Request) -> None:
        calls.append(1)
        if len(calls) == 2:
            instance.expire_tokens()

    instance.before_answer = expire_once

    report = world.run_source(source)

    assert report.outcome == "complete"
    assert instance.tokens == 2


def test_field_when_the_query_names_an_unknown_one_then_the_ignored_filter_is_noticed() -> None:
    instance, world = make_world()
    instance.add_case("a1")
    since = {**CASES.declaration.model_dump(mode="json")["since"]}
    since["value"] = "sys_updatd_on>={since}^ORDERBYsys_updated_on"
    source = example("servicenow-cases", since=since)
    assert world.run_source(source).outcome == "complete"
    move_time(instance, world, hours=1)
    instance.add_case("a2")
    world.run_source(source)
    cursor = world.source_state(source).cursor

    report = world.run_source(source)

    assert report.fault == "since-ignored"
    assert world.source_state(source).cursor == cursor


def test_case_when_its_partner_comes_later_then_it_is_read_then() -> None:
    instance, world = make_world()
    instance.add_case("a1", **{"account.u_buid": "GC9"})
    move_time(instance, world, hours=1)
    instance.add_case("a2")
    report = world.run_source(CASES)
    assert (report.counts.changed, report.counts.refused) == (1, 1)
    assert world.refused_codes(CASES) == {"a1": ["reference"]}
    move_time(instance, world, hours=1)
    world.add_partner("GC9")

    # The API does not show the case again: it was updated long before the last one.
    report = world.run_source(CASES)

    assert report.counts.changed == 1
    assert world.records()["sn_a1"]["partnerId"] == "GC9"
    assert world.refused_codes(CASES) == {}


def test_case_when_deleted_then_the_list_of_deletions_removes_it() -> None:
    instance, world = make_world()
    instance.add_case("a1")
    instance.add_case("a2")
    world.run_source(CASES)
    instance.delete_case("a1")

    report = world.run_source(DELETED)

    assert report.counts.changed == 1
    assert list(world.records()) == ["sn_a2"]
