"""Use case 5 through the deployed stack: documents and their files on both sides."""

import base64
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gridwix.form_intake.document_uploads import upload_label
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS, PARTNER_LINKS, PARTNER_REQUESTS
from gridwix.models.wix import DataItem
from ops.local_environment import LocalEnvironment

AGREEMENT, TAX_FORM = "doc_ag_101", "doc_w8_055120"
PARTNER, MEMBER = "GC070000000101", "8c1f0f0a-77aa-4b7e-9a53-55f1f2f0c1d2"


@pytest.fixture(scope="module", autouse=True)
def member(local_cloud: LocalEnvironment) -> Iterator[None]:
    """A member who acts for Prairie Gold Foods."""
    link = DataItem(
        WixItemId("link-documents"), {"memberId": MEMBER, "partnerId": PARTNER, "role": "admin"}
    )
    local_cloud.connections.wix.save_item(PARTNER_LINKS, link)
    yield
    local_cloud.connections.wix.remove_item(PARTNER_LINKS, link.id)


def row(local: LocalEnvironment, document_id: str = AGREEMENT) -> dict[str, Any]:
    item = local.connections.wix.get_item(PARTNER_DOCUMENTS, WixItemId(item_id(document_id)))
    return {} if item is None else dict(item.data)


def site(local: LocalEnvironment, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Call the site's media API as its backend code does."""
    info = local.wix.info()
    headers = {"authorization": info["apiKey"], "wix-site-id": info["siteId"]}
    answer: dict[str, Any] = (
        httpx.post(f"{local.wix.url}/site-media/v1/{path}", json=body, headers=headers)
        .raise_for_status()
        .json()
    )
    return answer


def link(local: LocalEnvironment, file_id: str) -> str:
    return str(
        site(
            local,
            "files/generate-file-download-url",
            {"fileId": file_id, "expirationInMinutes": 10},
        )["downloadUrls"][0]["url"]
    )


def uploaded(local: LocalEnvironment, content: bytes, name: str) -> str:
    """Upload a file for a partner's agreement to a URL from the site's code; return its id."""
    marks = [upload_label(PartnerId(PARTNER), AGREEMENT)]
    place = site(
        local,
        "files/generate-upload-url",
        {"mimeType": "application/pdf", "fileName": name, "private": True, "labels": marks},
    )
    put = httpx.put(
        place["uploadUrl"],
        params={"filename": name},
        content=content,
        headers={"content-type": "application/pdf"},
    )
    return str(put.raise_for_status().json()["file"]["id"])


def add_version(local: LocalEnvironment, content: bytes, name: str) -> None:
    local.trading_grid.order(
        f"library/{AGREEMENT}/versions",
        {"fileName": name, "content": base64.b64encode(content).decode()},
    )


def stored_files(local: LocalEnvironment, name: str) -> list[dict[str, Any]]:
    """Return the files of this name on the site. Other documents may have work of their own."""
    files = local.wix.read("media/files")["files"]
    return [file for file in files if file["displayName"] == name]


def test_approved_agreement_replaces_the_one_in_the_document_centre_and_a_replay_sends_nothing(
    local_cloud: LocalEnvironment,
) -> None:
    local = local_cloud
    local_cloud.wait_for(
        lambda: row(local).get("version") == 1 and bool(row(local)["fileId"]),
        "the agreement on the portal",
    )
    former = link(local, row(local)["fileId"])
    newer = b"%PDF-1.7 signed by both sides " + uuid.uuid4().bytes

    add_version(local, newer, "Supplier agreement 2026 李.pdf")
    local_cloud.wait_for(lambda: row(local).get("version") == 2, "the new version on the portal")
    local.wait_until_idle()

    shown = row(local)
    assert (
        shown["fileName"],
        shown["partnerIds"],
        shown["private"],
        shown["history"][0]["version"],
    ) == ("Supplier agreement 2026 李.pdf", [PARTNER], True, 1)
    assert httpx.get(link(local, shown["fileId"])).content == newer
    assert httpx.get(former).status_code in (403, 404)

    stored = stored_files(local, shown["fileName"])
    assert len(stored) == 1
    local.publish_all()
    assert (stored_files(local, shown["fileName"]), row(local)) == (stored, shown)


def test_restricted_document_stays_in_trading_grid(local_cloud: LocalEnvironment) -> None:
    local_cloud.wait_for(lambda: bool(row(local_cloud, TAX_FORM)), "the tax form's row")

    shown = row(local_cloud, TAX_FORM)
    assert (shown["restricted"], shown["statusLabel"], shown["fileId"], shown["fileName"]) == (
        True,
        "Current",
        "",
        "",
    )
    assert not [
        entry
        for entry in local_cloud.trading_grid.requests()
        if f"{TAX_FORM}/versions/1/content" in entry["path"]
    ]


def test_upload_of_a_partner_waits_for_approval_and_is_published_by_it(
    local_cloud: LocalEnvironment,
) -> None:
    local = local_cloud
    local_cloud.wait_for(lambda: bool(row(local).get("fileId")), "the agreement on the portal")
    base, content = row(local)["version"], b"%PDF-1.7 signed by the partner " + uuid.uuid4().bytes
    file_id, identifier = uploaded(local, content, "Signed.pdf"), f"upload-{uuid.uuid4().hex}"
    values = {
        "document_id": AGREEMENT,
        "file": [{"fileId": file_id, "displayName": "Signed.pdf"}],
        "base_version": base,
    }

    for _ in range(2):
        local.site_code.submit_form("document-version", identifier, MEMBER, values)
    local_cloud.wait_for(
        lambda: (row(local).get("review") or {}).get("status") == "in_review",
        "the partner's version in review",
    )
    local.wait_until_idle()

    assert (row(local)["version"], row(local)["conflict"]) == (base, False)
    versions = local.gateway.list_records(f"documents/{AGREEMENT}/versions")["items"]
    assert [(one["status"], one["source"]) for one in versions if one["number"] > base] == [
        ("in_review", "portal")
    ]
    request = local.connections.wix.get_item(PARTNER_REQUESTS, WixItemId(item_id(identifier)))
    assert request is not None
    assert (request.data["status"], request.data["record"]) == ("done", f"documents/{AGREEMENT}")
    assert httpx.get(f"{local.wix.url}/__emulator/media/files").text.count(file_id) == 0

    (approval,) = [
        one
        for one in local.gateway.list_records("approvals")["items"]
        if one["subject"]["id"] == f"{AGREEMENT}/{versions[-1]['number']}"
    ]
    local.gateway.decide_approval(approval["id"], "approved", "Thank you.")
    local_cloud.wait_for(
        lambda: row(local).get("version") == versions[-1]["number"],
        "the partner's version on the portal",
    )

    assert "review" not in row(local)
    assert httpx.get(link(local, row(local)["fileId"])).content == content
