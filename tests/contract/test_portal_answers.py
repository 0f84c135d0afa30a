"""The portal's own validation of answers, run by Node.js with the cases of gridwix's rules."""

import json
import subprocess
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.portal.node import find_node
from gridwix.configuration.forms import FormDefinition
from gridwix.form_intake.amounts import PROGRAM_LOCALE, read_decimal
from gridwix.form_intake.forms import read_form_values
from gridwix.form_intake.invalid_answer import InvalidAnswer
from ops.paths import ROOT
from ops.waiting import STANDSTILL
from tests.contract.portal_site import needs_node

pytestmark = needs_node

CASES: list[dict[str, str]] = json.loads(
    (ROOT / "tests/unit/form_intake/identifier_cases.json").read_text()
)


def call_function(module: Path, name: str, calls: list[list[Any]]) -> list[Any]:
    """Call a function of a module without imports and return its results."""
    script = f"""
        import {{ {name} }} from {json.dumps(module.as_uri())};
        let text = ''; for await (const part of process.stdin) text += part;
        const answers = JSON.parse(text).map((call) => {name}(...call) ?? null);
        process.stdout.write(JSON.stringify(answers));
    """
    done = subprocess.run(
        [find_node(), "--input-type=module", "-e", script],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=True,
        timeout=STANDSTILL,
    )
    found: list[Any] = json.loads(done.stdout)
    return found


def test_identifier_is_refused_for_the_reason_that_gridwix_has() -> None:
    found = call_function(
        ROOT / "portal/backend/identifiers.js",
        "identifierFault",
        [[case["kind"], case["text"]] for case in CASES],
    )

    assert dict(zip((case["text"] for case in CASES), found, strict=True)) == {
        case["text"]: case.get("fault") for case in CASES
    }


def validate_answers(fields: list[dict[str, Any]], values: list[dict[str, Any]]) -> list[Any]:
    """Validate answers with the backend. Return the values that it sends on, or the error."""
    asked = [
        {
            "required": False,
            "maxLength": 200,
            "choices": [],
            "label": one["target"],
            "name": one["target"],
            **one,
        }
        for one in fields
    ]
    script = f"""
        import {{ registerHooks }} from 'node:module';
        const base = {json.dumps((ROOT / "portal/backend").as_uri())};
        registerHooks({{
          resolve: (name, context, next) => next(name.replace(/^backend/, base), context),
        }});
        const {{ readAnswers }} = await import('backend/questions.js');
        let text = ''; for await (const part of process.stdin) text += part;
        const {{ fields, values }} = JSON.parse(text);
        const answer = (one) => {{
          try {{
            return readAnswers({{ fields }}, one);
          }} catch (error) {{
            return {{ error: [error.code, error.question, error.reason] }};
          }}
        }};
        process.stdout.write(JSON.stringify(values.map(answer)));
    """
    text = json.dumps({"fields": asked, "values": values})
    done = subprocess.run(
        [find_node(), "--input-type=module", "-e", script],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        timeout=STANDSTILL,
    )
    found: list[Any] = json.loads(done.stdout)
    return found


