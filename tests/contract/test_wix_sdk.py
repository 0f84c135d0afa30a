"""Wix's own JavaScript SDK works against the emulator unchanged.

As an account owner with an API key, as an app, and as a receiver of webhooks.
"""

import json
import subprocess
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators.common import server
from emulators.portal.node import find_node
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from ops.npm_packages import locked_addresses
from ops.waiting import STANDSTILL
from tests.contract.wix_site import PATIENCE
from tests.npm_packages import install_packages, needs_npm

HERE = Path(__file__).parent / "wix_sdk"
ALPHA = {"_id": "a", "title": "Alpha 4", "amount": 5, "tags": ["y", "z"], "nested": {"deep": True}}

pytestmark = [pytest.mark.xdist_group("wix_sdk"), needs_npm]

type Results = dict[str, Any]


@pytest.fixture(scope="module")
def sdk() -> Path:
    """The folder with the SDK of the lock file, installed once per lock file."""
    return install_packages(HERE)


@pytest.fixture(scope="module")
def results(sdk: Path) -> Iterator[Results]:
    with server.thread(build_app(new_site(patience=PATIENCE))) as url:
        site = httpx.get(f"{url}/__emulator/info").text
        done = subprocess.run(
            [str(find_node()), str(HERE / "check.js"), site],
            cwd=sdk,
            check=False,
            capture_output=True,
            text=True,
            timeout=STANDSTILL,
        )
    assert done.returncode == 0, done.stderr
    yield json.loads(done.stdout)


