"""Validation by the schemas of the profile's OpenAPI file.

``profile.json`` is that file as JSON: reading YAML takes longer than all the rest of a cold start.
``make schemas`` writes it.
"""

import json
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


@cache
def _schema_validator(name: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": _profile_components()}
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
