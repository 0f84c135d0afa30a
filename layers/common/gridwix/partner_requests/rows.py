"""Publishes the portal rows of partner requests."""

from collections.abc import Sequence

from gridwix.configuration.everything import Configuration
from gridwix.errors import InvalidEvent
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.portal.collection_ids import PARTNER_REQUESTS
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.partner_requests.ports import RequestReader
from gridwix.partner_requests.projection import request_row, source_submission
from gridwix.partner_requests.submissions import Submission
from gridwix.publication.comment_owners import require_owner
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import Projection, Publisher, RowReport


def request_row_key(submission_id: str) -> RowKey:
    """Return the key of a submission's row in ``PartnerRequests``."""
    return RowKey(PARTNER_REQUESTS, item_id(submission_id))


def read_comments(source: RequestReader, request: CollaborationRequest) -> Sequence[Comment] | None:
    """Read the comments of a request; None if the gateway has no comments on requests.

    Comments of a deleted request, and of a request that was made in Trading Grid, are not read,
    because the portal shows neither. The result is then empty. Raises UpstreamError, and
    SourceBehind if the request has just moved to another partner.
    """
    if request.source_submission_id is None or request.deleted_at is not None:
        return ()
    found = source.request_comments(request.id)
    if found is None:
        return None
    require_owner(source, request, found.records)
    return found.records


class RequestRows:
    """Maps submissions and their requests to rows of ``PartnerRequests``, and publishes them."""

    def __init__(self, publisher: Publisher, configuration: Configuration) -> None:
        self._publisher = publisher
        self._configuration = configuration

    def publish(self, projections: Sequence[Projection]) -> RowReport:
        """Write rows to the portal, and return the result of each."""
        return self._publisher.publish(projections)

    def request_projection(
        self,
        submission: Submission | None,
        request: CollaborationRequest | None,
        origin: str,
        texts: Texts,
        comments: Sequence[Comment] | None = (),
    ) -> Projection:
        """Return the row to publish for a submission, its request or both, with the row's version.

        Args:
            submission: The submission; None if the inbox does not have it.
            request: The request that the submission became; None if there is none.
            origin: Id of the event, or name of the record, for which the row is written.
            texts: Configured texts and labels.
            comments: Comments of the request; None if the gateway has no comments on requests.

        Raises:
            InvalidEvent: The request did not come from the portal.
        """
        source = source_submission(submission, request)
        if source is None:
            raise InvalidEvent(
                "sourceSubmissionId", "is missing, so the request did not come from the portal"
            )
        row = request_row(submission, request, self._configuration.forms, texts, comments)
        versions = Versions(live={} if request is None else {request.record: request.version})
        return Projection(
            request_row_key(source),
            versions,
            None if row is None else data_item(source, row),
            origin,
        )
