"""Files of a share become versions once, also after crashes, races and repeated messages."""

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest

from gridwix_gateway.community.documents import (
    MAX_VERSIONS,
    move_document,
    publish_version,
    put_version,
    version_partition,
)
from gridwix_gateway.community.records import delete_record
from gridwix_gateway.documents import Document
from gridwix_gateway.sources.documents.mapping import DocumentMapping
from gridwix_gateway.sources.documents.service import DocumentSource, is_ignored
from gridwix_gateway.sources.files.ports import Drop, DropGone
from gridwix_gateway.sources.files.service import Result
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.items import item_document
from gridwix_gateway.store.records import Records
from tests.fakes.gateway.crashing_table import Crash, CrashingTable
from tests.fakes.gateway.memory_document_drops import MemoryDocumentDrops
from tests.unit.gateway.sources.documents.samples import SHARE, compile_share, pdf

START = datetime(2026, 3, 12, 14, tzinfo=UTC)
PATH = "GC1/Insurance/Liability until 2027-01-31.pdf"


class World:
    """A gateway with the partners GC1 and GC2 and one source of documents, ``share``."""

    def __init__(self) -> None:
        self.table = CrashingTable(lambda: START)
        self.drops = MemoryDocumentDrops()
        self.mapping: DocumentMapping = compile_share()
        self.seconds = 0
        for partner in ("GC1", "GC2"):
            self.add_partner(partner)
        self.table.attempts = 0

    def run[T](self, work: Callable[[Draft], T]) -> T:
        return Commits(self.table, "HUB", "t.", sleep=lambda _: None).run(work)

    def add_partner(self, identifier: str) -> None:
        self.run(lambda draft: draft.create("partners", {"id": identifier}, None))

    def put(self, content: bytes = b"", path: str = PATH, at: int | None = None) -> Drop:
        self.seconds += 1
        moment = START + timedelta(seconds=self.seconds if at is None else at)
        return self.drops.put(f"drops/share/{path}", content, moment)

    def source(self) -> DocumentSource:
        commits = Commits(self.table, "HUB", "t.", sleep=lambda _: None)
        return DocumentSource("share", self.mapping, drops=self.drops, commits=commits)

    def process(self, drop: Drop) -> Result:
        return self.source().process_drop(drop)

    def publish(self, text: str, path: str = PATH) -> Result:
        return self.process(self.put(pdf(text), path))

    def documents(self) -> list[Document]:
        items = [item for item in self.table.items.values() if "listKey" in item]
        found = [
            item_document(item) for item in items if str(item["pk"]).startswith("R#documents#")
        ]
        return sorted(found, key=lambda one: str(one["title"]))

    @property
    def document(self) -> Document:
        (found,) = self.documents()
        return found

    def versions(self, identifier: str = "") -> list[Document]:
        pk = version_partition(identifier or self.document["id"])
        return [item_document(item) for item in self.table.query(pk, limit=99)]

    def texts(self, identifier: str = "") -> list[str]:
        """The texts of the versions, read from the copies that they refer to."""
        pk = version_partition(identifier or self.document["id"])
        blobs = [str(item["blob"]) for item in self.table.query(pk, limit=99)]
        return [self.drops.copies[blob].split(b"\n")[1].decode() for blob in blobs]

    @property
    def current_text(self) -> str:
        number: int = self.document["currentVersion"]
        return self.texts()[number - 1]

    def events(self) -> list[str]:
        page = Feed(self.table, lambda: START).read_page(0, 1_000)
        return [event["type"].removeprefix("t.") for event in page.events]

    def expect_no_orphan(self) -> None:
        """Check that each copy is that of a version."""
        blobs = {item["blob"] for item in self.table.items.values() if "blob" in item}
        assert set(self.drops.copies) == blobs


def test_file_becomes_a_document_with_a_published_version() -> None:
    world = World()

    result = world.publish("first")

    assert (result.status, result.counts.created, result.counts.updated) == ("applied", 1, 0)
    document, (version,) = world.document, world.versions()
    assert (document["status"], document["currentVersion"]) == ("published", 1)
    assert (document["partnerId"], document["expiresOn"]) == ("GC1", "2027-01-31")
    assert {name: version[name] for name in ("fileName", "mediaType", "sizeBytes", "status")} == {
        "fileName": "Liability until 2027-01-31.pdf",
        "mediaType": "application/pdf",
        "sizeBytes": len(pdf("first")),
        "status": "approved",
    }
    assert (version["source"], version["scan"]) == ("trading_grid", "skipped")
    assert world.texts() == ["first"]
    assert next(iter(world.drops.copies)).startswith(f"content/{version['sha256']}/")
    assert world.events() == ["document.status_changed", "document.published"]


