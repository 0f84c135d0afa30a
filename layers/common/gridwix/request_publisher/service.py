"""Use case 4: publishes the progress of collaboration requests to the portal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, SourceBehind
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import item_id
from gridwix.models.events import Change
from gridwix.models.portal.collection_ids import PARTNER_REQUESTS
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.partner_requests.ports import RequestReader, SubmissionInbox
from gridwix.partner_requests.rows import RequestRows, read_comments, request_row_key
from gridwix.publication.changes import ChangeReport, PreparedRows, least_versions
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import Projection

RECORDS = ("collaboration-requests",)


@dataclass(frozen=True, slots=True)
class _ReadRequests:
    """Collaboration requests that a batch of changes names, by submission id, with their comments.

    Comments are None if the gateway has no comments on requests. ``report`` has, for each change,
    the portal rows that have to be published before the change is done, and the errors of requests
    that could not be read.
    """

    requests: Mapping[str, tuple[CollaborationRequest, Sequence[Comment] | None]]
    report: ChangeReport


class RequestPublisher:
    """Publishes the portal rows of collaboration requests, after changes of these requests.

    Each request that a batch of changes names is read once, and its row is made from its current
    record.
    """

    def __init__(
        self,
        source: RequestReader,
        inbox: SubmissionInbox,
        rows: RequestRows,
        configuration: Configuration,
    ) -> None:
        self._source = source
        self._inbox = inbox
        self._rows = rows
        self._configuration = configuration

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        """Publish the row of every collaboration request that ``changes`` name.

        Raises UpstreamError if the inbox of submissions cannot be read; then nothing was written.
        """
        texts = Texts(self._configuration)
        read = self._read_requests(changes)
        prepared = self._prepare_rows(read.requests, texts)
        published = self._rows.publish(prepared.projections)
        return ChangeReport.total(
            [read.report, prepared.report, published, ChangeReport(unknown=texts.unknown)]
        )

    def _read_requests(self, changes: Sequence[Change]) -> _ReadRequests:
        """Read each request that the changes name, with its comments."""
        requests: dict[str, tuple[CollaborationRequest, Sequence[Comment] | None]] = {}
        reports = [ChangeReport.for_changes(changes)]
        for record, least in least_versions(changes, RECORDS).items():
            about = [change for change in changes if change.record == record]
            try:
                with confine_to_record(record):
                    request = self._current_request(record, least)
                    comments = read_comments(self._source, request)
            except GridwixError as error:
                reports.append(
                    ChangeReport.for_deferred(
                        about, RowKey(PARTNER_REQUESTS, item_id(record)), error
                    )
                )
                continue
            # A request that was made in Trading Grid has no submission, and no row on the portal.
            if request.source_submission_id is not None:
                requests[request.source_submission_id] = request, comments
                reports.append(
                    ChangeReport.for_changes(about, [request_row_key(request.source_submission_id)])
                )
        return _ReadRequests(requests, ChangeReport.total(reports))

    def _prepare_rows(
        self,
        requests: Mapping[str, tuple[CollaborationRequest, Sequence[Comment] | None]],
        texts: Texts,
    ) -> PreparedRows:
        submissions = self._inbox.read_submissions(list(requests)) if requests else {}
        projections: list[Projection] = []
        deferred: dict[RowKey, GridwixError] = {}
        for source, (request, comments) in requests.items():
            try:
                with confine_to_record(request.record):
                    projections.append(
                        self._rows.request_projection(
                            submissions.get(source), request, request.record, texts, comments
                        )
                    )
            except GridwixError as error:
                deferred[request_row_key(source)] = error
        return PreparedRows(tuple(projections), deferred=deferred)

    def _current_request(self, record: str, least: int) -> CollaborationRequest:
        """Return a collaboration request of version ``least`` or newer, read from Trading Grid.

        Raises SourceBehind if Trading Grid returns an older version, or no such request.
        """
        request = self._source.record(record)
        if not isinstance(request, CollaborationRequest) or request.version < least:
            raise SourceBehind
        return request
