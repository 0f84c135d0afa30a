"""The DynamoDB store of configuration versions: immutable versions, and a pointer that moves from
what its mover has read.
"""

import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.clients.aws import configuration_versions
from gridwix.clients.aws.configuration_versions import DynamoDBConfigurationVersions
from gridwix.clients.aws.items import Value, encode_item
from gridwix.configuration.in_effect import ConfigurationInEffect
from gridwix.errors import ConfigurationError, Refused, Throttled, UpstreamError
from gridwix.models.configuration_versions import (
    BUNDLED,
    ConfigurationChange,
    ConfigurationPointer,
    configuration_digest,
)
from tests.examples import examples
from tests.fakes.aws import OneAtATime, as_client, create_configuration_table, dynamodb
from tests.fakes.configuration import variant, version_of

AT = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)


@pytest.fixture
def tables() -> Iterator[OneAtATime]:
    with dynamodb() as client:
        yield client


@pytest.fixture
def store(tables: OneAtATime) -> DynamoDBConfigurationVersions:
    return DynamoDBConfigurationVersions(as_client(tables), create_configuration_table(tables))


def test_stack_without_a_published_version_points_at_the_bundled_one(
    store: DynamoDBConfigurationVersions,
) -> None:
    assert store.read_pointer() == ConfigurationPointer(BUNDLED, 0)
    assert store.list_changes(10) == []
    assert store.read_content(version_of(1)) is None


@pytest.mark.parametrize(
    "damage", [{"revision": "three"}, {"movedAt": "noon"}, {"revision": {"a"}}, {"version": ""}]
)
def test_damaged_pointer_is_an_error_that_functions_survive(
    tables: OneAtATime, damage: dict[str, Value]
) -> None:
    table = create_configuration_table(tables)
    store = DynamoDBConfigurationVersions(as_client(tables), table)
    item: dict[str, Value] = {"part": "pointer", "entry": "pointer", "version": "a", "revision": 3}
    as_client(tables).put_item(TableName=table, Item=encode_item(item | damage))

    look = ConfigurationInEffect(store, lambda: variant(0), lambda: 0.0).look()

    assert look is not None
    assert (look.loaded.version, look.fault and look.fault.reason) == (version_of(0), "unreadable")


def test_version_is_read_as_it_was_added_and_adding_it_again_changes_nothing(
    store: DynamoDBConfigurationVersions,
) -> None:
    added = [store.add_version(variant(1)) for _ in range(2)]

    assert added == [version_of(1)] * 2
    assert store.read_content(version_of(1)) == variant(1)


def test_pointer_moves_with_its_change_and_the_list_has_the_last_one_first(
    store: DynamoDBConfigurationVersions,
) -> None:
    first = store.move_pointer(store.read_pointer(), version_of(1), "apply", AT, "invoices to EDI")
    assert first is not None
    second = store.move_pointer(first, BUNDLED, "rollback", AT)

    assert store.read_pointer() == second == ConfigurationPointer(BUNDLED, 2)
    assert store.list_changes(10) == [
        ConfigurationChange(2, BUNDLED, AT, "rollback"),
        ConfigurationChange(1, version_of(1), AT, "apply", "invoices to EDI"),
    ]
    assert [change.revision for change in store.list_changes(1)] == [2]


def test_pointer_that_somebody_moved_meanwhile_stays(store: DynamoDBConfigurationVersions) -> None:
    seen = store.read_pointer()
    store.move_pointer(seen, version_of(1), "apply", AT)

    assert store.move_pointer(seen, version_of(2), "apply", AT) is None
    assert store.read_pointer() == ConfigurationPointer(version_of(1), 1)
    assert [change.version for change in store.list_changes(10)] == [version_of(1)]


