"""What the services need from the outside world. ``gridwix.clients`` implements these; tests use small honest fakes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import IO, Any, Protocol

from gridwix.document_sync.transfers import Transfer
from gridwix.errors import RecordFault
from gridwix.files.models import FileFacts, MediaFile, NewFile, UploadPlace
from gridwix.models.cursors import FeedCursor
from gridwix.models.documents import Document, DocumentVersion, NewDocumentVersion
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid import (
    Case,
    CollaborationRequest,
    Comment,
    ComplianceCheck,
    Enrollment,
    Entity,
    EventPage,
    NewCase,
    NewComment,
    NewRequest,
    OnboardingProgram,
    Partner,
    ServiceNotice,
    TransactionRef,
    Transition,
)
from gridwix.models.transactions import LensEntry
from gridwix.models.wix import BulkOutcome, DataItem, Refusal
from gridwix.partner_requests.orders import FollowUp, RequestOrder
from gridwix.partner_requests.submissions import HoldReason, IdentifierScheme, Outcome, Stage, Submission, SubmissionPage
from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey


class Clock(Protocol):
    """Time, passed in."""

    def __call__(self) -> float:
        """Unix seconds."""


class CallBudget(Protocol):
    """The calls that all functions together may make to one Wix site."""

    def take(self, calls: int = 1) -> float:
        """Take ``calls`` from the budget and return 0.0; or take nothing and return the seconds until they could be had."""

    def exhaust(self, seconds: float) -> None:
        """The site has answered that its quota is used up: grant nothing to anybody for that long."""


class RecordReader(Protocol):
    """Single records of the community gateway profile."""

    def record(self, record: str) -> Entity | None:
        """The record named ``collection/id``, read by itself; None if the source knows none.

        Raises InvalidEvent for a collection that it does not know, RecordFault for a record that cannot be read, and UpstreamError.
        """


class CommunityReader(Protocol):
    """The reading half of the community gateway profile. Raises :class:`gridwix.errors.UpstreamError`.

    A record that cannot be read is among the faults of its listing, with its partner as owner wherever a list is of partners; it is raised (RecordFault) where
    one record is asked for. That holds for all ports that list records.
    """

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        """The partners of these ids, tombstones included; an unknown id is left out."""

    def enrollments(self, partner_ids: Collection[PartnerId]) -> Listing[Enrollment]:
        """Every enrollment of these partners, tombstones included."""

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        """Every compliance check of these partners, tombstones included."""

    def open_cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """The cases of these partners that are not closed or cancelled."""

    def programs(self) -> Listing[OnboardingProgram]:
        """Every onboarding program, retired ones included."""

    def record(self, record: str) -> Entity | None:
        """The record named ``collection/id``, read by itself; None if the source knows none. Raises InvalidEvent for a collection that it does not know."""

    def partner_ids(self, page: str | None) -> tuple[Sequence[PartnerId], str | None]:
        """One page of all partners' ids, and the next page's cursor (None after the last)."""


class RecordLists(Protocol):
    """Which records there are. Raises :class:`gridwix.errors.UpstreamError`."""

    def owned_ids(self, collection: str, page: str | None) -> tuple[Sequence[tuple[PartnerId, str]], str | None]:
        """One page of a collection's records, each as its partner and its id, and the next page's cursor (None after the last). Raises CursorExpired."""


class NoticeReader(Protocol):
    """What the community gateway profile says of cases and notices. Raises :class:`gridwix.errors.UpstreamError`."""

    def cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """Every case of these partners, closed ones and tombstones included."""

    def comments(self, case_id: str) -> Listing[Comment]:
        """The comments of a case, internal ones included."""

    def notices(self) -> Listing[ServiceNotice]:
        """Every service notice, those that are over and tombstones included."""

    def every_partner(self) -> Listing[Partner]:
        """Every partner of the hub, tombstones included."""

    def record(self, record: str) -> Entity | None:
        """As :meth:`CommunityReader.record`."""


class OnboardingReader(Protocol):
    """What the community gateway profile says of programs and enrollments. Raises :class:`gridwix.errors.UpstreamError`."""

    def enrollments(self, partner_ids: Collection[PartnerId]) -> Listing[Enrollment]:
        """As :meth:`CommunityReader.enrollments`."""

    def programs(self) -> Listing[OnboardingProgram]:
        """As :meth:`CommunityReader.programs`."""

    def record(self, record: str) -> Entity | None:
        """As :meth:`CommunityReader.record`."""


class CaseDesk(Protocol):
    """Cases as they are opened and added to. Raises :class:`gridwix.errors.UpstreamError`."""

    def cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """As :meth:`NoticeReader.cases`."""

    def create_case(self, case: NewCase, key: str) -> Case:
        """Open a case once under a key (a UUID). Raises Refused if the key was used for another case."""

    def put_transaction(self, case_id: str, reference: TransactionRef) -> Case:
        """Have a case refer to a transaction, in the place of what it says of it. Doing so twice changes nothing. Raises Conflict if the case is closed."""


class PartnerDirectory(Protocol):
    """The hub's partner directory."""

    def partner_with(self, trading_address: str, standard: str | None = None) -> PartnerId | None:
        """The partner with an EDI address (``QQ:ID``) of a standard's envelope (``x12``, ``edifact``; None: not known); None if nobody has it. An address that
        the directory knows only in the other standard is nobody's: its qualifier means something else there. Raises UpstreamError."""


