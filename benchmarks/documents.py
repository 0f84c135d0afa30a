"""Benchmark: peak memory while gridwix copies a document of 200 MB, then the time for 1,000
documents of 1 MB beside a plain streaming copy.

The state of files and rows is in memory. In DynamoDB it would be four small writes per document.
"""

import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from heapq import heappop, heappush
from statistics import median
from threading import Lock
from typing import Any

import httpx

from benchmarks.emulator_pair import EmulatorPair, MemoryBudget, start_emulators
from gridwix.clients.files import FileClient
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.media import MediaClient
from gridwix.clients.wix.site import WixSite
from gridwix.document_sync.files import DocumentFiles
from gridwix.document_sync.service import DocumentSync
from gridwix.errors import GridwixError
from gridwix.models.events import Change
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.publisher import Publisher
from gridwix.runtime.configuration import configuration
from gridwix.runtime.garbage_collection import tune_garbage_collection
from gridwix.runtime.queue_runner import redelivery_backoff
from ops.collections import collection_definitions
from ops.emulator import Emulator
from tests.factories import change
from tests.fakes.documents import FakeTransfers
from tests.fakes.ledger import MemoryLedger
from tests.fakes.refreshes import audience_refreshes
from tests.fakes.stores import FakeRefusedItems

LARGE = 200 * 1024 * 1024
"""Size of the large document in bytes."""
DOCUMENTS, SIZE = 1_000, 1024 * 1024
"""Number of the small documents, and the size of each in bytes."""
ENVIRONMENTS, AT_ONCE = 2, 5
"""Number of execution environments of the function, and of concurrent copies in each."""

BATCH = 10
"""Number of messages per invocation."""

UNLIMITED = 10_000_000
"""Calls per minute of a call budget that never limits."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Megabytes and seconds of the large file; seconds of all documents, by script and by gridwix;
    Wix calls per document.

    Calls are those that the budget granted, uploads included, without and with an effective limit.
    """

    base_mb: float
    peak_mb: float
    large_seconds: float
    plain: float
    gridwix: float
    ratio: float
    calls: float
    budgeted_calls: float
    budgeted_per_minute: float


class Queue:
    """Delivers changes like an SQS queue: in batches, and deferred ones again after their delay.
    Thread-safe.
    """

    def __init__(self, changes: Sequence[Change]) -> None:
        self._lock = Lock()
        self._due = [(time.monotonic(), number, 1, one) for number, one in enumerate(changes)]
        self._left = len(changes)

    def process_all(self, work: DocumentSync) -> None:
        """Process batches until the queue is empty, together with other workers."""
        while self._left:
            with self._lock:
                now = time.monotonic()
                batch = [
                    heappop(self._due)
                    for _ in range(min(BATCH, sum(due <= now for due, *_ in self._due)))
                ]
            if not batch:
                time.sleep(0.01)
                continue
            failures = self._publish(work, [one for *_, one in batch])
            with self._lock:
                for (_, number, receives, one), failure in zip(batch, failures, strict=True):
                    if failure is None:
                        self._left -= 1
                    else:
                        heappush(
                            self._due,
                            (
                                time.monotonic()
                                + redelivery_backoff(receives, failure.wait, random.random()),
                                number,
                                receives + 1,
                                one,
                            ),
                        )

    @staticmethod
    def _publish(work: DocumentSync, changes: Sequence[Change]) -> list[GridwixError | None]:
        try:
            report = work.publish(changes)
        except GridwixError as error:
            return [error] * len(changes)
        return [report.failure(one) for one in changes]


