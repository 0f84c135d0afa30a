"""Days in the languages of the portal."""

from datetime import date

import pytest

from gridwix.mapping import days
from gridwix.mapping.days import DAY_FORMATS, DayFormat, format_day
from gridwix.runtime.configuration import configuration


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en", ["1 Jan 2026", "16 Mar 2026", "31 Dec 2026"]),
        ("de", ["1.1.2026", "16.3.2026", "31.12.2026"]),
        ("fr", ["1 janv. 2026", "16 mars 2026", "31 déc. 2026"]),
        ("es", ["1 ene 2026", "16 mar 2026", "31 dic 2026"]),
    ],
)
def test_day_is_written_as_its_language_has_it(locale: str, shown: list[str]) -> None:
    assert [
        format_day(day, locale) for day in (date(2026, 1, 1), date(2026, 3, 16), date(2026, 12, 31))
    ] == shown


def test_every_language_of_the_portal_has_a_format() -> None:
    assert set(configuration().texts.languages) <= set(DAY_FORMATS)


@pytest.mark.parametrize("locale", sorted(DAY_FORMATS))
def test_no_two_days_of_a_year_are_written_alike(locale: str) -> None:
    shown = [
        format_day(date.fromordinal(date(2028, 1, 1).toordinal() + n), locale) for n in range(366)
    ]

    assert len(set(shown)) == 366


def test_language_without_a_format_is_written_as_the_default_one() -> None:
    assert format_day(date(2026, 12, 1), "it") == "1 Dec 2026"


def test_another_language_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    italian = DayFormat("{day} {name} {year}", "gen feb mar apr mag giu lug ago set ott nov dic")
    monkeypatch.setattr(days, "DAY_FORMATS", {**DAY_FORMATS, "it": italian})

    assert format_day(date(2026, 12, 1), "it") == "1 dic 2026"
