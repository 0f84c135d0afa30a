"""The rows of partner requests, as their requests go on in Trading Grid."""

from collections import Counter
from collections.abc import Sequence

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
from gridwix.partner_requests.rows import RequestRows, comments_of, row_key
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import Verdict

RECORDS = ("collaboration-requests",)


class RequestPublisher:
    """Follows requests back to the portal: projects each that a batch of changes names, once, from its current record."""

    def __init__(self, source: RequestReader, inbox: SubmissionInbox, rows: RequestRows, configuration: Configuration) -> None:
        self._source = source
        self._inbox = inbox
        self._rows = rows
        self._configuration = configuration

    def publish(self, changes: Sequence[Change]) -> ChangeReport:
        """Bring every row that the changes speak of up to date. Raises UpstreamError if the inbox cannot be read; then nothing was written."""
        report, texts = ChangeReport(), Texts(self._configuration)
        requests: dict[str, tuple[CollaborationRequest, Sequence[Comment] | None]] = {}
        for record, least in report.least_versions(changes, RECORDS).items():
            about = [change for change in changes if change.record == record]
            try:
                with confine_to_record(record):
                    request = self._current(record, least)
                    comments = comments_of(self._source, request)
            except GridwixError as error:
                report.defer_for(about, RowKey(PARTNER_REQUESTS, item_id(record)), error)
                continue
            if request.source_submission_id is None:
                # Somebody has made it in Trading Grid: it is no business of the portal's.
                continue
            requests[request.source_submission_id] = request, comments
            for change in about:
                report.speaks_of(change, row_key(request.source_submission_id))
        submissions = self._inbox.read(list(requests)) if requests else {}
        projections = []
        for source, (request, comments) in requests.items():
            try:
                with confine_to_record(request.record):
                    projections.append(self._rows.projection(submissions.get(source), request, request.record, texts, comments))
            except GridwixError as error:
                report.put([row_key(source)], Verdict.DEFERRED, error)
        report.add(self._rows.publish(projections))
        report.unknown += Counter(texts.unknown)
        return report

    def _current(self, record: str, least: int) -> CollaborationRequest:
        request = self._source.record(record)
        if not isinstance(request, CollaborationRequest) or request.version < least:
            raise SourceBehind
        return request
