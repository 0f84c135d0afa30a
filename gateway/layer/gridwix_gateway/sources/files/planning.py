"""Computes which records an uploaded file (drop) changes, and which of its rows are refused.

The result is called the plan of the drop. It is deterministic, ordered by record, and stored before
the first commit, so after a crash the same plan is resumed. Memory does not grow with the number of
rows: rows stream through files and DuckDB.
"""

import csv
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

import duckdb

from gridwix_gateway.sources.changes import Contradiction, RecordChange, merged_record
from gridwix_gateway.sources.files.cells import decode_cell
from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.faults import FileFault, RefusedRow
from gridwix_gateway.sources.files.snapshots import (
    MAX_REFUSED,
    RECORD_JOINT,
    Comparison,
    MappedLine,
)
from gridwix_gateway.sources.mapping import (
    CellFault,
    MappedRecord,
    compile_mapping,
)
from gridwix_gateway.sources.mapping.members import RULES

MAX_ROUNDS = 20
"""Maximum rounds of refusing rows that contradict others, after which the file is refused."""

type KnownIds = Callable[[str, Collection[str]], Collection[str]]
"""Looks up ids of a collection: returns those with a record that is not deleted."""


@dataclass(frozen=True, slots=True)
class FormerSnapshot:
    """Downloaded files of a source's last snapshot.

    The snapshot has all rows of the source, as the uploaded file that was applied last left them.

    Attributes:
        base: All rows, as Parquet.
        delta: The rows that changed since ``base`` was written, as Parquet; None if there are none.
        mapping: Digest of the mapping by which the snapshot's records were mapped.
    """

    base: Path
    delta: Path | None
    mapping: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of rows and records in the plan of an uploaded file (drop).

    The last snapshot has the source's rows, as the drop that was applied last left them.

    Attributes:
        rows: Rows in the drop.
        former: Rows in the last snapshot.
        changed: Rows that are new or differ from the last snapshot.
        missing: Rows of the last snapshot that the drop lacks.
        refused: Refused rows.
        created: Records that the drop's rows give and the snapshot's rows do not.
        updated: Records that both give, with different values.
        deleted: Records that the snapshot's rows gave and the drop's rows do not.
        older: Rows that are left out because a newer drop with the same keys was applied before.
            Only sources of kind ``additions`` have such rows.
    """

    rows: int = 0
    former: int = 0
    changed: int = 0
    missing: int = 0
    refused: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    older: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of an uploaded file (drop): changes to apply, the next snapshot, and refused rows.

    Attributes:
        changes: A file with one :class:`RecordChange` per line, as JSON.
        base: New snapshot of all rows, as Parquet; None if it was not written.
        delta: Rows that differ from the former ``base``, as Parquet; None if it was not written.
        refused: The refused rows, by line number.
        counts: Numbers of rows and records.
        notes: Remarks for people, such as deletions that were not made.
        older: Rows left out because a newer drop has a row with the same key, by line number. At
            most ``MAX_REFUSED``.
    """

    changes: Path
    base: Path | None
    delta: Path | None
    refused: Sequence[RefusedRow]
    counts: Counts
    notes: Sequence[str] = ()
    older: Sequence[RefusedRow] = ()

    @property
    def reported(self) -> Sequence[RefusedRow]:
        """Rows of the uploaded file that are not applied, by line number.

        They are refused, or a newer file with rows of the same keys was applied before.
        """
        return sorted((*self.refused, *self.older), key=lambda row: row.line)

    @property
    def has_snapshot(self) -> bool:
        """True if the plan has a new snapshot of the source's rows, different from the last one.

        The snapshot differs if the uploaded file adds, changes or removes rows, or if the mapping
        of rows has changed. For sources of kind ``additions`` it also differs if the file repeats a
        row that an older file has given, because the snapshot says which file gave a row last.
        """
        return self.base is not None or self.delta is not None

    @property
    def is_empty(self) -> bool:
        """True if the uploaded file changes no record."""
        return self.counts.created + self.counts.updated + self.counts.deleted == 0


class GuardFault(FileFault):
    """A file is refused by the declared limits (guards): too many rows are missing or refused."""

    def __init__(self, code: str, reason: str, refused: Sequence[RefusedRow]) -> None:
        super().__init__(code, reason)
        self.refused = refused


