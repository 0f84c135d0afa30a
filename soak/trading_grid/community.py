"""The hub's records in Trading Grid: each change raises the version and appends an event to the
feed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulators.trading_grid.community import ENTITY_NAMES
from emulators.trading_grid.problems import Problem
from emulators.trading_grid.state_machines import enrollment_progress
from soak.trading_grid.event_log import Change, EventLog
from soak.trading_grid.event_types import changed_event, created_event
from soak.trading_grid.feed import Event
from soak.trading_grid.records import Collection, Document, Record, compact_json


@dataclass(frozen=True, slots=True)
class Made:
    """Something that a call of the product has made or changed in Trading Grid.

    ``kind``: case, request, comment, transition, step, transaction-ref, version. ``record`` is the
    name of the record (``cases/case_1``), ``version`` its version afterwards, ``document`` what was
    made (the record, the comment, the step, the version of the document), ``wish`` the body of the
    call and ``key`` its idempotency key.
    """

    at: float
    kind: str
    record: str
    version: int
    document: Mapping[str, Any] = field(repr=False)
    wish: Mapping[str, Any] = field(repr=False)
    key: str | None = None


class Community:
    """The records of all collections, their comments and the feed.

    Args:
        clock: Returns Unix seconds.
        company_id: The hub.
    """

    def __init__(self, clock: Callable[[], float], company_id: str) -> None:
        self.clock = clock
        self.company_id = company_id
        self.collections = {name: Collection(name) for name in ENTITY_NAMES}
        self.log = EventLog(clock, company_id)
        self.now = self.log.now
        self.on_made: list[Callable[[Made], None]] = []
        self.on_stored: list[Callable[[str, Document], None]] = []
        self._comments: dict[str, list[bytes]] = {}
        self._numbers: dict[str, int] = {}

    def next_number(self, name: str) -> int:
        """Return the next number of a sequence, from 1."""
        self._numbers[name] = self._numbers.get(name, 0) + 1
        return self._numbers[name]

    def new_id(self, collection: str, prefix: str, digits: int = 6) -> tuple[str, int]:
        """Return an id that no record of a collection has, and its number."""
        while True:
            number = self.next_number(collection)
            identifier = f"{prefix}_{number:0{digits}}"
            if identifier not in self.collections[collection].records:
                return identifier, number

    def find(self, collection: str, identifier: str) -> Record:
        """Return a record. Raises Problem if there is none."""
        record = self.collections[collection].records.get(identifier)
        if record is None:
            raise Problem("not-found", f"There is no {ENTITY_NAMES[collection]} {identifier}.")
        return record

    def put(
        self, collection: str, document: Document, *, event: str | None = None, quiet: bool = False
    ) -> list[Event]:
        """Create a record, or change members of one.

        Args:
            collection: The record's collection.
            document: ``id``, and the members to set. A new record has all that its model needs;
                ``companyId``, ``version`` and times are added.
            event: Type of the event, without prefix; the default follows from what has changed.
            quiet: Store it without an event, as if it was there before the feed began.

        Returns:
            The events. None for a document that changes nothing.
        """
        identifier = document["id"]
        known = self.collections[collection].records.get(identifier)
        if known is None:
            return self._create(collection, document, event, quiet=quiet)
        before = known.document()
        changes = {
            name: value
            for name, value in document.items()
            if name not in ("version", "updatedAt", "createdAt")
            and (name not in before or before[name] != value)
        }
        if not changes:
            return []
        if collection == "enrollments" and "steps" in changes:
            progress = enrollment_progress(changes["steps"])
            changes |= {name: value for name, value in progress.items() if before[name] != value}
        event_type = event or changed_event(collection, before, changes)
        changed, record = self._store_changes(collection, before, changes)
        if quiet:
            return []
        if collection == "enrollments" and "steps" in changes and event is None:
            return self._step_events(record, before, changed, changes)
        return [self._append(event_type, collection, record, changed, changes, before)]

    def change(
        self, collection: str, before: Document, changes: Document, event_type: str
    ) -> tuple[Document, Event]:
        """Change members of a record and append one event.

        Args:
            collection: The record's collection.
            before: The record as it is.
            changes: The members to set.
            event_type: Type of the event, without prefix.

        Returns:
            The record as it is now, and the event.
        """
        changed, record = self._store_changes(collection, before, changes)
        event = self._append(event_type, collection, record, changed, changes, before)
        return changed, event

    def store_steps(
        self,
        before: Document,
        changes: Document,
        events: Iterable[tuple[str, str]],
    ) -> tuple[Document, list[Event]]:
        """Store changed steps of an enrollment.

        Args:
            before: The enrollment as it is.
            changes: Its members to set.
            events: Key of the step and verb of each event.

        Returns:
            The enrollment as it is now, and the events.
        """
        changed, record = self._store_changes("enrollments", before, changes)
        appended = self._append_step_events(record, before, changed, events)
        if "status" in changes:
            status = {"status": changes["status"]}
            event_type = "enrollment.status_changed"
            appended.append(
                self._append(event_type, "enrollments", record, changed, status, before)
            )
        return changed, appended

    def comments(self, collection: str, identifier: str) -> Sequence[bytes]:
        """Return the comments of a record as JSON, oldest first. Raises Problem for no such
        record.
        """
        self.find(collection, identifier)
        return self._comments.get(f"{collection}/{identifier}", ())

    def add_comment(
        self, collection: str, before: Document, wish: Document, changes: Document
    ) -> tuple[Document, Document, Event]:
        """Add a comment to a case or a request, and raise the record's version.

        Args:
            collection: ``cases`` or ``collaboration-requests``.
            before: The record as it is.
            wish: ``body`` and other members of the profile's schema ``NewComment``.
            changes: Members of the record to set.

        Returns:
            The comment, the record as it is now, and the event.
        """
        identifier, entity = before["id"], ENTITY_NAMES[collection]
        comment = {
            "id": f"cmt_{self.next_number('comment'):06}",
            f"{entity}Id": identifier,
            "author": {
                "kind": wish.get("authorKind", "internal"),
                "id": None,
                "name": wish.get("authorName", "Partner desk"),
            },
            "visibility": wish.get("visibility", "public"),
            "body": wish["body"],
            "format": "text",
            "attachments": [],
            "inReplyTo": wish.get("inReplyTo"),
            "createdAt": self.now(),
            "source": wish.get("source", "trading_grid"),
        }
        name = f"{collection}/{identifier}"
        self._comments.setdefault(name, []).append(compact_json(comment))
        changed, record = self._store_changes(collection, before, changes)
        after = {"id": comment["id"], "visibility": comment["visibility"]}
        event = self.log.append(
            f"{entity}.commented", Change(entity, name, record, ["comments"], {}, after)
        )
        return comment, changed, event

    def note(self, made: Made) -> None:
        """Pass the result of a call to the listeners."""
        for listener in self.on_made:
            listener(made)

    def _create(
        self, collection: str, document: Document, event: str | None, *, quiet: bool
    ) -> list[Event]:
        now = self.now()
        complete = {
            "companyId": self.company_id,
            "version": 1,
            "createdAt": now,
            "updatedAt": now,
            "externalRefs": [],
            **document,
        }
        if collection == "enrollments":
            complete |= enrollment_progress(complete["steps"])
        record = self._store(collection, complete)
        if quiet:
            return []
        event_type = event or created_event(collection, complete)
        return [self._append(event_type, collection, record, complete, document, {})]

    def _store_changes(
        self, collection: str, before: Document, changes: Document
    ) -> tuple[Document, Record]:
        changed = {
            **before,
            **changes,
            "version": before["version"] + 1,
            "updatedAt": self.now(),
        }
        return changed, self._store(collection, changed)

    def _store(self, collection: str, document: Document) -> Record:
        record = self.collections[collection].store(document, self.clock())
        for listener in self.on_stored:
            listener(collection, document)
        return record

    def _step_events(
        self, record: Record, before: Document, changed: Document, changes: Document
    ) -> list[Event]:
        """Return the events of an enrollment with changed steps."""
        old = {step["key"]: step["status"] for step in before["steps"]}
        moved = [
            (step["key"], _step_verb(old[step["key"]], step["status"]))
            for step in changed["steps"]
            if old.get(step["key"], step["status"]) != step["status"]
        ]
        events = self._append_step_events(record, before, changed, moved)
        if not moved or "status" in changes:
            event_type = "enrollment.status_changed"
            events.append(self._append(event_type, "enrollments", record, changed, changes, before))
        return events

    def _append_step_events(
        self,
        record: Record,
        before: Document,
        changed: Document,
        events: Iterable[tuple[str, str]],
    ) -> list[Event]:
        old = {step["key"]: step["status"] for step in before["steps"]}
        new = {step["key"]: step for step in changed["steps"]}
        return [
            self.log.append(
                f"step.{verb}",
                Change(
                    "step",
                    f"enrollments/{record.id}/steps/{key}",
                    record,
                    ["status"],
                    {"status": old[key]},
                    new[key],
                ),
            )
            for key, verb in events
        ]

    def _append(
        self,
        event_type: str,
        collection: str,
        record: Record,
        document: Document,
        changes: Document,
        before: Document,
    ) -> Event:
        """Append the event of a changed record to the feed. ``before`` is empty for a new
        record.
        """
        old = {name: before.get(name) for name in changes} if before else {}
        entity, subject = ENTITY_NAMES[collection], f"{collection}/{record.id}"
        change = Change(entity, subject, record, list(changes), old, document, whole=True)
        return self.log.append(event_type, change)


def _step_verb(before: str, after: str) -> str:
    return "unlocked" if (before, after) == ("locked", "available") else "status_changed"
