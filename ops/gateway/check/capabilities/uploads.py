"""Rules of the conformance kit on uploads of files.

An upload is announced, sent without credentials, and compared with the announcement.
"""

import hashlib
import uuid

from ops.gateway.check.capabilities.library import draft_document
from ops.gateway.check.exchanges import Exchange
from ops.gateway.check.rules import (
    Capability,
    Need,
    require,
    require_problem,
    require_status,
)
from ops.gateway.check.session import Session

uploads = Capability("uploads", "Uploads")


@uploads.rule("sent", "Announced bytes are taken at putUrl without credentials", Need.WRITE)
def check_sent(session: Session) -> None:
    session.records.upload(_content())


@uploads.rule("protected", "putUrl is HTTPS if the gateway is", Need.WRITE)
def check_protected(session: Session) -> None:
    announced = session.records.announce_upload(_content())
    require_status(announced, 201)
    if session.gateway.url.startswith("https:"):
        secure = announced.document["putUrl"].startswith("https:")
        require(secure, "putUrl is not HTTPS", announced)


@uploads.rule(
    "other_bytes",
    "Bytes with another digest than announced are refused with validation",
    Need.WRITE,
)
def check_other_bytes(session: Session) -> None:
    content = _content()
    _require_refused(session, content, content[:-1] + b"?")


@uploads.rule("more_bytes", "More bytes than announced are refused", Need.WRITE)
def check_more_bytes(session: Session) -> None:
    content = _content()
    _require_refused(session, content, content * 2)


@uploads.rule(
    "not_sent", "An upload without bytes becomes no version, which is a validation", Need.WRITE
)
def check_not_sent(session: Session) -> None:
    announced = session.records.announce_upload(_content())
    require_status(announced, 201)
    require_problem(_add_version(session, announced.document["uploadId"]), "validation")


@uploads.rule(
    "unknown", "An upload that is not there becomes no version, which is a validation", Need.WRITE
)
def check_unknown(session: Session) -> None:
    require_problem(_add_version(session, f"gateway-check-{uuid.uuid4()}"), "validation")


@uploads.rule(
    "form", "An announcement without a valid digest is refused with validation", Need.WRITE
)
def check_form(session: Session) -> None:
    fields = {
        "fileName": "gridwix-gateway-check.txt",
        "mediaType": "text/plain",
        "sizeBytes": 1,
        "sha256": hashlib.sha256(b"?").hexdigest().upper(),
        "purpose": "document_version",
    }
    require_problem(session.records.post("/uploads", fields), "validation")


def _require_refused(session: Session, announced_content: bytes, sent: bytes) -> None:
    announced = session.records.announce_upload(announced_content)
    require_status(announced, 201)
    put = session.gateway.put_content(announced.document["putUrl"], sent, "text/plain")
    if put.status < 400:
        # A store can take bytes that the gateway then compares.
        added = _add_version(session, announced.document["uploadId"])
        require(added.status >= 400, "bytes that were not announced become a version", put, added)
        require_problem(added, "validation")


def _add_version(session: Session, upload_id: str) -> Exchange:
    path = f"{draft_document(session).path}/versions"
    return session.records.post(path, {"uploadId": upload_id, "source": "portal"})


def _content() -> bytes:
    return f"gridwix gateway check {uuid.uuid4()}\n".encode()
