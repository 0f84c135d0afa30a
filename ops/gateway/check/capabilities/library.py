"""Test document that a run of the conformance kit creates once; several checks use it.

The checks (rules) of uploads, documents and approvals need the document at different stages: a
draft, a version that waits for a review, a rejected version, a published version. The first check
that needs a stage brings the document there.
"""

import uuid
from dataclasses import dataclass

from ops.gateway.check.created_records import Change, record_path
from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.rules import Broken, require, require_status
from ops.gateway.check.session import Session


@dataclass(frozen=True)
class Submission:
    """A document version that waits for a decision.

    ``content`` are the bytes of the version. ``added`` is the request by which the version was
    added, and the gateway's response. ``approval`` is the pending approval.
    """

    content: bytes
    added: Exchange
    approval: Document

    @property
    def number(self) -> int:
        return int(self.added.document["number"])


@dataclass(frozen=True)
class Decision:
    """A document version that was approved or rejected.

    ``decided`` is the request for the decision, and the gateway's response. ``document`` is the
    document afterwards, and ``versions`` the list of its versions afterwards.
    """

    submission: Submission
    decided: Exchange
    document: Change
    versions: Exchange

    @property
    def version(self) -> Document:
        """The version that was approved or rejected, as the gateway lists it after the decision.

        Raises Broken if the list of the document's versions does not have it.
        """
        for version in self.versions.document["items"]:
            if version["number"] == self.submission.number:
                found: Document = version
                return found
        raise Broken(f"version {self.submission.number} is not listed", self.versions)


def draft_document(session: Session) -> Change:
    """Return the test document of this run of the conformance kit, as a draft without a version.

    The first call creates the document, later calls return the same.
    """
    return session.keep(
        "document",
        lambda: session.records.create("documents", session.records.document_fields()),
    )


def first_submission(session: Session) -> Submission:
    """Return the first version of the run's test document, which waits for a decision.

    The first call adds the version, later calls return the same. See :func:`draft_document`.
    """
    return session.keep("first version", lambda: _submit(session))


def rejection(session: Session) -> Decision:
    """Return the decision by which the first version of the run's test document was rejected.

    The first call rejects the version, later calls return the same. See :func:`draft_document`.
    """
    return session.keep(
        "rejection", lambda: _decide(session, first_submission(session), "rejected")
    )


def publication(session: Session) -> Decision:
    """Return the decision by which the second version of the run's test document was published.

    The first call rejects the document's first version if no rule has done so before, then adds the
    second version and approves it. Later calls return the same. See :func:`draft_document`.
    """

    def make() -> Decision:
        rejection(session)
        return _decide(session, _submit(session), "approved")

    return session.keep("publication", make)


def find_approval(session: Session, subject: str) -> Document | None:
    """Return the pending approval of a document version; None if there is none.

    ``subject`` names the version as ``document/number``.
    """
    listing = session.read_list("/approvals", {"status": "pending"})
    for approval in reversed(listing.items):
        if approval["subject"].get("id") == subject:
            return approval
    return None


def _submit(session: Session) -> Submission:
    document = draft_document(session)
    content = f"gridwix gateway check {uuid.uuid4()}\n".encode()
    upload_id = session.records.upload(content)
    added = session.records.post(
        f"{document.path}/versions", {"uploadId": upload_id, "source": "portal"}
    )
    require_status(added, 201)
    subject = f"{document.id}/{added.document['number']}"
    found: list[Document] = []

    def find() -> bool:
        approval = find_approval(session, subject)
        found.extend([] if approval is None else [approval])
        return approval is not None

    require(session.wait_until(find), f"no approval is pending for {subject}", added)
    return Submission(content, added, found[-1])


def _decide(session: Session, submission: Submission, decision: str) -> Decision:
    document = draft_document(session)
    decided = session.records.post(
        f"{record_path('approvals', str(submission.approval['id']))}/decision",
        {"decision": decision, "comment": "gridwix gateway check"},
    )
    require_status(decided, 200)
    versions = session.gateway.get(f"{document.path}/versions")
    require_status(versions, 200)
    current = session.records.read("documents", document.id)
    return Decision(submission, decided, current, versions)
