"""What several packages need from the outside world. The others are with the use case that needs them (``X/ports.py``).

``gridwix.clients`` implements these; tests use small honest fakes.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from gridwix.models.cursors import FeedCursor
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Document, DocumentVersion
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.trading_grid.transitions import Transition
from gridwix.models.transactions import LensEntry


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
