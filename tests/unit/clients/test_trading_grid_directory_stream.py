"""The partner directory is read while it arrives, and means what it means as a whole."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix import compact_texts
from gridwix.clients.json_stream import JsonStream
from gridwix.clients.json_values import json_object, parse_json
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.directory_entries import (
    ENVELOPE_NAMES,
    PARTNER_ID_NAMES,
    RawEntry,
    directory_partner,
    entry_identifiers,
    first_text,
    listed_addresses,
)
from gridwix.clients.trading_grid.directory_index import DirectoryIndex
from gridwix.clients.trading_grid.directory_listing import read_listing
from gridwix.errors import RecordFault, Unavailable
from gridwix.mapping.trading_addresses import normal_number, read_address
from gridwix.models.ids import CompanyId
from gridwix.models.qualifiers import IdentifierScheme
from tests.fakes.wire import SECRET, ManualClock, Sleeper, Wire, chain, open_auth, shown

HUB = CompanyId("GC00700011NR")
ADDRESS = "ZZ:PRAIRIEGOLD"
ENTRY = {"partnerCompanyId": "GC1", "tradingAddresses": [ADDRESS], "contact": SECRET}
BODY = json.dumps({"partners": [ENTRY]}).encode()

NOT_UNDERSTOOD, NO_JSON = "not understood", "no JSON"

NAMES = st.sampled_from([*ENVELOPE_NAMES[:3], "data", "companyId", "name", "total"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
ENTRIES = st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=2), max_size=3)
LISTS = st.lists(ENTRIES | SCALARS, max_size=4)
MEMBERS = st.lists(st.tuples(NAMES, SCALARS | LISTS), max_size=4)


@st.composite
def objects(draw: st.DrawFn) -> str:
    """The text of an object, in which a name may occur twice."""
    members = [f"{json.dumps(name)}: {json.dumps(one)}" for name, one in draw(MEMBERS)]
    return "{" + ", ".join(members) + "}"


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """The body of a response: any shape, any encoding of Unicode, whole or damaged."""
    text = draw(objects() | LISTS.map(json.dumps) | SCALARS.map(json.dumps))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"]))
    body = (draw(st.sampled_from(["", " \n"])) + text).encode(encoding)
    at = draw(st.integers(0, len(body)))
    damage = draw(st.sampled_from([b"", b"", b"7", b"]", b",", b'"', b"\xff", b"NaN", b" "]))
    return draw(st.sampled_from([body, body[:at], body[:at] + damage + body[at:]]))


def in_pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


def read_whole(body: bytes) -> Any:
    """The entries and the number of all items, by the rules for a document that is in memory."""
    document = parse_json(body)
    text = body.decode(json.detect_encoding(body), "replace")
    if document is None and text.strip(" \t\n\r") != "null":
        return NO_JSON
    envelope = json_object(document)
    found = (
        document
        if isinstance(document, list)
        else next((envelope[name] for name in ENVELOPE_NAMES if name in envelope), None)
    )
    if found is None and (first_text(envelope, PARTNER_ID_NAMES) or document == {}):
        # A list that is not the directory is no part of a single entry.
        lists = [name for name in ENVELOPE_NAMES if isinstance(envelope.get(name), list)]
        found = [{k: v for k, v in envelope.items() if k not in lists}] if envelope else []
    if not isinstance(found, list):
        return NOT_UNDERSTOOD
    entries = [one for one in found if isinstance(one, dict | str)]
    if found and not entries:
        return NOT_UNDERSTOOD
    return [{"name": one} if isinstance(one, str) else one for one in entries], len(found)


def read_streamed(pieces: Iterator[bytes]) -> Any:
    stream = JsonStream(pieces)
    try:
        listing = read_listing(stream, list[RawEntry])
        stream.end()
    except ValueError:
        return NO_JSON
    return (listing.entries, listing.taken + listing.odd) if listing else NOT_UNDERSTOOD


@given(bodies(), st.integers(1, 9))
def test_response_in_any_pieces_is_read_as_it_is_read_whole(body: bytes, size: int) -> None:
    assert read_streamed(in_pieces(body, size)) == read_whole(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"\xef",
        b"null",
        b"12",
        b"[-",
        b"[1.",
        b"[1.]",
        b"[1e]",
        b"[nul",
        b'{"a"}',
        b"{7: 1}",
        b'{"a": 1,}',
        b'["a",]',
        b'["a" "b"]',
        b'["a"]]',
        b'["\\ud83d\\ude00", "\\ud800"]',
        b'[{"name": "\xed\xa0\x80"}]',
        b'[{"a": NaN}]',
        b'["a\nb"]',
        b'[{"companyId": "A", "n": ' + b"9" * 5000 + b"}]",
        b'{"companyId": "A", "partners": null, "data": [{"companyId": "B"}]}',
        b'{"data": [{"companyId": "B"}], "partners": [{"companyId": "C"}]}',
        b'{"partners": [{"companyId": "B"}], "partners": [{"companyId": "C"}]}',
        b'{"partners": [{"companyId": "B"}], "partners": 7}',
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_odd_response_is_read_as_it_is_read_whole(body: bytes, size: int) -> None:
    assert read_streamed(in_pieces(body, size)) == read_whole(body)


def test_response_that_is_nested_too_deeply_is_an_error_and_not_a_crash() -> None:
    for body in (b'[{"a":' + b"[" * 200_000, b"[" * 200_000 + b"]" * 200_000):
        wire = Wire(handler=lambda _, body=body: httpx.Response(200, content=body))  # type: ignore[misc]

        with pytest.raises(Unavailable, match="not JSON"):
            client(wire).listed_partner_with(ADDRESS)


def test_entry_is_taken_before_the_next_one_arrives() -> None:
    taken: list[int] = []

    def pieces() -> Iterator[bytes]:
        yield b"["
        for number in range(5):
            taken.append(len(entries))
            yield b'{"id": "%d", "name": "%s"},' % (number, b"x" * 100_000)
        yield b"7]"

    entries: list[RawEntry] = []
    read_listing(JsonStream(pieces()), lambda: entries)

    assert taken == [0, 1, 2, 3, 4]


def test_value_of_many_pieces_is_decoded_a_few_times_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded: list[int] = []
    decoder = json.JSONDecoder()

    class Counting:
        def raw_decode(self, text: str, at: int) -> tuple[Any, int]:
            decoded.append(len(text))
            return decoder.raw_decode(text, at)

    monkeypatch.setattr("gridwix.clients.json_stream.DECODER", Counting())
    body = b'["' + b"x" * 4_000_000 + b'"]'

    assert len(list(JsonStream(in_pieces(body, 1000)).items())) == 1

    assert sum(decoded) < 3 * len(body)


def client(wire: Wire, **options: Any) -> DirectoryClient:
    clock = options.pop("clock", None) or ManualClock()
    return DirectoryClient(
        wire.client(),
        open_auth(),
        base_url="https://apigrid.example/",
        hub=HUB,
        clock=clock,
        sleep=Sleeper(clock),
        **options,
    )


def breaking(body: bytes) -> httpx.Response:
    def pieces() -> Iterator[bytes]:
        yield body
        raise httpx.ReadError(SECRET)

    return httpx.Response(200, content=pieces())


@pytest.mark.parametrize("body", [BODY[:-3], BODY, b"no JSON", b"{7"])
def test_response_that_breaks_off_is_read_anew_and_counted_once(body: bytes) -> None:
    noted: list[RecordFault] = []
    whole = json.dumps({"partners": [ENTRY, 7]}).encode()
    wire = Wire(answers=[breaking(body)], handler=lambda _: httpx.Response(200, content=whole))

    assert client(wire, note=noted.append).listed_partner_with(ADDRESS) == "GC1"

    assert len(wire.requests) == 2
    assert [fault.reason for fault in noted] == ["1 of 2 entries are no objects"]


def endless(body: bytes) -> Callable[[httpx.Request], httpx.Response]:
    def pieces() -> Iterator[bytes]:
        yield body
        while True:
            yield b" " * 1024 * 1024

    return lambda _: httpx.Response(200, content=pieces())


@pytest.mark.parametrize("body", [BODY, b"[", b"no JSON", b"{7", b'{"unknown": 1}'])
def test_response_of_more_than_32_megabytes_is_refused_whatever_it_holds(body: bytes) -> None:
    with pytest.raises(Unavailable, match="exceeds 33554432 bytes"):
        client(Wire(handler=endless(body))).listed_partner_with(ADDRESS)


def test_response_that_trickles_is_given_up() -> None:
    clock = ManualClock()

    def pieces() -> Iterator[bytes]:
        yield b"["
        while True:
            clock.now += 10
            yield b"{},"

    wire = Wire(handler=lambda _: httpx.Response(200, content=pieces()))

    with pytest.raises(Unavailable, match="takes too long"):
        client(wire, clock=clock).listed_partner_with(ADDRESS)


def test_malformed_response_is_not_told() -> None:
    wire = Wire(handler=lambda _: httpx.Response(200, content=BODY[:-3]))

    with pytest.raises(Unavailable, match="not JSON") as caught:
        client(wire).listed_partner_with(ADDRESS)

    assert chain(caught.value) == [caught.value]
    assert SECRET not in shown(caught.value)


TEXTS = st.text(st.characters(codec=None), max_size=3)  # Lone surrogates, too.
STANDARDS = st.sampled_from(["x12", "edifact", "X12", ""])
SPELLED = ["ZZ:PG", "zz:pg ", "ZZ/PG", "14:4012345000009", "4012345000009:14", "01:15-048-3782"]
ADDRESSES = st.sampled_from(["a", "b", "A ", *SPELLED]) | TEXTS
DIRECTORY = st.lists(
    st.fixed_dictionaries(
        {
            "companyId": st.sampled_from(["A", "B", "C", ""]) | TEXTS,
            "tradingAddresses": st.lists(
                ADDRESSES | st.fixed_dictionaries({"id": ADDRESSES, "standard": STANDARDS}),
                max_size=4,
            ),
        },
        optional={
            "gln": ADDRESSES,
            "duns": ADDRESSES,
            "identifiers": st.lists(
                st.fixed_dictionaries(
                    {"scheme": st.sampled_from(["gln", "duns", "duns4"]), "value": ADDRESSES}
                ),
                max_size=3,
            ),
        },
    ),
    max_size=20,
)


@given(DIRECTORY, st.lists(ADDRESSES, max_size=3))
def test_index_answers_as_dictionaries_do(directory: list[Any], others: list[str]) -> None:
    index = DirectoryIndex()
    holders: dict[str, list[tuple[str, frozenset[str]]]] = {}
    spellings: dict[str, list[str]] = {}
    identifiers: dict[tuple[IdentifierScheme, str], set[str]] = {}
    for entry in directory:
        index.append(entry)
        partner = directory_partner(entry)
        for address, known in partner.standards.items():
            holders.setdefault(address, []).append((partner.company_id, known))
        for one in listed_addresses(entry):
            spellings.setdefault(one.normal, [one.normal]).append(one.written)
        for scheme, number in entry_identifiers(entry):
            identifiers.setdefault((scheme, number), set()).add(partner.company_id)

    assert len(index) == len(directory)
    for text in ["", *others, *holders, *(number for _, number in identifiers)]:
        read = read_address(text)
        assert index.spellings(text) == list(dict.fromkeys(spellings.get(text, [text])))
        assert index.stated_holders(text) == {one for one in holders.get(text, []) if one[0]}
        for standard in (None, "x12", "edifact"):
            wanted = standard or read.standard
            assert list(index.holders(text, standard)) == list(
                dict.fromkeys(
                    company
                    for company, known in holders.get(read.text, [])
                    if company and (not wanted or wanted in known or not known)
                )
            )
        for named in IdentifierScheme:
            assert index.named(named, text) == identifiers.get((named, normal_number(text)), set())


@given(DIRECTORY, st.sampled_from(SPELLED) | ADDRESSES, st.sampled_from([None, "x12", "edifact"]))
def test_index_when_an_address_is_looked_up_then_it_agrees_with_each_entry_by_itself(
    directory: list[Any], address: str, standard: str | None
) -> None:
    index = DirectoryIndex()
    for entry in directory:
        index.append(entry)

    found = set(index.holders(address, standard))

    partners = [directory_partner(entry) for entry in directory]
    assert found == {
        one.company_id for one in partners if one.company_id and one.has_address(address, standard)
    }


def test_entry_that_comes_after_a_lookup_is_found() -> None:
    index = DirectoryIndex()
    index.append({"companyId": "GC1", "tradingAddress": "ZZ:1", "gln": "1"})
    looked_up = [[*index.holders(text, None)] for text in ("ZZ:1", "ZZ:2")]

    index.append({"companyId": "GC2", "tradingAddress": "ZZ:2", "gln": "1"})

    assert looked_up == [["GC1"], []]
    assert [[*index.holders(text, None)] for text in ("ZZ:1", "ZZ:2")] == [["GC1"], ["GC2"]]
    assert index.named(IdentifierScheme.GLN, "1") == {"GC1", "GC2"}


def test_addresses_with_one_hash_name_their_own_companies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact_texts, "hash", lambda _: 7, raising=False)
    index = DirectoryIndex()
    for number in range(40):
        index.append({"companyId": f"GC{number}", "tradingAddress": f"ZZ:{number}"})

    assert [list(index.holders(f"ZZ:{number}", None)) for number in range(41)] == [
        *([f"GC{number}"] for number in range(40)),
        [],
    ]
