"""A document of the command follows its own schema, and its text cannot steer a terminal."""

import json
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator, ValidationError
from pydantic import AwareDatetime

from ops.json_output import JsonOutput, output_schema, print_json_output
from ops.schemas import command_schemas


class Part(JsonOutput):
    """A part."""

    seen_at: AwareDatetime | None
    """time of the last look"""
    number: int = 0


class Whole(JsonOutput):
    """The whole."""

    parts: tuple[Part, ...]


def test_printed_document_is_ascii_and_valid_by_its_schema(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json_output(Whole(parts=(Part(seen_at=datetime(2026, 11, 29, 9, 30, tzinfo=UTC)),)))

    printed = capsys.readouterr().out
    document = json.loads(printed)
    Draft202012Validator(output_schema("look", Whole)).validate(document)
    assert document == {"parts": [{"seenAt": "2026-11-29T09:30:00Z", "number": 0}]}


def test_texts_of_others_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    class Named(JsonOutput):
        name: str

    print_json_output(Named(name="Zoë \x1b[31m \u202e \x9b \ud800"))

    printed = capsys.readouterr().out
    assert printed.isascii()
    assert "\x1b" not in printed
    assert json.loads(printed) == {"name": "Zoë \x1b[31m \u202e \x9b \ud800"}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"parts": [{"seenAt": None}]},
        {"parts": [{"seenAt": None, "number": 1, "more": 2}]},
        {"parts": [], "more": 2},
    ],
)
def test_schema_accepts_neither_missing_nor_unknown_members(document: object) -> None:
    schema = output_schema("look", Whole)

    with pytest.raises(ValidationError):
        Draft202012Validator(schema).validate(document)


def test_schema_describes_members_and_repeats_no_names() -> None:
    schema = output_schema("look", Whole)

    assert schema["title"] == "gridwix look --json"
    assert schema["$defs"]["Part"]["properties"]["seenAt"]["description"] == "time of the last look"
    assert "title" not in json.dumps({**schema, "title": None}).replace('"title": null', "")


def test_schemas_in_the_docs_are_those_of_the_models() -> None:
    assert {path: path.read_text() for path in command_schemas()} == command_schemas()
