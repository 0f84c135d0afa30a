"""Routes that write cases and collaboration requests, and routes of their comments."""

from gridwix_gateway.api.conditions import entity_response
from gridwix_gateway.api.lists import list_items, read_time
from gridwix_gateway.api.messages import Response
from gridwix_gateway.api.partners import read_matched_record
from gridwix_gateway.api.routing import Call, ReadHandler, Router, WriteHandler
from gridwix_gateway.community.cases import (
    create_case,
    move_case,
    patch_case,
    put_transaction_ref,
)
from gridwix_gateway.community.comments import add_comment, comment_partition
from gridwix_gateway.community.records import missing_record, read_open_record
from gridwix_gateway.community.requests import create_request, move_request
from gridwix_gateway.store.commits import Draft

router = Router()


@router.write("POST", "/cases", "NewCase")
def handle_case_creation(call: Call, draft: Draft, /) -> Response:
    """Create a case, and return it with 201."""
    return entity_response(create_case(draft, call.body), 201)


@router.write("PATCH", "/cases/{id}", "CasePatch")
def handle_case_patch(call: Call, draft: Draft, /) -> Response:
    """Change members of a case. Requires ``If-Match`` (optimistic locking)."""
    case = read_matched_record(call, draft, "cases")
    return entity_response(patch_case(draft, case, call.body))


@router.write("POST", "/cases/{id}/transitions", "Transition")
def handle_case_move(call: Call, draft: Draft, /) -> Response:
    """Move a case to another status. Requires ``If-Match``."""
    case = read_matched_record(call, draft, "cases")
    return entity_response(move_case(draft, case, call.body))


@router.write("PUT", "/cases/{id}/transaction-refs/{correlationId+}", "TransactionRef")
def handle_transaction_ref(call: Call, draft: Draft, /) -> Response:
    """Add a transaction to a case, or replace the transaction with the same correlation id.

    Idempotent. The correlation id is the rest of the path and may contain slashes.
    """
    case = read_open_record(draft, "cases", call.id)
    correlation_id = call.parameters["correlationId"]
    return entity_response(put_transaction_ref(draft, case, correlation_id, call.body))


@router.write("POST", "/collaboration-requests", "NewCollaborationRequest")
def handle_request_creation(call: Call, draft: Draft, /) -> Response:
    """Create a collaboration request, and return it with 201."""
    request = create_request(draft, call.body, call.services.require_upload)
    return entity_response(request, 201)


@router.write("POST", "/collaboration-requests/{id}/transitions", "Transition")
def handle_request_move(call: Call, draft: Draft, /) -> Response:
    """Move a collaboration request to another status. Requires ``If-Match``."""
    request = read_matched_record(call, draft, "collaboration-requests")
    return entity_response(move_request(draft, request, call.body))


def _comment_list_handler(collection: str) -> ReadHandler:
    def handle_list(call: Call, /) -> Response:
        as_of = read_time(call.services)
        if call.services.records.get(collection, call.id) is None:
            raise missing_record(collection)
        partition = comment_partition(collection, call.id)
        items, cursor = list_items(call.request, call.services.table, partition)
        return Response(200, {"items": items, "nextCursor": cursor, "asOf": as_of})

    return handle_list


def _comment_handler(collection: str) -> WriteHandler:
    def handle_comment(call: Call, draft: Draft, /) -> Response:
        record = read_open_record(draft, collection, call.id)
        return Response(201, add_comment(draft, collection, record, call.body))

    return handle_comment


for _name in ("cases", "collaboration-requests"):
    router.read("GET", f"/{_name}/{{id}}/comments")(_comment_list_handler(_name))
    router.write("POST", f"/{_name}/{{id}}/comments", "NewComment")(_comment_handler(_name))
