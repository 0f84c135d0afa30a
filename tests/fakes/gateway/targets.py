"""Stand-ins for the target sender's tests: a world with a clock, a ticket system, and crashes."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import TypeAdapter

from gridwix_gateway.community.counterparts import record_counterpart
from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.table import Table
from gridwix_gateway.targets.contents import verified_pieces
from gridwix_gateway.targets.contexts import ContextReader
from gridwix_gateway.targets.declarations import (
    CONTEXT_VARIABLES,
    TARGET,
    AnyTarget,
    RestTarget,
)
from gridwix_gateway.targets.delivery_log import DeliveryLog
from gridwix_gateway.targets.ports import (
    ContentFault,
    ContentReader,
    DeadLetters,
    DocumentContent,
    ItemReader,
    StoredVersion,
    TargetChannel,
)
from gridwix_gateway.targets.rest.authenticators import FixedHeader
from gridwix_gateway.targets.rest.bounded_http import BoundedHttp, new_http_client
from gridwix_gateway.targets.rest.channel import RestChannel
from gridwix_gateway.targets.sender import SendingTarget, TargetReport, TargetSender
from gridwix_gateway.targets.templates import Template
from ops.paths import ROOT
from ops.yaml_files import read_yaml
from tests.fakes.gateway.memory_table import MemoryTable
from tests.fakes.interleaving import Killed

PREFIX = "t."
SYSTEM = "tickets"

REST: Document = {
    "target": "rest",
    "system": SYSTEM,
    "base_url": "https://tickets.example.com/api",
    "authentication": {"type": "bearer", "secret": "tickets"},
    "deliveries": {
        "request": {
            "lookup": {
                "path": "'/tickets'",
                "query": {"reference": "delivery.id"},
                "found": "size(answer.result) > 0",
                "entry": "answer.result[0]",
            },
            "send": {
                "path": "'/tickets'",
                "body": {"reference": "delivery.id", "subject": "record.number"},
                "entry": "answer.result",
            },
            "result": {
                "reference": "entry.id",
                "number": "entry.number",
                "status": "entry.state",
                "statuses": {"new": "triaged", "working": "in_progress"},
            },
        },
        "comment": {
            "send": {
                "path": "'/tickets/' + reference + '/comments'",
                "idempotency_header": "Idempotency-Key",
                "body": {"reference": "delivery.id", "text": "comment.body"},
            }
        },
        "document": {
            "lookup": {
                "path": "'/tickets'",
                "query": {"reference": "delivery.id"},
                "found": "size(answer.result) > 0",
                "entry": "answer.result[0]",
            },
            "send": {
                "path": "'/tickets'",
                "body": {"reference": "delivery.id", "subject": "record.title"},
                "entry": "answer.result",
            },
            "content": {
                "max_bytes": 1_000_000,
                "lookup": {
                    "path": "'/tickets/' + entry.id + '/files'",
                    "query": {"reference": "delivery.id"},
                    "found": "answer.result.exists(one, one.size == version.sizeBytes)",
                },
                "send": {
                    "path": "'/tickets/' + entry.id + '/files'",
                    "query": {"reference": "delivery.id", "name": "version.fileName"},
                    "format": "raw",
                },
            },
        },
    },
}
"""A declaration whose requests and documents are looked up, and whose comments have a key."""


def rest_target(**changes: Any) -> RestTarget:
    """Return the declaration with changed members."""
    return TypeAdapter(RestTarget).validate_python({**REST, **changes})


class Tickets:
    """A ticket system. Tickets and files have a reference that it does not check; comments a key.

    ``faults`` are used up request by request: ``ok``, ``lost-request``, ``lost-answer``, ``500``,
    ``500-done``, ``429``, ``html``, ``html-done``, ``401``, ``302``.
    """

    def __init__(self) -> None:
        self.tickets: list[Document] = []
        self.comments: dict[str, Document] = {}
        self.files: list[Document] = []
        self.requests: list[httpx.Request] = []
        self.faults: list[str] = []

    @property
    def counts(self) -> Counter[str]:
        """How often each delivery is there."""
        delivered = [*self.tickets, *self.comments.values()]
        return Counter(str(one["reference"]) for one in delivered)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else "ok"
        if fault == "lost-request":
            raise httpx.ConnectError("refused", request=request)
        if fault in {"ok", "lost-answer", "500-done", "html-done"}:
            document = self._carry_out(request)
            if fault == "ok":
                return httpx.Response(200, json=document)
        match fault:
            case "lost-answer":
                raise httpx.ReadError("reset", request=request)
            case "html" | "html-done":
                return httpx.Response(200, html="<h1>Log in</h1>")
            case "429":
                return httpx.Response(429, headers={"Retry-After": "90"})
            case "302":
                return httpx.Response(302, headers={"Location": "https://elsewhere.example.com"})
        return httpx.Response(int(fault[:3]), json={"error": "failed"})

    def _carry_out(self, request: httpx.Request) -> Document:
        if request.url.path.endswith("/files"):
            return self._carry_out_file(request)
        if request.method == "GET":
            wanted = request.url.params["reference"]
            return {"result": [one for one in self.tickets if one["reference"] == wanted]}
        body = json.loads(request.content)
        if request.url.path.endswith("/comments"):
            self.comments.setdefault(request.headers["Idempotency-Key"], body)
            return {}
        ticket = {
            **body,
            "id": f"t{len(self.tickets) + 1}",
            "number": f"INC{len(self.tickets) + 1:04}",
            "state": "new",
        }
        self.tickets.append(ticket)
        return {"result": ticket}

    def _carry_out_file(self, request: httpx.Request) -> Document:
        reference, ticket = request.url.params["reference"], request.url.path.split("/")[-2]
        if request.method == "GET":
            return {"result": [one for one in self.files if one["reference"] == reference]}
        assert ticket in {one["id"] for one in self.tickets}
        assert request.headers["Content-Length"] == str(len(request.content))
        file = {
            "reference": reference,
            "ticket": ticket,
            "name": request.url.params.get("name"),
            "type": request.headers["Content-Type"],
            "size": len(request.content),
            "content": request.content.decode("latin-1"),
        }
        self.files.append(file)
        return {"result": {"id": f"f{len(self.files)}"}}


class KeptContents(ContentReader):
    """Bytes of documents by blob. ``faults`` are raised one by one at the reads."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.faults: list[ContentFault] = []
        self.reads = 0

    def check(self, content: DocumentContent) -> None:
        if content.blob not in self.objects:
            raise ContentFault("content-missing", is_lost=True)

    def read_pieces(self, content: DocumentContent) -> Iterator[bytes]:
        self.reads += 1
        stored = self.objects[content.blob]
        pieces = (stored[at : at + 1_000] for at in range(0, len(stored), 1_000))
        yield from verified_pieces(pieces, content)
        if self.faults:
            raise self.faults.pop(0)


