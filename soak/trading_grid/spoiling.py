"""Ways to make a record malformed, as a defective gateway would show it. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

LONG = 600_000
"""Length of an oversized text, in characters: more than a row of the portal holds."""

_TEXTS = ("subject", "title", "name", "key", "senderaddress")
"""Members of records that hold a text, in order of precedence."""


def _without_status(record: dict[str, Any]) -> bytes:
    return _dump({name: value for name, value in record.items() if name != "status"})


def _with_wrong_types(record: dict[str, Any]) -> bytes:
    return _dump({**record, "status": {"code": 7}, "createdAt": True, "transactionid": None})


def _with_a_word_as_version(record: dict[str, Any]) -> bytes:
    return _dump({**record, "version": "seven", "transactionid": ["seven"]})


def _with_no_time(record: dict[str, Any]) -> bytes:
    return _dump({**record, "updatedAt": "yesterday", "statusdate": "yesterday"})


def _without_owner(record: dict[str, Any]) -> bytes:
    left_out = ("partnerId", "correlationid", "transactionid")
    return _dump({name: value for name, value in record.items() if name not in left_out})


def _without_id(record: dict[str, Any]) -> bytes:
    return _dump({name: value for name, value in record.items() if name != "id"})


def _with_lone_surrogate(record: dict[str, Any]) -> bytes:
    return _dump({**record, _text_member(record): "SURROGATE"}).replace(b"SURROGATE", b"\\ud800")


def _with_endless_number(record: dict[str, Any]) -> bytes:
    return _dump({**record, "version": 0.25, "transactionid": 0.25}).replace(b"0.25", b"9" * 5000)


def _with_long_text(record: dict[str, Any]) -> bytes:
    return _dump({**record, _text_member(record): "x" * LONG})


def _with_unknown_status(record: dict[str, Any]) -> bytes:
    return _dump({**record, "status": "quantum"})


def _as_null(record: dict[str, Any]) -> bytes:
    del record
    return b"null"


def _as_text(record: dict[str, Any]) -> bytes:
    return _dump(f"{record.get('id') or record.get('transactionid')}")


UNREADABLE: Mapping[str, Callable[[dict[str, Any]], bytes]] = {
    "missing": _without_status,
    "type": _with_wrong_types,
    "version": _with_a_word_as_version,
    "moment": _with_no_time,
    "owner": _without_owner,
    "id": _without_id,
    "digits": _with_endless_number,
    "null": _as_null,
    "text": _as_text,
}
"""Ways to make a record malformed so that it cannot be read, by name.

Some of them leave a record of a kind readable: "missing" one of Lens, which has an optional status,
and "owner" a partner, a program or a notice, which have none, and a request or a document.
"""

READABLE: Mapping[str, Callable[[dict[str, Any]], bytes]] = {
    "enum": _with_unknown_status,
    "long": _with_long_text,
    "surrogate": _with_lone_surrogate,
}
"""Ways to make a record odd so that it can still be read: an unknown value of an enumeration, and
texts that no row of the portal can hold: a text of 600,000 characters, and half a surrogate pair.
"""

SPOILS: Mapping[str, Callable[[dict[str, Any]], bytes]] = {**UNREADABLE, **READABLE}


def _dump(value: Any) -> bytes:
    return orjson.dumps(value)


def _text_member(record: dict[str, Any]) -> str:
    return next((name for name in _TEXTS if name in record), "status")
