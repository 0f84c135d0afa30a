"""Plans a drop: the changes of records that it makes, and the rows that are refused.

The plan is deterministic and ordered by record. It is made before the first commit, so a crash
resumes the same plan. Memory does not grow with the number of rows: rows stream through files and
DuckDB.
"""

import csv
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TextIO

from gridwix_gateway.sources.changes import Contradiction, RecordChange, merged_record
from gridwix_gateway.sources.files.cells import decode_cell
from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.faults import FileFault, RefusedRow
from gridwix_gateway.sources.files.snapshots import (
    MAX_REFUSED,
    Comparison,
    MappedLine,
    StoredRow,
)
from gridwix_gateway.sources.mapping import (
    CellFault,
    CompiledMapping,
    MappedRecord,
    compile_mapping,
)
from gridwix_gateway.sources.mapping.members import RULES

MAX_ROUNDS = 20
"""Rounds in which rows are refused because of other rows, before the file is refused."""

type KnownIds = Callable[[str, Collection[str]], Collection[str]]
"""Returns which of some ids of a collection exist and are not deleted."""


@dataclass(frozen=True, slots=True)
class FormerSnapshot:
    """The snapshot that was applied last.

    Attributes:
        rows: Its Parquet file.
        declaration: The declaration by which it was applied.
    """

    rows: Path
    declaration: FilesDeclaration


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows and records of a plan.

    Attributes:
        rows: Rows of the drop.
        former: Rows of the last snapshot.
        changed: Rows that are new or differ.
        missing: Rows of the last snapshot that the drop does not have.
        refused: Refused rows.
        created: Records that the source gives for the first time.
        updated: Records about which it says something else.
        deleted: Records that it no longer gives.
    """

    rows: int = 0
    former: int = 0
    changed: int = 0
    missing: int = 0
    refused: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a drop changes.

    Attributes:
        changes: A file with one :class:`RecordChange` per line, as JSON.
        snapshot: The snapshot after the drop, as Parquet; None if nothing changes.
        refused: The refused rows, by line.
        counts: Numbers of rows and records.
        notes: Remarks for people, such as held removals.
    """

    changes: Path
    snapshot: Path | None
    refused: Sequence[RefusedRow]
    counts: Counts
    notes: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        """The drop changes no record."""
        return self.counts.created + self.counts.updated + self.counts.deleted == 0


class GuardFault(FileFault):
    """A file that looks wrong as a whole, with the rows that were refused until then."""

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
) -> Plan:
    """Return what a drop changes.

    Args:
        declaration: The source.
        drop: The file.
        former: The snapshot that was applied last; None for the first drop.
        known_ids: Finds records that a row refers to.
        folder: An empty folder for the plan and temporary files.
        accept_missing: A person has confirmed that many rows are gone.

    Returns:
        The plan.

    Raises:
        FileFault: The file cannot be read, or looks wrong as a whole.
    """
    remapped = former is not None and former.declaration != declaration
    folder.mkdir(parents=True, exist_ok=True)
    former_declaration = former.declaration if former else declaration
    with Comparison(
        declaration,
        folder,
        former.rows if former else None,
        tuple(former_declaration.columns),
    ) as comparison:
        planner = _Planner(declaration, former_declaration, comparison, known_ids, folder)
        return planner.make_plan(drop, remapped=remapped, accept_missing=accept_missing)


@dataclass(frozen=True, slots=True)
class _Contribution:
    """A record that a row gives.

    Attributes:
        number: The row's number in the drop; -1 if the drop does not have it.
        selected: The row is new or has changed, so it can still be refused.
        record: The record.
    """

    number: int
    selected: bool
    record: MappedRecord


@dataclass(frozen=True, slots=True)
class _Group:
    """All contributions to one record, before and after the drop."""

    collection: str
    id: str
    old: Sequence[_Contribution]
    new: Sequence[_Contribution]


