"""Builds the clients of OpenText's published APIs from the settings: partner directory and Lens."""

from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.lens import LensClient
from gridwix.runtime.environment import http
from gridwix.runtime.record_faults import fault_log
from gridwix.runtime.settings import TradingGridSettings
from gridwix.runtime.trading_grid import authentication


def directory(settings: TradingGridSettings) -> DirectoryClient:
    """Return the client of the partner directory."""
    base_url = str(settings.trading_grid_base_url)
    return DirectoryClient(
        http(),
        authentication(settings),
        base_url=base_url,
        hub=settings.trading_grid_company_id,
        note=fault_log.note,
    )


def lens(settings: TradingGridSettings) -> LensClient:
    """Return the client of the Lens transaction search."""
    return LensClient(
        http(),
        authentication(settings),
        base_url=str(settings.trading_grid_base_url),
        note=fault_log.note,
    )
