"""Declaration of a documents source, which publishes files as documents. Pure.

It is a file in ``config/gateway/sources/`` with ``source: documents``.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from gridwix_gateway.sources.documents.kinds import KINDS
from gridwix_gateway.sources.documents.patterns import PathPattern
from gridwix_gateway.sources.mapping.columns import Column, ColumnName
from gridwix_gateway.sources.mapping.declaration import MEMBER, Template

GIVEN = ("path", "file_name")
"""Parts that every path has, with any pattern: the path in the source's folder, and its last
segment.
"""


class DocumentsDeclaration(BaseModel):
    """Declaration of a documents source: how paths of uploaded files become documents.

    Attributes:
        source: ``documents``.
        pattern: Regular expression (RE2) that matches the whole path below the source's folder. Its
            named parts (groups) are the columns that expressions use.
        columns: Types and formats of named parts. A part without a column is a text.
        types: File name endings that are accepted.
        shared: Whether the documents belong to the shared library, and not to one partner.
        document: Fields of the document. Texts are CEL expressions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Literal["documents"]
    pattern: Annotated[str, Field(min_length=1)]
    columns: Annotated[Mapping[ColumnName, Column], Field(max_length=100)] = Field(
        default_factory=dict
    )
    types: Annotated[tuple[str, ...], Field(min_length=1)] = tuple(sorted(KINDS))
    shared: bool = False
    document: Annotated[
        Mapping[Annotated[str, StringConstraints(pattern=MEMBER)], Template], Field(min_length=1)
    ]

    @property
    def fields(self) -> Mapping[str, Template]:
        """Templates of the document's fields, with ``partnerId`` null for shared documents."""
        return {**self.document, "partnerId": None} if self.shared else self.document

    @model_validator(mode="before")
    @classmethod
    def _place_columns(cls, value: Any) -> Any:
        """Return the declaration with each column's ``path`` set to the column's own name.

        So a column called ``kind`` gets its text from ``(?P<kind>...)``, the named part (group) of
        ``pattern`` in the file's path. If ``columns`` is missing or malformed, the declaration is
        returned unchanged.
        """
        columns = value.get("columns") if isinstance(value, dict) else None
        if not isinstance(columns, dict):
            return value
        placed: dict[str, Any] = {}
        for name, column in columns.items():
            if not isinstance(column, dict):
                return value
            if {"path", "heading"} & column.keys() and column.get("path") != name:
                raise ValueError(f"column {name}: remove path and heading, it is the part {name}")
            placed[name] = {**column, "path": name}
        return {**value, "columns": placed}

    @field_validator("pattern")
    @classmethod
    def _check_pattern(cls, pattern: str) -> str:
        if given := [name for name in PathPattern(pattern).names if name in GIVEN]:
            raise ValueError(f"{given[0]} is given, so no part can have this name")
        return pattern

    @field_validator("types")
    @classmethod
    def _check_types(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [ending for ending in types if ending not in KINDS]:
            known = ", ".join(sorted(KINDS))
            raise ValueError(f"{unknown[0][:20]} is no type that is taken; there are {known}")
        return types

    @cached_property
    def path_pattern(self) -> PathPattern:
        """The compiled ``pattern``, which the path of each uploaded file must match as a whole."""
        return PathPattern(self.pattern)
