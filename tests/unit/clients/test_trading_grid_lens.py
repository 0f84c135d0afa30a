"""The Lens transaction search: which queries are sent, and what is taken from the answers."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from graphql import parse

from gridwix.clients.trading_grid.lens import PATH, PROCESSES_PER_CALL, SCROLL, LensClient
from gridwix.errors import RecordFault, Unauthenticated, Unavailable
from gridwix.mapping.transactions import group_by_process
from gridwix.ports import TransactionSearch
from tests.fakes.wire import SECRET, ManualClock, Sleeper, Wire, open_auth, shown

SINCE = datetime(2026, 3, 12, 15, 5, 31, 250_999, tzinfo=timezone(timedelta(hours=1)))
UNTIL = datetime(2026, 3, 12, 14, 20, tzinfo=UTC)


def client(wire: Wire, **options: Any) -> LensClient:
    clock = ManualClock()
    return LensClient(
        wire.client(),
        open_auth(),
        base_url="https://gateway.example/",
        clock=clock,
        sleep=Sleeper(clock),
        **options,
    )


def item(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "transactionid": f"TG-{number}",
        "correlationid": f"c-{number}",
        "status": "S",
        "contentkeys": None,
        **fields,
    }


def answer(*items: Any, total: int | None = None, **members: Any) -> httpx.Response:
    found = {
        "count": len(items),
        "total": len(items) if total is None else total,
        "offset": 0,
        "scrollid": None,
        "transactions": list(items),
    }
    return httpx.Response(200, json={"data": {"getTransactions": found}, **members})


def queries(wire: Wire) -> list[str]:
    return [body["query"] for body in wire.bodies()]


def test_changes_of_both_statuses_are_searched_between_two_times_in_utc() -> None:
    wire = Wire(handler=lambda _: answer(item(1)))
    search: TransactionSearch = client(wire)

    found = search.changed_entries(SINCE, UNTIL).records

    assert [entry.transaction_id for entry in found] == ["TG-1", "TG-1"]
    assert {request.url.path for request in wire.requests} == {PATH}
    for field, query in zip(("statusdate", "fastatusdate"), queries(wire), strict=True):
        parse(query)
        span = 'from: "2026-03-12T14:05:31.250Z" to: "2026-03-12T14:20:00.000Z"'
        assert f"ranges: {{field: {field} {span}}}" in query
        assert "scroll: true" in query and "contentKeyFilters: []" in query
    assert wire.bodies()[0]["variables"] == ""


def test_scroll_goes_on_with_the_very_same_query_and_no_other_search_has_it() -> None:
    pages = [
        answer(*(item(number) for number in range(SCROLL)), total=SCROLL + 1),
        answer(item(SCROLL), total=SCROLL + 1),
        answer(),
    ]
    wire = Wire(answers=list(pages))

    found = client(wire).changed_entries(SINCE, UNTIL).records

    first, second, third = queries(wire)
    assert len(found) == SCROLL + 1
    assert first == second
    assert re.match(r"query \w+", first)[0] != re.match(r"query \w+", third)[0]  # type: ignore[index]


def test_scroll_that_gives_less_than_it_says_is_not_believed() -> None:
    wire = Wire(answers=[answer(item(1), total=2)])

    with pytest.raises(Unavailable, match="2 entries are said to be there, 1 came"):
        client(wire).changed_entries(SINCE, UNTIL)


def test_entry_that_comes_twice_in_a_scroll_is_one_and_is_not_missed() -> None:
    wire = Wire(handler=lambda _: answer(item(1), item(2), item(2, status="F")))

    assert sorted(
        entry.transaction_id for entry in client(wire).changed_entries(SINCE, UNTIL).records
    ) == ["TG-1", "TG-1", "TG-2", "TG-2"]


def test_scroll_that_never_ends_is_broken_off() -> None:
    wire = Wire(handler=lambda _: answer(*(item(number) for number in range(SCROLL)), total=10**6))

    with pytest.raises(Unavailable, match="do not end"):
        client(wire).changed_entries(SINCE, UNTIL)


def test_arrivals_are_searched_page_by_page_with_their_time_of_arrival() -> None:
    arrived = "2026-03-12T14:10:00.000Z"
    first = [item(number, arrivaltime=arrived) for number in range(SCROLL)]
    wire = Wire(answers=[answer(*first, total=SCROLL + 1), answer(item(SCROLL), total=SCROLL + 1)])
    pages = client(wire).arrived_entries(SINCE, UNTIL)

    page = next(pages)
    asked = len(wire.requests)
    rest = list(pages)

    assert asked == 1
    assert page.records[0].arrived_at == datetime(2026, 3, 12, 14, 10, tzinfo=UTC)
    assert [len(one.records) for one in (page, *rest)] == [SCROLL, 1]
    assert len(set(queries(wire))) == 1
    parse(queries(wire)[0])
    span = 'from: "2026-03-12T14:05:31.250Z" to: "2026-03-12T14:20:00.000Z"'
    assert f"ranges: {{field: arrivaltime {span}}}" in queries(wire)[0]
    assert " arrivaltime contentkeys" in queries(wire)[0]


def test_arrivals_of_which_some_are_missing_are_not_believed() -> None:
    pages = client(Wire(answers=[answer(item(1), total=2)])).arrived_entries(SINCE, UNTIL)

    assert len(next(pages).records) == 1
    with pytest.raises(Unavailable, match="2 entries are said to be there, 1 came"):
        next(pages)


def test_warnings_beside_the_data_are_no_failure() -> None:
    wire = Wire(
        handler=lambda _: answer(
            item(1, fastatus=None), errors=[{"message": "fastatus C cannot be shown"}]
        )
    )

    assert [entry.fa_status for entry in client(wire).entries_of(["c-1"]).records] == [None]


def test_entries_of_processes_are_asked_for_in_chunks_and_only_those_count() -> None:
    wire = Wire(handler=lambda _: answer(item(1), item(2), item(3, correlationid=None)))

    found = (
        client(wire)
        .entries_of([f"c-{number}" for number in range(PROCESSES_PER_CALL)] + ["TG-3", 'a"b'])
        .records
    )

    assert sorted(entry.process for entry in found) == ["TG-3", "c-1", "c-2"]
    assert len(wire.requests) == 2
    for query in queries(wire):
        parse(query)
    assert 'query: "a\\"b"' in queries(wire)[1]


def test_pages_of_a_search_are_read_to_the_end() -> None:
    wire = Wire(answers=[answer(item(1), item(1), total=3), answer(item(1, status="F"), total=3)])

    found = client(wire).entries_of(["c-1"]).records

    assert (len(found), [re.search(r"offset: (\d+)", query)[1] for query in queries(wire)]) == (  # type: ignore[index]
        3,
        ["0", "2"],
    )


@pytest.mark.parametrize(
    "broken",
    [
        httpx.Response(
            200, json={"data": {"getTransactions": None}, "errors": [{"message": SECRET}]}
        ),
        httpx.Response(200, json={"errors": [{"message": SECRET}]}),
        httpx.Response(200, json=[SECRET]),
        httpx.Response(200, content=SECRET.encode()),
    ],
)
def test_answer_without_what_was_asked_for_is_unusable_and_shows_nothing_of_it(
    broken: httpx.Response,
) -> None:
    with pytest.raises(Unavailable) as caught:
        client(Wire(answers=[broken])).entries_of(["c-1"])

    assert SECRET not in shown(caught.value)
    assert caught.value.retryable


def test_refused_token_is_said_as_such() -> None:
    legacy = {"status": "401", "message": "expired", "error-code": "unauthorized"}

    with pytest.raises(Unauthenticated):
        client(Wire(handler=lambda _: httpx.Response(401, json=legacy))).entries_of(["c-1"])


@pytest.mark.parametrize(
    ("broken", "record", "owner"),
    [
        ({"transactionid": "", "errorcode": {"a": SECRET}}, "transactions/?", "c-1"),
        (
            {"statusdate": SECRET, "transactionid": "TG-9", "correlationid": "c-1"},
            "transactions/c-1",
            "c-1",
        ),
        (SECRET, "transactions/?", "c-1"),
        (None, "transactions/?", "c-1"),
    ],
    ids=str,
)
def test_entry_that_cannot_be_read_is_a_fault_of_its_process_and_its_neighbours_are_read(
    broken: Any, record: str, owner: str
) -> None:
    noted: list[RecordFault] = []
    wire = Wire(handler=lambda _: answer(item(1), broken))

    found = client(wire, note=noted.append).entries_of(["c-1"])

    assert [entry.transaction_id for entry in found.records] == ["TG-1"]
    assert [(fault.record, fault.owner) for fault in found.faults] == [(record, owner)]
    assert [fault.record for fault in noted] == [record]
    assert SECRET not in f"{found.faults}{noted}"


def test_time_without_a_zone_is_utc_so_that_entries_can_be_compared() -> None:
    wire = Wire(
        handler=lambda _: answer(
            item(1, statusdate="2026-03-12T14:05:00"), item(1, statusdate="2026-03-12T14:06:00Z")
        )
    )

    (process,) = group_by_process(client(wire).entries_of(["c-1"]).records).values()

    assert [entry.status_date.isoformat() for entry in process if entry.status_date] == [
        "2026-03-12T14:06:00+00:00"
    ]
