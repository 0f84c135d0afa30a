"""Whether links in messages lead to a portal: the address that a stack gives its messenger."""

from collections.abc import Callable

import httpx

from gridwix.errors import GridwixError
from gridwix.partner_messenger.settings import MessengerSettings
from ops.stack import Stack

FUNCTION = "PartnerMessengerFunctionName"
PATIENCE = 10.0
"""Seconds that the page has to answer in."""

LOGIN = frozenset({401, 403})
"""What a page for members only may answer somebody who is not logged in."""


def check_portal_address(stack: Stack, get: Callable[..., httpx.Response] = httpx.get) -> str:
    """Where links in messages lead, once it is sure that a page answers there. Raises GridwixError, of which ConfigurationError is for an address that is
    missing or of an example."""
    url = str(stack.settings(FUNCTION, MessengerSettings).portal_url)
    try:
        status = get(url, follow_redirects=True, timeout=PATIENCE).status_code
    except httpx.HTTPError as error:
        raise GridwixError(f"no page answers at {url} ({type(error).__name__}); links in messages lead there: correct PortalUrl") from None
    if status >= 400 and status not in LOGIN:
        raise GridwixError(f"{url} answers {status}; links in messages lead there: correct PortalUrl")
    return f"messages lead to {url}"
