"""Environment variables of ``partner_messenger``."""

from typing import Literal

from pydantic import Field

from gridwix.configuration.campaigns import LONGEST_AGE_DAYS
from gridwix.configuration.messaging import LONGEST_KEPT_DAYS
from gridwix.models.portal_address import PortalUrl
from gridwix.runtime.settings import BellSettings, TradingGridSettings, WixSettings


class MessengerSettings(TradingGridSettings, WixSettings, BellSettings):
    """Settings of ``partner_messenger``.

    ``dispatch_days``: time to live of a dispatch (planned message) after it was due. It is longer
    than a message is retried, and than a message stays on the portal. ``wix_automation_secret``
    names a secret with ``{"emailUrl"}``, ``invitation_key_secret`` one with ``{"invitationKey"}``,
    from which the codes of invitations are derived. ``step_cascade`` names the system that unlocks
    onboarding steps. ``quiet_hours``: ``ignore`` turns quiet hours off. Links in messages start
    with ``portal_url``, which must not be an example address.
    """

    dispatch_table: str = Field(min_length=1)
    dispatch_days: int = Field(default=400, gt=LONGEST_KEPT_DAYS + LONGEST_AGE_DAYS)
    portal_url: PortalUrl
    wix_automation_secret: str = Field(min_length=1)
    invitation_key_secret: str = Field(min_length=1)
    step_cascade: Literal["trading-grid", "gridwix"] = "trading-grid"
    quiet_hours: Literal["keep", "ignore"] = "keep"