def make_plan(
    declaration: FilesDeclaration,
    drop: Path,
    former: FormerSnapshot | None,
    known_ids: KnownIds,
    folder: Path,
    *,
    accept_missing: bool = False,
    order: str | None = None,
) -> Plan:
    """Compare an uploaded file (drop) with the last snapshot, and compute the changes of records.

    Args:
        declaration: Declaration of the source.
        drop: The file.
        former: The last snapshot: the source's rows, as the drop that was applied last left them.
            None for the first drop.
        known_ids: Looks up the records that rows refer to.
        folder: An empty folder for the plan and temporary files.
        accept_missing: Whether a person has confirmed that many rows are gone.
        order: The drop's position among the source's drops (:attr:`Drop.order`), for kind
            ``additions``. Such drops may arrive in any order: a row is left out if a newer drop,
            applied before, has a row with the same key. None: the drop counts as the newest one.

    Returns:
        The plan: changes to apply, the next snapshot, and refused rows.

    Raises:
        FileFault: The file cannot be read, or is refused by its guards.
    """
    remapped = former is not None and former.mapping != mapping_digest(declaration)
    folder.mkdir(parents=True, exist_ok=True)
    base, delta = (None, None) if former is None else (former.base, former.delta)
    with Comparison(declaration, folder, base, delta) as comparison:
        planner = _Planner(declaration, comparison, known_ids, folder)
        return planner.make_plan(
            drop, remapped=remapped, accept_missing=accept_missing, order=order
        )


def mapping_digest(declaration: FilesDeclaration) -> str:
    """Return a digest of a source's columns, records and key.

    If it changes, all rows are mapped again. DuckDB's version is part of the digest, because its
    ``hash`` of rows may differ between releases.
    """
    parts = declaration.model_dump(mode="json", include={"columns", "records", "key"})
    parts["duckdb"] = duckdb.__version__
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Contribution:
    """The values that one row gives for one record. Several rows can contribute to a record.

    Attributes:
        number: Number of the row in the uploaded file; -1 if the file lacks the row, or if the row
            was excluded before the mapping.
        selected: True for values of a row that the uploaded file adds or changes. Only such a row
            can be refused. False for values that the row has in the last snapshot.
        record: The record, with this row's values.
    """

    number: int
    selected: bool
    record: MappedRecord


@dataclass(frozen=True, slots=True)
class _Group:
    """All rows' contributions to one record.

    Attributes:
        collection: Collection of the record.
        id: Id of the record.
        old: Contributions of rows in the last snapshot.
        new: Contributions of rows as they are after the uploaded file is applied.
    """

    collection: str
    id: str
    old: Sequence[_Contribution]
    new: Sequence[_Contribution]


