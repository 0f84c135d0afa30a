"""Messages and results of the reconciler, which compares the portal's rows with Trading Grid.

A run is a chain of messages (such as :class:`FullPage`), one for each page of records. A page of a
full comparison stores its findings as a :class:`PageRecord`, and the drift report is made from all
of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from gridwix.models.events import BusModel, TolerantModel
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.people_runs import PeoplePage, PersonDeleted

MAX_NAMED = 1000
"""Maximum number of rows of one kind that a drift report names. The counts cover all rows."""

MAX_PAGES = 100_000
"""Maximum number of pages of one phase: a longer chain of messages would be a fault."""

NAME = r"^[A-Za-z0-9_-]{1,100}$"
"""Pattern of the names of runs, plans and collections."""

MAX_FIELDS = 50
"""Maximum number of differing fields that a finding names."""


class Phase(StrEnum):
    """Phase of a full comparison: list the source's keys, compare the rows, remove extra rows."""

    LIST = "list"
    COMPARE = "compare"
    REMOVE = "remove"


class RunRequest(BusModel):
    """Request to start a reconciler run, from a schedule or an operator.

    ``collection`` is None for every collection.

    With ``dry_run`` the run only reports, and repairs nothing. ``accept_shrink`` is the operator's
    confirmation that records are really gone: the mass-delete guard, a safety limit, then lets the
    run pass. ``plan`` names stored :class:`PlannedRows`: the run changes only rows in the plan, and
    of these only rows that it finds in the planned state (the same verdict and difference). A run
    of the mode ``people`` or ``uploads`` has neither collection nor plan.
    """

    mode: Literal["sweep", "full", "people", "uploads"]
    collection: CollectionId | None = Field(default=None, pattern=NAME)
    dry_run: bool = False
    accept_shrink: bool = False
    plan: str | None = Field(default=None, pattern=NAME)