@pytest.mark.parametrize("again", ["message", "upload", "upload in parts"])
def test_same_bytes_again_write_nothing(again: str) -> None:
    world = World()
    drop = world.put(pdf("first"))
    world.process(drop)
    commits, items = world.table.commits, dict(world.table.items)
    if again == "upload":
        drop = world.put(pdf("first"))
    elif again == "upload in parts":
        drop = world.drops.retag(drop.name)

    result = world.process(drop)

    assert result.status == "unchanged"
    assert (world.table.commits, world.table.items) == (commits, items)
    world.expect_no_orphan()
    # Only other bytes have to be read to know that they are the same.
    assert len(world.drops.reads) == (2 if again == "upload in parts" else 1)


def test_other_bytes_at_the_path_are_a_new_version_and_the_older_stay() -> None:
    world = World()
    for text in ("first", "second", "first"):
        result = world.publish(text)
        assert result.status == "applied"

    assert world.texts() == ["first", "second", "first"]
    assert world.document["currentVersion"] == 3
    assert [one["baseVersion"] for one in world.versions()] == [None, 1, 2]
    assert world.events()[2:] == ["document.version_added"] * 2


def test_message_of_an_older_upload_publishes_what_is_there_now() -> None:
    world = World()
    first = world.put(pdf("first"))
    second = world.put(pdf("second"))

    assert world.process(second).status == "applied"
    assert world.process(first).status == "unchanged"
    assert world.texts() == ["second"]


@pytest.mark.parametrize("moment", ["before_read", "before_copy", "after_copy"])
@pytest.mark.parametrize("seconds", [0, 5])
def test_worker_that_is_overtaken_never_makes_the_older_file_current(
    moment: str, seconds: int
) -> None:
    """Uploads within one second have the same time, so times cannot tell which is newer."""
    world = World()
    slow = world.put(pdf("older"), at=10)

    def overtake(*_: Any) -> None:
        setattr(world.drops, moment, lambda *_: None)
        newer = world.put(pdf("newer"), at=10 + seconds)
        assert world.process(newer).status == "applied"

    setattr(world.drops, moment, overtake)

    result = world.process(slow)

    assert result.status in ("gone", "unchanged")
    assert world.texts() == ["newer"]
    world.expect_no_orphan()


def test_upload_in_parts_that_began_before_the_current_file_is_published() -> None:
    """S3 gives an upload in parts the time at which it began, and shows it when it is complete."""
    world = World()
    world.process(world.put(pdf("first"), at=20))

    result = world.process(world.put(pdf("large"), at=10))

    assert result.status == "applied"
    assert world.texts() == ["first", "large"]


def test_older_of_two_spellings_of_a_path_is_superseded() -> None:
    world = World()
    newer = world.put(pdf("windows"), "GC1/Tax/Gr\u00f6\u00dfe.pdf", at=20)
    older = world.put(pdf("mac"), "GC1/Tax/Gro\u0308\u00dfe.pdf", at=10)

    assert [world.process(one).status for one in (newer, older)] == ["applied", "superseded"]
    assert world.texts() == ["windows"]
    newest = world.put(pdf("mac again"), "GC1/Tax/Gro\u0308\u00dfe.pdf", at=30)
    assert world.process(newest).status == "applied"
    assert world.texts() == ["windows", "mac again"]


@pytest.mark.parametrize("after_writing", [False, True])
def test_crash_in_the_commit_publishes_once(after_writing: bool) -> None:
    world = World()
    world.publish("first")
    world.table.attempts, world.table.crash_at = 0, 1
    world.table.after_writing = after_writing
    drop = world.put(pdf("second"))

    with pytest.raises(Crash):
        world.process(drop)
    result = world.process(drop)

    assert result.status == ("unchanged" if after_writing else "applied")
    assert world.texts() == ["first", "second"]


def test_file_of_two_workers_is_one_version() -> None:
    world = World()
    drop = world.put(pdf("first"))
    both = threading.Barrier(2)

    def meet(_: str = "") -> None:
        both.wait(timeout=30)
        world.drops.after_copy = lambda _: None

    world.drops.after_copy = meet
    results: list[str] = []
    workers = [
        threading.Thread(target=lambda: results.append(world.process(drop).status))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)

    assert sorted(results) == ["applied", "unchanged"]
    assert world.texts() == ["first"]
    world.expect_no_orphan()


