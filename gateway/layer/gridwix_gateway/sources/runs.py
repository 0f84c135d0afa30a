"""Runs of HTTP sources: a lease per source, and checkpoints that are committed with their records.

====================  ====================  =====================================================
``pk``                ``sk``                item
====================  ====================  =====================================================
``S#source``          ``-``                 the state of the source: position, run, last fault
``S#source#R``        ``collection#id``     the field values that the source last gave for a record
``S#source#R#part``   ``collection#id``     the same for a part of a record: a field, such as a
                                            partner's ``contacts``, that comes in separate rows
``S#source#F``        key of a row          a refused row: its values and the reasons. Each run
                                            tries it again, until it passes, a newer row of the
                                            same key takes its place, or it expires
====================  ====================  =====================================================

Each commit checks that its run still holds the lease, so a run with an expired lease cannot
overwrite what its successor wrote.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from gridwix_gateway.documents import Document, parse_timestamp, timestamp
from gridwix_gateway.problems import Problem
from gridwix_gateway.sources.apply import item_bound
from gridwix_gateway.sources.changes import RecordChange
from gridwix_gateway.sources.faults import RecordRefusal, SourceFault
from gridwix_gateway.sources.mapping import CellFault, MappedRecord, MappedRow
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.items import dump_json
from gridwix_gateway.store.table import MAX_BYTES, MAX_ITEMS, Item, Key, Table

HEAVY_BYTES = 1_000_000
"""Bytes after which a commit takes no further row. Nearly every row still fits the transaction."""

STATE_BYTES = 40_000
"""Bytes of a commit that are reserved for the source's state."""

CHUNK_ROWS = 200
"""Maximum rows of a commit. Each row costs one or two reads, and a commit must be short."""

REFUSED_LIFETIME = timedelta(days=90)
"""Time after which a refused row is deleted, counted from its last new reason. Reports of files are
kept as long.
"""

MAX_KEPT_BYTES = 100_000
"""Maximum bytes of a refused row's values that are stored for a retry."""

MAX_REFUSED_READ = 5_000
"""Maximum refused rows that a run loads."""

MAX_REPEATED = 1_000
"""Maximum refused rows that a run tries again."""

TOO_LARGE = CellFault(
    "",
    "",
    "row-too-large",
    f"its records need more than a commit holds: {MAX_ITEMS} items, and {MAX_BYTES:,} bytes in all",
)
"""Fault of a row with records that do not fit into one commit."""

LEASE_MARGIN = timedelta(seconds=60)

type ApplyRecord = Callable[[Draft, MappedRecord | None, MappedRecord], bool]
"""Merges a source's values into a record. Gets the draft, the last values and the values now.

Returns True if the record has changed. Raises RecordRefusal or Problem if the record is refused.
"""


