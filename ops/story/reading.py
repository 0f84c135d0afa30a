"""Reads the story of an identifier: everything that the systems know about a record or an event.

A story is read from the journal (attempts of functions), the ledger (rows that were written), the
refused items (rows that Wix refused), the inbox (form submissions), Trading Grid and Wix. No table
is scanned, so the number of requests does not depend on the size of the tables.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Protocol

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.concurrency import map_in_order
from gridwix.errors import GridwixError, RecordFault
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome, row_name
from gridwix.models.portal import collection_ids
from gridwix.models.portal.collection_ids import PORTAL_CHANGES
from gridwix.models.wix import DataItem
from gridwix.partner_requests.submissions import Submission
from gridwix.ports import RecordReader
from gridwix.publication.models import LedgerEntry, RowKey
from ops.story.endings import Ending, list_endings
from ops.story.rows import UNREAD, Presence, RowState
from ops.story.subjects import (
    HUB,
    HUB_SUBJECTS,
    MAX_ENTRIES,
    MAX_RECORDS,
    PORTAL_COLLECTIONS,
    RECORD_COLLECTIONS,
    REFERENCE,
    ROW_OF,
    Subject,
    attempts_for,
    in_order,
    own_rows,
    records_of_row,
    rows_of_entries,
)

MAX_ROWS = 20
"""Maximum number of rows of a story to read the state of."""

MAX_ROW_ENTRIES = 20
"""Maximum number of journal entries, the newest, of one row or of the rings of one partner."""

MAX_RUNG = 3
"""Maximum number of partners of a story to read the rings of."""

WORKERS = 8
"""Maximum number of parallel requests."""


class PortalReader(Protocol):
    """The part of the Wix client that reads portal rows for a story. Raises GridwixError.

    A story is everything that the systems know about a record or an event.
    """

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        """Return the contents of items of a collection, read in one call, by id.

        Missing items are left out. An item that cannot be read is a RecordFault.
        """

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        """Return the items of a collection that have the value ``value`` in a field."""


class SubmissionReader(Protocol):
    """The part of the inbox, the table of form submissions, that is read for a story.

    A story is everything that the systems know about a record or an event. Raises
    :class:`gridwix.errors.UpstreamError`.
    """

    def read_submissions(self, ids: Collection[str]) -> Mapping[str, Submission]:
        """Return the submissions with these ids, by id.

        Missing and unreadable submissions are left out.
        """


@dataclass(frozen=True, slots=True)
class BusyQueue:
    """The queue of a function, if it is not empty. Its messages may be about any event.

    ``waiting`` is the number of messages in the queue, ``dead`` the number of messages in its
    dead-letter queue.
    """

    function: str
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the systems know about one identifier, such as the id of a record or event.

    ``entries`` are those of the journal (attempts of functions), oldest first. ``records`` are the
    records that the story is about, as ``collection/id``. ``more``: there are older entries.
    ``faults`` name what could not be read. ``endings`` have the result of each event.
    ``submissions`` are the form submissions that the inbox still has. ``queues`` are read only if
    nothing else is found, since an event has no entry before its first attempt has ended.
    """

    identifier: str
    records: tuple[str, ...]
    entries: tuple[JournalEntry, ...]
    rows: tuple[RowState, ...]
    more: bool = False
    faults: tuple[str, ...] = ()
    endings: tuple[Ending, ...] = ()
    submissions: tuple[Submission, ...] = ()
    queues: tuple[BusyQueue, ...] = ()

    @property
    def is_known(self) -> bool:
        """True if a journal entry, a portal row or a form submission was found for the identifier.

        A row that was never written counts if Wix has it, or Trading Grid its record.
        """
        return bool(self.entries or self.submissions or any(row.is_known for row in self.rows))


