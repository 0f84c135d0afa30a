"""What became of the changes of a batch."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from gridwix.errors import GridwixError, RecordFault
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import Report, Verdict


@dataclass(slots=True)
class ChangeReport(Report):
    """A report that also says which rows each change (by event id) speaks of, and what is wrong with a change of none.

    ``unknown`` counts values of Trading Grid that no label is known for, as ``field=value``. ``conflicts`` are the fields (collection, item, field) of which
    one side's value was not taken; the values stand on the row.
    """

    rows: dict[str, list[RowKey]] = field(default_factory=dict)
    invalid: dict[str, GridwixError] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    conflicts: list[tuple[CollectionId, WixItemId, str]] = field(default_factory=list)

    @property
    def record_faults(self) -> list[RecordFault]:
        """The records that could not be read or mapped, so that their rows are deferred."""
        return [error for error in (*self.reasons.values(), *self.invalid.values()) if isinstance(error, RecordFault)]

    def defer_for(self, changes: Iterable[Change], key: RowKey, reason: GridwixError) -> None:
        """Defer a row; these changes are not done before it is."""
        self.put([key], Verdict.DEFERRED, reason)
        for change in changes:
            self.speaks_of(change, key)

    def speaks_of(self, change: Change, *keys: RowKey) -> None:
        """The change is done when these rows, and all that were named before, are."""
        self.rows.setdefault(change.event_id, []).extend(keys)

    def least_versions(self, changes: Iterable[Change], collections: Collection[str]) -> dict[str, int]:
        """The least version of each record of these collections that a change names. Every change gets its place in the report."""
        least: dict[str, int] = {}
        for change in changes:
            self.speaks_of(change)
            if change.record.partition("/")[0] in collections:
                least[change.record] = max(least.get(change.record, 0), change.version or 0)
        return least

    def failure(self, change: Change) -> GridwixError | None:
        """Why a change is not done yet; None if it is: each of its rows is unchanged, written, or refused and named."""
        if change.event_id in self.invalid:
            return self.invalid[change.event_id]
        return next((self.reasons[key] for key in self.rows[change.event_id] if key in self.reasons), None)
