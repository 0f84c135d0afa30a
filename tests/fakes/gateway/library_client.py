"""A client of a hub's document library."""

import hashlib
import uuid
from typing import Any

import httpx

from tests.fakes.gateway.hubs import Hub, ProfileClient

GUIDE = "doc_rg_2026"
"""A published document of the sample world, with one version."""


class LibraryClient(ProfileClient):
    """Announces, puts, submits and decides as clients of the profile do."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self._cursor = self.get("events", cursor="now")["nextCursor"]

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON of a path."""
        return self.client.get(path, params=params).raise_for_status().json()

    def content(self, path: str, **headers: str) -> httpx.Response:
        """Return the response of a path, whatever its status."""
        return self.client.get(path, headers=headers)

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> httpx.Response:
        """Send a body under an idempotency key."""
        return self.client.post(
            path, json=body, headers={"Idempotency-Key": key or str(uuid.uuid4()), **headers}
        )

    def announce(self, content: bytes, **changes: Any) -> dict[str, Any]:
        """Announce a file."""
        wish = {
            "fileName": "Ünterlage 李.pdf",
            "mediaType": "application/pdf",
            "purpose": "document_version",
        }
        facts = {"sizeBytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        found: dict[str, Any] = (
            self.post("uploads", {**wish, **facts, **changes}).raise_for_status().json()
        )
        return found

    def upload(self, content: bytes, **changes: Any) -> str:
        """Announce a file and put its bytes. Return the upload's id."""
        upload = self.announce(content, **changes)
        httpx.put(upload["putUrl"], content=content).raise_for_status()
        return str(upload["uploadId"])

    def submit(self, document: str, content: bytes, **fields: Any) -> httpx.Response:
        """Upload a file and make it a version of a document."""
        return self.post(
            f"documents/{document}/versions", {"uploadId": self.upload(content), **fields}
        )

    def new_events(self) -> list[str]:
        """Return the types of the events since the last call."""
        page = self.get("events", cursor=self._cursor)
        self._cursor = page["nextCursor"]
        return [event["type"].removeprefix("net.example.tg.") for event in page["items"]]

    def pending_approval(self) -> dict[str, Any]:
        """Return the one approval that is pending."""
        (found,) = self.get("approvals", status="pending")["items"]
        return dict(found)
