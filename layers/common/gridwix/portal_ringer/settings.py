"""Environment variables of ``portal_ringer``."""

from typing import Literal

from pydantic import Field

from gridwix.models.portal_address import RingUrl
from gridwix.runtime.settings import QueueSettings, WixSettings


class RingerSettings(WixSettings, QueueSettings):
    """Settings of ``portal_ringer``.

    ``wix_webhook_secret`` names a secret ``{"signingSecrets"}``. It signs the rings, which tell the
    site's open pages what has changed; the site signs its own requests with the same secret.
    ``portal_ring_url`` is the site's function that receives rings; "" if changes are only counted,
    and no ring is sent.
    """

    portal_ring_url: RingUrl | Literal[""]
    wix_webhook_secret: str = Field(min_length=1)
