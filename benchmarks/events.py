"""Benchmark: 10,000 events over 500 partners, through the handler of ``status_publisher`` in
batches of 1,000.
"""

import json
import resource
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.emulator_pair import EmulatorPair, MemoryBudget, start_emulators
from functions.status_publisher import handler as function
from gridwix.mapping.cloud_events import to_change
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from ops.emulator import Emulator
from tests.expected import expected_rows, shown_rows

EVENTS = 10_000
PARTNERS = 497
"""Generated partners, in addition to the three of the sample data."""
BATCH = 1_000
"""Number of messages per invocation."""
READ_LATENCY, WRITE_LATENCY = 0.05, 0.15
"""Seconds by which a call to Trading Grid, and one to Wix, takes longer in the second run."""


class LambdaContext:
    """The part of Lambda's context that Powertools reads."""

    function_name = "status_publisher"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:status_publisher"
    aws_request_id = "00000000-0000-0000-0000-000000000000"


class NoRedelivery:
    """Raises an error if a message is deferred: the benchmark expects none."""

    def defer(self, delays: Mapping[str, float]) -> None:
        raise AssertionError(f"{len(delays)} messages were deferred")


@dataclass(frozen=True, slots=True)
class Figures:
    """The measurements of one run of the benchmark of events."""

    events: int
    seconds: float
    wix_calls: int
    repeated_calls: int
    stale_rows: int
    peak_megabytes: float


def sqs_event(changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a batch of changes as the SQS event that Lambda passes to the handler."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{number}",
                "attributes": {"ApproximateReceiveCount": "1"},
                "body": json.dumps(
                    {
                        "detail-type": change["type"],
                        "source": "gridwix.trading_grid",
                        "detail": change,
                    }
                ),
                "eventSource": "aws:sqs",
            }
            for number, change in enumerate(changes)
        ]
    }


def batches(found: EmulatorPair) -> Iterator[list[dict[str, Any]]]:
    """Make changes in Trading Grid, read them from the feed, and yield them in batches of 1,000."""
    community = found.community()
    cursor = community.head()
    changes: list[dict[str, Any]] = []
    for number in range(EVENTS // BATCH):
        wish = {"count": BATCH, "seed": 1000 * number}
        Emulator(found.grid_url).order("changes", wish)
        more = True
        while more:
            page = community.read_events(cursor, 200)
            cursor, more = page.next_cursor, page.has_more
            changes += [
                to_change(item, prefix="net.example.tg.", via="feed") for item in page.items
            ]
        yield changes[:BATCH]
        changes = changes[BATCH:]
    if changes:
        yield changes


def stale_rows(found: EmulatorPair) -> int:
    """Return the number of portal rows that differ from Trading Grid's current records."""
    wix = found.wix_client(MemoryBudget(100_000, 50_000, time.time))
    shown = shown_rows(item for page in wix.query_pages(PARTNER_STATUS) for item in page.items)
    return sum(
        shown.get(identifier) != row for identifier, row in expected_rows(found.community()).items()
    )


def measure(*, latency: bool = False) -> Figures:
    """Run all batches, and the last one twice to count repeated calls."""
    with start_emulators(partners=PARTNERS) as found:
        if latency:
            found.read_latency, found.write_latency = READ_LATENCY, WRITE_LATENCY
        budget = MemoryBudget(180, 60, time.time)
        publisher = found.status_publisher(budget, time.time)
        found.read_latency = found.write_latency = 0.0
        vars(function).update(status_publisher=lambda: publisher, redelivery=NoRedelivery)
        seconds, events = 0.0, 0
        last: list[dict[str, Any]] = []
        found.clear_journal()
        for changes in batches(found):
            event = sqs_event(changes)
            begun = time.perf_counter()
            assert function.handler(event, LambdaContext()) == {"batchItemFailures": []}
            seconds += time.perf_counter() - begun
            events += len(changes)
            last = changes
        calls = found.wix_calls()
        function.handler(sqs_event(last), LambdaContext())
        repeated = found.wix_calls() - calls
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Figures(events, seconds, calls, repeated, stale_rows(found), peak)


def main() -> None:
    """Run the benchmark of events and print its figures."""
    figures = measure()
    print(
        f"events: {figures.events:,} events over {PARTNERS + 3} partners, in batches of {BATCH:,};"
        " ledger in memory"
    )
    print(
        f"  events/s              {figures.events / figures.seconds:9,.0f}"
        "   Trading Grid's reads included"
    )
    print(f"  Wix calls             {figures.wix_calls:9}   goal: at most 40")
    print(f"  Wix calls per 1,000   {1000 * figures.wix_calls / figures.events:9.1f}")
    print(f"  a repeated batch      {figures.repeated_calls:9}   Wix calls")
    print(f"  stale rows            {figures.stale_rows:9}")
    print(f"  peak memory           {figures.peak_megabytes:9.0f} MB")
    slow = measure(latency=True)
    print(
        f"  seconds per batch     {slow.seconds * BATCH / slow.events:9.2f}"
        f"   with {READ_LATENCY * 1000:.0f} ms per read and {WRITE_LATENCY * 1000:.0f} ms per write"
        f" (without: {figures.seconds * BATCH / figures.events:.2f})"
    )


if __name__ == "__main__":
    main()
