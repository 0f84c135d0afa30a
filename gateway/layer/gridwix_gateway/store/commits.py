"""Commits: a use case reads and writes through a draft, and its writes are one transaction.

One item of the table, the counter, makes commits strictly serializable. A commit reads the counter,
runs the use case, and writes only if the counter is unchanged (optimistic locking); every commit
increases it. So everything that a use case has read is still true when it writes, event numbers
have no gaps, and commit times never decrease (``docs/adr/0033``).
"""

import random
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gridwix_gateway.documents import Document, parse_timestamp, timestamp
from gridwix_gateway.problems import Problem
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.store.dynamodb import COUNTER
from gridwix_gateway.store.items import (
    MAX_DOCUMENT_BYTES,
    dump_json,
    event_item,
    item_bytes,
    item_document,
    record_item,
    record_key,
    record_partner,
)
from gridwix_gateway.store.marks import Marks, mark_members, next_marks, read_marks
from gridwix_gateway.store.table import (
    MAX_BYTES,
    MAX_ITEMS,
    CounterStep,
    Item,
    Key,
    Outrun,
    Table,
    Throttled,
    Transaction,
)

EVENT_LIFETIME = timedelta(days=21)
"""Time after which DynamoDB may delete an event: a week after the feed has stopped showing it."""

ATTEMPTS = 12
"""Maximum attempts of a commit. With a backoff of up to ``LONGEST_WAIT`` they take about 8
seconds.
"""

LONGEST_DRAFT = 30.0
"""Maximum seconds for which a use case may run before its commit. A later commit would have an
outdated time, and clients rely on times at most two minutes old (``asOf`` in the profile).
"""

FIRST_WAIT = 0.01
LONGEST_WAIT = 1.5
"""Maximum backoff between attempts of a commit, in seconds; it doubles from ``FIRST_WAIT``."""


CLIENT = "client"
"""Origin of events that API clients cause on behalf of partners. Targets deliver only these."""


@dataclass(frozen=True, slots=True)
class Savepoint:
    """The writes of a draft at one moment, to which the draft can be rolled back."""

    written: Mapping[Key, Item | None]
    sizes: Mapping[Key, int]
    events: int