class _Planner:
    def __init__(
        self,
        declaration: FilesDeclaration,
        former: FilesDeclaration,
        comparison: Comparison,
        known_ids: KnownIds,
        folder: Path,
    ) -> None:
        self._declaration = declaration
        self._mapping = compile_mapping(declaration)
        self._former_mapping = self._mapping if former == declaration else compile_mapping(former)
        self._comparison = comparison
        self._known_ids = known_ids
        self._folder = folder
        self._columns = tuple(declaration.columns)
        self._former_columns = tuple(former.columns)
        self._faults: dict[int, tuple[str, list[CellFault]]] = {}
        """Key and faults of selected rows, by number."""

    def make_plan(self, drop: Path, *, remapped: bool, accept_missing: bool) -> Plan:
        comparison = self._comparison
        rows = comparison.load_file(drop)
        if rows == 0:
            raise FileFault("empty", "the file has headings and no rows")
        self._guard_refused(rows)
        former = comparison.count_state()
        is_snapshot = self._declaration.kind == "snapshot"
        missing = comparison.count_missing() if is_snapshot and former else 0
        if not accept_missing:
            self._guard_missing(missing, former)
        # A row whose key cannot be read could be any of those that seem to be missing.
        held = missing > 0 and comparison.has_unkeyed
        comparison.select_rows(everything=remapped, removals=is_snapshot and not held)
        changed = self._map_rows()
        self._guard_refused(rows)
        self._refuse_contradictions()
        self._guard_refused(rows)
        created, updated, deleted = self._write_changes()
        differs = changed > 0 or (missing > 0 and not held)
        return Plan(
            self._folder / "changes.jsonl",
            self._save_snapshot() if differs else None,
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
            ),
            [_held_note(missing)] if held else [],
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

    def _map_rows(self) -> int:
        """Map the selected rows, and those beside them that give the same records.

        Returns:
            The number of selected rows of the drop.
        """
        affected = self._folder / "affected.txt"
        with (
            (self._folder / "mapped.csv").open("w", newline="", encoding="utf-8") as mapped,
            affected.open("w", encoding="utf-8") as names,
        ):
            self._write_records(mapped, names, "old", self._comparison.old_rows())
            count = self._write_records(mapped, names, "new", self._comparison.new_rows())
        with (self._folder / "mapped.csv").open("a", newline="", encoding="utf-8") as mapped:
            self._write_records(mapped, None, "both", self._comparison.rows_of_records(affected))
        self._comparison.load_mapped(self._folder / "mapped.csv")
        self._comparison.hold_rows(self._faults)
        return count

    def _write_records(
        self,
        file: TextIO,
        names: TextIO | None,
        side: str,
        rows: Iterable[StoredRow],
    ) -> int:
        """Write the records of rows as CSV, and the records' names. Return the number of rows."""
        mapping: CompiledMapping = self._mapping if side == "new" else self._former_mapping
        columns = self._columns if side == "new" else self._former_columns
        writer = csv.writer(file, lineterminator="\n")
        count = 0
        for row in rows:
            count += 1
            cells = zip(columns, map(decode_cell, row.cells), strict=True)
            mapped = mapping.map_row(dict(cells))
            # The snapshot holds no row with a fault, so only rows of the drop have any.
            if mapped.faults and side == "new" and len(self._faults) <= MAX_REFUSED:
                self._faults[row.number] = row.key, list(mapped.faults)
            for record in mapped.records:
                name = f"{record.collection}/{record.id}"
                writer.writerow((_rank(record.collection), name, side, row.number, _dump(record)))
                if names is not None:
                    names.write(f"{name}\n")
        return count

    def _refuse_contradictions(self) -> None:
        """Refuse rows until no two contradict each other, and each refers to known records.

        A refused row's former version stays in force, so it can contradict yet another row.
        """
        for _ in range(MAX_ROUNDS):
            before = len(self._faults)
            wanted: dict[tuple[str, str], set[int]] = {}
            given: set[tuple[str, str]] = set()
            for group in self._groups():
                self._check_group(group)
                if any(one.record.owner and not one.record.deleted for one in group.new):
                    given.add((group.collection, group.id))
                _collect_references(group, wanted)
            self._refuse_unknown(wanted, given)
            if len(self._faults) == before:
                return
            self._comparison.hold_rows(self._faults)
        raise GuardFault(
            "contradictions", "too many rows contradict each other", self._refused_rows()
        )

    def _check_group(self, group: _Group) -> None:
        try:
            merged_record([one.record for one in group.new])
        except Contradiction as contradiction:
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
        """Yield each record with its contributions, ordered by collection and id."""
        lines = self._comparison.mapped_lines()
        for (_, name), group in groupby(lines, key=lambda line: (line.rank, line.name)):
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

    def _write_changes(self) -> tuple[int, int, int]:
        """Write the changes, and return the numbers of created, updated and deleted records."""
        created = updated = deleted = 0
        with (self._folder / "changes.jsonl").open("w", encoding="utf-8") as file:
            for change in filter(None, map(_group_change, self._groups())):
                created += change.old is None
                deleted += change.new is None
                updated += change.old is not None and change.new is not None
                file.write(json.dumps(change.to_document(), ensure_ascii=False))
                file.write("\n")
        return created, updated, deleted

    def _save_snapshot(self) -> Path:
        path = self._folder / "snapshot.parquet"
        self._comparison.save_snapshot(path)
        return path


def _collect_references(group: _Group, wanted: dict[tuple[str, str], set[int]]) -> None:
    """Add the records that new rows refer to, and that their former versions did not."""
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
    """Return the members of a record in a form that the order of rows does not change."""
    gathered = {
        name: sorted(record.fields[name], key=itemgetter(key))
        for name, key in record.gather.items()
    }
    return {**record.fields, **gathered}


def _dump(record: MappedRecord) -> str:
    parts = [record.fields, record.deleted, dict(record.gather), record.owner]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _load(collection: str, identifier: str, line: MappedLine) -> MappedRecord:
    fields, deleted, gather, owner = json.loads(line.record)
    return MappedRecord(collection, identifier, fields, deleted, gather, owner)


def _rank(collection: str) -> int:
    """Return the place of a collection in a plan: what others refer to comes first."""
    return _RANKS[collection]


_RANKS = {collection: rank for rank, collection in enumerate(RULES)}


def _held_note(missing: int) -> str:
    return (
        f"{missing:,} missing rows are kept, because a refused row has no readable key and could be"
        " one of them"
    )
