"""Every kind of field that Wix Forms has, with the values that it submits."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from gridwix.configuration.forms import FILE_KINDS, UNSUPPORTED_KINDS, FieldKind, FormDefinition
from gridwix.form_intake.form_fields import read_files
from gridwix.form_intake.forms import read_form_values
from gridwix.form_intake.invalid_answer import InvalidAnswer
from gridwix.models.files import AttachedFile
from ops.configuration import load_configuration

STREET = {
    "addressLine": "Kastanienallee 7",
    "city": "Aachen",
    "postalCode": "52062",
    "country": "DE",
}


def form(kind: str, *, locale: str | None = None, **fields: Any) -> FormDefinition:
    choices = {"choices": ["orders", "freight", "tax"]} if kind in ("choice", "choices") else {}
    field = {"name": "answer", "target": "t", "label": "Answer", "kind": kind, **choices, **fields}
    return FormDefinition.model_validate(
        {"title": "T", "version": 1, "type": "support", "locale": locale, "fields": [field]}
    )


ANSWERS: list[tuple[str, Any, Any]] = [
    ("text", "Which price?", "Which price?"),
    ("email", "ap@prairiegold.example", "ap@prairiegold.example"),
    ("url", "https://prairiegold.example/edi?x=1#top", "https://prairiegold.example/edi?x=1#top"),
    ("url", "www.prairiegold.example", "https://www.prairiegold.example"),
    ("url", "prairiegold.example:8443/as2", "https://prairiegold.example:8443/as2"),
    ("phone", "+49 (0)30 123456", "+4930123456"),
    ("phone", "0049 30 123456", "+4930123456"),
    ("phone", "+1 212-555-0100 ext. 7", "+12125550100;ext=7"),
    ("integer", 3, 3),
    ("integer", "1,234,567", 1234567),
    ("decimal", "1,234.50", "1234.50"),
    ("decimal", 4.125, "4.125"),
    ("rating", 4, 4),
    ("rating", "5", 5),
    ("boolean", True, True),
    ("date", "2026-11-27", "2026-11-27"),
    ("time", "14:30:00", "14:30"),
    ("datetime", "2026-11-27T14:30:00", "2026-11-27T14:30"),
    ("choice", "tax", "tax"),
    ("choices", ["tax", "orders"], ["orders", "tax"]),
    ("choices", ["tax", "tax"], ["tax"]),
    ("choices", "tax", ["tax"]),
    ("address", STREET, STREET),
    (
        "address",
        {**STREET, "subdivision": "DE-NW", "addressLine2": "", "location": {"latitude": 50.8}},
        {**STREET, "subdivision": "DE-NW"},
    ),
    (
        "address",
        {"streetAddress": {"name": "Main St", "number": "12"}, "city": "Omaha"},
        {"addressLine": "12 Main St", "city": "Omaha"},
    ),
    (
        "address",
        {"formatted": "Kastanienallee 7, Aachen"},
        {"formatted": "Kastanienallee 7, Aachen"},
    ),
    ("address", "Kastanienallee 7, 52062 Aachen", {"formatted": "Kastanienallee 7, 52062 Aachen"}),
    (
        "files",
        [{"displayName": "a.pdf", "url": "https://x.usrfiles.com/a.pdf"}],
        [{"name": "a.pdf"}],
    ),
    (
        "signature",
        [{"displayName": "signature.png", "url": "https://x.usrfiles.com/s.png"}],
        [{"name": "signature.png"}],
    ),
    ("gln", "(414)0614141000005", "0614141000005"),
    ("duns", "D-U-N-S 15-048-3782", "150483782"),
    ("trading_address", "ZZ/PRAIRIEGOLD", "ZZ:PRAIRIEGOLD"),
]


@pytest.mark.parametrize(("kind", "value", "answer"), ANSWERS)
def test_value_of_a_field_is_read(kind: str, value: Any, answer: Any) -> None:
    reading = read_form_values(form(kind), {"t": value})

    assert (reading.answers, reading.faults) == ({"answer": answer}, ())


def test_every_kind_is_read() -> None:
    assert {kind for kind, *_ in ANSWERS} == set(get_args(FieldKind.__value__))


@pytest.mark.parametrize(
    ("kind", "value", "fault"),
    [
        ("url", "javascript:alert(1)", "is not a web address"),
        ("url", "ftp://prairiegold.example", "is not a web address"),
        ("url", "https://user:pass@prairiegold.example", "is not a web address"),
        ("url", "prairiegold", "is not a web address"),
        ("url", "https://prairiegold.example/a b", "is not a web address"),
        ("url", "https://[::1", "is not a web address"),
        ("url", "https://a.example:99999", "is not a web address"),
        (
            "phone",
            "030 123456",
            "is a telephone number without a country code: write it like +49 30 123456",
        ),
        ("phone", "call me", "is not a telephone number"),
        ("phone", "+49 1", "is not a telephone number"),
        ("rating", 6, "is not a rating from 1 to 5"),
        ("rating", 0, "is not a rating from 1 to 5"),
        ("rating", 4.5, "is not a whole number"),
        ("time", "noon", "is not a time"),
        ("datetime", "2026-11-27", "is not a date with a time"),
        ("choices", ["tax", "wages"], "is none of the choices"),
        ("choices", [["tax"]], "is not a text"),
        ("choices", ["tax"] * 201, "has too many choices"),
        (
            "address",
            {"country": "Germany"},
            "has a country that is no code of two letters, such as DE",
        ),
        ("address", {"city": ["Aachen"]}, "is not a text"),
        ("address", {"planet": "Earth"}, "is not an address"),
        ("address", ["Aachen"], "is not a text"),
        ("signature", "yes", "is no list of files"),
        ("gln", "0614141000006", "This is not a GLN: check digit"),
        ("text", ["a", "b"], "is not a text"),
    ],
)
def test_value_that_does_not_fit_is_refused_with_its_reason(
    kind: str, value: Any, fault: str
) -> None:
    reading = read_form_values(form(kind), {"t": value})

    assert (reading.answers, [str(one) for one in reading.faults]) == ({}, [f"Answer: {fault}"])


@pytest.mark.parametrize("value", [{}, {"city": ""}, {"city": None, "country": " "}, []])
def test_address_or_choices_that_say_nothing_are_no_answer(value: Any) -> None:
    assert (
        read_form_values(form("address", required=True), {"t": value}).faults[0].text
        == "is missing"
    )


@pytest.mark.parametrize("kind", ["choice", "choices"])
def test_entry_of_the_visitors_own_is_taken_where_the_form_has_one(kind: str) -> None:
    own = "Other: customs"

    taken = read_form_values(form(kind, other="Other"), {"t": own})
    refused = read_form_values(form(kind), {"t": own})

    assert taken.answers == {"answer": own if kind == "choice" else [own]}
    assert [str(one) for one in refused.faults] == ["Answer: is none of the choices"]


def test_numbers_dates_and_telephones_are_read_by_the_forms_locale() -> None:
    assert read_form_values(form("decimal", locale="de-DE"), {"t": "1.234"}).answers == {
        "answer": "1234"
    }
    assert read_form_values(form("date", locale="en-US"), {"t": "03/04/2026"}).answers == {
        "answer": "2026-03-04"
    }
    assert read_form_values(form("phone", locale="de-DE"), {"t": "030 123456"}).answers == {
        "answer": "+4930123456"
    }


def test_visitors_locale_goes_before_the_forms() -> None:
    german = form("decimal", locale="de-DE")

    assert read_form_values(german, {"t": "1.234"}, locale="en-US").answers == {"answer": "1.234"}
    assert read_form_values(german, {"t": "1.234"}, locale="und").answers == {"answer": "1.234"}


@pytest.mark.parametrize(("value", "plain"), [("4.155", {"t"}), (4.155, set()), (4155, set())])
def test_number_that_json_wrote_is_never_read_as_a_persons(value: Any, plain: set[str]) -> None:
    answers = read_form_values(form("decimal", locale="de-DE"), {"t": value}, plain=plain).answers

    assert answers == {"answer": str(value)}


@pytest.mark.parametrize(
    ("text", "currency"), [("12.00 USD", "USD"), ("$12.00", "$"), ("€ 12.00", "€")]
)
def test_currency_that_was_written_stays_visible_beside_another_that_was_chosen(
    text: str, currency: str
) -> None:
    fields = [
        {"name": "price", "target": "price", "label": "Price", "kind": "decimal"},
        {
            "name": "currency",
            "target": "currency",
            "label": "Currency",
            "kind": "choice",
            "choices": ["CAD", "EUR"],
        },
    ]
    definition = FormDefinition.model_validate(
        {"title": "T", "version": 1, "type": "support", "fields": fields}
    )

    answers = read_form_values(definition, {"price": text, "currency": "CAD"}).answers

    assert answers == {"price": "12.00", "priceWrittenCurrency": currency, "currency": "CAD"}


@pytest.mark.parametrize(("said", "size"), [("1234", 1234), (1234, 1234), (None, None)])
def test_size_of_a_file_is_read_as_wix_says_it(said: Any, size: int | None) -> None:
    assert read_files([{"fileId": "f_1", "fileSize": said}]) == [
        AttachedFile("", "file", size, "f_1")
    ]


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../Preisliste \ud800李.pdf", "Preisliste 李.pdf"),
        ("a\u202efdp.exe\x00.pdf", "afdp.exe.pdf"),
        ("\ud800", "file"),
    ],
)
def test_name_of_a_file_is_cleaned_before_anything_else_is_done_with_it(
    name: str, cleaned: str
) -> None:
    (file,) = read_files({"displayName": name, "url": "https://x.usrfiles.com/a.pdf"})

    assert file.name == cleaned


@pytest.mark.parametrize("said", ["²", "\u0661", "-1", "1e3", "9" * 5000, True, [1]])
def test_size_of_a_file_that_is_no_number_is_refused(said: Any) -> None:
    with pytest.raises(InvalidAnswer, match="is no list of files"):
        read_files([{"fileId": "f_1", "fileSize": said}])


@pytest.mark.parametrize("kind", UNSUPPORTED_KINDS)
def test_field_that_belongs_to_wix_is_refused_with_what_to_do_instead(kind: str) -> None:
    with pytest.raises(ValidationError, match=f"the kind {kind} is not supported: "):
        form(kind)


@pytest.mark.parametrize(
    ("kind", "fields", "fault"),
    [
        ("text", {"choices": ["a"]}, "choices belong to"),
        ("choices", {"choices": []}, "choices belong to"),
        ("text", {"other": "Other"}, "other belongs to"),
        ("decimal", {"is": "gln"}, "or the kind of that identifier"),
        ("duns", {"is": "gln"}, "or the kind of that identifier"),
        ("rating", {"highest": 11}, "less than or equal to 10"),
    ],
)
def test_field_that_makes_no_sense_is_refused(
    kind: str, fields: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ValidationError, match=fault):
        form(kind, **fields)


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [("gln", "gln"), ("duns", "duns"), ("trading_address", "trading_address"), ("text", "gln")],
)
def test_identifier_of_its_own_kind_says_who_asks(kind: str, meaning: str) -> None:
    value = {"gln": "0614141000005", "duns": "150483782", "trading_address": "ZZ:PRAIRIEGOLD"}[
        meaning
    ]

    reading = read_form_values(form(kind, **{"is": meaning}), {"t": value})

    assert (
        {scheme.value: known for scheme, known in reading.identifiers.items()},
        reading.answers,
    ) == ({meaning: value}, {})


@pytest.mark.parametrize("locale", ["de", "german", "de_DE", "DE-de", "en-us"])
def test_locale_of_a_form_names_the_country_too(locale: str) -> None:
    with pytest.raises(ValidationError):
        form("decimal", locale=locale)


def test_name_that_a_written_currency_needs_is_taken() -> None:
    fields = [
        {"name": "price", "target": "a", "label": "Price", "kind": "decimal"},
        {"name": "priceWrittenCurrency", "target": "b", "label": "Currency", "kind": "text"},
    ]

    with pytest.raises(ValidationError, match="priceWrittenCurrency is for the currency"):
        FormDefinition.model_validate(
            {"title": "T", "version": 1, "type": "support", "fields": fields}
        )


def test_files_and_signatures_are_the_kinds_that_the_portal_leaves_to_wix() -> None:
    assert {"files", "signature"} == FILE_KINDS
    assert load_configuration().forms
