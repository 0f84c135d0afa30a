"""Collaboration requests: what partners submit in the portal."""

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
    """Create a collaboration request. If the fields have a routing, its status is ``triaged``.

    Args:
        draft: The commit's draft.
        fields: Members of the profile's schema ``NewCollaborationRequest``.
        require_upload: Checks that an attached upload has arrived. Raises Problem.

    Returns:
        The request, with its number ``CR-year-number``.

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
        draft: The commit's draft.
        request: The request as the draft has read it.
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
