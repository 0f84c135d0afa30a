"""Clients for both systems, set up exactly as the deployed status publisher has them: its settings, its secrets, the site's call budget."""

import contextlib
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import httpx

from gridwix.clients.aws.secrets import SecretStore
from gridwix.clients.http_auth import SyncAuth
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.lens import LensClient
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.ports import CallBudget
from gridwix.runtime.settings import PublisherSettings
from ops.budgets import WaitingBudget, shared_budget
from ops.console import print_note
from ops.stack import Stack

TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Connections:
    settings: PublisherSettings
    community: CommunityClient
    directory: DirectoryClient
    lens: LensClient
    wix: WixClient


class LazyAuth(SyncAuth):
    """An authentication that is made when the first request needs it: a secret that is missing is the fault of the calls that need it, and of no other.

    ``make`` may raise GridwixError; what it made is kept.
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
    """The settings of the deployed status publisher. Raises ConfigurationError if they are not complete."""
    return stack.settings("StatusPublisherFunctionName", PublisherSettings)


@contextlib.contextmanager
def connect(
    stack: Stack,
    budget: CallBudget | None = None,
    *,
    settings: PublisherSettings | None = None,
    timeout: float = TIMEOUT,
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Connections]:
    """Calls to Wix are taken from ``budget``; None takes them from the functions' own, and waits for those that cannot be had at once.
    ``timeout`` is how many seconds either system may be silent.

    Raises ConfigurationError if a setting is missing. Nothing is sent to either system yet, and no secret is read: a call whose secret is missing or malformed
    raises ConfigurationError.
    """
    found = settings or publisher_settings(stack)
    secrets = SecretStore(stack.aws.secrets, time.time)
    base_url, wix_url = str(found.trading_grid_base_url), str(found.wix_base_url)
    trading_grid = LazyAuth(lambda: trading_grid_auth(found.trading_grid_auth_mode, secrets.get(found.trading_grid_credentials_secret), base_url=base_url))
    wix = LazyAuth(lambda: wix_auth(secrets.get(found.wix_credentials_secret), found.wix_site_id, base_url=wix_url))
    calls = budget or WaitingBudget(shared_budget(stack.aws, found), report=lambda said: print_note((said, "dim")))
    with httpx.Client(timeout=timeout, transport=transport) as http:
        yield Connections(
            found,
            CommunityClient(http, trading_grid, base_url=str(found.trading_grid_community_url), partner_ids_per_call=found.trading_grid_partner_ids_per_call),
            DirectoryClient(http, trading_grid, base_url=base_url),
            LensClient(http, trading_grid, base_url=base_url),
            WixClient(http, wix, calls, base_url=wix_url),
        )
