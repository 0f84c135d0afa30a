"""OpenText's directory: the real paths, and answers whose shape nobody has published."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gridwix.clients.trading_grid import directory_cache
from gridwix.clients.trading_grid.directory import MAX_REPORTED, DirectoryClient
from gridwix.clients.trading_grid.directory_cache import FRESH_SECONDS
from gridwix.errors import Forbidden, RecordFault, Unavailable
from gridwix.models.ids import CompanyId
from gridwix.models.qualifiers import IdentifierScheme
from tests.fakes.wire import SECRET, ManualClock, Sleeper, Wire, open_auth

HUB = CompanyId("GC00700011NR")
ROOT = "/TGCommunityServices/v1"
PARTNER = {
    "partnerCompanyId": "GC070000000101",
    "partnerCompanyName": "Prairie Gold Foods",
    "tradingAddresses": ["ZZ:PRAIRIEGOLD"],
    "contact": SECRET,
}


def directory(wire: Wire, hub: CompanyId | None = None, **options: Any) -> DirectoryClient:
    clock = ManualClock()
    return DirectoryClient(
        wire.client(),
        open_auth(),
        base_url="https://apigrid.example/",
        hub=hub,
        clock=clock,
        sleep=Sleeper(clock),
        **options,
    )


def answering(body: object, status: int = 200) -> Wire:
    return Wire(handler=lambda _: httpx.Response(status, json=body))


CALLS: list[tuple[Callable[[DirectoryClient], object], str]] = [
    (lambda d: d.partner_directory(HUB), f"{ROOT}/companies/{HUB}/partnerDirectory"),
    (
        lambda d: d.partner_directory(HUB, partner_company_id=CompanyId("GC070000000101")),
        f"{ROOT}/companies/{HUB}/partnerDirectory?partnerCompanyId=GC070000000101",
    ),
    (
        lambda d: d.partner_directory(HUB, partner_company_name="Harbor & Pine"),
        f"{ROOT}/companies/{HUB}/partnerDirectory?partnerCompanyName=Harbor+%26+Pine",
    ),
    (
        lambda d: d.partner_directory(HUB, trading_address="ZZ:PRAIRIEGOLD"),
        f"{ROOT}/companies/{HUB}/partnerDirectory?tradingAddress=ZZ%3APRAIRIEGOLD",
    ),
]


@pytest.mark.parametrize(("call", "target"), CALLS)
def test_call_when_it_is_made_then_it_goes_to_opentexts_own_path(
    call: Callable[[DirectoryClient], object], target: str
) -> None:
    wire = answering({}, 404)

    call(directory(wire))

    assert wire.last.method == "GET"
    assert wire.last.url.raw_path.decode() == target
    assert "X-Request-ID" in wire.last.headers


@pytest.mark.parametrize(
    "body",
    [
        [PARTNER],
        {"partners": [PARTNER]},
        {"companyId": HUB, "partnerDirectory": [PARTNER]},
        {"totalCount": 1, "fetchedCount": 1, "entries": [PARTNER], "_links": {}},
        {"page": {"page": 1}, "response": [PARTNER]},
        PARTNER,
    ],
)
def test_partner_when_it_comes_in_any_of_trading_grids_shapes_then_it_is_found(
    body: object,
) -> None:
    found = directory(answering(body)).partner_directory(HUB)

    assert [(p.company_id, p.name, p.trading_addresses) for p in found] == [
        ("GC070000000101", "Prairie Gold Foods", ("ZZ:PRAIRIEGOLD",))
    ]
    assert found[0].raw == PARTNER


@pytest.mark.parametrize(
    ("members", "addresses"),
    [
        ({}, ()),
        ({"tradingAddress": "02:HPFT"}, ("02:HPFT",)),
        (
            {
                "tradingAddresses": [
                    "a",
                    {"qualifier": "ZZ", "id": "b"},
                    {"qualifier": "14", "address": "c"},
                    {"id": "d"},
                    7,
                    None,
                    {},
                ]
            },
            ("a", "ZZ:b", "14:c", "d"),
        ),
    ],
)
def test_partner_when_its_addresses_come_in_any_shape_then_they_are_told_alike(
    members: dict[str, Any], addresses: tuple[str, ...]
) -> None:
    found = directory(answering([{"companyId": "GC1", **members}])).partner_directory(HUB)

    assert found[0].trading_addresses == addresses


@pytest.mark.parametrize("body", [[], {}, {"partners": []}])
def test_partner_when_there_is_none_then_the_list_is_empty(body: object) -> None:
    assert directory(answering(body)).partner_directory(HUB) == []


@pytest.mark.parametrize(
    "body", [7, "text", [7], [[]], {"partners": {"a": 1}}, {"unknown": [PARTNER]}, {"status": "ok"}]
)
def test_list_when_its_shape_is_not_understood_then_it_is_an_error_and_not_empty(
    body: object,
) -> None:
    with pytest.raises(Unavailable):
        directory(answering(body)).partner_directory(HUB)


@pytest.mark.parametrize("odd", [7, None, [], True])
def test_entry_that_is_no_object_is_noted_and_its_neighbours_are_read(odd: object) -> None:
    noted: list[RecordFault] = []

    found = directory(answering([PARTNER, odd]), note=noted.append).partner_directory(HUB)

    assert len(found) == 1
    assert [(fault.record, fault.reason) for fault in noted] == [
        ("directory/?", "1 of 2 entries are no objects")
    ]


def test_partner_when_it_is_looked_up_by_two_things_then_nothing_is_sent() -> None:
    wire = Wire()

    with pytest.raises(ValueError, match="one thing at a time"):
        directory(wire).partner_directory(HUB, partner_company_name="a", trading_address="b")
    assert wire.requests == []


def test_directory_when_there_is_none_then_it_is_empty() -> None:
    assert (
        directory(
            answering({"status": "404", "message": "m", "error-code": "x"}, 404)
        ).partner_directory(HUB)
        == []
    )


def test_directory_when_it_is_forbidden_then_that_is_no_empty_list() -> None:
    with pytest.raises(Forbidden):
        directory(answering({}, 403)).partner_directory(HUB)


def entry(company: str, *addresses: object, **fields: object) -> dict[str, object]:
    return {"partnerCompanyId": company, "tradingAddresses": list(addresses), **fields}


def shown(entry: Any) -> list[str]:
    return [
        one if isinstance(one, str) else f"{one['qualifier']}:{one['id']}"
        for one in entry["tradingAddresses"]
    ]


@pytest.mark.parametrize(
    ("scheme", "identifier", "entries", "partner"),
    [
        (IdentifierScheme.TRADING_ADDRESS, "ZZ:PRAIRIEGOLD", [entry("A", "ZZ:PRAIRIEGOLD")], "A"),
        (IdentifierScheme.TRADING_ADDRESS, "ZZ:PRAIRIEGOLD", [entry("A", "ZZ:OTHER")], None),
        (
            IdentifierScheme.GLN,
            "9506000100012",
            [entry("A", "ZZ:X"), entry("B", "14:9506000100012")],
            "B",
        ),
        (
            IdentifierScheme.GLN,
            "0614141000524",
            [entry("A", identifiers=[{"scheme": "GLN", "value": "0614141000524"}])],
            "A",
        ),
        (IdentifierScheme.GLN, "0614141000524", [entry("A", gln="0614141000524")], "A"),
        (
            IdentifierScheme.GLN,
            "0614141000524",
            [entry("A", gln="0614141000524"), entry("B", gln="0614141000524")],
            None,
        ),
        (
            IdentifierScheme.GLN,
            "0614141000524",
            [entry("A", identifiers=[{"scheme": "duns", "value": "0614141000524"}])],
            None,
        ),
        (IdentifierScheme.DUNS, "007344567", [entry("A", "01:007344567")], "A"),
        (IdentifierScheme.DUNS, "007344567", [entry("A", "14:007344567")], None),
        (IdentifierScheme.DUNS, "007344567", [], None),
        # A code of one list says nothing in another.
        (IdentifierScheme.GLN, "0614141000524", [entry("A", "07:0614141000524")], "A"),
        (IdentifierScheme.GLN, "0614141000524", [entry("A", "UL:0614141000524")], None),
        (IdentifierScheme.DUNS, "007344567", [entry("A", "1:007344567")], "A"),
        (IdentifierScheme.DUNS, "007344567", [entry("A", "9:007344567")], None),
        (IdentifierScheme.DUNS, "1504837820001", [entry("A", "16:1504837820001")], "A"),
        (IdentifierScheme.DUNS, "1504837820001", [entry("A", "14:1504837820001")], "A"),
        (IdentifierScheme.DUNS, "1504837820001", [entry("A", "9:1504837820001")], "A"),
        (IdentifierScheme.DUNS, "1504837820001", [entry("A", "01:150483782")], "A"),
        (
            IdentifierScheme.DUNS,
            "1504837820001",
            [entry("A", identifiers=[{"scheme": "duns4", "value": "1504837820001"}])],
            "A",
        ),
        (
            IdentifierScheme.DUNS,
            "1504837820001",
            [entry("A", duns="150483782"), entry("B", duns4="1504837820001")],
            "B",
        ),
        # 14: and 13 digits: the check digit of 9506000100012 says that it can be a GLN, so as a
        # D-U-N-S number it has to be X12's by the directory's own word.
        (IdentifierScheme.DUNS, "9506000100012", [entry("A", "14:9506000100012")], None),
        (IdentifierScheme.DUNS, "9506000100012", [entry("A", "01:950600010")], None),
        (
            IdentifierScheme.DUNS,
            "9506000100012",
            [entry("A", {"qualifier": "14", "id": "9506000100012", "standard": "edifact"})],
            None,
        ),
        (
            IdentifierScheme.DUNS,
            "9506000100012",
            [entry("A", {"qualifier": "14", "id": "9506000100012", "standard": "X12"})],
            "A",
        ),
        (
            IdentifierScheme.GLN,
            "9506000100012",
            [entry("A", {"qualifier": "14", "id": "9506000100012", "standard": "x12"})],
            None,
        ),
        (
            IdentifierScheme.GLN,
            "9506000100012",
            [entry("A", {"qualifier": "14", "id": "9506000100012", "standard": "edifact"})],
            "A",
        ),
    ],
)
def test_partner_is_known_by_what_the_directory_shows(
    scheme: IdentifierScheme, identifier: str, entries: list[object], partner: str | None
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        address = request.url.params.get("tradingAddress")
        return httpx.Response(
            200,
            json={"partners": [one for one in entries if address is None or address in shown(one)]},
        )

    clock = ManualClock()
    reader = DirectoryClient(
        Wire(handler=answer).client(),
        open_auth(),
        base_url="https://apigrid.example/",
        hub=HUB,
        clock=clock,
        sleep=Sleeper(clock),
    )

    assert reader.partner_known_by(scheme, identifier) == partner


@pytest.mark.parametrize(("standard", "partner"), [("edifact", "A"), ("x12", None), (None, "A")])
def test_address_is_looked_up_in_the_standard_of_its_envelope(
    standard: str | None, partner: str | None
) -> None:
    known = entry("A", {"qualifier": "14", "id": "9506000100012", "standard": "edifact"})

    assert (
        directory(answering({"partners": [known]}), HUB).partner_with("14:9506000100012", standard)
        == partner
    )


def test_address_of_which_the_directory_says_no_standard_is_of_any() -> None:
    assert (
        directory(answering({"partners": [entry("A", "ZZ:PRAIRIEGOLD")]}), HUB).partner_with(
            "ZZ:PRAIRIEGOLD", "edifact"
        )
        == "A"
    )


def test_whole_directory_is_read_again_only_after_a_while() -> None:
    wire = answering({"partners": []})
    clock = ManualClock()
    reader = DirectoryClient(
        wire.client(),
        open_auth(),
        base_url="https://apigrid.example/",
        hub=HUB,
        clock=clock,
        sleep=Sleeper(clock),
    )

    for _ in range(2):
        reader.partner_known_by(IdentifierScheme.DUNS, "007344567")
    whole = [request for request in wire.requests if not request.url.query]
    clock.now += FRESH_SECONDS + 1
    reader.partner_known_by(IdentifierScheme.DUNS, "007344567")

    assert len(whole) == 1
    assert len([request for request in wire.requests if not request.url.query]) == 2


def test_addresses_of_the_list_are_looked_up_without_a_call_for_each_until_it_is_old() -> None:
    entries = [
        {
            "partnerCompanyId": f"GC{number}",
            "tradingAddresses": [
                {"qualifier": "14", "id": f"95{number}", "standard": "edifact"},
                f"ZZ:P{number}",
            ],
        }
        for number in range(3)
    ]
    wire, clock = answering(entries), ManualClock()
    known = DirectoryClient(
        wire.client(), open_auth(), base_url="https://apigrid.example/", hub=HUB, clock=clock
    )

    found = [
        known.listed_partner_with("14:952", "edifact"),
        known.listed_partner_with("14:952", "x12"),
        known.listed_partner_with("14:952"),
        known.listed_partner_with("ZZ:P1", "x12"),
        known.listed_partner_with("ZZ:NOBODY", "x12"),
    ]

    assert found == ["GC2", None, "GC2", "GC1", None]
    assert len(wire.requests) == 1
    clock.now += FRESH_SECONDS + 1
    known.listed_partner_with("ZZ:P1")
    assert len(wire.requests) == 2


def test_old_list_is_confirmed_on_opentexts_own_lookups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory_cache, "ENTRIES_PER_SECOND", 0.001)
    monkeypatch.setattr(directory_cache, "ENTRIES_PER_LOOKUP", 0)
    entries = [entry("A", "ZZ:PG ", gln="0614141000524"), 7]
    wire, clock, noted = answering(entries), ManualClock(), list[RecordFault]()
    known = DirectoryClient(
        wire.client(),
        open_auth(),
        base_url="https://apigrid.example/",
        hub=HUB,
        clock=clock,
        note=noted.append,
    )
    known.listed_partner_with("ZZ:PG")
    clock.now += FRESH_SECONDS + 1

    found = [
        known.partner_with("ZZ:PG"),
        known.partner_known_by(IdentifierScheme.DUNS, "007344567"),
        known.partner_with("ZZ:PG"),
    ]

    assert found == ["A", None, "A"]
    queries = [request.url.query.decode() for request in wire.requests]
    # Nobody had the D-U-N-S number in a list, so one more list is read, which is fresh.
    assert queries == [
        "",
        "tradingAddress=ZZ%3APG",
        "tradingAddress=ZZ%3APG+",
        "tradingAddress=01%3A007344567",
        "tradingAddress=1%3A007344567",
        "",
    ]
    # What is no entry is left out of an answer as it is of the list.
    assert {fault.reason for fault in noted} == {"1 of 2 entries are no objects"}
    clock.now += FRESH_SECONDS + 1
    assert known.partner_known_by(IdentifierScheme.GLN, "0614141000524") is not None
    assert wire.requests[6].url.query == b"partnerCompanyId=A"


@pytest.mark.parametrize(("standard", "partner"), [("edifact", "A"), ("x12", None)])
def test_address_when_it_is_in_the_order_of_unb_then_it_is_looked_up_in_edifact(
    standard: str, partner: str | None
) -> None:
    known = entry("A", {"qualifier": "14", "id": "4012345000009", "standard": standard})
    reader = directory(answering({"partners": [known]}), HUB)

    found = lookups(reader, "4012345000009:14")

    assert found == [partner] * 3


def comparing_texts(entries: list[Any]) -> Wire:
    """A directory whose lookup by address compares texts, as OpenText's may."""

    def answer(request: httpx.Request) -> httpx.Response:
        address = request.url.params.get("tradingAddress")
        found = [one for one in entries if address in (None, *one.get("tradingAddresses", ()))]
        return httpx.Response(200, json={"partners": found})

    return Wire(handler=answer)


