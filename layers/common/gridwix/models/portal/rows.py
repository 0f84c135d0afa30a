"""Base model of the rows."""

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
"""Maximum size of a row in bytes of JSON. Wix stores items of 500,000, and counts members of its
own, too. What does not fit is left out (``gridwix.mapping.row_sizes``).
"""


@dataclass(frozen=True, slots=True)
class ByPeople:
    """Marks a text, or a tuple of texts, that people wrote: it may be cut to make its row fit.

    ``is_html``: it is sanitized HTML. ``flag``: the field that is set if it is cut; "" for none,
    because a cut text ends with ``…``.
    """

    is_html: bool = False
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Shrinking:
    """Marks a list of which a row may leave out entries, all but one.

    ``omitted`` is the field that counts them; "" if another field counts all. ``keeps`` is the end
    of the list that stays: where the newest or the most urgent entries are.
    """

    omitted: str
    keeps: Literal["first", "last"] = "first"


# Assignments and no ``type`` statements, behind which pydantic shows no marks.
Prose = Annotated[str, ByPeople()]
ProseOrNone = Annotated[str | None, ByPeople()]


class RowModel(BaseModel):
    """Base model of rows: frozen, no unknown members, camelCase in the collection.

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
    """Field names of a row, as the collection has them."""
    return frozenset(field.alias or name for name, field in row.model_fields.items())
