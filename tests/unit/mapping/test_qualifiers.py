"""The code lists of EDI: a code means something in its own list, and nothing in another."""

import pytest

from gridwix.models.qualifiers import (
    EDIFACT_0007_CODES,
    I05_CODES,
    QUALIFIERS,
    CodeList,
    IdentifierScheme,
    envelope_addresses,
    qualifier_of,
)

I05, N103, UNB = CodeList.X12_I05, CodeList.X12_66, CodeList.EDIFACT_0007
GLN, DUNS = IdentifierScheme.GLN, IdentifierScheme.DUNS

ROWS = [
    (I05, "01", DUNS, "150483782", ("15048378", "1504837820001")),
    (I05, "07", GLN, "0614141000418", ("614141000418", "150483782")),
    (I05, "14", DUNS, "1504837820001", ("150483782", "1504837820001234")),
    (I05, "16", DUNS, "150483782AB12", ("150483782", "150483782AB1")),
    (N103, "1", DUNS, "150483782", ("0614141000418",)),
    (N103, "9", DUNS, "1504837820001", ("150483782",)),
    (N103, "UL", GLN, "0614141000418", ("150483782",)),
    (UNB, "1", DUNS, "150483782", ("0614141000418",)),
    (UNB, "9", DUNS, "1504837820001", ("150483782",)),
    (UNB, "14", GLN, "0614141000418", ("150483782", "614141000418")),
]


@pytest.mark.parametrize(("code_list", "code", "scheme", "number", "others"), ROWS)
def test_code_says_what_its_list_says(
    code_list: CodeList, code: str, scheme: IdentifierScheme, number: str, others: tuple[str, ...]
) -> None:
    found = qualifier_of(code_list, code)

    assert found is not None
    assert (found.scheme, found.fits(number), [other for other in others if found.fits(other)]) == (
        scheme,
        True,
        [],
    )


def test_every_row_of_the_table_is_tested() -> None:
    assert {(row.code_list, row.code) for row in QUALIFIERS} == {
        (code_list, code) for code_list, code, *_ in ROWS
    }


@pytest.mark.parametrize(
    ("code_list", "code"),
    [
        (I05, "UL"),
        (I05, "1"),
        (I05, "9"),
        (N103, "01"),
        (N103, "07"),
        (N103, "14"),
        (UNB, "01"),
        (UNB, "16"),
        (UNB, "UL"),
        (UNB, "07"),
    ],
)
def test_code_of_one_list_is_none_of_another(code_list: CodeList, code: str) -> None:
    assert qualifier_of(code_list, code) is None


def test_14_is_a_duns_number_with_a_suffix_in_x12_and_a_gln_in_edifact() -> None:
    in_x12, in_edifact = qualifier_of(I05, "14"), qualifier_of(UNB, "14")

    assert in_x12 is not None and in_edifact is not None
    assert (in_x12.scheme, in_edifact.scheme) == (DUNS, GLN)
    assert in_x12.fits("9506000100012") and in_edifact.fits("9506000100012")


@pytest.mark.parametrize(
    ("scheme", "number", "addresses"),
    [
        (GLN, "0614141000418", {("x12", "07:0614141000418"), ("edifact", "14:0614141000418")}),
        (DUNS, "150483782", {("x12", "01:150483782"), ("edifact", "1:150483782")}),
        (
            DUNS,
            "1504837820001",
            {
                ("x12", "14:1504837820001"),
                ("x12", "16:1504837820001"),
                ("edifact", "9:1504837820001"),
            },
        ),
        (IdentifierScheme.TRADING_ADDRESS, "ZZ:PRAIRIEGOLD", set()),
    ],
)
def test_envelopes_make_addresses_of_a_number_by_their_own_list(
    scheme: IdentifierScheme, number: str, addresses: set[tuple[str, str]]
) -> None:
    assert set(envelope_addresses(scheme, number)) == addresses


def test_table_names_no_code_that_its_list_lacks() -> None:
    assert {row.code for row in QUALIFIERS if row.code_list is I05} <= I05_CODES
    assert {row.code for row in QUALIFIERS if row.code_list is UNB} <= EDIFACT_0007_CODES
    assert not {"UL", "1", "9"} & I05_CODES


def test_code_for_a_gln_says_since_which_release_x12_has_it() -> None:
    gln = qualifier_of(I05, "07")

    assert gln is not None
    assert gln.since == "004040"