def lookups(reader: DirectoryClient, address: str) -> list[str | None]:
    """What each of the ways finds by which an address is looked up."""
    return [
        reader.partner_with(address),
        reader.listed_partner_with(address),
        reader.partner_known_by(IdentifierScheme.TRADING_ADDRESS, address),
    ]


@pytest.mark.parametrize(
    ("address", "members"),
    [
        ("ZZ:PRAIRIEGOLD", {"tradingAddresses": [one]})
        for one in (
            "ZZ:PRAIRIEGOLD    ",
            "ZZ:PrairieGold",
            "ZZ/PRAIRIEGOLD",
            "PRAIRIEGOLD:ZZ",
            {"qualifier": "zz", "id": "PRAIRIEGOLD"},
            {"qualifier": "ZZ ", "address": "PRAIRIEGOLD    "},
            {"qualifier": "ZZ", "value": "PrairieGold"},
            {"interchangeQualifier": "ZZ", "interchangeId": "PRAIRIEGOLD"},
            {"interchangeIdQualifier": "ZZ", "interchangeId": "PRAIRIEGOLD"},
            {"value": "ZZ:PRAIRIEGOLD"},
            {"interchangeId": "zz/PrairieGold"},
            # A key of the vendor's own row beside the id.
            {"id": "4711", "qualifier": "ZZ", "value": "PRAIRIEGOLD"},
        )
    ]
    + [
        ("ZZ:PRAIRIEGOLD", {"interchangeQualifier": "ZZ", "interchangeId": "PRAIRIEGOLD"}),
        ("ZZ:PRAIRIEGOLD", {"tradingAddress": {"qualifier": "zz", "value": "PRAIRIEGOLD"}}),
        ("zz:PrairieGold   ", {"tradingAddresses": ["ZZ:PRAIRIEGOLD"]}),
        ("12:8003753403", {"tradingAddresses": ["12:800-375-3403"]}),
        ("12:800-375-3403", {"tradingAddresses": [{"qualifier": "12", "id": "8003753403"}]}),
        ("01:150483782", {"tradingAddresses": ["01:15-048-3782"]}),
        ("14:4012345000009", {"tradingAddresses": ["4012345000009:14"]}),
    ],
)
def test_address_when_the_directory_writes_it_otherwise_then_each_lookup_finds_it(
    address: str, members: dict[str, object]
) -> None:
    entries = [entry("B", "ZZ:OTHER"), {"partnerCompanyId": "A", **members}]

    found = lookups(directory(comparing_texts(entries), HUB), address)

    assert found == ["A"] * 3


