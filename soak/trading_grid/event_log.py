"""Appends CloudEvents to the feed and passes them to the listeners."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulators.trading_grid.community import TYPE_PREFIX
from soak.trading_grid.feed import Event, Feed
from soak.trading_grid.records import Document, Record, compact_json, rfc3339


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a record, from which an event is made.

    ``entity`` and ``subject`` name what has changed. ``record`` is the record that it is part of.
    ``whole``: ``after`` is that record, and the event then shares its JSON.
    """

    entity: str
    subject: str
    record: Record
    changed: list[str]
    before: Document
    after: Any
    whole: bool = False


class EventLog:
    """Appends the events of a hub to its feed.

    Args:
        clock: Returns Unix seconds.
        company_id: The hub.
    """

    def __init__(self, clock: Callable[[], float], company_id: str) -> None:
        self.feed = Feed()
        self.on_event: list[Callable[[Event], None]] = []
        self._clock = clock
        self._company_id = company_id
        self._count = 0
        self._step_sequences: dict[str, int] = {}
        self._stamped = (-1.0, "")

    def now(self) -> str:
        """Return the current time as text."""
        moment = self._clock()
        if moment != self._stamped[0]:
            self._stamped = (moment, rfc3339(moment))
        return self._stamped[1]

    def append(self, event_type: str, change: Change) -> Event:
        """Append the event of a change to the feed, and pass it to the listeners.

        Args:
            event_type: Type of the event, without prefix.
            change: What has changed.

        Returns:
            The event, as its listeners got it.
        """
        record = change.record
        self._count += 1
        event: Event = {
            "specversion": "1.0",
            "id": f"evt_{self._count:08}",
            "source": f"/tg/companies/{self._company_id}",
            "type": TYPE_PREFIX + event_type,
            "subject": change.subject,
            "time": self.now(),
            "datacontenttype": "application/json",
            "companyid": self._company_id,
            "sequence": f"{self._next_sequence(change):010}",
        }
        if record.partner:
            event["partnerid"] = record.partner
        event["data"] = data = {
            "entity": change.entity,
            "version": record.version,
            "changed": change.changed,
            "before": change.before,
        }
        after = record.body if change.whole else compact_json(change.after)
        self.feed.append(event, after, self._clock())
        data["after"] = change.after
        for listener in self.on_event:
            listener(event)
        return event

    def append_malformed(self) -> None:
        """Append an item to the feed that is no event: a reader has to skip it."""
        self._count += 1
        self.feed.append_malformed(b'{"id":"evt_%08d"}' % self._count, self._clock())

    def _next_sequence(self, change: Change) -> int:
        if change.entity != "step":
            change.record.sequence += 1
            return change.record.sequence
        number = self._step_sequences.get(change.subject, 0) + 1
        self._step_sequences[change.subject] = number
        return number