KINDS: list[dict[str, Any]] = [
    *(
        {"target": kind, "kind": kind}
        for kind in (
            "url",
            "phone",
            "time",
            "datetime",
            "decimal",
            "gln",
            "duns",
            "trading_address",
            "address",
        )
    ),
    {"target": "rating", "kind": "rating", "highest": 5},
    {"target": "choice", "kind": "choice", "choices": ["orders", "tax"], "other": "Other"},
    {"target": "choices", "kind": "choices", "choices": ["orders", "tax"], "other": "Other"},
]
FITS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"url": "www.prairiegold.example"}, {"url": "https://www.prairiegold.example"}),
    ({"phone": "+49 (30) 123456"}, {"phone": "+4930123456"}),
    ({"time": "14:30"}, {"time": "14:30"}),
    ({"datetime": "2026-11-27T14:30"}, {"datetime": "2026-11-27T14:30"}),
    ({"decimal": "1234.50 EUR"}, {"decimal": "1234.50", "decimalWrittenCurrency": "EUR"}),
    ({"decimal": "4.155"}, {"decimal": "4.155"}),
    ({"gln": "614141000005"}, {"gln": "0614141000005"}),
    ({"duns": "1234567"}, {"duns": "001234567"}),
    ({"trading_address": "ZZ/PRAIRIEGOLD"}, {"trading_address": "ZZ:PRAIRIEGOLD"}),
    (
        {"address": {"city": "Aachen", "country": "DE", "addressLine2": ""}},
        {"address": {"city": "Aachen", "country": "DE"}},
    ),
    ({"rating": "4"}, {"rating": 4}),
    ({"choice": "Other: customs"}, {"choice": "Other: customs"}),
    (
        {"choices": ["tax", "orders", "tax", "Other: customs"]},
        {"choices": ["orders", "tax", "Other: customs"]},
    ),
]


def test_answer_that_fits_on_the_portal_fits_in_gridwix_and_is_the_same() -> None:
    fields = [{"name": one["target"], "label": one["target"], **one} for one in KINDS]
    form = FormDefinition.model_validate(
        {"title": "T", "version": 1, "type": "support", "fields": fields}
    )

    sent = validate_answers(KINDS, [values for values, _ in FITS])

    readings = [read_form_values(form, values, locale=PROGRAM_LOCALE) for values in sent]
    assert [(reading.answers, reading.faults) for reading in readings] == [
        (answers, ()) for _, answers in FITS
    ]


MISFITS: list[tuple[dict[str, Any], list[str | None]]] = [
    ({"gln": "0614141000006"}, ["invalid", "gln", "gln.check_digit"]),
    ({"duns": "123"}, ["invalid", "duns", "duns.length"]),
    ({"trading_address": "PRAIRIEGOLD"}, ["invalid", "trading_address", "trading_address.address"]),
    ({"phone": "030 123456"}, ["invalid", "phone", "phone"]),
    ({"url": "javascript:alert(1)"}, ["invalid", "url", "url"]),
    ({"url": "https://user:pass@prairiegold.example"}, ["invalid", "url", "url"]),
    (
        {"address": {"city": "Aachen", "country": "Germany"}},
        ["invalid", "address", "address.country"],
    ),
    ({"address": {"city": {"x": 1}}}, ["invalid", "address", None]),
    ({"address": {"planet": "Earth"}}, ["invalid", "address", None]),
    ({"choices": ["wages"]}, ["invalid", "choices", None]),
    ({"choices": "tax"}, ["invalid", "choices", None]),
    ({"choices": [["tax"]]}, ["invalid", "choices", None]),
    ({"choices": ["tax"] * 201}, ["invalid", "choices", None]),
    ({"choice": "Other: "}, ["invalid", "choice", None]),
    ({"choice": ["tax"]}, ["invalid", None, None]),
    ({"rating": "6"}, ["invalid", "rating", None]),
    ({"time": "25:00"}, ["invalid", "time", None]),
    ({"datetime": "2026-02-30T10:00"}, ["invalid", "datetime", None]),
    ({"decimal": "12 KGM"}, ["invalid", "decimal", None]),
    ({"decimal": "1,234.50"}, ["invalid", "decimal", None]),
]


def test_answer_that_does_not_fit_is_refused_with_its_question_and_the_reason() -> None:
    found = validate_answers(KINDS, [values for values, _ in MISFITS])

    assert found == [{"error": error} for _, error in MISFITS]


