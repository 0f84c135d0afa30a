"""Addresses of the local cloud, and the environment that other tools get for it."""

import socket
import sys
from pathlib import Path

import pytest

from ops.errors import LocalCloudError
from ops.local_cloud import LocalCloud, local_cloud, reserve_port

CLOUD = LocalCloud("http://127.0.0.1:4599", Path("run"))


def test_local_url_of_an_api_keeps_stage_and_path() -> None:
    url = CLOUD.local_url(
        "https://74adf815.execute-api.us-east-1.amazonaws.com/live/webhooks/trading-grid"
    )

    assert url == "http://127.0.0.1:4599/_aws/execute-api/74adf815/live/webhooks/trading-grid"


def test_local_url_of_anything_else_stays() -> None:
    assert CLOUD.local_url("https://www.wixapis.com/live/") == "https://www.wixapis.com/live/"


def test_environment_hides_the_users_own_profiles_and_credentials() -> None:
    environment = CLOUD.environment()

    assert environment["AWS_ENDPOINT_URL"] == CLOUD.endpoint
    assert (
        environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"
    )


def test_clients_speak_to_the_local_cloud() -> None:
    assert CLOUD.aws().sqs.meta.endpoint_url == CLOUD.endpoint


def test_local_cloud_when_it_dies_at_its_start_then_that_is_told_at_once_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho no room on the device\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr("ops.local_cloud._BIN", tmp_path)

    with (
        pytest.raises(
            LocalCloudError,
            match=r"no room on the device\nthe local cloud did not start\nsee .*ministack.log",
        ),
        local_cloud(tmp_path),
    ):
        pytest.fail("it came up")


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere a bound socket keeps its own process out, too"
)
def test_reserved_port_when_others_look_for_one_then_only_who_knows_it_can_listen_there() -> None:
    with reserve_port() as port:
        with socket.create_server(("127.0.0.1", port)):
            pass
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", port))
