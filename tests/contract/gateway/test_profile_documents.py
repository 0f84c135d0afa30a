"""Documents, uploads and approvals of the profile, by the emulator and the gateway."""

import base64
import hashlib
import uuid
from typing import Any

import httpx
import pytest

from emulators.trading_grid.uploads import EICAR
from tests.fakes.gateway.hubs import PRAIRIE_GOLD, Hub, serve_gateway
from tests.fakes.gateway.library_client import GUIDE, LibraryClient


@pytest.fixture
def grid(hub: Hub) -> LibraryClient:
    """A client of each hub's library."""
    return LibraryClient(hub)


def test_sample_world_has_shared_partner_and_restricted_documents(grid: LibraryClient) -> None:
    found = {
        one["id"]: (one["classification"], one["partnerId"], one["status"], one["currentVersion"])
        for one in grid.get("documents")["items"]
    }

    assert found[GUIDE] == ("partner", None, "published", 1)
    assert found["doc_ag_101"] == ("partner", PRAIRIE_GOLD, "published", 1)
    assert found["doc_w8_055120"][0] == "restricted"


def test_content_comes_with_its_digest_whole_and_in_ranges(grid: LibraryClient) -> None:
    (version,) = grid.get(f"documents/{GUIDE}/versions")["items"]
    path = f"documents/{GUIDE}/versions/1/content"

    whole = grid.content(path)
    part = grid.content(path, Range="bytes=5-9")
    stale = grid.content(path, Range="bytes=5-9", **{"If-Range": '"other"'})
    beyond = grid.content(path, Range=f"bytes={len(whole.content)}-")

    assert (len(whole.content), hashlib.sha256(whole.content).hexdigest()) == (
        version["sizeBytes"],
        version["sha256"],
    )
    assert (
        whole.headers["content-digest"]
        == f"sha-256=:{base64.b64encode(bytes.fromhex(version['sha256'])).decode()}:"
    )
    assert (part.status_code, part.content) == (206, whole.content[5:10])
    assert (stale.status_code, beyond.status_code) == (200, 416)
    assert whole.content.startswith(b"%PDF-1.4")


def test_documents_come_with_their_versions_if_they_are_asked_for(grid: LibraryClient) -> None:
    versions = grid.get(f"documents/{GUIDE}/versions")["items"]

    assert grid.get(f"documents/{GUIDE}", expand="versions")["versions"] == versions
    assert {
        one["id"]: one["versions"] for one in grid.get("documents", expand="versions")["items"]
    }[GUIDE] == versions
    assert "versions" not in grid.get(f"documents/{GUIDE}")
    assert grid.content(f"documents/{GUIDE}?expand=everything").status_code == 422


def test_version_from_an_upload_waits_for_approval_and_is_current_from_then_on(
    grid: LibraryClient,
) -> None:
    version = grid.submit(
        GUIDE, b"%PDF second", changeNote="LTL cutoff now 14:00", baseVersion=1
    ).json()
    waiting = grid.get(f"documents/{GUIDE}")["currentVersion"]
    approval = grid.pending_approval()
    told = grid.new_events()

    grid.post(
        f"approvals/{approval['id']}/decision", {"decision": "approved", "comment": "Thank you."}
    ).raise_for_status()

    assert (version["number"], version["status"], version["fileName"], waiting) == (
        2,
        "in_review",
        "Ünterlage 李.pdf",
        1,
    )
    assert (approval["subject"], told) == (
        {"type": "document_version", "id": f"{GUIDE}/2"},
        ["document.version_added", "approval.requested"],
    )
    assert (grid.get(f"documents/{GUIDE}")["currentVersion"], grid.new_events()) == (
        2,
        ["approval.decided", "document.version_added"],
    )
    assert [
        (one["status"], one["comment"]) for one in grid.get(f"documents/{GUIDE}/versions")["items"]
    ] == [("approved", None), ("approved", "Thank you.")]
    assert (
        grid.post(f"approvals/{approval['id']}/decision", {"decision": "rejected"}).status_code
        == 409
    )


