"""Formats faults in settings as report lines: file, line, fault, and advice to fix the fault."""

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from pydantic_core import ErrorDetails

from ops.checks.remark import suggestion
from ops.paths import ROOT

MAX_PART = 600
"""Maximum number of characters of one part of a report line. Lists of known values can be long."""

FIXES: Mapping[str, str] = {
    "missing": "add it",
    "extra_forbidden": "remove it, or correct its spelling",
    "string_type": (
        'write a text, in quotes if it is a word like no, yes, on or off, or a number ("NO")'
    ),
    "string_too_short": "write a text that is not empty",
    "string_too_long": "write a shorter text",
    "string_pattern_mismatch": "correct the text: it does not match the required pattern",
    "tuple_type": "write a list: [A, B]",
    "mapping_type": "write pairs of a name and a value, one to a line",
    "dict_type": "write pairs of a name and a value, one to a line",
    "model_type": "write pairs of a name and a value, one to a line",
    "int_type": "write a whole number, without quotes",
    "bool_type": "write true or false, without quotes",
    "literal_error": "write one of these",
    "enum": "write one of these",
    "union_tag_not_found": "add the member that names the kind",
    "wall_clock": 'write hours and minutes with two digits each, in quotes: "08:00"',
    "calendar_day": "write a valid date as year, month and day: 2026-11-26",
}
"""The fix for each type of pydantic error."""

_QUOTED = re.compile(r"'([^']*)'")


def written_path(node: yaml.Node | None, path: Sequence[str]) -> Sequence[str]:
    """Return the part of a setting's path that the YAML file contains.

    A single text may stand for a mapping of texts by language. Then the path ``title.en`` is cut to
    ``title``, which has the text. If the file lacks the setting, the whole path is returned.
    """
    for depth, part in enumerate(path):
        match node:
            case yaml.MappingNode(value=pairs):
                node = next((value for key, value in pairs if str(key.value) == part), None)
            case yaml.SequenceNode(value=items) if part.isdigit() and int(part) < len(items):
                node = items[int(part)]
            case yaml.SequenceNode() | yaml.ScalarNode():
                return path[:depth]
            case _:
                break
    return path


def locate_member(node: yaml.Node | None, path: Sequence[str]) -> tuple[int, list[str]]:
    """Return the line of a setting in a YAML file, and the names in the mapping around the setting.

    If the file lacks the setting, the line and the mapping are those of the deepest part of the
    setting's path that exists.
    """
    line, siblings = (node.start_mark.line + 1 if node else 1), list[str]()
    for part in path:
        if isinstance(node, yaml.MappingNode):
            siblings = [str(key.value) for key, _ in node.value]
            found = next(
                ((key, value) for key, value in node.value if str(key.value) == part), None
            )
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif (
            isinstance(node, yaml.SequenceNode) and part.isdecimal() and int(part) < len(node.value)
        ):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            break
    return line, siblings


def spelling_hint(fault: ErrorDetails, rest: Sequence[str], siblings: Sequence[str]) -> str:
    """Return a hint at the known word that an unknown word may stand for; "" if none is similar.

    Args:
        fault: The error of pydantic's validation.
        rest: The path of the wrong or missing value within the file.
        siblings: The names in the same mapping of the file. One of them may be a misspelling of the
            missing name.

    Returns:
        A text in parentheses, to be put behind the advice how to fix the fault.
    """
    if rest and fault["type"] == "missing":
        close = difflib.get_close_matches(rest[-1], siblings, n=1)
        return f" (is {close[0]} meant?)" if close else ""
    if fault["type"] in ("literal_error", "enum") and isinstance(fault["input"], str):
        return suggestion(
            fault["input"][:100], _QUOTED.findall(str(fault.get("ctx", {}).get("expected", "")))
        )
    return ""


def report_line(path: Path, line: int | None, *parts: str) -> str:
    """Return one line of a report: the file, the line in it if known, and further parts.

    Each part is shortened to ``MAX_PART`` characters, and its control characters are escaped.
    """
    shown = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
    place = shown if line is None else f"{shown}:{line}"
    return ": ".join([place, *(_escape_unprintable(part[:MAX_PART]) for part in parts)])


def _escape_unprintable(text: str) -> str:
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
