"""Ports (interfaces of adapters) that several packages need.

The ports of one use case are in its package (``X/ports.py``).

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
    """A function that returns the current time."""

    def __call__(self) -> float:
        """Return the current time in Unix seconds."""


class CallBudget(Protocol):
    """Rate limit of the calls to one Wix site, shared by all functions."""

    def take(self, calls: int = 1) -> float:
        """Take a number of calls from the budget, all or none. Never sleeps.

        Returns:
            0.0 if the calls are granted, else the seconds to wait before asking again.
        """

    def exhaust(self, seconds: float) -> None:
        """Circuit breaker: grant no call to any worker for ``seconds``.

        Call it when Wix reports that the site's quota of calls is used up.
        """


class Journal(Protocol):
    """Log of what each function did with each record, for operators; no function reads it."""

    def add(self, entries: Iterable[JournalEntry]) -> None:
        """Store entries. Idempotent: equal entries are stored once.

        Raises :class:`gridwix.errors.UpstreamError`; some entries may be stored when it does.
        """


class RecordReader(Protocol):
    """Reads single records, such as one case, from the community gateway.

    The gateway's API is the community gateway profile, the contract that gridwix defines for data
    of Trading Grid. A record is named by its collection and id.
    """

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
        """Return every enrollment of these partners, tombstones included."""


class ProgramReader(Protocol):
    """Reads onboarding programs. Raises :class:`gridwix.errors.UpstreamError`."""

    def programs(self) -> Listing[OnboardingProgram]:
        """Return every onboarding program, retired ones included."""


class PartnerReader(Protocol):
    """Reads all partners of the hub. Raises :class:`gridwix.errors.UpstreamError`."""

    def partner_pages(self) -> Iterator[Listing[Partner]]:
        """Yield every partner of the hub, tombstones included, page by page.

        A hub may have more partners than fit into memory. A partner that changes during the listing
        may be repeated in its new version.
        """


class PartnerPages(Protocol):
    """Reads partners of the hub page by page. Raises :class:`gridwix.errors.UpstreamError`."""

    def partner_page(self, since: datetime | None, cursor: str | None) -> ListPage[Partner]:
        """Return a page of the partners that were updated at or after ``since``; None for all.

        Tombstones are included. ``cursor`` is the one that the page before has returned, None for
        the first page. Raises CursorExpired for a cursor that is too old.
        """


class CaseReader(Protocol):
    """Reads cases of partners. Raises :class:`gridwix.errors.UpstreamError`."""

    def cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """Return every case of these partners, closed ones and tombstones included."""


class VersionReader(Protocol):
    """Reads the versions of a document. Raises :class:`gridwix.errors.UpstreamError`."""

    def versions(self, document: Document) -> Sequence[DocumentVersion]:
        """Return all versions of a document, as they were when ``document`` was read, or later."""


class RecordMover(Protocol):
    """Changes the status of records. Raises :class:`gridwix.errors.UpstreamError`."""

    def move(self, record: str, transition: Transition, *, version: int, key: str) -> None:
        """Move a record to another status. Idempotent: a repeated ``key`` changes nothing.

        Args:
            record: A case (``cases/id``), a request (``collaboration-requests/id``) or a step
                (``enrollments/id/steps/key``).
            transition: The status to move to.
            version: The version that the record must have; the call fails if it has another one.
            key: Idempotency key (a UUID).

        Raises:
            UpstreamConflict: The record has another version (``vendor_code`` is
                ``version-conflict``), or the transition is not allowed.
        """


class FileRemover(Protocol):
    """Deletes files of the portal's media library.

    Raises :class:`gridwix.errors.UpstreamError` or BudgetExhausted.
    """

    def remove(self, ids: Collection[str]) -> None:
        """Delete files permanently. A file that is deleted already causes no error."""


class CommunityReader(RecordReader, EnrollmentReader, ProgramReader, Protocol):
    """Reads records of the community gateway profile, gridwix's API for Trading Grid data.

    Raises :class:`gridwix.errors.UpstreamError`.

    A call that lists records returns the readable ones, and a fault (RecordFault) for each record
    that cannot be read. If the call asks for the records of certain partners, ``owner`` of the
    fault is the partner to which the record belongs. A call for a single record raises the fault.
    All ports that list records keep these rules.
    """

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        """Return the partners with these ids, tombstones included; unknown ids are left out."""

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        """Return every compliance check of these partners, tombstones included."""

    def open_cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """Return the cases of these partners that are neither closed nor cancelled."""

    def partner_ids(self, page: str | None) -> tuple[Sequence[PartnerId], str | None]:
        """Return one page of all partners' ids, and the next page's cursor (None after the last).

        ``page`` is the cursor of the page, None for the first one.
        """


class RecordLists(Protocol):
    """Lists the ids of all records of one kind, such as all cases, of the community gateway.

    The gateway's API is the community gateway profile, the contract that gridwix defines for data
    of Trading Grid. Raises :class:`gridwix.errors.UpstreamError`.
    """

    def owned_ids(
        self, collection: str, page: str | None
    ) -> tuple[Sequence[tuple[PartnerId, str]], str | None]:
        """Return one page of the ids of a collection's records, each with its partner.

        Args:
            collection: ``enrollments`` or ``cases``.
            page: Cursor of the page, None for the first one.

        Returns:
            Partner and id of each record, and the next page's cursor (None after the last).

        Raises:
            CursorExpired: The cursor is too old.
        """


class TransactionSearch(Protocol):
    """Searches EDI transactions in Lens, the transaction search of Trading Grid.

    Raises :class:`gridwix.errors.UpstreamError`, also for an incomplete response.
    """

    def changed_entries(self, since: datetime, until: datetime) -> Listing[LensEntry]:
        """Return entries with a change of processing or acknowledgment status between two times.

        Both bounds are inclusive. An entry may be in the listing twice.
        """

    def entries_of(self, processes: Collection[str]) -> Listing[LensEntry]:
        """Return every entry of the transaction search that belongs to one of these processes.

        A process is a business document with all its entries. Its name in ``processes`` is the
        correlation id of its entries, or the transaction id of a single entry that has no
        correlation id. The listing has a fault for each entry that cannot be read; ``owner`` of the
        fault is the name of the process.
        """


class CursorStore(Protocol):
    """Stores cursors by name: how far a reader has read a feed, a list or a search.

    Writes use optimistic locking. Raises :class:`gridwix.errors.UpstreamError`.
    """

    def read_cursor(self, name: str) -> FeedCursor:
        """Return the cursor with this name; ``FeedCursor()`` if none is stored."""

    def advance(self, name: str, cursor: FeedCursor) -> FeedCursor | None:
        """Store a cursor if the stored revision is still ``cursor.revision`` (optimistic locking).

        Returns:
            The cursor with its new revision; None, and nothing is stored, if another reader has
            advanced it meanwhile.
        """

    def confirm(self, name: str, cursor: FeedCursor) -> None:
        """Record the current time as the time at which a reader found nothing new after a cursor.

        The cursor stays. No effect if another reader has advanced it.
        """


class EventBus(Protocol):
    """Puts changes of Trading Grid records on the EventBridge bus, as events."""

    def put(self, changes: Sequence[Change]) -> None:
        """Put every change on the bus.

        If UpstreamError is raised, some changes may be on the bus; the caller retries with all of
        them.
        """


class Handovers(Protocol):
    """Store of the change events that the bus has accepted on the last day, for deduplication.

    The events are stored by record and version: the key is
    :func:`gridwix.mapping.handovers.handover_key`. An event that is missing here may be on the bus
    all the same; one that is stored here certainly is. Raises
    :class:`gridwix.errors.UpstreamError`.
    """

    def read_event_ids(self, keys: Collection[str]) -> Mapping[str, AbstractSet[str]]:
        """Return, for each key, the ids of the events that the bus has accepted.

        A key stands for a record and its version. Keys without an event are left out.
        """

    def record(self, events: Mapping[str, AbstractSet[str]]) -> None:
        """Store, for each key, the ids of the events that the bus has accepted.

        A key stands for a record and its version. The ids replace the earlier ids of the key.
        """