class Draft:
    """Reads and buffered writes of one commit.

    Reads see the draft's own writes, and are repeatable. The table is not written to before the use
    case has returned.

    Args:
        table: The gateway's table.
        company_id: Trading Grid's company id (BUID) of the company that runs the network (hub).
        type_prefix: Prefix of event types, such as ``net.example.tg.``.
        commits: Number of commits before this one.
        sequence: Number of the last event before this commit.
        at: Time of this commit, by the clock of the table's server.
        marks: Times of two past commits, each with the number of the last event before it
            (:class:`Marks`); None if none are stored.

    Attributes:
        origin: Who causes the events: ``client`` for a client of the API that acts for partners,
            ``desk`` for the hub's people, empty for the gateway itself and its sources. Only what
            clients cause is delivered to external systems (targets), so that nothing returns to the
            system that it came from.
    """

    def __init__(
        self,
        table: Table,
        company_id: str,
        type_prefix: str,
        commits: int,
        sequence: int,
        at: datetime,
        marks: Marks | None = None,
    ) -> None:
        self._table = table
        self._company_id = company_id
        self._type_prefix = type_prefix
        self._read: dict[Key, Item | None] = {}
        self._written: dict[Key, Item | None] = {}
        self._events: list[Item] = []
        # In bytes. A use case asks for the weight after each of its writes.
        self._written_sizes: dict[Key, int] = {}
        self._event_sizes: list[int] = []
        self._moment = at
        self._marks = marks
        self.commits = commits
        self.sequence = sequence
        self.at = timestamp(at)
        self.origin = ""

    @property
    def next_number(self) -> int:
        """Number for the draft's next event. It increases with each event, so it is unique."""
        return self.sequence + len(self._events) + 1

    @property
    def weight(self) -> tuple[int, int]:
        """Number of table items that the commit writes so far, and their size in bytes.

        The number includes the counter, an item that every commit rewrites; the size does not.
        Limits are ``MAX_ITEMS`` and ``MAX_BYTES``.
        """
        count = len(self._written) + len(self._events) + 1
        return count, sum(self._written_sizes.values()) + sum(self._event_sizes)

    def make_savepoint(self) -> Savepoint:
        """Return a savepoint of the present writes, for :meth:`roll_back`."""
        return Savepoint(dict(self._written), dict(self._written_sizes), len(self._events))

    def roll_back(self, savepoint: Savepoint) -> None:
        """Discard all writes of this draft since a savepoint."""
        self._written = dict(savepoint.written)
        self._written_sizes = dict(savepoint.sizes)
        del self._events[savepoint.events :]
        del self._event_sizes[savepoint.events :]

    def get(self, collection: str, identifier: str) -> Document | None:
        """Return a record or, if it was deleted, its tombstone; None if it never existed."""
        item = self.get_item(record_key(collection, identifier))
        return None if item is None else item_document(item)

    def create(self, collection: str, fields: Document, event_type: str | None) -> Document:
        """Add a new record and an event about it, both part of the commit.

        Args:
            collection: The collection, such as ``cases``.
            fields: The record's members, with its ``id``.
            event_type: Event type without the prefix; None if the use case appends events itself.

        Returns:
            The record with ``companyId``, ``version``, times and ``externalRefs``.

        Raises:
            Problem: ``payload-too-large``: the record is larger than ``MAX_DOCUMENT_BYTES``.
            ValueError: A record with this id exists.
        """
        if self.get(collection, fields["id"]) is not None:
            raise ValueError(f"{collection} {fields['id']} exists")
        document = {
            "companyId": self._company_id,
            "version": 1,
            "createdAt": self.at,
            "updatedAt": self.at,
            "externalRefs": [],
            **fields,
        }
        self._put_record(collection, document)
        if event_type is not None:
            subject = f"{collection}/{document['id']}"
            self.append_event(event_type, collection, document, subject, list(fields), {})
        return document

    def change(
        self,
        collection: str,
        current: Document,
        changes: Document,
        event_type: str | None,
        *,
        removed: Collection[str] = (),
    ) -> Document:
        """Write a new version of a record and an event about the change, both part of the commit.

        Args:
            collection: The collection.
            current: The record as the draft has read it.
            changes: Fields with their new values. May be empty, if only a part of the record that
                is kept elsewhere has changed, such as its comments.
            event_type: Event type without the prefix; None if the use case appends events itself.
            removed: Names of fields in ``changes`` that are removed from the record: their new
                value is null, which the gateway's API contract (profile) does not permit there.

        Returns:
            The record after the change.

        Raises:
            Problem: ``payload-too-large``: the record is larger than ``MAX_DOCUMENT_BYTES``.
        """
        document = {
            **current,
            **changes,
            "version": current["version"] + 1,
            "updatedAt": self.at,
        }
        document = {name: value for name, value in document.items() if name not in removed}
        self._put_record(collection, document)
        if event_type is not None:
            before = {name: current.get(name) for name in changes}
            subject = f"{collection}/{document['id']}"
            self.append_event(event_type, collection, document, subject, list(changes), before)
        return document

    def append_event(
        self,
        event_type: str,
        collection: str,
        record: Document,
        subject: str,
        changed: Sequence[str],
        before: Document,
        *,
        entity: str | None = None,
        after: Document | None = None,
    ) -> None:
        """Append an event about a record to the feed, as part of the commit.

        Args:
            event_type: Type without the prefix, such as ``case.created``.
            collection: The record's collection.
            record: The record after the change.
            subject: ``collection/id``, or ``enrollments/{id}/steps/{key}``.
            changed: Names of the changed members.
            before: Former values of the changed members.
            entity: Name of the entity that the event is about, such as ``step``; None for the
                record itself.
            after: The entity after the change; None for the record itself.
        """
        number = self.next_number
        event: Document = {
            "specversion": "1.0",
            "id": f"evt_{number:012}",
            "source": f"/tg/companies/{self._company_id}",
            "type": self._type_prefix + event_type,
            "subject": subject,
            "time": self.at,
            "datacontenttype": "application/json",
            "sequence": f"{number:012}",
            "companyid": self._company_id,
            "data": {
                "entity": entity or ENTITY_NAMES[collection],
                "version": record["version"],
                "changed": list(changed),
                "before": before,
                "after": record if after is None else after,
            },
        }
        partner_id = record_partner(collection, record)
        if partner_id:
            event["partnerid"] = partner_id
        if len(dump_json(event).encode()) > MAX_DOCUMENT_BYTES + 10_000:
            # Optional in the profile, and the one part that an event can do without.
            del event["data"]["before"]
        expires = int((self._moment + EVENT_LIFETIME).timestamp())
        item = event_item(number, self.at, expires, event, self.origin)
        self._events.append(item)
        self._event_sizes.append(item_bytes(item))

    def prefetch(self, records: Collection[tuple[str, str]]) -> None:
        """Read several records in few requests, so that later reads of them need no request.

        Args:
            records: Collection and id of each record.
        """
        keys = {record_key(collection, identifier) for collection, identifier in records}
        unread = keys - self._read.keys() - self._written.keys()
        found = self._table.get_many(unread)
        self._read |= {key: found.get(key) for key in unread}

    def get_item(self, key: Key) -> Item | None:
        """Return a table item that is not a record; None if it is missing.

        The draft's own writes are included.
        """
        if key in self._written:
            return self._written[key]
        if key not in self._read:
            self._read[key] = self._table.get(key)
        return self._read[key]

    def query_items(self, pk: str) -> Sequence[Item]:
        """Return all items of a partition by sort key, items that this draft writes included.

        For partitions of some hundred items, such as the comments of a record or the versions of a
        document.
        """
        found = {
            Key(str(item["pk"]), str(item["sk"])): item for item in _all_items(self._table, pk)
        }
        merged: dict[Key, Item | None] = {**found}
        merged |= {key: item for key, item in self._written.items() if key.pk == pk}
        ordered = sorted(merged.items(), key=lambda entry: entry[0].sk)
        return [item for _, item in ordered if item is not None]

    def put_item(self, item: Item) -> None:
        """Write a table item that is not a record, as part of the commit."""
        key = Key(str(item["pk"]), str(item["sk"]))
        self._written[key] = item
        self._written_sizes[key] = item_bytes(item)

    def delete_item(self, key: Key) -> None:
        """Delete a table item that is not a record, as part of the commit."""
        self._written[key] = None
        self._written_sizes[key] = 0

    def transaction(self, token: str) -> Transaction | None:
        """Return the draft's writes as one transaction; None if the draft writes nothing.

        ``token`` makes the transaction idempotent.

        Raises:
            ValueError: The draft is larger than a transaction may be.
        """
        if not self._written and not self._events:
            return None
        count, size = self.weight
        if count > MAX_ITEMS or size > MAX_BYTES:
            raise ValueError(f"a commit of {count} items and {size} bytes is too large")
        moved: Item = {
            "pk": COUNTER.pk,
            "sk": COUNTER.sk,
            "commits": self.commits + 1,
            "sequence": self.sequence + len(self._events),
            "at": self.at,
            **mark_members(next_marks(self._marks, self.sequence, self.at)),
        }
        return Transaction(
            CounterStep(self.commits, moved),
            [*(item for item in self._written.values() if item is not None), *self._events],
            [key for key, item in self._written.items() if item is None],
            token,
        )

    def _put_record(self, collection: str, document: Document) -> None:
        item = record_item(collection, document)
        if len(str(item["document"]).encode()) > MAX_DOCUMENT_BYTES:
            limit = f"{MAX_DOCUMENT_BYTES // 1000} kB"
            raise Problem("payload-too-large", f"The record is larger than {limit}.")
        self.put_item(item)


