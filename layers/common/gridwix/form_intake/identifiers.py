"""GLN, D-U-N-S number and EDI address as people write them, in the form in which they are compared. Never a guess. Pure.

A GLN has 13 digits, the last of them a check digit (GS1 General Specifications, 7.9). A spreadsheet takes the zeros before a number: they are put back where
the check digit proves it. A D-U-N-S number has nine digits without a check digit, so seven or eight of them can only be one that has lost its zeros. A number
that still begins with a zero has lost none: it is too short.
"""

import re
from collections.abc import Callable, Mapping

from stdnum import ean

from gridwix.form_intake.unfit import Unfit
from gridwix.models.qualifiers import EDIFACT_0007_CODES, I05_CODES, CodeList, IdentifierScheme, qualifier_of

GLN_LENGTH = 13
DUNS_LENGTH = 9
LOST_ZEROS = 2
"""Most zeros that are put back before a GLN or D-U-N-S number."""

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""What comes along when a number is copied out of a window of Windows, a web page or a file: marks of direction, joiners, byte order marks."""

_SEPARATORS = re.compile(r"[\s.\u2010-\u2015\u00ad-]")
_SHORTENED = re.compile(r"[0-9.,]+[eE]\+?[0-9]+")
_FRACTION = re.compile(r"(\d+)[.,]0+")
"""A whole number as a spreadsheet exports it: ``614141000005.0``."""

# The application identifiers of a GLN (GS1 General Specifications, 3.7): ship to 410 to party 417.
_GLN_NAMES = re.compile(r"^\s*(?:\(41[0-7]\)|GLN\b(?:\s*(?:no\.?|number|code))?\s*[:#]?)\s*", re.IGNORECASE)
_DUNS_NAMES = re.compile(
    r"^\s*(?:D[\s.-]?U[\s.-]?N[\s.-]?S\.?(?:\s*\+\s*4\b)?|D&B)(?:\s*(?:no\.?|nr\.?|number|nummer))?\s*[:#]?\s*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\x20-\x7e]{1,60}")
_SEPARATED = re.compile(r"\s*[:/*|+;,\\]\s*|\s+-\s+|\s+(?=\S+$)")
_GS1 = "14"
_CODES = I05_CODES | EDIFACT_0007_CODES


def read_identifier(scheme: IdentifierScheme, text: str) -> str:
    """An identifier of a scheme in the form in which it is compared. Raises Unfit with a sentence for the sender.

    >>> read_identifier(IdentifierScheme.GLN, "614141000005")
    '0614141000005'
    """
    return _READERS[scheme](text)


def read_gln(text: str) -> str:
    """A GLN as 13 digits. Raises Unfit for anything that its check digit does not prove.

    >>> read_gln("(414)0614141000005"), read_gln("06 14141-00000 5"), read_gln("614141000005")
    ('0614141000005', '0614141000005', '0614141000005')
    """
    digits = _bare_digits(_GLN_NAMES.sub("", _strip_invisible(text), count=1), "gln")
    if not _is_long_enough(digits, GLN_LENGTH):
        raise Unfit("gln_length", "length", count=len(digits))
    number = digits.zfill(GLN_LENGTH)
    # stdnum's ean takes 8, 12 and 14 digits, too, so the length was looked at before.
    if not is_gln(number):
        raise Unfit("gln_check_digit", "check_digit")
    return number


def is_gln(number: str) -> bool:
    """Whether a text is 13 digits with the right check digit. Zeros alone are no GLN.

    >>> is_gln("0614141000005"), is_gln("0614141000006"), is_gln("614141000005")
    (True, False, False)
    """
    return len(number) == GLN_LENGTH and number.isascii() and number.isdigit() and number.strip("0") != "" and ean.is_valid(number)


def read_duns(text: str) -> str:
    """A D-U-N-S number as nine digits, or a D-U-N-S+4 as 13 characters. Raises Unfit.

    >>> read_duns("D-U-N-S 15-048-3782"), read_duns("12345678"), read_duns("1504837820001")
    ('150483782', '012345678', '1504837820001')
    """
    number = _DUNS_NAMES.sub("", _strip_invisible(text), count=1)
    bare = _SEPARATORS.sub("", number).upper()
    if re.fullmatch(r"[0-9]{9}[0-9A-Z]{4}", bare) and bare[:DUNS_LENGTH].strip("0") and not _SHORTENED.fullmatch(bare):
        return bare
    digits = _bare_digits(number, "duns")
    if not digits.strip("0"):
        raise Unfit("duns_zeros", "zeros")
    if not _is_long_enough(digits, DUNS_LENGTH):
        raise Unfit("duns_length", "length", count=len(digits))
    return digits.zfill(DUNS_LENGTH)


def read_trading_address(text: str) -> str:
    """An EDI address as ``QQ:ID``, upper case. Raises Unfit where it is not sure which half is the qualifier.

    ISA writes the qualifier first, UNB the identifier: ``4012345000009:14``. That order is believed only if what comes last is a code of UN/EDIFACT 0007,
    what comes first is no code at all, and the identifier has the form that the code announces.

    >>> read_trading_address("ZZ*PRAIRIEGOLD     "), read_trading_address("4012345000009:14")
    ('ZZ:PRAIRIEGOLD', '14:4012345000009')
    """
    bare = _strip_invisible(text).strip().upper()
    if not _ADDRESS.fullmatch(bare):
        raise Unfit("address_example", "address")
    halves = _SEPARATED.split(bare, maxsplit=1)
    if len(halves) != 2 or not all(halves):
        raise Unfit("address_example", "address")
    first, last = halves
    with_colon = bare[len(first) :].lstrip().startswith(":")
    ahead, behind = first in _CODES, with_colon and _is_unb_order(first, last)
    if with_colon and not ahead and last == _GS1 and re.fullmatch(r"\d{13}", first) and not behind:
        raise Unfit("address_check_digit", "check_digit")
    if ahead == behind and last in _CODES:
        raise Unfit("address_either", "either")
    if behind:
        return f"{last}:{first}"
    # A qualifier that no list has may be agreed between two partners, but only where nothing but a colon can have been meant.
    if ahead or (with_colon and re.fullmatch(r"[0-9A-Z]{1,4}", first)):
        return f"{first}:{last}"
    raise Unfit("address_example", "address")


def _is_unb_order(first: str, last: str) -> bool:
    """Whether two halves are an identifier and its qualifier, as UNB has them. A GLN has to prove it."""
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
    """A text without what nobody sees in it."""
    return _INVISIBLE.sub("", text)


def _bare_digits(text: str, scheme: str) -> str:
    """The digits of a number without what people put between them. Raises Unfit."""
    bare = text.strip()
    if _SHORTENED.fullmatch(bare):
        raise Unfit(f"{scheme}_shortened", "shortened")
    if whole := _FRACTION.fullmatch(bare):
        bare = whole[1]
    bare = _SEPARATORS.sub("", bare)
    if not (bare.isascii() and bare.isdigit()):
        raise Unfit(f"{scheme}_characters", "characters")
    return bare


def _is_long_enough(digits: str, length: int) -> bool:
    """Whether digits are a number of a length, or one that has lost the zeros before it."""
    return len(digits) == length or (length - LOST_ZEROS <= len(digits) < length and not digits.startswith("0"))