NUMBERS: list[tuple[str, str, Any]] = [
    ("1,234.50", "en", "1234.50"),
    ("1,234.50", "de", "1234.50"),
    ("1.234,50", "de", "1234.50"),
    ("1.234,50", "en", "1234.50"),
    ("1 234,5", "fr", "1234.5"),
    ("1\u202f234,5", "fr", "1234.5"),
    ("1 234,5", "en", "1234.5"),
    ("1\u00a0234,5", "fr-CA", "1234.5"),
    ("1,234", "fr-CA", "1.234"),
    ("1 234", "fr-CA", "1234"),
    ("1,234", "es-MX", "1234"),
    ("1.234", "es-MX", "1.234"),
    ("1,234.5", "es-MX", "1234.5"),
    ("1,234", "es-ES", "1.234"),
    ("1,234.50", "es", "1234.50"),
    ("1.234,50", "es", "1234.50"),
    ("4.15", "es", "4.15"),
    ("4,15", "es", "4.15"),
    ("0,500", "es", "0.500"),
    ("1 234,567", "es", "1234.567"),
    ("1'234.50", "de-CH", "1234.50"),
    ("1\u00b4234`567.5", "de-CH", "1234567.5"),
    ("1,234 567", "en-US", ("1.234567", "1234567")),
    ("1.234\u00a0567", "de", ("1,234567", "1234567")),
    ("-1,234'567\u2019890", "fr", ("-1,234567890", "-1234567890")),
    ("0,234 567", "fr", "0.234567"),
    ("1,23,456.5", "en-IN", "123456.5"),
    ("1,234,567", "en", "1234567"),
    ("1.234.567", "de", "1234567"),
    ("1,234", "en", "1234"),
    ("1,234", "de", "1.234"),
    ("0,500", "en", "0.500"),
    ("4.15", "de", "4.15"),
    ("$12.00", "en", "12.00 $"),
    ("12.00 USD", "en", "12.00 USD"),
    ("usd 12.00", "en", "12.00 USD"),
    ("12,00 €", "de", "12.00 €"),
    ("CHF 12.-", "de-CH", "12 CHF"),
    ("12.00-", "en", "-12.00"),
    ("\u22123", "en", "-3"),
    ("4.155", "de", ("4,155", "4155")),
    ("4,15", "en", ("4.15", "415")),
    ("1.234", "fr", ("1,234", "1234")),
    ("1.234", "fr-CA", ("1,234", "1234")),
    # The separators of Spanish differ by country. Each reading can be entered as it is shown.
    ("1,234", "es", ("1,2340", "1234")),
    ("1.234", "es", ("1.2340", "1234")),
    ("1,234", "es-419", ("1,2340", "1234")),
    ("1,2340", "es", "1.2340"),
    ("12 kg", "en", None),
    ("12 KGM", "en", None),
    ("1e3", "en", None),
    ("", "en", None),
    ("1,2,3", "en", None),
    ("1.2.3", "de", None),
    ("EUR", "en", None),
]


def read(found: dict[str, Any]) -> Any:
    if found.get("fault") == "numberTwice":
        return found["of"]["one"], found["of"]["other"]
    return found.get("value")


def test_number_is_read_by_the_readers_language_or_asked_about() -> None:
    found = call_function(
        ROOT / "portal/element/numbers.js",
        "readNumber",
        [[text, locale] for text, locale, _ in NUMBERS],
    )

    assert {
        (text, locale): read(one) for (text, locale, _), one in zip(NUMBERS, found, strict=True)
    } == {(text, locale): said for text, locale, said in NUMBERS}


@settings(max_examples=5, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(alphabet="0123456789.,' -+$€USD", min_size=1, max_size=12),
            st.sampled_from(["en-US", "de-DE", "fr-FR", "fr-CA", "es", "es-ES", "es-MX"]),
        ),
        min_size=200,
        max_size=200,
    )
)
def test_number_that_a_page_sends_is_never_another_one_to_gridwix(
    typed: list[tuple[str, str]],
) -> None:
    found = call_function(
        ROOT / "portal/element/numbers.js", "readNumber", [list(one) for one in typed]
    )

    for (text, locale), one in zip(typed, found, strict=True):
        if (value := one.get("value")) is None:
            continue
        sent = read_decimal(value, PROGRAM_LOCALE)
        try:
            own = read_decimal(text, locale)
        except InvalidAnswer:
            continue
        assert (sent.number, sent.currency) == (own.number, own.currency), (text, locale)
