"""Base model of the rows."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from gridwix.models.texts import Sentence

type Sentences = Mapping[str, Sentence]
"""Sentences of gridwix by text field of the row or entry, for rendering in other languages. A field
that is not named was written by people.
"""


class RowModel(BaseModel):
    """Base model of rows: frozen, no unknown members, camelCase in the collection. Texts are in the
    default language.
    """

    # Built when the first one is read, so that a cold start pays only for models in use.
    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
    )


def field_names(row: type[RowModel]) -> frozenset[str]:
    """Field names of a row, as the collection has them."""
    return frozenset(field.alias or name for name, field in row.model_fields.items())
