"""Passes changes to the bus once: leaves out those that the bus has accepted before.

Why this loses nothing: ``docs/adr/0021-a-change-passes-the-bus-once.md``.
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
    """Result of a passage.

    ``changes``: those that are now on the bus. ``left_out``: changes that were accepted before.
    ``error``: handovers could not be read or recorded. No change is lost then; some may pass again.
    """

    changes: tuple[Change, ...] = ()
    left_out: int = 0
    error: UpstreamError | None = None

    @property
    def put(self) -> int:
        """The number of changes that are now on the bus."""
        return len(self.changes)


class Passage:
    """Puts changes on the bus, without those that are known to have been accepted.

    Guaranteed: a change is recorded only after the bus has accepted it, so a crash at any point
    repeats changes and loses none. If the handovers cannot be read, every change passes.

    Args:
        bus: Takes the changes.
        handovers: What the bus has accepted lately.
    """

    def __init__(self, bus: EventBus, handovers: Handovers) -> None:
        self._bus = bus
        self._handovers = handovers

    def put(self, changes: Sequence[Change]) -> PassageReport:
        """Put the changes that are new on the bus.

        Raises UpstreamError if the bus fails. Some changes may be on the bus then.
        """
        known: Mapping[str, AbstractSet[str]] = {}
        error: UpstreamError | None = None
        try:
            if keys := {key for change in changes if (key := key_of(change))}:
                known = self._handovers.read(keys)
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
    """Key under which a change is remembered; None if it always passes."""
    return handover_key(change.type, change.subject, change.version)


def _is_known(change: Change, known: Mapping[str, AbstractSet[str]]) -> bool:
    """True if the bus has certainly accepted the change before.

    An event is known by its own id alone: another event of the same version may be of another type,
    and partner messages are triggered by types. The sweep's request to read a version of a record
    is known by any event of this version, because each of them has the record read.
    """
    key = key_of(change)
    accepted: AbstractSet[str] = known.get(key, frozenset()) if key else frozenset()
    if change.event_id in accepted:
        return True
    return change.is_record_resync and bool(accepted)


def _merged_events(
    changes: Iterable[Change], known: Mapping[str, AbstractSet[str]]
) -> Mapping[str, AbstractSet[str]]:
    """The accepted events of each key, with those of ``known``. Keys with too many are left out."""
    merged: defaultdict[str, set[str]] = defaultdict(set)
    for change in changes:
        if key := key_of(change):
            merged[key] |= {change.event_id, *known.get(key, ())}
    return {key: events for key, events in merged.items() if len(events) <= MAX_EVENTS}
