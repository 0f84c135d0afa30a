"""What the reconciler says to itself and to others: the page of a run, what a page found, and the drift report.

A run is a chain of messages. Each is a :class:`RunPage`; what a page of the comparison finds is a :class:`PageRecord`, and the report is made from the records.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from gridwix.models.events import BusModel
from gridwix.models.ids import CollectionId, PartnerId, WixItemId

MAX_NAMED = 1000
"""Most rows of one kind that a drift report names; the counts are of all."""

MAX_PAGES = 100_000
"""Most pages of one phase: a chain of messages that does not end is a fault."""

NAME = r"^[A-Za-z0-9_-]{1,100}$"


class Phase(StrEnum):
    """How far a full comparison of a collection has come."""

    LIST = "list"
    COMPARE = "compare"
    REMOVE = "remove"


class RunRequest(BusModel):
    """What a schedule or an operator sends to begin a run. ``collection`` None means every collection.

    ``dry_run`` reports and repairs nothing. ``accept_shrink`` is the operator's word that records have really gone: the mass-delete guard lets the run pass.
    """

    mode: Literal["sweep", "full"]
    collection: CollectionId | None = Field(default=None, pattern=NAME)
    dry_run: bool = False
    accept_shrink: bool = False


class FullPage(BusModel):
    """One page of a full comparison.

    ``page`` counts the pages of ``phase``; ``cursor`` is where it begins: a cursor of the source's list, or the row id after which to compare. ``parts`` is how
    many parts of the list of keys are stored, ``compared`` how many pages of the comparison are, ``restarts`` how often the list was begun anew, and
    ``waiting`` are the collections to go on with.
    """

    mode: Literal["full"] = "full"
    run: str = Field(pattern=NAME)
    begun: datetime
    collection: CollectionId = Field(pattern=NAME)
    waiting: tuple[CollectionId, ...] = ()
    phase: Phase = Phase.LIST
    page: int = Field(default=0, ge=0, le=MAX_PAGES)
    cursor: str | None = None
    parts: int = Field(default=0, ge=0)
    compared: int = Field(default=0, ge=0)
    restarts: int = Field(default=0, ge=0)
    dry_run: bool = False
    accept_shrink: bool = False


class SweepPage(BusModel):
    """One page of a sweep over what was updated at or after ``since``.

    ``kind`` counts the kinds of records, ``cursor`` is the page of the present one, ``revision`` that of the stored cursor from which the sweep began, and
    ``as_of`` the source's own time when the sweep began to read (None until then): the next sweep begins from there.
    """

    mode: Literal["sweep"] = "sweep"
    run: str = Field(pattern=NAME)
    since: datetime
    revision: int = Field(ge=0)
    kind: int = Field(default=0, ge=0)
    cursor: str | None = None
    as_of: datetime | None = None
    dry_run: bool = False


class RowVerdict(StrEnum):
    """What a comparison says of a row. EQUAL rows are counted only.

    DRIFTED: the portal holds something else. MISSING: the portal does not hold it. EXTRA: the portal holds what the source does not list, or has deleted.
    UNSETTLED: nobody can say yet, as a publisher is writing the row or the source answered with less than it has announced. LOST: the row is right, but the
    file that it points to is not there any more.
    """

    EQUAL = "equal"
    DRIFTED = "drifted"
    MISSING = "missing"
    EXTRA = "extra"
    UNSETTLED = "unsettled"
    LOST = "lost"


class RowFinding(BusModel):
    """A row that is not equal. ``key`` is the natural key that its id is made from (a partner's id); None if nobody knows it."""

    id: WixItemId
    verdict: RowVerdict
    key: str | None = None


class PageRecord(BusModel):
    """What one page of the comparison found. ``rows`` are all that it compared, ``shown`` those of them that the portal holds; ``done`` when its repairs
    have been asked for and the next page is under way."""

    rows: int = 0
    shown: int = 0
    findings: tuple[RowFinding, ...] = ()
    done: bool = False

    def count(self, verdict: RowVerdict) -> int:
        if verdict is RowVerdict.EQUAL:
            return self.rows - len(self.findings)
        return sum(1 for finding in self.findings if finding.verdict is verdict)

    def merge(self, earlier: "PageRecord") -> Self:
        """This record after an earlier try of the same page: what that found first stays found, although it may have been repaired since."""
        findings = {finding.id: finding for finding in (*self.findings, *earlier.findings)}
        return self.model_copy(update={"rows": max(self.rows, earlier.rows, len(findings)), "findings": tuple(findings.values())})


class RemovalRecord(BusModel):
    """What became of the extra rows of one page: ``removed`` from the portal, or ``kept`` since the source knows them after all."""

    removed: tuple[WixItemId, ...] = ()
    kept: tuple[WixItemId, ...] = ()
    done: bool = False


class GuardReason(StrEnum):
    """Why the mass-delete guard lets nothing be removed (SHRUNK: the source lists far fewer records than in the last complete run; TOO_MANY: too large a share
    of the portal's rows would go), or no lost file be copied anew (FILES_LOST: too large a share of the rows has lost its file)."""

    SHRUNK = "shrunk"
    TOO_MANY = "too_many"
    FILES_LOST = "files_lost"


class Baseline(BusModel):
    """What the source listed in the last complete run that the guard let pass."""

    run: str
    listed: int = Field(ge=0)


class NamedRows(BusModel):
    """The ids of rows, at most ``MAX_NAMED`` of each kind."""

    drifted: tuple[WixItemId, ...] = ()
    missing: tuple[WixItemId, ...] = ()
    extra: tuple[WixItemId, ...] = ()
    unsettled: tuple[WixItemId, ...] = ()
    lost: tuple[WixItemId, ...] = ()
    removed: tuple[WixItemId, ...] = ()
    kept: tuple[WixItemId, ...] = ()


class DriftReport(BusModel):
    """What a full comparison of a collection found and did; ids and counts, no content.

    The counts close: rows = equal + drifted + missing + extra + unsettled + lost. Extra rows are removed, or kept since the source knows them after all, unless
    the guard tripped, the run was dry or Wix refused. ``repaired`` rows are the drifted, missing and lost ones whose publication was asked for, and the removed
    ones. ``previously_listed`` is None in a first run.
    """

    run: str
    collection: CollectionId
    begun: datetime
    finished: datetime
    dry_run: bool
    listed: int
    previously_listed: int | None
    rows: int
    equal: int
    drifted: int
    missing: int
    extra: int
    unsettled: int
    lost: int = 0
    removed: int
    kept: int
    repaired: int
    guard: GuardReason | None
    ids: NamedRows

    @model_validator(mode="after")
    def _closes(self) -> Self:
        if self.rows != self.equal + self.drifted + self.missing + self.extra + self.unsettled + self.lost:
            raise ValueError("the counts do not close")
        return self


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """A record that was updated: its ``collection/id``, whose it is (None for the hub's own), and its version."""

    record: str
    partner_id: PartnerId | None
    version: int


@dataclass(frozen=True, slots=True)
class ChangedPage:
    """A page of updated records; ``cursor`` reads on (None after the last), ``as_of`` is the source's own time of the answer."""

    records: Sequence[ChangedRecord]
    cursor: str | None
    as_of: datetime


type RunMessage = FullPage | SweepPage | RunRequest

RUN_MESSAGE: TypeAdapter[RunMessage] = TypeAdapter(FullPage | SweepPage | RunRequest)
"""Reads a message of the reconciler's queue. The shapes are closed, so that each message fits one of them at most."""
