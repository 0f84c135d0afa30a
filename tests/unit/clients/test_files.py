"""Files by their addresses: fetched and put in pieces, and only where an address leads to a public
host.
"""

import hashlib
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Event, Thread
from typing import Any, ClassVar

import httpx
import pytest
from ssrfguard.httpx import SafeTransport

from gridwix.clients.files import FileClient
from gridwix.clients.guard import POLICY
from gridwix.errors import FileRefused, FileUnreachable, Forbidden, Unavailable
from gridwix.models.deadline import Deadline
from gridwix.models.files import FileFault
from tests.fakes.dripping_server import Drip, dripping_server

CONTENT = b"%PDF-1.7 price list"


class Recorder(BaseHTTPRequestHandler):
    """Answers every GET with the content, and remembers who asked."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_: Any) -> None:
        """Prints nothing."""


@pytest.fixture
def loopback() -> Iterator[int]:
    """A server on the loopback interface that must not be reached; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    Recorder.asked = []
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def answering(*answers: httpx.Response, seen: list[httpx.Request] | None = None) -> FileClient:
    """A client whose exempt host ``files.test`` gives these answers, one after the other."""
    left = iter(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        if seen is not None:
            seen.append(request)
        return next(left)

    return FileClient(exempt={"files.test"}, trusted=httpx.MockTransport(handle))


@contextmanager
def refused(fault: FileFault) -> Iterator[None]:
    with pytest.raises(FileRefused) as error:
        yield
    assert error.value.fault == fault


def test_file_is_written_in_pieces_and_its_facts_are_told() -> None:
    target = io.BytesIO()

    facts = answering(httpx.Response(200, content=iter([CONTENT]))).fetch(
        "https://files.test/a", target, 1000
    )

    assert target.getvalue() == CONTENT
    assert (facts.sha256, facts.size) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    assert "price" not in repr(facts)


def test_bytes_are_put_with_their_length_and_type() -> None:
    seen: list[httpx.Request] = []

    answering(httpx.Response(200, content=iter([b"{}"])), seen=seen).put(
        "https://files.test/u?token=1", iter([CONTENT]), len(CONTENT), "application/pdf"
    )

    (request,) = seen
    assert (request.method, request.content) == ("PUT", CONTENT)
    assert (request.headers["content-length"], request.headers["content-type"]) == (
        str(len(CONTENT)),
        "application/pdf",
    )


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (httpx.Response(200, content=iter([])), FileFault.EMPTY),
        (httpx.Response(200, content=iter([b"x" * 1001])), FileFault.TOO_LARGE),
        (
            httpx.Response(302, headers={"Location": "http://169.254.169.254/latest/meta-data"}),
            FileFault.BLOCKED,
        ),
        (httpx.Response(403), FileFault.GONE),
        (httpx.Response(404), FileFault.GONE),
        (httpx.Response(410), FileFault.GONE),
    ],
)
def test_file_that_cannot_be_had_is_refused_with_the_reason(
    answer: httpx.Response, fault: FileFault
) -> None:
    with refused(fault):
        answering(answer).fetch("https://files.test/a", io.BytesIO(), 1000)


def test_larger_file_is_given_up_at_the_limit_and_not_at_its_end() -> None:
    taken = count()

    def endless() -> Iterator[bytes]:
        while True:
            next(taken)
            yield b"x" * 100

    with refused(FileFault.TOO_LARGE):
        answering(httpx.Response(200, content=endless())).fetch(
            "https://files.test/a", io.BytesIO(), 1_000_000
        )

    assert next(taken) < 20_000


@pytest.mark.parametrize("part", ["head", "body"])
def test_file_that_trickles_is_given_up_at_its_deadline_although_each_byte_is_in_time(
    part: str,
) -> None:
    with dripping_server() as host:
        with pytest.raises(FileUnreachable):
            FileClient(exempt={host}).fetch(
                f"http://{host}/{part}",
                io.BytesIO(),
                10_000,
                Deadline(remaining=lambda: 10.2, reserve=10.0),
            )

        assert Drip.sent > 1
        assert Drip.hung_up.wait(60)


@pytest.mark.threads
def test_name_whose_owner_takes_its_time_to_answer_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, answered = Event(), Event()

    def silent(*_: Any, **__: Any) -> Any:
        asked.set()
        answered.wait(60)
        return [answer_to("93.184.215.14")]

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    monkeypatch.setattr("gridwix.clients.guard.LOOKUP_SECONDS", 0.1)
    try:
        with pytest.raises(FileUnreachable):
            FileClient().fetch("https://files.example/a", io.BytesIO(), 1000)
    finally:
        answered.set()

    assert asked.is_set()


def test_transfer_without_time_left_makes_no_connection(loopback: int) -> None:
    client = FileClient(exempt={f"127.0.0.1:{loopback}"})

    with pytest.raises(FileUnreachable):
        client.fetch(
            f"http://127.0.0.1:{loopback}/a",
            io.BytesIO(),
            1000,
            Deadline(remaining=lambda: 5.0, reserve=10.0),
        )

    assert Recorder.asked == []


@pytest.mark.parametrize("status", [400, 405, 409, 412, 416, 451])
def test_address_that_refuses_the_request_has_no_file(status: int) -> None:
    with refused(FileFault.GONE):
        answering(httpx.Response(status)).fetch("https://files.test/a", io.BytesIO(), 1000)