class FullPage(TolerantModel):
    """Message for one page of a full comparison of a portal collection with Trading Grid.

    ``page`` counts the pages of ``phase``. ``cursor`` is the position at which the page begins: in
    the phase LIST a cursor of Trading Grid's list of keys (names of records), in the phase COMPARE
    the row id after which to compare. ``parts`` is the number of stored parts of the listed keys,
    ``compared`` the number of stored comparison pages, ``restarts`` the number of times that the
    list was restarted, and ``waiting`` are the collections to compare next. ``plan`` is the plan of
    the :class:`RunRequest`.

    Before the first comparison, an external merge sort turns the listed parts into one list, sorted
    by row id and stored in new parts. ``level`` is the number of finished passes of this sort,
    ``group`` the number of finished merges in the current pass. ``sorted_parts`` is the number of
    parts of the sorted list; None until the list is complete. ``part`` is the number of the part of
    the sorted list in which the page begins, and ``listed`` the number of keys in the sorted list.
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
    level: int = Field(default=0, ge=0)
    group: int = Field(default=0, ge=0)
    sorted_parts: int | None = Field(default=None, ge=0)
    part: int = Field(default=0, ge=0)
    listed: int = Field(default=0, ge=0)
    dry_run: bool = False
    accept_shrink: bool = False
    plan: str | None = Field(default=None, pattern=NAME)


class SweepPage(TolerantModel):
    """Message for one page of a sweep: a run over records updated at or after ``since``.

    ``kind`` is the index of the kind of records that is read now, ``cursor`` the position in
    Trading Grid's list of this kind; None for the start. ``revision`` is the revision of the stored
    high-water mark from which the sweep began (optimistic locking). ``as_of`` is Trading Grid's own
    time when the sweep began to read, None before the first page: the high-water mark from which
    the next sweep begins.
    """

    mode: Literal["sweep"] = "sweep"
    run: str = Field(pattern=NAME)
    since: datetime
    revision: int = Field(ge=0)
    kind: int = Field(default=0, ge=0)
    cursor: str | None = None
    as_of: datetime | None = None
    dry_run: bool = False


class UploadsPage(TolerantModel):
    """Message for one page of a run over the files that portal members have uploaded, oldest first.

    ``before``: only files that were uploaded before this time may be removed. ``cursor`` is the
    page of the list of files.
    """

    mode: Literal["uploads"] = "uploads"
    run: str = Field(pattern=NAME)
    before: datetime
    page: int = Field(default=0, ge=0, le=MAX_PAGES)
    cursor: str | None = None
    dry_run: bool = False


class RowVerdict(StrEnum):
    """Result of comparing a row of the portal with its source. EQUAL rows are only counted.

    DRIFTED: the portal holds other values. MISSING: the portal lacks the row. EXTRA: the portal
    holds a row that the source does not list, or has deleted. UNSETTLED: undecided, because a
    publisher is writing the row, or the source returned a stale read. LOST: the row is right, but
    the file that it points to no longer exists, or the row lacks a file that nothing is copying.
    """

    EQUAL = "equal"
    DRIFTED = "drifted"
    MISSING = "missing"
    EXTRA = "extra"
    UNSETTLED = "unsettled"
    LOST = "lost"


class RowDifference(TolerantModel):
    """The difference between a portal row and its expected state: names and hashes, no values.

    ``fields`` are the names of the fields that differ, sorted, ``MAX_FIELDS`` at most; empty for a
    row that exists on one side only. ``expected`` and ``shown`` are hashes of the compared fields
    as they should be and as the portal has them, "" for a row that does not exist.
    """

    fields: tuple[str, ...] = ()
    expected: str = ""
    shown: str = ""


class RowFinding(RowDifference):
    """A row that is not equal to its source, or could not be compared: verdict and difference.

    ``key`` is the natural key from which the row's id is made (such as a partner's id); None if
    unknown. An unsettled row has no difference: it was not compared.
    """

    id: WixItemId
    verdict: RowVerdict
    key: str | None = None


class PlannedRows(TolerantModel):
    """Rows of one collection to which a plan limits a full comparison, with the planned findings.

    A finding is the result of comparing a row with its record: verdict and difference. A run with
    the plan changes a row only if its finding is still exactly the planned one.
    """

    rows: tuple[RowFinding, ...] = ()


class PageRecord(TolerantModel):
    """Findings of one page of a full comparison: rows that differ from their records.

    The records are those of Trading Grid. A row that could not be compared is a finding, too.
    ``rows`` is the number of compared rows, ``shown`` the number of those that the portal holds.
    ``unclosed`` are rows of service notices that the hub (the company that runs the network) has
    not closed, although the time window of the notice has ended. ``done`` is true once the repairs
    are requested and the message for the next page is sent.
    """

    rows: int = 0
    shown: int = 0
    findings: tuple[RowFinding, ...] = ()
    unclosed: tuple[WixItemId, ...] = ()
    done: bool = False

    def count(self, verdict: RowVerdict) -> int:
        """Number of compared rows of this page with this verdict.

        >>> finding = RowFinding(id=WixItemId("GC1"), verdict=RowVerdict.MISSING)
        >>> PageRecord(rows=3, findings=(finding,)).count(RowVerdict.EQUAL)
        2
        """
        if verdict is RowVerdict.EQUAL:
            return self.rows - len(self.findings)
        return sum(1 for finding in self.findings if finding.verdict is verdict)

    def merge(self, earlier: "PageRecord") -> Self:
        """Return this record merged with one of an earlier attempt at the same page.

        So a retry loses no finding. For a row in both, the earlier finding wins, although the row
        may have been repaired since.
        """
        findings = {finding.id: finding for finding in (*self.findings, *earlier.findings)}
        return self.model_copy(
            update={
                "rows": max(self.rows, earlier.rows, len(findings)),
                "findings": tuple(findings.values()),
                "unclosed": tuple(sorted({*self.unclosed, *earlier.unclosed})),
            }
        )


class SortedKeys(TolerantModel):
    """Size of a stored, sorted list of record keys: the number of its parts, and of its keys."""

    parts: int = Field(ge=0)
    keys: int = Field(ge=0)


class FindingChunk(TolerantModel):
    """Group of portal rows with the same verdict, EXTRA or LOST, that one message handles.

    The verdict is the result of a full comparison with Trading Grid (:class:`RowVerdict`). The rows
    are sorted by row id.
    """

    findings: tuple[RowFinding, ...] = ()


class RemovalRecord(TolerantModel):
    """Result for a group of extra rows: those ``removed`` from the portal, and those ``kept``.

    An extra row is one without a record in Trading Grid. A row is kept if Trading Grid has its
    record after all. ``done`` is true once the message for the next group is sent, or the drift
    report is stored after the last group.
    """

    removed: tuple[WixItemId, ...] = ()
    kept: tuple[WixItemId, ...] = ()
    done: bool = False


class GuardReason(StrEnum):
    """Reason why the mass-delete guard, a safety limit of a full comparison, stopped changes.

    It blocks removals for SHRUNK (the source lists far fewer records than in the last complete run)
    and TOO_MANY (too large a share of the portal's rows would be removed). It blocks copies of lost
    files for FILES_LOST (too large a share of the rows has lost its file).
    """

    SHRUNK = "shrunk"
    TOO_MANY = "too_many"
    FILES_LOST = "files_lost"


class Baseline(TolerantModel):
    """Number of records of a collection in Trading Grid (``listed``) at the last accepted run.

    A run is a full comparison; it is accepted if it was no dry run and the mass-delete guard did
    not stop removals. In the next run the guard stops removals if Trading Grid lists far fewer
    records than this.
    """

    run: str
    listed: int = Field(ge=0)


class NamedRows(TolerantModel):
    """Ids of portal rows for a report, by their result; at most ``MAX_NAMED`` of each.

    ``drifted``, ``missing``, ``extra``, ``unsettled`` and ``lost`` are the verdicts of the
    comparison with Trading Grid (:class:`RowVerdict`). ``unclosed`` are rows of service notices, of
    any verdict, that the hub (the company that runs the network) has not closed although the time
    window of the notice has ended. ``removed`` and ``kept`` are extra rows that the run removed, or
    kept because Trading Grid has their record.
    """

    drifted: tuple[WixItemId, ...] = ()
    missing: tuple[WixItemId, ...] = ()
    extra: tuple[WixItemId, ...] = ()
    unsettled: tuple[WixItemId, ...] = ()
    lost: tuple[WixItemId, ...] = ()
    unclosed: tuple[WixItemId, ...] = ()
    removed: tuple[WixItemId, ...] = ()
    kept: tuple[WixItemId, ...] = ()


class FindingsSummary(TolerantModel):
    """Summary of a full comparison of a collection: counts, and the first row ids of each verdict.

    A verdict is the result of comparing a portal row with its record in Trading Grid. ``listed`` is
    the number of keys (names of records) that Trading Grid lists, ``before`` this number in the
    last accepted run; None if there was none. ``rows`` is the number of compared rows, ``shown``
    the number of those that the portal holds. ``counts`` has the number of rows of each verdict.
    ``permitted`` has the number of those rows, EQUAL ones left out, that the run may change: all of
    them or, in a run with a plan, only rows that are as planned. The ids of removed and kept rows
    are empty, because nothing is removed yet.
    """

    listed: int
    before: int | None
    rows: int
    shown: int
    counts: Mapping[RowVerdict, int]
    permitted: Mapping[RowVerdict, int]
    ids: NamedRows


class DriftReport(TolerantModel):
    """Report of a full comparison of a collection with Trading Grid: ids and counts, no content.

    The counts of verdicts (:class:`RowVerdict`) add up: rows = equal + drifted + missing + extra +
    unsettled (could not be compared) + lost. An extra row, one without a record, is ``removed``, or
    ``kept`` if Trading Grid has its record after all. An extra row is neither if the mass-delete
    guard tripped, the run was a dry run, the plan does not have the row, or Wix refused the
    removal. ``repaired`` counts the drifted, missing and lost rows that were requested to be
    published, and the removed rows. ``listed`` is the number of records that Trading Grid lists,
    ``previously_listed`` this number in the last accepted run; None in a first run. ``plan`` names
    the plan, a stored list of rows to which an operator limited the run; None if there was none.
    """

    run: str
    collection: CollectionId
    begun: datetime
    finished: datetime
    dry_run: bool
    plan: str | None = None
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
    def _check_counts(self) -> Self:
        if (
            self.rows
            != self.equal + self.drifted + self.missing + self.extra + self.unsettled + self.lost
        ):
            raise ValueError(
                "rows is not the sum of equal, drifted, missing, extra, unsettled and lost"
            )
        return self


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """A record that was updated in Trading Grid: its name (``collection/id``), partner and version.

    ``partner_id`` is the partner that owns the record; None for the kinds of records that belong to
    the hub (the company that runs the network), such as documents and notices. ``named_partner`` is
    the partner id that the record itself contains, regardless of its kind; None if it contains
    none.
    """

    record: str
    partner_id: PartnerId | None
    version: int
    named_partner: PartnerId | None = None


@dataclass(frozen=True, slots=True)
class ChangedPage:
    """One page of a list of records that were updated in Trading Grid.

    ``cursor`` reads the next page (None on the last page). ``as_of`` is the source's own time of
    the response.
    """

    records: Sequence[ChangedRecord]
    cursor: str | None
    as_of: datetime


type RunMessage = FullPage | SweepPage | PeoplePage | UploadsPage | PersonDeleted | RunRequest

RUN_MESSAGE: TypeAdapter[RunMessage] = TypeAdapter(
    FullPage | SweepPage | PeoplePage | UploadsPage | PersonDeleted | RunRequest,
    config=ConfigDict(hide_input_in_errors=True),
)
"""Parses a message of the reconciler's queue.

A message matches at most one of the models: pages have a run; a request has none, and forbids
unknown members; only a message of the bus has a detail.
"""
