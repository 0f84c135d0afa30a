"""Content of documents: streamed from the gateway, or from where it says."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gridwix.clients.files import FileClient
from gridwix.clients.http_auth import StaticBearer
from gridwix.clients.http_messages import MAX_REDIRECTS
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.errors import FileRefused, Refused, Unavailable
from gridwix.models.files import FileFault
from tests.fakes.wire import SECRET, ManualClock, Sleeper, Wire, chain

BASE = "https://gateway.example/community/v1"
ELSEWHERE = f"https://files.test/content/1?signature={SECRET}"
MOVED = httpx.codes.TEMPORARY_REDIRECT


def moved_to(url: str = ELSEWHERE, status: int = MOVED) -> httpx.Response:
    return httpx.Response(status, headers={"Location": url})


def read(wire: Wire, files: FileClient | None) -> bytes:
    clock = ManualClock()
    client = CommunityClient(
        wire.client(),
        StaticBearer("token"),
        base_url=BASE,
        clock=clock,
        sleep=Sleeper(clock),
        moved_content=None if files is None else files.stream,
    )
    with client.content("doc_1", 2) as pieces:
        return b"".join(pieces)


def file_client(*answers: httpx.Response, seen: list[httpx.Request], **more: Any) -> FileClient:
    left = iter(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return next(left)

    transport = httpx.MockTransport(handle)
    return FileClient(exempt={"files.test"}, trusted=transport, **more)


def test_content_of_the_gateway_is_streamed_without_a_detour() -> None:
    seen: list[httpx.Request] = []
    wire = Wire(answers=[httpx.Response(200, content=b"bytes")])

    assert read(wire, file_client(seen=seen)) == b"bytes"
    assert seen == []


def test_redirect_is_followed_once_and_without_the_token() -> None:
    seen: list[httpx.Request] = []
    wire = Wire(answers=[moved_to()])

    content = read(
        wire, file_client(httpx.Response(200, stream=httpx.ByteStream(b"bytes")), seen=seen)
    )

    assert content == b"bytes"
    assert "authorization" in wire.last.headers
    (request,) = seen
    assert str(request.url) == ELSEWHERE
    assert "authorization" not in request.headers
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [MOVED, httpx.codes.PERMANENT_REDIRECT])
def test_redirect_within_the_gateway_is_followed_with_the_token(status: int) -> None:
    seen: list[httpx.Request] = []
    wire = Wire(answers=[moved_to("/content/1", status), httpx.Response(200, content=b"bytes")])

    assert read(wire, file_client(seen=seen)) == b"bytes"
    assert str(wire.last.url) == "https://gateway.example/content/1"
    assert "authorization" in wire.last.headers
    assert seen == []


def test_redirect_within_the_gateway_and_then_elsewhere_leaves_the_token_behind() -> None:
    seen: list[httpx.Request] = []
    wire = Wire(answers=[moved_to("/content/1"), moved_to()])
    elsewhere = httpx.Response(200, stream=httpx.ByteStream(b"bytes"))

    assert read(wire, file_client(elsewhere, seen=seen)) == b"bytes"
    assert "authorization" not in seen[0].headers


def test_redirects_within_the_gateway_that_do_not_end_are_refused() -> None:
    wire = Wire(handler=lambda _: moved_to("/content/1"))

    with pytest.raises(Refused, match="in circles"):
        read(wire, file_client(seen=[]))
    assert len(wire.requests) == MAX_REDIRECTS + 1


def test_second_redirect_is_refused() -> None:
    files = file_client(moved_to("https://files.test/content/2"), seen=[])

    with pytest.raises(FileRefused) as refused:
        read(Wire(answers=[moved_to()]), files)

    assert refused.value.fault is FileFault.BLOCKED


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "https://127.0.0.1/1", "//127.0.0.1/1", "file:///etc"]
)
def test_redirect_to_an_address_that_is_not_allowed_is_refused(url: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(Wire(answers=[moved_to(url)]), FileClient())

    assert refused.value.fault is FileFault.BLOCKED


@pytest.mark.parametrize(
    "answer",
    [
        moved_to(status=httpx.codes.FOUND),
        httpx.Response(MOVED),
    ],
)
def test_any_other_redirect_is_an_error(answer: httpx.Response) -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(Refused):
        read(Wire(answers=[answer]), file_client(seen=seen))

    assert seen == []


def test_redirect_is_an_error_where_nothing_can_follow_it() -> None:
    with pytest.raises(Refused):
        read(Wire(answers=[moved_to()]), None)


@pytest.mark.parametrize("status", [403, 404])
def test_content_that_is_not_where_the_gateway_says_is_asked_for_again(status: int) -> None:
    files = file_client(httpx.Response(status), seen=[])

    with pytest.raises(Unavailable) as unavailable:
        read(Wire(answers=[moved_to()]), files)

    assert unavailable.value.retryable
    assert not [error for error in chain(unavailable.value) if SECRET in str(error)]


def test_content_that_breaks_off_elsewhere_is_unavailable_and_hides_its_address() -> None:
    def break_off() -> Iterator[bytes]:
        yield b"by"
        raise httpx.ReadError(ELSEWHERE)

    files = file_client(httpx.Response(200, content=break_off()), seen=[])

    with pytest.raises(Unavailable) as unavailable:
        read(Wire(answers=[moved_to()]), files)

    assert not [error for error in chain(unavailable.value) if SECRET in str(error)]


def test_content_that_trickles_from_elsewhere_is_given_up() -> None:
    clock = ManualClock()

    def trickle() -> Iterator[bytes]:
        for _ in range(10):
            clock.now += 1
            yield b"."

    files = file_client(httpx.Response(200, content=trickle()), seen=[], clock=clock, seconds=5.0)

    with pytest.raises(Unavailable, match="too long"):
        read(Wire(answers=[moved_to()]), files)
