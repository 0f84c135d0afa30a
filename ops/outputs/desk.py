"""``gridwix desk`` with ``--json``."""

from collections.abc import Mapping, Sequence
from typing import Any

from ops.gateway.desk.listing import DeskRow
from ops.json_output import JsonOutput


class DeskRowEntry(JsonOutput):
    """A record that waits for the hub. Texts are empty if there is none."""

    kind: str
    id: str
    number: str
    """number that people quote"""
    status: str
    partner: str
    team: str
    subject: str
    updated: str
    """time of its last change, as the gateway gives it"""


class DeskListOutput(JsonOutput):
    """Records that wait for the hub, the longest unchanged first."""

    rows: tuple[DeskRowEntry, ...]
    more: int
    """number of rows beyond ``--limit``"""


class DeskShowOutput(JsonOutput):
    """A record with its parts, by the community gateway profile."""

    collection: str
    record: Mapping[str, Any]
    comments: tuple[Mapping[str, Any], ...]
    versions: tuple[Mapping[str, Any], ...]


class DeskChangeOutput(JsonOutput):
    """A record that was changed, as it is now."""

    collection: str
    id: str
    step: str | None
    """key of the step that was moved, in an enrollment"""
    status: str
    """status of the step, or of the record"""
    version: int | None
    """version of the record; ``null`` if its collection has none"""


class DeskCommentOutput(JsonOutput):
    """A comment that was added."""

    comment: str
    """id of the comment"""
    collection: str
    id: str
    """id of the commented record"""


class PublicationEntry(JsonOutput):
    """A document of the library with the file."""

    document: str
    version: int
    status: str
    """status of the document"""
    waits_for_approval: bool
    changed: bool
    """the command added the version or approved it; otherwise it was there already"""


class DeskPublishedOutput(JsonOutput):
    """Documents that a file was published as."""

    documents: tuple[PublicationEntry, ...]


class DeskFetchOutput(JsonOutput):
    """A file that was fetched, or was there already. Its digest was checked."""

    path: str
    document: str
    version: int
    size_bytes: int
    sha256: str
    scan: str | None
    """what the gateway's scanner said"""
    is_new: bool
    """the command wrote the file"""


def desk_list_output(rows: Sequence[DeskRow], limit: int) -> DeskListOutput:
    """Return the first rows as a document."""
    entries = (DeskRowEntry.model_validate(row, from_attributes=True) for row in rows[:limit])
    return DeskListOutput(rows=tuple(entries), more=max(len(rows) - limit, 0))


def desk_change_output(
    collection: str, identifier: str, record: Mapping[str, Any], step: str | None = None
) -> DeskChangeOutput:
    """Return a changed record as a document.

    Args:
        collection: Its collection.
        identifier: Its id.
        record: The record, or the step, as the gateway returned it.
        step: Key of the step; None for a record.
    """
    return DeskChangeOutput(
        collection=collection,
        id=identifier,
        step=step,
        status=record["status"],
        version=record.get("version"),
    )
