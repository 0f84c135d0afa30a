"""Addresses as EDI people write them: one normal form for what means the same, and no more."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.trading_addresses import (
    NormalAddress,
    normal_edi_address,
    normal_number,
    read_address,
)

SPELLINGS = {
    "ZZ:PRAIRIEGOLD": [
        "ZZ:PRAIRIEGOLD    ",
        "  zz:PrairieGold",
        "ZZ:\u00a0PrairieGold",
        "ZZ : PRAIRIEGOLD",
        "ZZ/PRAIRIEGOLD",
        "zz / prairiegold",
        "ZZ*PRAIRIEGOLD     ",
        "ZZ|PRAIRIEGOLD",
        "PrairieGold:ZZ",
        "ZZ:PRAIRIEGOLD  \0\0\0",
        "\ufeffZZ:\u200bPRAIRIEGOLD\u00a0\u200e",
    ],
    "12:8003753403": ["12:800-375-3403", "12:(800) 375-3403", "12/800.375.3403", "12:800 375 3403"],
    "01:150483782": ["01:15-048-3782", "01/150483782 ", "01:15\u2011048\u20113782"],
    "16:1504837820001": ["16:150483782-0001"],
    "14:150483782AB": ["14:15-048-3782 ab"],
    "08:6111250008": ["08:611125-0008"],
    "07:0614141000418": ["07:06 14141 00041 8"],
    "14:4012345000009": ["4012345000009:14", "40 12345 00000 9 : 14"],
    "1:150483782": ["15-048-3782:1"],
    "ZZZ:PRAIRIEGOLD": ["prairiegold:zzz"],
    "HARBOR/PINE": ["Harbor/Pine "],
    "X9:ACME": ["x9:acme"],
    "ZZ:CAF\u00c9": ["zz:caf\u00e9"],
}
"""Texts that mean the same, by their normal form."""

DIFFERENT = [
    *SPELLINGS,
    "ZZ:PRAIRIEGOLD2",
    "ZZ:PRAIRIEGOL",
    "01:PRAIRIEGOLD",
    "PRAIRIEGOLD",
    # A hyphen may mean something where the id is no number, and a blank within it, too.
    "ZZ:PRAIRIE-GOLD",
    "ZZ:PRAIRIE GOLD",
    "ZZ:PRAIRIE.GOLD",
    "ZZ:800-375-3403",
    "ZZ:8003753403",
    "12:ACME-EAST",
    "12:ACMEEAST",
    "12:8003753403X12",
    # The code lists use one code for different numbers, and different codes for one.
    "1:4012345000009",
    "8:6111250008",
    "X9/ACME",
    # Leading zeros and a country's code are part of a number.
    "01:0150483782",
    "12:18003753403",
    "12:+18003753403",
    # The check digit is wrong, so nothing tells which half is the id.
    "4012345000008:14",
    # A host and its port.
    "SFTP.PRAIRIE.EXAMPLE:22",
    "PRAI:ZZ",
    "4012345000009:14:ROUTE",
    "ZZ:STRASSE",
    "ZZ:STRA\u00dfE",
    "ZZ:",
    ":PRAIRIEGOLD",
]
"""Addresses in normal form that mean different things."""

HALVES = st.sampled_from(
    [
        *("ZZ", "zz", "14", "1", "12", "HARBOR", "4012345000009", "15-048", " ", ":", "/", "*"),
        *("\u00df", "\0", "\ufeff"),
    ]
)
BLANK = " \0\ufeff\u200b\u200e\u200f\u2060"
TEXTS = st.lists(HALVES | st.text(st.characters(codec=None), max_size=4), max_size=5).map("".join)


@pytest.mark.parametrize(
    ("normal", "text"), [(normal, one) for normal, each in SPELLINGS.items() for one in each]
)
def test_address_when_it_is_written_otherwise_then_it_has_the_same_normal_form(
    normal: str, text: str
) -> None:
    found = read_address(text).text

    assert found == normal


def test_addresses_when_they_mean_different_things_then_they_stay_different() -> None:
    found = {text: read_address(text).text for text in DIFFERENT}

    assert found == {text: text for text in DIFFERENT}
    assert not [pair for pair in combinations(found, 2) if found[pair[0]] == found[pair[1]]]


@given(TEXTS)
def test_normal_form_when_it_is_read_again_then_it_stays_as_it_is(text: str) -> None:
    once = read_address(text)

    again = read_address(once.text)

    assert again.text == once.text
    assert normal_number(normal_number(text)) == normal_number(text)


@given(st.from_regex(r"[0-9A-Za-z]{1,4}", fullmatch=True), TEXTS)
def test_address_when_its_halves_are_known_then_it_is_as_with_a_colon(
    qualifier: str, identifier: str
) -> None:
    is_written = any(not one.isspace() and one not in BLANK for one in identifier)

    found = normal_edi_address(qualifier, identifier)

    assert found == (read_address(f"{qualifier}:{identifier}").text if is_written else "")


@pytest.mark.parametrize(
    ("text", "standard"), [("4012345000009:14", "edifact"), ("14:4012345000009", "")]
)
def test_address_when_it_is_in_the_order_of_unb_then_it_is_one_of_edifact(
    text: str, standard: str
) -> None:
    found = read_address(text)

    assert found == NormalAddress("14:4012345000009", standard)


@pytest.mark.parametrize(
    ("qualifier", "identifier"), [("", "A"), (" ", "A"), ("ZZ", ""), ("ZZ", "\u00a0 ")]
)
def test_address_when_a_half_is_blank_then_it_is_none(qualifier: str, identifier: str) -> None:
    found = normal_edi_address(qualifier, identifier)

    assert found == ""
