"""The rows of what partners have sent: a reference at once, the number when there is one, and how it goes on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, InvalidEvent, SourceBehind
from gridwix.form_intake.forms import definition_of
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.texts import Said, Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.events import Change
from gridwix.models.portal import PARTNER_REQUESTS
from gridwix.models.trading_grid import CollaborationRequest, Comment
from gridwix.ports import RequestReader, SubmissionInbox
from gridwix.publication.changes import ChangeReport
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import Projection, Publisher, Verdict
from gridwix.requests.projection import file_refusal, follow_up_row, held_row, request_row
from gridwix.requests.submissions import Outcome, Submission

RECORDS = ("collaboration-requests",)


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

    def show(self, submissions: Sequence[Submission], outcomes: Mapping[str, Outcome], faults: Mapping[str, Said] | None = None) -> ChangeReport:
        """Bring the rows of these submissions up to date, with what became of them (by submission) already. ``faults`` say, by submission, why one is held.

        A row that could not be written comes with the request's own event; one of a submission that waits, when it is looked at again.
        """
        report, texts = ChangeReport(), Texts(self._configuration)
        projections = []
        for submission in submissions:
            try:
                with confine_to_record(f"submissions/{submission.id}"):
                    projections.append(self._shown(submission, outcomes.get(submission.id), (faults or {}).get(submission.id), texts))
            except GridwixError as error:
                report.put([row_key(submission.id)], Verdict.DEFERRED, error)
        report.add(self._publisher.publish(projections))
        report.unknown += texts.unknown
        return report

    def _shown(self, submission: Submission, outcome: Outcome | None, fault: Said | None, texts: Texts) -> Projection:
        form = definition_of(submission.form, self._configuration.forms)
        if form is not None and form[1].action == "request" and (refused := file_refusal(submission)):
            fault = texts.say(f"refusal.{refused}")
        if form is not None and fault:
            row = held_row(submission, form[0], form[1], fault, texts)
            return Projection(row_key(submission.id), Versions(), data_item(submission.id, row), submission.id)
        if form is None or form[1].action == "request":
            settled = replace(submission, outcome=outcome) if outcome else submission
            return self.projection(settled, outcome.request if outcome else None, submission.id, texts)
        row = follow_up_row(submission, form[0], form[1], outcome, texts)
        # A row that says what became of it is newer than one that does not.
        versions = Versions(live={f"submissions/{submission.id}": 1} if outcome else {})
        return Projection(row_key(submission.id), versions, data_item(submission.id, row), submission.id)

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
