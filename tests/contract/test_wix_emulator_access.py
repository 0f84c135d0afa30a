"""Authentication, quota and error responses of the Wix emulator."""

import base64
import json

import httpx
import pytest

from tests.contract.wix_site import COLLECTIONS, ITEMS, PARTNERS, Client, a_site, code

COUNT = {"dataCollectionId": PARTNERS}


def count(site: Client, headers: dict[str, str] | None = None) -> httpx.Response:
    return site.call("POST", f"{ITEMS}/count", COUNT, headers=headers)


def token(site: Client, **changes: str) -> httpx.Response:
    order = {
        "grant_type": "client_credentials",
        "client_id": site.info["appId"],
        "client_secret": site.info["appSecret"],
        "instance_id": site.info["instanceId"],
    }
    return site.call("POST", "/oauth2/token", {**order, **changes}, headers={})


def test_api_key_when_sent_bare_or_as_bearer_then_it_is_accepted() -> None:
    site = a_site()

    bare = count(site)
    bearer = count(site, {**site.headers, "authorization": f"Bearer {site.info['apiKey']}"})

    assert (bare.status_code, bearer.status_code) == (200, 200)


@pytest.mark.parametrize(
    ("changes", "status", "expected"),
    [
        ({"authorization": ""}, 401, "UNAUTHENTICATED"),
        ({"authorization": "wrong"}, 401, "UNAUTHENTICATED"),
        ({"authorization": "schlüssel"}, 401, "UNAUTHENTICATED"),
        ({"wix-site-id": ""}, 403, "PERMISSION_DENIED"),
        ({"wix-site-id": "00000000-0000-0000-0000-000000000000"}, 403, "PERMISSION_DENIED"),
        ({"wix-account-id": "0f6a2c58-2d3b-4f0e-8c69-6f1d6a1c9b20"}, 403, "PERMISSION_DENIED"),
    ],
)
def test_api_key_when_it_or_its_site_is_wrong_then_the_call_is_refused(
    changes: dict[str, str], status: int, expected: str
) -> None:
    site = a_site()
    headers = [
        (name.encode(), value.encode())
        for name, value in {**site.headers, **changes}.items()
        if value
    ]

    answer = site.http.post(f"{site.url}{ITEMS}/count", json=COUNT, headers=headers)

    assert (answer.status_code, code(answer)) == (status, expected)


def test_token_when_asked_for_then_it_lives_four_hours_without_a_site_header() -> None:
    site = a_site()
    given = token(site).json()

    bare = count(site, {"authorization": given["access_token"]})
    bearer = count(site, {"authorization": f"Bearer {given['access_token']}"})
    site.advance(14_400)
    expired = count(site, {"authorization": given["access_token"]})

    assert (given["token_type"], given["expires_in"]) == ("Bearer", 14_400)
    assert (bare.status_code, bearer.status_code) == (200, 200)
    assert (expired.status_code, code(expired)) == (401, "UNAUTHENTICATED")


def test_token_when_sent_for_another_site_then_the_call_is_refused() -> None:
    site = a_site()

    answer = count(
        site, {"authorization": token(site).json()["access_token"], "wix-site-id": "another"}
    )

    assert (answer.status_code, code(answer)) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(
    ("changes", "status", "expected"),
    [
        ({"grant_type": "password"}, 400, "grant_type"),
        ({"client_secret": "wrong"}, 401, "UNAUTHENTICATED"),
        ({"client_id": "wrong"}, 401, "UNAUTHENTICATED"),
        ({"instance_id": "wrong"}, 401, "UNAUTHENTICATED"),
        ({"instance_id": ""}, 400, "instance_id"),
    ],
)
def test_token_when_the_credentials_are_not_the_apps_then_none_is_given(
    changes: dict[str, str], status: int, expected: str
) -> None:
    answer = token(a_site(), **changes)

    assert (answer.status_code, code(answer)) == (status, expected)


def test_token_info_when_the_token_lives_then_it_names_site_and_app() -> None:
    site = a_site()
    given = token(site).json()["access_token"]

    alive = site.call("POST", "/oauth2/token-info", {"token": given}, headers={}).json()
    unknown = site.call("POST", "/oauth2/token-info", {"token": "unknown"}, headers={}).json()

    assert (alive["active"], alive["siteId"], alive["clientId"], alive["instanceId"]) == (
        True,
        site.info["siteId"],
        site.info["appId"],
        site.info["instanceId"],
    )
    assert int(alive["exp"]) - int(alive["iat"]) == 14_400
    assert unknown == {"active": False}


def test_quota_when_used_up_then_the_rest_of_the_minute_fails() -> None:
    site = a_site()
    site.control("POST", "settings", {"requestsPerMinute": 3})
    site.control("POST", "settings", {"replicaLag": 0})
    site.advance(60)

    answers = [
        site.bulk("save", *({"data": {"_id": f"{call}-{n}"}} for n in range(100)))
        for call in range(3)
    ]
    refused = count(site)
    site.advance(59)
    still = count(site)
    site.advance(1)
    again = count(site)

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [(answer.status_code, code(answer)) for answer in (refused, still)] == [
        (429, "WDE0014")
    ] * 2
    assert again.json() == {"totalCount": 300}