@dataclass(frozen=True, slots=True)
class SourceState:
    """Stored state of a source: lease, checkpoint, last fault. Times are RFC 3339; "" for none.

    Attributes:
        declared: Digest of the declaration for which the checkpoint is valid.
        cursor: High-water mark: time up to which the source was read.
        position: Checkpoint inside a list, from which the next run continues; None if the next run
            begins a new reading, at ``cursor``.
        run: Id of the run that holds the lease; "" if none does.
        leased_until: Time at which the lease expires, and another run may take over.
        begun_at: Time at which the last run began.
        ended_at: Time at which the last run ended.
        completed_at: Time at which the source was last read to its end.
        not_before: Time before which no run begins, because the API asked for a pause.
        fault: Code of the fault that stopped the last run.
        faults: Number of failed runs in a row.
        turn: Progress through work that one run cannot finish: the key of the last refused row that
            was tried again or, in the partner directory, the id of the last partner for which
            contacts were read. The next run goes on behind it; "" to begin with the first.
    """

    declared: str = ""
    cursor: str = ""
    position: Mapping[str, Any] | None = None
    run: str = ""
    leased_until: str = ""
    begun_at: str = ""
    ended_at: str = ""
    completed_at: str = ""
    not_before: str = ""
    fault: str = ""
    faults: int = 0
    turn: str = ""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of a source, mapped to its records or refused.

    Attributes:
        key: Identifies the row in the system that it comes from; at most 1,000 bytes.
        mapped: The records of the row, or its faults.
        kept: Unparsed values, stored if the row is refused, to map it again; None to store none.
        part: Name of the part of its records that the row sets, such as ``contacts``, if other rows
            set the rest; "" if the row sets whole records.
    """

    key: str
    mapped: MappedRow
    kept: Mapping[str, Any] | None = field(default=None, repr=False)
    part: str = ""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Counts of a run's rows, by outcome. ``rows`` is the sum of the other counts.

    A row can be read more than once, and is then unchanged the second time.
    """

    rows: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0

    def __add__(self, other: "RowCounts") -> "RowCounts":
        return RowCounts(
            self.rows + other.rows,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class RunReport:
    """Report of a source's run: counts and codes, without values of rows.

    Attributes:
        source: Name of the source.
        outcome: ``complete`` (read to the end), ``partial`` (the next run continues) or ``failed``.
        pages: Number of pages that were read.
        counts: Rows of this run: changed, unchanged and refused.
        refused: Number of all refused rows of the source, those of earlier runs included.
        codes: Number of faults by code, of the rows that this run has refused.
        fault: Code of the fault that stopped the run; "" for none.
        detail: The fault in words, with its fix; "" for none.
        warnings: Codes of suspicious findings that did not stop the run.
    """

    source: str
    outcome: Literal["complete", "partial", "failed"]
    pages: int
    counts: RowCounts
    refused: int
    codes: Mapping[str, int] = field(default_factory=dict)
    fault: str = ""
    detail: str = ""
    warnings: tuple[str, ...] = ()


class SourceRun:
    """A run that holds a source's lease and commits its rows. Made by :func:`begin_run`."""

    def __init__(
        self, name: str, commits: Commits, table: Table, apply: ApplyRecord, state: SourceState
    ) -> None:
        self.name = name
        self.state = state
        self.counts = RowCounts()
        self.codes: dict[str, int] = {}
        self._commits = commits
        self._table = table
        self._apply = apply
        self._refused = _read_refused(table, name)

    @property
    def refused_count(self) -> int:
        """Number of all refused rows of the source, those of earlier runs included."""
        return len(self._refused)

    def refused_rows(self) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Return refused rows of earlier runs to try again, as pairs of key and values.

        A run tries a limited number of rows, and the next run continues behind them.
        """
        keys = sorted(key for key, item in self._refused.items() if _kept(item) is not None)
        after = [key for key in keys if key > self.state.turn]
        chosen = (after + keys[: len(keys) - len(after)])[:MAX_REPEATED]
        return [(key, _kept(self._refused[key]) or {}) for key in chosen]

    def said_records(self) -> Sequence[MappedRecord]:
        """Return all records with the field values that the source gave last.

        Fields that come in separate rows (parts), such as a partner's contacts, are left out.
        """
        found: list[MappedRecord] = []
        after = ""
        while page := self._table.query(said_key(self.name, "", "").pk, after=after, limit=500):
            after = str(page[-1]["sk"])
            for item in page:
                collection, _, identifier = str(item["sk"]).partition("#")
                found.append(_said_record(MappedRecord(collection, identifier, {}), item))
        return found

    def commit_rows(self, rows: Sequence[SourceRow], state: SourceState) -> None:
        """Commit rows in order, in one or more commits; the last one also writes the state.

        Args:
            rows: The rows. Of two rows with one key, the later one wins.
            state: The source's state once all rows are committed.

        Raises:
            SourceFault: ``superseded``: another run has taken the lease.
            Problem: ``unavailable``: the table takes no commits.
        """
        done = 0
        while True:
            chunk = partial(self._commit_chunk, rows=rows, begin=done, state=state)
            done, counts, outcomes = self._commits.run(chunk)
            self.counts += counts
            self._note_outcomes(outcomes)
            if done == len(rows):
                self.state = state
                return

    def end_run(self, state: SourceState) -> None:
        """End the run: release the source's lease, and store the source's state.

        Raises SourceFault ``superseded`` if another run has taken the lease; nothing is stored
        then.
        """
        self.commit_rows((), replace(state, run="", leased_until=""))

    def end_faulted_run(self, fault: SourceFault, now: datetime) -> None:
        """End the run after a fault: release the lease, and keep the high-water mark (cursor).

        If another run has taken the lease, nothing is stored.
        """
        state = faulted_state(self.state, fault, now)
        with suppress(SourceFault):
            # If another run has the source by now, its state is the one that counts.
            self.end_run(state)

    def make_report(
        self,
        outcome: Literal["complete", "partial", "failed"],
        pages: int,
        warnings: Sequence[str] = (),
        fault: SourceFault | None = None,
    ) -> RunReport:
        """Return the report of this run.

        Args:
            outcome: How the run ended.
            pages: Number of pages that were read.
            warnings: Codes of suspicious findings that did not stop the run.
            fault: The fault that stopped the run; None for none.

        Returns:
            The report, with the counts of this run.
        """
        return RunReport(
            self.name,
            outcome,
            pages,
            self.counts,
            self.refused_count,
            self.codes,
            "" if fault is None else fault.code,
            "" if fault is None else f"{fault.detail}: {fault.fix}",
            tuple(warnings),
        )

    def _commit_chunk(
        self, draft: Draft, rows: Sequence[SourceRow], begin: int, state: SourceState
    ) -> tuple[int, RowCounts, Mapping[str, Item | None]]:
        stored = read_state(draft.get_item(state_key(self.name)))
        if stored.run != self.state.run:
            raise SourceFault("superseded", "another run of the source has begun")
        counts, outcomes, index = RowCounts(), dict[str, Item | None](), begin
        weight = draft.weight
        while index < len(rows) and index < begin + CHUNK_ROWS:
            row = rows[index]
            if index > begin and _is_full(weight, row):
                return index, counts, outcomes
            savepoint = draft.make_savepoint()
            changed, refusal = self._apply_row(draft, row)
            weight = draft.weight
            if not _fits(weight):
                draft.roll_back(savepoint)
                if index > begin:
                    return index, counts, outcomes
                # Not even alone. It must not stop the others.
                changed, refusal = False, self._settle_row(draft, row, [TOO_LARGE])
                weight = draft.weight
            outcomes[row.key] = refusal
            # A row that was refused before for the same reasons is unchanged.
            if refusal is not None and refusal is not self._refused.get(row.key):
                counts += RowCounts(rows=1, refused=1)
            elif changed:
                counts += RowCounts(rows=1, changed=1)
            else:
                counts += RowCounts(rows=1, unchanged=1)
            index += 1
        if index == len(rows):
            # The state's times are those of the commit, not of the worker's clock.
            final = replace(state, ended_at=draft.at) if not state.run else state
            if final != stored:
                draft.put_item(state_item(self.name, final))
        return index, counts, outcomes

    def _apply_row(self, draft: Draft, row: SourceRow) -> tuple[bool, Item | None]:
        """Merge a row's records into the commit, and store or delete the row's refusal.

        Returns whether a record changed; and the stored refusal, None if the row is accepted.
        """
        changed, faults = False, list(row.mapped.faults)
        for record in row.mapped.records:
            try:
                changed |= self._apply_record(draft, record, row.part)
            except (Problem, RecordRefusal) as refusal:
                where = f"{record.collection}/{record.id}"
                faults.append(CellFault("", "", refusal.code, f"{where}: {refusal.detail}"))
        refused = self._settle_row(draft, row, faults)
        return changed, refused

    def _settle_row(self, draft: Draft, row: SourceRow, faults: Sequence[CellFault]) -> Item | None:
        """Store and return the refusal of a row that has faults.

        For a row without faults, delete an earlier refusal and return None.
        """
        key = refused_key(self.name, row.key)
        known = self._refused.get(row.key)
        if known is None and len(self._refused) >= MAX_REFUSED_READ:
            # The run does not know all of them, and an old row must not come back later.
            known = draft.get_item(key)
        if not faults:
            if known is not None:
                draft.delete_item(key)
            return None
        item = _refused_item(key, faults, row.kept, known, draft.at)
        if item is not known:
            draft.put_item(item)
        return item

    def _apply_record(self, draft: Draft, record: MappedRecord, part: str) -> bool:
        key = said_key(self.name, record.collection, record.id, part)
        item = draft.get_item(key)
        before = None if item is None else _said_record(record, item)
        if before == record:
            return False
        changed = self._apply(draft, before, record)
        said = {"fields": record.fields, "deleted": record.deleted}
        draft.put_item({"pk": key.pk, "sk": key.sk, "document": dump_json(said)})
        return changed

    def _note_outcomes(self, outcomes: Mapping[str, Item | None]) -> None:
        for key, item in outcomes.items():
            if item is None:
                self._refused.pop(key, None)
                continue
            if item is self._refused.get(key):
                continue
            self._refused[key] = item
            for fault in json.loads(str(item["document"]))["faults"]:
                self.codes[fault["code"]] = self.codes.get(fault["code"], 0) + 1


def begin_run(
    name: str,
    *,
    commits: Commits,
    table: Table,
    apply: ApplyRecord,
    run: str,
    declared: str,
    every: timedelta,
    seconds: float,
    forced: bool = False,
) -> SourceRun | None:
    """Take a source's lease and begin a run, if one is due and no other run holds the lease.

    Args:
        name: Name of the source.
        commits: Runs commits.
        table: The gateway's table.
        apply: Merges a source's values into a record.
        run: A unique id of the run.
        declared: Digest of the declaration. If it has changed, the run starts from the beginning.
        every: Interval from the beginning of a run to the beginning of the next run.
        seconds: Maximum seconds of the run; the lease lasts a minute longer.
        forced: Whether to begin although the interval has not passed.

    Returns:
        The run; None if no run is due, or if another run holds the lease.
    """

    def claim(draft: Draft) -> SourceState | None:
        state = read_state(draft.get_item(state_key(name)))
        now = parse_timestamp(draft.at)
        if state.run and state.leased_until > draft.at:
            return None
        if not forced and (state.not_before > draft.at or not _is_due(state, now, every)):
            return None
        if state.declared != declared:
            state = replace(state, declared=declared, cursor="", position=None, turn="")
        lease = timestamp(now + timedelta(seconds=seconds) + LEASE_MARGIN)
        state = replace(state, run=run, leased_until=lease, begun_at=draft.at, not_before="")
        draft.put_item(state_item(name, state))
        return state

    state = commits.run(claim)
    return None if state is None else SourceRun(name, commits, table, apply, state)


def faulted_state(state: SourceState, fault: SourceFault, now: datetime) -> SourceState:
    """Return a source's state after a fault. The cursor stays, so the next run starts from it.

    Args:
        state: The source's state during the run.
        fault: The fault that stopped the run.
        now: The present time.

    Returns:
        The state to end the run with.
    """
    pause = timestamp(now + timedelta(seconds=fault.wait_seconds)) if fault.wait_seconds else ""
    return replace(
        state, position=None, fault=fault.code, faults=state.faults + 1, not_before=pause
    )


def state_key(name: str) -> Key:
    """Return the table key of the item with a source's state."""
    return Key(f"S#{name}", "-")


def said_key(name: str, collection: str, identifier: str, part: str = "") -> Key:
    """Return the table key of the item with the values that a source gave last for a record.

    If ``part`` is not "", the item has only the values of this part of the record, such as
    ``contacts``.
    """
    suffix = f"#{part}" if part else ""
    return Key(f"S#{name}#R{suffix}", f"{collection}#{identifier}")


def refused_key(name: str, key: str) -> Key:
    """Return the table key of the item with a refused row of a source."""
    return Key(f"S#{name}#F", key)


def read_state(item: Item | None) -> SourceState:
    """Return a source's state, read from its table item; the initial state if ``item`` is None."""
    if item is None:
        return SourceState()
    stored = json.loads(str(item["document"]))
    # Another release may have had other members.
    known = {one.name for one in fields(SourceState)}
    return SourceState(**{name: value for name, value in stored.items() if name in known})


def state_item(name: str, state: SourceState) -> Item:
    """Return the table item with a source's state."""
    key = state_key(name)
    return {"pk": key.pk, "sk": key.sk, "document": dump_json(asdict(state))}


def _is_due(state: SourceState, now: datetime, every: timedelta) -> bool:
    # An unfinished reading goes on with the next invocation.
    if not state.begun_at or (state.position is not None and not state.fault):
        return True
    # Half a minute of grace: schedules are not exact.
    return now - parse_timestamp(state.begun_at) >= every - timedelta(seconds=30)


def _is_full(weight: tuple[int, int], row: SourceRow) -> bool:
    """Return True if a commit with this weight may have no room for a further row.

    Args:
        weight: Number of items and of bytes that the commit has so far.
        row: The further row.
    """
    items, size = weight
    # What the source has said of each record, the row's own item, and the state.
    own = len(row.mapped.records) + 2
    bound = sum(
        item_bound(RecordChange(record.collection, record.id, None, record.fields))
        for record in row.mapped.records
    )
    return items + own + bound > MAX_ITEMS or size >= HEAVY_BYTES


def _fits(weight: tuple[int, int]) -> bool:
    """Return whether a commit fits into one transaction, together with the source's state.

    ``weight`` is the number of items and of bytes that the commit has so far.
    """
    items, size = weight
    return items + 1 <= MAX_ITEMS and size + STATE_BYTES <= MAX_BYTES


def _said_record(record: MappedRecord, item: Item) -> MappedRecord:
    said = json.loads(str(item["document"]))
    return replace(record, fields=said["fields"], deleted=said["deleted"])


def _read_refused(table: Table, name: str) -> dict[str, Item]:
    found: dict[str, Item] = {}
    after = ""
    chunk = min(500, MAX_REFUSED_READ)
    while len(found) < MAX_REFUSED_READ and (
        page := table.query(refused_key(name, "").pk, after=after, limit=chunk)
    ):
        found |= {str(item["sk"]): item for item in page}
        after = str(page[-1]["sk"])
    return found


def _refused_item(
    key: Key,
    faults: Sequence[CellFault],
    kept: Mapping[str, Any] | None,
    known: Item | None,
    at: str,
) -> Item:
    if kept is not None and len(json.dumps(kept)) > MAX_KEPT_BYTES:
        kept = None
    document: Document = {"faults": [asdict(fault) for fault in faults], "kept": kept}
    if known is not None:
        stored = json.loads(str(known["document"]))
        # The same refusal again is no change, unless an older release wrote it without an end.
        if {**stored, "at": ""} == {**document, "at": ""} and "expiresAt" in known:
            return known
    return {
        "pk": key.pk,
        "sk": key.sk,
        # As ASCII: a refused value can hold what is no text in UTF-8.
        "document": json.dumps({**document, "at": at}),
        "expiresAt": int((parse_timestamp(at) + REFUSED_LIFETIME).timestamp()),
    }


def _kept(item: Item) -> Mapping[str, Any] | None:
    kept: Mapping[str, Any] | None = json.loads(str(item["document"]))["kept"]
    return kept
