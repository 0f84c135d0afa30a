"""What the form intake needs of Trading Grid and the portal."""

from collections.abc import Collection, Mapping
from typing import Protocol

from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.models.trading_grid.comments import NewComment
from gridwix.models.trading_grid.documents import DocumentVersion, NewDocumentVersion
from gridwix.models.trading_grid.requests import CollaborationRequest, NewRequest
from gridwix.ports import RecordMover, RecordReader, VersionReader


class RequestDesk(Protocol):
    """Collaboration requests as they are made. Raises :class:`gridwix.errors.UpstreamError`."""

    def create_request(self, request: NewRequest, key: str) -> CollaborationRequest:
        """Make a request once under a key (a UUID). Raises Refused if it is not valid, or if the key was used for another request."""


class DocumentDesk(RecordReader, VersionReader, Protocol):
    """Documents as partners add to them. Raises :class:`gridwix.errors.UpstreamError`."""

    def add_version(self, document_id: str, version: NewDocumentVersion, key: str) -> DocumentVersion:
        """Add a version that waits for approval, once under a key (a UUID). Raises Conflict if the document takes none, Refused if the upload is no good."""


class FollowUpDesk(RecordReader, RecordMover, Protocol):
    """Cases, requests and onboarding steps, as partners act on them. Raises :class:`gridwix.errors.UpstreamError`."""

    def add_comment(self, case_id: str, comment: NewComment, key: str) -> None:
        """Add a comment to a case, once under a key (a UUID). Raises Conflict if the case takes none."""

    def add_request_comment(self, request_id: str, comment: NewComment, key: str) -> None:
        """Add a comment to a collaboration request, once under a key (a UUID). Raises Conflict if the request takes none, and NotFound if there is no such
        request, or the gateway has no comments on requests."""


class IdentifierDirectory(Protocol):
    """The hub's partner directory, asked who somebody is."""

    def partner_known_by(self, scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        """The partner that a normalised identifier names; None if nobody has it, or several have. Raises UpstreamError."""


class MemberLinks(Protocol):
    """For which partners the members of the portal act."""

    def partners_of(self, member_ids: Collection[str]) -> Mapping[str, frozenset[PartnerId]]:
        """The partners of each member, as of now; a member without any is left out. Raises UpstreamError or BudgetExhausted."""
