"""The generated modules of the portal's backend are what gridwix knows."""

import json
import re
from typing import Any

from gridwix.configuration.everything import Configuration
from gridwix.runtime.configuration import configuration
from ops.backend import BEHIND, FOLDER, HIDDEN, generate_modules
from ops.collections import collection_definitions
from ops.paths import ROOT
from ops.portal import ADDRESS_SECRET, SIGNING_SECRET


def constant(name: str, text: str) -> Any:
    [found] = re.findall(rf"^export const {name} = (.*?);$", text, re.MULTILINE | re.DOTALL)
    return json.loads(found)


def test_the_modules_are_in_step_with_the_configuration_and_the_collections() -> None:
    for name, text in generate_modules(configuration()).items():
        assert (FOLDER / name).read_text() == text, f"make config writes {name} anew"


def test_no_field_that_is_for_gridwix_alone_reaches_a_page() -> None:
    fields = constant("FIELDS", generate_modules(configuration())["fields.js"])

    assert fields.keys() == {definition["id"] for definition in collection_definitions()} - BEHIND
    for collection, names in fields.items():
        assert not HIDDEN & set(names), collection
        assert not [name for name in names if name.startswith("_")], collection


def test_forms_ask_what_their_definitions_ask_and_the_session_does_not_know() -> None:
    text = generate_modules(configuration())["forms.js"]
    forms, attachments = constant("FORMS", text), constant("ATTACHMENTS", text)

    assert forms.keys() == {
        key
        for key, form in configuration().forms.items()
        if not any(field.kind == "files" and field.required for field in form.fields)
    }
    question = forms["partner-question"]
    assert [field["target"] for field in question["fields"]] == ["topic", "question"]
    assert question["filled"] == {"name": "your_name", "email": "email"}
    assert [field["target"] for field in forms["onboarding-step"]["fields"]] == ["comment"]
    assert attachments["mostBytes"] == configuration().intake.attachments.most_bytes


def changed(form: str, target: str, **changes: Any) -> Configuration:
    """The configuration with a field of a form changed."""
    found = configuration()
    definition = found.forms[form]
    fields = tuple(
        field.model_copy(update=changes) if field.target == target else field
        for field in definition.fields
    )
    return found.model_copy(
        update={"forms": {**found.forms, form: definition.model_copy(update={"fields": fields})}}
    )


def test_what_a_form_cannot_do_without_is_asked_all_the_same() -> None:
    forms = constant(
        "FORMS", generate_modules(changed("partner-question", "gln", required=True))["forms.js"]
    )

    assert [field["target"] for field in forms["partner-question"]["fields"]] == [
        "topic",
        "question",
        "gln",
    ]


def test_a_form_that_cannot_do_without_files_is_not_the_pages() -> None:
    forms = constant(
        "FORMS",
        generate_modules(changed("partner-question", "attachments", required=True))["forms.js"],
    )

    assert "partner-question" not in forms


def test_a_step_form_asks_its_questions_and_not_which_step_it_is() -> None:
    form = constant(
        "FORMS",
        generate_modules(changed("edi-setup", "edi_address", meaning="trading_address"))[
            "forms.js"
        ],
    )["edi-setup"]

    targets = [field["target"] for field in form["fields"]]
    assert targets == [
        "standard",
        "connection",
        "edi_address",
        "edi_contact",
        "test_from",
        "per_day",
        "acknowledges",
        "comment",
    ]


def test_a_form_says_its_hints_and_its_words_in_other_languages() -> None:
    forms = constant("FORMS", generate_modules(configuration())["forms.js"])

    contact = next(
        field for field in forms["edi-setup"]["fields"] if field["target"] == "edi_contact"
    )
    assert contact["hint"] == "Who is told when a document is not acknowledged."
    assert (
        forms["edi-setup"]["words"]["de"][contact["hint"]]
        == "Wer erfährt, wenn ein Beleg nicht bestätigt wird."
    )
    assert forms["partner-question"]["words"]["en"]["orders"] == "Orders"


def test_only_requests_take_files_and_only_where_their_forms_ask_for_them() -> None:
    forms = constant("FORMS", generate_modules(configuration())["forms.js"])

    taking = {
        key: form["attachments"]["target"] for key, form in forms.items() if "attachments" in form
    }
    assert taking == dict.fromkeys(
        ("invoice-question", "onboarding-question", "partner-question"), "attachments"
    )


def test_where_no_file_may_come_along_no_form_asks_for_one() -> None:
    found = configuration()
    none = found.intake.attachments.model_copy(update={"most": 0})
    text = generate_modules(
        found.model_copy(update={"intake": found.intake.model_copy(update={"attachments": none})})
    )["forms.js"]

    assert not [form for form in constant("FORMS", text).values() if "attachments" in form]


def test_the_secrets_of_the_site_have_one_name_each() -> None:
    said = set(re.findall(r"'(gridwix-[a-z-]+)'", (FOLDER / "site-secrets.js").read_text()))
    documented = set(
        re.findall(
            r"^ *\| `(gridwix-[a-z-]+)` \|", (ROOT / "docs/portal.md").read_text(), re.MULTILINE
        )
    )

    assert said == documented == {ADDRESS_SECRET, SIGNING_SECRET}


def test_every_code_that_the_backend_answers_is_explained() -> None:
    said = [
        found
        for path in FOLDER.glob("*.js")
        for found in re.findall(r"Refused\(([^,)]*)|code: ('\w+')", path.read_text())
    ]
    answered = {code for parts in said for part in parts for code in re.findall(r"'(\w+)'", part)}
    rows = re.findall(
        r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", (ROOT / "docs/portal.md").read_text(), re.MULTILINE
    )

    assert answered == {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}


def test_every_collection_is_closed_to_everybody() -> None:
    for definition in collection_definitions():
        assert set(definition["permissions"].values()) == {"ADMIN"}, definition["id"]
