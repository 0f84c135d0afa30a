"""Results of a batch of changes: the result of each row, and the error of each change that failed.

A change is an event about one record; publishing it writes one or more rows of the portal.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from gridwix.errors import GridwixError, RecordFault
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.journal import row_name
from gridwix.models.reports import Addable
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import Projection, RowReport

OLDER = "older"
"""Journal result of a row that was not written, because it shows a newer version."""


@dataclass(frozen=True, slots=True)
class PreparedRows(Addable):
    """Rows that are ready to be published, and rows that need no write or cannot be written yet.

    ``projections`` are the rows to write, as they should be. ``unchanged`` rows are up to date:
    each has the versions of the records that it was made from. ``deferred`` rows have to wait, each
    with the error that says why.
    """

    projections: tuple[Projection, ...] = ()
    unchanged: Mapping[RowKey, Versions] = field(default_factory=dict)
    deferred: Mapping[RowKey, GridwixError] = field(default_factory=dict)

    @property
    def report(self) -> RowReport:
        """The results of the rows that are not written: each is unchanged or deferred."""
        return RowReport.of_unchanged(self.unchanged) + RowReport.of_deferred(self.deferred)


@dataclass(frozen=True, slots=True)
class ChangeReport(RowReport):
    """Result of a batch of changes: a result for each row, and the rows that each change concerns.

    A change is an event about one record. It is done when each of its rows is unchanged, written or
    refused, and retried otherwise. ``rows`` are the rows of each change, by event id; a change that
    concerns no row has an empty entry. ``invalid`` has, by event id, the error of a change that
    failed before its rows were known. ``unknown`` counts values of Trading Grid that have no label,
    as ``field=value``. ``conflicts`` are the fields (collection, item, field) in which the value of
    Trading Grid or that of a portal editor was not taken; both values are stored in the row.
    """

    rows: Mapping[str, tuple[RowKey, ...]] = field(default_factory=dict)
    invalid: Mapping[str, GridwixError] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    conflicts: tuple[tuple[CollectionId, WixItemId, str], ...] = ()

    @classmethod
    def for_changes(cls, changes: Iterable[Change], keys: Iterable[RowKey] = ()) -> Self:
        """Return a report in which each of these changes concerns the same rows, those in ``keys``.

        A change is done when each of its rows is unchanged, written or refused. Without ``keys``
        the changes concern no row, so they are done.
        """
        rows = tuple(keys)
        return cls(rows={change.event_id: rows for change in changes})

    @classmethod
    def for_rows(cls, rows: Iterable[tuple[Change, RowKey]]) -> Self:
        """Return one report of many changes, from pairs of a change and a row that it concerns.

        A change is done when each of its rows is unchanged, written or refused. All changes share
        one report, because a batch has thousands.
        """
        named: defaultdict[str, list[RowKey]] = defaultdict(list)
        for change, key in rows:
            named[change.event_id].append(key)
        return cls(rows={event_id: tuple(keys) for event_id, keys in named.items()})

    @classmethod
    def for_deferred(cls, changes: Iterable[Change], key: RowKey, reason: GridwixError) -> Self:
        """Return the report of one row that has to wait, and of the changes that wait for this row.

        ``reason`` is the error because of which the row cannot be written yet.
        """
        return cls.for_changes(changes, [key]) + RowReport.of_deferred({key: reason})

    @classmethod
    def for_invalid(cls, changes: Iterable[Change], reason: GridwixError) -> Self:
        """Return the report of changes that fail with the same error before their rows are known.

        For example, the changes request that all records of a partner are published again, and the
        list of these records cannot be read.
        """
        return cls(invalid={change.event_id: reason for change in changes})

    @property
    def record_faults(self) -> list[RecordFault]:
        """The errors of records that could not be read or mapped; their rows have to wait."""
        return [
            error
            for error in (*self.reasons.values(), *self.invalid.values())
            if isinstance(error, RecordFault)
        ]

    def failure(self, change: Change) -> GridwixError | None:
        """Return the error because of which a change has to be retried; None if the change is done.

        A change is done when each of its rows is unchanged, written, or refused (and stored as a
        refused item). Raises KeyError for a change that the report does not have.
        """
        if change.event_id in self.invalid:
            return self.invalid[change.event_id]
        return next(
            (self.reasons[key] for key in self.rows[change.event_id] if key in self.reasons), None
        )


def journal_rows(report: ChangeReport, change: Change) -> dict[str, str]:
    """Return the result of each row of a change, by ``collection#item``, for the journal.

    A deferred row has its reason, such as ``deferred:row_held``. The result is ``older`` if the row
    shows a newer version than the change announced. The dictionary is empty for a change that is
    not in the report, because the whole batch failed.
    """
    return {
        row_name(key.collection, key.item_id): _journal_verdict(report, change, key)
        for key in report.rows.get(change.event_id, ())
        if key in report.verdicts
    }


def _journal_verdict(report: ChangeReport, change: Change, key: RowKey) -> str:
    if key in report.reasons:
        return f"{report.verdicts[key]}:{report.reasons[key].code}"
    shown = report.shown.get(key)
    if shown and change.version is not None and shown.version_of(change.record) > change.version:
        return OLDER
    return str(report.verdicts[key])


def least_versions(changes: Iterable[Change], collections: Collection[str]) -> dict[str, int]:
    """Return the minimum version to read of each changed record (``collection/id``).

    It is the highest version that any of the changes announces, 0 if none does. Only records of
    ``collections`` are in the result.
    """
    least: dict[str, int] = {}
    for change in changes:
        if change.record.partition("/")[0] in collections:
            least[change.record] = max(least.get(change.record, 0), change.version or 0)
    return least


def changes_by_resynced_partner(
    changes: Iterable[Change],
) -> defaultdict[PartnerId, list[Change]]:
    """Return the changes that request the resync of a partner, grouped by that partner.

    A resync reads all records of the partner and publishes them again. Other changes are left out.
    """
    found: defaultdict[PartnerId, list[Change]] = defaultdict(list)
    for change in changes:
        if (partner_id := change.resync_partner_id) is not None:
            found[partner_id].append(change)
    return found
