"""Collaboration requests, which partners submit in the portal: creation and status changes."""

from collections.abc import Callable

from gridwix_gateway.community.records import require_partner
from gridwix_gateway.community.transitions import next_step_changes, status_changes
from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import STATUS_EVENTS
from gridwix_gateway.store.commits import Draft

COLLECTION = "collaboration-requests"


def create_request(
    draft: Draft, fields: Document, require_upload: Callable[[Draft, str], None]
) -> Document:
    """Create a collaboration request: ``triaged`` if ``fields`` has a routing, else ``received``.

    Args:
        draft: The commit: its reads and buffered writes.
        fields: Members of the OpenAPI schema ``NewCollaborationRequest``.
        require_upload: Checks that an attached upload has arrived. Raises Problem.

    Returns:
        The request. Its member ``number`` has the form ``CR-year-number``.

    Raises:
        Problem: ``validation``: there is no such partner, or no such upload.
    """
    if fields.get("partnerId") is not None:
        require_partner(draft, fields["partnerId"])
    for attachment in fields.get("attachments", []):
        require_upload(draft, attachment["uploadId"])
    number = draft.next_number
    request = {
        **fields,
        "id": f"req_{number:012}",
        "number": f"CR-{draft.at[:4]}-{number:05}",
        "partnerId": fields.get("partnerId"),
        "status": "triaged" if fields.get("routing") else "received",
        "nextStep": None,
    }
    return draft.create(COLLECTION, request, "request.received")


def move_request(draft: Draft, request: Document, move: Document) -> Document:
    """Move a collaboration request to another status.

    Args:
        draft: The commit: its reads and buffered writes.
        request: The request, as read within the commit.
        move: ``to``, and maybe ``reason`` and ``nextStep``.

    Returns:
        The request after the move.

    Raises:
        Problem: ``invalid-transition``.
    """
    changes = status_changes(COLLECTION, request, move)
    if "nextStep" in move:
        changes |= next_step_changes(request, {"nextStep": move["nextStep"]})
    return draft.change(COLLECTION, request, changes, STATUS_EVENTS[COLLECTION])
