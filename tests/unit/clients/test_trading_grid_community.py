"""The community gateway profile: whole lists, single records, and the feed."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.paths import CommunityPaths
from gridwix.errors import CursorExpired, InvalidEvent, RecordFault, Unavailable, UpstreamError
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.onboarding import Percentage
from gridwix.ports import CommunityReader
from gridwix.trading_grid_feed.ports import EventFeed
from tests.factories import (
    BALTIC,
    PRAIRIE_GOLD,
    case,
    check,
    cloud_event,
    document,
    enrollment,
    partner,
)
from tests.fakes.community_wire import CommunityGateway, problem
from tests.fakes.wire import SECRET, ManualClock, Sleeper, Wire, open_auth, shown

BASE = "https://gateway.example/community/v1"
PRAIRIE, BALTIC_HOME = PartnerId(PRAIRIE_GOLD), PartnerId(BALTIC)


def client(wire: Wire, **options: Any) -> CommunityClient:
    clock = ManualClock()
    return CommunityClient(
        wire.client(),
        open_auth(),
        **{"base_url": f"{BASE}/", "clock": clock, "sleep": Sleeper(clock), **options},
    )


def wire_form(entity: BaseModel) -> dict[str, Any]:
    return {
        **entity.model_dump(mode="json", by_alias=True),
        "raw": {"unknown": True},
        "assignee": SECRET,
    }


def gateway(**lists: list[BaseModel]) -> CommunityGateway:
    return CommunityGateway(
        {
            name.replace("_", "-"): [wire_form(entity) for entity in entities]
            for name, entities in lists.items()
        }
    )


def params(request: httpx.Request, name: str) -> list[str]:
    return request.url.params.get_list(name)


def test_client_when_it_is_passed_as_a_port_then_the_types_fit() -> None:
    reader: CommunityReader = client(Wire(handler=gateway()))
    feed: EventFeed = client(Wire(handler=gateway()))

    assert reader.programs().records == []
    assert feed.head() == "0"


def test_lists_when_partners_are_asked_for_then_theirs_and_only_theirs_come() -> None:
    site = gateway(
        partners=[partner(), partner(BALTIC)],
        enrollments=[enrollment(), enrollment("enr_2", partnerId=BALTIC)],
        compliance_checks=[check(), check("chk_2", partnerId=BALTIC)],
        cases=[case(), case("case_2", partnerId=BALTIC)],
    )
    reader = client(Wire(handler=site))

    assert reader.partners([PRAIRIE]).records == [partner()]
    assert reader.enrollments([PRAIRIE]).records == [enrollment()]
    assert reader.compliance_checks([PRAIRIE]).records == [check()]
    assert reader.open_cases([PRAIRIE]).records == [case()]


def test_list_when_the_gateway_ignores_the_filter_then_other_partners_records_are_left_out() -> (
    None
):
    answers = {
        name: [wire_form(entity)]
        for name, entity in (("partners", partner(BALTIC)), ("cases", case(partnerId=BALTIC)))
    }
    wire = Wire(
        handler=lambda request: httpx.Response(
            200, json={"items": answers[request.url.path.rpartition("/")[2]], "nextCursor": None}
        )
    )

    assert client(wire).partners([PRAIRIE]).records == []
    assert client(wire).open_cases([PRAIRIE]).records == []


def test_tombstone_when_it_is_listed_then_it_comes() -> None:
    deleted = partner(deletedAt="2026-03-12T14:05:31Z")

    assert client(Wire(handler=gateway(partners=[deleted]))).partners([PRAIRIE]).records == [
        deleted
    ]


def test_open_cases_when_they_are_read_then_closed_ones_are_not_asked_for() -> None:
    statuses = [
        "new",
        "open",
        "awaiting_partner",
        "awaiting_internal",
        "resolved",
        "closed",
        "cancelled",
    ]
    wire = Wire(
        handler=gateway(cases=[case(f"case_{status}", status=status) for status in statuses])
    )

    found = client(wire).open_cases([PRAIRIE]).records

    assert [item.status for item in found] == statuses[:5]
    assert params(wire.last, "status") == ["new,open,awaiting_partner,awaiting_internal,resolved"]


def test_partners_when_a_hub_has_very_many_then_they_come_page_by_page_without_an_end() -> None:
    site = gateway(partners=[partner(f"GC{number:04}") for number in range(501)])
    site.page_size = 1
    wire = Wire(handler=site)
    reader = client(wire)

    found = reader.partner_pages()
    next(found)

    assert len(wire.requests) == 1
    assert 1 + sum(len(page.records) for page in found) == 501
    assert len(reader.every_partner().records) == 501


def test_ids_of_documents_when_they_are_listed_then_a_malformed_document_is_among_them() -> None:
    site = gateway(documents=[document("doc_1"), document("doc_2"), document("doc_3")])
    site.lists["documents"][1] = {"id": "doc_2"}
    site.spoilt["documents/doc_3"] = {"title": "no id"}
    site.page_size = 2
    noted: list[RecordFault] = []
    reader = client(Wire(handler=site), note=noted.append)

    first, following = reader.document_ids(None)

    assert first == ["doc_1", "doc_2"]
    assert reader.document_ids(following) == ([], None)
    assert [fault.record for fault in noted] == ["documents/?"]


def test_list_when_it_has_several_pages_then_all_are_read_with_the_largest_limit() -> None:
    site = gateway(compliance_checks=[check(f"chk_{number}") for number in range(5)])
    site.page_size = 2
    wire = Wire(handler=site)

    found = client(wire).compliance_checks([PRAIRIE]).records

    assert [item.id for item in found] == [f"chk_{number}" for number in range(5)]
    assert [(params(request, "cursor"), params(request, "limit")) for request in wire.requests] == [
        ([], ["200"]),
        (["2"], ["200"]),
        (["4"], ["200"]),
    ]


@pytest.mark.parametrize(("per_call", "sizes"), [(50, [50, 50, 20]), (1, [1] * 120), (200, [120])])
def test_list_when_there_are_many_partners_then_their_ids_are_grouped(
    per_call: int, sizes: list[int]
) -> None:
    ids = [PartnerId(f"GC{number}") for number in range(120)]
    site = gateway(
        enrollments=[
            enrollment(f"enr_{number}", partnerId=identifier)
            for number, identifier in enumerate(ids)
        ]
    )
    wire = Wire(handler=site)

    found = client(wire, partner_ids_per_call=per_call).enrollments([*ids, *ids]).records

    assert [len(params(request, "partnerId")) for request in wire.requests] == sizes
    assert [item.partner_id for item in found] == ids


def test_list_when_no_partner_is_asked_for_then_nothing_is_sent() -> None:
    wire = Wire(handler=gateway(cases=[case()]))

    assert client(wire).open_cases([]) == Listing()
    assert wire.requests == []


@pytest.mark.parametrize("versions", [(3, 4), (4, 3), (4, 4)])
def test_list_when_a_record_comes_twice_then_the_newest_version_counts(
    versions: tuple[int, int],
) -> None:
    wire = Wire(handler=gateway(cases=[case(version=version) for version in versions]))

    assert client(wire).open_cases([PRAIRIE]).records == [case(version=4)]


VERSION = {
    "fileName": "Guide.pdf",
    "mediaType": "application/pdf",
    "sizeBytes": 3,
    "sha256": "0" * 64,
    "source": "trading_grid",
    "status": "approved",
}


def test_document_comes_with_its_versions_in_one_call() -> None:
    versions = [{**VERSION, "number": number} for number in (2, 1)]
    wire = Wire(handler=gateway(documents=[document(versions=versions)]))

    (listed,) = client(wire).documents().records
    found = client(wire).record("documents/doc_1")

    assert isinstance(found, Document)
    assert [[one.number for one in client(wire).versions(of)] for of in (listed, found)] == [
        [1, 2],
        [1, 2],
    ]
    assert [params(request, "expand") for request in wire.requests] == [["versions"], ["versions"]]


def test_document_whose_gateway_leaves_its_versions_out_has_them_read_by_themselves() -> None:
    answers = {
        "/documents/doc_1": wire_form(document()),
        "/documents/doc_1/versions": {"items": [{**VERSION, "number": 1}], "nextCursor": None},
    }
    del answers["/documents/doc_1"]["versions"]
    wire = Wire(
        handler=lambda request: httpx.Response(
            200, json=answers[request.url.path.removeprefix("/community/v1")]
        )
    )

    found = client(wire).record("documents/doc_1")

    assert isinstance(found, Document)
    assert [one.number for one in client(wire).versions(found)] == [1]
    assert len(wire.requests) == 2


@pytest.mark.parametrize(
    ("limit_of_pages", "cursors"), [(500, ["same", "same"]), (3, ["a", "b", "c", "d"])]
)
def test_list_when_its_pages_do_not_end_then_it_is_an_error(
    limit_of_pages: int, cursors: list[str]
) -> None:
    following = iter(cursors)
    wire = Wire(
        handler=lambda _: httpx.Response(200, json={"items": [], "nextCursor": next(following)})
    )

    with pytest.raises(Unavailable, match="do not end"):
        client(wire, max_pages=limit_of_pages).programs()


def test_paths_when_they_are_configured_then_they_are_used() -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, json={"items": [], "nextCursor": None}))

    client(wire, paths=CommunityPaths(cases="/tickets")).open_cases([PRAIRIE])

    assert wire.last.url.path == "/community/v1/tickets"


@pytest.mark.parametrize("entity", [partner(), enrollment(), check(), case()])
def test_record_when_it_exists_then_it_is_read_by_itself(entity: BaseModel) -> None:
    names = {
        "Partner": "partners",
        "Enrollment": "enrollments",
        "ComplianceCheck": "compliance-checks",
        "Case": "cases",
    }
    collection = names[type(entity).__name__]
    identifier = entity.model_dump()["id"]
    wire = Wire(handler=gateway(**{collection: [entity]}))

    found = client(wire).record(f"{collection}/{identifier}")

    assert found == entity
    assert wire.last.url.path == f"/community/v1/{collection}/{identifier}"


@pytest.mark.parametrize(
    "answer",
    [
        problem(404, "not-found"),
        httpx.Response(404),
        httpx.Response(410),
        problem(410, "not-found"),
    ],
)
def test_record_when_there_is_none_then_none_comes(answer: httpx.Response) -> None:
    assert client(Wire(answers=[answer])).record("cases/case_1") is None


@pytest.mark.parametrize(
    "name",
    ["weather-reports/n1", "cases", "cases/", "cases/..", "", "../cases/1", "webhook-endpoints/1"],
)
def test_record_when_its_name_is_none_then_nothing_is_sent(name: str) -> None:
    wire = Wire()

    with pytest.raises(InvalidEvent):
        client(wire).record(name)
    assert wire.requests == []


def test_record_when_its_id_has_special_characters_then_it_stays_in_its_path_segment() -> None:
    wire = Wire(handler=gateway(cases=[case("../partners?x=1")]))

    found = client(wire).record("cases/../partners?x=1")

    assert found is not None
    assert found.id == "../partners?x=1"


def test_partner_ids_when_they_are_listed_then_pages_follow_until_none_is_left() -> None:
    site = gateway(partners=[partner(f"GC{number}") for number in range(3)])
    site.page_size = 2
    reader = client(Wire(handler=site))

    first, following = reader.partner_ids(None)
    second, end = reader.partner_ids(following)

    assert ([*first, *second], end) == (["GC0", "GC1", "GC2"], None)


def test_owned_ids_when_they_are_listed_then_each_comes_with_its_partner() -> None:
    site = gateway(cases=[case("case_1"), case("case_2", partnerId=BALTIC), case("case_3")])
    site.page_size = 2
    reader = client(Wire(handler=site))

    first, following = reader.owned_ids("cases", None)
    second, end = reader.owned_ids("cases", following)

    assert ([*first, *second], end) == (
        [(PRAIRIE_GOLD, "case_1"), (BALTIC, "case_2"), (PRAIRIE_GOLD, "case_3")],
        None,
    )


@pytest.mark.parametrize(
    "spoilt", [{"id": ""}, {"id": 7}, {"partnerId": None}, {"partnerId": ""}], ids=str
)
def test_owned_ids_when_a_record_is_nobodys_then_it_is_noted_and_left_out(
    spoilt: dict[str, object],
) -> None:
    good = {"id": "case_1", "partnerId": PRAIRIE_GOLD}
    wire = Wire(
        handler=lambda _: httpx.Response(
            200, json={"items": [{**good, **spoilt}, good], "nextCursor": None}
        )
    )
    noted: list[RecordFault] = []

    assert client(wire, note=noted.append).owned_ids("cases", None) == (
        [(PRAIRIE_GOLD, "case_1")],
        None,
    )
    assert [fault.reason for fault in noted] == ["id or partnerId is none"]


@pytest.mark.parametrize("items", [[{}], [{"id": ""}], [{"id": 7}], ["GC1"], [None]])
def test_partner_ids_when_a_record_has_no_id_then_it_is_noted_and_left_out(
    items: list[object],
) -> None:
    wire = Wire(
        handler=lambda _: httpx.Response(
            200, json={"items": [{"id": "GC1"}, *items, {"id": "GC2"}], "nextCursor": None}
        )
    )
    noted: list[RecordFault] = []

    assert client(wire, note=noted.append).partner_ids(None) == (["GC1", "GC2"], None)
    assert [fault.record for fault in noted] == ["partners/?"]


def test_feed_when_its_head_is_asked_for_then_only_later_events_follow() -> None:
    site = CommunityGateway(events=[cloud_event(id="evt_1")])
    wire = Wire(handler=site)
    feed = client(wire)

    head = feed.head()
    site.events.append(cloud_event(id="evt_2"))
    page = feed.read_events(head, 100)

    assert [item["id"] for item in page.items] == ["evt_2"]
    assert not page.has_more
    assert dict(wire.requests[0].url.params) == {"cursor": "now", "limit": "1"}


def test_feed_when_it_is_read_then_pages_are_bounded_and_go_on() -> None:
    wire = Wire(
        handler=CommunityGateway(events=[cloud_event(id=f"evt_{number}") for number in range(250)])
    )
    feed = client(wire)

    first = feed.read_events("0", 1000)
    second = feed.read_events(first.next_cursor, 1000)

    assert [len(first.items), first.has_more, len(second.items), second.has_more] == [
        200,
        True,
        50,
        False,
    ]


@pytest.mark.parametrize(
    "answer", [problem(410, "cursor-expired"), httpx.Response(410), problem(400, "cursor-invalid")]
)
def test_cursor_when_it_is_of_no_use_any_more_then_that_is_said(answer: httpx.Response) -> None:
    reads: list[Callable[[CommunityClient], object]] = [
        lambda reader: reader.read_events("c", 10),
        lambda reader: reader.partner_ids("c"),
    ]
    for read in reads:
        with pytest.raises(CursorExpired):
            read(client(Wire(answers=[answer])))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": None, "nextCursor": "c", "hasMore": False},
        {"items": [], "nextCursor": "", "hasMore": True},
        [],
        "x",
        None,
    ],
)
def test_feed_when_its_answer_is_no_page_then_it_is_an_error(body: object) -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, json=body))

    with pytest.raises(Unavailable) as caught:
        client(wire).read_events("c", 10)

    assert not caught.value.ambiguous


@pytest.mark.parametrize("cursor", [{}, {"nextCursor": None}, {"nextCursor": ""}], ids=str)
def test_head_of_a_feed_without_a_cursor_is_an_error(cursor: dict[str, object]) -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, json={"items": [], **cursor}))

    with pytest.raises(Unavailable, match="nextCursor is empty"):
        client(wire).head()


@pytest.mark.parametrize(
    ("percent", "shown"), [(57.5, 58), (56.5, 57), (99.4, 99), (0.49, 0), (7, 7)]
)
def test_percentage_of_an_enrollment_is_rounded_half_up(percent: float, shown: int) -> None:
    assert TypeAdapter(Percentage).validate_python(percent) == shown


@pytest.mark.parametrize("percent", [100.5, -0.6, float("inf"), float("nan")])
def test_percentage_that_is_none_is_a_fault_of_its_record(percent: float) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Percentage).validate_python(percent)


@pytest.mark.parametrize("body", [{}, {"items": {}}, {"items": [], "nextCursor": 7}, [], 7])
def test_list_when_its_answer_is_no_page_then_it_is_an_error(body: object) -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, json=body))

    with pytest.raises(Unavailable, match="no page of a list"):
        client(wire).programs()


def test_record_when_it_is_malformed_then_it_and_its_field_are_named_and_no_value_is() -> None:
    spoilt = {**wire_form(case("case_7")), "version": f"{SECRET}", "dueAt": SECRET}
    wire = Wire(
        handler=lambda _: httpx.Response(
            200, json={"items": [wire_form(case()), spoilt], "nextCursor": None}
        )
    )

    noted: list[RecordFault] = []

    found = client(wire, note=noted.append).open_cases([PRAIRIE])

    (fault,) = found.faults
    assert found.records == [case()]
    assert (fault.record, fault.owner) == ("cases/case_7", PRAIRIE)
    assert fault.reason == "version int_parsing, dueAt datetime_from_date_parsing"
    assert SECRET not in shown(fault)
    assert [one.record for one in noted] == ["cases/case_7"]


def test_record_when_a_field_is_missing_then_it_is_named() -> None:
    spoilt = {
        name: value for name, value in wire_form(case("case_7")).items() if name != "partnerId"
    }

    with pytest.raises(RecordFault, match="cases/case_7 is malformed: partnerId missing"):
        client(Wire(handler=lambda _: httpx.Response(200, json=spoilt))).record("cases/case_7")


@pytest.mark.parametrize("item", [None, 7, "case_1", [], {}])
def test_record_when_it_is_no_object_then_it_is_a_fault_of_the_partner_who_was_asked_for(
    item: object,
) -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, json={"items": [item], "nextCursor": None}))

    found = client(wire).open_cases([PRAIRIE])

    assert [(fault.record, fault.owner) for fault in found.faults] == [("cases/?", PRAIRIE)]


def test_record_when_nobody_can_tell_whose_it_is_then_the_partners_are_asked_for_one_by_one() -> (
    None
):
    def site(request: httpx.Request) -> httpx.Response:
        asked = params(request, "partnerId")
        items = [wire_form(case(f"case_{one}", partnerId=one)) for one in asked]
        return httpx.Response(
            200,
            json={"items": [*items, *([None] if BALTIC_HOME in asked else [])], "nextCursor": None},
        )

    wire = Wire(handler=site)

    found = client(wire).open_cases([PRAIRIE, BALTIC_HOME])

    assert {one.partner_id for one in found.records} == {PRAIRIE, BALTIC}
    assert [fault.owner for fault in found.faults] == [BALTIC]
    assert [params(request, "partnerId") for request in wire.requests] == [
        [PRAIRIE, BALTIC],
        [PRAIRIE],
        [BALTIC],
    ]


@pytest.mark.parametrize("answer", [None, 7, [], "case_7"])
def test_record_when_it_is_no_object_then_it_is_a_fault_by_its_own_name(answer: object) -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, content=json.dumps(answer).encode()))

    with pytest.raises(RecordFault, match="cases/case_7 is malformed"):
        client(wire).record("cases/case_7")


def test_record_when_it_is_another_one_than_was_asked_for_then_it_is_a_fault() -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, json=wire_form(case("case_8"))))

    with pytest.raises(RecordFault, match="id is another record's"):
        client(wire).record("cases/case_7")


def test_status_when_this_release_does_not_know_it_then_it_stays_as_it_is() -> None:
    wire = Wire(handler=gateway(partners=[partner(status="hibernating")]))

    assert client(wire).partners([PRAIRIE]).records[0].status == "hibernating"


def test_read_when_the_gateway_is_briefly_overloaded_then_it_is_repeated_under_one_id() -> None:
    wire = Wire(handler=gateway(cases=[case()]), answers=[problem(503, "unavailable")])

    assert client(wire).open_cases([PRAIRIE]).records == [case()]
    assert len({request.headers["X-Request-ID"] for request in wire.requests}) == 1


@pytest.mark.parametrize("status", [404, 405, 501])
def test_request_comments_when_the_gateway_has_no_such_operation_are_none(status: int) -> None:
    wire = Wire(handler=lambda _: httpx.Response(status))

    assert client(wire).request_comments("req_1") is None


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_request_comments_when_the_gateway_fails_are_no_missing_operation(status: int) -> None:
    wire = Wire(handler=lambda _: httpx.Response(status))

    with pytest.raises(UpstreamError):
        client(wire).request_comments("req_1")


def test_collections_with_source_are_the_names_that_the_gateway_lists() -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, json={"collections": ["cases", "of-2031"]}))

    assert client(wire).collections_with_source() == frozenset({"cases", "of-2031"})
    assert wire.requests[0].url == f"{BASE}/capabilities"


@pytest.mark.parametrize("status", [404, 405, 410, 501])
def test_collections_with_source_of_an_earlier_gateway_are_unknown(status: int) -> None:
    wire = Wire(handler=lambda _: httpx.Response(status))

    assert client(wire).collections_with_source() is None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(403),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"collections": "cases"}),
        httpx.Response(200, json={"collections": ["cases", 7]}),
        httpx.Response(200, json=["cases"]),
    ],
)
def test_collections_with_source_that_cannot_be_read_are_an_error(answer: httpx.Response) -> None:
    with pytest.raises(UpstreamError):
        client(Wire(handler=lambda _: answer)).collections_with_source()
