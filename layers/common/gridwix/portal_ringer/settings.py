"""Environment variables of ``portal_ringer``."""

from typing import Literal

from pydantic import Field

from gridwix.models.portal_address import RingUrl
from gridwix.runtime.settings import QueueSettings, WixSettings


class RingerSettings(WixSettings, QueueSettings):
    """Settings of ``portal_ringer``.

    ``wix_webhook_secret`` names a secret ``{"signingSecrets"}`` with which rings are signed; the
    site signs its own requests with the same. ``portal_ring_url``: "" if changes are only counted,
    and no page is rung.
    """

    portal_ring_url: RingUrl | Literal[""]
    wix_webhook_secret: str = Field(min_length=1)
