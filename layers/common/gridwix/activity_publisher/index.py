"""Index of the document counts: names the S3 object with the counts of each hour and day. Pure.

The index also lists the partners with an activity row that is still to be published. S3 objects are
immutable. A stored cursor names the current index, and only moving the cursor commits a run's work,
with optimistic locking: a run that finds the cursor moved by another run commits nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from gridwix.models.ids import PartnerId

FORMAT = 1
"""Format number of the index and of the counts. Slices that were stored in another format are read
and counted again.
"""


@dataclass(frozen=True, slots=True)
class ReadSlice:
    """The last reading of a time slice: when the documents of that hour were read and counted.

    ``counts`` is the name of the S3 object with the hour's counts; "" if no document arrived.
    """

    read_at: datetime
    counts: str


@dataclass(frozen=True, slots=True)
class ActivityIndex:
    """Index of the stored document counts: names the S3 object of each hour and of each day.

    Each commit of the activity publisher stores a new index, with a greater ``version``. ``until``
    is the last day that the partners' activity rows show; None before the first run. ``slices``
    says for each hour (time slice), by its begin, when it was last read from Lens, and which object
    has its counts. ``days`` has the object's name for each day with documents. ``pending`` are the
    partners with an activity row that is still to be published.
    """

    version: int = 0
    until: date | None = None
    slices: Mapping[datetime, ReadSlice] = field(default_factory=dict)
    days: Mapping[date, str] = field(default_factory=dict)
    pending: frozenset[PartnerId] = frozenset()

    def counts_of(self, start: datetime) -> str:
        """Name of the S3 object with the counts of the hour (time slice) that begins at ``start``.

        It is "" if no document arrived in that hour, or if the hour was not read yet.
        """
        read = self.slices.get(start)
        return "" if read is None else read.counts

    def with_slice(self, start: datetime, read: ReadSlice) -> "ActivityIndex":
        """Return a copy of the index with the new counts of one hour (time slice).

        ``read`` says when the hour that begins at ``start`` was read from Lens, and which S3 object
        has its counts. It replaces the earlier entry of that hour.
        """
        return replace(self, slices={**self.slices, start: read})

    def to_document(self) -> dict[str, Any]:
        """The index as a JSON object.

        >>> ActivityIndex(version=3).to_document()
        {'format': 1, 'version': 3, 'until': None, 'slices': {}, 'days': {}, 'pending': []}
        """
        return {
            "format": FORMAT,
            "version": self.version,
            "until": None if self.until is None else self.until.isoformat(),
            "slices": {
                start.isoformat(): [read.read_at.isoformat(), read.counts]
                for start, read in self.slices.items()
            },
            "days": {day.isoformat(): name for day, name in self.days.items()},
            "pending": sorted(self.pending),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "ActivityIndex | None":
        """Parse an index from its JSON object; None if its format number is not ``FORMAT``."""
        if document.get("format") != FORMAT:
            return None
        until = document["until"]
        return cls(
            version=document["version"],
            until=None if until is None else date.fromisoformat(until),
            slices={
                datetime.fromisoformat(start): ReadSlice(datetime.fromisoformat(read_at), counts)
                for start, (read_at, counts) in document["slices"].items()
            },
            days={date.fromisoformat(day): name for day, name in document["days"].items()},
            pending=frozenset(PartnerId(one) for one in document["pending"]),
        )
