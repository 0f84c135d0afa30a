"""Environment variables of ``trading_grid_feed``."""

from pydantic import Field

from gridwix.runtime.settings import PollerSettings


class FeedSettings(PollerSettings):
    """Settings of ``trading_grid_feed``.

    ``handover_table`` stores the keys of the events that the bus has accepted.
    """

    handover_table: str = Field(min_length=1)