@pytest.mark.parametrize(
    "listed",
    [
        "ZZ:PRAIRIEGOLD2",
        "ZZ:PRAIRIE",
        "01:PRAIRIEGOLD",
        "ZZ:PRAIRIE-GOLD",
        "PRAIRIEGOLD",
        {"qualifier": "ZZ", "note": "PRAIRIEGOLD"},
        {"qualifier": "ZZ", "id": "   "},
        {"qualifier": "01", "value": "PRAIRIEGOLD"},
    ],
)
def test_address_when_the_directory_has_only_one_like_it_then_no_lookup_finds_it(
    listed: object,
) -> None:
    wire = answering({"partners": [entry("A", listed)]})

    found = lookups(directory(wire, HUB), "ZZ:PRAIRIEGOLD")

    assert found == [None] * 3


@pytest.mark.parametrize("other", ["ZZ:PRAIRIEGOLD", "ZZ:PrairieGold", "ZZ/PRAIRIEGOLD   "])
def test_address_when_two_partners_have_it_then_both_are_reported_and_neither_is_chosen(
    other: str,
) -> None:
    noted: list[RecordFault] = []
    wire = comparing_texts([entry("A", "ZZ:PRAIRIEGOLD"), entry("B", other)])

    found = lookups(directory(wire, HUB, note=noted.append), "ZZ:PRAIRIEGOLD")

    assert found == [None] * 3
    reason = "2 partners have one address or identifier"
    assert [(fault.record, fault.reason) for fault in noted] == 3 * [
        ("directory/A", reason),
        ("directory/B", reason),
    ]


