"""Benchmark: the gateway plans a snapshot of a million rows, of which one in a hundred changed.

Prints the time from the file to the stored plan beside that of DuckDB alone, which reads the same
file and finds the changed rows by an anti-join, in the same run; the peak of memory; and that
exactly the changed rows change. Each measurement has a process of its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import duckdb

from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.planning import FormerSnapshot, Plan, make_plan, mapping_digest

ROWS = 1_000_000
CHANGED_EVERY = 100
REPEATS = 3
LARGEST_RATIO = 3.0
LARGEST_MEGABYTES = 512

DECLARATION = FilesDeclaration.model_validate(
    {
        "source": "files",
        "kind": "snapshot",
        "format": {"type": "csv", "delimiter": ";"},
        "key": ["buid"],
        "columns": {
            "buid": {"heading": "BUID", "type": "text", "required": True},
            "name": {"heading": "Name", "type": "text"},
            "duns": {"heading": "D-U-N-S", "type": "duns"},
            "country": {"heading": "Country", "type": "text"},
            "status": {
                "heading": "Status",
                "type": "code",
                "codes": {"Live": "active", "On hold": "suspended"},
            },
            "live": {"heading": "Go live", "type": "date", "format": "%d.%m.%Y"},
            "revenue": {"heading": "Revenue", "type": "decimal", "decimal": ","},
            "contact": {"heading": "Contact", "type": "text"},
        },
        "records": [
            {
                "collection": "partners",
                "id": "row.buid",
                "fields": {
                    "name": "row.name",
                    "role": "'supplier'",
                    "status": "row.status",
                    "country": "row.country",
                    "identifiers": [{"scheme": "'duns'", "value": "row.duns"}],
                    "legalName": "row.live",
                    "mailbox": "row.contact",
                    "statusReason": "row.revenue",
                },
            }
        ],
    }
)
HEADINGS = ";".join(column.headings[0] for column in DECLARATION.columns.values())


def main() -> None:
    """Print the measurements of the snapshot. Exits with 1 if a limit is passed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "first.csv", changed=False)
        write_rows(folder / "second.csv", changed=True)
        _measure(folder, "prepare")
        _measure(folder, "prepare-alone")
        alone = min(_measure(folder, "duckdb")["seconds"] for _ in range(REPEATS))
        plans = [_measure(folder, "plan") for _ in range(REPEATS)]
        equal = _measure(folder, "equal")
        size = (folder / "second.csv").stat().st_size
    best = min(plans, key=lambda plan: plan["seconds"])
    ratio = best["seconds"] / alone
    memory = max(plan["megabytes"] for plan in (*plans, equal))
    print(f"{ROWS:,} rows, {size / 1e6:.0f} MB, {ROWS // CHANGED_EVERY:,} changed")
    print(f"  DuckDB alone, read and anti-join:  {alone:6.2f} s")
    print(f"  the plan, its snapshot included:   {best['seconds']:6.2f} s  ({ratio:.2f} times)")
    print(f"  an equal file:                     {equal['seconds']:6.2f} s")
    print(f"  peak of memory:                    {memory:6.0f} MB")
    wrong = [plan for plan in plans if plan["changes"] != ROWS // CHANGED_EVERY]
    if wrong or equal["changes"] or equal["snapshot"]:
        raise SystemExit("the plan does not hold exactly the changed rows")
    if ratio > LARGEST_RATIO or memory > LARGEST_MEGABYTES:
        raise SystemExit(f"over the limit of {LARGEST_RATIO} times or {LARGEST_MEGABYTES} MB")


def write_rows(path: Path, *, changed: bool) -> None:
    """Write the snapshot's file.

    Args:
        path: The file.
        changed: True to give one row in a hundred another status.
    """
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{HEADINGS}\n")
        file.writelines(_rows(changed))


def _rows(changed: bool) -> Iterator[str]:
    for number in range(ROWS):
        status = "On hold" if changed and number % CHANGED_EVERY == 7 else "Live"
        yield (
            f"GC{number:010};Partner {number} Foods & Co.;{number + 1:09};"
            f"{'US' if number % 3 else 'DE'};{status};"
            f"{number % 28 + 1:02}.{number % 12 + 1:02}.2026;"
            f"{number},50;partner{number}@example.com\n"
        )


def _measure(folder: Path, what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.snapshot", what, str(folder)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(output)
    return found


def _plan(folder: Path, name: str, former: Path | None) -> Plan:
    work = Path(tempfile.mkdtemp(dir=folder))
    snapshot = None if former is None else FormerSnapshot(former, None, mapping_digest(DECLARATION))
    return make_plan(DECLARATION, folder / name, snapshot, _known, work)


def _known(_: str, identifiers: Collection[str]) -> Collection[str]:
    return identifiers


def _prepare(folder: Path) -> dict[str, float]:
    plan = _plan(folder, "first.csv", None)
    assert plan.base is not None
    plan.base.rename(folder / "first.parquet")
    return {"changes": plan.counts.created}


def _compare(name: str) -> Callable[[Path], dict[str, float]]:
    def measure(folder: Path) -> dict[str, float]:
        plan = _plan(folder, name, folder / "first.parquet")
        counts = plan.counts
        return {
            "changes": counts.created + counts.updated + counts.deleted,
            "snapshot": float(plan.has_snapshot),
        }

    return measure


def _read(path: Path) -> str:
    names = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(DECLARATION.columns)))
    return (
        f"read_csv('{path}', columns = {{{names}}}, auto_detect = false, header = true,"
        " delim = ';', quote = '\"', escape = '\"')"
    )


def _prepare_alone(folder: Path) -> dict[str, float]:
    first, former = folder / "first.csv", folder / "alone.parquet"
    duckdb.execute(f"COPY (SELECT * FROM {_read(first)}) TO '{former}' (FORMAT parquet)")
    return {}


def _duckdb_alone(folder: Path) -> dict[str, float]:
    keys = ", ".join(f"c{place}" for place in range(len(DECLARATION.columns)))
    connection = duckdb.connect(":memory:")
    connection.execute("SET threads = 2")
    connection.execute(f"CREATE TABLE rows AS SELECT * FROM {_read(folder / 'second.csv')}")
    found = connection.execute(
        f"SELECT r.* FROM rows r ANTI JOIN '{folder / 'alone.parquet'}' s USING ({keys})"
    ).fetchall()
    return {"changes": len(found)}


MEASURES = {
    "prepare": _prepare,
    "prepare-alone": _prepare_alone,
    "duckdb": _duckdb_alone,
    "plan": _compare("second.csv"),
    "equal": _compare("first.csv"),
}

if __name__ == "__main__":
    begun = time.perf_counter()
    result = MEASURES[sys.argv[1]](Path(sys.argv[2]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**result, "seconds": time.perf_counter() - begun, "megabytes": peak}))
