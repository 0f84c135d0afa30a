"""Codec for Wix data items: converts JSON to Python values, and back. Pure.

A date-time is ``{"$date": "2026-01-02T03:04:05.678Z"}`` in Wix's items and filters, and a
``datetime`` here. Wix keeps milliseconds; finer parts are cut off.

Source: the codec of npm ``@wix/wix-data-items-sdk``.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import orjson

from gridwix.clients.json_values import parse_json
from gridwix.errors import NotJson

_TAG = "$date"
_TAG_BYTES = b'"$date"'
_NULL = b"null"

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
"""Options of orjson: date-times are left to Wix's own form, and dataclasses are refused."""


def encode(value: Any) -> bytes:
    """Encode a value as compact UTF-8 JSON, with date-times in Wix's form.

    Raises NotJson for a value that JSON or Wix cannot hold: NaN, a date-time without a time zone,
    bytes, a lone surrogate.

    Most values are encoded by orjson, several times as fast as by the standard library. A value
    that orjson refuses, or might encode as another value, is encoded by the standard library. Only
    orjson accepts a UUID and a member of an enumeration, which it encodes as the member's value.

    >>> encode({"at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)})
    b'{"at":{"$date":"2026-01-02T03:04:05.000Z"}}'
    """
    try:
        body = orjson.dumps(value, _encode_other, _OPTIONS)
    except (TypeError, RecursionError):
        return _encode_strictly(value)
    # orjson writes NaN and infinity as null. A None is written once more, which is rare in a row.
    return _encode_strictly(value) if _NULL in body else body


def _encode_strictly(value: Any) -> bytes:
    try:
        return _encoder.encode(value).encode()
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        reason = type(error).__name__
    raise NotJson(f"cannot be written as JSON: {reason}")


def decode(body: bytes) -> Any:
    """Decode a JSON body of Wix, with date-times as ``datetime``; None if the body is not JSON.

    An object that has the form of a date-time, but an invalid text, stays an object.

    >>> decode(b'{"at":{"$date":"2026-01-02T03:04:05.678Z"}}')
    {'at': datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc)}
    """
    return parse_json(body, _decode_date if _TAG_BYTES in body else None)


def _encode_other(value: object) -> object:
    # Called by either encoder. orjson reports an error of it as a TypeError.
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a date-time without a time zone")
        utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        # Formatting without the zone takes half the time.
        return {_TAG: utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def _decode_date(found: dict[str, Any]) -> Any:
    if len(found) != 1 or not isinstance(text := found.get(_TAG), str):
        return found
    try:
        moment = datetime.fromisoformat(text)
        return found if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return found


# A container that contains itself fails by its depth: cheaper than a check of each container.
_encoder = json.JSONEncoder(
    ensure_ascii=False,
    separators=(",", ":"),
    allow_nan=False,
    check_circular=False,
    default=_encode_other,
)
