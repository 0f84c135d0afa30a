"""Lists of what was updated lately: which query is sent, and what is taken from the answer."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.errors import CursorExpired, RecordFault, Unavailable
from gridwix.models.ids import PartnerId
from gridwix.models.reconciliation import ChangedRecord
from gridwix.reconciler.sweep import KINDS, ChangedRecords
from tests.factories import BALTIC, PRAIRIE_GOLD
from tests.fakes.community_wire import problem
from tests.fakes.wire import SECRET, ManualClock, Sleeper, Wire, open_auth

BASE = "https://gateway.example/community/v1"
SINCE = datetime(2026, 3, 12, 15, 5, 31, 250_999, tzinfo=timezone(timedelta(hours=1)))
AS_OF = "2026-03-12T14:20:00.000Z"
CHECK = {"id": "chk_1", "partnerId": PRAIRIE_GOLD, "version": 7, "title": SECRET}


def client(wire: Wire, **options: Any) -> ChangedRecordsClient:
    clock = ManualClock()
    return ChangedRecordsClient(
        wire.client(),
        open_auth(),
        base_url=f"{BASE}/",
        clock=clock,
        sleep=Sleeper(clock),
        **options,
    )


def answer(*items: Any, **members: Any) -> httpx.Response:
    return httpx.Response(200, json={"items": items, "nextCursor": None, "asOf": AS_OF, **members})


def test_first_page_asks_for_what_was_updated_since_in_utc() -> None:
    wire = Wire(handler=lambda _: answer(CHECK, nextCursor="c2"))
    reader: ChangedRecords = client(wire)

    page = reader.changed("compliance-checks", SINCE, None)

    (request,) = wire.requests
    assert request.url.path == "/community/v1/compliance-checks"
    assert dict(request.url.params) == {"updatedSince": "2026-03-12T14:05:31.250Z", "limit": "200"}
    assert (page.records, page.cursor, page.as_of) == (
        [
            ChangedRecord(
                "compliance-checks/chk_1", PartnerId(PRAIRIE_GOLD), 7, PartnerId(PRAIRIE_GOLD)
            )
        ],
        "c2",
        datetime(2026, 3, 12, 14, 20, tzinfo=UTC),
    )


def test_further_page_is_asked_for_by_its_cursor() -> None:
    wire = Wire(handler=lambda _: answer())

    page = client(wire).changed("cases", SINCE, "c2")

    assert wire.requests[0].url.params["cursor"] == "c2"
    assert (page.records, page.cursor) == ([], None)


def test_partner_is_its_own_partner() -> None:
    page = client(Wire(handler=lambda _: answer({"id": BALTIC, "version": 1}))).changed(
        "partners", SINCE, None
    )

    assert page.records == [
        ChangedRecord(f"partners/{BALTIC}", PartnerId(BALTIC), 1, PartnerId(BALTIC))
    ]


@pytest.mark.parametrize("kind", ["onboarding-programs", "service-notices"])
def test_record_of_the_hub_belongs_to_no_partner(kind: str) -> None:
    page = client(
        Wire(handler=lambda _: answer({"id": "x1", "version": 3, "partnerId": PRAIRIE_GOLD}))
    ).changed(kind, SINCE, None)

    assert page.records == [ChangedRecord(f"{kind}/x1", None, 3, PartnerId(PRAIRIE_GOLD))]


def test_every_kind_of_the_sweep_has_a_list() -> None:
    reader = client(Wire(handler=lambda _: answer()))

    assert [reader.changed(kind, SINCE, None).cursor for kind in KINDS] == [None] * len(KINDS)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"id": None},
        {"id": "a/b"},
        {"id": "x" * 101},
        {"version": 0},
        {"version": True},
        {"version": "7"},
        {"partnerId": None},
        {"partnerId": ""},
    ],
    ids=str,
)
def test_record_without_what_identifies_it_is_noted_and_its_neighbours_are_announced(
    spoilt: dict[str, Any],
) -> None:
    noted: list[RecordFault] = []
    wire = Wire(handler=lambda _: answer({**CHECK, **spoilt}, {**CHECK, "id": "chk_9"}))

    page = client(wire, note=noted.append).changed("compliance-checks", SINCE, None)

    assert [record.record for record in page.records] == ["compliance-checks/chk_9"]
    assert [fault.record.partition("/")[0] for fault in noted] == ["compliance-checks"]
    assert SECRET not in str(noted)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"items": None},
        {"nextCursor": 7},
        {"asOf": None},
        {"asOf": "soon"},
        {"asOf": "2026-03-12T14:20:00"},
    ],
    ids=str,
)
def test_answer_that_is_no_page_is_unusable(spoilt: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        client(Wire(handler=lambda _: answer(**spoilt))).changed("cases", SINCE, None)


@pytest.mark.parametrize("spoilt", [{"asOf": None}, {}], ids=str)
def test_page_without_a_time_is_as_new_as_its_answer_less_two_minutes(
    spoilt: dict[str, Any],
) -> None:
    headers = {"Date": "Thu, 12 Mar 2026 14:22:31 GMT"}
    page = {"items": [CHECK], **spoilt}
    wire = Wire(handler=lambda _: httpx.Response(200, json=page, headers=headers))

    found = client(wire).changed("compliance-checks", SINCE, None)

    assert (len(found.records), found.cursor) == (1, None)
    assert found.as_of == datetime(2026, 3, 12, 14, 20, 31, tzinfo=UTC)


def test_cursor_that_is_too_old_is_said_to_be_so() -> None:
    with pytest.raises(CursorExpired):
        client(Wire(handler=lambda _: problem(410, "cursor-expired"))).changed("cases", SINCE, "c1")
