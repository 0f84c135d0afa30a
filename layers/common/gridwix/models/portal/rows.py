"""Base model of the portal's rows, and annotations that say how to shorten a too large row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from gridwix.models.texts import Sentence

type Sentences = Mapping[str, Sentence]
"""Sentences of gridwix by text field of the row or entry, for rendering in other languages. A field
that is not named was written by people.
"""

MAX_ROW_BYTES = 450_000
"""Maximum size of a row in bytes of JSON. Wix stores items of up to 500,000, including members of
its own. Larger rows are shortened (``gridwix.mapping.row_sizes``).
"""


@dataclass(frozen=True, slots=True)
class ByPeople:
    """Annotation of a field with text that people wrote, and that is cut if the row is too large.

    ``is_html``: the text is sanitized HTML. ``flag``: name of the row's field that is set to true
    if the text is cut; "" if the row has no such field, because a cut text ends with ``…``.
    """

    is_html: bool = False
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Shrinking:
    """Annotates a list field from which entries may be removed if the row is too large.

    At least one entry stays. ``omitted`` is the name of the field that counts the removed entries;
    "" if another field of the row already has the total number. ``keeps`` is the end of the list
    that is kept, because it has the newest or most urgent entries.
    """

    omitted: str
    keeps: Literal["first", "last"] = "first"


# Assignments and no ``type`` statements, behind which pydantic shows no marks.
Prose = Annotated[str, ByPeople()]
ProseOrNone = Annotated[str | None, ByPeople()]


class RowModel(BaseModel):
    """Base model of the portal's rows: frozen, no unknown members, camelCase in Wix.

    Texts are in the default language.
    """

    # Built when the first one is read, so that a cold start pays only for models in use.
    model_config = ConfigDict(
        defer_build=True,
        hide_input_in_errors=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
    )

    max_bytes: ClassVar[int] = MAX_ROW_BYTES
    """Maximum size of this row in bytes of JSON."""


def field_names(row: type[RowModel]) -> frozenset[str]:
    """Return the names of a row's fields as the Wix collection has them, in camelCase."""
    return frozenset(field.alias or name for name, field in row.model_fields.items())
