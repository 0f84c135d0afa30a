"""Compares an uploaded file (drop) with a source's last snapshot, in DuckDB, in bounded memory.

The last snapshot has the rows of the source after the drop that was applied last. DuckDB reads all
cells as texts (``VARCHAR``). Delimiter, quote, header and strictness are set, because DuckDB's
detection depends on the rows that it samples. DuckDB's number of rows is checked against a count
made here. DuckDB spills to disk beyond ``MEMORY_LIMIT``.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from gridwix_gateway.sources.files.cells import MARK, decode_cell
from gridwix_gateway.sources.files.csv_files import CsvLayout, inspect_csv, read_csv, read_lines
from gridwix_gateway.sources.files.declaration import CsvFormat, ExcelFormat, FilesDeclaration
from gridwix_gateway.sources.files.excel_files import read_excel
from gridwix_gateway.sources.files.faults import FileFault, RefusedRow
from gridwix_gateway.sources.files.json_lines import read_json_lines
from gridwix_gateway.sources.files.rows import KEY_JOINT, KEY_TRIM, Rows
from gridwix_gateway.sources.mapping.columns import shown_value

MEMORY_LIMIT = "300MB"
"""Memory limit of DuckDB alone. With Python and its libraries the process stays below 512 MB."""
THREADS = 2
RECORD_JOINT = "\x1e"
"""Separator of records within a cell. JSON escapes this character, so no record contains it."""
MAX_REFUSED = 10_000
"""Maximum refused rows that are kept. The guard refuses a file with more as a whole."""

SMALL_DELTA = 1_000
LARGEST_DELTA = 0.2
"""Maximum rows of a delta: ``SMALL_DELTA``, or this share of all rows. Beyond it all rows are
written as a new base.
"""

_STATE = "key, hash, names, records, written"
_CHUNK = 1 << 22
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row of the uploaded file, loaded into DuckDB.

    Attributes:
        number: Number of the row in the file, from 0.
        key: The row's key: its key columns joined to a text.
        cells: The row's encoded cells, in the order of the declared columns.
    """

    number: int
    key: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MappedLine:
    """A record to which a row is mapped: a row of the uploaded file (drop) or of the last snapshot.

    Attributes:
        name: ``collection/id`` of the record.
        side: ``old`` if the record comes from the snapshot's version of the row, ``new`` if it
            comes from the drop's version, ``both`` if the row stays as it is in the snapshot.
        number: Number of the row in the drop; -1 if the drop lacks the row, or if the row was
            excluded before the mapping.
        record: The record as text.
        held: Whether the row of the drop was refused, so that its version in the snapshot stays.
    """

    name: str
    side: str
    number: int
    record: str
    held: bool


