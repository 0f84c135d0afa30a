"""Requests to endpoints over real sockets: bounded, without redirects, to allowed addresses."""

import socket
import threading
from collections.abc import Iterator

import pytest

from gridwix_gateway.problems import Problem
from gridwix_gateway.webhooks.addresses import check_url
from gridwix_gateway.webhooks.http import connect
from gridwix_gateway.webhooks.ports import EndpointAnswer
from tests.fakes.webhook_receiver import Receiver, open_receiver

HEADERS = {"webhook-id": "evt_1"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An endpoint that records what it gets."""
    with open_receiver() as found:
        yield found


class Trickler:
    """A server that sends its response byte by byte, and never ends it."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/hook"
        self.closed = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nx-header: ")
            while not self.closed.wait(0.01):
                connection.sendall(b"x")
        except OSError:
            self.closed.set()


def test_request_is_sent_as_it_is_and_a_redirect_is_an_answer(receiver: Receiver) -> None:
    receiver.answers = [(302, {"location": receiver.url}), (429, {"retry-after": "7"})]

    with connect("any") as client:
        answers = [client.post(receiver.url, HEADERS, b'{"a":1}') for _ in range(3)]

    assert answers == [EndpointAnswer(302), EndpointAnswer(429, 7.0), EndpointAnswer(202)]
    assert [body for _, body in receiver.got] == [b'{"a":1}'] * 3
    assert receiver.got[0][0]["webhook-id"] == "evt_1"


def test_url_of_an_endpoint_is_not_logged(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"), connect("any") as client:
        client.post(f"{receiver.url}?token=secret", HEADERS, b"{}")

    assert "secret" not in caplog.text


def test_endpoint_that_never_ends_its_headers_is_given_up() -> None:
    server = Trickler()

    with connect("any", seconds=0.3) as client:
        assert client.post(server.url, HEADERS, b"{}") == EndpointAnswer(None)

    assert server.closed.wait(60)


def test_endpoint_that_cannot_be_reached_is_no_answer(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with connect("any") as client:
        assert client.post(f"http://127.0.0.1:{port}/", HEADERS, b"{}") == EndpointAnswer(None)
        assert client.post("http://[::1", HEADERS, b"{}") == EndpointAnswer(None)
        assert client.post(receiver.url, HEADERS, b"{}") == EndpointAnswer(202)


def test_private_address_is_never_called(receiver: Receiver) -> None:
    port = receiver.url.rsplit(":", 1)[1].split("/")[0]

    with connect("public") as client:
        for url in (
            receiver.url,
            f"https://127.0.0.1:{port}/hook",
            "https://localhost/hook",
            "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:127.0.0.1]/hook",
        ):
            assert client.post(url, HEADERS, b"{}") == EndpointAnswer(None)

    assert receiver.got == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/a",
        "https://hooks.example:8443/a",
        "https://user:secret@hooks.example/a",
        "https://10.0.0.1/a",
        "https://[::1]/a",
        "https://127.0.0.1/a",
        "https://2130706433/a",
        "https:///a",
        "https://hooks.example/a\nb",
    ],
)
def test_url_that_is_not_public_is_refused_at_its_registration(url: str) -> None:
    with pytest.raises(Problem) as refused:
        check_url(url, "public")

    (error,) = refused.value.errors
    assert (refused.value.code, error.pointer) == ("validation", "/url")
    assert url not in str(refused.value) + error.detail


def test_url_of_a_machine_of_ones_own_is_allowed_by_a_setting() -> None:
    check_url("https://hooks.example/a?b=c", "public")
    check_url("http://127.0.0.1:8000/a", "any")

    for url in ("http://", "http://[::1"):
        with pytest.raises(Problem):
            check_url(url, "any")
