"""gridwix in the comparison: its publisher with claims, verdicts and the call budget, and its HTTP
and Wix clients.

The ledger and the names of refused rows are in memory, or in a SQLite file if a state folder is
given. Publisher and clients are those of the functions. Only the reading of the source, which is no
Trading Grid, is this program's own.
"""

import sys

# httpx imports click, rich and pygments for its command line if they are there. The layer of the
# functions has none of them.
sys.modules["click"] = None  # type: ignore[assignment]

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

import httpx
import orjson

from benchmarks.peers.job import COLLECTION, Job, read_job, report
from gridwix.clients.http import Sender, new_client
from gridwix.clients.http_messages import Call
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.mapping.call_rate import SECOND, CallRate, RateState
from gridwix.models.ids import CollectionId
from gridwix.models.wix import DataItem
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.ports import PublicationLedger
from gridwix.publication.publisher import Projection, Publisher
from gridwix.runtime.garbage_collection import tune_garbage_collection
from tests.fakes.ledger import MemoryLedger


class MemoryBudget:
    """The site's token bucket in memory. Sleeps until the next call is granted, as this run has no
    queue to defer to.
    """

    def __init__(self, calls_per_minute: int) -> None:
        self._rate = CallRate(calls_per_minute, calls_per_minute // 3)
        self._state, self._lock = RateState(), Lock()

    def take(self, calls: int = 1) -> float:
        while True:
            with self._lock:
                decision = self._rate.take(self._state, now=int(time.time() * SECOND), calls=calls)
                self._state = decision.state
            if decision.wait == 0:
                return 0.0
            time.sleep(decision.wait / SECOND)

    def exhaust(self, seconds: float) -> None:
        raise AssertionError("the sink has no quota")


class NamedRefusals:
    """Counts the refused rows that have a name and a reason."""

    def __init__(self) -> None:
        self.named: set[str] = set()

    def add(self, refusals: Iterable[Any], *, function: str, at: float) -> None:
        self.named.update(refusal.item_id for refusal in refusals if refusal.code)

    def clear(self, keys: Iterable[RowKey]) -> None:
        self.named.difference_update(key.item_id for key in keys)

    def count_named(self) -> int:
        return len(self.named)


def read_pages(http: httpx.Client, job: Job) -> Iterator[list[Projection]]:
    """Yield the projections of each page of the source. The next page is read while one is
    published.
    """
    source = Sender(http, httpx.Auth(), system="source")

    def read_page(page: int) -> bytes:
        return source.send(Call("rows", "GET", job.page_url(page), safe=True)).body

    with ThreadPoolExecutor(1) as reader:
        reading: Future[bytes] | None = reader.submit(read_page, 0)
        while reading is not None:
            # Ahead is only the body of one page, which needs a quarter of the memory of its rows.
            found = orjson.loads(reading.result())
            following = found["next"]
            reading = None if following is None else reader.submit(read_page, following)
            yield projections_of(found.pop("rows"))


def projections_of(rows: Iterable[Any]) -> list[Projection]:
    """Return the projections of the rows of one page."""
    collection = CollectionId(COLLECTION)
    return [
        Projection(
            RowKey(collection, row["_id"]),
            Versions({f"rows/{row['_id']}": row["version"]}),
            DataItem(row["_id"], row),
            "peers",
        )
        for row in rows
    ]


def open_stores(job: Job) -> tuple[PublicationLedger, Any]:
    """Return the ledger and the store of refused items of this run, in memory or in a file."""
    if not job.state:
        return MemoryLedger(), NamedRefusals()
    from benchmarks.peers.sqlite_ledger import SqliteLedger

    stores = SqliteLedger(Path(job.state) / "ledger.sqlite")
    return stores, stores


def publish(publisher: Any, projections: Iterable[Projection]) -> Iterable[Any]:
    """Publish all projections; return the reports of the chunks, or one report from an earlier
    publisher that takes no stream.
    """
    if hasattr(publisher, "publish_stream"):
        return publisher.publish_stream(projections)  # type: ignore[no-any-return]
    return [publisher.publish(list(projections))]


def main() -> None:
    job = read_job()
    tune_garbage_collection()
    http = new_client()
    ledger, refusals = open_stores(job)
    wix = WixClient(
        http,
        wix_auth({"apiKey": "key"}, "site"),
        MemoryBudget(job.calls_per_minute),
        base_url=job.url,
    )
    publisher = Publisher(
        collections=wix,
        ledger=ledger,
        refused_items=refusals,
        function="peers",
        clock=time.time,
        hold=90,
    )
    deferred = 0
    for done in publish(publisher, chain.from_iterable(read_pages(http, job))):
        deferred += len(done.reasons)
    if deferred:
        raise SystemExit(f"{deferred} rows were deferred")
    report(refusals.count_named())


if __name__ == "__main__":
    main()
