"""JSON output: with ``--json`` a command prints one document on standard output, and nothing else.

Notes, progress and questions go to standard error. An error goes to standard error, too, as one
line: a command that could not run prints no document. Exit codes are the same with and without
``--json``.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any, override

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class JsonOutput(BaseModel):
    """Base class of the JSON documents that commands print with ``--json``, and of their parts.

    Members are in camelCase and always present: what is unknown is ``null``. Times are
    ``AwareDatetime`` in UTC (ISO 8601). The docstring below a member is its description in the
    schema.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
    )


class _NoTitles(GenerateJsonSchema):
    """JSON Schema generator without titles, which would only repeat the names of members."""

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def print_json_output(output: JsonOutput) -> None:
    """Print the document of a command as JSON on standard output."""
    # Not model_dump_json: it refuses halves of surrogate pairs, which texts of partners can have.
    print_json(output.model_dump(mode="json", by_alias=True))


def print_json(document: Mapping[str, Any]) -> None:
    """Print a JSON document on standard output.

    Characters outside ASCII are escaped, because texts of partners could otherwise send control
    characters to the terminal.
    """
    sys.stdout.write(json.dumps(document, ensure_ascii=True, indent=2) + "\n")


def output_schema(command: str, model: type[JsonOutput]) -> dict[str, Any]:
    """Return the JSON Schema of the document that a command prints with ``--json``.

    Args:
        command: The command's words, such as ``campaign list``.
        model: Model of the document.
    """
    schema = model.model_json_schema(
        by_alias=True, mode="serialization", schema_generator=_NoTitles
    )
    for definition in schema.get("$defs", {}).values():
        definition.pop("title", None)
    return {"$schema": DIALECT, **schema, "title": f"gridwix {command} --json"}
