"""The Trading Grid emulator: OpenText's published paths, webhooks, faults and pages.

The profile's records, feed and webhooks are tested in ``tests/contract/gateway``.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from emulators.common.server import thread
from emulators.trading_grid.app import build_app
from emulators.trading_grid.generator import gln
from emulators.trading_grid.tenant import new_tenant
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.errors import Forbidden
from gridwix.models.ids import CompanyId
from ops.emulator import Emulator
from tests.fakes.gateway.hubs import CHECK, PRAIRIE_GOLD, EmulatorHub, ProfileClient
from tests.fakes.webhook_receiver import Receiver, open_receiver, register_receiver


class Grid(ProfileClient):
    """An emulator with an authenticated client."""

    def fault(self, kind: str, **order: Any) -> None:
        Emulator(self.url).order("faults", {"kind": kind, **order})


@pytest.fixture
def grid() -> Iterator[Grid]:
    with thread(build_app(new_tenant(partners=20, retry_scale=0.01))) as url:
        yield Grid(EmulatorHub(url))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with open_receiver() as found:
        yield found


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 23),
        ({"partnerCompanyId": PRAIRIE_GOLD}, 1),
        ({"partnerCompanyName": "Prairie Gold Foods"}, 1),
        ({"tradingAddress": "ZZ:PRAIRIEGOLD"}, 1),
    ],
)
def test_partner_directory_finds_by_each_of_its_lookups(
    grid: Grid, query: dict[str, str], count: int
) -> None:
    answer = httpx.get(
        f"{grid.url}/TGCommunityServices/v1/companies/GC00700011NR/partnerDirectory",
        params=query,
        headers=grid.headers,
    )

    assert len(answer.json()["partners"]) == count


def test_users_can_be_created_read_changed_in_part_and_given_roles(grid: Grid) -> None:
    users = f"{grid.url}/TGCommunityServices/v1/companies/GC00700011NR/users"

    created = httpx.post(
        users, json={"loginId": "new@northwind.example", "firstName": "New"}, headers=grid.headers
    ).json()["uniqueId"]
    httpx.put(f"{users}/{created}", json={"address": {"city": "Omaha"}}, headers=grid.headers)
    roles = httpx.put(
        f"{users}/new@northwind.example/roles?action=Add",
        json=[{"roleName": "Partner Admin"}],
        headers=grid.headers,
    ).json()["roles"]
    user = httpx.get(f"{users}/{created}", headers=grid.headers).json()

    assert (user["firstName"], user["address"]) == ("New", {"city": "Omaha"})
    assert {"roleName": "Partner Admin"} in roles


@pytest.mark.parametrize("paging", ["none", "page", "offset"])
def test_users_of_partners_are_read_by_the_hub_in_whatever_pages_the_tenant_has(
    grid: Grid, paging: str
) -> None:
    users = [
        {"companyId": PRAIRIE_GOLD, "loginId": f"u{number}", "roles": ["Partner Admin"]}
        for number in range(5)
    ]
    order = {"users": users, "paging": paging, "pageSize": 2, "vanished": ["u4"]}
    httpx.post(f"{grid.url}/__emulator/users", json=order).raise_for_status()
    info = Emulator(grid.url).info()
    secret = {name: info[name] for name in ("consumerKey", "consumerSecret")}
    with new_client() as http:
        auth = trading_grid_auth("apigrid", secret, base_url=grid.url)
        directory = DirectoryClient(http, auth, base_url=grid.url)

        found = directory.company_users(CompanyId(PRAIRIE_GOLD))

        assert [one.login_id for one in found] == ["u0", "u1", "u2", "u3", "u4"]
        assert {(one.status, one.roles) for one in found} == {("Active", None)}
        assert directory.user_roles(CompanyId(PRAIRIE_GOLD), "u0") == ("Partner Admin",)
        assert directory.user_roles(CompanyId(PRAIRIE_GOLD), "u4") is None
        with pytest.raises(Forbidden):
            directory.company_users(CompanyId("GC_OTHER"))
        httpx.post(f"{grid.url}/__emulator/users", json={"partners": False}).raise_for_status()
        with pytest.raises(Forbidden):
            directory.company_users(CompanyId(PRAIRIE_GOLD))


def test_directory_of_another_company_is_forbidden(grid: Grid) -> None:
    assert (
        httpx.get(
            f"{grid.url}/TGCommunityServices/v1/companies/GC_OTHER", headers=grid.headers
        ).status_code
        == 403
    )


def test_tenant_that_does_not_cascade_unlocks_a_step_on_request_when_all_that_it_waits_on_is_done(
    grid: Grid,
) -> None:
    Emulator(grid.url).order("settings", {"cascade": False})
    path = "/enrollments/enr_01J9QK/steps"
    for to in ("in_progress", "submitted", "completed"):
        grid.transition(f"{path}/tax_form", to)
    early = grid.transition(f"{path}/edi_testing", "available")
    for to in ("in_progress", "submitted", "completed"):
        grid.transition(f"{path}/edi_setup", to)
    statuses = {
        step["key"]: step["status"]
        for step in grid.client.get("/enrollments/enr_01J9QK").json()["steps"]
    }
    asked = grid.transition(f"{path}/edi_testing", "available")
    again = grid.transition(f"{path}/edi_testing", "available")

    assert (
        early.status_code,
        statuses["edi_testing"],
        asked.json()["status"],
        again.status_code,
    ) == (409, "locked", "available", 409)
    (event,) = grid.client.get("/events", params={"types": "net.example.tg.step.unlocked"}).json()[
        "items"
    ]
    assert (event["subject"], event["data"]["before"], event["data"]["after"]["status"]) == (
        path[1:] + "/edi_testing",
        {"status": "locked"},
        "available",
    )


@pytest.mark.parametrize(("fault", "count"), [("webhook_duplicate", 2), ("webhook_delay", 1)])
def test_webhook_faults_duplicate_and_delay(
    grid: Grid, receiver: Receiver, fault: str, count: int
) -> None:
    register_receiver(grid, receiver)
    grid.fault(fault)

    grid.transition(CHECK, "pending")

    assert len(receiver.wait_for(count)) == count


def test_webhook_fault_drop_loses_it_but_not_the_event(grid: Grid, receiver: Receiver) -> None:
    register_receiver(grid, receiver)
    grid.fault("webhook_drop")

    grid.transition(CHECK, "pending")
    grid.transition(CHECK, "passed")
    ((_, body),) = receiver.wait_for(1)

    assert json.loads(body)["data"]["version"] == 7
    assert len(grid.client.get("/events").json()["items"]) == 2


@pytest.mark.parametrize("fault", ["webhook_bad_signature", "webhook_old_timestamp"])
def test_webhook_faults_make_it_unacceptable(grid: Grid, receiver: Receiver, fault: str) -> None:
    endpoint = register_receiver(grid, receiver)
    grid.fault(fault)

    grid.transition(CHECK, "pending")
    ((headers, body),) = receiver.wait_for(1)

    with pytest.raises(Exception, match=r"timestamp too old|No matching signature"):
        Webhook(endpoint["secrets"][0]).verify(body, headers)


def test_faults_of_reads_and_writes_do_what_they_say(grid: Grid) -> None:
    grid.transition(CHECK, "pending")

    grid.fault("stale_read", path=f"*{CHECK}")
    assert grid.client.get(CHECK).json()["version"] == 5
    grid.fault("unknown_enum", path=f"*{CHECK}")
    assert grid.client.get(CHECK).json()["status"] == "quantum"
    grid.fault("version_race", path="*transitions")
    assert grid.transition(CHECK, "passed").status_code == 412
    grid.fault("legacy_error", path=f"*{CHECK}")
    assert grid.client.get(CHECK).json() == {
        "status": "500",
        "message": "Internal error",
        "error-code": "TG-500",
    }
    grid.fault("cursor_expired", path="*/events")
    assert grid.client.get("/events").status_code == 410
    grid.fault("expire_token")
    assert grid.client.get(CHECK).status_code == 401


def test_transport_faults_answer_delay_and_break_off(grid: Grid) -> None:
    grid.fault("status", path=f"*{CHECK}", status=429, headers={"retry-after": "7"})
    assert grid.client.get(CHECK).headers["retry-after"] == "7"
    grid.fault("drop", path=f"*{CHECK}")
    with pytest.raises(httpx.RemoteProtocolError):
        grid.client.get(CHECK)
    assert grid.client.get(CHECK).status_code == 200


def test_state_in_a_file_survives_a_restart(tmp_path: Any) -> None:
    state = tmp_path / "grid.sqlite"
    with thread(build_app(new_tenant(state=state))) as url:
        Grid(EmulatorHub(url)).transition(CHECK, "pending")

    with thread(build_app(new_tenant(state=state))) as url:
        assert Grid(EmulatorHub(url)).client.get(CHECK).json()["status"] == "pending"


def test_control_routes_answer_to_loopback_only() -> None:
    async def outside() -> httpx.Response:
        transport = httpx.ASGITransport(app=build_app(), client=("203.0.113.9", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://grid") as client:
            return await client.get("/__emulator/info")

    assert asyncio.run(outside()).status_code == 403


@pytest.mark.parametrize(
    "path", ["/", f"/partners/{PRAIRIE_GOLD}", "/notices", "/events", "/webhooks"]
)
def test_pages_say_what_they_are(grid: Grid, path: str) -> None:
    page = httpx.get(grid.url + path).text

    assert "community gateway profile (not an OpenText API)" in page


def test_page_resolves_a_check_and_shows_a_problem_where_that_is_not_allowed(grid: Grid) -> None:
    form = f"{grid.url}/ui{CHECK}/transition"

    moved = httpx.post(form, data={"to": "pending"})
    refused = httpx.post(form, data={"to": "expired"})

    assert (moved.status_code, refused.status_code) == (303, 409)
    assert "can go to failed, passed, waived" in refused.text


def test_page_publishes_a_notice_updates_it_and_ends_it(grid: Grid) -> None:
    published = httpx.post(
        f"{grid.url}/ui/notices",
        data={
            "kind": "incident",
            "impact": "major",
            "region": "EU",
            "title": "Mailbox delay",
            "body": "<p>a</p>",
        },
    )
    identifier = published.headers["location"].partition("#")[2]

    httpx.post(f"{grid.url}/ui/notices/{identifier}", data={"to": "resolved", "body": "<p>b</p>"})

    notice = grid.client.get(f"/service-notices/{identifier}").json()
    assert (notice["status"], notice["version"], notice["audience"]) == (
        "resolved",
        2,
        {"regions": ["EU"]},
    )
    assert [update["bodyHtml"] for update in notice["updates"]] == ["<p>b</p>", "<p>a</p>"]
    types = [event["type"] for event in grid.client.get("/events").json()["items"]]
    assert types == ["net.example.tg.notice.published", "net.example.tg.notice.resolved"]


def test_page_escapes_what_people_write(grid: Grid) -> None:
    grid.client.post(
        "/cases",
        json={
            "partnerId": PRAIRIE_GOLD,
            "subject": "<script>alert(1)</script>",
            "category": "other",
        },
    )

    assert "<script>alert" not in httpx.get(f"{grid.url}/partners/{PRAIRIE_GOLD}").text


@pytest.mark.parametrize("number", [1, 42, 99_999, 100_000, 1_234_567])
def test_gln_has_the_right_check_digit(number: int) -> None:
    digits = [int(digit) for digit in gln(number)]

    assert len(digits) == 13
    assert (
        sum(digit * (3 if position % 2 else 1) for position, digit in enumerate(digits)) % 10 == 0
    )


def test_glns_of_more_than_99_999_partners_are_distinct() -> None:
    numbers = (1, 10_000, 10_001, 99_999, 100_000, 100_001, 100_010, 999_999, 1_000_000)

    assert len({gln(number) for number in numbers}) == len(numbers)
