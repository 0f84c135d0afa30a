"""Environment variables of ``trading_grid_feed``."""

from pydantic import Field

from gridwix.runtime.settings import PollerSettings


class FeedSettings(PollerSettings):
    """Settings of ``trading_grid_feed``. ``handover_table`` holds what is on the bus already."""

    handover_table: str = Field(min_length=1)