def test_address_when_two_entries_of_one_partner_have_it_then_it_is_that_partners() -> None:
    noted: list[RecordFault] = []
    wire = comparing_texts([entry("A", "ZZ:PRAIRIEGOLD"), entry("A", "ZZ:PrairieGold")])

    found = lookups(directory(wire, HUB, note=noted.append), "ZZ:PRAIRIEGOLD")

    assert (found, noted) == (["A"] * 3, [])


def test_address_when_very_many_partners_have_it_then_only_some_are_reported() -> None:
    noted: list[RecordFault] = []
    entries: list[Any] = [entry(f"GC {number}", "ZZ:X") for number in range(MAX_REPORTED + 1)]

    found = directory(comparing_texts(entries), HUB, note=noted.append).partner_with("ZZ:X")

    assert found is None
    # An id that may be anything is not repeated.
    assert [fault.record for fault in noted] == ["directory/?"] * MAX_REPORTED


@pytest.mark.parametrize(
    "listed",
    [
        [{"gln": "06 14141 00052 4"}, {"identifiers": [{"type": "GLN", "id": "06-14141000524"}]}],
        [{"gln": "0614141000524"}, {"tradingAddress": "07:0614141000524"}],
        [{"tradingAddress": "07:0614141000524"}, {"tradingAddress": "0614141000524:14"}],
    ],
)
def test_gln_when_two_partners_have_it_then_both_are_reported(listed: list[Any]) -> None:
    noted: list[RecordFault] = []
    entries = [{"companyId": f"GC{number}", **each} for number, each in enumerate(listed)]
    reader = directory(answering(entries), HUB, note=noted.append)

    found = reader.partner_known_by(IdentifierScheme.GLN, "0614141000524")

    assert found is None
    assert [fault.record for fault in noted] == ["directory/GC0", "directory/GC1"]


