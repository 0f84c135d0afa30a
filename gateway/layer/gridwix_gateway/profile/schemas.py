"""Validation by the schemas of the profile's OpenAPI file.

``profile.json`` is that file as JSON: reading YAML takes longer than all the rest of a cold start.
``make schemas`` writes it.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from jsonschema_rs import Draft202012Validator

from gridwix_gateway.problems import FieldError, Problem

MAX_ERRORS = 20
"""Errors of one body that are reported."""

MAX_DETAIL = 200
"""Characters of an error's detail."""


def validate_body(schema: str, body: Any) -> None:
    """Validate a request's body.

    Args:
        schema: Name of a schema of the profile, such as ``NewCase``.
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


class MemberValidator:
    """Validates members of an entity one by one, whatever else the entity has.

    Args:
        schema: Name of the entity's schema, such as ``Case``.
        members: The members to validate.
    """

    def __init__(self, schema: str, members: Iterable[str]) -> None:
        components = _profile_components()
        properties: dict[str, Any] = {}
        for name in ("Entity", schema):
            part = components["schemas"][name]
            for one in part.get("allOf", [part]):
                properties |= one.get("properties", {})
        self._validator = _validator(
            {
                "properties": {name: properties[name] for name in members},
                "components": components,
            }
        )

    def first_error(self, fields: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return the place and the fault of the first invalid member; None if all are valid.

        The fault does not repeat the value.
        """
        if self._validator.is_valid(fields):
            return None
        error = next(self._validator.iter_errors(fields))
        return ".".join(str(part) for part in error.instance_path), error.message[:MAX_DETAIL]


@cache
def _schema_validator(name: str) -> Draft202012Validator:
    return _validator({"$ref": f"#/components/schemas/{name}", "components": _profile_components()})


def _validator(schema: Any) -> Draft202012Validator:
    return Draft202012Validator(schema, validate_formats=True, mask="the value")


@cache
def _profile_components() -> Any:
    text = files("gridwix_gateway.profile").joinpath("profile.json").read_text(encoding="utf-8")
    return json.loads(text)["components"]


def _pointer_token(part: str | int) -> str:
    """Return a token of a JSON pointer (RFC 6901).

    >>> _pointer_token("a/b")
    'a~1b'
    """
    return str(part).replace("~", "~0").replace("/", "~1")