def test_quota_when_credentials_are_wrong_then_nothing_is_counted() -> None:
    site = a_site()
    site.control("POST", "settings", {"requestsPerMinute": 1})
    site.advance(60)

    count(site, {"authorization": "wrong"})
    answer = count(site)

    assert answer.status_code == 200


def test_cms_app_when_not_installed_then_data_is_refused() -> None:
    site = a_site()
    site.control("POST", "settings", {"cmsInstalled": False})

    answer = count(site)

    assert (answer.status_code, code(answer)) == (428, "WDE0110")


def test_request_id_when_anything_is_answered_then_it_is_there_and_differs() -> None:
    site = a_site()
    site.fault("status", f"{ITEMS}/count", status=503)

    answers = [
        count(site),
        count(site),
        site.call("GET", "/nowhere"),
        site.call("GET", "/__emulator/info"),
        count(site, {"authorization": "wrong"}),
    ]

    assert len({answer.headers["x-wix-request-id"] for answer in answers}) == len(answers)


@pytest.mark.parametrize(
    ("method", "path", "status", "expected"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("POST", "/wix-data/v2/collections/add-plugin", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/wix-data/v2/async-jobs/j1/status", 404, "NOT_FOUND"),
        ("POST", f"{ITEMS}/aggregate", 400, "WDE0119"),
        ("POST", f"{ITEMS}/search", 400, "WDE0119"),
        ("POST", f"{ITEMS}/publish-draft", 400, "WDE0119"),
        ("POST", f"{ITEMS}/query-referenced", 400, "WDE0119"),
        ("POST", "/wix-data/v2/bulk/items/insert-references", 400, "WDE0119"),
        ("POST", "/wix-data/v2/bulk/items/async-remove-by-filter", 400, "WDE0119"),
    ],
)
def test_operation_when_the_site_has_it_not_then_the_answer_is_wixs_error(
    method: str, path: str, status: int, expected: str
) -> None:
    answer = a_site().call(method, path, None if method == "GET" else COUNT)

    assert (answer.status_code, code(answer)) == (status, expected)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"text"', b"\xff", b'{"a": NaN}', b'{"a": "\\ud800"}', b"[" * 5000]
)
def test_body_when_it_is_no_json_object_then_the_call_is_invalid(body: bytes) -> None:
    site = a_site()

    answer = site.http.post(f"{site.url}{ITEMS}/count", content=body, headers=site.headers)

    assert (answer.status_code, code(answer)) == (400, "body")


def test_body_when_too_large_then_413() -> None:
    site = a_site()
    items = [{"data": {"_id": f"p{n}", "text": "x" * 400_000}} for n in range(13)]

    answer = site.bulk("save", *items)

    assert (answer.status_code, code(answer)) == (413, "WDE0109")
    assert site.stored() == {}


def test_get_when_its_parameters_are_packed_or_flat_then_both_are_read() -> None:
    site = a_site()
    site.save_all([{"_id": f"p{n}", "n": n} for n in range(5)])
    request = {
        "dataCollectionId": PARTNERS,
        "query": {"filter": {"n": {"$gte": 2}}, "paging": {"limit": 2, "offset": 1}},
        "consistentRead": True,
    }
    packed = base64.urlsafe_b64encode(json.dumps(request).encode()).rstrip(b"=").decode()

    by_packed = site.ok("GET", f"{ITEMS}/query", **{".r": packed})
    by_flat = site.ok("GET", COLLECTIONS, **{"paging.limit": 1, "consistentRead": "true"})

    assert [item["id"] for item in by_packed["dataItems"]] == ["p3", "p4"]
    assert by_flat["pagingMetadata"]["count"] == 1


@pytest.mark.parametrize("packed", ["***", "bm90IGpzb24", "W10"])
def test_get_when_its_packed_parameters_are_no_object_then_the_call_is_invalid(packed: str) -> None:
    site = a_site()

    answer = site.http.get(f"{site.url}{ITEMS}/query", params={".r": packed}, headers=site.headers)

    assert (answer.status_code, code(answer)) == (400, "body")


@pytest.mark.parametrize(
    "order",
    [
        {"requestsPerMinute": -1},
        {"requestsPerMinute": "many"},
        {"replicaLag": -1},
        {"replicaLag": "long"},
        {"cmsInstalled": "no"},
    ],
)
def test_settings_when_one_is_not_valid_then_none_changes(order: dict[str, object]) -> None:
    site = a_site()
    before = site.control("GET", "settings")

    answer = site.call("POST", "/__emulator/settings", order)

    assert answer.status_code == 400
    assert site.control("GET", "settings") == before
