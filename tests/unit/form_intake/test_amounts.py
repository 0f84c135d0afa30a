"""Numbers as people write them: one number by the locale, or a fault that names both readings."""

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from gridwix.form_intake.amounts import PROGRAM_LOCALE, read_decimal
from gridwix.form_intake.invalid_answer import InvalidAnswer

ANYWHERE = [None, "en-US", "de-DE", "fr-FR", "de-CH", "xx-YY"]


@pytest.mark.parametrize("locale", ANYWHERE)
@pytest.mark.parametrize(
    ("text", "number", "currency"),
    [
        ("1,234.50", "1234.50", ""),
        ("1.234,50", "1234.50", ""),
        ("1 234,5", "1234.5", ""),
        ("1\u202f234,5", "1234.5", ""),
        ("1'234.50", "1234.50", ""),
        ("1.234.567", "1234567", ""),
        ("1,234,567", "1234567", ""),
        ("1 234,567", "1234.567", ""),
        ("0.500", "0.500", ""),
        ("4.15", "4.15", ""),
        ("$12.00", "12.00", "$"),
        ("12.00 USD", "12.00", "USD"),
        ("usd 12.00", "12.00", "USD"),
        ("US$ 5.00", "5.00", "US$"),
        ("-$5", "-5", "$"),
        ("€ 1.234,50", "1234.50", "€"),
        ("CHF 12.-", "12", "CHF"),
        ("12.00-", "-12.00", ""),
        ("\u22123", "-3", ""),
        ("1.5e3", "1500", ""),
    ],
)
def test_text_that_is_one_number_is_that_number_in_every_locale(
    text: str, number: str, currency: str, locale: str | None
) -> None:
    amount = read_decimal(text, locale)

    assert (amount.number, str(amount.number) if "e" not in text else "", amount.currency) == (
        Decimal(number),
        number if "e" not in text else "",
        currency,
    )


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u202f", "\u2009"])
@pytest.mark.parametrize("locale", ["fr-FR", "fr", "pl-PL", "sv-SE", "pt-PT", "pt-BR"])
def test_number_when_blanks_part_its_thousands_then_each_kind_of_blank_does(
    locale: str, blank: str
) -> None:
    found = [
        read_decimal(f"1{blank}234,5", locale).number,
        read_decimal(f"-1{blank}234{blank}567,89", locale).number,
        read_decimal(f"1{blank}234", locale).number,
    ]

    assert found == [Decimal("1234.5"), Decimal("-1234567.89"), Decimal(1234)]


@pytest.mark.parametrize("locale", ["de-CH", "fr-CH", "it-CH", "de-LI"])
@pytest.mark.parametrize(
    "text",
    [
        *("1\u2019234\u2019567.5", "1'234'567.5", "1'234\u2019567.5", "1'234 567.5"),
        *("1\u00b4234\u00b4567.5", "1`234`567.5", "1\u2018234\u2018567.5", "1\u2032234\uff07567.5"),
    ],
)
def test_number_when_apostrophes_part_its_thousands_then_each_kind_of_apostrophe_does(
    text: str, locale: str
) -> None:
    found = read_decimal(text, locale)

    assert found.number == Decimal("1234567.5")


def test_number_when_its_separators_are_those_of_another_locale_then_it_is_not_cut_short() -> None:
    found = read_decimal("1,234.50", "de-DE")

    assert str(found.number) == "1234.50"


@pytest.mark.parametrize(
    ("text", "locale", "one", "another"),
    [
        ("1,5", "en-US", "1.5", "15"),
        ("1,234 567", "en-US", "1.234567", "1234567"),
        ("1.234\u00a0567", "de-DE", "1.234567", "1234567"),
        ("-1,234'567'890", "fr-FR", "-1.234567890", "-1234567890"),
    ],
)
def test_number_when_it_can_be_two_then_both_are_named(
    text: str, locale: str, one: str, another: str
) -> None:
    with pytest.raises(InvalidAnswer) as fault:
        read_decimal(text, locale)

    assert f"{one} or {another}" in str(fault.value)


@pytest.mark.parametrize("text", ["12 34,5", "1  234,5", "1 23", "1 234,567.5", "1 234 5"])
def test_number_when_its_blanks_part_no_thousands_then_it_is_none(text: str) -> None:
    with pytest.raises(InvalidAnswer, match="is not a number"):
        read_decimal(text, "fr-FR")


