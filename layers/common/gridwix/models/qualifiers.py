"""Code lists of identifier qualifiers: the kind of number that an EDI identifier is.

Three lists use the same codes for different things, so a code counts only within its list. An
envelope address (``QQ:ID``) uses ISA05 to ISA08 (X12, list I05) or UNB (UN/EDIFACT, list 0007). A
party of a document (N1, NAD) uses another list, X12 66. Its codes never occur in an address.

Sources: X12 I05 of releases 003040 to 004040 and X12 66 of release 003010
(https://www.stedi.com/edi/x12-004030/element/I05 and its neighbors); UN/EDIFACT 0007 of D.93A,
D.11B and D.15A (https://www.edifactory.de/edifact/directory/D11B/data-element/0007).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class IdentifierScheme(StrEnum):
    """Kind of identifier by which a submitter identifies itself."""

    GLN = "gln"
    DUNS = "duns"
    TRADING_ADDRESS = "trading_address"


class CodeList(StrEnum):
    """A standard's code list of identifier qualifiers, by the standard's name for it."""

    X12_I05 = "X12 I05"
    X12_66 = "X12 66"
    EDIFACT_0007 = "UN/EDIFACT 0007"


type Standard = Literal["x12", "edifact"]
"""Message standard of an envelope."""

ENVELOPES: Mapping[Standard, CodeList] = {"x12": CodeList.X12_I05, "edifact": CodeList.EDIFACT_0007}
"""Code list that qualifies the addresses of an envelope, by standard."""


@dataclass(frozen=True, slots=True)
class Qualifier:
    """One code of a code list: the kind of identifier number that follows the code.

    ``pattern`` is a regular expression for the number, ``since`` the first release of the standard
    that has the code; "" if it is not recorded.
    """

    code_list: CodeList
    code: str
    scheme: IdentifierScheme
    pattern: str
    name: str
    since: str = ""

    def fits(self, number: str) -> bool:
        """Return True if a number has the form that this qualifier requires (``pattern``).

        Ignores the check digit of a GLN.

        >>> qualifier_of(CodeList.X12_I05, "01").fits("150483782")
        True
        """
        return re.fullmatch(self.pattern, number) is not None


_GLN, _DUNS, _PLUS_4, _SUFFIX = r"\d{13}", r"\d{9}", r"\d{9}[0-9A-Z]{4}", r"\d{9}[0-9A-Z]{1,6}"

QUALIFIERS: tuple[Qualifier, ...] = (
    Qualifier(CodeList.X12_I05, "01", IdentifierScheme.DUNS, _DUNS, "D-U-N-S number"),
    # UCC/EAN Location Code in 004040, later renamed; 004030 and older releases do not have it.
    Qualifier(CodeList.X12_I05, "07", IdentifierScheme.GLN, _GLN, "GLN", since="004040"),
    # An identifier of ISA has 15 characters, which leaves six for the suffix.
    Qualifier(
        CodeList.X12_I05, "14", IdentifierScheme.DUNS, _SUFFIX, "D-U-N-S number with a suffix"
    ),
    Qualifier(
        CodeList.X12_I05,
        "16",
        IdentifierScheme.DUNS,
        _PLUS_4,
        "D-U-N-S number with four characters",
    ),
    Qualifier(CodeList.X12_66, "1", IdentifierScheme.DUNS, _DUNS, "D-U-N-S number"),
    Qualifier(
        CodeList.X12_66, "9", IdentifierScheme.DUNS, _PLUS_4, "D-U-N-S number with four characters"
    ),
    Qualifier(CodeList.X12_66, "UL", IdentifierScheme.GLN, _GLN, "GLN"),
    Qualifier(CodeList.EDIFACT_0007, "1", IdentifierScheme.DUNS, _DUNS, "D-U-N-S number"),
    Qualifier(
        CodeList.EDIFACT_0007,
        "9",
        IdentifierScheme.DUNS,
        _PLUS_4,
        "D-U-N-S number with four digits",
    ),
    Qualifier(
        CodeList.EDIFACT_0007,
        "14",
        IdentifierScheme.GLN,
        _GLN,
        "GS1 number, which for a party is its GLN",
    ),
)
"""Codes for GLN and D-U-N-S numbers, each within its list."""

I05_CODES = frozenset(
    {f"{number:02}" for number in (*range(1, 5), *range(7, 39))} | {"AM", "NR", "SA", "SN", "ZZ"}
)
"""All codes of X12 I05, up to release 005010."""

EDIFACT_0007_CODES = frozenset(
    {
        "1",
        "4",
        "5",
        "8",
        "9",
        "12",
        "14",
        "18",
        "22",
        "30",
        "31",
        "33",
        "34",
        "51",
        "52",
        "53",
        "54",
        "55",
        "56",
        "57",
        "58",
        "59",
    }
    | {
        "61",
        "63",
        "65",
        "80",
        "82",
        "84",
        "85",
        "86",
        "87",
        "89",
        "90",
        "91",
        "92",
        "103",
        "128",
        "129",
        "144",
        "145",
        "146",
        "147",
        "148",
        "ZZ",
        "ZZZ",
    }
)
"""Codes of UN/EDIFACT 0007. ``ZZ`` is not in the list, but is widely used in place of ``ZZZ``."""


def qualifier_of(code_list: CodeList, code: str) -> Qualifier | None:
    """Meaning of a code in a code list; None if the code is not for a GLN or D-U-N-S number.

    >>> qualifier_of(CodeList.X12_I05, "14").name
    'D-U-N-S number with a suffix'
    >>> qualifier_of(CodeList.EDIFACT_0007, "14").scheme.value
    'gln'
    """
    return next(
        (one for one in QUALIFIERS if one.code_list is code_list and one.code == code), None
    )


def envelope_addresses(scheme: IdentifierScheme, number: str) -> tuple[tuple[Standard, str], ...]:
    """Envelope addresses (``QQ:ID``) of a GLN or D-U-N-S number, each with its message standard.

    Empty if no code of the standards fits the number.

    >>> envelope_addresses(IdentifierScheme.GLN, "0614141000418")
    (('x12', '07:0614141000418'), ('edifact', '14:0614141000418'))
    >>> envelope_addresses(IdentifierScheme.DUNS, "150483782")
    (('x12', '01:150483782'), ('edifact', '1:150483782'))
    """
    return tuple(
        (standard, f"{one.code}:{number}")
        for standard, code_list in ENVELOPES.items()
        for one in QUALIFIERS
        if one.code_list is code_list and one.scheme is scheme and one.fits(number)
    )
