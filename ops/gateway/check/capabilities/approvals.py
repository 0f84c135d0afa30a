"""Rules of the conformance kit on approvals of document versions."""

import uuid

from ops.gateway.check.capabilities.library import draft_document, first_submission, rejection
from ops.gateway.check.created_records import record_path
from ops.gateway.check.rules import (
    Capability,
    Need,
    require,
    require_problem,
    require_status,
)
from ops.gateway.check.session import Session

approvals = Capability("approvals", "Approvals")


@approvals.rule("opened", "A new version opens an approval that is pending", Need.WRITE)
def check_opened(session: Session) -> None:
    found = first_submission(session).approval
    exchange = session.read_record("approvals", found)
    require_status(exchange, 200)
    require(exchange.document["status"] == "pending", "the approval is not pending", exchange)


@approvals.rule(
    "same_subject", "An approval that is pending is returned instead of a second one", Need.WRITE
)
def check_same_subject(session: Session) -> None:
    submission = first_submission(session)
    subject = {
        "type": "document_version",
        "id": f"{draft_document(session).id}/{submission.number}",
    }
    exchange = session.records.post("/approvals", {"subject": subject})
    require_status(exchange, 201)
    wanted = submission.approval["id"]
    found = exchange.document["id"]
    require(found == wanted, f"{found} is opened beside {wanted}", exchange)


@approvals.rule("unknown_subject", "An approval of no version is refused", Need.WRITE)
def check_unknown_subject(session: Session) -> None:
    subject = {"type": "document_version", "id": f"gateway-check-{uuid.uuid4()}/1"}
    exchange = session.records.post("/approvals", {"subject": subject})
    require_problem(exchange, "not-found", "validation")


@approvals.rule("decided", "A decision is in the approval, with the version after it", Need.WRITE)
def check_decided(session: Session) -> None:
    found = rejection(session)
    before, after = found.submission.approval, found.decided
    require(
        after.document["status"] == "rejected",
        f"the approval is {after.document['status']}, not rejected",
        after,
    )
    require(
        after.document["version"] == before["version"] + 1
        and after.etag == f'"v{after.document["version"]}"',
        f"the decision takes the version from {before['version']} to {after.document['version']},"
        f" with the ETag {after.etag}",
        after,
    )


@approvals.rule("once", "An approval is decided once, then invalid-transition", Need.WRITE)
def check_once(session: Session) -> None:
    approval = rejection(session).decided.document
    path = f"{record_path('approvals', approval['id'])}/decision"
    exchange = session.records.post(path, {"decision": "approved"})
    require_problem(exchange, "invalid-transition")
