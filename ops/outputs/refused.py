"""JSON document of ``gridwix refused``: rows that Wix refused, and records that cannot be read."""

from pydantic import AwareDatetime

from ops.json_output import JsonOutput


class RefusedEntry(JsonOutput):
    """A row that Wix refused, or a record that gridwix cannot read."""

    collection: str
    id: str
    """id of the refused row or unreadable record"""
    code: str
    """Wix's error code, or gridwix's for a record"""
    description: str
    """why Wix refused the row, or why the record cannot be read"""
    at: AwareDatetime
    function: str


class RefusedOutput(JsonOutput):
    """Rows that Wix refused, and records that gridwix cannot read, newest first."""

    items: tuple[RefusedEntry, ...]
