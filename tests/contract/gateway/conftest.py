"""Both hubs that serve the profile, each with the sample world."""

from collections.abc import Iterator

import pytest

from tests.fakes.gateway.hubs import Hub, ProfileClient, serve_emulator, serve_gateway


@pytest.fixture(params=["emulator", "gateway"])
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    """A hub of each kind."""
    with serve_emulator() if request.param == "emulator" else serve_gateway() as found:
        yield found


@pytest.fixture
def grid(hub: Hub) -> ProfileClient:
    """A client of each hub."""
    return ProfileClient(hub)
