"""Uploads: announced, put, and verified once."""

import hashlib
from functools import partial
from itertools import count
from typing import Any

import pytest

from gridwix_gateway.content.uploads import EICAR, Uploads, announce_upload, received_upload
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.table import Item, Key, Value
from tests.fakes.gateway.memory_content import MemoryContent
from tests.fakes.gateway.memory_table import MemoryTable


class Desk:
    """Uploads over a table and a bucket in memory."""

    def __init__(self) -> None:
        self.table = MemoryTable()
        self.store = MemoryContent()
        self.commits = Commits(self.table, "GC1", "t.")
        names = map(str, count(1))
        self.uploads = Uploads(self.table, self.store, lambda: next(names))

    def announce(self, content: bytes, **changes: Any) -> Document:
        fields = {
            "fileName": "a.pdf",
            "mediaType": "application/pdf",
            "sizeBytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "purpose": "document_version",
            **changes,
        }
        return self.commits.run(lambda draft: announce_upload(draft, fields, self.store))

    def put(self, content: bytes, sent: bytes | None = None, **changes: Any) -> str:
        identifier = str(self.announce(content, **changes)["uploadId"])
        self.store.objects[f"uploads/{identifier}"] = content if sent is None else sent
        return identifier

    def find(self, identifier: str) -> Document:
        return self.commits.run(partial(received_upload, identifier=identifier))

    def content_keys(self) -> list[str]:
        return [key for key in self.store.objects if key.startswith("content/")]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def fault_of(error: pytest.ExceptionInfo[Problem]) -> tuple[str, str, str]:
    (fault,) = error.value.errors
    return error.value.code, fault.pointer, fault.code


@pytest.mark.parametrize("size", [5, 5.0])
def test_announced_upload_has_a_url_for_its_size_and_is_forgotten_unless_used(
    desk: Desk, size: float
) -> None:
    upload = desk.announce(b"bytes", sizeBytes=size)

    assert upload["putUrl"] == f"memory:uploads/{upload['uploadId']}?size=5&seconds=3600"
    assert "expiresAt" in desk.table.items[Key(f"U#{upload['uploadId']}", "-")]


class LostAnswers(MemoryTable):
    """A table whose answer to a conditional write is lost, so that the client repeats it."""

    def replace(self, item: Item, attribute: str, expected: Value) -> bool:
        super().replace(item, attribute, expected)
        return super().replace(item, attribute, expected)


def test_bytes_are_kept_when_the_answer_of_the_table_is_lost(desk: Desk) -> None:
    identifier = desk.put(b"bytes")
    lossy = LostAnswers()
    lossy.items = desk.table.items

    Uploads(lossy, desk.store).receive(identifier)

    assert desk.store.objects[desk.find(identifier)["blob"]] == b"bytes"


def test_received_upload_names_a_copy_that_its_client_cannot_change(desk: Desk) -> None:
    identifier = desk.put(b"bytes")
    desk.uploads.receive(identifier)

    desk.store.objects[f"uploads/{identifier}"] = b"other"
    desk.uploads.receive(identifier)

    upload = desk.find(identifier)
    assert desk.store.objects[upload["blob"]] == b"bytes"
    assert upload["blob"] == f"content/{hashlib.sha256(b'bytes').hexdigest()}/1"
    assert (upload["scan"], desk.store.copies) == ("skipped", 1)
    assert "expiresAt" not in desk.table.items[Key(f"U#{identifier}", "-")]


def test_upload_without_bytes_or_never_announced_is_unknown(desk: Desk) -> None:
    identifier = str(desk.announce(b"bytes")["uploadId"])

    for name in (identifier, "upl_9"):
        with pytest.raises(Problem) as received:
            desk.uploads.receive(name, "/attachments/0/uploadId")
        with pytest.raises(Problem) as found:
            desk.find(name)

        assert fault_of(received) == ("validation", "/attachments/0/uploadId", "unknown")
        assert fault_of(found) == ("validation", "/uploadId", "unknown")


@pytest.mark.parametrize("sent", [b"other", b"byte", b"bytes and more"])
def test_bytes_that_were_not_announced_are_not_kept(desk: Desk, sent: bytes) -> None:
    identifier = desk.put(b"bytes", sent)

    with pytest.raises(Problem) as refused:
        desk.uploads.receive(identifier)

    assert fault_of(refused) == ("validation", "/uploadId", "mismatch")
    assert desk.content_keys() == []
    desk.store.objects[f"uploads/{identifier}"] = b"bytes"
    desk.uploads.receive(identifier)
    assert desk.find(identifier)["sizeBytes"] == 5


def test_infected_upload_is_remembered_and_its_bytes_are_not(desk: Desk) -> None:
    identifier = desk.put(b"PDF " + EICAR)
    desk.uploads.receive(identifier)

    with pytest.raises(Problem) as refused:
        desk.find(identifier)

    assert fault_of(refused) == ("validation", "/uploadId", "infected")
    assert desk.content_keys() == []


def test_bytes_that_are_put_while_another_receives_are_not_kept(desk: Desk) -> None:
    identifier = desk.put(b"bytes")
    place = f"uploads/{identifier}"

    def receive_first() -> None:
        desk.store.before_copy = lambda: None
        desk.uploads.receive(identifier)
        desk.store.objects[place] = b"other"

    desk.store.before_copy = receive_first
    with pytest.raises(Problem):
        desk.uploads.receive(identifier)
    assert desk.store.objects[desk.find(identifier)["blob"]] == b"bytes"


def test_two_that_receive_the_same_bytes_at_once_keep_one_copy(desk: Desk) -> None:
    identifier = desk.put(b"bytes")

    def receive_first() -> None:
        desk.store.before_copy = lambda: None
        desk.uploads.receive(identifier)

    desk.store.before_copy = receive_first
    desk.uploads.receive(identifier)

    assert (desk.store.copies, desk.content_keys()) == (2, [desk.find(identifier)["blob"]])