class RequestDesk(Protocol):
    """Collaboration requests as they are made. Raises :class:`gridwix.errors.UpstreamError`."""

    def create_request(self, request: NewRequest, key: str) -> CollaborationRequest:
        """Make a request once under a key (a UUID). Raises Refused if it is not valid, or if the key was used for another request."""


class FileTransfer(Protocol):
    """Files by their addresses, which are not to be trusted."""

    def fetch(self, url: str, into: IO[bytes], most: int) -> FileFacts:
        """Write the file behind an address and say what its bytes are. Raises FileRefused, for more than ``most`` bytes too, and UpstreamError."""

    def put(self, url: str, pieces: Iterable[bytes], size: int, media_type: str) -> bytes:
        """Send ``size`` bytes to an address and return the answer. Raises FileRefused and UpstreamError."""


class UploadDesk(Protocol):
    """Files as Trading Grid takes them."""

    def announce_upload(self, file_name: str, media_type: str, facts: FileFacts, purpose: str) -> UploadPlace:
        """Where the bytes go. ``purpose``: document_version, request_attachment. Raises UpstreamError."""


class DocumentReader(Protocol):
    """The document library of Trading Grid. Raises :class:`gridwix.errors.UpstreamError`."""

    def record(self, record: str) -> Entity | None:
        """As :meth:`CommunityReader.record`."""

    def documents(self) -> Listing[Document]:
        """Every document, those that are over and tombstones included."""

    def documents_of(self, partner_ids: Collection[PartnerId]) -> Listing[Document]:
        """Every document of these partners, tombstones included; not those of the shared library."""

    def versions(self, document: Document) -> Sequence[DocumentVersion]:
        """The versions of a document, of the time at which it was read, or later."""

    def every_partner(self) -> Listing[Partner]:
        """As :meth:`NoticeReader.every_partner`."""

    def content(self, document_id: str, number: int) -> AbstractContextManager[Iterator[bytes]]:
        """The bytes of a version, piece by piece. Raises UpstreamError, also between two pieces."""


class MediaLibrary(Protocol):
    """The media manager of the portal. Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted."""

    def upload(self, new: NewFile, pieces: Iterator[bytes]) -> MediaFile:
        """Have a file, which may be pending. What ``pieces`` raises passes through, and there is no file then. After an Unavailable there may be one."""

    def files(self, ids: Collection[str]) -> Mapping[str, MediaFile]:
        """These files, as they stand; one that is gone is left out."""

    def labelled(self, label: str, since: float) -> Sequence[MediaFile]:
        """The files that came since a time (Unix seconds) with a label."""

    def remove(self, ids: Collection[str]) -> None:
        """Remove files for good; one that is gone already is no error."""


class ShownFiles(Protocol):
    """The files of the portal's media manager that its rows point to. Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted."""

    def lost(self, ids: Collection[str]) -> frozenset[str]:
        """Those of these files that cannot be opened any more. One that somebody has moved to another folder may be among them: whoever acts on it asks for
        that file once more, by itself (``MediaLibrary.files``)."""


class UploadedFiles(Protocol):
    """Files that partners have uploaded to the portal. Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted."""

    def file(self, file_id: str) -> MediaFile | None:
        """A file; None if it is gone."""

    def download_url(self, file_id: str, minutes: int) -> str:
        """An address under which a private file can be fetched for so long."""

    def remove(self, ids: Collection[str]) -> None:
        """As :meth:`MediaLibrary.remove`."""


