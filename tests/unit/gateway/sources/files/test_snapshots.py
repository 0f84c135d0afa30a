"""What DuckDB read is compared with a count of our own."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridwix_gateway.sources.files import snapshots
from gridwix_gateway.sources.files.csv_files import read_csv
from gridwix_gateway.sources.files.rows import Rows
from gridwix_gateway.sources.files.snapshots import Comparison, count_records
from tests.unit.gateway.sources.files.samples import CSV, declare

CELLS = st.text(alphabet='a"\n\r;, ', max_size=6)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_records_are_counted_with_quoted_line_breaks(
    tmp_path: Path, rows: list[list[str]], end: str, ended: bool
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator=end).writerows(rows)
    content = text.getvalue() if ended else text.getvalue().removesuffix(end)
    (tmp_path / "f").write_bytes(content.encode())

    expected = sum(map(bool, csv.reader(io.StringIO(content, newline=""), delimiter=";")))
    assert count_records(tmp_path / "f", '"') == expected


@pytest.mark.parametrize(("count", "direct"), [(3, True), (4, False), (2, False)])
def test_file_of_which_duckdb_reads_another_number_of_rows_is_read_again_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, direct: bool
) -> None:
    headings = "BUID;Name;GLN;DUNS;Go live;Revenue\n"
    (tmp_path / "f").write_text(f"{headings}GC1;a;;;;\nGC2;b;;;;\n")
    monkeypatch.setattr(snapshots, "count_records", lambda *_: count)
    slow: list[bool] = []

    def read_slowly(*given: Any) -> Rows:
        slow.append(True)
        return read_csv(*given)

    monkeypatch.setattr(snapshots, "read_csv", read_slowly)

    with Comparison(declare(CSV, end=[]), tmp_path) as comparison:
        rows = comparison.load_file(tmp_path / "f")

    assert (rows, slow) == (2, [] if direct else [True])
