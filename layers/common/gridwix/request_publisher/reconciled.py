"""Compares rows of ``PartnerRequests`` with collaboration requests, for the reconciler."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Protocol

from gridwix.concurrency import map_in_order
from gridwix.configuration.everything import Configuration
from gridwix.errors import RecordFault
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PARTNER_REQUESTS
from gridwix.models.portal.partner_requests import PartnerRequestRow
from gridwix.models.portal.rows import field_names
from gridwix.models.reconciliation import RowDifference, RowVerdict
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.models.wix import DataItem
from gridwix.partner_requests.ports import RequestReader, SubmissionInbox
from gridwix.partner_requests.projection import request_row
from gridwix.partner_requests.rows import read_comments
from gridwix.publication.drift import judge_row, row_difference
from gridwix.publication.models import Versions
from gridwix.publication.reconciled import (
    OF_ONE_RECORD,
    ExpectedRow,
    ReconciledCollection,
    expected_or_fault,
)
from gridwix.publication.resync import ResyncRequester

RECORDS = "collaboration-requests"
FIELDS = field_names(PartnerRequestRow)
KIND = "request"

READS_IN_FLIGHT = 8
"""Maximum number of requests that are read in parallel."""


class RequestLists(RequestReader, Protocol):
    """Reads collaboration requests of Trading Grid, and lists their ids in pages."""

    def sent_ids(self, page: str | None) -> tuple[Sequence[tuple[str, str]], str | None]:
        """Return one page of the requests that came from the portal, and the next page's cursor.

        Each request is a pair of its id and its submission's id. ``page`` is the cursor of the
        page, None for the first one. The returned cursor is None after the last page. Raises
        UpstreamError, and CursorExpired for a cursor that is too old.
        """


class ReconciledPartnerRequests(ReconciledCollection):
    """Compares rows of ``PartnerRequests`` with their collaboration requests in Trading Grid.

    A row shows a submission of a portal form; once the submission is delivered, it is a request in
    Trading Grid. A key (see ``ReconciledCollection``) is ``request id/item id``, with the id of the
    row. Trading Grid does not list submissions that are no request yet: their rows stay as the
    function ``form_intake`` has written them.
    """

    name = PARTNER_REQUESTS
    # Each request takes one call, and its comments another.
    most_rows = 250

    def __init__(
        self,
        source: RequestLists,
        inbox: SubmissionInbox,
        configuration: Configuration,
        resyncs: ResyncRequester,
    ) -> None:
        self._source = source
        self._inbox = inbox
        self._configuration = configuration
        self._resyncs = resyncs

    def list_keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        found, following = self._source.sent_ids(page)
        return [
            f"{request_id}/{item_id(submission_id)}" for request_id, submission_id in found
        ], following

    def item_id(self, key: str) -> WixItemId:
        return item_id(key.partition("/")[2])

    def key_of(self, item: DataItem) -> str | None:
        record = item.data.get("record")
        if item.data.get("kind", KIND) != KIND:
            # A member's follow-up: its row names the request, but belongs to the submission.
            return None
        return (
            f"{record.partition('/')[2]}/{item.id}"
            if isinstance(record, str) and record.startswith(f"{RECORDS}/")
            else None
        )

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow | RecordFault]:
        readings = dict(
            zip(keys, map_in_order(self._reading, keys, workers=READS_IN_FLIGHT), strict=True)
        )
        faults = {key: one for key, one in readings.items() if isinstance(one, RecordFault)}
        requests = {
            key: one for key, one in readings.items() if isinstance(one, CollaborationRequest)
        }
        sources = [
            request.source_submission_id
            for request in requests.values()
            if request.source_submission_id is not None
        ]
        submissions = self._inbox.read_submissions(sources) if sources else {}
        texts = Texts(self._configuration)

        def expected_of(request: CollaborationRequest) -> ExpectedRow:
            source, settings = request.source_submission_id or "", self._configuration
            comments = read_comments(self._source, request)
            row = request_row(submissions.get(source), request, settings.forms, texts, comments)
            return ExpectedRow(
                None if row is None else data_item(source, row),
                Versions(live={request.record: request.version}),
            )

        answers = map_in_order(
            lambda request: expected_or_fault(request.record, partial(expected_of, request)),
            requests.values(),
            workers=READS_IN_FLIGHT,
        )
        return {**faults, **dict(zip(requests, answers, strict=True))}

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        # A row without a request of its own is the form intake's.
        if expected is None and shown is not None and self.key_of(shown) is None:
            return RowVerdict.EQUAL
        return judge_row(expected, shown, FIELDS)

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        return row_difference(expected, shown, FIELDS)

    def is_live(self, key: str) -> bool:
        request = self._read_request(key)
        return request is not None and request.deleted_at is None

    def request_resync(self, keys: Collection[str], run: str) -> None:
        self._resyncs.request_resync(
            {f"{RECORDS}/{key.partition('/')[0]}": None for key in keys}, run
        )

    def _reading(self, key: str) -> CollaborationRequest | RecordFault | None:
        """Return the collaboration request that a row's key names; None if it does not exist.

        If it cannot be read, return the fault instead. Raises only errors that concern more than
        this one record.
        """
        try:
            return self._read_request(key)
        except RecordFault as fault:
            return fault
        except OF_ONE_RECORD as error:
            return RecordFault(f"{RECORDS}/{key.partition('/')[0]}", error.code)

    def _read_request(self, key: str) -> CollaborationRequest | None:
        entity = self._source.record(f"{RECORDS}/{key.partition('/')[0]}")
        return entity if isinstance(entity, CollaborationRequest) else None
