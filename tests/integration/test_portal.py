"""The portal's own code on the deployed stack: invitation, partner data, and submissions."""

import base64
import re
import time
from typing import Any

import httpx
import pytest

from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import OPEN_ISSUES, PARTNER_REQUESTS
from gridwix.models.wix import DataItem
from ops.local_environment import LocalEnvironment
from ops.portal import DANA, LEE, PEOPLE, SAM
from tests.contract.portal_backend.cases import SECTIONS
from tests.contract.portal_site import Visitor, needs_node
from tests.integration.test_commands import gridwix

pytestmark = needs_node

POLL = 0.5
"""Seconds between two calls of one member, who has about 250 a minute."""

PRAIRIE_GOLD, HARBOR_PINE = "GC070000000101", "GC060998120045"


def log_in(local: LocalEnvironment, member: str) -> Visitor:
    http = httpx.Client(headers={"origin": local.portal_url})
    assert http.post(f"{local.portal_url}/login", data={"member": member}).status_code == 303
    return Visitor(local.portal_url, member, http)


def test_the_login_page_lists_the_sample_partners_members(local_cloud: LocalEnvironment) -> None:
    page = httpx.get(local_cloud.portal_url).text

    assert all(person.email in page for person in PEOPLE)
    assert "Harbor &amp; Pine Freight (admin)" in page


def test_a_member_sees_the_partners_published_rows(local_cloud: LocalEnvironment) -> None:
    sections = log_in(local_cloud, DANA.id).call("getPortal", None, "en", SECTIONS)["sections"]

    assert sections["status"]["rows"][0]["headline"]
    assert sections["status"]["stale"] is False
    [enrollment] = sections["onboarding"]["rows"]
    assert enrollment["programName"] == "North America Supplier Onboarding"
    assert {step["phaseLabel"] for step in enrollment["steps"]} >= {"Setup"}
    assert "TG-2026-004688" in {row["number"] for row in sections["issues"]["rows"]}


def test_a_member_of_two_partners_chooses_between_them(local_cloud: LocalEnvironment) -> None:
    lee = log_in(local_cloud, LEE.id)

    assert [(one["id"], one["role"]) for one in lee.call("getSession")["partners"]] == [
        (HARBOR_PINE, "admin"),
        (PRAIRIE_GOLD, "edi"),
    ]
    assert (
        lee.call("getPortal", PRAIRIE_GOLD, "en", ["status"])["partner"]["name"]
        == "Prairie Gold Foods"
    )


def test_a_member_who_is_invited_acts_for_the_partner_until_it_is_unlinked(
    local_cloud: LocalEnvironment,
) -> None:
    sam = log_in(local_cloud, SAM.id)
    assert sam.call("getSession")["partners"] == []

    invited, shown = gridwix(
        local_cloud, "invite", HARBOR_PINE, "--role", "edi", "--days", "3", "--yes"
    )
    assert invited == 0, shown
    [code] = re.findall(r"^(?:[A-Z2-7]{4}-){7}[A-Z2-7]{4}", shown, re.MULTILINE)
    assert sam.call("acceptInvitation", code)["partner"] == {
        "id": HARBOR_PINE,
        "name": "Harbor & Pine Freight",
        "role": "edi",
    }
    listed = gridwix(local_cloud, "links", "--partner", HARBOR_PINE)[1]
    assert re.search(rf"{SAM.id}.*{HARBOR_PINE}.*edi.*invitation", listed), listed
    unlinked, shown = gridwix(local_cloud, "unlink", SAM.id, HARBOR_PINE, "--yes")

    assert unlinked == 0, shown
    assert sam.call("getChanges", HARBOR_PINE) == {"error": {"code": "not_linked"}}
    assert code not in str(local_cloud.wix.requests())


def test_the_hub_links_a_member_itself(local_cloud: LocalEnvironment) -> None:
    sam = log_in(local_cloud, SAM.id)

    code, shown = gridwix(local_cloud, "link", SAM.id, HARBOR_PINE, "--role", "logistics", "--yes")

    assert code == 0, shown
    assert sam.call("getSession")["partners"] == [
        {"id": HARBOR_PINE, "name": "Harbor & Pine Freight", "role": "logistics"}
    ]
    assert gridwix(local_cloud, "unlink", SAM.id, "--yes")[0] == 0
    assert gridwix(local_cloud, "unlink", SAM.id, "--yes")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("invite", "GC999999999999", "--role", "edi"),
            "the portal knows no partner GC999999999999",
        ),
        (
            ("link", "dana@prairiegold.example", HARBOR_PINE, "--role", "edi"),
            "an email address is not accepted",
        ),
        (("invite", HARBOR_PINE, "--role", "owner"), "owner"),
        (("invite", HARBOR_PINE, "--role", "edi", "--days", "900"), "less than or equal to 90"),
    ],
)
def test_a_mistake_is_told_and_links_nobody(
    local_cloud: LocalEnvironment, arguments: tuple[str, ...], said: str
) -> None:
    code, shown = gridwix(local_cloud, *arguments)

    assert code != 0
    assert said in " ".join(shown.split())


