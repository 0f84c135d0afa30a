"""The declared mapping of a source: typed columns, and the records that a row gives. Pure."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gridwix_gateway.sources.mapping.columns import Column, ColumnName

type Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]

type Template = Text | int | float | bool | list["Template"] | dict[str, "Template"] | None
"""A JSON value with expressions as its texts: ``{"name": "row.name"}``."""

MEMBER = r"^[a-z][A-Za-z0-9]{0,59}$"


class RecordDeclaration(BaseModel):
    """A record that a row gives, or contributes to.

    Attributes:
        collection: Collection of the profile.
        id: Expression of the record's id.
        when: Expression; without it, or if it is true, the row gives the record.
        deleted: Expression; if it is true, the record no longer exists.
        fields: The members that the source owns. Texts are expressions; elements of a list that are
            null are left out.
        gather: List members to which several rows contribute, with the member that identifies an
            element. Without it, a second row with the same id is refused.
        owner: The source creates the record, and deletes it when its row is gone. If it is false,
            the source sets members of a record of another source, and does neither.
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
    """The mapping of a source. A source's own declaration inherits these two members."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Annotated[Mapping[ColumnName, Column], Field(min_length=1, max_length=500)]
    records: Annotated[tuple[RecordDeclaration, ...], Field(min_length=1, max_length=20)]
