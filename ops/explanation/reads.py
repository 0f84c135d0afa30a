"""Reads each input of one portal row once, and answers later reads from memory.

From memory the row can be computed again, also as if one of its inputs were deleted. Inputs are the
records, comments and submissions that the row is computed from. Nothing is read that the row does
not need: code that asks for all cases, for example, gets only the case that the row is about.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, cast

from gridwix.document_sync.ports import TransferStore
from gridwix.document_sync.transfers import Transfer
from gridwix.errors import RecordFault
from gridwix.mapping.audiences import AUDIENCE_RECORD
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, ListPage
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Document, DocumentVersion
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_requests.submissions import Submission
from gridwix.ports import CaseReader, CommunityReader, PartnerPages, VersionReader


class GridReader(CommunityReader, CaseReader, PartnerPages, VersionReader, Protocol):
    """Reader of Trading Grid for the code that computes portal rows. Raises UpstreamError."""

    def comments(self, case_id: str) -> Listing[Comment]:
        """Return all comments of a case."""

    def request_comments(self, request_id: str) -> Listing[Comment] | None:
        """Return all comments of a request; None if the gateway has no comments on requests."""


class SubmissionReader(Protocol):
    """Reader of the inbox, the table of submissions. Raises UpstreamError."""

    def read_submissions(self, ids: Collection[str]) -> Mapping[str, Submission]:
        """Return submissions by id. Those that the inbox does not have are left out."""


@dataclass(frozen=True, slots=True)
class Part:
    """An input that a portal row is computed from, beside the record that the row is about.

    It is another record, the comments on a record, or a submission. ``version`` is None if the
    input has no version.
    """

    name: str
    version: int | None = None


@dataclass
class RowReads:
    """Reads each input of one portal row once: records, comments and submissions.

    Attributes:
        grid: Reads Trading Grid.
        transfers: Reads the files of documents.
        inbox: Reads submissions.
        own: Name of the record that the row is about (``collection/id``).
        without: Names of inputs that are left out. A record that is left out counts as deleted.
        kept: Cache of the responses, by method and arguments of the read.
        parts: The inputs that were asked for, except ``own``, by name.
        sealed: True if nothing more may be read: a read that is not in ``kept`` raises RecordFault.
    """

    grid: GridReader
    transfers: TransferStore
    inbox: SubmissionReader
    own: str
    without: frozenset[str] = frozenset()
    kept: dict[tuple[str, ...], Any] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    sealed: bool = False

    def seal(self, without: Collection[str] = ()) -> "RowReads":
        """Return a copy that reads nothing, and answers from the responses that were kept.

        ``without`` has the names of inputs (records, comments, submissions) that count as deleted
        in the copy. A read that was not kept raises RecordFault.
        """
        return RowReads(
            self.grid,
            self.transfers,
            self.inbox,
            self.own,
            frozenset(without),
            self.kept,
            self.parts,
            sealed=True,
        )

    def record(self, record: str) -> Entity | None:
        return self._read(("record", record), lambda: self.grid.record(record))

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        return self._read(("partners", *sorted(ids)), lambda: self.grid.partners(ids))

    def partner_page(self, since: datetime | None, cursor: str | None) -> ListPage[Partner]:
        asked = ("partners", str(since or ""), cursor or "")
        found = self._read(asked, lambda: self.grid.partner_page(since, cursor))
        return (
            replace(found, listing=Listing()) if self._is_without(Part(AUDIENCE_RECORD)) else found
        )

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        return self._entities(
            self._read(
                ("checks", *sorted(partner_ids)), lambda: self.grid.compliance_checks(partner_ids)
            )
        )

    def open_cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        return self._entities(
            self._read(("open", *sorted(partner_ids)), lambda: self.grid.open_cases(partner_ids))
        )

    def enrollments(self, partner_ids: Collection[PartnerId]) -> Listing[Enrollment]:
        if self.own.startswith("enrollments/"):
            return cast(Listing[Enrollment], self._own_alone())
        return self._entities(
            self._read(
                ("enrollments", *sorted(partner_ids)), lambda: self.grid.enrollments(partner_ids)
            )
        )

    def programs(self) -> Listing[OnboardingProgram]:
        return self._read(("programs",), self.grid.programs)

    def cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:  # noqa: ARG002 - the port's
        return cast(Listing[Case], self._own_alone())

    def notices(self) -> Listing[ServiceNotice]:
        return cast(Listing[ServiceNotice], self._own_alone())

    def comments(self, case_id: str) -> Listing[Comment]:
        found = self._read(("comments", case_id), lambda: self.grid.comments(case_id))
        return Listing() if self._is_without(Part(f"cases/{case_id}/comments")) else found

    def request_comments(self, request_id: str) -> Listing[Comment] | None:
        found = self._read(("asked", request_id), lambda: self.grid.request_comments(request_id))
        if found is None:
            return None
        name = f"collaboration-requests/{request_id}/comments"
        return Listing() if self._is_without(Part(name)) else found

    def versions(self, document: Document) -> Sequence[DocumentVersion]:
        found = self._read(("versions", document.id), lambda: self.grid.versions(document))
        return () if self._is_without(Part(f"{document.record}/versions")) else found

    def read_transfers(self, document_ids: Collection[str]) -> Mapping[str, Transfer]:
        found = self._read(
            ("transfers", *sorted(document_ids)),
            lambda: self.transfers.read_transfers(document_ids),
        )
        return {
            identifier: transfer
            for identifier, transfer in found.items()
            if not self._is_without(Part(transfer.record, transfer.edition))
        }

    def read_submissions(self, ids: Collection[str]) -> Mapping[str, Submission]:
        found = self._read(("submissions", *sorted(ids)), lambda: self.inbox.read_submissions(ids))
        return {
            identifier: submission
            for identifier, submission in found.items()
            if not self._is_without(Part(f"submissions/{identifier}"))
        }

    def lost(self, ids: Collection[str]) -> frozenset[str]:  # noqa: ARG002 - files are not checked
        return frozenset()

    def _own_alone(self) -> Listing[Entity]:
        entity = self.record(self.own)
        return Listing([] if entity is None else [entity])

    def _entities[E: Entity](self, listing: Listing[E]) -> Listing[E]:
        return Listing(
            [
                entity.model_copy(update={"deleted_at": entity.updated_at})
                if entity.deleted_at is None
                and self._is_without(Part(entity.record, entity.version))
                else entity
                for entity in listing.records
            ],
            listing.faults,
        )

    def _is_without(self, part: Part) -> bool:
        """Return True if an input that the row is computed from is to be left out (``without``).

        Also adds the input to ``parts``, except in a copy that reads nothing (``sealed``). The
        record that the row is about is never left out.
        """
        if part.name == self.own:
            return False
        if not self.sealed:
            self.parts[part.name] = part
        return part.name in self.without

    def _read[T](self, asked: tuple[str, ...], read: Callable[[], T]) -> T:
        if asked not in self.kept:
            if self.sealed:
                raise RecordFault(self.own, f"{asked[0]} was not read")
            self.kept[asked] = read()
        return cast(T, self.kept[asked])