def test_of_many_who_have_read_the_same_pointer_one_moves_it(
    store: DynamoDBConfigurationVersions,
) -> None:
    seen = store.read_pointer()

    with ThreadPoolExecutor(4) as pool:
        moved = list(
            pool.map(
                lambda number: store.move_pointer(seen, version_of(number), "apply", AT), range(4)
            )
        )

    winners = [pointer for pointer in moved if pointer is not None]
    assert winners == [store.read_pointer()]
    assert [change.version for change in store.list_changes(10)] == [winners[0].version]


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        (["TransactionConflict", "None"], Throttled),
        (["None", "TransactionConflict"], Throttled),
        (["ThrottlingError", "None"], Throttled),
        (["None", "ProvisionedThroughputExceeded"], Throttled),
        (["None", "ValidationError"], Refused),
        ([], Throttled),
    ],
)
def test_pointer_that_nobody_has_moved_is_not_said_to_be_moved(
    tables: OneAtATime, codes: list[str], kind: type[UpstreamError]
) -> None:
    store = DynamoDBConfigurationVersions(canceling(tables, codes), "configuration")

    with pytest.raises(kind):
        store.move_pointer(ConfigurationPointer(), version_of(1), "apply", AT)


def test_pointer_that_somebody_moved_beside_another_transaction_stays(tables: OneAtATime) -> None:
    client = canceling(tables, ["ConditionalCheckFailed", "TransactionConflict"])
    store = DynamoDBConfigurationVersions(client, "configuration")

    assert store.move_pointer(ConfigurationPointer(), version_of(1), "apply", AT) is None


def canceling(tables: OneAtATime, codes: list[str]) -> Any:
    """A client whose transactions are canceled for these reasons, one for each item."""
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
        "CancellationReasons": [{"Code": code} for code in codes],
    }

    class Canceling:
        exceptions = tables.exceptions

        def transact_write_items(self, **_: Any) -> None:
            raise tables.exceptions.TransactionCanceledException(answer, "TransactWriteItems")

    return Canceling()


STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=12)


def test_interleaved_changes_are_one_chain_and_each_knows_whether_it_is_in_it(
    tables: OneAtATime,
) -> None:
    @settings(max_examples=examples(10))
    @given(STEPS)
    def check(steps: list[tuple[str, bool]]) -> None:
        # Each person reads the pointer (True), or moves it from where it was at its last look.
        table = create_configuration_table(tables)
        store = DynamoDBConfigurationVersions(as_client(tables), table)
        seen = dict.fromkeys("abc", store.read_pointer())
        made: list[str] = []
        for number, (person, looks) in enumerate(steps):
            if looks:
                seen[person] = store.read_pointer()
                continue
            version = f"{number:016}"
            is_current = seen[person] == store.read_pointer()
            moved = store.move_pointer(seen[person], version, "apply", AT)
            assert (moved is not None) == is_current
            if moved is not None:
                seen[person] = moved
                made.append(version)

        changes = store.list_changes(20)
        assert [change.version for change in reversed(changes)] == made
        assert [change.revision for change in reversed(changes)] == list(range(1, len(made) + 1))
        assert store.read_pointer().version == (made[-1] if made else BUNDLED)

    check()


def test_version_that_is_too_large_is_not_stored(
    store: DynamoDBConfigurationVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configuration_versions, "MAX_COMPRESSED", 100)

    with pytest.raises(ConfigurationError, match="a version has at most"):
        store.add_version(variant(1))
    assert store.read_content(version_of(1)) is None


@pytest.mark.parametrize(
    "stored",
    [b"no compressed text", zlib.compress(variant(1))[:-20], zlib.compress(b" " * 2_000)],
    ids=["not compressed", "cut off", "larger than any version"],
)
def test_stored_content_that_cannot_be_unpacked_is_none(
    tables: OneAtATime, stored: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if len(zlib.compress(b" " * 2_000)) == len(stored):
        monkeypatch.setattr(configuration_versions, "MAX_CONTENT", 1_000)
    table = create_configuration_table(tables)
    key = encode_item({"part": "version", "entry": "0" * 16})
    tables.put_item(TableName=table, Item={**key, "content": {"B": stored}})

    assert DynamoDBConfigurationVersions(as_client(tables), table).read_content("0" * 16) is None


def test_missing_table_is_an_upstream_error(tables: OneAtATime) -> None:
    store = DynamoDBConfigurationVersions(as_client(tables), "none")

    with pytest.raises(UpstreamError):
        store.read_pointer()
    with pytest.raises(UpstreamError):
        store.add_version(variant(1))


def test_largest_configuration_of_today_is_far_below_the_limit() -> None:
    assert len(zlib.compress(variant(0), level=9)) < configuration_versions.MAX_COMPRESSED / 5
    assert configuration_digest(variant(0)) == version_of(0)
