"""Checks settings that are well-formed and still wrong, such as a rate limit above Wix's."""

import httpx

from gridwix.errors import GridwixError
from gridwix.models.service_address import THIS_MACHINE
from gridwix.runtime.settings import PublisherSettings

WIX_QUOTA = 200
"""Calls a minute that Wix documents for each instance of an app.

Source: https://dev.wix.com/docs/rest/articles/get-started/rate-limits.
"""


def check_budget(settings: PublisherSettings) -> str:
    """Return a text on the call budget. Raises GridwixError if it exceeds Wix's rate limit."""
    calls = settings.wix_calls_per_minute
    if httpx.URL(str(settings.wix_base_url)).host in THIS_MACHINE:
        return f"{calls} calls a minute to a site of this machine"
    if calls > WIX_QUOTA:
        raise GridwixError(
            f"WixCallsPerMinute is {calls}, and Wix allows {WIX_QUOTA} calls a minute: beyond it"
            " every call fails with 429 for the rest of the minute. Deploy with"
            f" {WIX_QUOTA - 20} or less"
        )
    return f"{calls} calls a minute, of {WIX_QUOTA} that Wix allows"
