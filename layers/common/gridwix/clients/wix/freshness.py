"""The ``PortalFreshness`` collection: how new the portal is."""

from datetime import datetime

from gridwix.clients.wix.client import WixClient
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PORTAL_FRESHNESS
from gridwix.models.wix import DataItem

TRADING_GRID = WixItemId("trading-grid")


class PortalFreshness:
    """Implements the port ``Freshness``."""

    def __init__(self, wix: WixClient) -> None:
        self._wix = wix

    def tell(self, as_of: datetime) -> None:
        """As the port says."""
        self._wix.save_item(PORTAL_FRESHNESS, DataItem(TRADING_GRID, {"asOf": as_of}))