class Commits:
    """Runs use cases and commits their writes, with a retry whenever another commit came first.

    Args:
        table: The gateway's table.
        company_id: Trading Grid's company id (BUID) of the company that runs the network (hub). New
            records and events carry it.
        type_prefix: Prefix of event types, such as ``net.example.tg.``.
        sleep: Sleeps for a number of seconds between attempts.
        jitter: Returns a number from 0 to 1, by which the backoff is multiplied.
        monotonic: Returns seconds that a change of the clock does not shift.
    """

    def __init__(
        self,
        table: Table,
        company_id: str,
        type_prefix: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,  # noqa: S311 - no secret
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = table
        self._company_id = company_id
        self._type_prefix = type_prefix
        self._sleep = sleep
        self._jitter = jitter
        self._monotonic = monotonic

    def run[T](self, work: Callable[[Draft], T]) -> T:
        """Run a use case and commit its writes. Retries with backoff if another commit came first.

        Args:
            work: The use case. It may run several times, so it acts through the draft alone.

        Returns:
            What the use case returned in the run that was committed.

        Raises:
            Problem: ``unavailable``: other commits came first in every attempt, or DynamoDB has no
                capacity.
            Exception: The error that the use case raised. If another commit came between, the use
                case is retried instead.
        """
        for attempt in range(ATTEMPTS):
            try:
                return self._attempt(work)
            except (Outrun, Throttled):
                bound = min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)
                self._sleep(bound * self._jitter())
        raise Problem("unavailable", "Too many changes at once. Try again later.")

    def _attempt[T](self, work: Callable[[Draft], T]) -> T:
        """Run a use case and try to commit once. Raises Outrun if another commit came first."""
        begun = self._monotonic()
        draft = self._new_draft()
        try:
            result = work(draft)
        except Exception as error:
            # Reads before and after another's commit can contradict each other, and then so does
            # the refusal that they lead to.
            self._require_unchanged(draft, error)
            raise
        transaction = draft.transaction(str(uuid.uuid4()))
        if transaction is None:
            self._require_unchanged(draft)
        elif self._monotonic() - begun > LONGEST_DRAFT:
            raise Outrun
        else:
            self._table.commit(transaction)
        return result

    def _require_unchanged(self, draft: Draft, cause: Exception | None = None) -> None:
        counter = self._table.get(COUNTER)
        if (0 if counter is None else counter["commits"]) != draft.commits:
            raise Outrun from cause

    def _new_draft(self) -> Draft:
        counter, server_time = self._table.get_with_time(COUNTER)
        last: Any = counter or {"commits": 0, "sequence": 0, "at": timestamp(server_time)}
        # A worker whose clock is wrong must not write times that run back.
        at = max(parse_timestamp(last["at"]), server_time)
        return Draft(
            self._table,
            self._company_id,
            self._type_prefix,
            last["commits"],
            last["sequence"],
            at,
            read_marks(counter),
        )


def _all_items(table: Table, pk: str) -> Sequence[Item]:
    found: list[Item] = []
    while page := table.query(pk, after=str(found[-1]["sk"]) if found else "", limit=1_000):
        found += page
    return found
