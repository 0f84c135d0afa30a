"""Events of Trading Grid, as the event feed lists them and webhooks deliver them."""

from typing import Any

from pydantic import ConfigDict, Field

from gridwix.models.trading_grid.entities import Moment, Payload


class CloudEvent(Payload):
    """An event of the event feed or of a webhook, in CloudEvents 1.0 JSON.

    The extension attributes of the community gateway profile are in lower case, as CloudEvents
    requires.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore", alias_generator=None)

    specversion: str
    id: str = Field(min_length=1, max_length=200)
    source: str
    type: str = Field(min_length=1, max_length=200)
    subject: str = Field(min_length=1, max_length=300)
    time: Moment
    sequence: str | None = None
    companyid: str
    partnerid: str | None = None
    data: dict[str, Any]


class EventPage(Payload):
    """One page of the event feed.

    ``next_cursor`` is the position to continue from, also if ``has_more`` is false; the last page
    may lack both. ``items`` are not validated yet: each one is parsed separately.
    """

    items: tuple[Any, ...]
    next_cursor: str = ""
    has_more: bool = False
