"""Parsing of submissions by the form's definition: each answer fits its question, or has a fault
that does not repeat its value.
"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.configuration.forms import FormDefinition
from gridwix.form_intake.forms import normalized_identifier, read_form_values
from gridwix.models.files import AttachedFile
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.projection import form_definition
from gridwix.runtime.configuration import configuration
from ops.configuration import load_configuration
from tests.fakes.wire import SECRET

FORMS = configuration().forms
INVOICE = FORMS["invoice-question"]
GOOD = {
    "invoice_number": "INV-88213",
    "invoiced_unit_price": "4.15",
    "question": "Which price will you pay?",
    "your_name": "Dana Whitfield",
    "email": "ap@prairiegold.example",
}


def form(kind: str, **fields: Any) -> FormDefinition:
    field = {"name": "answer", "target": "t", "label": "Answer", "kind": kind, **fields}
    return FormDefinition.model_validate(
        {"title": "T", "version": 1, "type": "support", "fields": [field]}
    )


def test_submission_is_read_into_answers_and_what_they_tell_of_who_asks() -> None:
    reading = read_form_values(
        INVOICE,
        {**GOOD, "gln": "0614141 00052-4", "trading_address": "zz : prairiegold", "unasked": "x"},
    )

    assert reading.answers == {
        "invoiceNumber": "INV-88213",
        "invoicedUnitPrice": "4.15",
        "question": "Which price will you pay?",
    }
    assert (reading.name, reading.email, reading.faults, reading.trapped) == (
        "Dana Whitfield",
        "ap@prairiegold.example",
        (),
        False,
    )
    assert reading.identifiers == {
        IdentifierScheme.GLN: "0614141000524",
        IdentifierScheme.TRADING_ADDRESS: "ZZ:PRAIRIEGOLD",
    }


@pytest.mark.parametrize(
    ("kind", "value", "answer"),
    [
        ("text", "  Õie Kärt \r\n 李小龍 ", "Õie Kärt \n 李小龍"),
        ("text", 42, "42"),
        ("email", "a.b+c@例え.テスト", "a.b+c@例え.テスト"),
        ("decimal", "4.10", "4.10"),
        ("decimal", "1e3", "1000"),
        ("decimal", 7, "7"),
        ("integer", "3", 3),
        ("integer", "3.0", 3),
        ("boolean", True, True),
        ("boolean", "Checked", True),
        ("boolean", "no", False),
        ("date", "2026-03-12", "2026-03-12"),
        ("date", "2026-03-12T09:00:00Z", "2026-03-12"),
    ],
)
def test_answer_that_fits_its_question(kind: str, value: Any, answer: Any) -> None:
    reading = read_form_values(form(kind), {"t": value})

    assert (reading.answers, reading.faults) == ({"answer": answer}, ())


@pytest.mark.parametrize(
    ("kind", "value", "fault"),
    [
        ("text", {"x": SECRET}, "is not a text"),
        ("text", SECRET * 200, "is longer than"),
        ("text", f"{SECRET}\x00", "holds characters"),
        ("text", f"{SECRET}\ud800", "holds characters"),
        ("email", SECRET, "is not an e-mail address"),
        ("email", f"{SECRET}@x@y.z", "is not an e-mail address"),
        ("decimal", SECRET, "is not a number"),
        ("decimal", "NaN", "is not a number"),
        ("decimal", "1e999999", "is not a number"),
        ("integer", "1.5", "is not a whole number"),
        ("boolean", SECRET, "is neither yes nor no"),
        ("date", SECRET, "is not a date"),
        ("date", "2026-02-30", "is not a date"),
        ("files", SECRET, "is no list of files"),
        ("files", [{"name": SECRET}], "is no list of files"),
    ],
)
def test_answer_that_does_not_fit_is_named_by_its_label_and_not_repeated(
    kind: str, value: Any, fault: str
) -> None:
    reading = read_form_values(form(kind), {"t": value})

    assert len(reading.faults) == 1
    assert str(reading.faults[0]).startswith(f"Answer: {fault}")
    assert SECRET not in repr(reading)


@pytest.mark.parametrize("value", [None, "", "  ", []])
def test_required_answer_that_is_missing_is_a_fault(value: Any) -> None:
    assert (
        read_form_values(form("text", required=True), {"t": value}).faults[0].text == "is missing"
    )
    assert read_form_values(form("text"), {"t": value}).faults == ()


def test_choice_is_one_of_those_that_there_are() -> None:
    definition = form("choice", choices=["USD", "EUR"])

    assert read_form_values(definition, {"t": "EUR"}).answers == {"answer": "EUR"}
    assert read_form_values(definition, {"t": "eur"}).faults[0].text == "is none of the choices"


def test_honeypot_is_a_trap_and_no_answer() -> None:
    reading = read_form_values(INVOICE, {**GOOD, "website": "https://spam.example"})

    assert reading.trapped
    assert "website" not in reading.answers


def test_files_are_taken_as_wix_gives_them() -> None:
    value = [
        {
            "fileId": "ugd/1.pdf",
            "displayName": "Invoice.pdf",
            "url": "https://x.usrfiles.com/ugd/1.pdf",
            "fileSize": "1234",
            "fileType": "pdf",
        },
        {"url": "https://x.usrfiles.com/a.png"},
    ]

    assert read_form_values(form("files"), {"t": value}).files == (
        AttachedFile("https://x.usrfiles.com/ugd/1.pdf", "Invoice.pdf", 1234),
        AttachedFile("https://x.usrfiles.com/a.png", "a.png", None),
    )


def test_answers_name_files_and_have_no_address_that_the_sender_chose() -> None:
    reading = read_form_values(
        form("files"),
        {"t": [{"displayName": "Invoice.pdf", "url": "https://x.usrfiles.com/ugd/1.pdf"}]},
    )

    assert reading.answers == {"answer": [{"name": "Invoice.pdf"}]}


@pytest.mark.parametrize(
    ("scheme", "text", "identifier"),
    [
        (IdentifierScheme.GLN, "0614141000524", "0614141000524"),
        (IdentifierScheme.GLN, "06 14141-00052 4", "0614141000524"),
        (IdentifierScheme.GLN, "061414100052", ""),
        (IdentifierScheme.GLN, "٠٦١٤١٤١٠٠٠٥٢٤", ""),
        (IdentifierScheme.DUNS, "00-734-4567", "007344567"),
        (IdentifierScheme.TRADING_ADDRESS, "zz:prairiegold", "ZZ:PRAIRIEGOLD"),
        (IdentifierScheme.TRADING_ADDRESS, "PRAIRIEGOLD", ""),
        (IdentifierScheme.TRADING_ADDRESS, ":x", ""),
    ],
)
def test_identifier_is_compared_in_one_form(
    scheme: IdentifierScheme, text: str, identifier: str
) -> None:
    assert normalized_identifier(scheme, text) == identifier


def test_form_is_known_by_its_key_and_by_its_wix_form() -> None:
    assert form_definition("invoice-question", FORMS) == ("invoice-question", INVOICE)
    assert form_definition(INVOICE.wix_forms[0], FORMS) == ("invoice-question", INVOICE)
    assert form_definition("nothing", FORMS) is None


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15
    )
)
def test_money_is_the_same_number_afterwards(amount: Decimal) -> None:
    answer = read_form_values(form("decimal"), {"t": str(amount)}).answers["answer"]

    assert Decimal(answer) == amount
    assert "E" not in answer


TARGETS = sorted(
    {
        field.target
        for definition in load_configuration().forms.values()
        for field in definition.fields
    }
)
LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@given(st.sampled_from(sorted(FORMS)), st.dictionaries(st.sampled_from(TARGETS), JSON))
def test_anything_at_all_is_read_or_named_as_a_fault(key: str, values: dict[str, Any]) -> None:
    reading = read_form_values(FORMS[key], values)

    asked = {field.name for field in FORMS[key].fields}
    assert set(reading.answers) <= asked
