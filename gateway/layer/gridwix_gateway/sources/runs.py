"""Runs of sources: one at a time, with a position that moves only with the records it stands for.

====================  ====================  =====================================================
``pk``                ``sk``                item
====================  ====================  =====================================================
``S#source``          ``-``                 the state of the source: position, run, last fault
``S#source#R``        ``collection#id``     the members that the source has last said of a record;
                                            ``S#source#R#part`` those of a part of it
``S#source#F``        key of a row          a refused row: its values and the reasons. Each run
                                            tries it again, until it passes, a newer row of the
                                            same key takes its place, or it expires
====================  ====================  =====================================================

Each commit checks that its run still has the source, so a run that was thought dead writes nothing
over the one that followed it.
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
"""Bytes after which a commit ends. Nearly every row fits what a transaction may hold besides."""

STATE_BYTES = 40_000
"""Bytes of a commit that the state of the source may take."""

CHUNK_ROWS = 200
"""Rows of a commit. Each is read once or twice, and a commit must not take long."""

REFUSED_LIFETIME = timedelta(days=90)
"""Time for which a row that was refused for the same reasons is kept, as the reports of files are.
DynamoDB may delete it later.
"""

MAX_KEPT_BYTES = 100_000
"""Size of the values that are kept of a refused row."""

MAX_REFUSED_READ = 5_000
"""Refused rows that a run knows of."""

MAX_REPEATED = 1_000
"""Refused rows that a run tries again."""

TOO_LARGE = CellFault(
    "",
    "",
    "row-too-large",
    f"its records need more than a commit holds: {MAX_ITEMS} items, and {MAX_BYTES:,} bytes in all",
)
"""The fault of a row with records that cannot be written together."""

LEASE_MARGIN = timedelta(seconds=60)

type ApplyRecord = Callable[[Draft, MappedRecord | None, MappedRecord], bool]
"""Merges into a draft what a source says of a record: what it said before, what it says now.

