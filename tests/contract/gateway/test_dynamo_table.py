"""The gateway's table: DynamoDB's stand-in and the one in memory hold the same contract."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any, cast

import botocore.session
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.dynamodb import COUNTER, ROUNDS, DynamoTable
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.records import Filters, Records
from gridwix_gateway.store.table import (
    CounterStep,
    Item,
    Key,
    Outrun,
    Table,
    Throttled,
    Transaction,
)
from tests.fakes.gateway.memory_table import MemoryTable
from tests.fakes.gateway.tables import create_table


@pytest.fixture(params=["dynamodb", "memory"])
def table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = botocore.session.get_session().create_client("dynamodb")
        create_table(client, "records")
        yield DynamoTable(client, "records")


def test_commit_moves_the_counter_only_from_the_expected_number(table: Table) -> None:
    first: Item = {"pk": COUNTER.pk, "sk": COUNTER.sk, "commits": 1, "sequence": 2, "at": "t"}
    table.commit(Transaction(CounterStep(0, first), [{"pk": "a", "sk": "-", "n": 1}], token="1"))

    for expected in (0, 2):
        with pytest.raises(Outrun):
            table.commit(
                Transaction(
                    CounterStep(expected, first),
                    [{"pk": "b", "sk": "-"}],
                    [Key("a", "-")],
                    token=f"expected-{expected}",
                )
            )

    assert table.get(COUNTER) == first
    assert table.get(Key("a", "-")) == {"pk": "a", "sk": "-", "n": 1}
    assert table.get(Key("b", "-")) is None


def test_commit_writes_and_deletes(table: Table) -> None:
    counter: Item = {"pk": COUNTER.pk, "sk": COUNTER.sk, "commits": 1, "sequence": 0, "at": "t"}
    table.commit(Transaction(CounterStep(0, counter), [{"pk": "a", "sk": "-"}], token="1"))

    moved: Item = {**counter, "commits": 2}
    table.commit(Transaction(CounterStep(1, moved), [{"pk": "b", "sk": "-"}], [Key("a", "-")], "2"))

    assert table.get(COUNTER) == moved
    assert table.get(Key("a", "-")) is None
    assert table.get(Key("b", "-")) == {"pk": "b", "sk": "-"}


def test_many_items_are_read_at_once_and_those_that_are_missing_left_out(table: Table) -> None:
    stored = {Key(f"p{number}", "-"): {"pk": f"p{number}", "sk": "-"} for number in range(150)}
    for item in stored.values():
        table.put(dict(item))

    assert table.get_many([*stored, Key("p0", "-"), Key("missing", "-")]) == stored
    assert table.get_many([]) == {}


def test_keys_that_dynamodb_leaves_are_asked_for_again_and_not_for_ever() -> None:
    class Slow:
        """Answers one key per call."""

        def __init__(self) -> None:
            self.calls = 0

        def batch_get_item(self, **request: Any) -> dict[str, Any]:
            self.calls += 1
            first, *rest = request["RequestItems"]["records"]["Keys"]
            left = {"records": {**request["RequestItems"]["records"], "Keys": rest}}
            return {
                "Responses": {"records": [first]},
                **({"UnprocessedKeys": left} if rest else {}),
            }

    few, many = [[Key(f"p{one}", "-") for one in range(number)] for number in (ROUNDS, ROUNDS + 1)]
    slow = Slow()

    assert set(DynamoTable(cast("BaseClient", slow), "records").get_many(few)) == set(few)
    assert slow.calls == ROUNDS
    with pytest.raises(Throttled):
        DynamoTable(cast("BaseClient", Slow()), "records").get_many(many)


def test_query_returns_a_partition_in_order_from_either_end(table: Table) -> None:
    for name in "bdac":
        table.put({"pk": "p", "sk": name})

    assert [item["sk"] for item in table.query("p", limit=3)] == ["a", "b", "c"]
    assert [item["sk"] for item in table.query("p", after="b", limit=9)] == ["c", "d"]
    assert [item["sk"] for item in table.query("p", after="c", limit=9, backwards=True)] == [
        "b",
        "a",
    ]


def test_put_if_absent_leaves_what_is_there(table: Table) -> None:
    assert table.put({"pk": "p", "sk": "-", "n": 1}, if_absent=True)
    assert not table.put({"pk": "p", "sk": "-", "n": 2}, if_absent=True)
    assert table.get(Key("p", "-")) == {"pk": "p", "sk": "-", "n": 1}

    table.delete(Key("p", "-"))

    assert table.get(Key("p", "-")) is None


def test_replace_writes_only_over_the_expected_value(table: Table) -> None:
    assert not table.replace({"pk": "p", "sk": "-", "owner": "a"}, "owner", "")
    table.put({"pk": "p", "sk": "-", "owner": "a"})

    assert not table.replace({"pk": "p", "sk": "-", "owner": "b"}, "owner", "c")
    assert not table.replace({"pk": "p", "sk": "-", "owner": "b"}, "other", "a")
    assert table.replace({"pk": "p", "sk": "-", "owner": "b"}, "owner", "a")

    assert table.get(Key("p", "-")) == {"pk": "p", "sk": "-", "owner": "b"}
    assert table.query("p", limit=9) == [{"pk": "p", "sk": "-", "owner": "b"}]


def test_records_and_events_of_commits_are_listed_in_order(table: Table) -> None:
    commits, records, feed = Commits(table, "GC1", "t."), Records(table), Feed(table)

    def create(draft: Draft) -> None:
        for number in range(12):
            fields = {"id": f"c{number}", "partnerId": f"p{number % 3}", "status": "new"}
            draft.create("cases", fields, "case.created")

    commits.run(create)
    for name in ("c3", "c1"):
        commits.run(partial(_open_case, name))

    listed: list[Document] = []
    position = ""
    while True:
        page = records.list_page("cases", Filters(), position, 5)
        listed += page.documents
        if page.position is None:
            break
        position = page.position
    order = [(str(one["updatedAt"]), str(one["id"])) for one in listed]
    assert len(listed) == 12
    assert all(one < other for one, other in pairwise(order))
    of_two = records.list_page("cases", Filters(frozenset({"p0", "p1"})), "", 50).documents
    assert [one["id"] for one in of_two] == [
        one["id"] for one in listed if one["partnerId"] in ("p0", "p1")
    ]
    opened = records.list_page("cases", Filters(statuses=frozenset({"open"})), "", 50).documents
    assert {one["id"] for one in opened} == {"c1", "c3"}
    page_of_events = feed.read_page(0, 200)
    assert [event["sequence"] for event in page_of_events.events] == [
        f"{number:012}" for number in range(1, 15)
    ]
    assert (page_of_events.position, page_of_events.has_more) == (14, False)
    assert feed.start() == 0


@pytest.mark.parametrize("small", [600, 4], ids=["as-a-whole", "by-partner"])
def test_lists_of_partners_are_the_same_however_they_are_read(
    table: Table, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr("gridwix_gateway.store.records.SMALL_COLLECTION", small)
    commits, records = Commits(table, "GC1", "t."), Records(table)

    def create(draft: Draft) -> None:
        for number in range(40):
            fields = {"id": f"c{number:02}", "partnerId": f"p{number % 8}", "status": "new"}
            draft.create("cases", fields, "case.created")

    commits.run(create)
    for name in ("c33", "c01"):
        commits.run(partial(_open_case, name))
    chosen = frozenset(f"p{number}" for number in range(5))

    found: list[Document] = []
    position = ""
    while True:
        page = records.list_page("cases", Filters(chosen), position, 7)
        found += page.documents
        if page.position is None:
            break
        position = page.position

    every = records.list_page("cases", Filters(), "", 100).documents
    assert found == [case for case in every if case["partnerId"] in chosen]
    assert len(found) == 25


def _open_case(identifier: str, draft: Draft) -> None:
    case = draft.get("cases", identifier)
    assert case is not None
    draft.change("cases", case, {"status": "open"}, "case.status_changed")
