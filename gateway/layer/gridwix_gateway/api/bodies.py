"""JSON bodies of requests: limited in size before they are parsed, and then validated."""

import json
import math
from typing import Any, Never

from gridwix_gateway.api.messages import Request
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem

MAX_BODY_BYTES = 1024 * 1024

MAX_DEPTH = 64
"""Maximum levels of arrays and objects in a request's body. The profile's schemas need 5."""

MEDIA_TYPES = frozenset({"application/json", "application/merge-patch+json"})


def read_body(request: Request, schema: str) -> Document:
    """Return the request's JSON object, validated by a schema of the OpenAPI file.

    Args:
        request: The request.
        schema: Name of the schema, such as ``NewCase``.

    Raises:
        Problem: ``media-type``, ``payload-too-large``, ``malformed`` or ``validation``.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise Problem("media-type", "The body must be JSON.")
    if len(request.body) > MAX_BODY_BYTES:
        raise Problem("payload-too-large", "The body is larger than 1 MiB.")
    document = parse_body(request.body)
    # Brings the validator, which reads do not need at a cold start.
    from gridwix_gateway.profile.schemas import validate_body

    validate_body(schema, document)
    if not isinstance(document, dict):
        raise Problem("malformed", "The body is no JSON object.")
    return document


def parse_body(body: bytes) -> Any:
    """Parse a request's body as strict JSON (RFC 8259), and return its value.

    Raises:
        Problem: ``malformed``: the body is not JSON in UTF-8, holds a number that is not finite, or
            has more than :data:`MAX_DEPTH` levels.
    """
    try:
        text = body.decode()
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite_number)
        # JSON can escape a lone surrogate, which no response could hold.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Problem("malformed", "The body is not JSON.") from None
    if not _is_shallow(value):
        raise Problem("malformed", f"The body has more than {MAX_DEPTH} levels.")
    return value


def _is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            member
            for each in level
            if isinstance(each, dict | list)
            for member in (each.values() if isinstance(each, dict) else each)
            if isinstance(member, dict | list)
        ]
        if not level:
            return True
    return False


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON")


def _finite_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number
