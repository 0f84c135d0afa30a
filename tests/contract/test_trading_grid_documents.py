"""The document library of the Trading Grid emulator: uploads, versions, approvals, events."""

import base64
import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid.app import build_app
from emulators.trading_grid.seed import PRAIRIE_GOLD
from emulators.trading_grid.uploads import EICAR
from ops.emulator import Emulator

GUIDE = "doc_rg_2026"


class Grid:
    def __init__(self, url: str) -> None:
        self.url = url
        info = Emulator(url).info()
        token = httpx.post(
            f"{url}/v1/oauth2/tokens?grant_type=client_credentials",
            auth=(info["consumerKey"], info["consumerSecret"]),
        ).json()
        self._http = httpx.Client(
            base_url=info["communityBaseUrl"] + "/",
            headers={"Authorization": f"Bearer {token['access_token']}"},
        )
        self.cursor = self.get("events", cursor="now")["nextCursor"]

    def get(self, path: str, **params: Any) -> Any:
        return self._http.get(path, params=params).raise_for_status().json()

    def content(self, path: str, **headers: str) -> httpx.Response:
        return self._http.get(path, headers=headers)

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> httpx.Response:
        return self._http.post(
            path, json=body, headers={"Idempotency-Key": key or str(uuid.uuid4()), **headers}
        )

    def announce(self, content: bytes, **changes: Any) -> dict[str, Any]:
        wish = {
            "fileName": "Ünterlage 李.pdf",
            "mediaType": "application/pdf",
            "purpose": "document_version",
        }
        told = {"sizeBytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        found: dict[str, Any] = (
            self.post("uploads", {**wish, **told, **changes}).raise_for_status().json()
        )
        return found

    def upload(self, content: bytes) -> str:
        upload = self.announce(content)
        httpx.put(upload["putUrl"], content=content).raise_for_status()
        return str(upload["uploadId"])

    def submit(self, document: str, content: bytes, **fields: Any) -> httpx.Response:
        return self.post(
            f"documents/{document}/versions", {"uploadId": self.upload(content), **fields}
        )

    def order(self, path: str, wish: Any) -> Any:
        return Emulator(self.url).order(path, wish)

    def events(self) -> list[str]:
        """Return the events since the last call."""
        page = self.get("events", cursor=self.cursor)
        self.cursor = page["nextCursor"]
        return [event["type"].removeprefix("net.example.tg.") for event in page["items"]]

    def approval(self) -> dict[str, Any]:
        (found,) = self.get("approvals", status="pending")["items"]
        return dict(found)


@pytest.fixture
def grid() -> Iterator[Grid]:
    with thread(build_app()) as url:
        yield Grid(url)


def test_sample_world_has_shared_partner_and_restricted_documents(grid: Grid) -> None:
    found = {
        one["id"]: (one["classification"], one["partnerId"], one["status"], one["currentVersion"])
        for one in grid.get("documents")["items"]
    }

    assert found[GUIDE] == ("partner", None, "published", 1)
    assert found["doc_ag_101"] == ("partner", PRAIRIE_GOLD, "published", 1)
    assert found["doc_w8_055120"][0] == "restricted"


def test_content_comes_with_its_digest_whole_and_in_ranges(grid: Grid) -> None:
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


def test_documents_come_with_their_versions_if_they_are_asked_for(grid: Grid) -> None:
    versions = grid.get(f"documents/{GUIDE}/versions")["items"]

    assert grid.get(f"documents/{GUIDE}", expand="versions")["versions"] == versions
    assert {
        one["id"]: one["versions"] for one in grid.get("documents", expand="versions")["items"]
    }[GUIDE] == versions
    assert "versions" not in grid.get(f"documents/{GUIDE}")
    assert grid.content(f"documents/{GUIDE}?expand=everything").status_code == 422