@pytest.mark.parametrize(
    ("status", "kind"), [(429, FileUnreachable), (500, FileUnreachable), (503, FileUnreachable)]
)
def test_answer_of_a_server_that_fails_is_tried_again(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        answering(httpx.Response(status)).fetch("https://files.test/a", io.BytesIO(), 1000)


def test_address_that_takes_no_bytes_any_more_is_an_error_and_no_refusal_of_the_file() -> None:
    with pytest.raises(Forbidden):
        answering(httpx.Response(403)).put(
            "https://files.test/a", iter([CONTENT]), len(CONTENT), "text/plain"
        )


def failing(error: type[httpx.TransportError]) -> FileClient:
    """A client whose exempt host ``files.test`` takes the request and then fails like this."""

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        raise error("failed", request=request)

    return FileClient(exempt={"files.test"}, trusted=httpx.MockTransport(handle))


@pytest.mark.parametrize(
    ("error", "ambiguous"),
    [
        (httpx.ReadTimeout, True),
        (httpx.WriteTimeout, True),
        (httpx.ReadError, True),
        (httpx.WriteError, True),
        (httpx.RemoteProtocolError, True),
        (httpx.ConnectTimeout, False),
        (httpx.ConnectError, False),
        (httpx.PoolTimeout, False),
    ],
)
def test_put_without_an_answer_is_ambiguous_unless_nothing_was_sent(
    error: type[httpx.TransportError], ambiguous: bool
) -> None:
    with pytest.raises(Unavailable) as raised:
        failing(error).put("https://files.test/a", iter([CONTENT]), len(CONTENT), "text/plain")

    assert raised.value.ambiguous is ambiguous


def test_put_whose_answer_breaks_off_is_ambiguous() -> None:
    def break_off() -> Iterator[bytes]:
        yield b"{"
        raise httpx.ReadError("broken")

    with pytest.raises(Unavailable) as raised:
        answering(httpx.Response(200, content=break_off())).put(
            "https://files.test/a", iter([CONTENT]), len(CONTENT), "text/plain"
        )

    assert raised.value.ambiguous


def test_fetch_without_an_answer_is_not_ambiguous() -> None:
    with pytest.raises(Unavailable) as raised:
        failing(httpx.ReadTimeout).fetch("https://files.test/a", io.BytesIO(), 1000)

    assert not raised.value.ambiguous


def test_error_tells_nothing_of_an_address() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    client = FileClient(exempt={"files.test"}, trusted=httpx.MockTransport(handle))
    with pytest.raises(Unavailable) as error:
        client.fetch("https://files.test/a?token=secret", io.BytesIO(), 1000)

    assert "secret" not in repr(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/a",
        "https://localhost/a",
        "https://2130706433/a",
        "https://0x7f.1/a",
        "https://[::1]/a",
        "https://[::ffff:127.0.0.1]/a",
        "https://10.1.2.3/a",
        "https://172.16.0.9/a",
        "https://192.168.1.1/a",
        "https://100.64.0.1/a",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/latest/meta-data/",
        "https://[fe80::1]/a",
        "https://0.0.0.0/a",
        "https://224.0.0.1/a",
        "https://[64:ff9b::7f00:1]/a",
        "http://files.example/a",
        "https://files.example:8443/a",
        "https://user:secret@files.example/a",
        "file:///etc/passwd",
        "ftp://files.example/a",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "//files.example/a",
        "wix:document://v1/abc/a.pdf",
        "https://",
        "https://[::1/a",
        "",
        "not an address",
    ],
)
def test_address_that_is_not_public_is_refused_both_ways(address: str) -> None:
    client = FileClient()

    with refused(FileFault.BLOCKED):
        client.fetch(address, io.BytesIO(), 1000)
    with refused(FileFault.BLOCKED):
        client.put(address, iter([CONTENT]), len(CONTENT), "text/plain")


@pytest.mark.parametrize("leads_to", ["127.0.0.1", "10.0.0.7", "169.254.169.254"])
def test_public_name_that_leads_to_a_private_address_is_refused(leads_to: str) -> None:
    client = FileClient(
        guarded=SafeTransport(policy=POLICY, resolver=lambda *_, **__: [answer_to(leads_to)])
    )

    with refused(FileFault.BLOCKED):
        client.fetch("https://files.example/a", io.BytesIO(), 1000)


def test_name_that_changes_its_mind_after_the_check_is_asked_once_and_never_reaches_the_loopback(
    loopback: int,
) -> None:
    """DNS rebinding: the first answer is public, every later one is the loopback interface."""
    answers = iter(["93.184.215.14", *["127.0.0.1"] * 10])
    asked: list[str] = []

    def resolver(host: str, *_: Any, **__: Any) -> list[tuple[int, int, int, str, tuple[Any, ...]]]:
        asked.append(host)
        return [answer_to(next(answers), loopback)]

    client = FileClient(guarded=SafeTransport(policy=POLICY, resolver=resolver))
    with pytest.raises((FileRefused, Unavailable)):
        client.fetch("https://files.example/a", io.BytesIO(), 1000)

    assert len(asked) == 1
    assert Recorder.asked == []


def test_exempt_host_is_reached_with_its_port_alone(loopback: int) -> None:
    target = io.BytesIO()

    FileClient(exempt={f"127.0.0.1:{loopback}"}).fetch(
        f"http://127.0.0.1:{loopback}/a", target, 1000
    )

    assert target.getvalue() == CONTENT
    with refused(FileFault.BLOCKED):
        FileClient(exempt={"127.0.0.1:1"}).fetch(
            f"http://127.0.0.1:{loopback}/a", io.BytesIO(), 1000
        )


def answer_to(address: str, port: int = 443) -> tuple[int, int, int, str, tuple[Any, ...]]:
    """One address of a name, as ``socket.getaddrinfo`` returns it."""
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
