"""Declaration of a files source, which reads uploaded tables into records. Pure.

It is a file in ``config/gateway/sources/`` with ``source: files``.
"""

import codecs
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gridwix_gateway.sources.mapping.columns import ColumnName
from gridwix_gateway.sources.mapping.declaration import MappingDeclaration


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CsvFormat(_Model):
    """Format of CSV files. Everything is declared, and nothing is detected."""

    type: Literal["csv"]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)]
    """Separator of cells: ``,``, ``;`` or a tab (``"\\t"``)."""
    encoding: str = "utf-8"
    """Python's name of the encoding. A byte order mark in the file overrides it."""
    quote: Literal['"', "'"] = '"'
    heading_rows: Annotated[int, Field(ge=1, le=3)] = 1

    @field_validator("delimiter")
    @classmethod
    def _check_delimiter(cls, delimiter: str) -> str:
        if delimiter in "\r\n\"'" or delimiter.isalnum():
            raise ValueError("write a delimiter such as , or ;")
        return delimiter

    @field_validator("encoding")
    @classmethod
    def _check_encoding(cls, encoding: str) -> str:
        try:
            # "é" tells encodings of text from those of bytes, such as base64 and rot13.
            found = codecs.lookup(encoding)
            "e".encode(found.name)
        except (LookupError, UnicodeError, TypeError, ValueError):
            raise ValueError("write an encoding such as utf-8, windows-1252 or utf-16") from None
        return found.name


class ExcelFormat(_Model):
    """Format of workbooks of Excel 2007 or later.

    Hidden sheets are ignored, except for one that ``sheet`` names.
    """

    type: Literal["excel"]
    sheet: Annotated[str, Field(min_length=1, max_length=31)] | None = None
    """Name of the sheet. Without it, exactly one visible sheet must have the headings."""
    heading_rows: Annotated[int, Field(ge=1, le=3)] = 1
    """Number of heading rows. A column's heading is its cells in these rows, joined by `` / ``; a
    merged cell counts for each column below it.
    """


class JsonLinesFormat(_Model):
    """Format of JSON Lines: one JSON object per line, in UTF-8."""

    type: Literal["json_lines"]


type Format = Annotated[CsvFormat | ExcelFormat | JsonLinesFormat, Field(discriminator="type")]


class Guards(_Model):
    """Limits above which a file is refused as a whole: it changes nothing, and raises an alarm.

    The last snapshot has the rows of the file that was applied last.

    Attributes:
        missing: Maximum share of the last snapshot's rows that the file may lack.
        missing_rows: Number of the last snapshot's rows that the file may lack, regardless of their
            share.
        refused: Maximum share of the file's rows that may be refused.
        refused_rows: Number of rows that may be refused, regardless of their share.
    """

    missing: Annotated[float, Field(ge=0, le=1)] = 0.2
    missing_rows: Annotated[int, Field(ge=0)] = 2
    refused: Annotated[float, Field(ge=0, le=1)] = 0.1
    refused_rows: Annotated[int, Field(ge=0)] = 2


class FilesDeclaration(MappingDeclaration):
    """Declaration of a files source: how tables that people upload become records.

    Attributes:
        source: ``files``.
        kind: ``snapshot``: a file has all rows, so the record of a row that it lacks is deleted.
            ``additions``: a file only adds or changes rows.
        format: The file's format.
        key: The columns that identify a row, compared as they are written in the file.
        end: Texts in the first cell of the row that ends the table, such as ``Total``.
        guards: Limits for a file as a whole.
    """

    source: Literal["files"]
    kind: Literal["snapshot", "additions"]
    format: Format
    key: Annotated[tuple[ColumnName, ...], Field(min_length=1)]
    end: tuple[str, ...] = ()
    guards: Guards = Guards()

    @model_validator(mode="after")
    def _check_columns(self) -> "FilesDeclaration":
        if unknown := [name for name in self.key if name not in self.columns]:
            raise ValueError(f"key names a column that is not declared: {unknown[0]}")
        json_lines = self.format.type == "json_lines"
        for name, column in self.columns.items():
            if (column.path is not None) != json_lines:
                needed, other = ("path", "heading") if json_lines else ("heading", "path")
                raise ValueError(f"column {name}: write {needed}, not {other}, for this format")
        return self
