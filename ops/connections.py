"""Clients for Trading Grid and Wix, configured like the deployed status publisher.

They use the publisher's deployed settings and secrets, and the site's call budget. The release of
the stack may differ from the command's.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from gridwix.clients.aws.secrets import SecretStore
from gridwix.clients.http_auth import SyncAuth
from gridwix.clients.http_bodies import ACCEPTED
from gridwix.clients.time_limits import keep_limits
from gridwix.clients.trading_grid.auth import community_auth, trading_grid_auth
from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.lens import LensClient
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.ports import CallBudget
from gridwix.runtime.settings import ClientSettings, PublisherSettings
from ops.budgets import WaitingBudget, shared_budget
from ops.console import print_note
from ops.stack import Stack

type SecretReader = Callable[[str], Mapping[str, Any]]
"""Returns the value of a secret by its name or ARN. Raises ConfigurationError or UpstreamError."""

TIMEOUT = 15.0
"""Default read timeout of calls to Trading Grid and Wix, in seconds."""


@dataclass(frozen=True, slots=True)
class Connections:
    """Clients for Trading Grid and Wix, and the settings that they were made from."""

    settings: ClientSettings
    community: CommunityClient
    directory: DirectoryClient
    lens: LensClient
    wix: WixClient
    site: WixSite
    changed: ChangedRecordsClient


class LazyAuth(SyncAuth):
    """Authentication of requests with credentials that are created at the first request.

    So a missing secret fails only the calls that need the secret. ``make`` creates the credentials
    and may raise GridwixError; its result is kept. Thread-safe.
    """

    def __init__(self, make: Callable[[], httpx.Auth]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: httpx.Auth | None = None

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        with self._lock:
            made = self._made = self._made or self._make()
        yield from made.sync_auth_flow(request)


def publisher_settings(stack: Stack) -> PublisherSettings:
    """Return the settings of the deployed status publisher.

    Raises:
        ConfigurationError: The settings are incomplete.
    """
    return stack.settings("StatusPublisherFunctionName", PublisherSettings)


@contextlib.contextmanager
def connect(
    stack: Stack,
    budget: CallBudget | None = None,
    *,
    settings: ClientSettings | None = None,
    timeout: float = TIMEOUT,
    transport: httpx.BaseTransport | None = None,
    read_secret: SecretReader | None = None,
) -> Iterator[Connections]:
    """Yield clients for Trading Grid and Wix for as long as the block lasts.

    Nothing is sent and no secret is read before the first call. A call with a missing or malformed
    secret raises ConfigurationError.

    Args:
        stack: The deployed stack.
        budget: Calls to Wix are taken from this call budget. None takes them from the budget that
            the functions share, and waits while it is used up.
        settings: The settings for the clients. None reads those of the status publisher.
        timeout: Read timeout in seconds.
        transport: Replaces httpx's transport, such as with a circuit breaker.
        read_secret: Reads secrets. None reads Secrets Manager.

    Raises:
        ConfigurationError: A setting is missing.
    """
    found = settings or stack.settings("StatusPublisherFunctionName", ClientSettings)
    secret = read_secret or SecretStore(stack.aws.secrets, time.time).get
    base_url, wix_url = str(found.trading_grid_base_url), str(found.wix_base_url)
    trading_grid = LazyAuth(
        lambda: trading_grid_auth(
            found.trading_grid_auth_mode,
            secret(found.trading_grid_credentials_secret),
            base_url=base_url,
        )
    )
    community = LazyAuth(
        lambda: community_auth(
            found.trading_grid_auth_mode,
            secret(found.trading_grid_credentials_secret),
            base_url=base_url,
            community_url=str(found.trading_grid_community_url),
        )
    )
    wix = LazyAuth(
        lambda: wix_auth(secret(found.wix_credentials_secret), found.wix_site_id, base_url=wix_url)
    )
    calls = budget or WaitingBudget(
        shared_budget(stack.aws, found), report=lambda said: print_note((said, "dim"))
    )
    # The encoding that is asked for is the only one that is decoded.
    headers = {"Accept-Encoding": ACCEPTED}
    with keep_limits(httpx.Client(headers=headers, timeout=timeout, transport=transport)) as http:
        yield Connections(
            found,
            CommunityClient(
                http,
                community,
                base_url=str(found.trading_grid_community_url),
                partner_ids_per_call=found.trading_grid_partner_ids_per_call,
            ),
            DirectoryClient(http, trading_grid, base_url=base_url),
            LensClient(http, trading_grid, base_url=base_url),
            WixClient(http, wix, calls, base_url=wix_url),
            WixSite(http, wix, calls, base_url=wix_url),
            ChangedRecordsClient(http, community, base_url=str(found.trading_grid_community_url)),
        )
