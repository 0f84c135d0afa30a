"""Validates request bodies and records by the schemas of the API's OpenAPI file.

``profile.json`` is a copy of these schemas, written by ``make schemas``: parsing YAML would take
longer than the rest of a cold start.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

from gridwix_gateway.problems import FieldError, Problem

MAX_ERRORS = 20
"""Maximum errors reported for one request body."""

MAX_DETAIL = 200
"""Maximum characters of an error's detail."""


def validate_body(schema: str, body: Any) -> None:
    """Validate a request's body by a schema of the OpenAPI file.

    Args:
        schema: Name of the schema, such as ``NewCase``.
        body: The JSON value.

    Raises:
        Problem: ``validation`` with the first 20 errors. They do not repeat values of the body.
    """
    found = islice(_schema_validator(schema).iter_errors(body), MAX_ERRORS)
    errors = [
        FieldError(
            "".join(f"/{_pointer_token(part)}" for part in error.instance_path),
            str(error.schema_path[-1]),
            error.message[:MAX_DETAIL],
        )
        for error in found
    ]
    if errors:
        raise Problem("validation", "The request is not valid.", errors)


@dataclass(frozen=True, slots=True)
class MemberFault:
    """An invalid field of a record, and the reason why the field is invalid.

    Attributes:
        place: Path of the field: ``("steps", "0", "status")``.
        reason: The reason in words. It does not repeat the value.
    """

    place: tuple[str, ...]
    reason: str


class MemberValidator:
    """Validates some fields of a record, such as those that a source sets, and ignores the others.

    Args:
        schema: Name of the record's OpenAPI schema, such as ``Case``.
        members: The fields to validate.
        words: Permitted values of some fields, by path: ``{"status": ..., "steps.status": ...}``.
            They replace the permitted values of the schema.
        partial: Lists with elements that may be incomplete, and the fields that each element must
            have, by path of the list: ``{"steps": ["key"]}``. These fields replace the required
            fields of the schema.
    """

    def __init__(
        self,
        schema: str,
        members: Iterable[str],
        words: Mapping[str, Collection[str]] | None = None,
        partial: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        properties = entity_schema(schema)["properties"]
        self._validator = _validator(
            {
                "properties": {
                    name: _narrowed_schema(properties[name], name, words or {}, partial or {})
                    for name in members
                },
                "components": profile_components(),
            }
        )

    def first_error(self, fields: Mapping[str, Any]) -> MemberFault | None:
        """Return the first invalid field with the reason; None if all fields are valid."""
        if self._validator.is_valid(fields):
            return None
        error = next(self._validator.iter_errors(fields))
        return MemberFault(tuple(str(part) for part in error.instance_path), _reason(error))


def resolved_schema(schema: Any) -> Mapping[str, Any]:
    """Return an OpenAPI schema, or the schema that it refers to with ``$ref``."""
    found: Mapping[str, Any] = schema
    while "$ref" in found:
        found = profile_components()["schemas"][found["$ref"].rpartition("/")[2]]
    return found


@cache
def entity_schema(name: str) -> Mapping[str, Any]:
    """Return ``{"properties", "required"}``: an entity's fields by name, and the required names.

    The fields that all entities share are included.

    Args:
        name: Name of the entity's OpenAPI schema, such as ``Case``.
    """
    properties: dict[str, Any] = {}
    required: list[str] = []
    for part in ("Entity", name):
        whole = profile_components()["schemas"][part]
        for one in whole.get("allOf", [whole]):
            properties |= one.get("properties", {})
            required += one.get("required", ())
    return {"properties": properties, "required": required}


def _narrowed_schema(
    schema: Any,
    place: str,
    words: Mapping[str, Collection[str]],
    partial: Mapping[str, Collection[str]],
) -> Any:
    """Return the schema of a record's field, with some of its rules replaced.

    ``place`` is the path of the field. ``words`` has new permitted values, by path of a field.
    ``partial`` is for lists with elements that may be incomplete: by path of a list, it has the
    fields that each element must have.
    """
    found = resolved_schema(schema)
    if place in words:
        permits_null = "null" in found.get("type", ()) or None in found.get("enum", ())
        return {"enum": [*words[place], *([None] if permits_null else [])]}
    if place not in partial and not any(path.startswith(f"{place}.") for path in words):
        return schema
    items = resolved_schema(found["items"])
    properties = {
        name: _narrowed_schema(member, f"{place}.{name}", words, partial)
        for name, member in items["properties"].items()
    }
    required = list(partial.get(place, items.get("required", ())))
    return {**found, "items": {**items, "properties": properties, "required": required}}


def _reason(error: ValidationError) -> str:
    if error.kind.name == "enum" and error.instance is not None:
        known = [str(word) for word in error.kind.as_dict()["options"] if word is not None]
        return f"it is none of {', '.join(known)}"
    if error.kind.name in ("enum", "type") and error.instance is None:
        return "there is no value, and the profile needs one"
    return error.message[:MAX_DETAIL]


@cache
def _schema_validator(name: str) -> Draft202012Validator:
    return _validator({"$ref": f"#/components/schemas/{name}", "components": profile_components()})


def _validator(schema: Any) -> Draft202012Validator:
    return Draft202012Validator(schema, validate_formats=True, mask="the value")


@cache
def profile_components() -> Any:
    """Return the member ``components`` of the API's OpenAPI file, with all schemas. Cached."""
    text = files("gridwix_gateway.profile").joinpath("profile.json").read_text(encoding="utf-8")
    return json.loads(text)["components"]


def _pointer_token(part: str | int) -> str:
    """Return a field's name escaped as a token of a JSON pointer (RFC 6901).

    >>> _pointer_token("a/b")
    'a~1b'
    """
    return str(part).replace("~", "~0").replace("/", "~1")
