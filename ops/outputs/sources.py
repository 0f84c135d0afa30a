"""JSON documents of ``gridwix source preview``, ``init``, ``plan`` and ``apply``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ops.json_output import JsonOutput

# The readers of files take half a second to import.
if TYPE_CHECKING:
    from gridwix_gateway.sources.changes import RecordChange
    from gridwix_gateway.sources.files.faults import RefusedRow
    from ops.gateway.sources.folders import FolderFile
    from ops.gateway.sources.preview import Preview


class RecordChangeEntry(JsonOutput):
    """Planned change of one record in the community gateway."""

    change: Literal["add", "change", "delete"]
    record: str
    """the record, as collection/id"""
    path: str | None
    """path of the file behind the change, in a folder of documents"""
    members: Mapping[str, Any]
    """members of the record that the change sets, by the profile"""


class RefusalEntry(JsonOutput):
    """A row of a file, or a file of a folder, that is not applied. Values may be personal data."""

    line: int | None
    """line or row of the file"""
    path: str | None
    """path of the refused file, in a folder of documents"""
    column: str
    """column or part at fault; empty for the row or file as a whole"""
    value: str
    """the value at fault, shortened"""
    code: str
    reason: str


class RowCounts(JsonOutput):
    """Numbers of the rows of a file, and of the records made from these rows."""

    rows: int
    changed: int
    missing: int
    refused: int
    created: int
    updated: int
    deleted: int


class SourcePlanOutput(JsonOutput):
    """Changes that a file, or a folder of documents, would make in the gateway; none were made."""

    source: str
    fault: str | None
    """why the file as a whole would change nothing"""
    changes: tuple[RecordChangeEntry, ...]
    """the first changes, as many as ``--rows``"""
    refused: tuple[RefusalEntry, ...]
    counts: RowCounts | None
    """``null`` for a folder of documents, and if the file could not be compared"""
    files: Mapping[str, int] | None
    """number of files of a folder of documents by outcome; ``null`` for other sources"""
    notes: tuple[str, ...]


class SourceProposalOutput(JsonOutput):
    """A proposed declaration of a data source, in which every guess is marked."""

    declaration: str
    """the declaration as YAML"""


class SourceApplyOutput(JsonOutput):
    """Files that were uploaded to a gateway's bucket. The gateway applies them within minutes."""

    source: str
    dropped: tuple[str, ...]
    """keys in the gateway's bucket"""
    refused: tuple[RefusalEntry, ...]
    """files of a folder that were not dropped"""


def preview_output(source: str, shown: "Preview") -> SourcePlanOutput:
    """Return the changes that a file would make in the gateway as a JSON document."""
    from ops.gateway.sources.preview import change_verb, changed_members

    def entry(change: "RecordChange") -> RecordChangeEntry:
        return RecordChangeEntry(
            change=change_verb(change),
            record=f"{change.collection}/{change.id}",
            path=None,
            members=changed_members(change),
        )

    return SourcePlanOutput(
        source=source,
        fault=shown.fault or None,
        changes=tuple(entry(one) for one in shown.changes),
        refused=refused_rows(shown.refused),
        counts=RowCounts(
            **{name: getattr(shown.counts, name) for name in RowCounts.model_fields},
        ),
        files=None,
        notes=tuple(shown.notes),
    )


def fault_output(source: str, fault: str, refused: "Sequence[RefusedRow]") -> SourcePlanOutput:
    """Return the JSON document on a source's file that the gateway would refuse as a whole.

    The document has the reason (``fault``), the refused rows, and no changes.
    """
    return SourcePlanOutput(
        source=source,
        fault=fault,
        changes=(),
        refused=refused_rows(refused),
        counts=None,
        files=None,
        notes=(),
    )


def folder_output(source: str, files: "Sequence[FolderFile]", shown: int) -> SourcePlanOutput:
    """Return the effects of a folder's files on the gateway's document library as a JSON document.

    The document has the first ``shown`` added or changed documents, all refused files, and the
    number of files for each outcome.
    """
    changes = [
        RecordChangeEntry(
            change="add" if one.outcome == "document" else "change",
            record=f"documents/{one.document.id}",
            path=one.path,
            members=one.document.fields,
        )
        for one in files
        if one.is_change and one.document is not None
    ]
    return SourcePlanOutput(
        source=source,
        fault=None,
        changes=tuple(changes[:shown]),
        refused=refused_files(files),
        counts=None,
        files=Counter(str(one.outcome) for one in files),
        notes=(),
    )


def refused_rows(rows: "Sequence[RefusedRow]") -> tuple[RefusalEntry, ...]:
    """Return the refused rows of a file as a part of the JSON document."""
    return tuple(
        RefusalEntry(
            line=row.line,
            path=None,
            column=row.column,
            value=row.value,
            code=row.code,
            reason=row.reason,
        )
        for row in rows
    )


def refused_files(files: "Sequence[FolderFile]") -> tuple[RefusalEntry, ...]:
    """Return the refused files of a folder as a part of the JSON document, one entry per fault."""
    return tuple(
        RefusalEntry(
            line=None,
            path=one.path,
            column=fault.column,
            value=fault.value,
            code=fault.code,
            reason=fault.reason,
        )
        for one in files
        if one.outcome == "refused"
        for fault in one.faults
    )
