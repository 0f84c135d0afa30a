"""Uploads, and the documents of the library with their versions, bytes and approvals."""

import hashlib
from typing import Any

import orjson

from emulators.trading_grid.problems import Problem
from soak.trading_grid.community import Community
from soak.trading_grid.feed import Event
from soak.trading_grid.records import Document, rfc3339

UPLOAD_SECONDS = 3600.0
"""Seconds for which the URL of an upload accepts bytes."""

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""Test file that each virus scanner detects by agreement
(https://www.eicar.org/download-anti-malware-testfile/).
"""

_FINAL = frozenset({"withdrawn", "expired", "superseded"})
_APPROVERS = {
    "tax_form": "vendor-compliance",
    "insurance": "vendor-compliance",
    "agreement": "legal",
    "label_spec": "edi-support",
}
_FILE = ("fileName", "mediaType", "sizeBytes", "sha256")


class Library:
    """Changes documents and their versions. All methods raise Problem.

    ``contents`` holds the bytes of all versions and uploads by their SHA-256.
    """

    def __init__(self, community: Community) -> None:
        self._community = community
        self.contents: dict[str, bytes] = {}
        self.uploads: dict[str, Document] = {}
        self._versions: dict[str, list[Document]] = {}
        self._pending: dict[str, str] = {}

    def announce(self, wish: Document, base_url: str) -> Document:
        """Announce an upload.

        Args:
            wish: The profile's schema ``NewUpload``.
            base_url: Precedes the path of the address to which the bytes go.

        Returns:
            ``uploadId``, ``putUrl`` and ``expiresAt``.
        """
        number = self._community.next_number("upload")
        identifier = f"upl_{number:06}"
        expires = self._community.clock() + UPLOAD_SECONDS
        token = hashlib.sha256(f"{identifier} {wish['sha256']}".encode()).hexdigest()[:24]
        self.uploads[identifier] = {
            **wish,
            "uploadId": identifier,
            "token": token,
            "expires": expires,
            "status": "announced",
            "scan": None,
        }
        return {
            "uploadId": identifier,
            "putUrl": f"{base_url}/uploads/{identifier}?token={token}",
            "expiresAt": rfc3339(expires),
        }

    def receive(self, identifier: str, token: str, content: bytes) -> Document:
        """Store the bytes of an upload.

        Args:
            identifier: The upload.
            token: Its token.
            content: The bytes.
        """
        upload = self.uploads.get(identifier)
        if upload is None or upload["token"] != token:
            raise Problem("forbidden", "The address is not valid.")
        if self._community.clock() > upload["expires"]:
            raise Problem("forbidden", "The address has expired.")
        if len(content) > upload["sizeBytes"]:
            raise Problem("payload-too-large", "There are more bytes than were announced.")
        digest = hashlib.sha256(content).hexdigest()
        facts = (("sizeBytes", len(content)), ("sha256", digest))
        wrong = [name for name, value in facts if upload[name] != value]
        if wrong:
            detail = "the bytes are others than were announced"
            faults = [
                {"pointer": f"/{name}", "code": "mismatch", "detail": detail} for name in wrong
            ]
            text = "The bytes are not those that were announced."
            raise Problem("validation", text, errors=faults)
        upload["status"] = "received"
        upload["scan"] = "infected" if EICAR in content[:4096] else "clean"
        self.contents[digest] = content
        return {"uploadId": identifier, "status": "received"}

    def require_received(self, identifier: str) -> Document:
        """Return an upload with bytes that have arrived. Raises Problem for others."""
        upload = self.uploads.get(identifier)
        if upload is None or upload["status"] != "received":
            detail = "there is no such upload, or its bytes were not put"
            raise _invalid("The upload is not there.", "unknown", detail)
        return upload

    def versions(self, identifier: str) -> list[Document]:
        """Return the versions of a document, oldest first. They belong to the library."""
        self._community.find("documents", identifier)
        return self._versions.get(identifier, [])

    def version(self, identifier: str, number: int) -> Document:
        """Return one version of a document."""
        known = self.versions(identifier)
        if not 1 <= number <= len(known):
            raise Problem("not-found", f"Document {identifier} has no version {number}.")
        return known[number - 1]

    def submit(self, identifier: str, wish: Document) -> tuple[Document, bool]:
        """Add an upload to a document as a version, which waits for approval.

        Args:
            identifier: The document.
            wish: The profile's schema ``NewDocumentVersion``.

        Returns:
            The version, and False if it is the current one, which has the same bytes.
        """
        document = self._community.find("documents", identifier).document()
        if document["status"] in _FINAL:
            raise Problem("invalid-transition", f"document {identifier} is {document['status']}.")
        upload = self.require_received(wish["uploadId"])
        known, current = self.versions(identifier), document["currentVersion"]
        same = [
            one for one in known if one["number"] == current and one["sha256"] == upload["sha256"]
        ]
        if same:
            return same[0], False
        if upload["scan"] == "infected":
            raise _invalid("The file is infected.", "infected", "the scanner has found a virus")
        more = {
            "changeNote": wish.get("changeNote", ""),
            "source": wish.get("source", "portal"),
            "baseVersion": wish.get("baseVersion"),
        }
        version = self._add_version(identifier, upload, {**more, "status": "in_review"})
        status = "in_review" if document["status"] == "draft" else document["status"]
        self._community.change("documents", document, {"status": status}, "document.version_added")
        self._open_approval(f"{identifier}/{version['number']}", document)
        return version, True

    def publish(
        self, identifier: str, file_name: str, content: bytes, media_type: str, *, quiet: bool
    ) -> tuple[Document, list[Event]]:
        """Add a version on behalf of the hub: approved, and current at once.

        Args:
            identifier: The document.
            file_name: Name of the file.
            content: Its bytes.
            media_type: Its media type.
            quiet: Append no event.

        Returns:
            The version and the events.
        """
        current = self._community.find("documents", identifier).document()["currentVersion"]
        digest = hashlib.sha256(content).hexdigest()
        self.contents[digest] = content
        file = dict(zip(_FILE, (file_name, media_type, len(content), digest), strict=True))
        more = {
            "changeNote": "",
            "source": "trading_grid",
            "baseVersion": current or None,
            "status": "approved",
        }
        version = self._add_version(identifier, file, more)
        return version, self._make_current(identifier, version["number"], quiet=quiet)

    def decide(self, approval_id: str, decision: str, comment: str) -> list[Event]:
        """Approve or reject a pending version of a document.

        Args:
            approval_id: The pending approval.
            decision: ``approved`` or ``rejected``.
            comment: A text for the partner.

        Returns:
            The events.
        """
        community = self._community
        approval = community.find("approvals", approval_id).document()
        if approval["status"] != "pending":
            raise Problem("invalid-transition", f"approval {approval_id} is {approval['status']}.")
        self._pending.pop(approval["subject"]["id"], None)
        decided = {
            "id": approval_id,
            "status": decision,
            "decidedBy": "reviewer",
            "decidedAt": community.now(),
            "comment": comment,
        }
        events = community.put("approvals", decided, event="approval.decided")
        identifier, _, text = approval["subject"]["id"].partition("/")
        number = int(text)
        version = {**self.version(identifier, number), "status": decision, "comment": comment}
        self._versions[identifier][number - 1] = version
        if decision == "approved":
            return events + self._make_current(identifier, number, quiet=False)
        document = community.find("documents", identifier).document()
        status = "draft" if document["status"] == "in_review" else document["status"]
        changes = {"status": status}
        changed = community.change("documents", document, changes, "document.status_changed")
        return [*events, changed[1]]

    def _add_version(self, identifier: str, file: Document, more: Document) -> Document:
        known = self._versions.setdefault(identifier, [])
        version: dict[str, Any] = {
            "number": len(known) + 1,
            "scan": "clean",
            "uploadedBy": more["source"],
            "uploadedAt": self._community.now(),
            "comment": None,
            **{name: file[name] for name in _FILE},
            **more,
        }
        known.append(version)
        return version

    def _make_current(self, identifier: str, number: int, *, quiet: bool) -> list[Event]:
        document = self._community.find("documents", identifier).document()
        first = document["status"] != "published"
        changes = {"currentVersion": number, "status": "published"}
        if quiet:
            return self._community.put("documents", {"id": identifier, **changes}, quiet=True)
        event_type = "document.published" if first else "document.version_added"
        return [self._community.change("documents", document, changes, event_type)[1]]

    def _open_approval(self, subject: str, document: Document) -> None:
        if subject in self._pending:
            return
        identifier, _ = self._community.new_id("approvals", "apr", 4)
        self._pending[subject] = identifier
        approval = {
            "id": identifier,
            "subject": {"type": "document_version", "id": subject},
            "partnerId": document.get("partnerId"),
            "requestedBy": "portal",
            "approverTeam": _APPROVERS.get(document["category"], "partner-desk"),
            "status": "pending",
            "decidedBy": None,
            "decidedAt": None,
            "comment": None,
        }
        self._community.put("approvals", approval)


def with_versions(document: bytes, versions: list[Document]) -> bytes:
    """Return the JSON of a document with its versions."""
    return document[:-1] + b',"versions":' + orjson.dumps(versions) + b"}"


def _invalid(text: str, code: str, detail: str) -> Problem:
    fault = {"pointer": "/uploadId", "code": code, "detail": detail}
    return Problem("validation", text, errors=[fault])