def rest_channel(
    tickets: Tickets,
    declaration: RestTarget | None = None,
    contents: ContentReader | None = None,
) -> RestChannel:
    """Return a channel to a ticket system."""
    http = BoundedHttp(new_http_client(httpx.MockTransport(tickets.answer)))
    authenticator = FixedHeader(lambda: ("Authorization", "Bearer token"))
    kept = contents or KeptContents()
    return RestChannel(declaration or rest_target(), authenticator, http, kept)


class KeptLetters(DeadLetters):
    """A dead-letter queue."""

    def __init__(self) -> None:
        self.messages: list[Document] = []

    def send(self, message: Document) -> None:
        self.messages.append(message)


class KeptItems(ItemReader):
    """Comments by record, and versions by the number of their event."""

    def __init__(self) -> None:
        self.comments: dict[str, list[Document]] = {}
        self.versions: dict[int, StoredVersion] = {}

    def list_comments(self, collection: str, record_id: str) -> Sequence[Document]:
        return self.comments.get(record_id, [])

    def find_version(self, document_id: str, event: int) -> StoredVersion | None:
        return self.versions.get(event)


class Fuse:
    """Kills a worker at one of its calls.

    Args:
        at: Number of the call, from 1; 0 for never.
        is_done: Whether the call still happens: then its answer is lost.
    """

    def __init__(self, at: int = 0, *, is_done: bool = False) -> None:
        self._left = at
        self._is_done = is_done
        self.is_blown = False

    def guard[**P, R](self, call: Callable[P, R]) -> Callable[P, R]:
        """Return a call that the fuse counts."""

        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if self.is_blown:
                raise Killed
            self._left -= 1
            if self._left == 0:
                self.is_blown = True
                if self._is_done:
                    call(*args, **kwargs)
                raise Killed
            return call(*args, **kwargs)

        return guarded

    def wrap[T](self, port: T) -> T:
        """Return a port whose calls the fuse counts."""
        return _Fused(self, port)  # type: ignore[return-value]


class _Fused:
    def __init__(self, fuse: Fuse, port: object) -> None:
        self._fuse = fuse
        self._port = port

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._fuse.guard(found) if callable(found) else found