class _Planner:
    def __init__(
        self,
        declaration: FilesDeclaration,
        comparison: Comparison,
        known_ids: KnownIds,
        folder: Path,
    ) -> None:
        self._declaration = declaration
        self._mapping = compile_mapping(declaration)
        self._comparison = comparison
        self._known_ids = known_ids
        self._folder = folder
        self._columns = tuple(declaration.columns)
        self._faults: dict[int, tuple[str, list[CellFault]]] = {}
        """Key and faults of refused rows, by row number in the drop."""

    def make_plan(
        self, drop: Path, *, remapped: bool, accept_missing: bool, order: str | None
    ) -> Plan:
        comparison = self._comparison
        rows = comparison.load_file(drop)
        if rows == 0:
            raise FileFault("empty", "the file has headings and no rows")
        self._guard_refused(rows)
        former = comparison.count_state()
        is_snapshot = self._declaration.kind == "snapshot"
        older, older_rows = (0, []) if order is None else comparison.leave_out_older(order)
        changed = comparison.select_rows(everything=remapped)
        confirmed = 0 if order is None else comparison.find_confirmed(order)
        missing = comparison.find_missing(former) if is_snapshot and former else 0
        if not accept_missing:
            self._guard_missing(missing, former)
        # A row whose key cannot be read could be any of those that seem to be missing.
        is_held = missing > 0 and comparison.has_unkeyed
        if is_held:
            comparison.keep_missing()
        self._map_rows()
        self._guard_refused(rows)
        created, updated, deleted = self._write_changes()
        self._guard_refused(rows)
        base, delta = self._folder / "snapshot.parquet", self._folder / "delta.parquet"
        differs = changed > 0 or confirmed > 0 or (missing > 0 and not is_held)
        is_delta = differs and comparison.save_snapshot(base, delta, order or "")
        return Plan(
            self._folder / "changes.jsonl",
            base if differs and not is_delta else None,
            delta if is_delta else None,
            self._refused_rows(),
            Counts(
                rows,
                former,
                changed,
                missing,
                self._refused_count(),
                created,
                updated,
                deleted,
                older,
            ),
            [_held_note(missing)] if is_held else [],
            older_rows,
        )

    def _guard_missing(self, missing: int, former: int) -> None:
        guards = self._declaration.guards
        if missing > max(guards.missing * former, guards.missing_rows):
            raise GuardFault(
                "rows-missing",
                f"{missing:,} of {former:,} rows are missing, and at most {guards.missing:.0%} may"
                " be: if that is right, apply it with `gridwix source apply --accept-missing`",
                self._refused_rows(),
            )

    def _guard_refused(self, rows: int) -> None:
        guards = self._declaration.guards
        refused = self._refused_count()
        limit = min(max(guards.refused * rows, guards.refused_rows), MAX_REFUSED)
        if refused > limit:
            raise GuardFault(
                "rows-refused",
                f"{refused:,} of {rows:,} rows are refused, and at most {limit:,.0f} may be",
                self._refused_rows(),
            )

    def _refused_count(self) -> int:
        return self._comparison.refused_count + len(self._faults)

    def _refused_rows(self) -> Sequence[RefusedRow]:
        numbers = sorted(self._faults)[:MAX_REFUSED]
        found = list(self._comparison.refused)
        for number, line in zip(numbers, self._comparison.lines(numbers), strict=True):
            key, faults = self._faults[number]
            for fault in faults:
                column = self._declaration.columns.get(fault.column)
                where = "" if column is None else (column.path or column.headings[0])
                found.append(RefusedRow(line, where, fault.value, fault.code, fault.reason, key))
        return sorted(found, key=lambda row: row.line)

    def _map_rows(self) -> None:
        """Map the file's new and changed rows to records, and load these records into DuckDB.

        There they are compared with the records to which rows of the last snapshot were mapped, as
        far as the file can affect these records.
        """
        path = self._folder / "mapped.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            for row in self._comparison.selected_rows():
                cells = zip(self._columns, map(decode_cell, row.cells), strict=True)
                mapped = self._mapping.map_row(dict(cells))
                if mapped.faults and len(self._faults) <= MAX_REFUSED:
                    self._faults[row.number] = row.key, list(mapped.faults)
                if mapped.records:
                    names = [f"{record.collection}/{record.id}" for record in mapped.records]
                    records = map(_dump, mapped.records)
                    writer.writerow(
                        (row.number, RECORD_JOINT.join(names), RECORD_JOINT.join(records))
                    )
        self._comparison.load_mapped(path)
        self._comparison.hold_rows(self._faults)

    def _write_changes(self) -> tuple[int, int, int]:
        """Write the file of changes. Return the numbers of created, updated and deleted records.

        Rows that contradict each other or refer to unknown records are refused. The last accepted
        version of a refused row stays in force and can contradict yet another row, so the file is
        written again until no further row is refused.
        """
        for _ in range(MAX_ROUNDS):
            before = len(self._faults)
            counts = self._write_round()
            if len(self._faults) == before:
                return counts
            self._comparison.hold_rows(self._faults)
        raise GuardFault(
            "contradictions", "too many rows contradict each other", self._refused_rows()
        )

    def _write_round(self) -> tuple[int, int, int]:
        created = updated = deleted = 0
        wanted: dict[tuple[str, str], set[int]] = {}
        given: set[tuple[str, str]] = set()
        with (self._folder / "changes.jsonl").open("w", encoding="utf-8") as file:
            for group in self._groups():
                if any(one.record.owner and not one.record.deleted for one in group.new):
                    given.add((group.collection, group.id))
                _collect_references(group, wanted)
                try:
                    change = _group_change(group)
                except Contradiction as contradiction:
                    self._refuse_group(group, str(contradiction))
                    continue
                if change is None:
                    continue
                created += change.old is None
                deleted += change.new is None
                updated += change.old is not None and change.new is not None
                file.write(f"{json.dumps(change.to_document(), ensure_ascii=False)}\n")
        self._refuse_unknown(wanted, given)
        return created, updated, deleted

    def _refuse_group(self, group: _Group, contradiction: str) -> None:
        """Refuse the new or changed rows of a record because its rows contradict each other.

        Each fault names the lines of the other rows of the record.
        """
        numbers = sorted({one.number for one in group.new if one.number >= 0})
        lines = dict(zip(numbers, self._comparison.lines(numbers), strict=True))
        for number in sorted({one.number for one in group.new if one.selected}):
            others = [str(lines[other]) for other in numbers if other != number][:5]
            where = f"line {', '.join(others)} gives" if others else "a kept row gives"
            said = f"{where} {contradiction} ({group.collection} {group.id})"
            self._add_fault(number, "doubled-record", group.id, said)

    def _refuse_unknown(
        self,
        wanted: Mapping[tuple[str, str], set[int]],
        given: Collection[tuple[str, str]],
    ) -> None:
        by_collection: dict[str, set[str]] = {}
        for collection, identifier in wanted.keys() - given:
            by_collection.setdefault(collection, set()).add(identifier)
        for collection, identifiers in by_collection.items():
            unknown = identifiers - set(self._known_ids(collection, identifiers))
            for identifier in sorted(unknown):
                said = f"there is no record {identifier} in {collection}"
                for number in sorted(wanted[collection, identifier]):
                    self._add_fault(number, "unknown-record", identifier, said)

    def _add_fault(self, number: int, code: str, value: str, reason: str) -> None:
        if number not in self._faults:
            self._faults[number] = self._comparison.key_of(number), []
        self._faults[number][1].append(CellFault("", value, code, reason))

    def _groups(self) -> Iterator[_Group]:
        """Yield each record that the uploaded file can affect, with the values of each of its rows.

        Records are ordered by collection and id.
        """
        lines = self._comparison.mapped_lines(_RANKS)
        for name, group in groupby(lines, key=attrgetter("name")):
            collection, _, identifier = name.partition("/")
            old: list[_Contribution] = []
            new: list[_Contribution] = []
            for line in group:
                contribution = _Contribution(
                    line.number, line.side == "new", _load(collection, identifier, line)
                )
                if line.side != "new":
                    old.append(contribution)
                # A refused row's former version stays, if it has one.
                if line.side == "both" or (line.side == "new") != line.held:
                    new.append(contribution)
            yield _Group(collection, identifier, old, new)


