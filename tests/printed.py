"""Reads what a command prints: tables with each row on one line, all else as it is."""

from collections.abc import Iterator

EDGE = "│"


def one_line_rows(printed: str) -> str:
    """Return a command's output with one line for each row of its tables.

    Rich folds a word that is longer than its column, and wraps between words: both are undone.
    Cells are parted by `` | ``. White space becomes one space.
    """
    return "\n".join(" ".join(line.split()) for line in _lines(printed))


def _lines(printed: str) -> Iterator[str]:
    row: list[list[str]] = []
    for line in printed.splitlines():
        if not line.startswith(EDGE):
            yield from _joined(row)
            row = []
            yield line
            continue
        # One space on either side of a cell is padding.
        cells = [cell[1:-1] for cell in line.strip(EDGE).split(EDGE)]
        if row and not cells[0].strip() and len(cells) == len(row):
            for parts, part in zip(row, cells, strict=True):
                parts.append(part)
        else:
            yield from _joined(row)
            row = [[cell] for cell in cells]
    yield from _joined(row)


def _joined(row: list[list[str]]) -> list[str]:
    return [" | ".join(map(_join_cell, row))] if row else []


def _join_cell(parts: list[str]) -> str:
    text = ""
    for part in parts:
        # A word that is folded fills its cell; a line that is wrapped has more than one word.
        is_folded = bool(part) and " " not in part
        text += part if is_folded else f"{part} "
    return text.strip()