Returns True if the record has changed. Raises RecordRefusal or Problem if it refuses the record.
"""


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of a source between and during runs. Times are RFC 3339; "" for none.

    Attributes:
        declared: Digest of the declaration that the position belongs to.
        cursor: Time up to which the source was read.
        position: Where an unfinished reading continues.
        run: Id of the present run.
        leased_until: Time at which the present run counts as dead.
        begun_at: Time at which the last run began.
        ended_at: Time at which it ended.
        completed_at: Time at which the source was last read to its end.
        not_before: Time before which the API wants no request.
        fault: Code of the fault that stopped the last run.
        faults: Runs in a row that a fault has stopped.
        turn: Key of what the last run took last, of what runs take in turn.
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
    """A mapped row.

    Attributes:
        key: Identifies the row in its system; at most 1,000 bytes.
        mapped: Its records, or its faults.
        kept: Its values, to map it again if it is refused; None to keep none.
        part: Part of the records that the row is about, if others rows of the source give the rest.
    """

    key: str
    mapped: MappedRow
    kept: Mapping[str, Any] | None = field(default=None, repr=False)
    part: str = ""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of a run: ``rows`` is the sum of the others.

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
    """Report of a run. It names no value of a row.

    Attributes:
        source: The source.
        outcome: ``complete`` (read to the end), ``partial`` (the next run goes on) or ``failed``.
        pages: Pages that were read.
        counts: Rows, changed, unchanged and refused.
        refused: Number of all refused rows, those of former runs included.
        codes: Reasons of the rows that this run has refused, with their numbers.
        fault: Code of the fault that stopped the run; "" for none.
        detail: The fault in words, with its fix.
        warnings: Codes of what looks wrong, although it stopped nothing.
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
    """A run that has the source. Made by :func:`begin_run`."""

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
        """Number of all rows of the source that are refused, those of former runs included."""
        return len(self._refused)

    def refused_rows(self) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Return the refused rows that are to be tried again, as key and values, in turn."""
        keys = sorted(key for key, item in self._refused.items() if _kept(item) is not None)
        after = [key for key in keys if key > self.state.turn]
        chosen = (after + keys[: len(keys) - len(after)])[:MAX_REPEATED]
        return [(key, _kept(self._refused[key]) or {}) for key in chosen]

    def said_records(self) -> Sequence[MappedRecord]:
        """Return what the source has last said of all records, parts excluded."""
        found: list[MappedRecord] = []
        after = ""
        while page := self._table.query(said_key(self.name, "", "").pk, after=after, limit=500):
            after = str(page[-1]["sk"])
            for item in page:
                collection, _, identifier = str(item["sk"]).partition("#")
                found.append(_said_record(MappedRecord(collection, identifier, {}), item))
        return found

    def commit_rows(self, rows: Sequence[SourceRow], state: SourceState) -> None:
        """Commit rows in their order, and with the last of them the state.

        Args:
            rows: The rows. A later row of a key wins.
            state: The state once all of them are committed.

        Raises:
            SourceFault: ``superseded``: another run has the source.
            Problem: ``unavailable``.
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
        """Give the source back with its last state. Raises SourceFault ``superseded``."""
        self.commit_rows((), replace(state, run="", leased_until=""))

    def end_faulted_run(self, fault: SourceFault, now: datetime) -> None:
        """Give the source back after a fault: the cursor stays, the next run begins from there."""
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
        """Return the report of the run.

        Args:
            outcome: How it ended.
            pages: Pages that were read.
            warnings: Codes of what looks wrong.
            fault: The fault that stopped it.

        Returns:
            The report.
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
        """Apply a row's records. Return whether one has changed, and the item of its refusal."""
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
        """Write the refusal of a row with faults and return its item, or end a former one."""
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
    """Begin a run, if one is due and no other has the source.

    Args:
        name: The source.
        commits: Runs use cases.
        table: The table.
        apply: Merges records.
        run: An id that no other run has.
        declared: Digest of the declaration. Another than before begins from the start.
        every: Time between the beginnings of two runs.
        seconds: Maximum time of the run; then it counts as dead.
        forced: Begin although none is due yet.

    Returns:
        The run, or None.
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
    """Return the state after a fault: the cursor stays, and the next run begins from there.

    Args:
        state: The state of the run.
        fault: The fault.
        now: The present time.

    Returns:
        The state to end the run with.
    """
    pause = timestamp(now + timedelta(seconds=fault.wait_seconds)) if fault.wait_seconds else ""
    return replace(
        state, position=None, fault=fault.code, faults=state.faults + 1, not_before=pause
    )


def state_key(name: str) -> Key:
    """Return the key of a source's state."""
    return Key(f"S#{name}", "-")


def said_key(name: str, collection: str, identifier: str, part: str = "") -> Key:
    """Return the key of what a source has last said of a record, or of a part of it."""
    suffix = f"#{part}" if part else ""
    return Key(f"S#{name}#R{suffix}", f"{collection}#{identifier}")


def refused_key(name: str, key: str) -> Key:
    """Return the key of a refused row."""
    return Key(f"S#{name}#F", key)


def read_state(item: Item | None) -> SourceState:
    """Return the state of an item; the first state if there is none."""
    if item is None:
        return SourceState()
    stored = json.loads(str(item["document"]))
    # Another release may have had other members.
    known = {one.name for one in fields(SourceState)}
    return SourceState(**{name: value for name, value in stored.items() if name in known})


def state_item(name: str, state: SourceState) -> Item:
    """Return the item of a state."""
    key = state_key(name)
    return {"pk": key.pk, "sk": key.sk, "document": dump_json(asdict(state))}


def _is_due(state: SourceState, now: datetime, every: timedelta) -> bool:
    # An unfinished reading goes on with the next invocation.
    if not state.begun_at or (state.position is not None and not state.fault):
        return True
    # Half a minute of grace: schedules are not exact.
    return now - parse_timestamp(state.begun_at) >= every - timedelta(seconds=30)


def _is_full(weight: tuple[int, int], row: SourceRow) -> bool:
    """Return True if a row may not fit into a commit of this weight any more."""
    items, size = weight
    # What the source has said of each record, the row's own item, and the state.
    own = len(row.mapped.records) + 2
    bound = sum(
        item_bound(RecordChange(record.collection, record.id, None, record.fields))
        for record in row.mapped.records
    )
    return items + own + bound > MAX_ITEMS or size >= HEAVY_BYTES


def _fits(weight: tuple[int, int]) -> bool:
    """Return whether a commit of this weight can be written, with the state of the source."""
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
