"""Normalizes EDI addresses, so that two notations of the same address are equal. Pure.

Exports keep the blanks of ISA06, people write a slash or lower case, and a telephone number has
hyphens. The normal form is ``QQ:ID`` without such insignificant characters. Anything that may be
significant stays: addresses that only begin alike, or differ in the qualifier, never get the same
normal form.
"""

import re
from typing import NamedTuple

from stdnum import ean

from gridwix.models.qualifiers import (
    EDIFACT_0007_CODES,
    I05_CODES,
    CodeList,
    IdentifierScheme,
    qualifier_of,
)

_CODES = I05_CODES | EDIFACT_0007_CODES
_MUTUALLY_DEFINED = frozenset({"ZZ", "ZZZ"})

_NUMBER_CODES = frozenset({"01", "07", "08", "12", "14", "16", "1", "8", "9"})
"""Qualifiers of numbers: D-U-N-S, GLN, UCC communication id and telephone, of X12 and EDIFACT."""
_SUFFIX_CODES = frozenset({"14", "16", "9"})
"""Qualifiers out of ``_NUMBER_CODES`` with which a D-U-N-S number may have a suffix."""

_ENDS = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\0\u200b\u200e\u200f\u2060\ufeff"
"""Characters to strip from both ends of an address: blanks, the zero bytes of padded records, and
invisible characters.
"""

_SEPARATORS = re.compile(r"[\s().\u00ad\u2010-\u2015-]")
_DIGITS = re.compile(r"[0-9]+")
_SUFFIXED = re.compile(r"[0-9]{9}[0-9A-Z]{1,6}")

# A qualifier has two characters in ISA05, and four at most in UNB.
_QUALIFIED = re.compile(r"([0-9A-Z]{1,4})\s*([:/*|])(.+)", re.DOTALL)
_SHORTEST_ID_FIRST = 5
"""Minimum number of characters of an id that stands before ``ZZ`` or ``ZZZ``: a shorter text could
be a qualifier.
"""


class NormalAddress(NamedTuple):
    """An EDI address in normal form: ``text`` is ``QQ:ID``, or "" if there is no address.

    ``standard`` is ``edifact`` if the address was written in the order of UNB (id, then qualifier),
    else "".
    """

    text: str
    standard: str = ""


def read_address(text: str) -> NormalAddress:
    """Normalize an EDI address that is written as one text (qualifier and id). Never raises.

    The qualifier comes first, followed by a colon, slash, asterisk or bar. A slash, asterisk or bar
    may also be part of an id, so it counts as a separator only after a code of X12 I05 or
    UN/EDIFACT 0007.

    The order of UNB (id, colon, qualifier) is recognized only if it is certain: the text after the
    last colon is ``ZZ`` or ``ZZZ``, and the id has five or more characters; or that text is the
    code of UN/EDIFACT 0007 for a GLN or D-U-N-S number, and the id is a valid number of this kind.
    A text in which no qualifier is recognized is only trimmed and put in upper case.

    >>> read_address("zz:PrairieGold    ").text, read_address("ZZ/PRAIRIEGOLD").text
    ('ZZ:PRAIRIEGOLD', 'ZZ:PRAIRIEGOLD')
    >>> read_address("12:800-375-3403").text, read_address("ZZ:PRAIRIE-GOLD").text
    ('12:8003753403', 'ZZ:PRAIRIE-GOLD')
    >>> read_address("4012345000009:14")
    NormalAddress(text='14:4012345000009', standard='edifact')
    >>> read_address("Harbor/Pine").text
    'HARBOR/PINE'
    """
    bare = _fold_case(_trimmed(text))
    found = _QUALIFIED.fullmatch(bare)
    if found and (found[2] == ":" or found[1] in _CODES):
        return NormalAddress(_join_halves(found[1], _trimmed(found[3])) or bare)
    identifier, _, code = bare.rpartition(":")
    if _is_unb_order(_trimmed(identifier), _trimmed(code)):
        return NormalAddress(normal_edi_address(code, identifier), "edifact")
    return NormalAddress(bare)


def normal_edi_address(qualifier: str, identifier: str) -> str:
    """Normalize an EDI address from its qualifier and id; "" if one of them is blank.

    >>> normal_edi_address("zz", " PrairieGold "), normal_edi_address("01", "15-048-3782")
    ('ZZ:PRAIRIEGOLD', '01:150483782')
    """
    return _join_halves(_fold_case(_trimmed(qualifier)), _fold_case(_trimmed(identifier)))


def normal_number(text: str) -> str:
    """Normalize a GLN or D-U-N-S number that is written without a qualifier.

    Separators are removed. A text that is no such number is only trimmed and put in upper case.

    >>> normal_number("15-048-3782"), normal_number(" n/a ")
    ('150483782', 'N/A')
    """
    return _bare_number(_fold_case(_trimmed(text)), suffixed=True)


def _join_halves(code: str, identifier: str) -> str:
    """Return the normal form ``QQ:ID`` of an EDI address; "" if the qualifier or the id is blank.

    Both must be trimmed and in upper case. Separators, such as hyphens, are removed from an id if
    its qualifier stands for numbers (D-U-N-S, GLN, telephone).
    """
    if not code or not identifier:
        return ""
    if code in _NUMBER_CODES:
        identifier = _bare_number(identifier, code in _SUFFIX_CODES)
    return f"{code}:{identifier}"


def _bare_number(text: str, suffixed: bool) -> str:
    """Remove the separators (blanks, dots, hyphens, parentheses) from a number.

    ``suffixed``: the number may be a D-U-N-S number with a suffix, which may have letters. A text
    that is no number keeps its separators, as they may be significant.
    """
    bare = _SEPARATORS.sub("", text)
    is_number = _DIGITS.fullmatch(bare) or (suffixed and _SUFFIXED.fullmatch(bare))
    return bare if is_number else text


def _is_unb_order(identifier: str, code: str) -> bool:
    """Return True if two halves of an EDI address are certainly an id and then its qualifier.

    That is the order of UNB (S002, S003).
    """
    if ":" in identifier:
        return False
    if code in _MUTUALLY_DEFINED:
        return len(identifier) >= _SHORTEST_ID_FIRST
    meaning = qualifier_of(CodeList.EDIFACT_0007, code)
    number = _bare_number(identifier, suffixed=True)
    return (
        meaning is not None
        and meaning.fits(number)
        and (meaning.scheme is not IdentifierScheme.GLN or ean.is_valid(number))
    )


def _trimmed(text: str) -> str:
    r"""Strip blanks and invisible characters from both ends of a text.

    >>> _trimmed("\ufeffPRAIRIEGOLD \0\0")
    'PRAIRIEGOLD'
    """
    return text.strip(_ENDS)


def _fold_case(text: str) -> str:
    r"""Convert to upper case, letter by letter; a letter without an exact capital stays unchanged.

    A capital is exact if it converts back to the same letter. So the German sharp s does not become
    ``SS``, nor the micro sign a Greek letter.

    >>> _fold_case("prairie"), _fold_case("caf\u00e9") == "CAF\u00c9"
    ('PRAIRIE', True)
    >>> _fold_case("stra\u00dfe") == "STRA\u00dfE"
    True
    """
    if text.isascii():
        return text.upper()
    return "".join(upper if (upper := one.upper()).lower() == one else one for one in text)
