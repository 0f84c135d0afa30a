"""Dates and times as people write them.

Each is one day by the locale, or a fault that names both readings.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.form_intake.amounts import PROGRAM_LOCALE
from gridwix.form_intake.dates import read_date, read_moment, read_time
from gridwix.form_intake.invalid_answer import InvalidAnswer

ANYWHERE = [None, "en-US", "en-GB", "en", "de-DE", "sv-SE", "xx-YY"]


@pytest.mark.parametrize("locale", ANYWHERE)
@pytest.mark.parametrize(
    "text",
    [
        "11/27/2026",
        "27.11.2026",
        "27/11/2026",
        "27-11-2026",
        "27. 11. 2026",
        "2026-11-27",
        "2026/11/27",
        "2026-11-27T09:00:00Z",
        "2026-11-27 09:00",
    ],
)
def test_text_that_is_one_day_is_that_day_in_every_locale(text: str, locale: str | None) -> None:
    assert read_date(text, locale) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("locale", "day"),
    [
        ("en-US", date(2026, 3, 4)),
        ("en-GB", date(2026, 4, 3)),
        ("de-DE", date(2026, 4, 3)),
        ("fr-FR", date(2026, 4, 3)),
        ("es-ES", date(2026, 4, 3)),
        ("es-MX", date(2026, 4, 3)),
    ],
)
@pytest.mark.parametrize("text", ["03/04/2026", "3.4.2026", "3-4-2026"])
def test_text_that_can_be_two_days_is_read_by_the_locale(text: str, locale: str, day: date) -> None:
    assert read_date(text, locale) == day


# English alone is written differently in its countries; where the year comes first, a date that
# ends in the year is foreign.
@pytest.mark.parametrize("locale", [None, "en", "fr-CA", "sv-SE", "xx-YY"])
def test_text_that_can_be_two_days_and_no_locale_tells_is_asked_about(locale: str | None) -> None:
    with pytest.raises(InvalidAnswer) as asked:
        read_date("03/04/2026", locale)

    assert (
        str(asked.value)
        == "can be 2026-03-04 or 2026-04-03: write it like 2026-03-04, the year first"
    )


def test_day_whose_number_is_its_months_is_one_day() -> None:
    assert read_date("04/04/2026", None) == date(2026, 4, 4)


@pytest.mark.parametrize("locale", [None, "en-US", "de-DE", PROGRAM_LOCALE])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-02-30",
        "30.02.2026",
        "5/2026",
        "2026-03-12junk",
        "13/13/2026",
        "27.11/2026",
        "1/2/3/2026",
        "0000-00-00",
    ],
)
def test_text_that_is_no_day_is_refused(text: str, locale: str | None) -> None:
    with pytest.raises(InvalidAnswer, match="is not a date"):
        read_date(text, locale)


def test_year_of_two_digits_is_asked_about() -> None:
    with pytest.raises(InvalidAnswer, match="four digits"):
        read_date("27.11.26", "de-DE")


def test_program_writes_dates_as_iso_alone() -> None:
    with pytest.raises(InvalidAnswer):
        read_date("27.11.2026", PROGRAM_LOCALE)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("14:30", "14:30"),
        ("14:30:00", "14:30"),
        ("2:30 PM", "14:30"),
        ("2 pm", "14:00"),
        ("12 a.m.", "00:00"),
        ("14.30", "14:30"),
        ("14h30", "14:30"),
        ("14 h 30", "14:30"),
        ("14\u00a0h\u00a030", "14:30"),
        ("2:30 p.m.", "14:30"),
        ("2:30 p. m.", "14:30"),
        ("2:30 p.\u00a0m.", "14:30"),
        ("09:05:00.123", "09:05"),
    ],
)
def test_time_is_read_as_people_write_it(text: str, read: str) -> None:
    assert read_time(text) == read


@pytest.mark.parametrize(
    "text", ["", "14", "25:00", "12:60", "noon", "13 pm", "0:30 am", "14:30 and more"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidAnswer, match="is not a time"):
        read_time(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-27T14:30:00Z", "2026-11-27T14:30+00:00"),
        ("2026-11-27T14:30", "2026-11-27T14:30"),
        ("2026-11-27 14:30:00", "2026-11-27T14:30"),
        ("27.11.2026, 14:30", "2026-11-27T14:30"),
        ("11/27/2026 2:30 PM", "2026-11-27T14:30"),
        ("2026-11-27 14 h 30", "2026-11-27T14:30"),
        ("27/11/2026, 2:30 p. m.", "2026-11-27T14:30"),
    ],
)
def test_day_with_a_time_is_read_as_people_write_it(text: str, read: str) -> None:
    assert read_moment(text, None) == read


@pytest.mark.parametrize(
    "text", ["2026-11-27", "14:30", "soon", "27.11.2026 25:00", "03/04/2026 14:30"]
)
def test_what_is_no_day_with_a_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidAnswer):
        read_moment(text, None)


@given(
    st.dates(min_value=date(1000, 1, 1)),
    st.sampled_from(["{0:%d.%m.%Y}", "{0:%m/%d/%Y}", "{0:%Y-%m-%d}"]),
)
def test_day_is_never_taken_for_another(day: date, written: str) -> None:
    try:
        read = read_date(written.format(day), None)
    except InvalidAnswer:
        assert day.day <= 12
        return

    assert read == day


@given(st.text(max_size=30), st.sampled_from([None, "en-US", "de-DE"]))
def test_any_text_is_a_day_or_an_invalid_answer(text: str, locale: str | None) -> None:
    for read in (
        lambda: read_date(text, locale),
        lambda: read_time(text),
        lambda: read_moment(text, locale),
    ):
        try:
            read()
        except InvalidAnswer:
            continue