class DocumentDesk(Protocol):
    """Documents as partners add to them. Raises :class:`gridwix.errors.UpstreamError`."""

    def record(self, record: str) -> Entity | None:
        """As :meth:`CommunityReader.record`."""

    def versions(self, document: Document) -> Sequence[DocumentVersion]:
        """As :meth:`DocumentReader.versions`."""

    def add_version(self, document_id: str, version: NewDocumentVersion, key: str) -> DocumentVersion:
        """Add a version that waits for approval, once under a key (a UUID). Raises Conflict if the document takes none, Refused if the upload is no good."""


class TransferStore(Protocol):
    """What is known of the documents' files. Raises :class:`gridwix.errors.UpstreamError`."""

    def read(self, ids: Collection[str]) -> Mapping[str, Transfer]:
        """The transfers of these documents, as of now (strongly consistent); one of which nothing is known is left out."""

    def waiting(self) -> Sequence[str]:
        """The documents of which something is still to be done, at most 500; one that has just been done may still be among them."""

    def save(self, transfer: Transfer) -> Transfer | None:
        """Keep a transfer if its revision is still the newest (0: there is none), and return it with the next; None if somebody else was faster."""


class FollowUpDesk(Protocol):
    """Cases, requests and onboarding steps, as partners act on them. Raises :class:`gridwix.errors.UpstreamError`."""

    def record(self, record: str) -> Entity | None:
        """As :meth:`CommunityReader.record`."""

    def add_comment(self, case_id: str, comment: NewComment, key: str) -> None:
        """Add a comment to a case, once under a key (a UUID). Raises Conflict if the case takes none."""

    def add_request_comment(self, request_id: str, comment: NewComment, key: str) -> None:
        """Add a comment to a collaboration request, once under a key (a UUID). Raises Conflict if the request takes none, and NotFound if there is no such
        request, or the gateway has no comments on requests."""

    def move(self, record: str, transition: Transition, *, version: int, key: str) -> None:
        """Have a case (``cases/id``), a request (``collaboration-requests/id``) or a step (``enrollments/id/steps/key``) go to another status, once under a
        key (a UUID).

        Raises Conflict: its ``vendor_code`` is ``version-conflict`` if the record is of another version, and else says that it cannot go there.
        """


class RequestReader(Protocol):
    """Collaboration requests as they stand. Raises :class:`gridwix.errors.UpstreamError`."""

    def record(self, record: str) -> Entity | None:
        """As :meth:`CommunityReader.record`."""

    def request_comments(self, request_id: str) -> Listing[Comment] | None:
        """The comments of a request, internal ones included; None from a gateway that has no comments on requests."""


