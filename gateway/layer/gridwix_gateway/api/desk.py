"""Routes for the hub's employees under ``/desk/v1``. They require the scope ``desk``.

They are not part of the community gateway profile. For everything else, employees use the profile's
routes with the same access token.
"""

from gridwix_gateway.api.conditions import entity_response
from gridwix_gateway.api.desk_bodies import (
    DeskBody,
    NewNotice,
    NoticeChange,
    RequestAssignment,
    read_desk_body,
    text_html,
)
from gridwix_gateway.api.messages import Response
from gridwix_gateway.api.partners import read_matched_record
from gridwix_gateway.api.routing import DESK, Call, Router
from gridwix_gateway.community.assignments import assign_request
from gridwix_gateway.community.notices import publish_notice, update_notice
from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft

router = Router("/desk/v1", DESK)


@router.write("PATCH", "/collaboration-requests/{id}")
def handle_assignment(call: Call, draft: Draft, /) -> Response:
    """Assign a collaboration request to a team or a partner. Requires ``If-Match``."""
    wish = read_desk_body(call.request, RequestAssignment).members()
    request = read_matched_record(call, draft, "collaboration-requests")
    return entity_response(assign_request(draft, request, wish))


@router.write("POST", "/service-notices")
def handle_notice_publication(call: Call, draft: Draft, /) -> Response:
    """Publish a service notice, and return it with 201."""
    body = read_desk_body(call.request, NewNotice)
    return entity_response(publish_notice(draft, _notice_members(body)), 201)


@router.write("POST", "/service-notices/{id}/updates")
def handle_notice_update(call: Call, draft: Draft, /) -> Response:
    """Add an update to a service notice, or change its status. Requires ``If-Match``."""
    changes = _notice_members(read_desk_body(call.request, NoticeChange))
    notice = read_matched_record(call, draft, "service-notices")
    changed = update_notice(
        draft,
        notice,
        target=changes.pop("to", None),
        body_html=changes.pop("bodyHtml", None),
        changes=changes,
    )
    return entity_response(changed)


def _notice_members(body: DeskBody) -> Document:
    """Return the fields of a service notice that a request body has.

    The body's plain ``text`` is returned as HTML, in ``bodyHtml``.
    """
    members = body.members()
    text = members.pop("text", None)
    return members if text is None else {**members, "bodyHtml": text_html(text)}
