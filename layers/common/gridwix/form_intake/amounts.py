"""Parses decimal numbers as people write them, by the locale of the form or the visitor.

Never guesses: an ambiguous text is an error that names both readings. Pure.

Babel parses by the rules of the locale (Unicode CLDR), strictly: ``1,23`` is not 123. Numbers that
a program wrote have a decimal point and no separators, in any locale; the locale ``und`` marks
them.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING

from gridwix.form_intake.invalid_answer import InvalidAnswer

if TYPE_CHECKING:
    from babel import Locale

PROGRAM_LOCALE = "und"
"""The locale of values that a program wrote: decimal point, dates as ISO 8601. It is the tag of
BCP 47 for an undetermined language."""

MAX_DIGITS = 40
"""Limit on the digits of a number, exponent included. A longer one is no number."""

NOT_A_NUMBER = "not_number"
_CONVENTIONS = ("en_US", "de_DE")
"""One locale for each convention of decimal and thousands separators. Blanks and apostrophes are
removed before parsing."""

_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")
_EXPONENT = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d{1,4}")
# Ambiguous: 1.234 and 1,234 have a thousands separator in one convention, a fraction in the other.
_AMBIGUOUS = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")
# Not ambiguous: no group of thousands is a single zero.
_FRACTION = re.compile(r"[+-]?0[.,]\d+")
# Blanks and apostrophes, whichever key writes them, always separate thousands (SI brochure, 5.4.4;
# CLDR for de-CH).
_PART = r"[\s'\u2018\u2019\u02bc\u2032\u00b4`\uff07]"
_BLANK_BETWEEN_THOUSANDS = re.compile(rf"(?<=\d){_PART}(?=\d{{3}}(?!\d))")
# Ambiguous: 1,234 567 is a fraction in groups, or a number with two kinds of thousands separators.
_GROUPS_AFTER_SEPARATOR = re.compile(
    rf"(?P<whole>[+-]?[1-9]\d{{0,2}})[.,](?P<rest>\d{{3}}(?:{_PART}\d{{3}})+)"
)
_FIGURES = re.compile(r"[+-]?[\d.,]+")
_DASH = re.compile(r"[\u2212\u2013\u2014]")
_NO_CENTS = re.compile(r"(?<=\d)[.,]-+$")
"""An amount without cents, as in Switzerland: ``CHF 12.-``."""
_SYMBOL = r"(?:[A-Z]{1,3})?[$\u00a2-\u00a5\u0e3f\u20a0-\u20cf]|[A-Za-z]{3}"
_BEFORE = re.compile(rf"(?P<sign>[+-]?)\s*(?P<currency>{_SYMBOL})\s*(?=[\d.,+-])")
_AFTER = re.compile(rf"(?<=[\d.,-])\s*(?P<currency>{_SYMBOL})$")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and the currency written next to it: a code (``USD``), a sign (``$``), or ""."""

    number: Decimal
    currency: str = ""


def read_decimal(text: str, locale: str | None) -> Amount:
    """Parse a number with or without a currency.

    Args:
        text: The text as it was entered.
        locale: BCP 47 tag of the writer; None if unknown.

    Raises:
        InvalidAnswer: The text is not a number, or is ambiguous; then the fault names both numbers.

    >>> read_decimal("1.234,50 EUR", "de-DE")
    Amount(number=Decimal('1234.50'), currency='EUR')
    >>> read_decimal("$12.00", None).number
    Decimal('12.00')
    """
    number, currency = _split_currency(_DASH.sub("-", text.strip()))
    number = _NO_CENTS.sub("", number)
    if number.endswith("-") and not number.startswith(("+", "-")):
        # SAP writes a trailing minus sign.
        number = f"-{number[:-1].rstrip()}"
    if found := _GROUPS_AFTER_SEPARATOR.fullmatch(number):
        rest = re.sub(r"\D", "", found["rest"])
        readings = (f"{found['whole']}.{rest}", f"{found['whole']}{rest}")
        raise _ambiguity_fault([Decimal(one) for one in readings])
    number, has_blanks = _BLANK_BETWEEN_THOUSANDS.subn("", number)
    if not _EXPONENT.fullmatch(number) and not _FIGURES.fullmatch(number):
        raise InvalidAnswer(NOT_A_NUMBER)
    # Blanks are the thousands separator here, so a point or comma is the decimal separator in any
    # locale.
    return Amount(
        _check_size(
            _parse_number(number, None if has_blanks and locale != PROGRAM_LOCALE else locale)
        ),
        currency,
    )


def decimal_text(number: Decimal) -> str:
    """Format a number with a decimal point and without an exponent. No digit is lost.

    >>> decimal_text(Decimal("1.2E+3"))
    '1200'
    """
    return f"{number:f}"


