"""Asks for a secret value without echo, or reads it from a file or standard input.

A value is never taken from an argument or from the environment: other users can read both, and
arguments stay in the shell's history.
"""

import getpass
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from ops.confirmation import NOT_ASKED, has_terminal
from ops.console import print_error
from ops.errors import OpsError

MAX_BYTES = 64 * 1024
"""Maximum size of a file with a secret value: that of a secret in Secrets Manager."""

STANDARD_INPUT = Path("-")


def ask_values(fields: Sequence[str]) -> Mapping[str, str]:
    """Ask for the value of each field of a secret, without echo; return the values by field.

    A key in PEM format may have several lines.

    Raises:
        typer.Exit: There is no terminal. The exit code is ``NOT_ASKED``.
    """
    if not has_terminal():
        print_error(
            "without a terminal nobody can be asked: give the value with --file FILE, or with"
            " --file - on standard input"
        )
        raise typer.Exit(NOT_ASKED)
    return {field: _ask_value(field) for field in fields}


def _ask_value(field: str) -> str:
    lines = [_ask_line(f"{field} (not shown): ")]
    if lines[0].startswith("-----BEGIN"):
        while "-----END" not in lines[-1]:
            lines.append(_ask_line(""))
    return "\n".join(lines)


def _ask_line(prompt: str) -> str:
    return getpass.getpass(prompt, stream=sys.stderr).strip()


def read_values(file: Path, fields: Sequence[str]) -> Mapping[str, str]:
    """Read the values of a secret's fields from a file, or from standard input for ``-``.

    For one field, the whole file is the value, trimmed. For several fields, the file is a JSON
    object that has the fields as members.

    Raises:
        OpsError: The file cannot be read, is too large, or lacks a field. The message contains no
            value.
    """
    text = _read_text(file)
    if len(fields) == 1:
        return {fields[0]: text.strip()}
    value = _parse_json(text)
    if not isinstance(value, dict):
        raise OpsError("the file is no JSON object", f"write one with {', '.join(fields)}")
    lacking = [field for field in fields if not isinstance(value.get(field), str)]
    if lacking:
        raise OpsError(f"the file has no text {', '.join(lacking)}", "add it")
    return {field: value[field].strip() for field in fields}


def _read_text(file: Path) -> str:
    try:
        if file == STANDARD_INPUT:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with file.open("rb") as opened:
                data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise OpsError(
            f"the file cannot be read ({error.strerror})", "correct its path or its permissions"
        ) from None
    if len(data) > MAX_BYTES:
        raise OpsError(
            f"the file has more than {MAX_BYTES // 1024} KB, which no secret has",
            "give another file",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise OpsError("the file is no UTF-8 text", "save it as UTF-8") from None


def _parse_json(text: str) -> object:
    # The parser's error carries the text, so it must not become the context of another.
    try:
        return json.loads(text)
    except ValueError:
        return None
