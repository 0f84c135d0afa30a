"""Reads JSON Lines: one JSON object per line, in UTF-8."""

import json
from pathlib import Path
from typing import Any, BinaryIO

from gridwix_gateway.sources.files.cells import encode_cell
from gridwix_gateway.sources.files.containers import identify_container, require_text
from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.faults import FileFault, RefusedRow, TableRow
from gridwix_gateway.sources.files.rows import MAX_CELL, Rows
from gridwix_gateway.sources.mapping.columns import read_member, shown_value

MAX_LINE = 1_000_000
"""Maximum bytes of one line."""


class _Invalid(Exception):
    pass


def _skip_line(file: BinaryIO) -> bool:
    """Skip the rest of a line that is too long. Return False if the file ends within the line."""
    while rest := file.readline(MAX_LINE):
        if rest.endswith(b"\n"):
            return True
    return False


def read_json_lines(path: Path, declaration: FilesDeclaration) -> Rows:
    """Yield the rows of a JSON Lines file, and a refusal for each line that is no JSON object.

    Args:
        path: The file.
        declaration: Declaration of the source.

    Yields:
        Rows with their line numbers.

    Raises:
        FileFault: The file is no text in UTF-8 with an object per line, or is cut off.
    """
    require_text(path)
    if identify_container(path) == "json_array":
        raise FileFault("json-array", "it is one JSON array: write one object per line")
    refused: RefusedRow | None = None
    complete = True
    with path.open("rb") as file:
        line = 0
        while text := file.readline(MAX_LINE):
            line += 1
            if refused is not None:
                yield refused
                refused = None
            complete = text.endswith(b"\n")
            if len(text) == MAX_LINE and not complete:
                complete = _skip_line(file)
                refused = RefusedRow(
                    line, "", "", "too-long", f"the line has more than {MAX_LINE:,} bytes"
                )
                continue
            if line == 1:
                text = text.removeprefix(b"\xef\xbb\xbf")
            if not text.strip():
                continue
            row = _read_line(line, text, declaration)
            if isinstance(row, TableRow):
                yield row
            else:
                refused = row
    if refused is not None:
        if not complete and refused.code == "json":
            raise FileFault(
                "truncated",
                "the last line is incomplete: the file is cut off, or is still being written",
                line=line,
            )
        yield refused


def _read_line(line: int, text: bytes, declaration: FilesDeclaration) -> TableRow | RefusedRow:
    try:
        document = json.loads(
            text, object_pairs_hook=_unique_members, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError:
        return RefusedRow(line, "", "", "encoding", "it is not UTF-8")
    except (ValueError, RecursionError) as error:
        said = error.msg if isinstance(error, json.JSONDecodeError) else "it is no valid JSON"
        return RefusedRow(line, "", "", "json", f"it is no JSON: {said}")
    except _Invalid as error:
        return RefusedRow(line, "", "", "json-content", str(error))
    if not isinstance(document, dict):
        return RefusedRow(line, "", "", "json-content", "it is no JSON object")
    cells: list[str] = []
    for name, column in declaration.columns.items():
        value = read_member(document, column.path or "")
        cell = encode_cell(value)
        if not _is_storable(cell) or len(cell) > MAX_LINE // 4:
            return RefusedRow(
                line,
                column.path or name,
                shown_value(cell.encode(errors="replace").decode()),
                "control-character",
                "it holds a character that no text may hold, or is too long",
            )
        if isinstance(value, str) and len(cell) > MAX_CELL:
            said = f"it has {len(cell):,} characters; at most {MAX_CELL:,} fit"
            return RefusedRow(line, column.path or name, shown_value(value), "too-long", said)
        cells.append(cell)
    return TableRow(line, tuple(cells))


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Invalid("a member is there twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise _Invalid(f"{name} is no JSON number")
