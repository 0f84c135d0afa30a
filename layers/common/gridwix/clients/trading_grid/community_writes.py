"""Writes to the community gateway: cases, requests, comments, uploads and status transitions."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from gridwix.clients.http_messages import path_segment
from gridwix.clients.json_values import json_object
from gridwix.clients.trading_grid.gateway import Gateway, JsonResponse
from gridwix.clients.trading_grid.paths import CommunityPaths
from gridwix.clients.trading_grid.record_pages import read_object
from gridwix.clients.vendor_errors import TRADING_GRID_ERRORS
from gridwix.files.ports import UploadDesk
from gridwix.models.files import FileFacts, UploadTarget
from gridwix.models.trading_grid.cases import Case, NewCase, TransactionRef
from gridwix.models.trading_grid.comments import NewComment
from gridwix.models.trading_grid.documents import DocumentVersion, NewDocumentVersion
from gridwix.models.trading_grid.requests import CollaborationRequest, NewRequest
from gridwix.models.trading_grid.transitions import Transition
from gridwix.ports import RecordMover


class CommunityWrites(UploadDesk, RecordMover):
    """Calls of the community gateway that write. All methods raise UpstreamError if a call fails.

    ``key`` is an idempotency key (a UUID). A call that is repeated with the same key changes
    nothing and gets the response of the first call. A different call with the same key raises
    Refused.

    Also implements the writing methods of the ports ``CaseDesk``, ``RequestDesk``, ``DocumentDesk``
    and ``FollowUpDesk``. These ports are not base classes, because the packages of the use cases
    declare them.
    """

    def __init__(self, gateway: Gateway, paths: CommunityPaths) -> None:
        self._gateway = gateway
        self._paths = paths
        # Collections whose records have transitions.
        self._movable = {
            "cases": paths.cases,
            "collaboration-requests": paths.requests,
            "documents": paths.documents,
            "enrollments": paths.enrollments,
        }

    def create_case(self, case: NewCase, key: str) -> Case:
        """Open a case, and return the new case. Idempotent by ``key``."""
        operation = "opening of a case"
        response = self._gateway.write_json(
            operation, "POST", self._paths.cases, _request_body(case), idempotency_key=key
        )
        return read_object(Case, operation, self._record_of(operation, response, self._paths.cases))

    def create_request(self, request: NewRequest, key: str) -> CollaborationRequest:
        """Create a collaboration request, and return the new request. Idempotent by ``key``."""
        operation = "making of a request"
        response = self._gateway.write_json(
            operation, "POST", self._paths.requests, _request_body(request), idempotency_key=key
        )
        return read_object(
            CollaborationRequest,
            operation,
            self._record_of(operation, response, self._paths.requests),
        )

    def announce_upload(
        self, file_name: str, media_type: str, facts: FileFacts, purpose: str
    ) -> UploadTarget:
        """Announce the upload of a file to the gateway; return the upload's id and URL.

        Not idempotent: each call creates a new upload, with a URL that expires.
        """
        operation = "announcement of an upload"
        body = {
            "fileName": file_name,
            "mediaType": media_type,
            "sizeBytes": facts.size,
            "sha256": facts.sha256,
            "purpose": purpose,
        }
        response = self._gateway.write_json(operation, "POST", self._paths.uploads, body)
        found = json_object(response.document)
        if not all(
            isinstance(found.get(name), str) and found[name] for name in ("uploadId", "putUrl")
        ):
            raise TRADING_GRID_ERRORS.malformed_response(
                operation, "the answer names no place", request_id=response.request_id
            )
        return UploadTarget(found["uploadId"], found["putUrl"])

    def add_version(
        self, document_id: str, version: NewDocumentVersion, key: str
    ) -> DocumentVersion | None:
        """Add a new version to a document, for the hub's approval, and return the version.

        Returns None if the gateway has accepted the version without stating its number. If the
        document already has a version with the same bytes, that version is returned. Raises
        UpstreamConflict if the document accepts no new version, Refused if the upload is missing or
        infected.
        """
        operation = "new version of a document"
        path = f"{self._paths.documents}/{path_segment(document_id)}/versions"
        response = self._gateway.write_json(
            operation, "POST", path, _request_body(version), idempotency_key=key
        )
        # Another document than the version says no number either.
        if "number" not in json_object(response.document):
            return None
        return read_object(DocumentVersion, operation, response)

    def add_comment(self, case_id: str, comment: NewComment, key: str) -> None:
        """Add a comment to a case. Raises UpstreamConflict if the case accepts no comments."""
        path = f"{self._paths.cases}/{path_segment(case_id)}/comments"
        self._gateway.write_json(
            "comment on a case", "POST", path, _request_body(comment), idempotency_key=key
        )

    def add_request_comment(self, request_id: str, comment: NewComment, key: str) -> None:
        """Add a comment to a collaboration request.

        Raises UpstreamConflict if the request accepts no comments, NotFound if there is no such
        request or if the gateway lacks the operation.
        """
        path = f"{self._paths.requests}/{path_segment(request_id)}/comments"
        self._gateway.write_json(
            "comment on a request", "POST", path, _request_body(comment), idempotency_key=key
        )

    def move(self, record: str, transition: Transition, *, version: int, key: str) -> None:
        collection, _, rest = record.partition("/")
        path = "/".join(
            [self._movable[collection], *map(path_segment, rest.split("/")), "transitions"]
        )
        self._gateway.write_json(
            f"move of {collection}",
            "POST",
            path,
            _request_body(transition),
            idempotency_key=key,
            version=version,
        )

    def put_transaction(self, case_id: str, reference: TransactionRef) -> Case:
        """Add or replace a case's reference to a transaction, and return the case. Idempotent.

        Raises UpstreamConflict if the case is closed, and ValueError if ``reference`` has no
        correlation id.
        """
        operation = "reference to a transaction"
        transaction = path_segment(reference.correlation_id or "")
        case_path = f"{self._paths.cases}/{path_segment(case_id)}"
        response = self._gateway.write_json(
            operation,
            "PUT",
            f"{case_path}/transaction-refs/{transaction}",
            _request_body(reference),
        )
        return read_object(
            Case, operation, self._record_of(operation, response, self._paths.cases, case_id)
        )

    def _record_of(
        self, operation: str, response: JsonResponse, collection: str, identifier: str = ""
    ) -> JsonResponse:
        """Return the record that a write has created or changed, as a response.

        If the write's response does not hold the whole record (it may be empty, or hold only the
        new id or the part that was written), the record is read by a further call.

        Args:
            operation: The operation's name in errors.
            response: The response to the write.
            collection: Path of the record's collection.
            identifier: Id of the record; "" for a new one.
        """
        found = json_object(response.document)
        # Each record has a version, and nothing else that a write is answered with.
        if "version" in found:
            return response
        named = identifier or (found.get("id") if response.location is None else None)
        path = None
        if isinstance(named, str) and named not in {"", ".", ".."}:
            path = f"{collection}/{path_segment(named)}"
        return self._gateway.read_back(operation, response._replace(document=None), path)


def _request_body(model: BaseModel) -> Mapping[str, Any]:
    """Serialize a model for a request body: names in camelCase, without members that are None."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)