class Comparison:
    """An uploaded file (drop) and the last snapshot, loaded into DuckDB to be compared by row key.

    The snapshot has the rows of the source as earlier drops left them. For each row it has the key,
    a digest of the cells, the records to which the row was mapped, and ``written``: the sort key of
    the newest drop with this row. ``written`` is empty unless drops only add or change rows (kind
    ``additions``). The snapshot is stored as a file of all rows (``base``) and a small file of rows
    that changed since (``delta``), because writing a million rows again takes long.

    Args:
        declaration: Declaration of the source.
        folder: An empty folder for temporary files.
        base: All rows of the snapshot as Parquet; None if there is no snapshot.
        delta: The rows that changed since ``base`` was written, as Parquet; None if there are none.
    """

    def __init__(
        self,
        declaration: FilesDeclaration,
        folder: Path,
        base: Path | None = None,
        delta: Path | None = None,
    ) -> None:
        self._declaration = declaration
        self._folder = folder
        self._columns = tuple(declaration.columns)
        self._connection = duckdb.connect(":memory:")
        self._run(f"SET memory_limit = '{MEMORY_LIMIT}'")
        self._run(f"SET threads = {THREADS}")
        self._run(f"SET temp_directory = {_literal(folder / 'duckdb')}")
        # Nothing that a file says can make DuckDB load code or reach a network.
        self._run("SET autoinstall_known_extensions = false")
        self._run("SET autoload_known_extensions = false")
        self._lines: list[tuple[int, int]] = [(0, 1)]
        self._direct: tuple[Path, CsvLayout] | None = None
        self.refused: list[RefusedRow] = []
        self.refused_count = 0
        self._has_base = base is not None
        columns = "key VARCHAR, hash UBIGINT, names VARCHAR[], records VARCHAR[], written VARCHAR"
        if base is None:
            self._run(f"CREATE TABLE base ({columns})")
        else:
            self._run(f"CREATE VIEW base AS {self._stored_rows(base)}")
        self._run(f"CREATE TABLE delta ({columns}, gone BOOLEAN)")
        if delta is not None:
            self._run(f"INSERT INTO delta {self._stored_rows(delta, ', gone')}")
        self._run(
            f"CREATE VIEW state AS SELECT {_STATE} FROM base"
            " WHERE key NOT IN (SELECT key FROM delta)"
            f" UNION ALL SELECT {_STATE} FROM delta WHERE NOT gone"
        )
        self._run("CREATE TABLE missing (key VARCHAR)")
        self._run("CREATE TABLE confirmed (key VARCHAR)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def load_file(self, path: Path) -> int:
        """Load an uploaded file into DuckDB. Return the number of its rows, refused ones included.

        Raises:
            FileFault: The file cannot be read as declared.
        """
        format_ = self._declaration.format
        if isinstance(format_, CsvFormat):
            layout = inspect_csv(path, self._declaration)
            if not (layout.is_plain and not self._declaration.end and self._load_csv(path, layout)):
                self._load_rows(read_csv(path, self._declaration, layout))
        elif isinstance(format_, ExcelFormat):
            self._load_rows(read_excel(path, self._declaration))
        else:
            self._load_rows(read_json_lines(path, self._declaration))
        # From here on each query orders its rows itself. To keep their order takes memory.
        self._run("SET preserve_insertion_order = false")
        total = self._count("incoming") + self.refused_count
        self._refuse_keys()
        return total

    def _load_csv(self, path: Path, layout: CsvLayout) -> bool:
        """Load a plain CSV file with DuckDB's own reader.

        Return False if that is not safe, and the rows must be read one by one instead.
        """
        format_ = self._declaration.format
        assert isinstance(format_, CsvFormat)
        width = layout.headings.width
        names = ", ".join(f"'r{place}': 'VARCHAR'" for place in range(width))
        source = (
            f"read_csv({_literal(path)}, columns = {{{names}}}, auto_detect = false, header = true,"
            f" delim = {_literal(format_.delimiter)}, quote = {_literal(format_.quote)},"
            f" escape = {_literal(format_.quote)}, new_line = '{_line_end(path)}',"
            " strict_mode = true, null_padding = false)"
        )
        chosen = ", ".join(
            f"coalesce(r{position}, '') AS c{place}"
            for place, position in enumerate(layout.headings.positions)
        )
        try:
            self._create_incoming(f"SELECT {chosen} FROM {source}")
        except duckdb.Error:
            return False
        # DuckDB does not say that it left a row out, so its count must be ours.
        records = count_records(path, format_.quote)
        if self._count("incoming") != records - 1:
            return False
        # It takes one empty cell too many at the end of a row, although the cells before it have
        # moved if a text with a delimiter was not quoted.
        delimiters = count_delimiters(path, format_.quote, format_.delimiter)
        if delimiters != records * (width - 1):
            return False
        # DuckDB cannot mark a text that looks like an encoded value of another type.
        marked = " OR ".join(
            f"starts_with(c{place}, {_literal(MARK)})" for place in range(len(self._columns))
        )
        if self._rows(f"SELECT 1 FROM incoming WHERE {marked} LIMIT 1"):
            return False
        self._direct = (path, layout)
        return True

    def _load_rows(self, rows: Rows) -> None:
        """Load rows that were read one by one into DuckDB, through a temporary CSV file."""
        plain = self._folder / "rows.csv"
        count = 0
        self._lines = []
        next_line = -1
        with plain.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            for row in rows:
                if isinstance(row, RefusedRow):
                    self._refuse(row)
                    continue
                if row.line != next_line:
                    self._lines.append((count, row.line))
                next_line = row.line + 1
                # A last column that is never empty, because a line without cells is no row.
                writer.writerow((*row.cells, "."))
                count += 1
        width = len(self._columns)
        names = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width + 1))
        chosen = ", ".join(f"coalesce(c{place}, '') AS c{place}" for place in range(width))
        try:
            self._create_incoming(
                f"SELECT {chosen} FROM read_csv({_literal(plain)}, columns = {{{names}}},"
                " auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"',"
                " new_line = '\\n', strict_mode = true, max_line_size = 20000000,"
                " buffer_size = 20000000)"
            )
        except duckdb.Error as error:
            raise FileFault(
                "rows-lost", f"the rows cannot be loaded ({type(error).__name__})"
            ) from None
        loaded = self._count("incoming")
        plain.unlink()
        if loaded != count:
            raise FileFault("rows-lost", f"{loaded} of {count} rows were loaded")

    def _create_incoming(self, select: str) -> None:
        cells = ", ".join(f"c{place}" for place in range(len(self._columns)))
        keys = ", ".join(
            f"trim(c{self._columns.index(name)}, {_literal(KEY_TRIM)})"
            for name in self._declaration.key
        )
        joint = _literal(KEY_JOINT)
        self._run("DROP TABLE IF EXISTS incoming")
        self._run(
            f"CREATE TABLE incoming AS SELECT trim(concat_ws({joint}, {keys}), {joint}) AS key,"
            # 64 bits: only versions of the same row are compared.
            f" hash({cells}) AS hash, *"
            f" FROM ({select})"
        )
        self._run("CREATE OR REPLACE TABLE rejected (number BIGINT)")

    def _refuse_keys(self) -> None:
        """Refuse the uploaded file's rows without a key, and all rows that share a key."""
        filled = " OR ".join(
            f"trim(c{place}, {_literal(KEY_TRIM)}) <> ''" for place in range(len(self._columns))
        )
        unkeyed = self._rows(f"SELECT rowid, {filled} FROM incoming WHERE key = ''")
        # A row of empty cells is no row: spreadsheets leave them behind.
        self.reject_numbers(number for number, is_filled in unkeyed if not is_filled)
        empty = [int(number) for number, is_filled in unkeyed if is_filled]
        doubled = [
            (int(number), str(key), int(first), int(last))
            for number, key, first, last in self._rows(
                "SELECT i.rowid, i.key, d.first, d.last FROM incoming i JOIN (SELECT key,"
                " min(rowid) AS first, max(rowid) AS last FROM incoming WHERE key <> ''"
                " GROUP BY key HAVING count(*) > 1) d USING (key) ORDER BY i.rowid"
            )
        ]
        numbers = sorted({*empty, *(one for row in doubled for one in (row[0], row[2], row[3]))})
        lines = dict(zip(numbers, self.lines(numbers), strict=True))
        heading = self._key_heading
        for number in empty:
            self._refuse(RefusedRow(lines[number], heading, "", "no-key", "the row has no key"))
        for number, key, first, last in doubled:
            other = last if number == first else first
            self._refuse(
                RefusedRow(
                    lines[number],
                    heading,
                    _shown_key(key),
                    "doubled-key",
                    f"line {lines[other]} has the same key",
                    key,
                )
            )
        self.reject_numbers([*empty, *(row[0] for row in doubled)])

    @property
    def _key_heading(self) -> str:
        columns = [self._declaration.columns[name] for name in self._declaration.key]
        return ", ".join(column.path or column.headings[0] for column in columns)

    def _refuse(self, row: RefusedRow) -> None:
        self.refused_count += 1
        if len(self.refused) < MAX_REFUSED:
            self.refused.append(row)
        elif row.key is None:
            self.refused[-1] = row

    @property
    def has_unkeyed(self) -> bool:
        """True if a refused row has no readable key, so it could be any row of the snapshot."""
        return any(row.key is None for row in self.refused)

    def reject_numbers(self, numbers: Iterable[int]) -> None:
        """Exclude the rows of the uploaded file with these numbers from the comparison.

        The versions of these rows in the last snapshot stay in force.
        """
        self._insert_numbers("rejected", numbers)

    def count_state(self) -> int:
        """Return the number of rows in the last snapshot."""
        return self._count("state")

    def find_missing(self, former: int) -> int:
        """Find the rows of the last snapshot that the uploaded file lacks, and return their number.

        A row that is in the file but refused does not count as missing, if its key is readable.
        Call it after :meth:`select_rows`.

        Args:
            former: The number of rows in the last snapshot.

        Returns:
            The number of missing rows.
        """
        ((selected, known),) = self._rows("SELECT count(*), count(*) FILTER (known) FROM changed")
        equal = self._count("incoming") - self._count("rejected") - selected
        if equal + known == former:
            return 0
        self._insert_keys({row.key for row in self.refused if row.key is not None})
        self._run(
            "INSERT INTO missing SELECT key FROM state s WHERE NOT EXISTS (SELECT 1 FROM incoming i"
            " WHERE i.key = s.key) AND s.key NOT IN (SELECT key FROM kept)"
        )
        return self._count("missing")

    def keep_missing(self) -> None:
        """Keep rows of the last snapshot that the uploaded file lacks: no record is deleted."""
        self._run("DELETE FROM missing")

    def select_rows(self, *, everything: bool) -> int:
        """Select the rows of the uploaded file that are new or changed, and return their number.

        Args:
            everything: Whether to select unchanged rows too, because the mapping has changed.

        Returns:
            The number of selected rows.
        """
        equal = "true" if everything else "s.hash IS DISTINCT FROM i.hash"
        self._run(
            "CREATE OR REPLACE TABLE changed AS SELECT i.rowid AS number, i.key,"
            " s.key IS NOT NULL AS known FROM incoming i LEFT JOIN state s USING (key)"
            f" WHERE {equal} AND i.rowid NOT IN (SELECT number FROM rejected)"
        )
        return self._count("changed")

    def leave_out_older(self, order: str) -> tuple[int, Sequence[RefusedRow]]:
        """Exclude rows of the file that are older than the last snapshot's row with the same key.

        Files of kind ``additions`` may be applied in another order than they were uploaded. So a
        newer upload may be in the snapshot already, and its rows stay in force. Call this method
        before :meth:`select_rows`.

        Args:
            order: Sort key of this file; newer uploads have greater sort keys.

        Returns:
            The number of excluded rows that differ from the snapshot's rows, and the first
            ``MAX_REFUSED`` of them, sorted by line number.
        """
        self._run(
            "CREATE OR REPLACE TABLE older AS SELECT i.rowid AS number, i.key, s.written,"
            " s.hash IS DISTINCT FROM i.hash AS differs FROM incoming i JOIN state s USING (key)"
            f" WHERE s.written > {_literal(order)} AND i.rowid NOT IN (SELECT number FROM rejected)"
        )
        self._run("INSERT INTO rejected SELECT number FROM older")
        ((count,),) = self._rows("SELECT count(*) FROM older WHERE differs")
        found = self._rows(
            "SELECT number, key, written FROM older WHERE differs"
            f" ORDER BY number LIMIT {MAX_REFUSED}"
        )
        lines = self.lines([int(number) for number, _, _ in found])
        rows = [
            RefusedRow(
                line,
                self._key_heading,
                _shown_key(key),
                "older-row",
                f"a newer drop, of {written.partition(' ')[0]}, has given this row",
                key,
            )
            for line, (_, key, written) in zip(lines, found, strict=True)
        ]
        return int(count), rows

    def find_confirmed(self, order: str) -> int:
        """Find rows of the last snapshot that this newer file repeats unchanged; count them.

        These rows get the newer file's sort key. Call it after :meth:`select_rows`.

        Args:
            order: Sort key of the newer file.

        Returns:
            The number of repeated rows.
        """
        self._run(
            "INSERT INTO confirmed SELECT key FROM incoming i JOIN state s USING (key)"
            f" WHERE s.written < {_literal(order)}"
            " AND i.rowid NOT IN (SELECT number FROM rejected)"
            " AND i.rowid NOT IN (SELECT number FROM changed)"
        )
        return self._count("confirmed")

    def selected_rows(self) -> Iterator[StoredRow]:
        """Yield the selected rows (new or changed) of the uploaded file, sorted by row number."""
        cells = ", ".join(f"i.c{place}" for place in range(len(self._columns)))
        with self._cursor() as cursor:
            cursor.execute(
                f"SELECT i.rowid, i.key, {cells} FROM incoming i"
                " JOIN changed c ON c.number = i.rowid ORDER BY i.rowid"
            )
            while rows := cursor.fetchmany(_BATCH):
                for number, key, *found in rows:
                    yield StoredRow(number, key, tuple(found))

    def load_mapped(self, path: Path) -> None:
        """Load the records to which the selected (new or changed) rows of the file are mapped.

        Records to which rows of the last snapshot were mapped are loaded, too, if the selected or
        missing rows can affect them.

        Args:
            path: A CSV file with three columns: number of a selected row, names (``collection/id``)
                of its records, and the records as texts. Several names or records in a cell are
                joined by ``RECORD_JOINT``. The text of a record to which several rows may
                contribute begins with ``g``.
        """
        joint = _literal(RECORD_JOINT)
        self._run(
            "CREATE OR REPLACE TABLE given AS SELECT number,"
            f" string_split(names, {joint}) AS names, string_split(records, {joint}) AS records"
            f" FROM read_csv({_literal(path)}, columns ="
            " {'number': 'BIGINT', 'names': 'VARCHAR', 'records': 'VARCHAR'}, auto_detect = false,"
            " header = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n',"
            " max_line_size = 8000000, buffer_size = 16000000)"
        )
        self._run(
            "CREATE OR REPLACE TABLE known AS SELECT unnest(s.names) AS name, 'old' AS side,"
            " coalesce(c.number, -1) AS number, unnest(s.records) AS record"
            " FROM state s LEFT JOIN changed c USING (key)"
            " WHERE c.key IS NOT NULL OR s.key IN (SELECT key FROM missing)"
        )
        # Another row can give the same record only if several may, or if the row gives a record
        # that it did not give before.
        self._run(
            "CREATE OR REPLACE TABLE affected AS SELECT DISTINCT name FROM"
            " (SELECT number, unnest(names) AS name FROM given) n WHERE NOT EXISTS"
            " (SELECT 1 FROM known o WHERE o.number = n.number AND o.name = n.name)"
            " UNION SELECT DISTINCT name FROM known WHERE record LIKE 'g%'"
        )
        # A rejected row does not give the kept version, and several can have its key.
        if self._count("affected") and self._has_base:
            self._run(
                "INSERT INTO known SELECT name, 'both', coalesce(i.number, -1), record FROM"
                " (SELECT key, unnest(names) AS name, unnest(records) AS record FROM state"
                " WHERE key NOT IN (SELECT key FROM changed)"
                " AND key NOT IN (SELECT key FROM missing)) s"
                " LEFT JOIN (SELECT rowid AS number, key FROM incoming"
                " WHERE rowid NOT IN (SELECT number FROM rejected)) i USING (key)"
                " WHERE name IN (SELECT name FROM affected)"
            )
        self._run("DROP TABLE affected")
        self._run(
            "CREATE OR REPLACE VIEW mapped AS SELECT name, side, number, record FROM known"
            " UNION ALL SELECT unnest(names), 'new', number, unnest(records) FROM given"
        )
        self._run("CREATE OR REPLACE TABLE held (number BIGINT)")

    def hold_rows(self, numbers: Iterable[int]) -> None:
        """Exclude the rows with these numbers, which were refused after the mapping.

        The versions of these rows in the last snapshot stay in force.
        """
        self._run("CREATE OR REPLACE TABLE held (number BIGINT)")
        self._insert_numbers("held", numbers)

    def mapped_lines(self, ranks: Mapping[str, int]) -> Iterator[MappedLine]:
        """Yield the records that :meth:`load_mapped` has loaded, each with its row's number.

        Args:
            ranks: Sort position of each collection.

        Yields:
            The records, ordered by collection, id and row.
        """
        cases = " ".join(f"WHEN {_literal(name)} THEN {rank}" for name, rank in ranks.items())
        with self._cursor() as cursor:
            cursor.execute(
                "SELECT m.name, m.side, m.number, m.record, h.number IS NOT NULL"
                " FROM mapped m LEFT JOIN held h ON h.number = m.number"
                f" ORDER BY CASE split_part(m.name, '/', 1) {cases} END, m.name, m.number, m.side"
            )
            while rows := cursor.fetchmany(_BATCH):
                for row in rows:
                    yield MappedLine(*row)

    def save_snapshot(self, base: Path, delta: Path, order: str) -> bool:
        """Write the snapshot of the source's rows as they are after this uploaded file is applied.

        A refused row keeps the version that it had in the last snapshot.

        Args:
            base: Path for a file of all rows.
            delta: Path for a file of only the rows that differ from the stored file of all rows. It
                is written if these rows are few.
            order: Sort key of the uploaded file, which tells newer files from older ones. It is
                stored with each row that the file adds or changes, or has without a change. Empty
                for sources of kind ``snapshot``.

        Returns:
            True if the file at ``delta`` was written, False if the file at ``base`` was.
        """
        self._run(
            "CREATE OR REPLACE TABLE accepted AS SELECT number, key FROM changed"
            " WHERE number NOT IN (SELECT number FROM held)"
        )
        others = " AND ".join(
            f"key NOT IN (SELECT key FROM {one})" for one in ("accepted", "confirmed", "missing")
        )
        differing = sum(map(self._count, ("accepted", "confirmed", "missing", "delta")))
        is_delta = self._has_base and differing <= max(
            SMALL_DELTA, LARGEST_DELTA * self._count("base")
        )
        accepted = (
            "SELECT i.key, i.hash, coalesce(g.names, []) AS names,"
            f" coalesce(g.records, []) AS records, {_literal(order)} AS written FROM accepted a"
            " JOIN incoming i ON i.rowid = a.number LEFT JOIN given g ON g.number = a.number"
        )
        if self._count("confirmed"):
            accepted += (
                f" UNION ALL SELECT key, hash, names, records, {_literal(order)} FROM state"
                " WHERE key IN (SELECT key FROM confirmed)"
            )
        rows = (
            f"SELECT *, false AS gone FROM ({accepted}) UNION ALL SELECT key, 0::UBIGINT, [], [],"
            f" '', true FROM missing UNION ALL SELECT * FROM delta WHERE {others}"
            if is_delta
            else f"{accepted} UNION ALL SELECT * FROM state WHERE {others}"
        )
        path = delta if is_delta else base
        self._run(f"COPY ({rows}) TO {_literal(path)} (FORMAT parquet, COMPRESSION snappy)")
        return is_delta

    def key_of(self, number: int) -> str:
        """Return the key of a row of the uploaded file, by the row's number."""
        ((key,),) = self._rows(f"SELECT key FROM incoming WHERE rowid = {int(number)}")
        return str(key)

    def lines(self, numbers: Sequence[int]) -> list[int]:
        """Return the lines at which rows begin in the uploaded file.

        Args:
            numbers: Numbers of the rows, ascending.
        """
        if self._direct is not None and numbers:
            self._lines = _record_lines(*self._direct, self._declaration)
            self._direct = None
        found: list[int] = []
        place = 0
        for number in numbers:
            while place + 1 < len(self._lines) and self._lines[place + 1][0] <= number:
                place += 1
            first, line = self._lines[place]
            found.append(line + number - first)
        return found

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def _insert_keys(self, keys: Iterable[str]) -> None:
        path = self._folder / "keys.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows((key, ".") for key in sorted(keys))
        self._run(
            f"CREATE OR REPLACE TABLE kept AS SELECT key FROM read_csv({_literal(path)},"
            " columns = {'key': 'VARCHAR', 'end': 'VARCHAR'}, auto_detect = false, header = false,"
            " delim = ',', quote = '\"', escape = '\"', new_line = '\\n') WHERE key IS NOT NULL"
        )

    def _insert_numbers(self, table: str, numbers: Iterable[int]) -> None:
        path = self._folder / "numbers.csv"
        path.write_text("".join(f"{number}\n" for number in numbers), "utf-8")
        self._run(
            f"INSERT INTO {table} SELECT number FROM read_csv({_literal(path)},"
            " columns = {'number': 'BIGINT'}, auto_detect = false, header = false,"
            " new_line = '\\n')"
        )

    def _stored_rows(self, path: Path, more: str = "") -> str:
        """Return the SQL query for the rows of a stored snapshot.

        The column ``written`` has the sort key of the newest uploaded file with the row. A snapshot
        that an older release has stored lacks the column; its values are empty then.

        Args:
            path: The snapshot's file, as Parquet.
            more: Further columns to select, with a comma before them.
        """
        source = f"read_parquet({_literal(path)})"
        names = {row[0] for row in self._rows(f"DESCRIBE SELECT * FROM {source}")}
        written = "written" if "written" in names else "''"
        return f"SELECT key, hash, names, records, {written} AS written{more} FROM {source}"

    def _count(self, table: str) -> int:
        ((count,),) = self._rows(f"SELECT count(*) FROM {table}")
        return int(count)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()

    def _run(self, statement: str) -> None:
        self._connection.execute(statement)


