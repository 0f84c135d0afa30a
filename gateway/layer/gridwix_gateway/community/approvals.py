"""Approvals of document versions: at most one is pending per version.

An item ``A#document/number`` in the table names the pending approval of a version.
"""

from gridwix_gateway.community.records import read_open_record
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.table import Key

APPROVALS = "approvals"

APPROVER_TEAMS = {
    "tax_form": "vendor-compliance",
    "insurance": "vendor-compliance",
    "agreement": "legal",
    "label_spec": "edi-support",
}
"""Team that approves versions of a document, by the document's category."""

DEFAULT_TEAM = "partner-desk"


def open_version_approval(
    draft: Draft, document: Document, number: int, fields: Document
) -> Document:
    """Request an approval of a document version, unless an approval of it is pending already.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        document: The version's document.
        number: Number of the version.
        fields: ``approverTeam``, ``requestedBy`` and ``comment`` of the schema ``NewApproval``.

    Returns:
        The new approval, or the pending one.
    """
    subject = f"{document['id']}/{number}"
    pending = _pending_approval(draft, subject)
    if pending is not None:
        return pending
    approval = draft.create(
        APPROVALS,
        {
            "id": f"apr_{draft.next_number:09}",
            "subject": {"type": "document_version", "id": subject},
            "partnerId": document.get("partnerId"),
            "requestedBy": fields.get("requestedBy", "portal"),
            "approverTeam": fields.get("approverTeam")
            or APPROVER_TEAMS.get(document["category"], DEFAULT_TEAM),
            "status": "pending",
            "decidedBy": None,
            "decidedAt": None,
            "comment": fields.get("comment"),
        },
        "approval.requested",
    )
    key = _subject_key(subject)
    draft.put_item({"pk": key.pk, "sk": key.sk, "approval": approval["id"]})
    return approval


def close_approval(
    draft: Draft, identifier: str, decision: str, comment: str | None, decided_by: str
) -> Document:
    """Record the decision on a pending approval of a document version.

    The caller sets the status of the document version in the same commit.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        identifier: The approval.
        decision: ``approved`` or ``rejected``.
        comment: The reviewer's comment.
        decided_by: The reviewer, as the approval shows it.

    Returns:
        The approval after the decision.

    Raises:
        Problem: ``not-found``, or ``invalid-transition`` if the approval is already decided.
    """
    approval = read_open_record(draft, APPROVALS, identifier)
    if approval["status"] != "pending":
        raise Problem("invalid-transition", f"The approval is {approval['status']}.")
    decided = {
        "status": decision,
        "decidedBy": decided_by,
        "decidedAt": draft.at,
        "comment": comment,
    }
    draft.delete_item(_subject_key(approval["subject"]["id"]))
    return draft.change(APPROVALS, approval, decided, "approval.decided")


def _pending_approval(draft: Draft, subject: str) -> Document | None:
    item = draft.get_item(_subject_key(subject))
    found = None if item is None else draft.get(APPROVALS, str(item["approval"]))
    return found if found is not None and found["status"] == "pending" else None


def _subject_key(subject: str) -> Key:
    return Key(f"A#{subject}", "-")