def copy_with_gridwix(found: EmulatorPair, ids: Sequence[str], budget: MemoryBudget) -> float:
    """Copy all documents with gridwix; return the seconds until every one is copied and its row is
    written.

    Wix's own processing of a file afterwards is not included.
    """
    queue = Queue(
        [
            change(
                f"evt-{one}",
                type="document.published",
                subject=f"documents/{one}",
                version=None,
                partnerId=None,
            )
            for one in ids
        ]
    )
    access = wix_auth({"apiKey": found.wix_info["apiKey"]}, found.wix_info["siteId"])
    ledger, refused, transfers = MemoryLedger(), FakeRefusedItems(), FakeTransfers()

    def new_worker() -> DocumentSync:
        """Return the document service as one execution environment of the function builds it."""
        files = FileClient(
            exempt={url.removeprefix("http://") for url in (found.wix_url, found.grid_url)}
        )
        media = MediaClient(WixSite(new_client(), access, budget, base_url=found.wix_url), files)
        community = found.community()
        portal = found.wix_client(budget)
        publisher = Publisher(
            collections=portal,
            ledger=ledger,
            refused_items=refused,
            function="document_sync",
            clock=time.time,
            hold=330,
        )
        documents = DocumentFiles(
            source=community,
            media=media,
            transfers=transfers,
            rows=portal,
            rules=configuration().documents,
            clock=time.time,
            hold=330,
        )
        return DocumentSync(
            source=community,
            partners=HubPartners(community, time.time),
            files=documents,
            ledger=ledger,
            publisher=publisher,
            refreshes=audience_refreshes(time.time),
            refused_items=refused,
            configuration=configuration(),
            clock=time.time,
            at_once=AT_ONCE,
        )

    workers = [new_worker() for _ in range(ENVIRONMENTS)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(ENVIRONMENTS) as threads:
        list(threads.map(queue.process_all, workers))
    return time.perf_counter() - begun


def copy_with_script(found: EmulatorPair, ids: Sequence[str]) -> float:
    """Copy all documents with a minimal script and return the seconds: equally concurrent, no
    digest, no content check, no row.
    """
    credentials = {
        "consumerKey": found.grid_info["consumerKey"],
        "consumerSecret": found.grid_info["consumerSecret"],
    }
    auth = trading_grid_auth("apigrid", credentials, base_url=found.grid_url)
    with httpx.Client() as client:

        def copy(document_id: str) -> None:
            wish = {"mimeType": "application/pdf", "fileName": "a.pdf", "private": True}
            place = (
                client.post(
                    f"{found.wix_url}/site-media/v1/files/generate-upload-url",
                    json=wish,
                    headers=found.wix_headers(),
                )
                .raise_for_status()
                .json()
            )
            source = (
                f"{found.grid_info['communityBaseUrl']}/documents/{document_id}/versions/1/content"
            )
            with client.stream("GET", source, auth=auth) as content:
                headers = {
                    "content-type": "application/pdf",
                    "content-length": content.headers["content-length"],
                }
                client.put(
                    place["uploadUrl"],
                    params={"filename": "a.pdf"},
                    content=content.iter_raw(256 * 1024),
                    headers=headers,
                ).raise_for_status()

        begun = time.perf_counter()
        with ThreadPoolExecutor(ENVIRONMENTS * AT_ONCE) as threads:
            list(threads.map(copy, ids))
        return time.perf_counter() - begun


def add_documents(found: EmulatorPair, ids: Sequence[str], size: int) -> None:
    """Add documents of ``size`` bytes to the library of the Trading Grid emulator."""
    with httpx.Client() as client:
        for identifier in ids:
            said = {
                "id": identifier,
                "type": "guide",
                "title": identifier,
                "category": "other",
                "classification": "partner",
            }
            client.post(f"{found.grid_url}/__emulator/library", json=said).raise_for_status()
            version = {"fileName": "a.pdf", "text": identifier, "size": size}
            client.post(
                f"{found.grid_url}/__emulator/library/{identifier}/versions", json=version
            ).raise_for_status()


def upload_large_document(found: EmulatorPair) -> None:
    """Upload the large document to Trading Grid as any client of the profile does: announce, send,
    add a version, approve.
    """
    said = {
        "id": "doc_large",
        "type": "guide",
        "title": "Large",
        "category": "other",
        "classification": "partner",
    }
    Emulator(found.grid_url).order("library", said)
    credentials = {
        "consumerKey": found.grid_info["consumerKey"],
        "consumerSecret": found.grid_info["consumerSecret"],
    }
    with (
        tempfile.TemporaryFile() as content,
        httpx.Client(
            auth=trading_grid_auth("apigrid", credentials, base_url=found.grid_url)
        ) as client,
    ):
        content.write(b"%PDF-1.7\n")
        while content.tell() < LARGE:
            content.write(os.urandom(min(1024 * 1024, LARGE - content.tell())))
        content.seek(0)
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        base = found.grid_info["communityBaseUrl"]
        wish = {
            "fileName": "large.pdf",
            "mediaType": "application/pdf",
            "sizeBytes": LARGE,
            "sha256": digest,
            "purpose": "document_version",
        }
        place = _post(client, f"{base}/uploads", wish)

        def pieces() -> Iterator[bytes]:
            content.seek(0)
            while piece := content.read(1024 * 1024):
                yield piece

        httpx.put(place["putUrl"], content=pieces()).raise_for_status()
        _post(client, f"{base}/documents/doc_large/versions", {"uploadId": place["uploadId"]})
        pending = client.get(f"{base}/approvals").raise_for_status().json()["items"]
        (approval,) = [one for one in pending if one["subject"]["id"] == "doc_large/1"]
        _post(client, f"{base}/approvals/{approval['id']}/decision", {"decision": "approved"})


def _post(client: httpx.Client, url: str, body: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = (
        client.post(url, json=body, headers={"Idempotency-Key": os.urandom(16).hex()})
        .raise_for_status()
        .json()
    )
    return answer


def measure_large(found: EmulatorPair) -> tuple[float, float, float]:
    """Copy the large file in a new process; return its megabytes before and at the peak, and the
    seconds.
    """
    upload_large_document(found)
    urls = json.dumps({"wix": found.wix_url, "grid": found.grid_url})
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.documents", urls],
        capture_output=True,
        text=True,
        check=True,
    )
    base, peak, seconds = json.loads(answer.stdout)
    return base, peak, seconds


def measure_large_copy(urls: dict[str, str]) -> None:
    """Copy the large document in this process; print its megabytes before and at the peak, and the
    seconds.
    """
    infos = [httpx.get(f"{urls[name]}/__emulator/info").json() for name in ("wix", "grid")]
    found = EmulatorPair(urls["wix"], urls["grid"], *infos)
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = copy_with_gridwix(
        found, ["doc_large"], MemoryBudget(UNLIMITED, UNLIMITED - 1, time.time)
    )
    print(json.dumps([base, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, seconds]))


def measure(runs: int = 3) -> Figures:
    """Return the medians of the figures over ``runs`` pairs of runs, gridwix and script in turn."""
    with start_emulators(calls_per_minute=UNLIMITED) as found:
        definition = next(one for one in collection_definitions() if one["id"] == PARTNER_DOCUMENTS)
        httpx.post(
            f"{found.wix_url}/wix-data/v2/collections",
            json={"collection": definition},
            headers=found.wix_headers(),
        ).raise_for_status()
        base, peak, large_seconds = measure_large(found)
        ids = [f"doc_bench_{number:04}" for number in range(DOCUMENTS)]
        add_documents(found, ids, SIZE)
        copy_with_script(found, ids[:50])
        pairs = []
        for _ in range(runs):
            Emulator(found.wix_url).clear("media/files")
            script_seconds = copy_with_script(found, ids)
            Emulator(found.wix_url).clear("media/files")
            free = MemoryBudget(UNLIMITED, UNLIMITED - 1, time.time)
            pairs.append((script_seconds, copy_with_gridwix(found, ids, free)))
        budget, begun = MemoryBudget(600, 60, time.time), time.perf_counter()
        copy_with_gridwix(found, ids[:200], budget)
        minutes = (time.perf_counter() - begun) / 60
        return Figures(
            base_mb=base,
            peak_mb=peak,
            large_seconds=large_seconds,
            plain=median(script_seconds for script_seconds, _ in pairs),
            gridwix=median(seconds for _, seconds in pairs),
            ratio=median(seconds / script_seconds for script_seconds, seconds in pairs),
            calls=free.calls / len(ids),
            budgeted_calls=budget.calls / 200,
            budgeted_per_minute=(budget.calls - 60) / minutes,
        )


def main() -> None:
    """Run the benchmark of documents and print its figures."""
    tune_garbage_collection()
    figures = measure()
    many = f"{DOCUMENTS:,} of {SIZE // 1024**2} MB, {ENVIRONMENTS * AT_ONCE} at once"
    print(
        f"documents: {LARGE // 1024**2} MB in one file, then {many}"
        " (median of 3, in turn; state in memory)"
    )
    print(
        f"  200 MB            {figures.large_seconds:9.1f} s   peak {figures.peak_mb:.0f} MB,"
        f" {figures.base_mb:.0f} MB of it before   goal: at most 256 MB"
    )
    print(f"  plain copy        {figures.plain:9.1f} s")
    print(f"  gridwix           {figures.gridwix:9.1f} s")
    print(f"  ratio             {figures.ratio:9.2f}     goal: at most 1.5")
    print(f"  Wix calls         {figures.calls:9.2f} a document   goal: at most 4")
    print(
        f"  with a budget     {figures.budgeted_calls:9.2f} a document,"
        f" {figures.budgeted_per_minute:.0f} a minute after the burst of 60   goal: at most 600"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure_large_copy(json.loads(sys.argv[1]))
    else:
        main()
