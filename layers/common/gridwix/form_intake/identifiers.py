"""Normalizes GLNs, D-U-N-S numbers and EDI addresses as people write them. Never guesses. Pure.

A GLN has 13 digits, the last of them a check digit (GS1 General Specifications, 7.9). Spreadsheets
drop leading zeros: they are restored where the check digit proves it. A D-U-N-S number has nine
digits without a check digit. If only seven or eight are given, leading zeros were lost; but a
number that still begins with a zero has lost none, and is too short.
"""

import re
from collections.abc import Callable, Mapping

from stdnum import ean

from gridwix.form_intake.invalid_answer import InvalidAnswer
from gridwix.models.qualifiers import (
    EDIFACT_0007_CODES,
    I05_CODES,
    CodeList,
    IdentifierScheme,
    qualifier_of,
)

GLN_LENGTH = 13
DUNS_LENGTH = 9
LOST_ZEROS = 2
"""Maximum number of leading zeros that are restored to a GLN or D-U-N-S number."""

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""Invisible characters that are copied along with a number from Windows dialogs, web pages and
files: directional marks, joiners, byte order marks."""

_SEPARATORS = re.compile(r"[\s.\u2010-\u2015\u00ad-]")
# Scientific notation of a spreadsheet, 6.14141E+11: digits are lost.
_SHORTENED = re.compile(r"[0-9.,]+[eE]\+?[0-9]+")
_FRACTION = re.compile(r"(\d+)[.,]0+")
"""A whole number as a spreadsheet exports it: ``614141000005.0``."""

# The application identifiers of a GLN (GS1 General Specifications, 3.7): ship to 410 to party 417.
_GLN_NAMES = re.compile(
    r"^\s*(?:\(41[0-7]\)|GLN\b(?:\s*(?:no\.?|number|code))?\s*[:#]?)\s*", re.IGNORECASE
)
_DUNS_NAMES = re.compile(
    r"^\s*(?:D[\s.-]?U[\s.-]?N[\s.-]?S\.?(?:\s*\+\s*4\b)?|D&B)(?:\s*(?:no\.?|nr\.?|number|nummer))?\s*[:#]?\s*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\x20-\x7e]{1,60}")
_SEPARATED = re.compile(r"\s*[:/*|+;,\\]\s*|\s+-\s+|\s+(?=\S+$)")
_GS1 = "14"
_CODES = I05_CODES | EDIFACT_0007_CODES


def read_identifier(scheme: IdentifierScheme, text: str) -> str:
    """Normalize an identifier of a scheme: GLN, D-U-N-S number or EDI address.

    Raises InvalidAnswer with a sentence for the sender.

    >>> read_identifier(IdentifierScheme.GLN, "614141000005")
    '0614141000005'
    """
    return _READERS[scheme](text)


def read_gln(text: str) -> str:
    """Normalize a GLN to 13 digits. Raises InvalidAnswer for any other length or check digit.

    Up to ``LOST_ZEROS`` leading zeros that are missing are restored.

    >>> read_gln("(414)0614141000005"), read_gln("06 14141-00000 5"), read_gln("614141000005")
    ('0614141000005', '0614141000005', '0614141000005')
    """
    digits = _bare_digits(_GLN_NAMES.sub("", _strip_invisible(text), count=1), "gln")
    if not _is_long_enough(digits, GLN_LENGTH):
        raise InvalidAnswer("gln_length", "length", count=len(digits))
    number = digits.zfill(GLN_LENGTH)
    # stdnum's ean accepts 8, 12 and 14 digits, too; the length was checked above.
    if not is_gln(number):
        raise InvalidAnswer("gln_check_digit", "check_digit")
    return number


def is_gln(number: str) -> bool:
    """Return True for 13 digits with the right check digit. Zeros alone are no GLN.

    >>> is_gln("0614141000005"), is_gln("0614141000006"), is_gln("614141000005")
    (True, False, False)
    """
    return (
        len(number) == GLN_LENGTH
        and number.isascii()
        and number.isdigit()
        and number.strip("0") != ""
        and ean.is_valid(number)
    )


def read_duns(text: str) -> str:
    """Normalize a D-U-N-S number to nine digits, or a D-U-N-S+4 to 13 characters.

    Raises InvalidAnswer for any other text.

    >>> read_duns("D-U-N-S 15-048-3782"), read_duns("12345678"), read_duns("1504837820001")
    ('150483782', '012345678', '1504837820001')
    """
    number = _DUNS_NAMES.sub("", _strip_invisible(text), count=1)
    bare = _SEPARATORS.sub("", number).upper()
    if (
        re.fullmatch(r"[0-9]{9}[0-9A-Z]{4}", bare)
        and bare[:DUNS_LENGTH].strip("0")
        and not _SHORTENED.fullmatch(bare)
    ):
        return bare
    digits = _bare_digits(number, "duns")
    if not digits.strip("0"):
        raise InvalidAnswer("duns_zeros", "zeros")
    if not _is_long_enough(digits, DUNS_LENGTH):
        raise InvalidAnswer("duns_length", "length", count=len(digits))
    return digits.zfill(DUNS_LENGTH)


def read_trading_address(text: str) -> str:
    """Normalize an EDI address to ``QQ:ID`` (qualifier and identifier), in upper case.

    Raises InvalidAnswer if it is not certain which half is the qualifier.

    ISA (X12) writes the qualifier first; UNB (EDIFACT) writes the identifier first:
    ``4012345000009:14``. The order of UNB is accepted only if the last half is a code of UN/EDIFACT
    0007, the first half is no code at all, and the identifier has the format of that code.

    >>> read_trading_address("ZZ*PRAIRIEGOLD     "), read_trading_address("4012345000009:14")
    ('ZZ:PRAIRIEGOLD', '14:4012345000009')
    """
    bare = _strip_invisible(text).strip().upper()
    if not _ADDRESS.fullmatch(bare):
        raise InvalidAnswer("address_example", "address")
    halves = _SEPARATED.split(bare, maxsplit=1)
    if len(halves) != 2 or not all(halves):
        raise InvalidAnswer("address_example", "address")
    first, last = halves
    with_colon = bare[len(first) :].lstrip().startswith(":")
    is_isa_order, is_unb_order = first in _CODES, with_colon and _is_unb_order(first, last)
    # 13 digits with the qualifier of GS1, but the check digit is wrong: a GLN with a typing error.
    if (
        with_colon
        and not is_isa_order
        and last == _GS1
        and re.fullmatch(r"\d{13}", first)
        and not is_unb_order
    ):
        raise InvalidAnswer("address_check_digit", "check_digit")
    if is_isa_order == is_unb_order and last in _CODES:
        raise InvalidAnswer("address_either", "either")
    if is_unb_order:
        return f"{last}:{first}"
    # Two partners may agree on a qualifier of their own. It is accepted only with a colon, since
    # other separators also occur inside identifiers.
    if is_isa_order or (with_colon and re.fullmatch(r"[0-9A-Z]{1,4}", first)):
        return f"{first}:{last}"
    raise InvalidAnswer("address_example", "address")


def _is_unb_order(first: str, last: str) -> bool:
    """Return True if two halves of an EDI address are an identifier and then its qualifier (UNB).

    A GLN needs a valid check digit.
    """
    if last not in EDIFACT_0007_CODES:
        return False
    meaning = qualifier_of(CodeList.EDIFACT_0007, last)
    if meaning is None:
        return True
    return meaning.fits(first) and (meaning.scheme is not IdentifierScheme.GLN or is_gln(first))


_READERS: Mapping[IdentifierScheme, Callable[[str], str]] = {
    IdentifierScheme.GLN: read_gln,
    IdentifierScheme.DUNS: read_duns,
    IdentifierScheme.TRADING_ADDRESS: read_trading_address,
}


def _strip_invisible(text: str) -> str:
    """Remove invisible characters."""
    return _INVISIBLE.sub("", text)


def _bare_digits(text: str, scheme: str) -> str:
    """Return the digits of a number without separators, and without zeros after a decimal point.

    Spreadsheets export a whole number with such a zero. Raises InvalidAnswer, with the message of
    the scheme, if any other character is left, or if a spreadsheet has shortened the number
    (``6.1E+11``).

    >>> _bare_digits(" 614141-00000.5 ", "gln"), _bare_digits("614141000005.0", "gln")
    ('614141000005', '614141000005')
    """
    bare = text.strip()
    if _SHORTENED.fullmatch(bare):
        raise InvalidAnswer(f"{scheme}_shortened", "shortened")
    if whole := _FRACTION.fullmatch(bare):
        bare = whole[1]
    bare = _SEPARATORS.sub("", bare)
    if not (bare.isascii() and bare.isdigit()):
        raise InvalidAnswer(f"{scheme}_characters", "characters")
    return bare


def _is_long_enough(digits: str, length: int) -> bool:
    """Return True if there are ``length`` digits, or fewer because leading zeros were lost.

    >>> _is_long_enough("12345678", 9), _is_long_enough("01234567", 9)
    (True, False)
    """
    return len(digits) == length or (
        length - LOST_ZEROS <= len(digits) < length and not digits.startswith("0")
    )
