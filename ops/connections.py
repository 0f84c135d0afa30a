"""Clients for both systems, set up exactly as the deployed status publisher has them: its settings, its secrets, the site's call budget."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx

from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.clients.aws.secrets import SecretStore
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.lens import LensClient
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.runtime.settings import PublisherSettings
from gridwix.services.ports import CallBudget
from ops.stack import Stack

TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Connections:
    settings: PublisherSettings
    community: CommunityClient
    directory: DirectoryClient
    lens: LensClient
    wix: WixClient


class Unlimited:
    """The call budget of somebody who only watches, and takes nothing from the functions'. Implements ``CallBudget``."""

    def take(self, calls: int = 1) -> float:  # noqa: ARG002 - there is always enough
        return 0.0

    def exhaust(self, seconds: float) -> None:
        """Nothing: Wix's own limit shows as an error."""


class Patient:
    """A call budget of which somebody who has the time takes: what cannot be had at once is waited for. Implements ``CallBudget``."""

    def __init__(self, budget: CallBudget, sleep: Callable[[float], None] = time.sleep) -> None:
        self._budget = budget
        self._sleep = sleep

    def take(self, calls: int = 1) -> float:
        while wait := self._budget.take(calls):
            self._sleep(wait)
        return 0.0

    def exhaust(self, seconds: float) -> None:
        self._budget.exhaust(seconds)


@contextlib.contextmanager
def connect(stack: Stack, budget: CallBudget | None = None, *, patient: bool = False, timeout: float = TIMEOUT) -> Iterator[Connections]:
    """Calls to Wix are taken from ``budget``, or from the functions' if it is None; ``patient`` waits for those of the functions' that cannot be had at once.

    ``timeout`` is how many seconds either system may be silent.

    Raises ConfigurationError if a setting or a secret is missing. Nothing is sent to either system yet.
    """
    settings = stack.settings("StatusPublisherFunctionName", PublisherSettings)
    secrets = SecretStore(stack.aws.secrets, time.time)
    base_url, wix_url = str(settings.trading_grid_base_url), str(settings.wix_base_url)
    trading_grid = trading_grid_auth(settings.trading_grid_auth_mode, secrets.get(settings.trading_grid_credentials_secret), base_url=base_url)
    wix = wix_auth(secrets.get(settings.wix_credentials_secret), settings.wix_site_id, base_url=wix_url)
    shared = DynamoDBCallBudget(
        stack.aws.dynamodb,
        settings.budget_table,
        settings.wix_site_id,
        calls_per_minute=settings.wix_calls_per_minute,
        burst=settings.wix_call_burst,
        clock=time.time,
    )
    with httpx.Client(timeout=timeout) as http:
        community = CommunityClient(
            http, trading_grid, base_url=str(settings.trading_grid_community_url), partner_ids_per_call=settings.trading_grid_partner_ids_per_call
        )
        yield Connections(
            settings,
            community,
            DirectoryClient(http, trading_grid, base_url=base_url),
            LensClient(http, trading_grid, base_url=base_url),
            WixClient(http, wix, budget or (Patient(shared) if patient else shared), base_url=wix_url),
        )