def test_version_from_an_upload_waits_for_approval_and_is_current_from_then_on(grid: Grid) -> None:
    version = grid.submit(
        GUIDE, b"%PDF second", changeNote="LTL cutoff now 14:00", baseVersion=1
    ).json()
    waiting = grid.get(f"documents/{GUIDE}")["currentVersion"]
    approval = grid.approval()
    told = grid.events()

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
    assert (grid.get(f"documents/{GUIDE}")["currentVersion"], grid.events()) == (
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


def test_version_that_is_rejected_leaves_the_current_one_and_says_why(grid: Grid) -> None:
    grid.submit(GUIDE, b"%PDF second")

    grid.post(
        f"approvals/{grid.approval()['id']}/decision",
        {"decision": "rejected", "comment": "Page 3 is missing."},
    ).raise_for_status()

    assert (
        grid.get(f"documents/{GUIDE}")["currentVersion"],
        grid.get(f"documents/{GUIDE}")["status"],
    ) == (1, "published")
    assert grid.get(f"documents/{GUIDE}/versions")["items"][1]["comment"] == "Page 3 is missing."


def test_bytes_of_the_current_version_make_no_new_one(grid: Grid) -> None:
    content = grid.content(f"documents/{GUIDE}/versions/1/content").content

    answer = grid.submit(GUIDE, content)

    assert (answer.status_code, answer.json()["number"], grid.events()) == (200, 1, [])


def test_same_key_makes_one_version(grid: Grid) -> None:
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


@pytest.mark.parametrize(
    ("sent", "changes", "status"),
    [
        (b"other bytes", {}, 422),
        (b"short", {}, 422),
        (b"far too many of them", {}, 413),
        (b"the bytes!!", {"sha256": "0" * 64}, 422),
    ],
)
def test_bytes_that_were_not_announced_are_not_kept(
    grid: Grid, sent: bytes, changes: dict[str, Any], status: int
) -> None:
    upload = grid.announce(b"the bytes!!", **changes)

    answer = httpx.put(upload["putUrl"], content=sent)

    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert (
        grid.post(f"documents/{GUIDE}/versions", {"uploadId": upload["uploadId"]}).status_code
        == 422
    )


def test_address_of_an_upload_is_good_for_an_hour_and_for_nobody_else(grid: Grid) -> None:
    upload = grid.announce(b"bytes")
    forged = httpx.put(upload["putUrl"] + "x", content=b"bytes")
    Emulator(grid.url).order("clock", {"advance": 3601})

    late = httpx.put(upload["putUrl"], content=b"bytes")

    assert (forged.status_code, late.status_code, late.json()["detail"]) == (
        403,
        403,
        "The address has expired.",
    )


def test_file_with_a_virus_becomes_no_version(grid: Grid) -> None:
    answer = grid.submit(GUIDE, b"PDF " + EICAR)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "infected")


def test_document_of_a_partner_is_made_reviewed_published_and_withdrawn(grid: Grid) -> None:
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
        f"approvals/{grid.approval()['id']}/decision", {"decision": "approved"}
    ).raise_for_status()
    told = grid.events()
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
    assert (gone.json()["status"], grid.events()) == ("withdrawn", ["document.withdrawn"])
    assert grid.submit(made["id"], b"%PDF late").status_code == 409


def test_hub_adds_a_version_that_is_current_at_once(grid: Grid) -> None:
    grid.order(f"library/{GUIDE}/versions", {"fileName": "v2.pdf", "text": "Version 2"})

    assert (grid.get(f"documents/{GUIDE}")["currentVersion"], grid.events()) == (
        2,
        ["document.version_added"],
    )


def test_content_that_changes_on_its_way_does_not_fit_its_digest(grid: Grid) -> None:
    grid.order("faults", {"kind": "corrupt_content"})

    answer = grid.content(f"documents/{GUIDE}/versions/1/content")

    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer.headers["content-digest"] != f"sha-256=:{digest}:"


def test_request_goes_with_uploads_that_are_there_and_with_no_others(grid: Grid) -> None:
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


def test_second_approval_for_the_same_version_is_the_first(grid: Grid) -> None:
    grid.submit(GUIDE, b"%PDF second")
    subject = {"type": "document_version", "id": f"{GUIDE}/2"}

    asked = grid.post(
        "approvals", {"subject": subject, "comment": "Both sides have changed it."}
    ).json()
    unknown = grid.post("approvals", {"subject": {**subject, "id": f"{GUIDE}/9"}})

    assert (asked["id"], unknown.status_code) == (grid.approval()["id"], 404)