def test_version_that_is_rejected_leaves_the_current_one_and_says_why(grid: LibraryClient) -> None:
    grid.submit(GUIDE, b"%PDF second")

    grid.post(
        f"approvals/{grid.pending_approval()['id']}/decision",
        {"decision": "rejected", "comment": "Page 3 is missing."},
    ).raise_for_status()

    assert (
        grid.get(f"documents/{GUIDE}")["currentVersion"],
        grid.get(f"documents/{GUIDE}")["status"],
    ) == (1, "published")
    assert grid.get(f"documents/{GUIDE}/versions")["items"][1]["comment"] == "Page 3 is missing."


def test_bytes_of_the_current_version_make_no_new_one(grid: LibraryClient) -> None:
    content = grid.content(f"documents/{GUIDE}/versions/1/content").content

    answer = grid.submit(GUIDE, content)

    assert (answer.status_code, answer.json()["number"], grid.new_events()) == (200, 1, [])


def test_same_key_makes_one_version(grid: LibraryClient) -> None:
    upload, key = grid.upload(b"%PDF second"), str(uuid.uuid4())

    first, again = (
        grid.post(f"documents/{GUIDE}/versions", {"uploadId": upload}, key) for _ in range(2)
    )

    assert (first.status_code, first.json(), again.headers["idempotent-replayed"]) == (
        201,
        again.json(),
        "true",
    )
    assert len(grid.get(f"documents/{GUIDE}/versions")["items"]) == 2


def test_file_with_a_virus_becomes_no_version(grid: LibraryClient) -> None:
    answer = grid.submit(GUIDE, b"PDF " + EICAR)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "infected")


def test_document_of_a_partner_is_made_reviewed_published_and_withdrawn(
    grid: LibraryClient,
) -> None:
    wish = {
        "partnerId": PRAIRIE_GOLD,
        "type": "coi",
        "title": "Certificate of insurance",
        "category": "insurance",
        "classification": "partner",
    }
    made = grid.post("documents", wish).raise_for_status().json()
    grid.submit(made["id"], b"%PDF certificate").raise_for_status()
    grid.post(
        f"approvals/{grid.pending_approval()['id']}/decision", {"decision": "approved"}
    ).raise_for_status()
    told = grid.new_events()
    etag = f'"v{grid.get(f"documents/{made['id']}")["version"]}"'

    gone = grid.post(
        f"documents/{made['id']}/transitions", {"to": "withdrawn"}, **{"If-Match": etag}
    )

    assert told == [
        "document.status_changed",
        "document.version_added",
        "approval.requested",
        "approval.decided",
        "document.published",
    ]
    assert (gone.json()["status"], grid.new_events()) == ("withdrawn", ["document.withdrawn"])
    assert grid.submit(made["id"], b"%PDF late").status_code == 409


def test_hub_adds_a_version_that_is_current_at_once(grid: LibraryClient) -> None:
    grid.hub.publish_version(GUIDE, "v2.pdf", b"Version 2")

    assert (grid.get(f"documents/{GUIDE}")["currentVersion"], grid.new_events()) == (
        2,
        ["document.version_added"],
    )


def test_request_goes_with_uploads_that_are_there_and_with_no_others(grid: LibraryClient) -> None:
    wish = {
        "type": "support",
        "submitter": {},
        "formKey": "f",
        "formVersion": 1,
        "answers": {},
        "sourceSubmissionId": "s-1",
    }
    there = [{"uploadId": grid.upload(b"bytes"), "fileName": "a.pdf"}]

    assert grid.post("collaboration-requests", {**wish, "attachments": there}).status_code == 201
    assert (
        grid.post(
            "collaboration-requests",
            {**wish, "attachments": [{"uploadId": "upl_9", "fileName": "a.pdf"}]},
        ).status_code
        == 422
    )


def test_second_approval_for_the_same_version_is_the_first(grid: LibraryClient) -> None:
    grid.submit(GUIDE, b"%PDF second")
    subject = {"type": "document_version", "id": f"{GUIDE}/2"}

    asked = grid.post(
        "approvals", {"subject": subject, "comment": "Both sides have changed it."}
    ).json()
    unknown = grid.post("approvals", {"subject": {**subject, "id": f"{GUIDE}/9"}})

    assert (asked["id"], unknown.status_code) == (grid.pending_approval()["id"], 404)


