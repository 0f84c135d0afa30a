"""Results of a batch of changes: from the verdicts on rows to the failure of each change."""

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
    """Rows before they are published: ``projections`` to write, and the rows that need no write.

    ``unchanged`` rows show these versions of their records already. ``deferred`` rows have no
    projection yet, each with the error that says why.
    """

    projections: tuple[Projection, ...] = ()
    unchanged: Mapping[RowKey, Versions] = field(default_factory=dict)
    deferred: Mapping[RowKey, GridwixError] = field(default_factory=dict)

    @property
    def report(self) -> RowReport:
        """The verdicts on the rows that are not written."""
        return RowReport.of_unchanged(self.unchanged) + RowReport.of_deferred(self.deferred)


@dataclass(frozen=True, slots=True)
class ChangeReport(RowReport):
    """Result of a batch of changes: the verdicts on all rows, and the rows that each change waits
    for.

    ``rows`` are by event id; a change without rows has an empty entry. ``invalid`` holds, by event
    id, the error of a change that leads to no row. ``unknown`` counts values of Trading Grid that
    have no label, as ``field=value``. ``conflicts`` are the fields (collection, item, field) of
    which one side's value was not taken; the values stand on the row.
    """

    rows: Mapping[str, tuple[RowKey, ...]] = field(default_factory=dict)
    invalid: Mapping[str, GridwixError] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    conflicts: tuple[tuple[CollectionId, WixItemId, str], ...] = ()

    @classmethod
    def for_changes(cls, changes: Iterable[Change], keys: Iterable[RowKey] = ()) -> Self:
        """Report of changes that are done once these rows are unchanged, written or refused."""
        rows = tuple(keys)
        return cls(rows={change.event_id: rows for change in changes})

    @classmethod
    def for_rows(cls, rows: Iterable[tuple[Change, RowKey]]) -> Self:
        """Report of many changes, each with the rows that it waits for. One report instead of one
        per change, because a batch has thousands.
        """
        named: defaultdict[str, list[RowKey]] = defaultdict(list)
        for change, key in rows:
            named[change.event_id].append(key)
        return cls(rows={event_id: tuple(keys) for event_id, keys in named.items()})

    @classmethod
    def for_deferred(cls, changes: Iterable[Change], key: RowKey, reason: GridwixError) -> Self:
        """Report of one deferred row, and of the changes that wait for it."""
        return cls.for_changes(changes, [key]) + RowReport.of_deferred({key: reason})

    @classmethod
    def for_invalid(cls, changes: Iterable[Change], reason: GridwixError) -> Self:
        """Report of changes that fail for one error before their rows are known: for example, the
        list that they ask for cannot be read.
        """
        return cls(invalid={change.event_id: reason for change in changes})

    @property
    def record_faults(self) -> list[RecordFault]:
        """The records that could not be read or mapped, so that their rows are deferred."""
        return [
            error
            for error in (*self.reasons.values(), *self.invalid.values())
            if isinstance(error, RecordFault)
        ]

    def failure(self, change: Change) -> GridwixError | None:
        """The error for which a change has to be retried; None if it is done.

        A change is done when each of its rows is unchanged, written, or refused (and stored as a
        refused item). Raises KeyError for a change that the report does not have.
        """
        if change.event_id in self.invalid:
            return self.invalid[change.event_id]
        return next(
            (self.reasons[key] for key in self.rows[change.event_id] if key in self.reasons), None
        )


def journal_rows(report: ChangeReport, change: Change) -> dict[str, str]:
    """Return the verdict on each row of a change, by ``collection#item``, for the journal.

    A deferred row has its reason, such as ``deferred:row_held``. The verdict is ``older`` if the
    row shows a newer version than the change announced. A change that is not in the report, because
    the run failed as a whole, has no rows.
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
    """Return the minimum version to read per record (``collection/id``) of these collections.

    It is the highest version that any change announces, 0 if none does. Records of other
    collections are left out.
    """
    least: dict[str, int] = {}
    for change in changes:
        if change.record.partition("/")[0] in collections:
            least[change.record] = max(least.get(change.record, 0), change.version or 0)
    return least


def changes_by_resynced_partner(
    changes: Iterable[Change],
) -> defaultdict[PartnerId, list[Change]]:
    """Return the changes that request the resync of a partner, by partner."""
    found: defaultdict[PartnerId, list[Change]] = defaultdict(list)
    for change in changes:
        if (partner_id := change.resync_partner_id) is not None:
            found[partner_id].append(change)
    return found
