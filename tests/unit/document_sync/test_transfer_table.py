"""What is known of documents' files: in DynamoDB as in memory."""

from collections.abc import Iterator

import pytest

from gridwix.document_sync.ports import TransferStore
from gridwix.document_sync.transfer_rules import arrived, begun, came, settled
from gridwix.document_sync.transfer_table import INDEX, DynamoDBTransfers
from gridwix.document_sync.transfers import Bytes, Transfer
from gridwix.errors import UpstreamError
from tests.fakes.aws import as_client, create_table, dynamodb
from tests.fakes.documents import FakeTransfers

BYTES = Bytes(version=1, sha256="a" * 64, private=True)


@pytest.fixture(params=["dynamodb", "memory"])
def store(request: pytest.FixtureRequest) -> Iterator[TransferStore]:
    if request.param == "memory":
        yield FakeTransfers()
        return
    with dynamodb() as client:
        yield DynamoDBTransfers(as_client(client), create_table(client, "document", index=(INDEX, "waiting", "document")))


def kept(store: TransferStore, transfer: Transfer) -> Transfer:
    saved = store.save(transfer)
    assert saved is not None
    return saved


def test_transfer_is_read_as_it_was_kept(store: TransferStore) -> None:
    saved = kept(store, begun(Transfer(document_id="doc_1"), BYTES, now=1.5, until=331.5))

    assert store.read(["doc_1", "doc_2"]) == {"doc_1": saved}
    assert (saved.revision, saved.held_until) == (1, 331.5)


def test_transfer_that_somebody_else_has_changed_is_not_kept(store: TransferStore) -> None:
    first = kept(store, Transfer(document_id="doc_1"))
    newer = kept(store, begun(first, BYTES, now=1.0, until=2.0))

    assert store.save(first) is None
    assert store.save(Transfer(document_id="doc_1")) is None
    assert store.read(["doc_1"]) == {"doc_1": newer}


def test_transfer_waits_until_its_row_shows_it(store: TransferStore) -> None:
    going = kept(store, begun(Transfer(document_id="doc_1"), BYTES, now=1.0, until=2.0))
    kept(store, settled(Transfer(document_id="doc_2")))
    assert list(store.waiting()) == ["doc_1"]

    there = kept(store, arrived(came(going, "file-1")))
    assert list(store.waiting()) == ["doc_1"]

    kept(store, settled(there))
    assert list(store.waiting()) == []


def test_many_that_wait_are_listed_page_by_page(store: TransferStore) -> None:
    for number in range(30):
        kept(store, begun(Transfer(document_id=f"doc_{number:02}"), BYTES, now=1.0, until=2.0))

    assert len(set(store.waiting())) == 30


def test_table_that_is_not_there_is_an_error_of_ours() -> None:
    with dynamodb() as client:
        store = DynamoDBTransfers(as_client(client), "no-such-table")
        for work in (lambda: store.read(["doc_1"]), store.waiting, lambda: store.save(Transfer(document_id="doc_1"))):
            with pytest.raises(UpstreamError):
                work()