class StoryReader:
    """Reads what has happened to an event, a record or a row of a stack, and its present state.

    The result is called a story.

    Args:
        journal: Entries on what the functions did.
        ledger: Entries on the rows that gridwix has written.
        refused_items: Rows that Wix refused, and why.
        trading_grid: Reads records; None leaves Trading Grid out.
        wix: Reads rows; None leaves Wix out.
        max_receives: Returns, for the name of a function, how often SQS delivers a message to it
            before moving the message to the dead-letter queue; None if that is not known.
        inbox: Reads form submissions.
        busy_queues: Reads the queues that hold messages.
    """

    def __init__(
        self,
        *,
        journal: DynamoDBJournal,
        ledger: DynamoDBLedger,
        refused_items: DynamoDBRefusedItems,
        trading_grid: RecordReader | None,
        wix: PortalReader | None,
        max_receives: Callable[[str], int | None],
        inbox: SubmissionReader,
        busy_queues: Callable[[], Sequence[BusyQueue]],
    ) -> None:
        self._journal = journal
        self._ledger = ledger
        self._refused_items = refused_items
        self._trading_grid = trading_grid
        self._wix = wix
        self._max_receives = max_receives
        self._inbox = inbox
        self._busy_queues = busy_queues

    def read(self, identifier: str) -> Story:
        """Return everything that the systems know about an identifier.

        It can be an event, a record, a partner, a submission, the reference of a submission, or a
        row.
        """
        subject = self._find(identifier)
        faults: list[str] = []
        keys = list(dict.fromkeys([*subject.rows, *rows_of_entries(subject.entries)]))[:MAX_ROWS]
        entries = self._ledger.read_entries(keys)
        steps = self._with_rows_and_rings(self._with_origins(subject, entries), keys)
        refusals = self._refused_items.read_items(keys)
        present = self._presence(keys, faults)
        of_row = {key: records_of_row(entries.get(key), subject) for key in keys}
        names = list(dict.fromkeys(name for records in of_row.values() for name in records))
        versions = dict(
            zip(
                names,
                self._in_parallel(lambda name: self._version(name, faults), names),
                strict=True,
            )
        )
        waiting = self._receives_of_waiting(steps)
        rows = tuple(
            RowState(
                key,
                entries.get(key),
                refusals.get(key),
                present[key],
                {name: versions[name] for name in of_row[key] if name in versions}
                if self._trading_grid is not None
                else {},
                attempts_for(key, of_row[key], subject.entries),
                waiting,
            )
            for key in keys
            if key in entries or key in refusals or key in subject.rows
        )
        story = Story(
            identifier,
            subject.records,
            steps,
            rows,
            more=len(subject.entries) >= MAX_ENTRIES,
            faults=tuple(dict.fromkeys(faults)),
            endings=list_endings(steps, waiting),
            submissions=self._submissions_of(subject.records),
        )
        if story.is_known:
            return story
        # An id with its collection names a row even if there is none.
        return replace(story, rows=(), queues=tuple(self._busy_queues()))

    def _find(self, identifier: str) -> Subject:
        """Return the records, journal entries and rows of an identifier.

        The identifier can be a row, a record, a reference, an event or a partner.
        """
        collection, separator, rest = identifier.replace("#", "/", 1).partition("/")
        if separator and collection in PORTAL_COLLECTIONS:
            return self._of_row(RowKey(CollectionId(collection), WixItemId(rest)))
        if separator and collection in RECORD_COLLECTIONS:
            return self._of_record("/".join(identifier.split("/")[:2]))
        if REFERENCE.fullmatch(identifier):
            submission = self._submission_of(identifier.upper())
            return Subject((), (), ()) if submission is None else self._of_record(submission)
        if identifier == HUB:
            return self._of_records(HUB_SUBJECTS)
        return self._of_bare_id(identifier)

    def _of_row(self, key: RowKey) -> Subject:
        entry = self._ledger.read_entries([key]).get(key)
        records = (
            tuple(entry.published.live)
            if entry is not None and entry.published.live
            else tuple(
                f"{collection}/{key.item_id}"
                for collection, of_rows in ROW_OF.items()
                if of_rows == key.collection
            )
        )[: MAX_RECORDS * 2]
        return self._of_records(records, (key,))

    def _of_records(self, records: tuple[str, ...], rows: tuple[RowKey, ...] = ()) -> Subject:
        found = self._in_parallel(
            lambda record: self._journal.of_record(record, limit=MAX_ENTRIES), records
        )
        return Subject(records, in_order(chain.from_iterable(found)), rows)

    def _of_record(self, record: str) -> Subject:
        entries = self._journal.of_record(record, limit=MAX_ENTRIES)
        return Subject((record,), tuple(entries), own_rows([record]))

    def _submission_of(self, reference: str) -> str | None:
        if self._wix is None:
            return None
        items = self._wix.items_where(collection_ids.PARTNER_REQUESTS, "reference", reference)
        return f"submissions/{items[0].id}" if items else None

    def _of_bare_id(self, identifier: str) -> Subject:
        """Return the records, journal entries and portal rows of an id without a collection.

        The journal (attempts of functions) is searched for an event, a partner, and a record of
        each collection with this id, in parallel. If the journal has none, the inbox of form
        submissions is searched. The result also has the rows with this id that are in the ledger,
        the table of written rows.
        """
        records = [f"{collection}/{identifier}" for collection in sorted(RECORD_COLLECTIONS)]
        reads: list[Callable[[], Sequence[JournalEntry]]] = [
            lambda: self._journal.of_event(identifier, limit=MAX_ENTRIES),
            lambda: self._journal.of_partner(identifier, limit=MAX_ENTRIES),
            *(
                (lambda record=record: self._journal.of_record(record, limit=MAX_ENTRIES))
                for record in records
            ),
        ]
        of_event, of_partner, *of_records = self._in_parallel(lambda read: read(), reads)
        named = [record for record, some in zip(records, of_records, strict=True) if some]
        if of_event:
            named = list(dict.fromkeys(entry.record for entry in of_event))
        elif of_partner:
            named = [f"partners/{identifier}"]
        elif not named:
            # Accepted, with no attempt yet, or older than what the journal keeps.
            named = list(map("submissions/{}".format, self._inbox.read_submissions([identifier])))
        entries = in_order([*of_event, *of_partner, *chain.from_iterable(of_records)])
        own = item_id(identifier)
        rows = tuple(
            self._ledger.read_entries([RowKey(one, own) for one in sorted(PORTAL_COLLECTIONS)])
        )
        return Subject(tuple(named), entries, (*own_rows(named), *rows))

    def _with_origins(
        self, subject: Subject, ledger: Mapping[RowKey, LedgerEntry]
    ) -> tuple[JournalEntry, ...]:
        """Return the journal entries of a subject, and those of the events that wrote its rows.

        A subject is all that the traced identifier names: records, their journal entries, and
        portal rows. An event can cause the writing of rows of other records: the event that
        requests a resync is about a partner, but cases of the partner are published as well.
        """
        if len(subject.entries) >= MAX_ENTRIES:
            return subject.entries
        told = {one.event_id for one in subject.entries}
        rows = [ledger[key] for key in dict.fromkeys(subject.rows) if key in ledger]
        origins = list(dict.fromkeys(one.origin for one in rows if one.origin not in {"", *told}))
        found = self._in_parallel(
            lambda origin: self._journal.of_event(origin, limit=MAX_ROW_ENTRIES), origins
        )
        return in_order([*subject.entries, *chain.from_iterable(found)])

    def _with_rows_and_rings(
        self, entries: Sequence[JournalEntry], keys: Sequence[RowKey]
    ) -> tuple[JournalEntry, ...]:
        """Return these journal entries, with the entries on portal rows and on rings added.

        A ring is a message that makes open pages reload. The entries on rows and rings have no
        event, so they are read by the names of the rows (``keys``), and by the partners that
        ``entries`` name. Rings before the first of ``entries`` are left out.
        """
        partners = list(dict.fromkeys(one.partner for one in reversed(entries) if one.partner))
        rows = [row_name(key.collection, key.item_id) for key in keys]
        rings = [row_name(PORTAL_CHANGES, item_id(partner)) for partner in partners[:MAX_RUNG]]
        found = self._in_parallel(
            lambda name: self._journal.of_record(name, limit=MAX_ROW_ENTRIES), [*rows, *rings]
        )
        since = entries[0].at if entries else 0.0
        heard = [ring for some in found[len(rows) :] for ring in some if ring.at >= since]
        return in_order([*entries, *chain.from_iterable(found[: len(rows)]), *heard])

    def _submissions_of(self, records: Iterable[str]) -> tuple[Submission, ...]:
        """Return the form submissions that ``records`` name and that are still in the inbox.

        The inbox is the table of form submissions. The name of a submission is ``submissions/id``;
        other records are ignored.
        """
        split = [record.partition("/") for record in records]
        ids = [identifier for collection, _, identifier in split if collection == "submissions"]
        return tuple(self._inbox.read_submissions(ids[:MAX_ROWS]).values()) if ids else ()

    def _presence(self, keys: Sequence[RowKey], faults: list[str]) -> Mapping[RowKey, Presence]:
        """Return for each row whether it exists in Wix, with one call for each collection.

        UNKNOWN if that cannot be read. Failed calls are added to ``faults``.
        """
        if self._wix is None:
            return dict.fromkeys(keys, Presence.UNKNOWN)
        portal, presence = self._wix, dict.fromkeys(keys, Presence.UNKNOWN)

        def read(collection: CollectionId) -> None:
            ids = [key.item_id for key in keys if key.collection == collection]
            try:
                found = portal.items(collection, ids)
            except GridwixError as error:
                faults.append(f"{collection} could not be read from Wix ({error.code})")
                return
            for identifier in ids:
                presence[RowKey(collection, identifier)] = (
                    Presence.PRESENT if identifier in found else Presence.MISSING
                )

        self._in_parallel(read, sorted({key.collection for key in keys}))
        return presence

    def _receives_of_waiting(self, entries: Sequence[JournalEntry]) -> Mapping[str, int]:
        deferred = {entry.function for entry in entries if entry.outcome is JournalOutcome.DEFERRED}
        receives = {function: self._max_receives(function) for function in sorted(deferred)}
        return {function: most for function, most in receives.items() if most is not None}

    def _version(self, record: str, faults: list[str]) -> int | None:
        if self._trading_grid is None:
            return UNREAD
        try:
            found = self._trading_grid.record(record)
        except GridwixError as error:
            faults.append(f"{record} could not be read from Trading Grid ({error.code})")
            return UNREAD
        return None if found is None else found.version

    @staticmethod
    def _in_parallel[T, R](function: Callable[[T], R], inputs: Iterable[T]) -> list[R]:
        return list(map_in_order(function, inputs, workers=WORKERS))
