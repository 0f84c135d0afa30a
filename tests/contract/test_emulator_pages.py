"""Each page of both emulators renders with each kind of record.

Deleted records and records without a partner are among them.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid import pages as grid_pages
from emulators.trading_grid.app import build_app
from emulators.trading_grid.community import ENTITY_NAMES
from emulators.trading_grid.seed import PRAIRIE_GOLD
from emulators.trading_grid.tenant import Tenant, new_tenant
from emulators.wix import activity_pages, media_pages
from emulators.wix import pages as wix_pages
from emulators.wix.site import new_site
from ops.emulator import Emulator
from tests.contract.wix_media import FILES, a_file, a_media_site, put, upload_url
from tests.contract.wix_site import COLLECTIONS, Client, a_callback, wait_until

REQUEST = {
    "type": "support",
    "submitter": {"name": "Dana"},
    "formKey": "partner-question",
    "formVersion": 1,
    "answers": {"question": "Which form?"},
    "routing": {"teamKey": "partner-desk", "ruleKey": "anything_else"},
    "priority": "normal",
    "sourceSubmissionId": "sub-1",
}


def opened(url: str, path: str) -> httpx.Response:
    answer = httpx.get(url + path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"].startswith("text/html")
    return answer


def addresses(routes: Any) -> set[str]:
    """Return the paths of the pages that GET opens."""
    return {route.path for route in routes if "GET" in (route.methods or ())}


# -- Trading Grid


@pytest.fixture
def tenant() -> Tenant:
    return new_tenant(partners=5)


@pytest.fixture
def grid(tenant: Tenant) -> Iterator[str]:
    with thread(build_app(tenant)) as url:
        yield url


def fill(url: str, tenant: Tenant) -> None:
    """Create a record of each kind, and an event of each type."""
    community = tenant.community
    for path, wish in {
        "/__emulator/changes": {"count": 60, "seed": 7},
        "/__emulator/notices": {"kind": "advisory", "title": "No text yet"},
        "/__emulator/programs/" + str(tenant.store.select("onboarding-programs")[0]["id"]): {
            "name": "Suppliers"
        },
        "/ui/notices": None,
    }.items():
        form = {
            "kind": "maintenance",
            "impact": "none",
            "region": "",
            "title": "Sunday",
            "body": "<p>a</p>",
        }
        answer = (
            httpx.post(url + path, data=form) if wish is None else httpx.post(url + path, json=wish)
        )
        assert answer.status_code in (200, 201, 303), answer.text
    community.create_case({"partnerId": PRAIRIE_GOLD, "subject": "Labels", "category": "other"})
    for number, owner in enumerate((PRAIRIE_GOLD, None)):
        request = community.create_request(
            {**REQUEST, "partnerId": owner, "sourceSubmissionId": f"sub-{number}"}
        )
        community.add_request_comment(request["id"], {"body": "Which price?"})
        community.add_request_comment(request["id"], {"body": "Careful.", "visibility": "internal"})
        bare = {
            name: value for name, value in REQUEST.items() if name not in ("routing", "answers")
        }
        community.create_request(
            {**bare, "partnerId": owner, "sourceSubmissionId": f"bare-{number}"}
        )
    running = next(
        one for one in tenant.store.select("enrollments") if one["status"] == "in_progress"
    )
    community.transition("enrollments", running["id"], {"to": "on_hold"})
    document = tenant.store.select("documents")[0]
    tenant.library.submit_version(document["id"], {"uploadId": upload(url, tenant)})
    endpoint = tenant.webhooks.register_endpoint(a_callback().url, None)
    tenant.webhooks.register_endpoint(a_callback(410).url, ["notice.published"])
    wait_until(
        lambda: (
            tenant.webhooks.replay_events(endpoint["id"], 0)
            and tenant.webhooks.deliveries(endpoint["id"], 50)
        )
    )


def upload(url: str, tenant: Tenant) -> str:
    content = b"%PDF-1.4 a version"
    wish = {
        "fileName": "v2.pdf",
        "mediaType": "application/pdf",
        "sizeBytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    place = tenant.uploads.create_upload({**wish, "purpose": "document_version"}, url)
    httpx.put(place["putUrl"], content=content).raise_for_status()
    return str(place["uploadId"])


def open_every_grid_page(url: str, tenant: Tenant) -> str:
    paths = addresses(grid_pages.routes(tenant))
    assert paths >= {"/", "/partners/{id}", "/requests", "/notices", "/events", "/webhooks"}
    partners = [partner["id"] for partner in tenant.store.select("partners")]
    every = [path for path in paths if "{" not in path] + [
        f"/partners/{identifier}" for identifier in partners
    ]
    return "".join(opened(url, path).text for path in every)


def test_every_page_of_trading_grid_opens_with_every_kind_of_record(
    grid: str, tenant: Tenant
) -> None:
    fill(grid, tenant)

    shown = open_every_grid_page(grid, tenant)

    entities = {event["data"]["entity"] for _, event in tenant.store.events(0, 10_000)}
    assert entities >= set(ENTITY_NAMES.values()) | {"step"}
    assert "Which price?" in shown
    assert any("partnerid" not in event for _, event in tenant.store.events(0, 10_000))


def test_every_page_of_trading_grid_opens_once_everything_was_deleted(
    grid: str, tenant: Tenant
) -> None:
    fill(grid, tenant)
    for kind in ENTITY_NAMES:
        for record in tenant.store.select(kind):
            Emulator(grid).clear(f"entities/{kind}/{record['id']}")

    open_every_grid_page(grid, tenant)


def test_every_page_of_trading_grid_opens_of_a_gateway_without_comments_on_requests(
    grid: str, tenant: Tenant
) -> None:
    fill(grid, tenant)
    Emulator(grid).order("settings", {"requestComments": False})

    open_every_grid_page(grid, tenant)


def test_buttons_of_a_request_lead_back_to_the_page_that_shows_it(
    grid: str, tenant: Tenant
) -> None:
    fill(grid, tenant)
    for request in tenant.store.select("collaboration-requests"):
        page = f"/partners/{request['partnerId']}" if request["partnerId"] else "/requests"
        moved = httpx.post(
            f"{grid}/ui/collaboration-requests/{request['id']}/transition",
            data={"to": "triaged" if request["status"] == "received" else "in_progress"},
        )
        asked = httpx.post(
            f"{grid}/ui/collaboration-requests/{request['id']}/comments",
            data={"body": "Which one?", "visibility": "public"},
        )

        assert [
            (answer.status_code, answer.headers.get("location")) for answer in (moved, asked)
        ] == [(303, f"{page}#{request['id']}")] * 2
        assert f'id="{request["id"]}"' in opened(grid, page).text


# -- Wix


FIELDS = [
    {"key": kind.lower(), "type": kind}
    for kind in (
        "TEXT",
        "NUMBER",
        "BOOLEAN",
        "DATE",
        "DATETIME",
        "ARRAY",
        "ARRAY_STRING",
        "OBJECT",
        "RICH_TEXT",
        "IMAGE",
        "URL",
        "ANY",
    )
]
VALUES: dict[str, Any] = {
    "text": "Hello",
    "number": 4.15,
    "boolean": True,
    "date": "2026-03-12",
    "datetime": {"$date": "2026-03-12T09:00:00.000Z"},
    "array": [{"a": 1}, None, "b"],
    "array_string": ["a", "b"],
    "object": {"deep": {"er": [1, None]}},
    "rich_text": "<p>Hello</p>",
    "image": "wix:image://v1/abc.png/a.png#originWidth=1&originHeight=1",
    "url": "https://www.wix.example",
    "any": [[], {}],
}


def a_full_site() -> Client:
    site = a_media_site()
    site.ok(
        "POST",
        COLLECTIONS,
        {"collection": {"id": "Everything", "displayName": "Everything", "fields": FIELDS}},
    )
    site.ok(
        "POST",
        COLLECTIONS,
        {"collection": {"id": "Nothing", "displayName": "Nothing", "fields": FIELDS[:1]}},
    )
    for identifier, data in {
        "full": VALUES,
        "bare": {},
        "null": dict.fromkeys(VALUES),
        "other": {"text": 7, "number": "x", "own": "of no field"},
    }.items():
        site.ok(
            "POST",
            "/wix-data/v2/items",
            {
                "dataCollectionId": "Everything",
                "dataItem": {"id": identifier, "data": {"_id": identifier, **data}},
            },
        )
    site.register_webhook(a_callback(), "wix.forms.v4.submission_created")
    site.register_webhook(a_callback(500))
    site.control(
        "POST",
        "forms",
        {
            "id": "11111111-2222-4333-8444-555555555555",
            "name": "Ask",
            "fields": [{"target": "question", "label": "Question"}],
        },
    )
    member = site.control("POST", "members", {"loginEmail": "ada@partner.example"})["member"]
    for who in (
        {"memberId": member["id"]},
        {"visitorId": "22222222-2222-4333-8444-555555555555"},
        {},
    ):
        wish = {
            "formId": "11111111-2222-4333-8444-555555555555",
            "submissions": {"question": "Which?"},
            **who,
        }
        site.control("POST", "submissions", wish)
    site.http.post(
        f"{site.url}/_api/webhook-trigger/report/{site.info['siteId']}/mails",
        json={"email": "ada@partner.example", "subject": "S", "body": "<p>B</p>"},
    )
    site.http.post(
        f"{site.url}/_api/webhook-trigger/report/{site.info['siteId']}/mails",
        json={"something": "else"},
    )
    conversation = site.ok(
        "POST", "/inbox/v2/conversations", {"participantId": {"contactId": member["contactId"]}}
    )["conversation"]["id"]
    content = {"basic": {"items": [{"text": "Hello"}]}, "previewText": "Hello"}
    message = {
        "direction": "BUSINESS_TO_PARTICIPANT",
        "visibility": "BUSINESS_AND_PARTICIPANT",
        "content": content,
    }
    site.ok("POST", "/inbox/v2/messages", {"conversationId": conversation, "message": message})
    files(site)
    return site


def files(site: Client) -> None:
    """Create a file that is ready, private, in the trash, of a wrong type, and still processing."""
    a_file(site)
    a_file(site, private=True)
    site.ok("POST", "/site-media/v1/bulk/files/delete", {"fileIds": [a_file(site)["id"]]})
    put(site, upload_url(site), b"no PDF at all")
    site.control("POST", "media", {"readySeconds": 3600})
    assert site.ok(
        "POST",
        f"{FILES}/generate-upload-url",
        {"mimeType": "application/pdf", "fileName": "never.pdf"},
    )
    a_file(site, wait=False)


def test_every_page_of_wix_opens_with_every_kind_of_record() -> None:
    site = a_full_site()
    routes = (wix_pages.routes, activity_pages.routes, media_pages.routes)
    paths = {path for made in routes for path in addresses(made(new_site()))}
    patterns = {path for path in paths if "{" in path}

    for path in paths - patterns:
        opened(site.url, path)
    for collection in ("Everything", "Nothing"):
        opened(site.url, f"/collections/{collection}")
        opened(site.url, f"/collections/{collection}/rows?q=e&page=2")
    for identifier in ("full", "bare", "null", "other"):
        opened(site.url, f"/collections/Everything/items/{identifier}")

    assert patterns == {
        "/collections/{collection:path}",
        "/collections/{collection:path}/rows",
        "/collections/{collection:path}/items/{item}",
    }
    assert paths - patterns >= {"/", "/submissions", "/webhooks", "/messages", "/media"}


def test_pages_of_a_community_that_another_gateway_keeps_name_the_gateway() -> None:
    with thread(build_app(new_tenant())) as url:
        Emulator(url).order("settings", {"communityAt": "http://gateway.example/community/v1"})

        for path in ("/", "/partners/GC070000000101", "/requests", "/notices"):
            assert "http://gateway.example/community/v1" in httpx.get(url + path).text
        profile = httpx.get(f"{url}/community/v1/partners")
        assert (profile.status_code, profile.json()["code"]) == (404, "not-found")
        assert httpx.post(f"{url}/v1/oauth2/tokens").status_code == 400