def test_a_member_opens_a_document_and_sends_a_version_that_waits_for_approval(
    local_cloud: LocalEnvironment,
) -> None:
    local, lee = local_cloud, log_in(local_cloud, LEE.id)
    fields = {
        "partnerId": HARBOR_PINE,
        "type": "carrier_agreement",
        "title": "Carrier agreement",
        "category": "agreement",
        "classification": "partner",
    }
    document = local.trading_grid.order("library", fields)["id"]
    first, second = b"%PDF-1.7 first", b"%PDF-1.7 signed"
    local.trading_grid.order(
        f"library/{document}/versions",
        {"fileName": "Agreement.pdf", "content": base64.b64encode(first).decode()},
    )

    def shown() -> dict[str, Any]:
        rows = lee.call("getSections", HARBOR_PINE, ["documents"], "en")["sections"]["documents"][
            "rows"
        ]
        return next((row for row in rows if row["title"] == "Carrier agreement"), {})

    local_cloud.wait_for(
        lambda: bool(shown().get("fileId")), "the document on the portal's page", poll=POLL
    )
    row = shown()
    opened = lee.call("openDocument", HARBOR_PINE, row["id"])
    place = lee.call(
        "getUploadUrl",
        HARBOR_PINE,
        row["id"],
        {"fileName": "Signed.pdf", "mimeType": "application/pdf", "sizeInBytes": len(second)},
    )
    headers = {"content-type": "application/pdf", "origin": local.portal_url}
    put = httpx.put(
        place["uploadUrl"], params={"filename": "Signed.pdf"}, content=second, headers=headers
    ).raise_for_status()
    sent = lee.call(
        "submitDocument",
        HARBOR_PINE,
        row["id"],
        put.json()["file"]["id"],
        "Signed.pdf",
        row["version"],
    )
    local_cloud.wait_for(
        lambda: (shown().get("review") or {}).get("status") == "in_review",
        "the version in review",
        poll=POLL,
    )

    assert httpx.get(opened["url"]).content == first
    assert row["uploadable"] is True
    assert sent["reference"]
    assert [
        (one["source"], one["status"])
        for one in local.gateway.list_records(f"documents/{document}/versions")["items"]
    ][-1] == ("portal", "in_review")
    stranger = log_in(local, DANA.id)
    assert stranger.call("openDocument", PRAIRIE_GOLD, row["id"]) == {
        "error": {"code": "not_found"}
    }


def test_what_a_member_sends_arrives_in_trading_grid(local_cloud: LocalEnvironment) -> None:
    dana = log_in(local_cloud, DANA.id)
    issue = next(
        row
        for row in dana.call("getSections", None, ["issues"], "en")["sections"]["issues"]["rows"]
        if row["open"]
    )
    words = f"From the portal's page, {time.time_ns()}"

    commented = dana.call("addComment", PRAIRIE_GOLD, issue["id"], words)
    asked = dana.call(
        "sendRequest",
        None,
        "partner-question",
        {"topic": "tax", "question": "Which form do we need?"},
    )

    def shown() -> bool:
        item = local_cloud.connections.wix.get_item(OPEN_ISSUES, WixItemId(issue["id"]))
        return item is not None and words in str(item.data["comments"])

    local_cloud.wait_for(shown, "the comment on the portal")
    shown_rows = dana.call("getSections", None, ["issues"], "en")["sections"]["issues"]["rows"]
    assert words in str(shown_rows)

    def numbered() -> DataItem | None:
        items = local_cloud.connections.wix.items_where(
            PARTNER_REQUESTS, "reference", asked["reference"]
        )
        return next((item for item in items if item.data.get("number")), None)

    local_cloud.wait_for(lambda: numbered() is not None, "the request's number")
    request = numbered()
    assert request is not None
    assert (request.data["partnerId"], request.data["memberId"]) == (PRAIRIE_GOLD, DANA.id)

    def both() -> bool:
        rows = dana.call("getSections", None, ["requests"], "en")["sections"]["requests"]["rows"]
        return {row["reference"] for row in rows} >= {commented["reference"], asked["reference"]}

    local_cloud.wait_for(both, "both references on the portal's page", poll=POLL)
