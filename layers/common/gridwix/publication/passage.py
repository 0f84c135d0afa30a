"""Deduplicates changes on their way to the bus: leaves out those that the bus has accepted before.

``docs/adr/0021-a-change-passes-the-bus-once.md`` says why no change is lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from gridwix.errors import UpstreamError
from gridwix.mapping.handovers import MAX_EVENTS, handover_key
from gridwix.models.events import Change
from gridwix.models.reports import Addable
from gridwix.ports import EventBus, Handovers


@dataclass(frozen=True, slots=True)
class PassageReport(Addable):
    """Result of putting changes on the bus with deduplication.

    ``changes``: the changes that are now on the bus. ``left_out``: number of duplicates, which the
    bus had accepted before. ``error``: handovers (records of accepted changes) could not be read or
    recorded. No change is lost then, but some may be put on the bus again.
    """

    changes: tuple[Change, ...] = ()
    left_out: int = 0
    error: UpstreamError | None = None

    @property
    def put(self) -> int:
        """The number of changes that were put on the bus. Duplicates are not counted."""
        return len(self.changes)


class Passage:
    """Puts changes on the EventBridge bus, and leaves out those that the bus has accepted before.

    This deduplicates changes that arrive twice. Guaranteed: a change is recorded only after the bus
    has accepted it, so a crash at any point repeats changes and loses none. If the handovers cannot
    be read, every change is put on the bus.

    Args:
        bus: Takes the changes.
        handovers: Records of the changes that the bus has accepted lately.
    """

    def __init__(self, bus: EventBus, handovers: Handovers) -> None:
        self._bus = bus
        self._handovers = handovers

    def put(self, changes: Sequence[Change]) -> PassageReport:
        """Put the changes that the bus has not accepted before on the bus, and record them.

        Raises UpstreamError if the bus fails. Some changes may be on the bus then.
        """
        known: Mapping[str, AbstractSet[str]] = {}
        error: UpstreamError | None = None
        try:
            if keys := {key for change in changes if (key := key_of(change))}:
                known = self._handovers.read_event_ids(keys)
        except UpstreamError as failure:
            error = failure
        fresh = [change for change in changes if not _is_known(change, known)]
        if fresh:
            self._bus.put(fresh)
            try:
                self._handovers.record(_merged_events(fresh, known))
            except UpstreamError as failure:
                error = failure
        return PassageReport(tuple(fresh), len(changes) - len(fresh), error)


def key_of(change: Change) -> str | None:
    """Return the deduplication key under which a change is recorded after the bus has accepted it.

    None for a change that is never deduplicated, but put on the bus each time.
    """
    return handover_key(change.type, change.subject, change.version)


def _is_known(change: Change, known: Mapping[str, AbstractSet[str]]) -> bool:
    """Return True if the bus has certainly accepted the change before: it is a duplicate.

    ``known`` holds the ids of accepted events by deduplication key (a record and its version). An
    event is a duplicate if its own id is among them. Another id is not enough: events of one
    version may differ in type, and types trigger partner messages. But a resync request, which only
    asks the publishers to read this version of the record, is a duplicate of any accepted event of
    the version, since each such event makes them read the record.
    """
    key = key_of(change)
    accepted: AbstractSet[str] = known.get(key, frozenset()) if key else frozenset()
    if change.event_id in accepted:
        return True
    return change.is_record_resync and bool(accepted)


def _merged_events(
    changes: Iterable[Change], known: Mapping[str, AbstractSet[str]]
) -> Mapping[str, AbstractSet[str]]:
    """Return the ids of events that the bus has accepted, to be stored by deduplication key.

    A key is a record and its version, about which there may be several events. The ids are those of
    ``changes`` and, for the same keys, those that are stored already (``known``). A key with more
    than ``MAX_EVENTS`` ids is left out.
    """
    merged: defaultdict[str, set[str]] = defaultdict(set)
    for change in changes:
        if key := key_of(change):
            merged[key] |= {change.event_id, *known.get(key, ())}
    return {key: events for key, events in merged.items() if len(events) <= MAX_EVENTS}