@pytest.mark.parametrize("seed", range(30))
def test_any_order_of_messages_and_crashes_ends_with_the_last_upload(seed: int) -> None:
    chance = random.Random(seed)
    world = World()
    waiting: list[Drop] = []
    last = ""
    for number in range(12):
        last = chance.choice("abc")
        waiting.append(world.put(pdf(last), at=number // 4))
        while waiting and chance.random() < 0.6:
            drop = waiting.pop(chance.randrange(len(waiting)))
            crashes = chance.random() < 0.3
            world.table.crash_at = world.table.attempts + 1 if crashes else None
            world.table.after_writing = chance.random() < 0.5
            try:
                world.process(drop)
            except Crash:
                waiting.append(drop)
            if chance.random() < 0.2:
                waiting.append(drop)
    world.table.crash_at = None
    chance.shuffle(waiting)
    for drop in [*waiting, world.drops.describe_drop(f"drops/share/{PATH}")]:
        world.process(drop)

    texts = world.texts()
    assert world.current_text == last
    assert world.document["currentVersion"] == len(texts)
    # A version that repeats the one before it was published twice.
    assert all(one != other for one, other in pairwise(texts))


def test_file_that_is_deleted_from_the_share_deletes_nothing() -> None:
    world = World()
    drop = world.put(pdf("first"))
    world.process(drop)
    world.drops.contents.clear()

    assert world.process(drop).status == "gone"
    assert (world.document["status"], world.texts()) == ("published", ["first"])


def report(world: World) -> list[str]:
    (name,) = world.drops.reports
    assert name.startswith("refused/share/")
    return world.drops.reports[name].splitlines()


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        ("liability.pdf", pdf(), "path"),
        ("GC1/Secret/liability.pdf", pdf(), "unknown-word"),
        ("GC9/Tax/liability.pdf", pdf(), "unknown-partner"),
        ("GC1/Tax/liability.pdf", b"", "empty"),
        ("GC1/Tax/liability.pdf", pdf("x" * 9_000)[:5_000], "truncated"),
        ("GC1/Tax/liability.exe", b"MZ", "type"),
        ("GC1/Tax/liability.pdf", b"<html>", "other-content"),
    ],
)
def test_file_that_is_no_document_is_refused_with_path_and_reason(
    path: str, content: bytes, code: str
) -> None:
    world = World()
    commits = world.table.commits

    result = world.process(world.put(content, path))

    assert (result.status, result.code, result.counts.refused) == ("refused", code, 1)
    assert result.report == f"refused/share/{path}.csv"
    heading, row = report(world)
    assert heading == "Path,Part,Value,Reason,Code"
    assert row.startswith(f"{path},")
    assert row.endswith(f",{code}")
    assert result.reason in row.replace('"', "")
    assert world.table.commits == commits
    assert world.documents() == []
    assert world.drops.copies == {}


def test_file_above_the_limit_of_the_profile_is_refused_unread() -> None:
    world = World()
    drop = world.put(pdf())
    too_large = Drop(drop.name, drop.tag, drop.dropped_at, 1_073_741_825)
    world.drops.contents[drop.name] = too_large, pdf()

    assert world.process(too_large).code == "too-large"
    assert world.drops.reads == []


def test_refused_file_is_published_when_its_partner_is_there() -> None:
    world = World()
    drop = world.put(pdf("first"), "GC9/Tax/a.pdf")
    assert world.process(drop).code == "unknown-partner"
    world.add_partner("GC9")

    assert world.process(drop).status == "applied"
    assert world.texts() == ["first"]


def test_partner_that_is_deleted_meanwhile_gets_no_document_and_no_copy() -> None:
    world = World()
    world.drops.after_copy = lambda _: (  # type: ignore[assignment]
        world.run(lambda draft: delete_record(draft, "partners", "GC1"))
    )

    result = world.publish("first")

    assert (result.status, result.code) == ("refused", "unknown-partner")
    assert (world.documents(), world.drops.copies) == ([], {})


@pytest.mark.parametrize("retired", ["withdrawn", "superseded", "deleted"])
def test_document_that_people_have_retired_stays_so(retired: str) -> None:
    world = World()
    drop = world.put(pdf("first"))
    world.process(drop)

    def retire(draft: Draft) -> None:
        document = world.document
        if retired == "deleted":
            delete_record(draft, "documents", document["id"])
        else:
            move_document(draft, document, {"to": retired, "reason": "Old."})

    world.run(retire)

    assert world.process(drop).status == "unchanged"
    again = world.publish("second")
    assert (again.status, again.code) == ("refused", retired)
    assert "put the file under another name" in report(world)[1]
    assert world.texts() == ["first"]