def count_records(path: Path, quote: str) -> int:
    """Return the number of records in a CSV file. Line breaks inside quotes end no record.

    Empty lines are no records.

    Args:
        path: The file, in an encoding that holds ASCII as single bytes.
        quote: The quote character.

    Returns:
        The number of records, the heading row included.
    """
    mark = quote.encode()
    count, quoted, at_start = 0, False, True
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if b"\r" in chunk or b"\n\n" in chunk or (at_start and chunk.startswith(b"\n")):
                return _count_slowly(path, mark)
            parts = chunk.split(mark)
            count += sum(part.count(b"\n") for part in parts[1 if quoted else 0 :: 2])
            quoted ^= len(parts) % 2 == 0
            at_start = chunk.endswith(b"\n")
    return count if at_start else count + 1


def count_delimiters(path: Path, quote: str, delimiter: str) -> int:
    """Return the number of delimiters in a CSV file, without those inside quotes.

    Args:
        path: The file, in UTF-8.
        quote: The quote character.
        delimiter: The delimiter. If it has several bytes in UTF-8, the count can be too small:
            the file is read in chunks, and a delimiter across two chunks is missed.
    """
    mark, wanted = quote.encode(), delimiter.encode()
    count, quoted = 0, False
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            parts = chunk.split(mark)
            count += sum(part.count(wanted) for part in parts[1 if quoted else 0 :: 2])
            quoted ^= len(parts) % 2 == 0
    return count


