"""The profile's contract tests, as far as the product's clients go, by the soak test's model."""

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.common.server import thread
from emulators.trading_grid.community import ENTITY_NAMES
from emulators.trading_grid.seed import HUB
from emulators.trading_grid.tenant import new_tenant
from soak.kernel.edges import Edges, NoFaults
from soak.kernel.tasks import Scheduler
from soak.trading_grid import TradingGrid
from tests.contract.gateway.test_gridwix_client import *  # noqa: F403
from tests.contract.gateway.test_profile_access import *  # noqa: F403
from tests.contract.gateway.test_profile_feed import *  # noqa: F403
from tests.contract.gateway.test_profile_reads import *  # noqa: F403
from tests.contract.gateway.test_profile_writes import *  # noqa: F403
from tests.fakes.gateway.hubs import PRAIRIE_GOLD, Hub, ProfileClient

# The product's clients send no PATCH, no If-None-Match and no types of events.
del test_read_when_nothing_has_changed_answers_304  # noqa: F821
del test_completed_step_unlocks_the_steps_that_waited_on_it  # noqa: F821
del test_changed_partner_has_a_new_version_and_an_event_with_what_was_before  # noqa: F821
del test_next_step_is_the_hubs_once_the_partner_has_answered  # noqa: F821


class ModelHub(Hub):
    """The model, by its own methods."""

    credentials = ("consumer-key", "consumer-secret")

    def __init__(self, url: str, scheduler: Scheduler, grid: TradingGrid) -> None:
        self.url = url
        self._scheduler = scheduler
        self._grid = grid

    def delete_record(self, collection: str, identifier: str) -> None:
        self._grid.delete(collection, identifier)

    def advance_clock(self, seconds: float) -> None:
        self._scheduler.now += seconds

    def play_changes(self, count: int) -> None:
        for number in range(count):
            self._grid.put("partners", {"id": PRAIRIE_GOLD, "legalName": f"No. {number}"})

    def publish_version(self, document: str, file_name: str, content: bytes) -> None:
        self._grid.publish_version(document, file_name, content)

    def wait_for_webhooks(self) -> None:
        """Nothing to wait for: the model sends none."""


@cache
def sample_world() -> tuple[float, list[tuple[str, dict[str, Any]]]]:
    """The time at which the emulator's sample world is made, and its records by collection."""
    tenant = new_tenant(partners=20)
    records = [(name, one) for name in ENTITY_NAMES for one in tenant.store.select(name)]
    return tenant.clock.now().timestamp(), records


@pytest.fixture
def hub() -> Iterator[ModelHub]:
    """The model with the emulator's sample world, over HTTP."""
    now, records = sample_world()
    scheduler = Scheduler(now)
    grid = TradingGrid(Edges(scheduler, Random(1), NoFaults(), {}), Random(1), HUB)
    grid.access.credentials = {ModelHub.credentials[0]: ModelHub.credentials[1:]}
    for collection, document in records:
        grid.put(collection, document, quiet=True)

    async def respond(request: Request) -> Response:
        # As it was sent: Starlette decodes the path.
        path = request.scope["raw_path"] + b"?" + request.scope["query_string"]
        sent = httpx.Request(
            request.method,
            httpx.URL(str(request.base_url), raw_path=path),
            headers=request.headers.raw,
            content=await request.body(),
        )
        found = grid.respond(sent)
        return Response(found.read(), found.status_code, dict(found.headers))

    app = Starlette(
        # As in the emulator: Starlette's own ``path`` ends at a line break.
        routes=[Route("/{path:rest}", respond, methods=["GET", "POST", "PUT", "PATCH"])]
    )
    with thread(app) as url:
        yield ModelHub(url, scheduler, grid)


@pytest.fixture
def grid(hub: ModelHub) -> ProfileClient:
    """A client of the model."""
    return ProfileClient(hub)
