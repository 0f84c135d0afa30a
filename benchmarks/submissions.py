"""Benchmark: 5,000 submissions at 50 per second through the local environment, from Wix's webhook
to Trading Grid.

Measures the time from a submission's acceptance by ``wix_webhook`` to its request in Trading Grid,
by one clock. A burst before the measurement starts the needed environments of each function: the
local cloud starts them one after the other, which takes seconds each and says nothing about AWS.
"""

import contextlib
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ops.local_environment import LocalEnvironment, start_local_environment

FORM = "5b1f6a52-7f1e-4a53-9a3d-2d1e0c5a8f02"
SUBMISSIONS = 5_000
PER_SECOND = 50
MEMBERS = 500
"""Number of distinct members who send the submissions: the rate limit is 20 submissions of a member
in an hour.

The limit of all visitors together does not apply to members.
"""
OVERRIDES = {
    "WixCallsPerMinute": "12000",
    "WixCallBurst": "6000",
    "SweepSchedule": "rate(1 day)",
    "TransactionSchedule": "rate(1 day)",
    "ActivitySchedule": "rate(1 day)",
}
BURST = 24
"""Number of concurrent submissions before the measurement, which start the functions."""
LOOK = 5.0
"""Seconds between two polls of the number of requests in Trading Grid."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Latencies of submissions: ``requests`` were created for ``distinct`` submissions.

    Times are in seconds; ``p50`` to ``p99`` are from acceptance to creation.
    """

    submissions: int
    per_second: float
    requests: int
    distinct: int
    seconds: float
    p50: float
    p95: float
    p99: float


@contextlib.contextmanager
def _step(_: str) -> Iterator[None]:
    yield


def member_id(number: int) -> str:
    """Return the id of the member who sends a submission. The member acts for no partner."""
    return str(uuid.UUID(int=number % MEMBERS, version=4))


def create_member(local: LocalEnvironment, number: int) -> None:
    """Create the member of a submission on the Wix emulator."""
    login = {"loginEmail": f"person{number}@example.com", "status": "APPROVED"}
    local.wix.order("members", {"id": member_id(number), **login})


def send_submission(local: LocalEnvironment, number: int) -> None:
    """Submit a question on the Wix emulator."""
    values = {
        "topic": "orders",
        "question": f"Question {number}",
        "your_name": "Somebody",
        "email": f"person{number % MEMBERS}@example.com",
    }
    order = {"formId": FORM, "submissions": values, "memberId": member_id(number)}
    local.wix.order("submissions", order)


def requests_by_submission(local: LocalEnvironment) -> dict[str, list[dict[str, Any]]]:
    """Return the collaboration requests by submission id."""
    found: dict[str, list[dict[str, Any]]] = {}
    cursor: str | None = None
    while True:
        page = local.gateway.list_records("collaboration-requests", cursor)
        for request in page["items"]:
            found.setdefault(request["sourceSubmissionId"], []).append(request)
        cursor = page["nextCursor"]
        if cursor is None:
            return found


def acceptance_times(local: LocalEnvironment) -> dict[str, float]:
    """Return the time at which ``wix_webhook`` accepted each submission (Unix seconds)."""
    found: dict[str, float] = {}
    pages = local.stack.aws.dynamodb.get_paginator("scan").paginate(
        TableName=local.stack.output("SubmissionTableName")
    )
    for item in (item for page in pages for item in page["Items"] if "receivedAt" in item):
        found[item["id"]["S"]] = datetime.fromisoformat(item["receivedAt"]["S"]).timestamp()
    return found


def warm_up(local: LocalEnvironment, pool: ThreadPoolExecutor) -> set[str]:
    """Create members, send a burst of submissions and wait until it is processed; return the
    submissions' ids.
    """
    list(pool.map(lambda number: create_member(local, number), range(MEMBERS)))
    list(pool.map(lambda number: send_submission(local, -number), range(1, BURST + 1)))
    local.wait_for(lambda: len(requests_by_submission(local)) == BURST, "the burst's requests")
    local.wait_until_idle()
    return set(requests_by_submission(local))


def measure(count: int = SUBMISSIONS, per_second: int = PER_SECOND) -> Figures:
    """Send ``count`` submissions at a constant rate, and wait for their requests in Trading
    Grid.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        start_local_environment(Path(folder), _step, partners=10, overrides=OVERRIDES) as local,
        ThreadPoolExecutor(BURST) as pool,
    ):
        earlier = warm_up(local, pool)
        begun = time.monotonic()

        def submit_in_time(number: int) -> None:
            time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
            send_submission(local, number)

        list(pool.map(submit_in_time, range(count)))
        submitting = time.monotonic() - begun
        # Counting costs CPU time, so it is done rarely. Requests have their own timestamps.
        local.wait_for(
            lambda: len(requests_by_submission(local)) >= len(earlier) + count,
            "a request of each submission",
            poll=LOOK,
        )
        seconds = time.monotonic() - begun
        local.wait_until_idle()
        acceptance = {
            identifier: at
            for identifier, at in acceptance_times(local).items()
            if identifier not in earlier
        }
        requests = {
            identifier: found
            for identifier, found in requests_by_submission(local).items()
            if identifier not in earlier
        }
        took = sorted(
            datetime.fromisoformat(found[0]["createdAt"]).timestamp() - acceptance[identifier]
            for identifier, found in requests.items()
        )
        cuts = statistics.quantiles(took, n=100)
        return Figures(
            submissions=count,
            per_second=count / submitting,
            requests=sum(map(len, requests.values())),
            distinct=len(requests),
            seconds=seconds,
            p50=cuts[49],
            p95=cuts[94],
            p99=cuts[98],
        )


def main() -> None:
    """Run the benchmark of submissions and print its figures."""
    figures = measure()
    print(
        f"submissions: {figures.submissions:,} at {figures.per_second:.0f} a second,"
        f" processed {figures.seconds:.0f} s after the first"
    )
    print(
        f"  requests                 {figures.requests:,} of {figures.distinct:,} submissions"
        "   goal: each once"
    )
    print(
        f"  acceptance to creation   p50 {figures.p50:.2f} s, p95 {figures.p95:.2f} s,"
        f" p99 {figures.p99:.2f} s"
    )


if __name__ == "__main__":
    main()
