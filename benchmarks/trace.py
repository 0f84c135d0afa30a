"""Benchmark: ``gridwix trace`` of a case and of a partner, with a thousand and with a million
ledger rows.

The journal has 30 days of attempts in both worlds. Tables are in a B-tree on this machine
(``tests.fakes.key_store``), behind a real boto3 client, and each call takes as long as one of the
real systems usually does. So this measures the number of calls, the items that they read, how many
wait for each other, and the command's own work. It does not measure DynamoDB, which answers by key
in a few milliseconds for a table of any size. A scan is refused here.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridwix.clients.aws.items import Value
from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.journal_items import entry_item
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.errors import RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.wix import DataItem
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from ops.commands.trace import story_document
from ops.paths import ROOT
from ops.story.reading import Story, StoryReader
from tests.factories import case
from tests.fakes.key_store import Keys, KeyStore

FEW_ROWS, MANY_ROWS = 1_000, 1_000_000
ATTEMPTS_PER_DAY = 10_000
DAYS = 30
DAY = 24 * 3600
NOW = 1_780_000_000.0

AWS_SECONDS, TRADING_GRID_SECONDS, WIX_SECONDS = 0.010, 0.080, 0.150
"""Simulated duration of one call to each system, in seconds."""

CALLS_BEFORE = 2
"""Number of calls before the story is read: the stack's outputs, and the settings of a function."""

RUNS = 5
LARGEST_RATIO = 1.5
LARGEST_SECONDS = 1.0

CASE = "cases/case_7"
PARTNER = "GC000000000007"

