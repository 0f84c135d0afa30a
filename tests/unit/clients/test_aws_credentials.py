"""The credentials of a function that was restored from a snapshot."""

import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from gridwix.clients.aws.credentials import LambdaCredentials
from gridwix.errors import ConfigurationError, Unauthenticated, Unavailable
from ops.waiting import STANDSTILL

NOW = 1_780_000_000.0


class Endpoint:
    """Lambda's credentials endpoint: numbers the credentials that it gives, which last an hour."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, str | None]] = []
        self.now = NOW
        self.status = 200
        self.body: bytes | None = None

    def answer(self) -> bytes:
        if self.body is not None:
            return self.body
        number = len(self.asked)
        ends = datetime.fromtimestamp(self.now + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps(
            {
                "AccessKeyId": f"key-{number}",
                "SecretAccessKey": "sesame",
                "Token": f"token-{number}",
                "Expiration": ends,
            }
        ).encode()


@contextmanager
def listening() -> Iterator[Endpoint]:
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            endpoint.asked.append((self.path, self.headers["Authorization"]))
            self.send_response(endpoint.status)
            self.end_headers()
            self.wfile.write(endpoint.answer())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    endpoint.url = f"http://127.0.0.1:{server.server_port}/2021-05-11/credentials"
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def credentials(endpoint: Endpoint) -> LambdaCredentials:
    environment = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let-me-in",
    }
    return LambdaCredentials(environment, lambda: endpoint.now, timeout=STANDSTILL)


def test_environment_that_changes_is_followed() -> None:
    environment = {
        "AWS_ACCESS_KEY_ID": "one",
        "AWS_SECRET_ACCESS_KEY": "s1",
        "AWS_SESSION_TOKEN": "t1",
    }
    given = LambdaCredentials(environment, lambda: NOW, timeout=STANDSTILL)
    first = given.current_credentials()

    environment.update(AWS_ACCESS_KEY_ID="two", AWS_SECRET_ACCESS_KEY="s2", AWS_SESSION_TOKEN="")

    assert (first.access_key_id, first.secret_access_key, first.session_token) == (
        "one",
        "s1",
        "t1",
    )
    assert (
        given.current_credentials().access_key_id,
        given.current_credentials().session_token,
    ) == ("two", None)


def test_endpoint_is_asked_once_while_its_credentials_last() -> None:
    with listening() as endpoint:
        given = credentials(endpoint)

        first = given.current_credentials()
        endpoint.now += 3300
        again = given.current_credentials()

    assert (first.access_key_id, first.secret_access_key, first.session_token) == (
        "key-1",
        "sesame",
        "token-1",
    )
    assert again == first
    assert endpoint.asked == [("/2021-05-11/credentials", "let-me-in")]


def test_credentials_that_end_soon_are_fetched_anew() -> None:
    with listening() as endpoint:
        given = credentials(endpoint)
        given.current_credentials()

        endpoint.now += 3301

        assert given.current_credentials().access_key_id == "key-2"


@pytest.mark.parametrize(
    "body",
    [
        b"sesame",
        b"{}",
        b"[]",
        b"null",
        b'{"AccessKeyId":"k","SecretAccessKey":"sesame","Token":"t","Expiration":"soon"}',
    ],
)
def test_answer_that_is_no_credentials_is_unauthenticated_and_not_repeated_in_the_error(
    body: bytes,
) -> None:
    with listening() as endpoint:
        endpoint.body = body

        with pytest.raises(Unauthenticated) as raised:
            credentials(endpoint).current_credentials()

    assert "sesame" not in "".join(traceback.format_exception(raised.value))


def test_refusal_is_unauthenticated() -> None:
    with listening() as endpoint:
        endpoint.status = 403

        with pytest.raises(Unauthenticated):
            credentials(endpoint).current_credentials()


def test_endpoint_that_is_gone_is_unavailable() -> None:
    with listening() as endpoint:
        pass

    with pytest.raises(Unavailable):
        credentials(endpoint).current_credentials()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://169.254.170.2/v2/credentials",
        "http://evil.example/credentials",
        "file:///etc/passwd",
        "https://localhost/x",
    ],
)
def test_endpoint_that_is_not_beside_the_function_is_not_asked(url: str) -> None:
    given = LambdaCredentials(
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url}, lambda: NOW, timeout=STANDSTILL
    )

    with pytest.raises(ConfigurationError, match="AWS_ACCESS_KEY_ID"):
        given.current_credentials()
