"""The ``PortalFreshness`` collection: the time up to which the portal is up to date."""

from datetime import datetime

from gridwix.clients.wix.client import WixClient
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PORTAL_FRESHNESS
from gridwix.models.wix import DataItem

TRADING_GRID = WixItemId("trading-grid")


class PortalFreshness:
    """Implements the port ``gridwix.reconciler.sweep.Freshness``."""

    def __init__(self, wix: WixClient) -> None:
        self._wix = wix

    def tell(self, as_of: datetime) -> None:
        """Save the time up to which all changes of Trading Grid are on their way.

        Raises UpstreamError and BudgetExhausted.
        """
        self._wix.save_item(PORTAL_FRESHNESS, DataItem(TRADING_GRID, {"asOf": as_of}))
