"""What a command prints with ``--json``: one document, valid by the command's schema."""

import json
import re
from typing import Any

from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from ops.cli import app
from ops.cli_page import registered_commands
from ops.schemas import schema_path

__all__ = ["options", "printed_document", "registered_commands"]

DRAWN = re.compile("[\x1b\r\u2501\u2800-\u28ff]")
"""Signs of control sequences, of bars and of spinners."""


def options(command: Any) -> set[str]:
    """Return the names of a command's options."""
    return {name for parameter in command.params for name in parameter.opts}


def printed_document(command: str, *arguments: str, code: int = 0) -> Any:
    """Run a command with ``--json`` and return its document.

    Fails if standard output has anything else, if the schema does not allow it, if the exit code
    is another, or if something is drawn or colored, as in a terminal.
    """
    result = CliRunner().invoke(app, [*command.split(), *arguments, "--json"])
    assert result.exit_code == code, (result.output, result.exception)
    assert not DRAWN.search(result.output), result.output
    document = json.loads(result.stdout)
    schema = json.loads(schema_path(command).read_text())
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        document
    )
    return document
