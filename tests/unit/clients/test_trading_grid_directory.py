"""OpenText's directory: the real paths, and answers whose shape nobody has published."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gridwix.clients.trading_grid.directory import KEPT_SECONDS, DirectoryClient
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
    clock.now += KEPT_SECONDS + 1
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
    clock.now += KEPT_SECONDS + 1
    known.listed_partner_with("ZZ:P1")
    assert len(wire.requests) == 2
