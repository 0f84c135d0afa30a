"""Results of mapping a source's row: gateway records, or faults. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from gridwix_gateway.documents import Document


@dataclass(frozen=True, slots=True)
class CellError:
    """A spreadsheet's error value, such as ``#N/A``."""

    code: str


@dataclass(frozen=True, slots=True)
class FormattedNumber:
    """A spreadsheet's number with a format that adds leading zeros.

    An example is ``7`` that is shown as ``000000007``.
    """

    shown: str


type Cell = (
    str
    | int
    | float
    | bool
    | date
    | datetime
    | time
    | CellError
    | FormattedNumber
    | list[Any]
    | dict[str, Any]
    | None
)
"""An unparsed value of a file or an API, before its column's type is applied."""


@dataclass(frozen=True, slots=True)
class MappedRecord:
    """A record that a row is mapped to: only the members that the source sets.

    Attributes:
        collection: Collection of the record, such as ``partners``.
        id: Id of the record.
        fields: The members that the source sets, as JSON.
        deleted: Whether the source reports that the record no longer exists.
        gather: Names of list members to which several rows contribute elements. The value is the
            name of the member that identifies an element: ``{"steps": "key"}``.
        owner: Whether the source creates and deletes the record.
    """

    collection: str
    id: str
    fields: Document
    deleted: bool = False
    gather: Mapping[str, str] = field(default_factory=dict)
    owner: bool = True


@dataclass(frozen=True, slots=True)
class CellFault:
    """A fault of a row, for which the row is refused.

    Attributes:
        column: Name of the column in the mapping; "" if the row as a whole is at fault.
        value: The value as it was read, shortened. It may be personal data: never log it.
        code: Stable code, such as ``check-digit``; a metric dimension.
        reason: The reason, for the person who made the file.
    """

    column: str
    value: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class MappedRow:
    """Result of mapping a row: its records, or its faults. A row with a fault has no records."""

    records: tuple[MappedRecord, ...] = ()
    faults: tuple[CellFault, ...] = ()
