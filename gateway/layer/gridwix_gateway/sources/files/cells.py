"""Encodes cells of any type as texts, so that rows of each file format fit one DuckDB table. Pure.

A text stays as it is, and an empty cell becomes an empty text. Values of most other types get a
prefix: the control character ``MARK``, and a letter for the type.
"""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from gridwix_gateway.sources.mapping.records import Cell, CellError, FormattedNumber

MARK = "\x1f"
"""First character of an encoded value that is no text (ASCII's unit separator)."""


def encode_cell(cell: Cell | timedelta) -> str:  # noqa: C901 - one case per type
    r"""Return a cell encoded as a text. :func:`decode_cell` reverses it.

    A text stays as it is, unless it begins with ``MARK``. Values of most other types get a prefix
    that tells their type.

    >>> encode_cell("7"), encode_cell(7)
    ('7', '\x1fn7')
    """
    match cell:
        case None:
            return ""
        case str():
            return f"{MARK}s{cell}" if cell.startswith(MARK) else cell
        case bool():
            return f"{MARK}b{int(cell)}"
        case int() | float():
            return f"{MARK}n{cell!r}"
        case datetime():
            return f"{MARK}d{cell.isoformat()}"
        case date():
            return f"{MARK}D{cell.isoformat()}"
        case time():
            return f"{MARK}T{cell.isoformat()}"
        case timedelta():
            return str(cell)
        case CellError():
            return f"{MARK}e{cell.code}"
        case FormattedNumber():
            return f"{MARK}f{cell.shown}"
    return f"{MARK}j{json.dumps(cell, sort_keys=True, separators=(',', ':'))}"


def decode_cell(text: str | None) -> Cell:  # noqa: C901 - one case per type
    """Return the cell that :func:`encode_cell` has encoded; None for an empty text."""
    if not text:
        return None
    if not text.startswith(MARK):
        return text
    content = text[2:]
    match text[1:2]:
        case "b":
            return content == "1"
        case "n":
            number: Any = json.loads(content) if content not in ("inf", "-inf", "nan") else None
            return CellError("#NUM!") if number is None else number
        case "d":
            return datetime.fromisoformat(content)
        case "D":
            return date.fromisoformat(content)
        case "T":
            return time.fromisoformat(content)
        case "e":
            return CellError(content)
        case "f":
            return FormattedNumber(content)
        case "j":
            value: Cell = json.loads(content)
            return value
    return content
