"""The generated modules of the portal's backend are what gridwix knows."""

import json
import re
from typing import Any

from gridwix.runtime.configuration import configuration
from ops.backend import BEHIND, FOLDER, HIDDEN, modules
from ops.collections import definitions


def constant(name: str, text: str) -> Any:
    [found] = re.findall(rf"^export const {name} = (.*?);$", text, re.MULTILINE | re.DOTALL)
    return json.loads(found)


def test_the_modules_are_in_step_with_the_configuration_and_the_collections() -> None:
    for name, text in modules(configuration()).items():
        assert (FOLDER / name).read_text() == text, f"make config writes {name} anew"


def test_no_field_that_is_for_gridwix_alone_reaches_a_page() -> None:
    fields = constant("FIELDS", modules(configuration())["fields.js"])

    assert fields.keys() == {definition["id"] for definition in definitions()} - BEHIND
    for collection, names in fields.items():
        assert not HIDDEN & set(names), collection
        assert not [name for name in names if name.startswith("_")], collection


def test_forms_ask_what_their_definitions_ask_and_the_session_does_not_know() -> None:
    text = modules(configuration())["forms.js"]
    forms, attachments = constant("FORMS", text), constant("ATTACHMENTS", text)

    assert forms.keys() == configuration().forms.keys()
    question = forms["partner-question"]
    assert [field["target"] for field in question["fields"]] == ["topic", "question"]
    assert question["filled"] == {"name": "your_name", "email": "email"}
    assert [field["target"] for field in forms["onboarding-step"]["fields"]] == ["comment"]
    assert attachments["mostBytes"] == configuration().intake.attachments.most_bytes


def test_every_collection_is_closed_to_everybody() -> None:
    for definition in definitions():
        assert set(definition["permissions"].values()) == {"ADMIN"}, definition["id"]
