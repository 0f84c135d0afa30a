"""The document library: documents, their versions and content, and approvals of versions."""

import json
from typing import Any

from emulators.common.blobs import Blobs
from emulators.trading_grid.community import Community
from emulators.trading_grid.problems import Problem
from emulators.trading_grid.store import Document
from emulators.trading_grid.uploads import Uploads

KIND = "documents"
APPROVALS = "approvals"
FINAL = frozenset({"withdrawn", "expired", "superseded"})
APPROVERS = {
    "tax_form": "vendor-compliance",
    "insurance": "vendor-compliance",
    "agreement": "legal",
    "label_spec": "edi-support",
}


class Library:
    """The document library: changes documents, their versions and approvals.

    Each change of a document raises its version and appends an event.
    """

    def __init__(self, community: Community, blobs: Blobs, uploads: Uploads) -> None:
        self._community = community
        self._store = community.store
        self._blobs = blobs
        self._uploads = uploads

    def create_document(self, fields: Document) -> Document:
        """Create a draft document that has no file version yet.

        Raises Problem if the partner in ``fields`` does not exist.
        """
        partner_id = fields.get("partnerId")
        if partner_id is not None and self._store.get("partners", partner_id) is None:
            fault = {
                "pointer": "/partnerId",
                "code": "unknown",
                "detail": "there is no such partner",
            }
            raise Problem("validation", "The document is not valid.", errors=[fault])
        with self._store.transaction():
            document = {
                **_default_fields(),
                **fields,
                "id": fields.get("id") or f"doc_{self._store.next_number('document'):06}",
                "status": "draft",
                "currentVersion": 0,
            }
            return self._community.create(KIND, document, "document.status_changed")

    def versions(self, identifier: str) -> list[Document]:
        """Return the versions of a document, oldest first."""
        self._community.get(KIND, identifier)
        rows = self._store.connection.execute(
            "SELECT document FROM document_version WHERE document_id = ? ORDER BY number",
            (identifier,),
        )
        return [json.loads(row["document"]) for row in rows]

    def version(self, identifier: str, number: int) -> Document:
        found = next((one for one in self.versions(identifier) if one["number"] == number), None)
        if found is None:
            raise Problem("not-found", f"Document {identifier} has no version {number}.")
        return found

    def submit_version(self, identifier: str, fields: Document) -> tuple[Document, bool]:
        """Add an uploaded file to a document, as a version that waits for approval.

        Returns the version and True. If the current version has the same bytes, no version is
        added: returns the current version and False. Raises Problem for a document in a final
        status, a missing upload, or an infected file.
        """
        document = self._community.get(KIND, identifier)
        if document["status"] in FINAL:
            raise Problem("invalid-transition", f"document {identifier} is {document['status']}.")
        upload = self._uploads.require_received(fields["uploadId"])
        known = self.versions(identifier)
        # A retry of a submitted version must not create another one, so the content decides.
        same = next(
            (
                one
                for one in known
                if one["sha256"] == upload["sha256"] and one["number"] == document["currentVersion"]
            ),
            None,
        )
        if same is not None:
            return same, False
        if upload["scan"] == "infected":
            fault = {
                "pointer": "/uploadId",
                "code": "infected",
                "detail": "the scanner has found a virus",
            }
            raise Problem("validation", "The file is infected.", errors=[fault])
        file = {name: upload[name] for name in ("fileName", "mediaType", "sizeBytes", "sha256")}
        more = {
            "changeNote": fields.get("changeNote", ""),
            "source": fields.get("source", "portal"),
            "baseVersion": fields.get("baseVersion"),
        }
        with self._store.transaction():
            version = self._add_version(document, {**file, **more, "status": "in_review"})
            status = "in_review" if document["status"] == "draft" else document["status"]
            changed = self._community.change(
                KIND, identifier, {"status": status}, "document.version_added"
            )
            self.open_approval(
                {
                    "subject": {
                        "type": "document_version",
                        "id": f"{identifier}/{version['number']}",
                    }
                },
                changed,
            )
        return version, True

    def publish_version(self, identifier: str, fields: Document, content: bytes) -> Document:
        """Add a version to a document on behalf of the hub, and return the version.

        The version needs no approval, and is the current one at once.
        """
        document = self._community.get(KIND, identifier)
        blob = self._blobs.store_bytes(content)
        file = {
            "fileName": fields["fileName"],
            "mediaType": fields.get("mediaType", "application/pdf"),
            "sizeBytes": blob.size,
            "sha256": blob.sha256,
        }
        more = {
            "changeNote": fields.get("changeNote", ""),
            "source": "trading_grid",
            "baseVersion": document["currentVersion"] or None,
        }
        with self._store.transaction():
            version = self._add_version(document, {**file, **more, "status": "approved"})
            self._make_current(document, version["number"])
        return version

    def decide_approval(self, approval_id: str, decision: str, comment: str) -> Document:
        """Approve or reject a pending approval, and set the status of its document version.

        Returns the approval. Raises Problem if the approval is already decided.
        """
        approval = self._community.get(APPROVALS, approval_id)
        if approval["status"] != "pending":
            raise Problem("invalid-transition", f"approval {approval_id} is {approval['status']}.")
        with self._store.transaction():
            decided = {
                "status": decision,
                "decidedBy": "reviewer",
                "decidedAt": self._community.now(),
                "comment": comment,
            }
            changed = self._community.change(APPROVALS, approval_id, decided, "approval.decided")
            if approval["subject"]["type"] == "document_version":
                identifier, _, number = approval["subject"]["id"].partition("/")
                self._apply_decision(identifier, int(number), decision, comment)
        return changed

    def open_approval(self, fields: Document, document: Document) -> Document:
        """Request a team's approval of a document version, and return the approval.

        Idempotent: while an approval of the version is pending, that approval is returned.
        """
        subject = fields["subject"]
        waiting = (
            one
            for one in self._store.select(APPROVALS, statuses=("pending",))
            if one["subject"] == subject
        )
        if (known := next(waiting, None)) is not None:
            return known
        approval = {
            "id": f"apr_{self._store.next_number('approval'):04}",
            "subject": subject,
            "partnerId": document.get("partnerId"),
            "requestedBy": fields.get("requestedBy", "portal"),
            "approverTeam": fields.get("approverTeam")
            or APPROVERS.get(document["category"], "partner-desk"),
            "status": "pending",
            "decidedBy": None,
            "decidedAt": None,
            "comment": fields.get("comment"),
        }
        return self._community.create(APPROVALS, approval, "approval.requested")

    def request_approval(self, fields: Document) -> Document:
        """Request the approval of a document version, and return the approval.

        Raises Problem if there is no such version.
        """
        identifier, _, number = str(fields["subject"]["id"]).partition("/")
        self.version(identifier, parse_version_number(number))
        with self._store.transaction():
            return self.open_approval(fields, self._community.get(KIND, identifier))

    def seed_document(self, document: Document, versions: list[tuple[Document, bytes]]) -> None:
        """Store a published document with its versions, without events."""
        current = len(versions)
        complete = self._community.seed_entity(
            KIND,
            {**_default_fields(), **document, "status": "published", "currentVersion": current},
        )
        for fields, content in versions:
            blob = self._blobs.store_bytes(content)
            file = {"mediaType": "application/pdf", "sizeBytes": blob.size, "sha256": blob.sha256}
            more = {
                "source": "trading_grid",
                "changeNote": "",
                "baseVersion": None,
                "status": "approved",
            }
            self._add_version(complete, {**file, **more, **fields})

    def _add_version(self, document: Document, fields: Document) -> Document:
        number = len(self.versions(document["id"])) + 1
        version = {
            "number": number,
            "scan": "clean",
            "uploadedBy": fields["source"],
            "uploadedAt": self._community.now(),
            "comment": None,
            **fields,
        }
        self._store.connection.execute(
            "INSERT INTO document_version VALUES (?, ?, ?)",
            (document["id"], number, json.dumps(version, ensure_ascii=False)),
        )
        return version

    def _apply_decision(self, identifier: str, number: int, decision: str, comment: str) -> None:
        document, version = self._community.get(KIND, identifier), self.version(identifier, number)
        self._save_version(identifier, {**version, "status": decision, "comment": comment})
        if decision == "approved":
            self._make_current(document, number)
        else:
            status = "draft" if document["status"] == "in_review" else document["status"]
            self._community.change(KIND, identifier, {"status": status}, "document.status_changed")

    def _make_current(self, document: Document, number: int) -> None:
        first = document["status"] != "published"
        self._community.change(
            KIND,
            document["id"],
            {"currentVersion": number, "status": "published"},
            "document.published" if first else "document.version_added",
        )

    def _save_version(self, identifier: str, version: Document) -> None:
        text = json.dumps(version, ensure_ascii=False)
        self._store.connection.execute(
            "UPDATE document_version SET document = ? WHERE document_id = ? AND number = ?",
            (text, identifier, version["number"]),
        )


def parse_version_number(text: str) -> int:
    """Return the version number that a text holds, or 0 if the text is no valid number.

    Versions are numbered from 1, so no version is found for 0.

    >>> parse_version_number("12"), parse_version_number("1.5")
    (12, 0)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def make_pdf(title: str) -> bytes:
    """Return a small one-page PDF that shows ``title``. Deterministic."""
    text = "".join(
        character
        if character.isascii() and character.isprintable() and character not in "()\\"
        else "?"
        for character in title
    )
    page = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
            " /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        f"<< /Length {len(page)} >>\nstream\n{page}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = "%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return (
        body
        + (
            f"xref\n0 6\n0000000000 65535 f \n{table}"
            f"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
        )
    ).encode()


def _default_fields() -> dict[str, Any]:
    return {
        "partnerId": None,
        "audience": {"all": True},
        "locale": ["en"],
        "effectiveFrom": None,
        "expiresOn": None,
        "tags": [],
    }
