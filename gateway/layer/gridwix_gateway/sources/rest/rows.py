"""Finds the rows of a REST response at the declared path, and reads their values. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.mapping import Cell, CellFault, CompiledMapping
from gridwix_gateway.sources.mapping.columns import read_column
from gridwix_gateway.sources.rest.declaration import RestDeclaration

MAX_ROWS = 10_000
"""Maximum rows of a page."""

MAX_KEY = 200
"""Maximum characters of a row's key. A longer key is replaced by its digest."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a REST response, before it is mapped.

    Attributes:
        key: Identifies the row in the API. A row without a readable key has a digest of its
            content.
        updated: Time of the row's last update, RFC 3339 in UTC; "" if the time is unreadable, or if
            the source does not read by time of update.
        cells: Unparsed values by column.
        faults: Faults found before the mapping, for which the row is refused.
    """

    key: str
    updated: str
    cells: Mapping[str, Cell]
    faults: tuple[CellFault, ...] = ()


def find_member(document: Mapping[str, Any], path: str) -> tuple[bool, Any]:
    """Return whether a member exists at a path of a JSON object, and its value.

    A member below null or "" counts as existing and empty: an API may write ``"assignee": null`` or
    ``""`` in place of an object. Names may contain dots: ServiceNow writes ``"account.number"`` for
    a field of a related record.

    >>> find_member({"fields": {"status": {"name": "Done"}}}, "fields.status.name")
    (True, 'Done')
    >>> find_member({"account.number": {"value": "A1"}}, "account.number.value")
    (True, 'A1')
    >>> find_member({"contact": ""}, "contact.name"), find_member({}, "contact.name")
    ((True, None), (False, None))

    Args:
        document: The object.
        path: Names of members, joined by dots.

    Returns:
        Whether the member exists; and its value, None if it does not exist.
    """
    if path in document:
        return True, document[path]
    for end in range(len(path) - 1, 0, -1):
        if path[end] == "." and path[:end] in document:
            value, rest = document[path[:end]], path[end + 1 :]
            if value is None or value == "":
                return True, None
            return find_member(value, rest) if isinstance(value, Mapping) else (False, None)
    return False, None


def find_rows(declaration: RestDeclaration, document: Any) -> Sequence[Any]:
    """Return the list of rows in a REST response.

    Args:
        declaration: Declaration of the source.
        document: The response's JSON.

    Returns:
        The rows, not yet checked to be objects.

    Raises:
        SourceFault: ``no-rows`` or ``too-many-rows``.
    """
    rows = document
    if declaration.rows is not None:
        found = isinstance(document, Mapping)
        rows = find_member(document, declaration.rows)[1] if found else None
    if not isinstance(rows, list):
        raise SourceFault("no-rows", "the answer has no list of rows where `rows` says")
    if len(rows) > MAX_ROWS:
        raise SourceFault("too-many-rows", f"a page has more than {MAX_ROWS:,} rows")
    return rows


def read_row(declaration: RestDeclaration, mapping: CompiledMapping, document: Any) -> Row:
    """Read a JSON object as a row with key, time of update and cells.

    Args:
        declaration: Declaration of the source.
        mapping: The source's compiled mapping.
        document: The row's JSON.

    Returns:
        The row. It has a fault if a member is absent, or if its key or time of update cannot be
        read.
    """
    if not isinstance(document, Mapping):
        fault = CellFault("", "", "row", "it is no JSON object")
        return Row(content_key(document), "", {}, (fault,))
    cells: dict[str, Cell] = {}
    faults: list[CellFault] = []
    for name, column in mapping.columns.items():
        there, cells[name] = find_member(document, str(column.path))
        if not there and name not in declaration.optional:
            reason = f"the API's answer has no member {column.path}"
            faults.append(CellFault(name, "", "absent", reason))
    key, unreadable = _read(declaration.key, mapping, cells)
    updated = ""
    if declaration.since is not None:
        updated, late = _read(declaration.since.column, mapping, cells)
        unreadable = unreadable or late
    if unreadable is not None and not faults:
        faults.append(unreadable)
    if not _is_text(cells):
        faults.append(CellFault("", "", "text", "it holds a character that is none"))
    if not key or len(key) > MAX_KEY or not _is_text(key):
        key = content_key(key or document)
    return Row(key, updated, cells, tuple(faults))


def _is_text(value: Any) -> bool:
    """Return whether a JSON value can be stored in UTF-8.

    False if a text in it has a lone surrogate, which JSON can write as an escape. The result is
    True for any other value.
    """
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _read(
    name: str, mapping: CompiledMapping, cells: Mapping[str, Cell]
) -> tuple[str, CellFault | None]:
    value, fault = read_column(name, mapping.columns[name], cells[name])
    return str(value or ""), fault


def content_key(document: Any) -> str:
    """Return a digest of a row's content, used as the key of a row without a readable key."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, default=str)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