class IdentifierDirectory(Protocol):
    """The hub's partner directory, asked who somebody is."""

    def partner_known_by(self, scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        """The partner that a normalised identifier names; None if nobody has it, or several have. Raises UpstreamError."""


class MemberLinks(Protocol):
    """For which partners the members of the portal act."""

    def partners_of(self, member_ids: Collection[str]) -> Mapping[str, frozenset[PartnerId]]:
        """The partners of each member, as of now; a member without any is left out. Raises UpstreamError or BudgetExhausted."""


class SubmissionInbox(Protocol):
    """What was accepted from the portal: nothing leaves it before Trading Grid has it. Raises :class:`gridwix.errors.UpstreamError`."""

    def waiting(self, stage: Stage, cursor: str | None, limit: int) -> SubmissionPage:
        """Submissions that wait in a stage (OPEN or HELD), oldest first. One that cannot be read is a fault of its page."""

    def read(self, ids: Collection[str]) -> Mapping[str, Submission]:
        """These submissions, as of now; one that is not known, or cannot be read, is left out."""

    def keep_order(self, submission_id: str, order: RequestOrder | FollowUp) -> RequestOrder | FollowUp:
        """Keep what Trading Grid is going to be asked for, unless something is kept already; what is kept is returned."""

    def count(self, submitter: str, hour: str, submission_id: str, limit: int) -> bool:
        """Count a submission, however often it is counted once, among a submitter's of an hour; False if it is beyond the limit."""

    def hold(self, submission_id: str, reason: HoldReason, file_fault: str = "") -> None:
        """Have an open submission wait for a person."""

    def release(self, submission_id: str, at: datetime) -> bool:
        """Have a held submission delivered as it is; False if it is not held. ``at`` is when an operator has decided so."""

    def settle(self, submission_id: str, outcome: Outcome) -> None:
        """It is done, or cannot be: what was written is forgotten, who wrote it and what became of it is remembered."""


class TransactionSearch(Protocol):
    """The Lens transaction search. Raises :class:`gridwix.errors.UpstreamError`, also for an answer that is not complete."""

    def changed(self, since: datetime, until: datetime) -> Listing[LensEntry]:
        """Every entry whose processing or acknowledgment status changed between two times. An entry may be in it twice."""

    def of(self, processes: Collection[str]) -> Listing[LensEntry]:
        """Every entry of these processes (correlation ids). The owner of a fault is its process."""


class KnownExceptions(Protocol):
    """What is already known to be wrong, by correlation id: an exception's kind, ``over``, or ``telling`` while the bus is being told."""

    def read(self, processes: Collection[str]) -> Mapping[str, str]:
        """What was recorded of each last. A process of which nothing is recorded is left out."""

    def record(self, exceptions: Mapping[str, str], *, at: float) -> None:
        """Record these, each in the place of what was there."""


class EventFeed(Protocol):
    """The change feed of the community gateway profile."""

    def head(self) -> str:
        """A cursor behind which only events lie that are still to come."""

    def read(self, cursor: str, limit: int) -> EventPage:
        """The events after a cursor, oldest first. Raises CursorExpired when they are no longer kept."""


class PortalCollections(Protocol):
    """The collections of the Wix portal."""

    def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Insert or replace at most 1000 items in one call. Every item is in the outcome. Raises UpstreamError or BudgetExhausted, nothing being known to be
        written; an ``Unavailable`` that is ``ambiguous`` may yet have been carried out."""

    def bulk_remove(self, collection: CollectionId, ids: Sequence[WixItemId]) -> BulkOutcome:
        """Remove at most 1000 items in one call. An item that does not exist counts as written."""


class SharedCollections(PortalCollections, Protocol):
    """Collections of the portal whose rows people edit as well."""

    def items(self, collection: CollectionId, ids: Collection[WixItemId]) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        """The contents of at most 1000 items, as of now; one that does not exist is left out, one that cannot be read is a fault."""

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        """At most 1000 items whose field has this value."""

    def bulk_set(self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]) -> BulkOutcome:
        """Set fields of at most 1000 items in one call, None for one that is to go; other fields stay as they are. An item that does not exist is refused."""


class DatedCollections(PortalCollections, Protocol):
    """Collections of the portal whose rows are removed by their age."""

    def ids_before(self, collection: CollectionId, field: str, moment: datetime, *, skip: int = 0) -> Sequence[WixItemId]:
        """At most 1000 items whose date-time in a field is before a moment, the oldest first and without the first ``skip``. Raises as ``bulk_save`` does."""


class PublicationLedger(Protocol):
    """What has been published, and who may write a row right now."""

    def read(self, keys: Collection[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        """The entries of these rows, as of now (strongly consistent); a row that has none is left out."""

    def claim(self, claims: Sequence[Claim], *, holder: str, now: float, until: float) -> frozenset[RowKey]:
        """The rows that ``holder`` may write until ``until`` (Unix seconds).

        A claim is granted if the entry's revision is still the claim's (0: no entry) and no running claim (``held_until > now``) holds the row. A grant stores
        ``intended`` and ``held_until`` and adds 1 to the revision.
        """

    def commit(self, publications: Sequence[Publication], *, holder: str) -> frozenset[RowKey]:
        """Record what was written and let go of the rows; return those that were recorded, which are those that ``holder`` held.

        ``published``, ``content_hash`` and ``origin`` are set, ``intended`` and the hold removed, and 1 added to the revision.
        """

    def release(self, keys: Collection[RowKey], *, holder: str) -> None:
        """Let go of rows that were claimed and certainly not written: the hold is removed. ``intended`` stays, as a write may have arrived."""


class RefusedItems(Protocol):
    """The dead-letter store of single items that Wix refused inside a 200 answer."""

    def add(self, refusals: Iterable[Refusal], *, function: str, at: float) -> None:
        """Keep each refusal under its collection and item (the newest per item)."""

    def clear(self, keys: Collection[RowKey]) -> None:
        """Forget the refusals of rows that have been written since."""


class CursorStore(Protocol):
    """Cursors that survive the function."""

    def read(self, name: str) -> FeedCursor:
        """The cursor of that name; ``FeedCursor()`` if none is stored."""

    def advance(self, name: str, cursor: FeedCursor) -> FeedCursor | None:
        """Store ``cursor`` if the stored revision is still ``cursor.revision`` and return it with the new revision; None if another reader was faster."""

    def confirm(self, name: str, cursor: FeedCursor) -> None:
        """Record that a reader has just found nothing new at ``cursor``, which stays as it is. Without effect if another reader has moved it."""


class EventBus(Protocol):
    """The EventBridge bus."""

    def put(self, changes: Sequence[Change]) -> None:
        """Put every change on the bus, or raise Unavailable; some may then be on it, so the caller puts them all again."""
