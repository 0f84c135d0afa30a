"""Checks that a page responds at the portal's address, to which links in messages lead."""

from collections.abc import Callable

import httpx

from gridwix.errors import GridwixError
from gridwix.partner_messenger.settings import MessengerSettings
from ops.stack import Stack

FUNCTION = "PartnerMessengerFunctionName"
PATIENCE = 10.0
"""Timeout in seconds of the request for the portal's page."""

LOGIN = frozenset({401, 403})
"""HTTP statuses of a page that needs a login, which counts as a response."""


def check_portal_address(stack: Stack, get: Callable[..., httpx.Response] = httpx.get) -> str:
    """Check that a page responds at the portal's address; return a sentence with the address.

    Links in messages lead to this address. Requests the page once, and follows redirects.

    Args:
        stack: The deployed stack.
        get: Sends the request.

    Raises:
        ConfigurationError: The address is missing, or is that of an example.
        GridwixError: No page responds at the address.
    """
    url = str(stack.settings(FUNCTION, MessengerSettings).portal_url)
    try:
        status = get(url, follow_redirects=True, timeout=PATIENCE).status_code
    except httpx.HTTPError as error:
        raise GridwixError(
            f"no page answers at {url} ({type(error).__name__}); links in messages lead there:"
            " correct PortalUrl"
        ) from None
    if status >= 400 and status not in LOGIN:
        raise GridwixError(
            f"{url} answers {status}; links in messages lead there: correct PortalUrl"
        )
    return f"messages lead to {url}"
