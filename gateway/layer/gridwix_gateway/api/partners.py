"""Routes that write partners, enrollments with their steps, and compliance checks."""

from gridwix_gateway.api.conditions import entity_response, entity_tag, require_match
from gridwix_gateway.api.messages import Response
from gridwix_gateway.api.routing import Call, Router
from gridwix_gateway.community.checks import move_check
from gridwix_gateway.community.enrollments import move_enrollment_step
from gridwix_gateway.community.partners import patch_partner
from gridwix_gateway.community.records import read_open_record
from gridwix_gateway.community.transitions import move_record
from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft

router = Router()


def read_matched_record(call: Call, draft: Draft, collection: str) -> Document:
    """Return the record in the path after checking ``If-Match`` (optimistic locking).

    Args:
        call: The request with its path parameters.
        draft: The commit that is being prepared. It reads records and collects writes.
        collection: The record's collection.

    Raises:
        Problem: ``not-found``, ``precondition-required`` if the header is missing, or
            ``version-conflict`` if the header names only other versions.
    """
    record = read_open_record(draft, collection, call.id)
    require_match(call.request, record)
    return record


@router.write("PATCH", "/partners/{id}", "PartnerPatch")
def handle_partner_patch(call: Call, draft: Draft, /) -> Response:
    """Change the fields of a partner's record that the request has. Requires ``If-Match``."""
    partner = read_matched_record(call, draft, "partners")
    return entity_response(patch_partner(draft, partner, call.body))


@router.write("POST", "/partners/{id}/transitions", "Transition")
def handle_partner_move(call: Call, draft: Draft, /) -> Response:
    """Move a partner to another status. Requires ``If-Match``."""
    partner = read_matched_record(call, draft, "partners")
    return entity_response(move_record(draft, "partners", partner, call.body))


@router.write("POST", "/enrollments/{id}/transitions", "Transition")
def handle_enrollment_move(call: Call, draft: Draft, /) -> Response:
    """Move an enrollment to another status. Requires ``If-Match``."""
    enrollment = read_matched_record(call, draft, "enrollments")
    return entity_response(move_record(draft, "enrollments", enrollment, call.body))


@router.write("POST", "/enrollments/{id}/steps/{key}/transitions", "Transition")
def handle_step_move(call: Call, draft: Draft, /) -> Response:
    """Move a step of an enrollment to another status, and unlock or lock the steps after it.

    ``If-Match`` and ``ETag`` hold the version of the enrollment.
    """
    enrollment = read_matched_record(call, draft, "enrollments")
    moved = move_enrollment_step(draft, enrollment, call.parameters["key"], call.body)
    step = {**moved.step, "enrollmentVersion": moved.enrollment["version"]}
    if moved.relocked:
        step["relocked"] = list(moved.relocked)
    return Response(200, step, {"etag": entity_tag(moved.enrollment)})


@router.write("POST", "/compliance-checks/{id}/transitions", "Transition")
def handle_check_move(call: Call, draft: Draft, /) -> Response:
    """Move a compliance check to another status. Requires ``If-Match``."""
    check = read_matched_record(call, draft, "compliance-checks")
    return entity_response(move_check(draft, check, call.body))
