"""What the form intake and the request publisher publish, as the reconciler sees it."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Protocol

from gridwix.configuration.everything import Configuration
from gridwix.errors import RecordFault
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item, item_id
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_REQUESTS
from gridwix.models.portal.partner_requests import PartnerRequestRow
from gridwix.models.portal.rows import field_names
from gridwix.models.reconciliation import RowVerdict
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.models.wix import DataItem
from gridwix.partner_requests.ports import RequestReader, SubmissionInbox
from gridwix.partner_requests.projection import request_row
from gridwix.partner_requests.rows import comments_of
from gridwix.publication.drift import judge
from gridwix.publication.models import Versions
from gridwix.publication.reconciled import OF_ONE_RECORD, Expected, expect
from gridwix.publication.resync import ResyncDesk

RECORDS = "collaboration-requests"
FIELDS = field_names(PartnerRequestRow)
KIND = "request"


class RequestLists(RequestReader, Protocol):
    """Collaboration requests, and which there are."""

    def sent_ids(self, page: str | None) -> tuple[Sequence[tuple[str, str]], str | None]:
        """One page of the requests that came from the portal, each as its id and its submission's, and the next page's cursor (None after the last).

        Raises UpstreamError, and CursorExpired for a cursor that is too old.
        """


class ReconciledPartnerRequests:
    """Implements ``ReconciledCollection``. A key is the request's id, a slash and the row's.

    Trading Grid knows only requests. A row of something that it does not have yet, or that never becomes a request, stands as the form intake has left it.
    """

    # Each request is read by a call of its own, and its comments by another.
    most_rows = 50

    def __init__(self, source: RequestLists, inbox: SubmissionInbox, configuration: Configuration, desk: ResyncDesk) -> None:
        self._source = source
        self._inbox = inbox
        self._configuration = configuration
        self._desk = desk

    @property
    def name(self) -> CollectionId:
        return PARTNER_REQUESTS

    def keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        found, following = self._source.sent_ids(page)
        return [f"{request_id}/{item_id(submission_id)}" for request_id, submission_id in found], following

    def item_id(self, key: str) -> WixItemId:
        return item_id(key.partition("/")[2])

    def key_of(self, item: DataItem) -> str | None:
        record = item.data.get("record")
        if item.data.get("kind", KIND) != KIND:
            # What a member did about a request: its row names the request, but is the submission's own.
            return None
        return f"{record.partition('/')[2]}/{item.id}" if isinstance(record, str) and record.startswith(f"{RECORDS}/") else None

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected | RecordFault]:
        answers: dict[str, Expected | RecordFault] = {}
        requests: dict[str, CollaborationRequest] = {}
        for key in keys:
            try:
                request = self._request(key)
            except RecordFault as fault:
                answers[key] = fault
            except OF_ONE_RECORD as error:
                answers[key] = RecordFault(f"{RECORDS}/{key.partition('/')[0]}", error.code)
            else:
                if request is not None:
                    requests[key] = request
        sources = [request.source_submission_id for request in requests.values() if request.source_submission_id is not None]
        submissions = self._inbox.read(sources) if sources else {}
        texts = Texts(self._configuration)

        def expected_of(request: CollaborationRequest) -> Expected:
            source, settings = request.source_submission_id or "", self._configuration
            comments = comments_of(self._source, request)
            row = request_row(submissions.get(source), request, settings.forms, texts, comments)
            return Expected(None if row is None else data_item(source, row), Versions(live={request.record: request.version}))

        return answers | {key: expect(request.record, partial(expected_of, request)) for key, request in requests.items()}

    def verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        if expected is None and shown is not None and self.key_of(shown) is None:
            return RowVerdict.EQUAL
        return judge(expected, shown, FIELDS)

    def lives(self, key: str) -> bool:
        request = self._request(key)
        return request is not None and request.deleted_at is None

    def request(self, keys: Collection[str], run: str) -> None:
        self._desk.request({f"{RECORDS}/{key.partition('/')[0]}": None for key in keys}, run)

    def _request(self, key: str) -> CollaborationRequest | None:
        entity = self._source.record(f"{RECORDS}/{key.partition('/')[0]}")
        return entity if isinstance(entity, CollaborationRequest) else None
