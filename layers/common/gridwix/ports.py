"""Ports (interfaces of adapters) that several packages need.

Those of one use case are in its package (``X/ports.py``).

The contract of an adapter's method is the docstring of its port. ``gridwix.clients`` has the
adapters; tests use small fakes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # Ports only name these types. To build the models at import takes a third of the import time of
    # whoever publishes rows without them.
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from gridwix.models.cursors import FeedCursor
    from gridwix.models.events import Change
    from gridwix.models.ids import PartnerId
    from gridwix.models.journal import JournalEntry
    from gridwix.models.listings import Listing, ListPage
    from gridwix.models.trading_grid.cases import Case
    from gridwix.models.trading_grid.compliance import ComplianceCheck
    from gridwix.models.trading_grid.documents import Document, DocumentVersion
    from gridwix.models.trading_grid.entities import Entity
    from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
    from gridwix.models.trading_grid.partners import Partner
    from gridwix.models.trading_grid.transitions import Transition
    from gridwix.models.transactions import LensEntry


class Clock(Protocol):
    """The current time."""

    def __call__(self) -> float:
        """Return the current time in Unix seconds."""


class CallBudget(Protocol):
    """Rate limit of one Wix site, shared by all functions."""

    def take(self, calls: int = 1) -> float:
        """Take calls from the budget, all or none. Never sleeps.

        Returns:
            0.0 if the calls are granted, else the seconds after which they may be.
        """

    def exhaust(self, seconds: float) -> None:
        """Circuit breaker: grant no call to any worker for ``seconds``.

        For when Wix reports that its vendor quota is used up.
        """


class Journal(Protocol):
    """Log of what each function did with each record. For operators; no function reads it."""

    def add(self, entries: Iterable[JournalEntry]) -> None:
        """Store entries. Idempotent: equal entries are stored once.

        Raises :class:`gridwix.errors.UpstreamError`; some entries may be stored when it does.
        """


class RecordReader(Protocol):
    """Reads single records of the community gateway profile."""

    def record(self, record: str) -> Entity | None:
        """Read the record named ``collection/id``; None if there is none.

        Raises:
            InvalidEvent: The collection is unknown.
            RecordFault: The record cannot be read.
            UpstreamError: The call failed.
        """


class EnrollmentReader(Protocol):
    """Reads enrollments of partners. Raises :class:`gridwix.errors.UpstreamError`."""

    def enrollments(self, partner_ids: Collection[PartnerId]) -> Listing[Enrollment]:
        """Every enrollment of these partners, tombstones included."""


class ProgramReader(Protocol):
    """Reads onboarding programs. Raises :class:`gridwix.errors.UpstreamError`."""

    def programs(self) -> Listing[OnboardingProgram]:
        """Every onboarding program, retired ones included."""


class PartnerReader(Protocol):
    """Reads all partners of the hub. Raises :class:`gridwix.errors.UpstreamError`."""

    def partner_pages(self) -> Iterator[Listing[Partner]]:
        """Every partner of the hub, tombstones included, page by page.

        A hub may have more partners than fit into memory. A partner that changes during the listing
        may be repeated in its new version.
        """


class PartnerPages(Protocol):
    """Reads partners of the hub page by page. Raises :class:`gridwix.errors.UpstreamError`."""

    def partner_page(self, since: datetime | None, cursor: str | None) -> ListPage[Partner]:
        """A page of the partners that were updated at or after ``since``; None: of all partners.

        Tombstones are included. ``cursor`` is that of the page before, None for the first page.
        Raises CursorExpired for a cursor that is too old.
        """


class CaseReader(Protocol):
    """Reads cases of partners. Raises :class:`gridwix.errors.UpstreamError`."""

    def cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """Every case of these partners, closed ones and tombstones included."""


class VersionReader(Protocol):
    """Reads versions of documents. Raises :class:`gridwix.errors.UpstreamError`."""

    def versions(self, document: Document) -> Sequence[DocumentVersion]:
        """The versions of a document, at least as new as the given document."""


class RecordMover(Protocol):
    """Changes the status of records. Raises :class:`gridwix.errors.UpstreamError`."""

    def move(self, record: str, transition: Transition, *, version: int, key: str) -> None:
        """Move a record to another status. Idempotent under its key.

        Args:
            record: A case (``cases/id``), a request (``collaboration-requests/id``) or a step
                (``enrollments/id/steps/key``).
            transition: The status to move to.
            version: The record's version; the call fails if it has another one.
            key: Idempotency key (a UUID).

        Raises:
            Conflict: ``vendor_code`` is ``version-conflict`` if the record has another version,
                else the transition is not allowed.
        """


class FileRemover(Protocol):
    """Deletes files of the portal's media library.

    Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted.
    """

    def remove(self, ids: Collection[str]) -> None:
        """Delete files permanently. A file that is deleted already is no error."""


class CommunityReader(RecordReader, EnrollmentReader, ProgramReader, Protocol):
    """The reading half of the community gateway profile.

    Raises :class:`gridwix.errors.UpstreamError`.

    A record that cannot be read becomes a fault of the listing; the fault's owner is the record's
    partner if the list is by partner. If a single record is requested, the fault (RecordFault) is
    raised. This holds for all ports that list records.
    """

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        """The partners with these ids, tombstones included; unknown ids are left out."""

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        """Every compliance check of these partners, tombstones included."""

    def open_cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """The cases of these partners that are not closed or cancelled."""

    def partner_ids(self, page: str | None) -> tuple[Sequence[PartnerId], str | None]:
        """One page of all partners' ids, and the next page's cursor (None after the last).

        ``page`` is the cursor of the page, None for the first one.
        """


class RecordLists(Protocol):
    """Lists the ids of all records of a collection.

    Raises :class:`gridwix.errors.UpstreamError`.
    """

    def owned_ids(
        self, collection: str, page: str | None
    ) -> tuple[Sequence[tuple[PartnerId, str]], str | None]:
        """One page of the ids of a collection's records, each with its partner.

        Args:
            collection: ``enrollments`` or ``cases``.
            page: Cursor of the page, None for the first one.

        Returns:
            Partner and id of each record, and the next page's cursor (None after the last).

        Raises:
            CursorExpired: The cursor is too old.
        """


class TransactionSearch(Protocol):
    """Searches transactions in Lens.

    Raises :class:`gridwix.errors.UpstreamError`, also for an incomplete response.
    """

    def changed_entries(self, since: datetime, until: datetime) -> Listing[LensEntry]:
        """Every entry with a change of its processing or acknowledgment status between two times.

        Both bounds are inclusive. An entry may be in the listing twice.
        """

    def entries_of(self, processes: Collection[str]) -> Listing[LensEntry]:
        """Every entry of these processes (correlation ids).

        The owner of a fault is the entry's process.
        """


class CursorStore(Protocol):
    """Persistent cursors with optimistic locking. Raises :class:`gridwix.errors.UpstreamError`."""

    def read(self, name: str) -> FeedCursor:
        """The cursor with this name; ``FeedCursor()`` if none is stored."""

    def advance(self, name: str, cursor: FeedCursor) -> FeedCursor | None:
        """Store a cursor if the stored revision is still ``cursor.revision`` (optimistic locking).

        Returns:
            The cursor with its new revision; None if another reader has advanced it meanwhile.
        """

    def confirm(self, name: str, cursor: FeedCursor) -> None:
        """Record that a reader found nothing new after a cursor, with the time. The cursor stays.

        No effect if another reader has moved the cursor.
        """


class EventBus(Protocol):
    """Puts changes on the EventBridge bus."""

    def put(self, changes: Sequence[Change]) -> None:
        """Put every change on the bus.

        Raises UpstreamError. Some changes may be on the bus when it does; the caller retries with
        all.
        """


class Handovers(Protocol):
    """Deduplication store of the bus: accepted events of the last day, by record and version.

    A key is :func:`gridwix.mapping.handovers.handover_key`. An event that is missing here may be on
    the bus all the same; one that is stored here certainly is. Raises
    :class:`gridwix.errors.UpstreamError`.
    """

    def read(self, keys: Collection[str]) -> Mapping[str, AbstractSet[str]]:
        """Ids of the accepted events of each key. Keys without an event are left out."""

    def record(self, events: Mapping[str, AbstractSet[str]]) -> None:
        """Store the ids of the accepted events of each key, replacing the key's earlier ids."""