TABLES: Mapping[str, tuple[Keys, Mapping[str, Keys]]] = {
    "ledger": (Keys("row"), {}),
    "refused": (Keys("row"), {}),
    "submissions": (Keys("id"), {}),
    "journal": (
        Keys("record", "step"),
        {"events": Keys("eventId", "step"), "partners": Keys("partner", "step")},
    ),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """Cost of reading a story: requests and items of AWS, calls of Trading Grid and Wix, and
    seconds.
    """

    requests: int
    items: int
    calls: int
    seconds: float


class SlowGrid:
    """A model of Trading Grid in which each read takes ``seconds``. ``calls`` counts them."""

    def __init__(self, seconds: float) -> None:
        self.calls, self._seconds = 0, seconds

    def record(self, record: str) -> Entity | None:
        self.calls += 1
        time.sleep(self._seconds)
        return case(record.partition("/")[2], 3)


class SlowPortal:
    """A model of Wix that has every row; each call takes ``seconds``. ``calls`` counts them."""

    def __init__(self, seconds: float) -> None:
        self.calls, self._seconds = 0, seconds

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        del collection
        self.calls += 1
        time.sleep(self._seconds)
        return {identifier: {} for identifier in ids}

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        del collection, field, value
        return ()


class World:
    """A stack's tables with ``rows`` ledger rows, and models of Trading Grid and Wix.

    Args:
        rows: Rows of the ledger.
        attempts: Journal entries of other records, over 30 days.
        path: File of the tables; None keeps them in memory.
        slow: Calls take time.
    """

    def __init__(
        self, rows: int, attempts: int, path: Path | None = None, *, slow: bool = True
    ) -> None:
        factor = 1.0 if slow else 0.0
        self.store = KeyStore(path)
        for name, (keys, indexes) in TABLES.items():
            self.store.create_table(name, keys, indexes)
        self.store.add("ledger", ledger_items(rows))
        self.store.add("journal", journal_items(attempts))
        self.store.seconds = factor * AWS_SECONDS
        self.grid = SlowGrid(factor * TRADING_GRID_SECONDS)
        self.portal = SlowPortal(factor * WIX_SECONDS)
        client = self.store.client()
        self.reader = StoryReader(
            journal=DynamoDBJournal(client, "journal"),
            ledger=DynamoDBLedger(client, "ledger"),
            refused_items=DynamoDBRefusedItems(client, "refused"),
            trading_grid=self.grid,
            wix=self.portal,
            max_receives=lambda _: 12,
            inbox=DynamoDBSubmissionInbox(client, "submissions"),
            busy_queues=lambda: (),
        )

    def read(self, identifier: str) -> tuple[Story, Reading]:
        """Read a story; return it with its cost."""
        requests, items = self.store.requests.total(), self.store.items_read
        calls, begun = self.grid.calls + self.portal.calls, time.perf_counter()
        story = self.reader.read(identifier)
        story_document(story)
        seconds = time.perf_counter() - begun
        return story, Reading(
            self.store.requests.total() - requests,
            self.store.items_read - items,
            self.grid.calls + self.portal.calls - calls,
            seconds,
        )


def ledger_items(rows: int) -> Iterator[Mapping[str, Value]]:
    """Yield ledger items: the rows of the traced case, of its partner and of nine other cases, and
    ``rows`` others.
    """
    known = [f"OpenIssues#case_{number}" for number in range(10)] + [f"PartnerStatus#{PARTNER}"]
    for row in [*known, *(f"OpenIssues#other_{number}" for number in range(rows))]:
        record = f"cases/{row.partition('#')[2]}" if row.startswith("Open") else CASE
        yield {
            "row": row,
            "revision": 2,
            "contentHash": "5f2c",
            "origin": "evt_7",
            "published": f'{{"live":{{"{record}":3}},"settled":{{}}}}',
            "audience": f'["{PARTNER}"]',
        }


def journal_items(attempts: int) -> Iterator[Mapping[str, Value]]:
    """Yield journal items: 250 attempts for each of the partner's ten cases, and ``attempts``
    others.
    """
    for number in range(10 * 250):
        case_number, version = number % 10, 1 + number // 10
        yield _attempt(f"case_{case_number}", version, number / 2500, PARTNER)
    for number in range(attempts):
        yield _attempt(f"other_{number // 3}", 1 + number % 3, number / attempts, "GC000000000008")


def _attempt(name: str, version: int, share: float, partner: str) -> Mapping[str, Value]:
    entry = JournalEntry(
        record=f"cases/{name}",
        at=NOW - DAYS * DAY * (1 - share),
        function="notice_publisher",
        outcome=JournalOutcome.DONE,
        event_id=f"evt_{name}_{version}",
        event_type="case.updated",
        via="webhook",
        trace="4bf92f3577b34da6a3ce929d0e0e4736",
        partner=partner,
        version=version,
        rows={f"OpenIssues#{name}": "written"},
    )
    return entry_item(entry, DAYS * DAY)


def main() -> None:
    """Print the measurements of ``gridwix trace``. Exits with 1 if a limit is passed."""
    imports = import_seconds()
    print(
        f"gridwix trace with {FEW_ROWS:,} and with {MANY_ROWS:,} ledger rows, and"
        f" {DAYS * ATTEMPTS_PER_DAY:,} attempts in the journal ({DAYS} days)"
    )
    print(
        f"  median of {RUNS}; a call of AWS takes {1000 * AWS_SECONDS:.0f} ms, of Trading Grid"
        f" {1000 * TRADING_GRID_SECONDS:.0f}, of Wix {1000 * WIX_SECONDS:.0f}"
    )
    passed = []
    with tempfile.TemporaryDirectory() as folder:
        worlds = [
            World(rows, DAYS * ATTEMPTS_PER_DAY, Path(folder) / f"{rows}.db")
            for rows in (FEW_ROWS, MANY_ROWS)
        ]
        for identifier in (CASE, PARTNER):
            few, many = (measure(world, identifier) for world in worlds)
            ratio = many.seconds / few.seconds
            total = many.seconds + CALLS_BEFORE * AWS_SECONDS + imports
            same = (few.requests, few.items, few.calls) == (many.requests, many.items, many.calls)
            print(f"  trace {identifier}")
            print(f"    requests to AWS       {few.requests:6}  {many.requests:6}   goal: equal")
            print(f"    items that they read  {few.items:6}  {many.items:6}   goal: equal")
            print(f"    calls of both systems {few.calls:6}  {many.calls:6}   goal: equal")
            print(
                f"    the story, ms         {1000 * few.seconds:6.0f}  {1000 * many.seconds:6.0f}"
                f"   ratio {ratio:.2f}, goal: below {LARGEST_RATIO}"
            )
            print(
                f"    the command, ms               {1000 * total:6.0f}"
                f"   with {1000 * imports:.0f} of imports, goal: below {1000 * LARGEST_SECONDS:.0f}"
            )
            if not same or ratio > LARGEST_RATIO or total > LARGEST_SECONDS:
                passed.append(identifier)
    if passed:
        raise SystemExit(f"over the limits: {', '.join(passed)}")


def measure(world: World, identifier: str) -> Reading:
    """Return the cost of reading a story, with the median of the seconds."""
    readings = [world.read(identifier)[1] for _ in range(RUNS)]
    first = readings[0]
    return Reading(
        first.requests,
        first.items,
        first.calls,
        statistics.median(reading.seconds for reading in readings),
    )


def import_seconds() -> float:
    """Return the CPU seconds of a new process that imports the modules of ``gridwix trace``."""
    code = "import time, ops.cli, ops.commands.trace, boto3\nprint(time.process_time())"
    command = [sys.executable, "-c", code]
    runs = [
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        for _ in range(RUNS + 1)
    ]
    # The first one writes the byte code.
    return statistics.median(float(run.stdout) for run in runs[1:])


if __name__ == "__main__":
    main()
