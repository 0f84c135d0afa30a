"""The examples of Jira Service Management requests, against a stand-in of Jira Cloud."""

import httpx
import pytest

from tests.fakes.gateway.jira import Jira
from tests.fakes.gateway.source_runs import PARTNERS, World, example

BY_JQL = example("jira-requests")
BY_LIST = example("jira-service-desk-requests")


def make_world(offset_hours: int = 0) -> tuple[Jira, World]:
    jira = Jira(World(lambda _: httpx.Response(500)).clock.now, offset_hours)
    return jira, World(jira)


def move_time(jira: Jira, world: World, **delta: float) -> None:
    world.clock.advance(**delta)
    jira.now = world.clock.now


@pytest.mark.parametrize("name", ["jira-requests", "jira-service-desk-requests"])
def test_request_when_read_then_it_is_a_case_of_its_partner(name: str) -> None:
    jira, world = make_world()
    jira.add_request("HELP-1", status="Waiting for customer")

    report = world.run_source(example(name))

    assert (report.outcome, report.counts.changed, report.detail) == ("complete", 1, "")
    case = world.records()["jira_HELP-1"]
    assert case["partnerId"] == PARTNERS[0]
    assert case["status"] == "awaiting_partner"
    assert case["number"] == "HELP-1"
    assert case["externalRefs"] == [{"system": "jira", "id": "HELP-1"}]


@pytest.mark.parametrize("name", ["jira-requests", "jira-service-desk-requests"])
def test_pages_when_requests_are_updated_in_between_then_two_runs_read_all(name: str) -> None:
    jira, world = make_world()
    source = example(name)
    size = 3
    source = example(
        name, paging=source.declaration.paging.model_dump(mode="json") | {"size": size}
    )
    for number in range(10):
        jira.add_request(f"HELP-{number}")
        move_time(jira, world, seconds=40)
    moved = iter(["HELP-0", "HELP-7", "HELP-2"])

    def move_one(_: httpx.Request) -> None:
        if key := next(moved, ""):
            move_time(jira, world, seconds=1)
            jira.update_request(key, summary="moved")

    jira.before_answer = move_one
    world.run_to_end(source)

    report = world.run_to_end(source)

    assert report.outcome == "complete"
    subjects = [case["subject"] for case in world.records().values()]
    assert (len(subjects), subjects.count("moved")) == (10, 3)


def test_account_when_in_another_time_zone_then_the_declared_zone_finds_each_update() -> None:
    jira, world = make_world(offset_hours=9)
    since = {**BY_JQL.declaration.model_dump(mode="json")["since"], "zone": "Asia/Tokyo"}
    source = example("jira-requests", since=since)
    jira.add_request("HELP-1")
    world.run_source(source)
    move_time(jira, world, hours=3)
    jira.update_request("HELP-1", status="Resolved")

    report = world.run_source(source)

    assert report.counts.changed == 1
    assert 'updated >= "2026/03/12 16:45"' in jira.requests[-1].url.params["jql"]


def test_zone_when_the_account_is_east_of_the_declared_one_then_old_rows_are_noticed() -> None:
    jira, world = make_world(offset_hours=9)
    jira.add_request("HELP-1")
    move_time(jira, world, hours=3)
    jira.add_request("HELP-2")
    world.run_source(BY_JQL)

    report = world.run_source(BY_JQL)

    assert report.fault == "since-ignored"


def test_zone_when_the_account_is_west_of_the_declared_one_then_the_silence_is_noticed() -> None:
    jira, world = make_world(offset_hours=-9)
    jira.add_request("HELP-1")
    world.run_source(BY_JQL)

    report = world.run_source(BY_JQL)

    assert report.warnings == ("nothing-since",)


def test_minute_when_more_requests_share_it_than_a_page_has_then_all_are_read() -> None:
    jira, world = make_world()
    paging = BY_JQL.declaration.paging.model_dump(mode="json") | {"size": 2}
    source = example("jira-requests", paging=paging)
    for number in range(9):
        jira.add_request(f"HELP-{number}")
        move_time(jira, world, seconds=4)
    move_time(jira, world, minutes=5)
    jira.add_request("HELP-9")

    report = world.run_to_end(source)

    assert report.outcome == "complete"
    assert len(world.records()) == 10


def test_list_when_longer_than_a_run_then_the_next_run_goes_on_where_it_ended() -> None:
    jira, world = make_world()
    paging = BY_LIST.declaration.paging.model_dump(mode="json") | {"size": 2}
    source = example("jira-service-desk-requests", paging=paging, limits={"pages": 2})
    for number in range(7):
        jira.add_request(f"HELP-{number}")
        move_time(jira, world, seconds=1)

    reports = [world.run_source(source) for _ in range(2)]

    assert [report.outcome for report in reports] == ["partial", "complete"]
    assert len(world.records()) == 7
