"""Runs of sources over a table in memory, with a clock that only waits move."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from gridwix_gateway.documents import Document
from gridwix_gateway.sources import runs
from gridwix_gateway.sources.directory.run import DirectorySource
from gridwix_gateway.sources.http import Timing
from gridwix_gateway.sources.merging import merge_record
from gridwix_gateway.sources.rest.declaration import RestDeclaration
from gridwix_gateway.sources.rest.run import RestSource
from gridwix_gateway.sources.runs import (
    RunReport,
    SourceRun,
    SourceState,
    read_state,
    state_key,
)
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import COUNTER
from gridwix_gateway.store.items import item_document
from gridwix_gateway.store.table import Table
from ops.paths import ROOT
from tests.fakes.gateway.memory_table import MemoryTable

type Source = RestSource | DirectorySource

EXAMPLES = ROOT / "config/gateway/sources/examples"
PARTNERS = ("GC070000000101", "GC055120098871")
SECRETS: dict[str, dict[str, str]] = {
    "servicenow": {"client_id": "gridwix", "client_secret": "s3cret"},
    "jira": {"username": "gridwix@northwind.example", "password": "api-token"},
    "api": {"token": "t0ken", "key": "k3y"},
}


class Clock:
    """A clock. ``sleep`` moves it and remembers the wait."""

    def __init__(self, now: datetime = datetime(2026, 3, 12, 8, tzinfo=UTC)) -> None:
        self.now = now
        self.waits: list[float] = []

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)

    @property
    def seconds(self) -> float:
        return self.now.timestamp()

    @property
    def timing(self) -> Timing:
        return Timing(
            monotonic=lambda: self.seconds,
            now=lambda: self.now,
            sleep=self.sleep,
            jitter=lambda: 1.0,
        )


class World:
    """A gateway's table with two partners, and a clock.

    Args:
        api: The API that sources read.
        table: The table, to replace the one in memory.
    """

    def __init__(
        self,
        api: Callable[[httpx.Request], httpx.Response],
        table: Table | None = None,
    ) -> None:
        self.clock = Clock()
        self.memory = MemoryTable(lambda: self.clock.now)
        self.table = table or self.memory
        self.replace_api(api)
        self.begun = 0
        for name in PARTNERS:
            self.add_partner(name)

    def replace_api(self, api: Callable[[httpx.Request], httpx.Response]) -> None:
        self.transport = httpx.MockTransport(lambda request: _unread(api(request)))

    @property
    def commits(self) -> Commits:
        return Commits(self.table, "GC00700011NR", "net.example.tg.", sleep=lambda _: None)

    def add_partner(self, identifier: str) -> None:
        fields = {"id": identifier, "name": "Prairie", "role": "supplier", "status": "active"}
        self.commits.run(lambda draft: draft.create("partners", fields, "partner.created"))

    def begin_run(self, source: Source, *, forced: bool = True) -> SourceRun | None:
        self.begun += 1
        return runs.begin_run(
            source.name,
            commits=self.commits,
            table=self.table,
            apply=merge_record,
            run=f"run-{self.begun}",
            declared=source.digest,
            every=source.every,
            seconds=300,
            forced=forced,
        )

    def run_source(self, source: Source, seconds: float = 300.0) -> RunReport:
        run = self.begin_run(source)
        assert run is not None
        return self.read_source(source, run, seconds)

    def read_source(self, source: Source, run: SourceRun, seconds: float = 300.0) -> RunReport:
        return source.read_source(
            run,
            lambda name: SECRETS[name],
            self.clock.timing,
            self.clock.seconds + seconds,
            self.transport,
        )

    def run_to_end(self, source: Source) -> RunReport:
        while (report := self.run_source(source)).outcome == "partial":
            pass
        return report

    def source_state(self, source: Source) -> SourceState:
        return read_state(self.table.get(state_key(source.name)))

    def records(self, collection: str = "cases") -> dict[str, Document]:
        """Return the records of a collection by id, without tombstones."""
        found = [
            item_document(item)
            for key, item in self.memory.items.items()
            if key.pk.startswith(f"R#{collection}#")
        ]
        return {one["id"]: one for one in found if not one.get("deletedAt")}

    def refused_codes(self, source: Source) -> dict[str, list[str]]:
        """Return the codes of the refused rows by key."""
        found = self.table.query(f"S#{source.name}#F", limit=1_000)
        return {
            str(item["sk"]): [fault["code"] for fault in item_document(item)["faults"]]
            for item in found
        }

    def last_event(self) -> int:
        """Return the number of the last event."""
        counter = self.table.get(COUNTER)
        return 0 if counter is None else int(str(counter["sequence"]))


def _unread(response: httpx.Response) -> httpx.Response:
    """Return a response whose body can be streamed: that of a stand-in has been read."""
    return httpx.Response(
        response.status_code, headers=response.headers, stream=httpx.ByteStream(response.content)
    )


def example(name: str, **changes: Any) -> RestSource:
    """Return the source of an example file, with changed members."""
    return read_source(EXAMPLES / f"{name}.yaml", **changes)


def read_source(path: Path, **changes: Any) -> RestSource:
    declared = load_declaration(path) | changes
    return RestSource(path.stem, RestDeclaration.model_validate(declared))


def load_declaration(path: Path) -> dict[str, Any]:
    """Return the content of a declaration's file."""
    declared: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return declared


def simple_source(**changes: Any) -> RestSource:
    """Return a source of cases with few columns, at ``https://api.example/cases``."""
    declared: dict[str, Any] = {
        "source": "rest",
        "url": "https://api.example/cases",
        "authentication": {"type": "bearer", "secret": "api"},
        "rows": "rows",
        "key": "id",
        "paging": {"type": "offset", "parameter": "offset", "limit": "limit", "size": 3},
        "since": {"column": "updated", "parameter": "since", "overlap_minutes": 0},
        "columns": {
            "id": {"path": "id", "type": "text", "required": True},
            "updated": {
                "path": "updated",
                "type": "timestamp",
                "format": "%Y-%m-%dT%H:%M:%SZ",
                "required": True,
            },
            "subject": {"path": "subject", "type": "text"},
        },
        "records": [
            {
                "collection": "cases",
                "id": "'c_' + row.id",
                "fields": {
                    "partnerId": f"'{PARTNERS[0]}'",
                    "subject": "row.subject",
                    "category": "'other'",
                    "priority": "'normal'",
                    "status": "'open'",
                },
            }
        ],
    }
    declared |= changes
    declared = {name: value for name, value in declared.items() if value is not ...}
    return RestSource("simple", RestDeclaration.model_validate(declared))
