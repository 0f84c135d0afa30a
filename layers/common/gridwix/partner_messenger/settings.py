"""Environment variables of ``partner_messenger``."""

from typing import Literal

from pydantic import Field

from gridwix.models.portal_address import PortalUrl
from gridwix.runtime.settings import BellSettings, TradingGridSettings, WixSettings


class MessengerSettings(TradingGridSettings, WixSettings, BellSettings):
    """Settings of ``partner_messenger``.

    ``wix_automation_secret`` names a secret ``{"emailUrl"}``. ``step_cascade`` names the system
    that unlocks onboarding steps. ``quiet_hours``: ``ignore`` turns them off. Links in messages
    start with ``portal_url``, which must not be an example address.
    """

    dispatch_table: str = Field(min_length=1)
    portal_url: PortalUrl
    wix_automation_secret: str = Field(min_length=1)
    step_cascade: Literal["trading-grid", "gridwix"] = "trading-grid"
    quiet_hours: Literal["keep", "ignore"] = "keep"