def _parse_number(text: str, locale: str | None) -> Decimal:
    if locale == PROGRAM_LOCALE or _EXPONENT.fullmatch(text):
        return _parse_program_number(text)
    known = None if locale is None else find_locale(locale)
    if known is None or _is_divided(known):
        return _parse_by_conventions(text)
    # 0,5 and 0.5 are the same fraction in every locale.
    if _FRACTION.fullmatch(text):
        return Decimal(text.replace(",", "."))
    by_locale = _parse_by_locale(text, known)
    if by_locale is not None:
        return by_locale
    # A point that cannot be a thousands separator is a decimal point in any locale: 4.15 in German.
    if _PLAIN.fullmatch(text) and not _AMBIGUOUS.fullmatch(text):
        return Decimal(text)
    # Both separators, as in 1,234.50: only one convention can parse it, whatever the locale.
    readings = _possible_numbers(text)
    if len(readings) == 1 and len(re.findall(r"[.,]", text)) > 1:
        return readings[0]
    # One separator that the locale does not allow here: it may be either kind, so both are named.
    without_separator = (
        Decimal(re.sub(r"[.,]", "", text)) if re.fullmatch(r"[+-]?\d+[.,]\d+", text) else None
    )
    raise _ambiguity_fault(
        [*readings, *([without_separator] if without_separator is not None else [])]
    )


def _is_divided(locale: "Locale") -> bool:
    """Return True if a locale covers countries with opposite separators: ``es`` and ``es-419``.

    In Mexico ``1,234`` is a thousand and more, in Spain and Argentina it is little more than one.
    """
    return locale.language == "es" and locale.territory in (None, "419")


def _parse_program_number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidAnswer(NOT_A_NUMBER) from None


def _parse_by_conventions(text: str) -> Decimal:
    readings = _possible_numbers(text)
    if len(readings) == 1:
        return readings[0]
    raise _ambiguity_fault(readings)


def _possible_numbers(text: str) -> list[Decimal]:
    """Return the distinct numbers that a text can mean, by all conventions of separators."""
    found = [
        number
        for name in _CONVENTIONS
        if (number := _parse_by_locale(text, find_locale(name))) is not None
    ]
    return list(dict.fromkeys(found))


def _ambiguity_fault(readings: list[Decimal]) -> InvalidAnswer:
    """Return the error for an ambiguous number, which names two of its readings.

    For fewer than two different readings, return the error that the text is no number.
    """
    each = list(dict.fromkeys(readings))
    if len(each) < 2:
        return InvalidAnswer(NOT_A_NUMBER)
    shown = sorted(decimal_text(_check_size(number)) for number in each)
    return InvalidAnswer("either_number", one=shown[0], another=shown[1])


def _parse_by_locale(text: str, locale: "Locale | None") -> Decimal | None:
    """Parse a number by the rules of a locale; None if these rules do not allow the text."""
    # babel is imported where it is used: it is slow to load, and most submissions have no number.
    from babel.numbers import NumberFormatError, get_decimal_symbol, get_group_symbol, parse_decimal

    # Babel accepts a decimal point even in locales that do not use one, such as French.
    if set(re.findall(r"[.,]", text)) - {get_decimal_symbol(locale), get_group_symbol(locale)}:
        return None
    try:
        number = parse_decimal(text, locale=locale, strict=True)
    except (NumberFormatError, InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def _check_size(number: Decimal) -> Decimal:
    """Return ``number``. Raises InvalidAnswer if it is infinite or too long (``MAX_DIGITS``)."""
    digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
    if not isinstance(exponent, int) or len(digits) + abs(exponent) > MAX_DIGITS:
        raise InvalidAnswer(NOT_A_NUMBER)
    return number


def _split_currency(text: str) -> tuple[str, str]:
    """Split a text into a number and the currency before or after it; "" if it has no currency.

    Raises InvalidAnswer for three letters that are no currency code of ISO 4217.

    >>> _split_currency("USD -12.00"), _split_currency("12.00 $")
    (('-12.00', 'USD'), ('12.00', '$'))
    """
    for pattern, is_before in ((_BEFORE, True), (_AFTER, False)):
        found = pattern.match(text) if is_before else pattern.search(text)
        if found is None:
            continue
        currency = found["currency"].upper()
        # Three letters may be any word; a sign such as $ or US$ is kept as it is.
        if currency.isalpha() and currency.isascii() and currency not in _currency_codes():
            raise InvalidAnswer(NOT_A_NUMBER)
        rest = f"{found['sign']}{text[found.end() :]}" if is_before else text[: found.start()]
        return rest.strip(), currency
    return text, ""


def _currency_codes() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


@lru_cache(maxsize=100)
def find_locale(tag: str) -> "Locale | None":
    """Return the Babel locale of a BCP 47 tag; None if Unicode CLDR does not know it.

    >>> find_locale("de-DE"), find_locale("xx-YY")
    (Locale('de', territory='DE'), None)
    """
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return None