def _count_slowly(path: Path, mark: bytes) -> int:
    r"""Return the number of records in a CSV file, also with ``\r\n``, ``\r`` or empty lines in it.

    Line breaks inside quotes end no record. ``mark`` is the quote character.
    """
    count, quoted, filled = 0, False, False
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            parts = chunk.split(mark)
            for place, part in enumerate(parts):
                if quoted:
                    filled = True
                else:
                    lines = part.replace(b"\r", b"\n").split(b"\n")
                    count += sum(map(bool, lines[1:-1])) + (
                        1 if len(lines) > 1 and (filled or lines[0]) else 0
                    )
                    filled = bool(lines[-1]) or (filled if len(lines) == 1 else False)
                if place < len(parts) - 1:
                    quoted = not quoted
                    filled = True
    return count + (1 if filled else 0)


def _shown_key(key: str) -> str:
    return " / ".join(shown_value(decode_cell(one)) for one in key.split(KEY_JOINT))[:200]


def _record_lines(
    path: Path, layout: CsvLayout, declaration: FilesDeclaration
) -> list[tuple[int, int]]:
    """Return the lines at which rows of a CSV file begin, as pairs of row number and line number.

    The first row has a pair, and each row that does not begin on the line after its predecessor's
    first line. For all other rows the line follows from the pair before.
    """
    found: list[tuple[int, int]] = []
    expected = -1
    for number, line in enumerate(read_lines(path, declaration, layout)):
        if line != expected:
            found.append((number, line))
        expected = line + 1
    return found


def _line_end(path: Path) -> str:
    """Return the line ending of a file's first line, as a value for DuckDB's option ``new_line``.

    Without this option DuckDB takes the first line break that it meets, which can be inside a
    quoted cell.
    """
    with path.open("rb") as file:
        return "\\r\\n" if file.readline(_CHUNK).endswith(b"\r\n") else "\\n"


def _literal(value: str | Path) -> str:
    text = str(value).replace("'", "''")
    return f"'{text}'"
