"""Messages of the ringer's queue."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gridwix.models.portal.sections import Section

LAST_REPEAT = 3
"""Number of times that a ring is repeated."""


class ChangesMessage(BaseModel):
    """Message of a function that has written rows: the sections with changed rows, by partner or
    for all partners. Wix has the rows already.
    """

    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="forbid"
    )

    changes: Mapping[str, tuple[Section, ...]]


class RingMessage(BaseModel):
    """Message of a ring to send: change numbers of sections, by partner or for all partners, which
    are counted already.

    ``repeat`` is 0 for a first ring that has to be tried again, else the number of the repeat.
    """

    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="forbid"
    )

    rings: Mapping[str, Mapping[Section, int]]
    repeat: int = Field(ge=0, le=LAST_REPEAT)


type RingerMessage = ChangesMessage | RingMessage

_MESSAGE: TypeAdapter[RingerMessage] = TypeAdapter(
    RingerMessage, config=ConfigDict(defer_build=True, hide_input_in_errors=True)
)


def parse_message(body: str) -> RingerMessage:
    """Parse the body of a message. Raises pydantic's ValidationError."""
    return _MESSAGE.validate_json(body)
