"""Checks settings that are complete and well-formed, and wrong all the same."""

from collections.abc import Mapping

import httpx

from gridwix.errors import GridwixError
from gridwix.runtime.settings import PublisherSettings

WIX_QUOTA = 200
"""Calls a minute that Wix documents for each instance of an app.

Source: https://dev.wix.com/docs/rest/articles/get-started/rate-limits.
"""

PLAIN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts to which an address may be without TLS: this machine's."""


def check_addresses(settings: PublisherSettings) -> str:
    """Return that all addresses have TLS.

    Raises GridwixError for one over plain http, which shows tokens and records to the network.
    """
    addresses: Mapping[str, httpx.URL] = {
        "TradingGridBaseUrl": httpx.URL(str(settings.trading_grid_base_url)),
        "TradingGridCommunityUrl": httpx.URL(str(settings.trading_grid_community_url)),
        "WixBaseUrl": httpx.URL(str(settings.wix_base_url)),
    }
    plain = [
        f"{name} is {url.scheme}://{url.host}"
        for name, url in addresses.items()
        if url.scheme == "http" and url.host not in PLAIN_HOSTS
    ]
    if plain:
        raise GridwixError(
            f"{', '.join(plain)}: without TLS anybody on the way reads tokens and records. Deploy"
            " with the https address"
        )
    return "all with TLS, or of this machine"


def check_budget(settings: PublisherSettings) -> str:
    """Return the rate limit. Raises GridwixError if it is above what Wix allows."""
    calls = settings.wix_calls_per_minute
    if httpx.URL(str(settings.wix_base_url)).host in PLAIN_HOSTS:
        return f"{calls} calls a minute to a site of this machine"
    if calls > WIX_QUOTA:
        raise GridwixError(
            f"WixCallsPerMinute is {calls}, and Wix allows {WIX_QUOTA} calls a minute: beyond it"
            " every call fails with 429 for the rest of the minute. Deploy with"
            f" {WIX_QUOTA - 20} or less"
        )
    return f"{calls} calls a minute, of {WIX_QUOTA} that Wix allows"
