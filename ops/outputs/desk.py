"""JSON documents of ``gridwix desk``, the commands with which people of the hub work on records."""

from collections.abc import Mapping, Sequence
from typing import Any

from ops.gateway.desk.listing import DeskRow
from ops.json_output import JsonOutput


class DeskRowEntry(JsonOutput):
    """A record that waits for work by the hub's people. Fields without a value are empty texts."""

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
    """A record with its comments, steps, updates or versions, as the gateway's API gives it."""

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
    """Result for one document of the gateway's document library in which a file was published.

    ``version`` is the version of the document with this file. The command has added or approved the
    version, or the document had it already.
    """

    document: str
    version: int
    status: str
    """status of the document"""
    waits_for_approval: bool
    changed: bool
    """true if the command added or approved the version; false if the document had it already"""


class DeskPublishedOutput(JsonOutput):
    """Results of publishing a file in documents of the gateway's document library."""

    documents: tuple[PublicationEntry, ...]


class DeskFetchOutput(JsonOutput):
    """The file of a document that was downloaded, or was on this machine already.

    The digest of the file was checked.
    """

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
    """Return the first ``limit`` records that wait for the hub's people as a JSON document."""
    entries = (DeskRowEntry.model_validate(row, from_attributes=True) for row in rows[:limit])
    return DeskListOutput(rows=tuple(entries), more=max(len(rows) - limit, 0))


def desk_change_output(
    collection: str, identifier: str, record: Mapping[str, Any], step: str | None = None
) -> DeskChangeOutput:
    """Return the new state of a changed record as a JSON document.

    Args:
        collection: Collection of the record.
        identifier: Id of the record.
        record: The changed record or step, as the gateway returned it.
        step: Key of the changed step of an enrollment; None if no single step was changed.
    """
    return DeskChangeOutput(
        collection=collection,
        id=identifier,
        step=step,
        status=record["status"],
        version=record.get("version"),
    )