def _collect_references(group: _Group, wanted: dict[tuple[str, str], set[int]]) -> None:
    """Add to ``wanted`` the records to which a record's new or changed rows refer.

    References that the record already had in the last snapshot are left out. Keys of ``wanted`` are
    collection and id; the values are the numbers of the rows, which are refused if there is no such
    record.
    """
    references = RULES[group.collection].references
    former = {(name, one.record.fields.get(name)) for one in group.old for name in references}
    for one in group.new:
        if not one.selected or one.record.deleted:
            continue
        for name, collection in references.items():
            value = one.record.fields.get(name)
            if value is not None and (name, value) not in former:
                wanted.setdefault((collection, str(value)), set()).add(one.number)
        if not one.record.owner and not group.old:
            key = (group.collection, group.id)
            wanted.setdefault(key, set()).add(one.number)


def _group_change(group: _Group) -> RecordChange | None:
    old = merged_record([one.record for one in group.old])
    new = merged_record([one.record for one in group.new])
    sample = new or old
    if sample is None:
        return None
    if old is not None and new is not None and _comparable(old) == _comparable(new):
        return None
    return RecordChange(
        group.collection,
        group.id,
        None if old is None else old.fields,
        None if new is None else new.fields,
        dict(sample.gather),
        sample.owner,
    )


def _comparable(record: MappedRecord) -> Mapping[str, Any]:
    """Return a record's fields in a form that is the same for any order of the record's rows."""
    gathered = {
        name: sorted(record.fields[name], key=itemgetter(key))
        for name, key in record.gather.items()
    }
    return {**record.fields, **gathered}


def _dump(record: MappedRecord) -> str:
    parts = [record.fields, record.deleted, dict(record.gather), record.owner]
    mark = "g" if record.gather else "-"
    return mark + json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _load(collection: str, identifier: str, line: MappedLine) -> MappedRecord:
    fields, deleted, gather, owner = json.loads(line.record[1:])
    return MappedRecord(collection, identifier, fields, deleted, gather, owner)


_RANKS = {collection: rank for rank, collection in enumerate(RULES)}
"""Order of collections in a plan: a collection comes before those that refer to it."""


def _held_note(missing: int) -> str:
    return (
        f"{missing:,} missing rows are kept, because a refused row has no readable key and could be"
        " one of them"
    )
