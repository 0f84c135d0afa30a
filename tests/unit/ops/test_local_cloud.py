"""Where the local cloud answers, and what other tools are told of it."""

from pathlib import Path

from ops.local_cloud import LocalCloud

CLOUD = LocalCloud("http://127.0.0.1:4599", Path("run"))


def test_local_url_of_an_api_keeps_stage_and_path() -> None:
    url = CLOUD.local_url("https://74adf815.execute-api.us-east-1.amazonaws.com/live/webhooks/trading-grid")

    assert url == "http://127.0.0.1:4599/_aws/execute-api/74adf815/live/webhooks/trading-grid"


def test_local_url_of_anything_else_stays() -> None:
    assert CLOUD.local_url("https://www.wixapis.com/live/") == "https://www.wixapis.com/live/"


def test_environment_hides_the_users_own_profiles_and_credentials() -> None:
    environment = CLOUD.environment()

    assert environment["AWS_ENDPOINT_URL"] == CLOUD.endpoint
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_clients_speak_to_the_local_cloud() -> None:
    assert CLOUD.aws().sqs.meta.endpoint_url == CLOUD.endpoint
