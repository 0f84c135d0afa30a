"""SQS messages of the portal ringer, which tells open portal pages that sections have changed."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gridwix.models.portal.sections import Section

LAST_REPEAT = 3
"""Number of times that a ring is repeated."""


class ChangesMessage(BaseModel):
    """Message of a function that has written portal rows: which sections have changed.

    ``changes`` has the sections by partner, or by ``everybody`` for all partners. The rows are in
    Wix already when the message is sent.
    """

    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="forbid"
    )

    changes: Mapping[str, tuple[Section, ...]]


class RingMessage(BaseModel):
    """SQS message to send a ring: a message that makes open portal pages reload changed sections.

    ``rings`` has, by partner or for all partners, the change numbers of sections (how often their
    rows have changed). These numbers are stored already. An open page may miss a ring, so each ring
    is sent again three times: ``repeat`` is 1, 2 or 3 for such a repeat, and 0 for the retry of a
    ring that failed at the first attempt.
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
    """Parse the body of an SQS message. Raises pydantic's ValidationError."""
    return _MESSAGE.validate_json(body)
