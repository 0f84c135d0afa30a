"""What several packages need from the outside world. The others are with the use case that needs them (``X/ports.py``).

``gridwix.clients`` implements these; tests use small honest fakes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gridwix.models.cursors import FeedCursor
from gridwix.models.documents import Document, DocumentVersion
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid import (
    Case,
    ComplianceCheck,
    Enrollment,
    Entity,
    OnboardingProgram,
    Partner,
    Transition,
)
from gridwix.models.transactions import LensEntry
from gridwix.models.wix import BulkOutcome, DataItem, Refusal
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


class EnrollmentReader(Protocol):
    """Enrollments of partners. Raises :class:`gridwix.errors.UpstreamError`."""

    def enrollments(self, partner_ids: Collection[PartnerId]) -> Listing[Enrollment]:
        """Every enrollment of these partners, tombstones included."""


class ProgramReader(Protocol):
    """Onboarding programs. Raises :class:`gridwix.errors.UpstreamError`."""

    def programs(self) -> Listing[OnboardingProgram]:
        """Every onboarding program, retired ones included."""


class PartnerReader(Protocol):
    """All partners of the hub. Raises :class:`gridwix.errors.UpstreamError`."""

    def every_partner(self) -> Listing[Partner]:
        """Every partner of the hub, tombstones included."""


class CaseReader(Protocol):
    """Cases of partners. Raises :class:`gridwix.errors.UpstreamError`."""

    def cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """Every case of these partners, closed ones and tombstones included."""


class VersionReader(Protocol):
    """Versions of documents. Raises :class:`gridwix.errors.UpstreamError`."""

    def versions(self, document: Document) -> Sequence[DocumentVersion]:
        """The versions of a document, of the time at which it was read, or later."""


class RecordMover(Protocol):
    """Transitions of records. Raises :class:`gridwix.errors.UpstreamError`."""

    def move(self, record: str, transition: Transition, *, version: int, key: str) -> None:
        """Have a case (``cases/id``), a request (``collaboration-requests/id``) or a step (``enrollments/id/steps/key``) go to another status, once under a
        key (a UUID).

        Raises Conflict: its ``vendor_code`` is ``version-conflict`` if the record is of another version, and else says that it cannot go there.
        """


class FileRemover(Protocol):
    """Files of the portal's media manager. Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted."""

    def remove(self, ids: Collection[str]) -> None:
        """Remove files for good; one that is gone already is no error."""


class CommunityReader(RecordReader, EnrollmentReader, ProgramReader, Protocol):
    """The reading half of the community gateway profile. Raises :class:`gridwix.errors.UpstreamError`.

    A record that cannot be read is among the faults of its listing, with its partner as owner wherever a list is of partners; it is raised (RecordFault) where
    one record is asked for. That holds for all ports that list records.
    """

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        """The partners of these ids, tombstones included; an unknown id is left out."""

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        """Every compliance check of these partners, tombstones included."""

    def open_cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """The cases of these partners that are not closed or cancelled."""

    def partner_ids(self, page: str | None) -> tuple[Sequence[PartnerId], str | None]:
        """One page of all partners' ids, and the next page's cursor (None after the last)."""


class RecordLists(Protocol):
    """Which records there are. Raises :class:`gridwix.errors.UpstreamError`."""

    def owned_ids(self, collection: str, page: str | None) -> tuple[Sequence[tuple[PartnerId, str]], str | None]:
        """One page of a collection's records, each as its partner and its id, and the next page's cursor (None after the last). Raises CursorExpired."""


class TransactionSearch(Protocol):
    """The Lens transaction search. Raises :class:`gridwix.errors.UpstreamError`, also for an answer that is not complete."""

    def changed(self, since: datetime, until: datetime) -> Listing[LensEntry]:
        """Every entry whose processing or acknowledgment status changed between two times. An entry may be in it twice."""

    def of(self, processes: Collection[str]) -> Listing[LensEntry]:
        """Every entry of these processes (correlation ids). The owner of a fault is its process."""


class PortalCollections(Protocol):
    """The collections of the Wix portal."""

    def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        """Insert or replace at most 1000 items in one call. Every item is in the outcome. Raises UpstreamError or BudgetExhausted, nothing being known to be
        written; an ``Unavailable`` that is ``ambiguous`` may yet have been carried out."""

    def bulk_remove(self, collection: CollectionId, ids: Sequence[WixItemId]) -> BulkOutcome:
        """Remove at most 1000 items in one call. An item that does not exist counts as written."""


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
