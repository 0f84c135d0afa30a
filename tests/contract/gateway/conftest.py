"""Both hubs that serve the profile, each with the sample world."""

from collections.abc import Iterator

import botocore.session
import pytest
from moto import mock_aws

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


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[botocore.session.Session]:
    """Clients of moto's AWS."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield botocore.session.get_session()