@pytest.mark.parametrize(
    ("sent", "changes"),
    [
        (b"other bytes", {}),
        (b"short", {}),
        (b"far too many of them", {}),
        (b"the bytes!!", {"sha256": "0" * 64}),
    ],
)
def test_bytes_that_were_not_announced_become_no_version(
    grid: LibraryClient, sent: bytes, changes: dict[str, Any]
) -> None:
    upload = grid.announce(b"the bytes!!", **changes)
    # A hub may refuse them now, or when they are used.
    httpx.put(upload["putUrl"], content=sent)

    answer = grid.post(f"documents/{GUIDE}/versions", {"uploadId": upload["uploadId"]})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/uploadId")
    assert len(grid.get(f"documents/{GUIDE}/versions")["items"]) == 1


def test_upload_takes_bytes_for_an_hour_by_its_own_url_alone(grid: LibraryClient) -> None:
    upload = grid.announce(b"bytes")
    forged = httpx.put(upload["putUrl"] + "x", content=b"bytes")
    grid.hub.advance_clock(3_602)
    late = httpx.put(upload["putUrl"], content=b"bytes")

    assert (forged.status_code, late.status_code) == (403, 403)


def test_document_with_a_page_of_versions_has_them_all(grid: LibraryClient) -> None:
    for number in range(2, 5):
        grid.hub.publish_version(GUIDE, f"v{number}.pdf", f"Version {number}".encode())

    versions = grid.get(f"documents/{GUIDE}", expand="versions")["versions"]

    assert [version["number"] for version in versions] == [1, 2, 3, 4]
    assert grid.get(f"documents/{GUIDE}/versions")["items"] == versions


@pytest.mark.parametrize("number", ["0", "2", "1.5", "x", "100001"])
def test_content_of_no_version_is_not_found(grid: LibraryClient, number: str) -> None:
    answer = grid.content(f"documents/{GUIDE}/versions/{number}/content")

    assert answer.status_code == 404


def test_large_content_is_at_a_url_that_needs_no_token_and_ranges_of_it_are_here() -> None:
    content = bytes(range(256)) * (20 * 1024)
    digest = hashlib.sha256(content).digest()
    with serve_gateway() as hub:
        grid = LibraryClient(hub)
        hub.publish_version(GUIDE, "large.pdf", content)
        path = f"documents/{GUIDE}/versions/2/content"

        whole = grid.content(path)
        moved = httpx.get(whole.headers["location"])
        part = grid.content(path, Range="bytes=4194304-")
        shortened = grid.content(path, Range="bytes=1-")

    assert (whole.status_code, whole.content) == (307, b"")
    assert whole.headers["content-digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert (moved.status_code, moved.content) == (200, content)
    assert moved.headers["content-type"] == "application/pdf"
    assert "authorization" not in hub.parts.content.downloads[0]
    assert (part.status_code, part.content) == (206, content[4_194_304:])
    assert shortened.headers["content-range"] == f"bytes 1-4194304/{len(content)}"
    assert shortened.content == content[1:4_194_305]


def test_media_type_of_a_client_is_no_header_of_ours() -> None:
    with serve_gateway() as hub:
        grid = LibraryClient(hub)
        upload = grid.announce(
            b"%PDF second", mediaType="text/html\r\nx-evil: 1", fileName='a"b.pdf'
        )
        httpx.put(upload["putUrl"], content=b"%PDF second").raise_for_status()
        grid.post(f"documents/{GUIDE}/versions", {"uploadId": upload["uploadId"]})

        answer = grid.content(f"documents/{GUIDE}/versions/2/content")

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%22b.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "x-evil" not in answer.headers


def test_versions_are_listed_page_by_page() -> None:
    with serve_gateway() as hub:
        grid = LibraryClient(hub)
        for number in range(2, 6):
            hub.publish_version(GUIDE, f"v{number}.pdf", f"Version {number}".encode())

        first = grid.get(f"documents/{GUIDE}/versions", limit=3)
        second = grid.get(f"documents/{GUIDE}/versions", limit=3, cursor=first["nextCursor"])

    assert [one["number"] for one in first["items"] + second["items"]] == [1, 2, 3, 4, 5]
    assert second["nextCursor"] is None
