"""Dates and times as people write them, by the locale of the form or the visitor. Never a guess: a text that can be two dates is asked about. Pure."""

import re
from datetime import date, datetime, time

from gridwix.form_intake.amounts import PROGRAM, find_locale
from gridwix.form_intake.unfit import Unfit

NOT_A_DATE, NOT_A_TIME = "not_date", "not_time"

_YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})\.?")
_YEAR_LAST = re.compile(r"(\d{1,2})(\s*[-./]\s*)(\d{1,2})\2(\d{2}|\d{4})\.?")
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s*([ap]\.?m\.?)?", re.IGNORECASE)
_SPLIT = re.compile(r"(\d{4}([-./])\d{1,2}\2\d{1,2}\.?|\d{1,2}(\s*[-./]\s*)\d{1,2}\3\d{2,4}\.?)(?:T|\s*,?\s+)(\S.*)")


def read_date(text: str, locale: str | None) -> date:
    """A day. ``locale`` is a BCP 47 tag, None if nobody knows it. ISO 8601 is read in every locale. Raises Unfit, naming both days if it can be two.

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
    if found is None or locale == PROGRAM:
        raise Unfit(NOT_A_DATE)
    first, second, year = found[1], found[3], found[4]
    if len(year) == 2:
        raise Unfit("half_year")
    day_first, month_first = (year, second, first), (year, first, second)
    order = None if locale is None else _field_order(locale)
    if order is None:
        return _single_date([day_first, month_first])
    ordered = [day_first, month_first] if order == "day" else [month_first, day_first]
    # What is no date in the locale's order may be one in the other: 27/11/2026 on an American page.
    return _single_date(ordered[:1]) if _is_date(ordered[0]) else _single_date(ordered[1:])


def read_time(text: str) -> str:
    """A time of day as ``HH:MM``; seconds are left out. Raises Unfit.

    >>> read_time("2:30 pm"), read_time("14:30:00")
    ('14:30', '14:30')
    """
    found = _TIME.fullmatch(text.strip())
    if found is None or not (found[2] or found[4]):
        raise Unfit(NOT_A_TIME)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[4] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            raise Unfit(NOT_A_TIME)
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute, int(found[3] or 0)).isoformat("minutes")
    except ValueError:
        raise Unfit(NOT_A_TIME) from None


def read_moment(text: str, locale: str | None) -> str:
    """A day with a time, as ``YYYY-MM-DDTHH:MM``, with the offset from UTC if it was given. Raises Unfit.

    >>> read_moment("27.11.2026 14:30", "de-DE"), read_moment("2026-11-27T14:30:00Z", None)
    ('2026-11-27T14:30', '2026-11-27T14:30+00:00')
    """
    bare = text.strip()
    if _is_iso_moment(bare):
        return datetime.fromisoformat(bare).isoformat(timespec="minutes")
    found = _SPLIT.fullmatch(bare)
    if found is None:
        raise Unfit("not_moment")
    return f"{read_date(found[1], locale).isoformat()}T{read_time(found[4])}"


def _is_iso_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) > len("2026-11-27") and text[4:5] == "-" and text[10:11] in ("T", " ")


def _field_order(locale: str) -> str | None:
    """What comes first in a locale's short dates, ``day`` or ``month``. None if CLDR does not know it, if it puts the year first, as in Sweden, or if it is a
    language alone whose countries differ: 3/4 is in March in the United States and in April in Britain."""
    from babel.dates import get_date_format

    found = find_locale(locale)
    if found is None or (found.language == "en" and not found.territory):
        return None
    pattern = get_date_format("short", found).pattern
    if pattern.lstrip("'").startswith(("y", "G")):
        return None
    return "day" if pattern.index("d") < pattern.lower().index("m") else "month"


def _single_date(readings: list[tuple[str, str, str]]) -> date:
    found = sorted({date(*map(int, one)) for one in readings if _is_date(one)})
    if len(found) > 1:
        raise Unfit("either_date", one=found[0].isoformat(), another=found[1].isoformat())
    if not found:
        raise Unfit(NOT_A_DATE)
    return found[0]


def _is_date(reading: tuple[str, str, str]) -> bool:
    try:
        date(*map(int, reading))
    except ValueError:
        return False
    return True
