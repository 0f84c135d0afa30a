"""Storage of transfers: the same contract for DynamoDB and for the fake."""

from collections.abc import Iterator

import pytest

from gridwix.document_sync.ports import TransferStore
from gridwix.document_sync.transfer_table import INDEX, DynamoDBTransfers
from gridwix.document_sync.transfers import FileIdentity, Transfer
from gridwix.errors import UpstreamError
from tests.fakes.aws import as_client, create_table, dynamodb
from tests.fakes.documents import FakeTransfers

CONTENT = FileIdentity(version=1, sha256="a" * 64, private=True)


@pytest.fixture(params=["dynamodb", "memory"])
def store(request: pytest.FixtureRequest) -> Iterator[TransferStore]:
    if request.param == "memory":
        yield FakeTransfers()
        return
    with dynamodb() as client:
        yield DynamoDBTransfers(
            as_client(client),
            create_table(client, "document", index=(INDEX, "waiting", "document")),
        )


def store_transfer(store: TransferStore, transfer: Transfer) -> Transfer:
    saved = store.save_transfer(transfer)
    assert saved is not None
    return saved


def test_transfer_is_read_as_it_was_kept(store: TransferStore) -> None:
    saved = store_transfer(
        store, Transfer(document_id="doc_1").start_copy(CONTENT, now=1.5, until=331.5)
    )

    assert store.read_transfers(["doc_1", "doc_2"]) == {"doc_1": saved}
    assert (saved.revision, saved.held_until) == (1, 331.5)


def test_transfer_that_somebody_else_has_changed_is_not_kept(store: TransferStore) -> None:
    first = store_transfer(store, Transfer(document_id="doc_1"))
    newer = store_transfer(store, first.start_copy(CONTENT, now=1.0, until=2.0))

    assert store.save_transfer(first) is None
    assert store.save_transfer(Transfer(document_id="doc_1")) is None
    assert store.read_transfers(["doc_1"]) == {"doc_1": newer}


def test_transfer_is_unfinished_until_its_row_shows_it(store: TransferStore) -> None:
    going = store_transfer(
        store, Transfer(document_id="doc_1").start_copy(CONTENT, now=1.0, until=2.0)
    )
    store_transfer(store, Transfer(document_id="doc_2").settle())
    assert list(store.unfinished_ids()) == ["doc_1"]

    there = store_transfer(store, going.confirm_upload("file-1").switch_to_arrived())
    assert list(store.unfinished_ids()) == ["doc_1"]

    store_transfer(store, there.settle())
    assert list(store.unfinished_ids()) == []


def test_many_unfinished_transfers_are_listed_page_by_page(store: TransferStore) -> None:
    for number in range(30):
        store_transfer(
            store, Transfer(document_id=f"doc_{number:02}").start_copy(CONTENT, now=1.0, until=2.0)
        )

    assert len(set(store.unfinished_ids())) == 30


def test_missing_table_is_an_upstream_error() -> None:
    with dynamodb() as client:
        store = DynamoDBTransfers(as_client(client), "no-such-table")
        for work in (
            lambda: store.read_transfers(["doc_1"]),
            store.unfinished_ids,
            lambda: store.save_transfer(Transfer(document_id="doc_1")),
        ):
            with pytest.raises(UpstreamError):
                work()