@pytest.fixture(params=["key", "app"])
def found(results: Results, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Results of the SDK with an API key, and as an app."""
    calls: dict[str, Any] = results[request.param]
    return calls


def test_the_lock_file_names_no_registry_but_npms_own() -> None:
    addresses = locked_addresses(HERE)

    assert addresses
    assert all(address.startswith("https://registry.npmjs.org/") for address in addresses)


def test_collections_when_created_and_changed_then_the_revision_grows(
    found: dict[str, Any],
) -> None:
    calls = found["collections"]

    assert calls["created"] == [calls["listed"][-1], "1", True]
    assert calls["got"] == ["title", "amount"]
    assert calls["grown"] == "2"
    assert calls["updated"] == ["Renamed", "3"]
    assert calls["permission"] == "PRIVILEGED"
    assert calls["indexes"] == [["byTitle", True, "ACTIVE"]]


def test_collections_when_a_call_is_refused_then_the_sdk_has_wixs_code(
    found: dict[str, Any],
) -> None:
    calls = found["collections"]

    codes = (calls["staleRevision"], calls["twice"], calls["missing"])

    assert codes == ("WDE0178", "WDE0104", "WDE0025")


def test_items_when_written_then_the_sdk_reads_them_back(found: dict[str, Any]) -> None:
    calls = found["single"]

    assert calls["inserted"] == ["a", True, "string"]
    assert calls["got"] == ["Alpha", True, ["x"]]
    assert calls["updated"] == {"_id": "a", "title": "Alpha 2", "amount": 2}
    assert calls["saved"] == ["Alpha 3", "string"]
    assert calls["patched"] == ALPHA
    assert calls["removed"] == "Beta"


def test_items_when_missing_then_get_and_remove_give_null(found: dict[str, Any]) -> None:
    calls = found["single"]

    assert calls["missing"] is None
    assert calls["removedTwice"] is None


def test_items_when_a_call_is_refused_then_the_sdk_has_wixs_code(found: dict[str, Any]) -> None:
    calls = found["single"]

    codes = (
        calls["insertTwice"],
        calls["updateMissing"],
        calls["uniqueTwice"],
        calls["missingCollection"],
    )

    assert codes == ("WDE0074", "WDE0073", "WDE0123", "WDE0025")


@pytest.mark.parametrize(
    ("call", "inserted", "updated", "removed", "skipped"),
    [
        ("inserted", 25, 0, 0, 0),
        ("insertedTwice", 0, 0, 0, 3),
        ("saved", 1, 25, 0, 0),
        ("updated", 0, 1, 0, 1),
        ("patched", 0, 2, 0, 1),
        ("removed", 0, 0, 1, 1),
    ],
)
def test_bulk_calls_when_made_then_the_sdk_counts_every_item(
    found: dict[str, Any], call: str, inserted: int, updated: int, removed: int, skipped: int
) -> None:
    assert found["bulk"][call] == {
        "inserted": inserted,
        "updated": updated,
        "removed": removed,
        "skipped": skipped,
    }


def test_bulk_insert_when_an_item_breaks_a_unique_index_then_the_sdk_names_it(
    found: dict[str, Any],
) -> None:
    assert found["bulk"]["conflicting"]["errors"] == [["WDE0123", 0]]
    assert found["bulk"]["conflicting"]["inserted"] == 1


def test_query_when_paged_by_offset_and_by_cursor_then_every_item_comes_once(
    found: dict[str, Any],
) -> None:
    query = found["query"]
    newest_first = [f"b{number:02}" for number in reversed(range(25))]

    assert query["total"] == 25
    assert query["pages"] == [newest_first[:10], newest_first[10:20], newest_first[20:]]
    assert [len(page) for page in query["byCursor"]] == [5, 5, 3]
    assert list(chain.from_iterable(query["byCursor"])) == [
        f"b{number:02}" for number in range(0, 25, 2)
    ]


def test_query_when_filtered_then_the_operators_hold(found: dict[str, Any]) -> None:
    query = found["query"]

    assert query["between"] == ["b03", "b04", "a", "b05"]
    assert query["either"] == ["b01", "b04"]
    assert query["neither"] == ["b00", "b02"]
    assert query["contains"] == ["b00"]
    assert query["notEmpty"] == ["b01", "b02"]
    assert query["fields"] == {"_id": "b03", "title": "Row 3"}
    assert query["count"] == 12
    assert query["distinct"] == ["even", "odd"]


def test_query_when_too_long_for_an_address_then_the_sdk_posts_it(found: dict[str, Any]) -> None:
    assert found["query"]["long"] == 15


def test_collection_when_truncated_and_deleted_then_nothing_is_left(found: dict[str, Any]) -> None:
    assert found["goodbye"] == {"left": 0, "gone": "WDE0025"}


def test_forms_when_created_then_the_sdk_finds_them(found: dict[str, Any]) -> None:
    calls = found["forms"]

    assert calls["created"] == [True, "1", True]
    assert calls["fields"] == ["email_0003", "amount"]
    assert calls["known"] == [True, True]


def test_submissions_when_made_changed_and_queried_then_the_sdk_reads_them_back(
    found: dict[str, Any],
) -> None:
    calls = found["forms"]

    assert calls["submitted"][:3] == ["CONFIRMED", "1", True]
    assert (calls["pages"], calls["since"]) == ([2, 1], 3)
    assert calls["everyOne"] == ["1@example.com", "2@example.com", "3@example.com"]
    assert calls["updated"] == ["2", {"email_0003": "new@example.com"}]
    assert (calls["read"], calls["confirmed"]) == ({"email_0003": "new@example.com"}, "CONFIRMED")


def test_submissions_when_a_call_is_refused_then_the_sdk_has_wixs_code(
    found: dict[str, Any],
) -> None:
    calls = found["forms"]

    codes = (calls["stale"], calls["deleted"], calls["noForm"])

    assert codes == ("ABORTED", "NOT_FOUND", "FORM_NOT_FOUND")
    assert calls["invalid"] == [
        "SUBMISSION_VALIDATION",
        [["REQUIRED_VALUE_ERROR", "email_0003"], ["TYPE_ERROR", "amount"]],
    ]


def test_submissions_when_made_by_the_api_then_they_name_the_caller(results: Results) -> None:
    submitters = {caller: results[caller]["forms"]["submitted"][3] for caller in ("key", "app")}

    assert submitters == {"key": ["userId"], "app": ["applicationId"]}


def test_members_when_created_changed_and_deleted_then_the_sdk_follows(
    found: dict[str, Any],
) -> None:
    calls = found["members"]

    assert calls["created"] == [True, "APPROVED", True]
    assert calls["got"] == [True, True, None, "UNKNOWN"]
    assert calls["found"] == [True, True]
    assert (calls["updated"], calls["statuses"], calls["deleted"]) == (
        "ACME",
        ["BLOCKED", "APPROVED"],
        "NOT_FOUND",
    )


def test_contacts_when_created_labelled_and_changed_then_the_sdk_follows(
    found: dict[str, Any],
) -> None:
    calls = found["contacts"]

    assert calls["created"] == [1, True, True]
    assert (calls["label"], calls["field"]) == ([True, False, True], [True, "TEXT"])
    assert (calls["updated"], calls["unlabelled"], calls["got"]) == ([3, "X-1", 1], [4, 0], 4)
    assert calls["found"] == [[True], [True]]


def test_contacts_when_a_call_is_refused_then_the_sdk_has_wixs_code(found: dict[str, Any]) -> None:
    assert found["contacts"]["codes"] == [
        "DUPLICATE_CONTACT_EXISTS",
        "CONTACT_ALREADY_CHANGED",
        "CONTACT_NOT_FOUND",
    ]


def test_files_when_brought_then_the_sdk_follows_them_until_they_are_ready(
    found: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    calls = found["media"]
    text = f"the guide of By{request.node.callspec.params['found'].title()}"

    assert calls["folder"] == [True, "media-root", True, True]
    assert calls["uploaded"] == ["PENDING", "Guide.pdf", True, str(len(text)), ["guide"], True]
    assert calls["document"]
    assert calls["opened"] == [403, 200, True, 'inline; filename="Renamed.pdf"']
    assert calls["resumable"] == ["TUS", "12", ["big"], True]
    assert calls["imported"] == ["PENDING", [["IMAGE", "3", True], ["IMAGE", "3", True]]]
    assert calls["bulk"] == [1, False, "INVALID_ARGUMENT"]


def test_files_when_listed_changed_and_deleted_then_the_sdk_follows(found: dict[str, Any]) -> None:
    calls = found["media"]

    assert calls["updated"] == "Renamed.pdf"
    assert calls["listed"] == [
        ["Renamed.pdf", "a.png", "bulk.png"],
        ["copy.png"],
        ["Renamed.pdf"],
        ["Renamed.pdf"],
    ]
    assert (calls["queried"], calls["zipped"]) == ([True], [200, "application/zip"])
    assert calls["trash"] == [["big.csv"], ["OK", "OK"], [True]]


def test_files_when_a_call_is_refused_then_the_sdk_has_wixs_rule(found: dict[str, Any]) -> None:
    assert found["media"]["rules"] == [
        "MISMATCH_MIME_TYPE",
        "ZERO_FILE_SIZE",
        "RESOURCE_NOT_FOUND",
        "NOT_FOUND",
    ]


def test_webhooks_when_delivered_then_the_sdk_verifies_them_and_calls_its_handlers(
    results: Results,
) -> None:
    calls = results["webhooks"]

    external = {"origin": "check", "externalIds": ["1"]}
    assert calls["seen"][:2] == [
        ["file failed", "DOWNLOAD_FAILED", ["1"]],
        ["file ready", True, True, external],
    ]
    assert calls["seen"][2:] == [
        ["member", True, "BLOCKED", True],
        ["submission", True, True, {"identityType": "MEMBER", "memberId": calls["member"]}],
    ]
    files = [
        f"wix.media.site_media.v1.file_descriptor_{slug}" for slug in ("file_failed", "file_ready")
    ]
    assert calls["types"] == [
        "wix.forms.v4.submission_created",
        *files,
        "wix.members.v1.member_updated",
        "wix.unheard.v1.of_created",
    ]


def test_webhooks_when_of_an_unknown_type_or_forged_then_the_sdk_refuses_them(
    results: Results,
) -> None:
    assert results["webhooks"]["refused"] == ["Unexpected event type: wix"]
    assert results["webhooks"]["forged"]


def test_credentials_when_wrong_then_the_sdk_is_refused(results: Results) -> None:
    assert results["wrongKey"] == "UNAUTHENTICATED"
    assert "401" in str(results["wrongSecret"])
