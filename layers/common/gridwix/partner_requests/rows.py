"""The rows of partner requests on the portal."""

from collections.abc import Sequence

from gridwix.configuration.everything import Configuration
from gridwix.errors import InvalidEvent
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.portal.collection_ids import PARTNER_REQUESTS
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.partner_requests.ports import RequestReader
from gridwix.partner_requests.projection import request_row
from gridwix.partner_requests.submissions import Submission
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import Projection, Publisher


def row_key(submission_id: str) -> RowKey:
    """The row of a submission in the ``PartnerRequests`` collection."""
    return RowKey(PARTNER_REQUESTS, item_id(submission_id))


def comments_of(source: RequestReader, request: CollaborationRequest) -> Sequence[Comment] | None:
    """The comments of a request; None from a gateway that has none on requests. Of a request that somebody has made in Trading Grid, or deleted, nobody sees
    one, so none is read. Raises UpstreamError."""
    if request.source_submission_id is None or request.deleted_at is not None:
        return ()
    found = source.request_comments(request.id)
    return None if found is None else found.records


class RequestRows:
    """Projects submissions and their requests to the portal."""

    def __init__(self, publisher: Publisher, configuration: Configuration) -> None:
        self._publisher = publisher
        self._configuration = configuration

    def publish(self, projections: Sequence[Projection]) -> ChangeReport:
        """Write these rows."""
        report = ChangeReport()
        report.add(self._publisher.publish(projections))
        return report

    def projection(
        self, submission: Submission | None, request: CollaborationRequest | None, origin: str, texts: Texts, comments: Sequence[Comment] | None = ()
    ) -> Projection:
        """The row of a submission, its request with its ``comments`` (None: the gateway has none on requests), or both.

        Raises InvalidEvent for a request that did not come from the portal.
        """
        source = submission.id if submission else request.source_submission_id if request else None
        if source is None:
            raise InvalidEvent("sourceSubmissionId")
        row = request_row(submission, request, self._configuration.forms, texts, comments)
        versions = Versions(live={} if request is None else {request.record: request.version})
        return Projection(row_key(source), versions, None if row is None else data_item(source, row), origin)
