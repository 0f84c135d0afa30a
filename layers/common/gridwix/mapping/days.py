"""Formats days and instants in the languages of the portal. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from gridwix.models.locales import DEFAULT_LOCALE


class DayFormat(NamedTuple):
    """Date format of a language: a pattern with ``{day}``, ``{month}``, ``{name}`` and ``{year}``.

    ``{name}`` is the name of the month, out of ``months``: twelve names, separated by spaces.
    """

    pattern: str
    months: str = ""


DAY_FORMATS: Mapping[str, DayFormat] = {
    "en": DayFormat("{day} {name} {year}", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
    "de": DayFormat("{day}.{month}.{year}"),
    "fr": DayFormat(
        "{day} {name} {year}", "janv. févr. mars avr. mai juin juill. août sept. oct. nov. déc."
    ),
    "es": DayFormat("{day} {name} {year}", "ene feb mar abr may jun jul ago sep oct nov dic"),
}
"""Date formats by language. Any other language uses the format of the default language."""


def format_day(day: date, locale: str) -> str:
    """Format a day in a language.

    >>> [format_day(date(2026, 3, 16), locale) for locale in ("en", "de", "fr", "es")]
    ['16 Mar 2026', '16.3.2026', '16 mars 2026', '16 mar 2026']
    """
    pattern, months = DAY_FORMATS.get(locale, DAY_FORMATS[DEFAULT_LOCALE])
    name = months.split()[day.month - 1] if months else ""
    return pattern.format(day=day.day, month=day.month, name=name, year=day.year)


def format_instant_day(at: datetime, zone: tzinfo, locale: str) -> str:
    """Format the day on which an instant falls in a time zone.

    The text names the zone, without which the day is ambiguous.

    >>> from gridwix.models.time_zones import time_zone
    >>> at = datetime.fromisoformat("2026-11-28T03:00:00Z")
    >>> format_instant_day(at, time_zone("America/New_York"), "en")
    '27 Nov 2026 (America/New_York)'
    """
    return f"{format_day(at.astimezone(zone).date(), locale)} ({zone})"


def format_instant(at: datetime, zone: tzinfo, locale: str) -> str:
    """Format an instant as date and time in a time zone, with the name of the zone.

    >>> from gridwix.models.time_zones import time_zone
    >>> at = datetime.fromisoformat("2026-11-28T03:00:00Z")
    >>> format_instant(at, time_zone("America/New_York"), "de")
    '27.11.2026, 22:00 (America/New_York)'
    """
    local = at.astimezone(zone)
    return f"{format_day(local.date(), locale)}, {local:%H:%M} ({zone})"