def test_duns_when_the_directory_writes_it_with_hyphens_then_it_is_found() -> None:
    reader = directory(answering([{"companyId": "GC1", "duns": "15-048-3782 "}]), HUB)

    found = reader.partner_known_by(IdentifierScheme.DUNS, "150483782")

    assert found == "GC1"


def test_partner_when_it_is_new_then_the_directory_is_asked_for_its_normal_address() -> None:
    entries: list[Any] = []
    wire = comparing_texts(entries)
    reader = directory(wire, HUB)
    reader.listed_partner_with("ZZ:PRAIRIEGOLD")
    entries.append(entry("A", "ZZ:PRAIRIEGOLD"))

    found = reader.partner_with("zz:PrairieGold   ")

    assert found == "A"
    assert wire.last.url.params["tradingAddress"] == "ZZ:PRAIRIEGOLD"


def test_partner_when_it_is_listed_then_the_directory_is_not_asked_for_it_by_itself() -> None:
    wire = comparing_texts([entry("A", "ZZ:A"), entry("B", "ZZ:B")])
    reader = directory(wire, HUB)

    found = [reader.partner_with("ZZ:A"), reader.partner_with("ZZ:B")]

    assert found == ["A", "B"]
    assert len(wire.requests) == 1


@pytest.mark.parametrize("address", ["", "   "])
def test_address_when_it_is_blank_then_nothing_is_asked_and_nobody_has_it(address: str) -> None:
    wire = comparing_texts([{"partnerCompanyId": "A", "tradingAddresses": ["", " "]}])

    found = directory(wire, HUB).partner_with(address)

    assert found is None
    assert [request.url.query for request in wire.requests] == [b""]