class TargetWorld:
    """A gateway's table with a clock, and what stands around the target sender."""

    def __init__(self, table: Table | None = None) -> None:
        self.now = datetime(2026, 3, 12, 14, 2, tzinfo=UTC)
        self.table = table or MemoryTable(lambda: self.now)
        self.commits = Commits(self.table, "GC1", PREFIX, sleep=lambda _: None)
        self.items = KeptItems()
        self.contents = KeptContents()
        self.letters = KeptLetters()
        self.seconds = 300.0
        self.commits.run(lambda draft: draft.create("partners", partner(), None))

    def sender(self, fuse: Fuse | None = None) -> TargetSender:
        """Return a sender, as a new process would have it."""
        fuse = fuse or Fuse()
        table = fuse.wrap(self.table)
        commits = Commits(table, "GC1", PREFIX, sleep=lambda _: None)
        return TargetSender(
            table,
            DeliveryLog(commits, table),
            feed=Feed(table, lambda: self.now),
            contexts=ContextReader(table, fuse.wrap(self.items)),
            dead_letters=fuse.wrap(self.letters),
            type_prefix=PREFIX,
            record_counterpart=record_counterpart,
        )

    def run(
        self, *targets: SendingTarget, fuse: Fuse | None = None, **options: Any
    ) -> dict[str, TargetReport]:
        """Run a sender once."""
        return dict(self.sender(fuse).run(targets, lambda: self.seconds, **options))

    def run_until_idle(self, *targets: SendingTarget, rounds: int = 80) -> int:
        """Run senders, each later than the one before, until nothing is open. Returns the runs."""
        for number in range(rounds):
            self.run(*targets)
            if not any(self.open_numbers(target.name) for target in targets):
                return number + 1
            self.advance(hours=5)
        raise AssertionError("deliveries stay open")

    def open_numbers(self, target: str) -> list[int]:
        """Return the numbers of deliveries that have not ended."""
        return [int(item["sk"]) for item in self.table.query(f"T#{target}#open", limit=1_000)]

    def endings(self, target: str) -> dict[int, str]:
        """Return how deliveries have ended, by number."""
        items = self.table.query(f"T#{target}#done", limit=1_000)
        return {int(item["sk"]): str(item["ending"]) for item in items}

    def advance(self, **delta: float) -> None:
        """Set the clock forward."""
        self.now += timedelta(**delta)

    def send_request(self, identifier: str = "req_1", origin: str = "client") -> Document:
        """Create a collaboration request, as a partner's form does."""

        def work(draft: Draft) -> Document:
            draft.origin = origin
            fields = {
                "id": identifier,
                "number": f"CR-{identifier}",
                "type": "support",
                "partnerId": "p1",
                "status": "received",
                "formKey": "partner-question",
            }
            return draft.create("collaboration-requests", fields, "request.received")

        return self.commits.run(work)

    def send_comment(
        self, record_id: str = "req_1", *, kind: str = "partner", origin: str = "client"
    ) -> Document:
        """Comment on a request."""
        comments = self.items.comments.setdefault(record_id, [])
        comment = {
            "id": f"cmt_{record_id}_{len(comments) + 1}",
            "author": {"kind": kind, "name": "Ann"},
            "body": f"Comment {len(comments) + 1}",
            "visibility": "public",
        }

        def work(draft: Draft) -> None:
            draft.origin = origin
            record = draft.get("collaboration-requests", record_id)
            assert record is not None
            changed = draft.change("collaboration-requests", record, {}, None)
            draft.append_event(
                "request.commented",
                "collaboration-requests",
                changed,
                f"collaboration-requests/{record_id}",
                ["comments"],
                {},
                after={"id": comment["id"], "visibility": "public"},
            )

        self.commits.run(work)
        comments.append(comment)
        return comment

    def send_document(
        self,
        content: bytes = b"%PDF-1.4 W-9",
        identifier: str = "doc_1",
        *,
        source: str = "portal",
        classification: str = "partner",
        file_name: str = "W-9.pdf",
    ) -> Document:
        """Add a version to a document, which is created with its first."""
        sha256 = hashlib.sha256(content).hexdigest()
        number = 1 + len(self.items.versions)
        version = {
            "number": number,
            "source": source,
            "fileName": file_name,
            "mediaType": "application/pdf",
            "sizeBytes": len(content),
            "sha256": sha256,
        }

        def work(draft: Draft) -> int:
            draft.origin = "client"
            fields = {
                "id": identifier,
                "title": "Tax form",
                "partnerId": "p1",
                "status": "draft",
                "classification": classification,
            }
            document = draft.get("documents", identifier)
            document = document or draft.create("documents", fields, None)
            event = draft.next_number
            draft.change("documents", document, {"status": "in_review"}, "document.version_added")
            return event

        event = self.commits.run(work)
        self.contents.objects[f"content/{sha256}"] = content
        self.items.versions[event] = StoredVersion(version, f"content/{sha256}")
        return version

    def request(self, identifier: str = "req_1") -> Document:
        """Return a request as it is now."""
        return self.commits.run(lambda draft: draft.get("collaboration-requests", identifier) or {})


def partner() -> Document:
    """Return a partner's members."""
    return {"id": "p1", "name": "Acme <b>Foods</b>", "role": "supplier", "status": "active"}


def sending_target(
    declaration: AnyTarget, channel: TargetChannel, name: str = "tickets"
) -> SendingTarget:
    """Return a target with a channel."""
    when = None if declaration.when is None else Template(declaration.when, CONTEXT_VARIABLES)
    system = declaration.system if isinstance(declaration, RestTarget) else ""
    return SendingTarget(name, system, declaration.kinds, when, channel)


def declared_target(document: Document) -> AnyTarget:
    """Return the target of a file's content."""
    return TARGET.validate_python(document)


def read_example(name: str) -> AnyTarget:
    """Return a target of ``config/gateway/targets/examples/``."""
    path = ROOT / "config/gateway/targets/examples" / f"{name}.yaml"
    return declared_target(read_yaml(path.read_bytes()).value)
