"""Declaration of a source's mapping: typed columns, and the records that a row becomes. Pure."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gridwix_gateway.sources.mapping.columns import Column, ColumnName

type Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]

type Template = Text | int | float | bool | list["Template"] | dict[str, "Template"] | None
"""A JSON value in which each text is an expression: ``{"name": "row.name"}``."""

MEMBER = r"^[a-z][A-Za-z0-9]{0,59}$"


class RecordDeclaration(BaseModel):
    """Declaration of a record that a row of a source is mapped to. Expressions are in CEL.

    Attributes:
        collection: Collection of the record, in the community gateway profile.
        id: Expression of the record's id.
        when: Expression; if it is false, the row is not mapped to this record.
        deleted: Expression; if it is true, the record no longer exists.
        fields: The record's fields that the source sets. Texts are expressions; null elements of a
            list are left out.
        gather: List fields to which several rows contribute elements, each with the field that
            identifies an element: ``{"steps": "key"}``. If the mapping is empty, a second row with
            the same record id is refused.
        owner: Whether the source creates the record, and deletes it when its row is gone. If false,
            the source only sets fields of a record that another source creates.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    collection: str
    id: Text
    when: Text | None = None
    deleted: Text | None = None
    fields: Annotated[
        Mapping[Annotated[str, StringConstraints(pattern=MEMBER)], Template], Field(min_length=1)
    ]
    gather: Mapping[str, str] = Field(default_factory=dict)
    owner: bool = True


class MappingDeclaration(BaseModel):
    """Declaration of a mapping: its typed columns, and the records that each row becomes.

    Declarations of sources inherit it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Annotated[Mapping[ColumnName, Column], Field(min_length=1, max_length=500)]
    records: Annotated[tuple[RecordDeclaration, ...], Field(min_length=1, max_length=20)]
