"""Parses JSON that vendors may malform, and makes parts of it safe to log. Pure."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from typing import Any, Never

from pydantic_core import from_json

MAX_DIGITS = 1000
"""Maximum number of digits of a JSON integer that becomes an ``int``. A longer one becomes a text,
so that only its record is refused.
"""

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_FIELD = re.compile(r"[\w./\[\]-]{1,80}", re.ASCII)


def parse_json(body: bytes, object_hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """Parse the JSON document in a response body; None if it is not JSON, or nested too deeply.

    A value that is JSON but fits no Python text or number (a lone surrogate, a number of thousands
    of digits) is still read. So only the record that holds the value fails validation, and not the
    whole response. A byte order mark before the document is ignored (RFC 8259 section 8.1 allows
    that).

    Args:
        body: The bytes of a response.
        object_hook: Replaces each JSON object, as in :func:`json.loads`.
    """
    body = body.removeprefix(BOM_UTF8)
    if object_hook is None:
        # The fast parser first. It refuses more than the standard library's, which then decides.
        try:
            # The parser's cache outlives the call. Keys recur; values are mostly ids, which would
            # fill it with a megabyte.
            return from_json(body, allow_inf_nan=False, cache_strings="keys")
        except ValueError:
            pass
    try:
        return json.loads(
            body, object_hook=object_hook, parse_constant=_refuse_constant, parse_int=_parse_integer
        )
    except (ValueError, RecursionError):
        return None


def json_object(value: Any) -> Mapping[str, Any]:
    """Return ``value`` if it is a JSON object, else an empty object.

    >>> json_object({"details": {}}), json_object(["no object"])
    ({'details': {}}, {})
    """
    return value if isinstance(value, dict) else {}


def safe_code(value: object) -> str:
    """Return a vendor's error code if it is safe to log, else "".

    Safe is an identifier of at most 64 characters.

    >>> safe_code("WDE0074"), safe_code(40401), safe_code("ada@partner.example is unknown")
    ('WDE0074', '40401', '')
    """
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _CODE.fullmatch(text) else ""


def safe_request_id(value: object) -> str:
    """Return a request id if it is safe to log (at most 128 visible ASCII characters), else ""."""
    return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else ""


def safe_field_name(value: object) -> str:
    """Return a field's name or path if it is safe to log; ``?`` for text that could be a value.

    >>> safe_field_name("items[0].name"), safe_field_name("Ada Lovelace")
    ('items[0].name', '?')
    """
    return value if isinstance(value, str) and _FIELD.fullmatch(value) else "?"


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _parse_integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_parse_integer)
"""JSON decoder that parses a value within a text, as tolerantly as :func:`parse_json`."""