@pytest.mark.parametrize(
    ("text", "locale", "number"),
    [
        ("1,234", "en-US", "1234"),
        ("1,234", "de-DE", "1.234"),
        ("1,234", "fr-FR", "1.234"),
        ("1.234", "en-US", "1.234"),
        ("1.234", "de-DE", "1234"),
        ("1.234", "de-CH", "1.234"),
        ("1.234", PROGRAM_LOCALE, "1.234"),
        ("4,15", "de-DE", "4.15"),
        ("4,15", None, "4.15"),
        ("1,23,456.5", "en-IN", "123456.5"),
        ("1,234", "fr-CA", "1.234"),
        ("1 234,5", "fr-CA", "1234.5"),
        ("1\u00a0234,5", "fr-CA", "1234.5"),
        ("1\u202f234,5", "fr", "1234.5"),
        ("1,234", "es-MX", "1234"),
        ("1.234", "es-MX", "1.234"),
        ("1,234", "es-ES", "1.234"),
        ("1.234", "es-ES", "1234"),
        ("1,234.50", "es", "1234.50"),
        ("1.234,50", "es", "1234.50"),
        ("4,15", "es", "4.15"),
        ("4.15", "es", "4.15"),
        ("0,500", "es", "0.500"),
        ("1,2340", "es", "1.2340"),
    ],
)
def test_text_that_can_be_two_numbers_is_read_by_the_locale(
    text: str, locale: str | None, number: str
) -> None:
    assert str(read_decimal(text, locale).number) == number


@pytest.mark.parametrize(
    ("text", "locale", "one", "other"),
    [
        ("1,234", None, "1.234", "1234"),
        ("1.234", None, "1.234", "1234"),
        ("1.234", "xx-YY", "1.234", "1234"),
        ("1.234", "fr-FR", "1.234", "1234"),
        ("4,15", "en-US", "4.15", "415"),
        ("-5.000", None, "-5.000", "-5000"),
        ("1,234 USD", None, "1.234", "1234"),
        # The separators of Spanish differ by country.
        ("1,234", "es", "1.234", "1234"),
        ("1.234", "es", "1.234", "1234"),
        ("1,234", "es-419", "1.234", "1234"),
        ("1.234", "fr-CA", "1.234", "1234"),
    ],
)
def test_text_that_can_be_two_numbers_and_no_locale_tells_is_asked_about(
    text: str, locale: str | None, one: str, other: str
) -> None:
    with pytest.raises(InvalidAnswer) as asked:
        read_decimal(text, locale)

    assert str(asked.value) == f"can be {one} or {other}: write it without separators for thousands"


@pytest.mark.parametrize("locale", [None, "en-US", "de-DE", PROGRAM_LOCALE])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "NaN",
        "Infinity",
        "1e999999",
        "12 kg",
        "12 KGM",
        "1_000",
        "0x1",
        "(12)",
        "1,2,3",
        "1.2.3",
        "5 %",
        "EUR",
        "12 13",
        "1" * 41,
        "--1",
        "$",
        "1e5e5",
    ],
)
def test_text_that_is_no_number_is_refused(text: str, locale: str | None) -> None:
    with pytest.raises(InvalidAnswer, match="is not a number"):
        read_decimal(text, locale)


@pytest.mark.parametrize("text", ["1,234.50", "1.234,50", "4,15", "1 234,5"])
def test_program_writes_no_separators(text: str) -> None:
    with pytest.raises(InvalidAnswer):
        read_decimal(text, PROGRAM_LOCALE)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12
    ),
    st.sampled_from(
        ["en-US", "de-DE", "fr-FR", "fr-CA", "de-CH", "en-IN", "sv-SE", "es-MX", "es-ES"]
    ),
)
def test_number_as_its_locale_writes_it_is_that_number(number: Decimal, locale: str) -> None:
    written = format_decimal(number, locale=locale.replace("-", "_"), decimal_quantization=False)

    assert read_decimal(written, locale).number == number


@given(st.text(max_size=30), st.sampled_from([None, PROGRAM_LOCALE, "en-US", "de-DE", "ar-EG"]))
def test_any_text_is_a_number_or_an_invalid_answer(text: str, locale: str | None) -> None:
    try:
        read = read_decimal(text, locale).number
    except InvalidAnswer:
        return

    assert read.is_finite()