def test_unchanged_file_does_not_undo_what_was_published_otherwise() -> None:
    world = World()
    drop = world.put(pdf("first"))
    world.process(drop)
    other = {"fileName": "b.pdf", "mediaType": "application/pdf", "sizeBytes": 1, "sha256": "b"}
    world.run(lambda draft: publish_version(draft, world.document["id"], other, "b"))

    assert world.process(world.drops.retag(drop.name)).status == "unchanged"
    assert world.document["currentVersion"] == 2


def test_bytes_that_are_current_already_make_no_version_and_no_copy() -> None:
    world = World()
    world.publish("first")
    content = pdf("second")
    blob = "content/by-hand"
    world.drops.copies[blob] = content
    file = {
        "fileName": "b.pdf",
        "mediaType": "application/pdf",
        "sizeBytes": len(content),
        "sha256": sha256(content).hexdigest(),
    }
    world.run(lambda draft: publish_version(draft, world.document["id"], file, blob))

    assert world.publish("second").status == "applied"
    assert world.texts() == ["first", "second"]
    world.expect_no_orphan()
    assert world.process(world.drops.describe_drop(f"drops/share/{PATH}")).status == "unchanged"


def test_changed_declaration_changes_members_and_adds_no_version() -> None:
    world = World()
    drop = world.put(pdf("first"))
    world.process(drop)
    renamed = {**SHARE["document"], "title": "'The ' + row.title", "classification": "'public'"}
    world.mapping = compile_share(document=renamed)
    events = len(world.events())

    result = world.process(drop)

    assert (result.status, result.counts.updated) == ("applied", 1)
    assert (world.document["title"], world.document["classification"]) == (
        "The Liability",
        "public",
    )
    assert world.events()[events:] == ["document.status_changed"]
    assert world.texts() == ["first"]
    assert world.process(drop).status == "unchanged"


def test_member_that_people_have_changed_stays_until_the_source_says_something_else() -> None:
    world = World()
    world.publish("first")
    world.run(lambda draft: draft.change("documents", world.document, {"title": "By hand"}, None))

    world.publish("second")

    assert world.document["title"] == "By hand"


def test_document_with_all_the_versions_that_it_may_have_is_refused() -> None:
    world = World()
    world.publish("first")
    identifier = world.document["id"]

    def fill(begin: int) -> Callable[[Draft], None]:
        def work(draft: Draft) -> None:
            for number in range(begin, begin + 90):
                put_version(draft, identifier, {"number": number, "sha256": "x"}, "x")

        return work

    for begin in range(2, MAX_VERSIONS + 1, 90):
        world.run(fill(begin))

    result = world.publish("second")

    assert (result.code, "1000 versions" in result.reason) == ("document", True)
    assert len(world.drops.copies) == 1


def test_copy_with_other_bytes_is_not_published() -> None:
    """S3 was asked for the object that was read, and its answer is verified nevertheless."""
    world = World()
    drop = world.put(pdf("first"))
    original = world.drops._current
    world.drops.before_copy = lambda: setattr(world.drops, "_current", lambda _: b"others")

    assert world.process(drop).status == "gone"
    assert (world.documents(), world.drops.copies) == ([], {})
    world.drops.before_copy = lambda: setattr(world.drops, "_current", original)
    world.drops._current = original  # type: ignore[method-assign]
    assert world.process(drop).status == "applied"


@pytest.mark.parametrize(
    "path",
    ["GC1/~$a.docx", "GC1/a.pdf.part", ".DS_Store", "GC1/Thumbs.db", "GC1/.trash/Tax/a.pdf"],
)
def test_files_of_programs_are_ignored(path: str) -> None:
    world = World()

    assert is_ignored(path)
    assert world.process(world.put(b"x", path)).status == "ignored"
    assert (world.drops.reads, world.drops.reports) == ([], {})


def test_file_that_others_change_all_the_time_is_left_to_another_message() -> None:
    world = World()
    drop = world.put(pdf("0"))

    def change(_: str) -> None:
        hook, world.drops.after_copy = world.drops.after_copy, lambda _: None
        number = len(world.drops.reads)
        world.process(world.put(pdf(f"{number} of another")))
        # The same name has the worker's own bytes again.
        world.put(pdf(str(number)))
        world.drops.after_copy = hook

    world.drops.after_copy = change

    assert world.process(drop).status == "unfinished"


def test_gone_file_is_no_fault() -> None:
    world = World()
    drop = world.put(pdf())
    world.drops.contents.clear()

    assert world.process(drop).status == "gone"
    with pytest.raises(DropGone):
        world.drops.describe_drop(drop.name)


def test_records_of_the_table_are_those_that_are_shown() -> None:
    world = World()
    world.publish("first")

    assert Records(world.table).get("documents", world.document["id"]) == world.document
