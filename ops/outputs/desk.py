"""JSON documents of ``gridwix desk``, on the work of the hub's people on records."""

from collections.abc import Mapping, Sequence
from typing import Any

from ops.gateway.desk.listing import DeskRow
from ops.json_output import JsonOutput


class DeskRowEntry(JsonOutput):
    """A record that waits for the hub's people. A text is empty if there is none."""

    kind: str
    id: str
    number: str
    """number of the record that people quote"""
    status: str
    partner: str
    team: str
    subject: str
    updated: str
    """time of the record's last change, as the gateway gives it"""


class DeskListOutput(JsonOutput):
    """Records that wait for the hub's people, the longest unchanged first."""

    rows: tuple[DeskRowEntry, ...]
    more: int
    """number of records beyond ``--limit``"""


class DeskShowOutput(JsonOutput):
    """A record with its comments, steps, updates or versions, by the community gateway profile."""

    collection: str
    record: Mapping[str, Any]
    comments: tuple[Mapping[str, Any], ...]
    versions: tuple[Mapping[str, Any], ...]


class DeskChangeOutput(JsonOutput):
    """The current state of a record after a change."""

    collection: str
    id: str
    step: str | None
    """key of the moved step of an enrollment"""
    status: str
    """status of the moved step, or of the record"""
    version: int | None
    """version of the record; ``null`` if its collection has none"""


class DeskCommentOutput(JsonOutput):
    """A comment that was added to a record."""

    comment: str
    """id of the comment"""
    collection: str
    id: str
    """id of the commented record"""


class PublicationEntry(JsonOutput):
    """A document of the library as which a file was published."""

    document: str
    version: int
    status: str
    """status of the document"""
    waits_for_approval: bool
    changed: bool
    """true if the command added or approved the version; false if the document had it already"""


class DeskPublishedOutput(JsonOutput):
    """Documents that a file was published as."""

    documents: tuple[PublicationEntry, ...]


class DeskFetchOutput(JsonOutput):
    """A document's file that was fetched, or was there already. Its digest was checked."""

    path: str
    document: str
    version: int
    size_bytes: int
    sha256: str
    scan: str | None
    """verdict of the gateway's malware scanner"""
    is_new: bool
    """the command wrote the file; false if it was there already"""


def desk_list_output(rows: Sequence[DeskRow], limit: int) -> DeskListOutput:
    """Return the first records that wait for the hub's people as a JSON document."""
    entries = (DeskRowEntry.model_validate(row, from_attributes=True) for row in rows[:limit])
    return DeskListOutput(rows=tuple(entries), more=max(len(rows) - limit, 0))


def desk_change_output(
    collection: str, identifier: str, record: Mapping[str, Any], step: str | None = None
) -> DeskChangeOutput:
    """Return a changed record as a JSON document.

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
