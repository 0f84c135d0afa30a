"""Ports of the form intake to Trading Grid and the portal."""

from collections.abc import Collection, Mapping
from typing import Protocol

from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.models.trading_grid.comments import NewComment
from gridwix.models.trading_grid.documents import DocumentVersion, NewDocumentVersion
from gridwix.models.trading_grid.requests import CollaborationRequest, NewRequest
from gridwix.ports import RecordMover, RecordReader, VersionReader


class RequestDesk(Protocol):
    """Creates collaboration requests. Raises :class:`gridwix.errors.UpstreamError`."""

    def create_request(self, request: NewRequest, key: str) -> CollaborationRequest:
        """Create a collaboration request. Idempotent for each key.

        A repeated call with the same key returns the request that the first call created.

        Args:
            request: The request.
            key: Idempotency key, a UUID.

        Raises:
            Refused: The request is invalid, or the key was used for another request.
        """


class DocumentDesk(RecordReader, VersionReader, Protocol):
    """Reads documents and adds versions. Raises :class:`gridwix.errors.UpstreamError`."""

    def add_version(
        self, document_id: str, version: NewDocumentVersion, key: str
    ) -> DocumentVersion | None:
        """Add a document version that waits for the hub's approval. Idempotent for each key.

        Args:
            document_id: Id of the document.
            version: The version, which names an upload.
            key: Idempotency key, a UUID.

        Returns:
            The added version. None if Trading Grid has accepted it, but does not return it.

        Raises:
            UpstreamConflict: The document accepts no versions.
            Refused: The upload is invalid.
        """


class FollowUpDesk(RecordReader, RecordMover, Protocol):
    """Reads cases, requests and onboarding steps, comments on them, and changes their status.

    Raises :class:`gridwix.errors.UpstreamError`.
    """

    def add_comment(self, case_id: str, comment: NewComment, key: str) -> None:
        """Add a comment to a case. Idempotent for each key.

        Args:
            case_id: Id of the case.
            comment: The comment.
            key: Idempotency key, a UUID.

        Raises:
            UpstreamConflict: The case accepts no comments.
        """

    def add_request_comment(self, request_id: str, comment: NewComment, key: str) -> None:
        """Add a comment to a collaboration request. Idempotent for each key.

        Args:
            request_id: Id of the request.
            comment: The comment.
            key: Idempotency key, a UUID.

        Raises:
            UpstreamConflict: The request accepts no comments.
            NotFound: There is no such request, or the gateway has no comments on requests.
        """


class IdentifierDirectory(Protocol):
    """Looks up partners in the hub's partner directory."""

    def partner_known_by(self, scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        """Return the partner that has a normalized identifier; None if none or several have it.

        Raises UpstreamError.
        """


class MemberLinks(Protocol):
    """Looks up the partners that members of the portal act for."""

    def partners_of(self, member_ids: Collection[str]) -> Mapping[str, Mapping[PartnerId, str]]:
        """Return the partners that each member acts for now, with its role at each.

        A member who acts for no partner is left out. Raises UpstreamError or BudgetExhausted.
        """
