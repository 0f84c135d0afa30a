"""Builds the client of Trading Grid's community gateway from the settings."""

import httpx

from gridwix.clients.trading_grid.auth import community_auth, trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.gateway import StreamContent
from gridwix.runtime.environment import http, secrets
from gridwix.runtime.record_faults import fault_log
from gridwix.runtime.settings import TradingGridSettings


def authentication(settings: TradingGridSettings) -> httpx.Auth:
    """Return the authentication of requests to Trading Grid.

    Raises UpstreamError if the secret cannot be read.
    """
    credentials = secrets().get(settings.trading_grid_credentials_secret)
    return trading_grid_auth(
        settings.trading_grid_auth_mode, credentials, base_url=str(settings.trading_grid_base_url)
    )


def community_authentication(settings: TradingGridSettings) -> httpx.Auth:
    """Return the authentication of requests to the community gateway.

    Raises UpstreamError if the secret cannot be read.
    """
    return community_auth(
        settings.trading_grid_auth_mode,
        secrets().get(settings.trading_grid_credentials_secret),
        base_url=str(settings.trading_grid_base_url),
        community_url=str(settings.trading_grid_community_url),
    )


def community(
    settings: TradingGridSettings, moved_content: StreamContent | None = None
) -> CommunityClient:
    """Return the client of the community gateway.

    Args:
        settings: Address, credentials and limits of the gateway.
        moved_content: Streams the content of documents that the gateway stores at another address.
    """
    return CommunityClient(
        http(),
        community_authentication(settings),
        base_url=str(settings.trading_grid_community_url),
        partner_ids_per_call=settings.trading_grid_partner_ids_per_call,
        note=fault_log.note,
        moved_content=moved_content,
    )
