"""Reviews of document versions: requests an approval, and applies the decision to the version."""

from gridwix_gateway.community.approvals import close_approval, open_version_approval
from gridwix_gateway.community.documents import (
    DOCUMENTS,
    apply_decision,
    find_version,
    version_key,
)
from gridwix_gateway.community.records import read_open_record
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.commits import Draft


def request_approval(draft: Draft, fields: Document) -> Document:
    """Request an approval of a document version, unless an approval of it is pending already.

    Args:
        draft: The commit: its reads and buffered writes.
        fields: Members of the OpenAPI schema ``NewApproval``.

    Returns:
        The new approval, or the pending one.

    Raises:
        Problem: ``not-found``: there is no such document version.
    """
    identifier, number = _version_subject(fields["subject"]["id"])
    document = read_open_record(draft, DOCUMENTS, identifier)
    if find_version(draft.get_item(version_key(identifier, number))) is None:
        raise Problem("not-found", "The document has no such version.")
    return open_version_approval(draft, document, number, fields)


def decide_approval(
    draft: Draft, identifier: str, decision: str, comment: str | None, decided_by: str
) -> Document:
    """Approve or reject a document version. An approved version becomes the current one.

    Args:
        draft: The commit: its reads and buffered writes.
        identifier: The approval.
        decision: ``approved`` or ``rejected``.
        comment: The reviewer's comment, which the partner sees.
        decided_by: The reviewer, as the approval shows it.

    Returns:
        The approval.

    Raises:
        Problem: ``not-found``, or ``invalid-transition`` if the approval is already decided,
            or to approve a version of a withdrawn document.
    """
    approval = close_approval(draft, identifier, decision, comment, decided_by)
    apply_decision(draft, *_version_subject(approval["subject"]["id"]), decision, comment)
    return approval


def parse_version_number(text: str) -> int:
    """Return the version number that a text holds, or 0 for any other text. No version is 0.

    >>> parse_version_number("12"), parse_version_number("1.5"), parse_version_number("-1")
    (12, 0, 0)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 0


def _version_subject(subject: str) -> tuple[str, int]:
    """Return document id and version number of an approval's subject, ``document/number``.

    The number is 0, which no version has, if the text after the slash is no number.
    """
    identifier, _, number = subject.rpartition("/")
    return identifier, parse_version_number(number)
