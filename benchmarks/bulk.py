"""Benchmark: gridwix publishes 20,000 rows of about 500 bytes in bulk, beside a bare httpx loop.

Wix refuses 200 of the rows inside 200 responses. A second run publishes the same rows without
changes.
"""

import time
from dataclasses import dataclass
from itertools import batched
from statistics import median

import httpx

from benchmarks.emulator_pair import EmulatorPair, MemoryBudget, start_emulators
from benchmarks.rows import example_row
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.wix import DataItem
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import Projection, RowReport, Verdict
from gridwix.runtime.garbage_collection import tune_garbage_collection
from ops.emulator import Emulator
from tests.fakes.ledger import MemoryLedger

ROWS = 20_000
REFUSED = frozenset(f"row{number:05}" for number in range(99, ROWS, 100))
"""Ids of the rows that the Wix emulator refuses."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows per second of gridwix and of the bare loop, and the reports of gridwix's two runs.

    ``ratio`` is the median over five pairs of runs, gridwix and bare loop in turn.
    """

    bare: float
    gridwix: float
    ratio: float
    unchanged: float
    first_report: RowReport
    second_report: RowReport
    second_calls: int


def example_items() -> list[DataItem]:
    """Return the rows as data items."""
    identifiers = [f"row{number:05}" for number in range(ROWS)]
    return [
        DataItem(WixItemId(identifier), example_row(number, identifier))
        for number, identifier in enumerate(identifiers)
    ]


def projections(items: list[DataItem]) -> list[Projection]:
    """Return the projections of the rows, each from one record in version 1."""
    return [
        Projection(
            RowKey(PARTNER_STATUS, item.id),
            Versions(live={f"partners/{item.id}": 1}),
            item,
            "evt_bench",
        )
        for item in items
    ]


def run_bare_loop(found: EmulatorPair, items: list[DataItem]) -> float:
    """Save all rows with a minimal script and return the seconds: no ledger, no budget, no check of
    the results.
    """
    begun = time.perf_counter()
    with httpx.Client(base_url=found.wix_url, headers=found.wix_headers()) as client:
        for chunk in batched(items, 1000, strict=False):
            body = {
                "dataCollectionId": PARTNER_STATUS,
                "dataItems": [{"id": item.id, "data": dict(item.data)} for item in chunk],
            }
            client.post("/wix-data/v2/bulk/items/save", json=body).raise_for_status()
    return time.perf_counter() - begun


def delete_rows(found: EmulatorPair) -> None:
    """Delete all rows on the Wix emulator."""
    httpx.delete(
        f"{found.wix_url}/__emulator/items", params={"collection": PARTNER_STATUS}
    ).raise_for_status()


def run_gridwix(
    found: EmulatorPair, items: list[DataItem]
) -> tuple[float, RowReport, MemoryLedger]:
    """Publish all rows with an empty ledger; return the seconds, the report and the ledger."""
    ledger = MemoryLedger()
    publisher = found.publisher(MemoryBudget(180, 60, time.time), ledger, time.time)
    begun = time.perf_counter()
    report = publisher.publish(projections(items))
    return time.perf_counter() - begun, report, ledger


def measure(runs: int = 5) -> Figures:
    """Return the medians over ``runs`` pairs of runs."""
    # As in the functions. The bare loop runs in the same process and benefits as well.
    tune_garbage_collection()
    items = example_items()
    with start_emulators() as found:
        run_bare_loop(found, items[:2000])
        pairs = []
        for _ in range(runs):
            delete_rows(found)
            Emulator(found.wix_url).clear("refusals")
            seconds_bare = run_bare_loop(found, items)
            delete_rows(found)
            refusal = {
                "collection": PARTNER_STATUS,
                "ids": "row???99",
                "code": "WDE0080",
                "description": "Validation failed",
            }
            Emulator(found.wix_url).order("refusals", refusal)
            seconds, first, ledger = run_gridwix(found, items)
            pairs.append((seconds_bare, seconds))
        found.clear_journal()
        accepted = projections([item for item in items if item.id not in REFUSED])
        publisher = found.publisher(MemoryBudget(180, 60, time.time), ledger, time.time)
        begun = time.perf_counter()
        second = publisher.publish(accepted)
        unchanged = len(accepted) / (time.perf_counter() - begun)
        return Figures(
            bare=ROWS / median(bare for bare, _ in pairs),
            gridwix=ROWS / median(seconds for _, seconds in pairs),
            ratio=median(bare / seconds for bare, seconds in pairs),
            unchanged=unchanged,
            first_report=first,
            second_report=second,
            second_calls=found.wix_calls(),
        )


def main() -> None:
    """Run the benchmark of bulk writes and print its figures."""
    figures = measure()
    counts = {verdict.value: figures.first_report.count(verdict) for verdict in Verdict}
    named = {refusal.item_id for refusal in figures.first_report.refusals}
    print(
        f"bulk: {ROWS:,} rows of about 500 bytes, 200 refused inside 200 responses"
        " (median of 5, in turn; ledger in memory)"
    )
    print(f"  bare httpx loop   {figures.bare:9,.0f} records/s   refused items reported: 0 of 200")
    print(
        f"  gridwix           {figures.gridwix:9,.0f} records/s"
        f"   refused items reported: {len(named & REFUSED)} of 200, others: {len(named - REFUSED)}"
    )
    print(f"  ratio             {figures.ratio:9.2f}             goal: at least 0.5")
    print(f"  counts            {counts}, sum {sum(counts.values()):,}")
    print(
        f"  second run        {figures.unchanged:9,.0f} records/s"
        f"   Wix calls: {figures.second_calls}"
    )


if __name__ == "__main__":
    main()
