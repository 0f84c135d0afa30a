"""Checks that the site accepts rings, and that only members of partners may listen to them.

A ring is a signed request that tells open pages of the portal which sections changed.
"""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from gridwix.clients.aws.secrets import SecretStore
from gridwix.clients.wix.ring_function import RingFunction, ring_client
from gridwix.errors import GridwixError, NotFound, Refused, Unauthenticated
from gridwix.portal_ringer.settings import RingerSettings
from ops.stack import Stack

URL_OUTPUT = "PortalRingUrl"
"""Output that only a stack with a portal ringer has: the URL to which rings are posted."""

FUNCTION = "PortalRingerFunctionName"
RULE = "backend/realtime-permissions.js"
VERSION = 1
"""Format version of the site's response to a check."""

STRANGERS: Mapping[str, str] = {
    "stranger": "visitors who are not logged in",
    "unlinked": "members without a partner",
}
"""Groups who must not be allowed to listen to rings, by their key in the site's response."""

_REDIRECTS = range(300, 400)


def is_rung(stack: Stack) -> bool:
    """Return True if the stack sends rings to the open pages of its portal.

    A ring is a request that tells these pages which sections have changed.
    """
    return URL_OUTPUT in stack.outputs


def check_ring(stack: Stack, transport: httpx.BaseTransport | None = None) -> str:
    """Check that the site accepts rings, and that only members of partners may listen to them.

    Return a sentence with the result. A ring is a signed request that tells open pages of the
    portal which sections have changed. The check sends nothing to pages, and takes no call from the
    site's call budget.

    Args:
        stack: The deployed stack.
        transport: Replaces the network.

    Raises:
        ConfigurationError: The settings or the secret are incomplete.
        GridwixError: The site does not accept rings, or lets other visitors listen. The message
            says what to do.
    """
    if not is_rung(stack):
        return "off: pages look at the numbers of changes themselves (PortalRingUrl is empty)"
    settings = stack.settings(FUNCTION, RingerSettings)
    url = str(settings.portal_ring_url)
    secrets = SecretStore(stack.aws.secrets, time.time)
    with ring_client(transport) as http:
        function = RingFunction(http, url, lambda: secrets.get(settings.wix_webhook_secret))
        try:
            answer = function.check()
        except NotFound:
            raise GridwixError(
                f"there is no function at {url}: copy the portal's backend code with its HTTP"
                f" functions and its rule of who may listen ({RULE}) to the site and publish it, or"
                " correct PortalRingUrl. Without that rule every visitor could listen"
            ) from None
        except Unauthenticated:
            raise GridwixError(
                f"{url} refuses the signature: the site's secret gridwix-signing-secret must be"
                f" one of signingSecrets of {stack.name}/wix/webhook, and both clocks must be right"
            ) from None
        except Refused as error:
            if error.status in _REDIRECTS:
                raise GridwixError(
                    f"{url} redirects ({error.status}), which a ring does not follow: give"
                    " PortalRingUrl the address that it redirects to"
                ) from None
            raise
    return _verdict(answer, url)


def _verdict(answer: Mapping[str, Any], url: str) -> str:
    if answer.get("version") != VERSION:
        raise GridwixError(
            f"{url} answers in another form than this version of gridwix expects: copy the portal's"
            " backend code to the site again"
        )
    listening = [who for member, who in STRANGERS.items() if not _is_denied(answer.get(member))]
    if listening:
        raise GridwixError(
            f"{' and '.join(listening)} may listen to rings: copy the portal's rule of who may"
            f" listen ({RULE}) to the site again and publish it"
        )
    return f"{url} accepts rings, and lets no stranger listen"


def _is_denied(granted: object) -> bool:
    return isinstance(granted, Mapping) and granted.get("read") is False
