"""The desk's own routes: for the scope ``desk`` only, with conditions and problems."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gridwix_gateway.documents import Document
from tests.fakes.gateway.hubs import GatewayHub, ProfileClient, serve_gateway
from tests.fakes.gateway.server import CONSUMER, DESK

REQUEST: Document = {
    "type": "support",
    "submitter": {"name": "Ann"},
    "formKey": "partner-question",
    "formVersion": 1,
    "answers": {"question": "Where is it?"},
    "sourceSubmissionId": "sub-1",
}
NOTICE: Document = {
    "kind": "incident",
    "title": "AS2 is slow",
    "impact": "major",
    "text": "We look <into> it.\n\nMore at 10.",
    "audience": {"regions": ["EU"]},
    "scheduledUntil": "2026-03-12T15:02:11+01:00",
}


@pytest.fixture
def hub() -> Iterator[GatewayHub]:
    with serve_gateway() as found:
        yield found


@pytest.fixture
def desk(hub: GatewayHub) -> httpx.Client:
    return desk_client(hub, (DESK.key, DESK.secret))


def desk_client(hub: GatewayHub, credentials: tuple[str, str]) -> httpx.Client:
    hub.credentials = credentials
    grid = ProfileClient(hub)
    return httpx.Client(base_url=hub.url, headers=grid.headers)


def create_request(desk: httpx.Client) -> Document:
    answer = desk.post("/community/v1/collaboration-requests", json=REQUEST)
    assert answer.status_code == 201
    found: Document = answer.json()
    return found


def assign(desk: httpx.Client, request: Document, **wish: Any) -> httpx.Response:
    return desk.patch(
        f"/desk/v1/collaboration-requests/{request['id']}",
        json=wish,
        headers={"if-match": f'"v{request["version"]}"'},
    )


def last_event(desk: httpx.Client) -> Document:
    items: list[Document] = desk.get("/community/v1/events").json()["items"]
    return items[-1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/desk/v1/collaboration-requests/req_1"),
        ("POST", "/desk/v1/service-notices"),
        ("POST", "/desk/v1/service-notices/ntc_1/updates"),
    ],
)
def test_token_without_the_scope_is_forbidden(hub: GatewayHub, method: str, path: str) -> None:
    client = desk_client(hub, (CONSUMER.key, CONSUMER.secret))

    answer = client.request(method, path, json=NOTICE)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert httpx.request(method, hub.url + path, json=NOTICE).status_code == 401


def test_assigned_request_has_its_team_its_partner_and_is_triaged(desk: httpx.Client) -> None:
    request = create_request(desk)
    assert (request["status"], request["partnerId"]) == ("received", None)

    answer = assign(
        desk,
        request,
        teamKey="edi-support",
        partnerId="GC070000000101",
        priority="high",
        dueAt="2026-03-12T15:02:11Z",
    )

    changed = answer.json()
    assert answer.status_code == 200
    assert answer.headers["etag"] == f'"v{changed["version"]}"'
    assert (changed["status"], changed["partnerId"]) == ("triaged", "GC070000000101")
    assert changed["routing"] == {"teamKey": "edi-support", "ruleKey": "desk"}
    assert changed["dueAt"] == "2026-03-12T15:02:11.000Z"
    assert last_event(desk)["partnerid"] == "GC070000000101"
    again = assign(desk, changed, teamKey="edi-support", priority="high")
    assert again.json()["version"] == changed["version"]


def test_assignment_is_based_on_a_version_and_checked(desk: httpx.Client) -> None:
    request = create_request(desk)
    stale = {**request, "version": 9}

    assert assign(desk, stale, teamKey="edi").status_code == 412
    unconditional = desk.patch(
        f"/desk/v1/collaboration-requests/{request['id']}", json={"teamKey": "edi"}
    )
    assert unconditional.status_code == 428
    for wish in ({}, {"partnerId": "nobody"}, {"assignee": "Ann"}, {"priority": "odd"}):
        answer = assign(desk, request, **wish)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert desk.get(f"/community/v1/collaboration-requests/{request['id']}").json() == request


def test_published_notice_has_its_text_without_markup_and_one_per_key(desk: httpx.Client) -> None:
    key = {"idempotency-key": "7f9c1f3e-6d1c-4d39-8c7e-1d9a3a1b2c3d"}

    answer = desk.post("/desk/v1/service-notices", json=NOTICE, headers=key)
    again = desk.post("/desk/v1/service-notices", json=NOTICE, headers=key)

    notice = answer.json()
    assert answer.status_code == 201
    assert again.json()["id"] == notice["id"]
    assert (notice["status"], notice["impact"]) == ("investigating", "major")
    assert notice["audience"] == {"regions": ["EU"]}
    assert notice["scheduledUntil"] == "2026-03-12T14:02:11.000Z"
    (update,) = notice["updates"]
    assert update["bodyHtml"] == "<p>We look &lt;into&gt; it.</p><p>More at 10.</p>"
    event = last_event(desk)
    assert event["type"].endswith("notice.published")
    assert event["data"]["after"]["id"] == notice["id"]


def test_notice_is_updated_and_ends(desk: httpx.Client) -> None:
    notice = desk.post("/desk/v1/service-notices", json=NOTICE).json()
    path = f"/desk/v1/service-notices/{notice['id']}/updates"
    tag = {"if-match": '"v1"'}

    wrong = desk.post(path, json={"to": "published"}, headers=tag)
    answer = desk.post(path, json={"to": "resolved", "text": "Done."}, headers=tag)

    changed = answer.json()
    assert (wrong.status_code, wrong.json()["code"]) == (409, "invalid-transition")
    assert (changed["status"], changed["version"]) == ("resolved", 2)
    assert changed["endsAt"]
    assert changed["updates"][0]["bodyHtml"] == "<p>Done.</p>"
    assert last_event(desk)["type"].endswith("notice.resolved")
    assert desk.post(path, json={"to": "resolved"}, headers=tag).status_code == 412


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "incident"}, 422),
        ({**NOTICE, "kind": "party"}, 422),
        ({**NOTICE, "bodyHtml": "<script>"}, 422),
        ({**NOTICE, "startsAt": "2026-03-12T14:02:11"}, 422),
        ({**NOTICE, "startsAt": "1899-12-31T23:59:59Z"}, 422),
        ({**NOTICE, "endsAt": "9000-01-01T00:00:00Z"}, 422),
        ({**NOTICE, "text": "x" * 10_001}, 422),
        ({**NOTICE, "audience": {"everybody": True}}, 422),
        ([NOTICE], 422),
    ],
)
def test_notice_that_is_not_valid_is_refused(desk: httpx.Client, body: Any, status: int) -> None:
    answer = desk.post("/desk/v1/service-notices", json=body)

    assert answer.status_code == status
    assert answer.json()["errors"]
    assert "x" * 50 not in answer.text
    assert desk.get("/community/v1/events").json()["items"] == []


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [(b"{", "application/json", 400), (b"{}", "text/plain", 415), (b" " * 1_100_000, "", 415)],
)
def test_body_that_is_no_json_is_refused(
    desk: httpx.Client, content: bytes, media_type: str, status: int
) -> None:
    answer = desk.post(
        "/desk/v1/service-notices", content=content, headers={"content-type": media_type}
    )

    assert answer.status_code == status
