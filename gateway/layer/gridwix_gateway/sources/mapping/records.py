"""Results of a mapping: records of the profile, and faults of one row. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from gridwix_gateway.documents import Document


@dataclass(frozen=True, slots=True)
class CellError:
    """An error value of a spreadsheet, such as ``#N/A``."""

    code: str


@dataclass(frozen=True, slots=True)
class FormattedNumber:
    """A number of a spreadsheet with a format that adds leading zeros.

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
"""A value as a file or an API holds it, before its column's type is applied."""


@dataclass(frozen=True, slots=True)
class MappedRecord:
    """A record of the profile, with the members that the source owns and no others.

    Attributes:
        collection: Collection of the profile, such as ``partners``.
        id: Id of the record.
        fields: The members that the source owns, as JSON.
        deleted: The source says that the record no longer exists.
        gather: List members to which several rows contribute, with the member that identifies an
            element: ``{"steps": "key"}``.
        owner: The source creates and deletes the record.
    """

    collection: str
    id: str
    fields: Document
    deleted: bool = False
    gather: Mapping[str, str] = field(default_factory=dict)
    owner: bool = True


@dataclass(frozen=True, slots=True)
class CellFault:
    """The reason why a row is refused.

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
    """The records of one row, or its faults. A row with a fault has no records."""

    records: tuple[MappedRecord, ...] = ()
    faults: tuple[CellFault, ...] = ()
