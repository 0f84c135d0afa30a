"""Parses dates and times as people write them, by the locale of the form or the visitor.

Never guesses: an ambiguous text is an error that names both readings. Pure.
"""

import re
from datetime import date, datetime, time

from gridwix.form_intake.amounts import PROGRAM_LOCALE, find_locale
from gridwix.form_intake.invalid_answer import InvalidAnswer

NOT_A_DATE, NOT_A_TIME = "not_date", "not_time"

# The separators of a date are all the same: 2026-11-27, not 2026-11/27.
_YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})\.?")
_YEAR_LAST = re.compile(r"(\d{1,2})(\s*[-./]\s*)(\d{1,2})\2(\d{2}|\d{4})\.?")
# 14:30, 14.30, 14h30, 14 h 30, 14:30:15.123, 2:30 pm, 2 p.m., 2 p. m.
_TIME = re.compile(
    r"(\d{1,2})(?:(?:[:.]|\s?h\s?)(\d{2}))?(?:[:.](\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*([ap]\.?\s?m\.?)?",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"(\d{4}([-./])\d{1,2}\2\d{1,2}\.?|\d{1,2}(\s*[-./]\s*)\d{1,2}\3\d{2,4}\.?)(?:T|\s*,?\s+)(\S.*)"
)


def read_date(text: str, locale: str | None) -> date:
    """Parse a day. ISO 8601 is accepted in every locale; the time of a timestamp is dropped.

    Args:
        text: The text as it was entered.
        locale: BCP 47 tag of the writer; None if unknown.

    Raises:
        InvalidAnswer: The text is not a date, or is ambiguous; then the fault names both days.

    >>> read_date("27.11.2026", "de-DE"), read_date("11/27/2026", "en-US")
    (datetime.date(2026, 11, 27), datetime.date(2026, 11, 27))
    """
    bare = text.strip()
    try:
        return date.fromisoformat(bare)
    except ValueError:
        pass
    if _is_iso_moment(bare):
        return date.fromisoformat(bare[:10])
    if found := _YEAR_FIRST.fullmatch(bare):
        return _single_date([(found[1], found[3], found[4])])
    found = _YEAR_LAST.fullmatch(bare)
    if found is None or locale == PROGRAM_LOCALE:
        raise InvalidAnswer(NOT_A_DATE)
    first, second, year = found[1], found[3], found[4]
    # The century of a two-digit year would be a guess.
    if len(year) == 2:
        raise InvalidAnswer("half_year")
    day_first, month_first = (year, second, first), (year, first, second)
    order = None if locale is None else _field_order(locale)
    if order is None:
        return _single_date([day_first, month_first])
    ordered = [day_first, month_first] if order == "day" else [month_first, day_first]
    # A text that is no date in the locale's order may be one in the other: 27/11/2026 in en-US.
    return _single_date(ordered[:1]) if _is_date(ordered[0]) else _single_date(ordered[1:])


def read_time(text: str) -> str:
    """Parse a time of day to ``HH:MM``; seconds are dropped. Raises InvalidAnswer.

    >>> read_time("2:30 pm"), read_time("14:30:00")
    ('14:30', '14:30')
    """
    found = _TIME.fullmatch(text.strip())
    if found is None or not (found[2] or found[4]):
        raise InvalidAnswer(NOT_A_TIME)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[4] or "").lower()[:1]
    # With a.m. or p.m., hours run from 1 to 12.
    if half:
        if not 1 <= hour <= 12:
            raise InvalidAnswer(NOT_A_TIME)
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute, int(found[3] or 0)).isoformat("minutes")
    except ValueError:
        raise InvalidAnswer(NOT_A_TIME) from None


def read_moment(text: str, locale: str | None) -> str:
    """Parse a date with a time to ``YYYY-MM-DDTHH:MM``, with the UTC offset if it was given.

    Args:
        text: The text as it was entered.
        locale: BCP 47 tag of the writer; None if unknown.

    Raises:
        InvalidAnswer: The text is not a date with a time, or its date is ambiguous.

    >>> read_moment("27.11.2026 14:30", "de-DE"), read_moment("2026-11-27T14:30:00Z", None)
    ('2026-11-27T14:30', '2026-11-27T14:30+00:00')
    """
    bare = text.strip()
    if _is_iso_moment(bare):
        return datetime.fromisoformat(bare).isoformat(timespec="minutes")
    found = _SPLIT.fullmatch(bare)
    if found is None:
        raise InvalidAnswer("not_moment")
    return f"{read_date(found[1], locale).isoformat()}T{read_time(found[4])}"


def _is_iso_moment(text: str) -> bool:
    """Return True for a timestamp of ISO 8601 with dashes: ``2026-11-27T14:30:00Z``."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) > len("2026-11-27") and text[4:5] == "-" and text[10:11] in ("T", " ")


def _field_order(locale: str) -> str | None:
    """Return the first field of a locale's short dates, ``day`` or ``month``; None if uncertain.

    None if CLDR has no such locale, if the year comes first, as in Sweden, and for English without
    a country: 3/4 is in March in the United States and in April in Britain.

    >>> _field_order("en-US"), _field_order("de-DE"), _field_order("en")
    ('month', 'day', None)
    """
    from babel.dates import get_date_format

    found = find_locale(locale)
    if found is None or (found.language == "en" and not found.territory):
        return None
    pattern = get_date_format("short", found).pattern
    if pattern.lstrip("'").startswith(("y", "G")):
        return None
    return "day" if pattern.index("d") < pattern.lower().index("m") else "month"


def _single_date(readings: list[tuple[str, str, str]]) -> date:
    """Return the only valid date among the possible readings (year, month, day) of a text.

    Raises InvalidAnswer if none is valid, or two are.
    """
    found = sorted({date(*map(int, one)) for one in readings if _is_date(one)})
    if len(found) > 1:
        raise InvalidAnswer("either_date", one=found[0].isoformat(), another=found[1].isoformat())
    if not found:
        raise InvalidAnswer(NOT_A_DATE)
    return found[0]


def _is_date(reading: tuple[str, str, str]) -> bool:
    try:
        date(*map(int, reading))
    except ValueError:
        return False
    return True
