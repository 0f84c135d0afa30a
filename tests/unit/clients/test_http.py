"""One request: how often it is sent, what its failure is called, and what of it is not told."""

import gc
import logging
import re
import tomllib
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.clients import http
from gridwix.clients.http import Sender
from gridwix.clients.http_messages import Call, HttpResponse, path_segment, retry_after_seconds
from gridwix.clients.json_values import parse_json
from gridwix.errors import BudgetExhausted, Unavailable
from tests.fakes.wire import SECRET, ManualClock, Sleeper, Wire, chain, open_auth, shown

URL = f"https://vendor.example/things?token={SECRET}"
READ = Call(
    "read of things",
    "GET",
    URL,
    headers={"X-Request-ID": "r-1", "Authorization": SECRET},
    safe=True,
)
WRITE = Call(
    "write of things",
    "POST",
    URL,
    headers={"X-Request-ID": "r-1", "Authorization": SECRET},
    content=SECRET.encode(),
)

NEVER_SENT = [
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
]
PERHAPS_SENT = [
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.CloseError,
    httpx.RemoteProtocolError,
    httpx.LocalProtocolError,
    httpx.DecodingError,
]


def sender(
    wire: Wire,
    clock: ManualClock | None = None,
    sleeper: Sleeper | None = None,
    *,
    max_response_bytes: int = http.MAX_RESPONSE_BYTES,
    response_seconds: float = http.RESPONSE_SECONDS,
) -> Sender:
    clock = clock or ManualClock()
    return Sender(
        wire.client(),
        open_auth(),
        system="vendor",
        clock=clock,
        sleep=sleeper or Sleeper(clock),
        max_response_bytes=max_response_bytes,
        response_seconds=response_seconds,
    )


@pytest.mark.parametrize("kind", NEVER_SENT)
def test_write_when_no_connection_comes_about_then_it_is_not_ambiguous(
    kind: type[httpx.RequestError],
) -> None:
    wire = Wire(answers=[kind(SECRET)] * 9)

    with pytest.raises(Unavailable) as caught:
        sender(wire).send(WRITE)

    assert not caught.value.ambiguous
    assert caught.value.status == 0


@pytest.mark.parametrize("kind", PERHAPS_SENT)
def test_write_when_it_may_have_arrived_then_it_is_ambiguous_and_sent_once(
    kind: type[httpx.RequestError],
) -> None:
    wire = Wire(answers=[kind(SECRET)])

    with pytest.raises(Unavailable) as caught:
        sender(wire).send(WRITE)

    assert caught.value.ambiguous
    assert len(wire.requests) == 1


@pytest.mark.parametrize("kind", [*NEVER_SENT, *PERHAPS_SENT])
def test_failure_when_it_is_shown_then_neither_it_nor_its_causes_tell_anything(
    kind: type[httpx.RequestError],
) -> None:
    wire = Wire(answers=[kind(f"illegal header {SECRET}")] * 9)

    with pytest.raises(Unavailable) as caught:
        sender(wire).send(WRITE)

    assert SECRET not in shown(caught.value)
    assert not any(isinstance(link, httpx.HTTPError) for link in chain(caught.value))
    assert str(caught.value) == f"write of things: {kind.__name__}"
    assert caught.value.request_id == "r-1"


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError(""), httpx.ReadError(""), httpx.RemoteProtocolError("")]
)
def test_read_when_the_connection_breaks_once_then_it_is_repeated(
    failure: httpx.RequestError,
) -> None:
    wire = Wire(answers=[failure, httpx.Response(200, content=b"hello")])

    answer = sender(wire).send(READ)

    assert answer.body == b"hello"
    assert len(wire.requests) == 2


@pytest.mark.parametrize("status", [502, 503, 504])
def test_read_when_overloaded_then_it_is_repeated_twice_and_the_answer_handed_on(
    status: int,
) -> None:
    wire = Wire(handler=lambda _: httpx.Response(status))

    answer = sender(wire).send(READ)

    assert answer.status == status
    assert len(wire.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 408, 409, 429, 500, 501])
def test_read_when_the_answer_is_final_then_it_is_sent_once(status: int) -> None:
    wire = Wire(handler=lambda _: httpx.Response(status))

    answer = sender(wire).send(READ)

    assert answer.status == status
    assert len(wire.requests) == 1


def test_read_when_it_is_told_when_to_come_back_then_it_is_sent_once() -> None:
    wire = Wire(handler=lambda _: httpx.Response(503, headers={"Retry-After": "20"}))

    sender(wire).send(READ)

    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_write_when_overloaded_then_it_is_sent_once(status: int) -> None:
    wire = Wire(handler=lambda _: httpx.Response(status))

    sender(wire).send(WRITE)

    assert len(wire.requests) == 1


def test_write_when_no_connection_comes_about_once_then_it_is_repeated() -> None:
    wire = Wire(answers=[httpx.ConnectError("")])

    answer = sender(wire).send(WRITE)

    assert answer.status == 200
    assert [request.content for request in wire.requests] == [SECRET.encode()] * 2


@pytest.mark.parametrize("call", [READ, WRITE])
def test_call_when_it_fails_all_the_time_then_less_than_a_second_is_slept(call: Call) -> None:
    slept = []
    for _ in range(50):
        clock = ManualClock()
        sleeper = Sleeper(clock)
        wire = Wire(answers=[httpx.ConnectError("")] * 9)
        with pytest.raises(Unavailable):
            sender(wire, clock, sleeper).send(call)
        assert len(wire.requests) == 3
        slept.append(sum(sleeper.slept))

    assert max(slept) < 1.0
    assert len(set(slept)) > 1, "full jitter spreads the repeats"


def test_read_when_the_first_failure_took_long_then_it_is_not_repeated() -> None:
    clock = ManualClock()

    def slow(request: httpx.Request) -> httpx.Response:
        clock.now += 6
        return httpx.Response(503)

    wire = Wire(handler=slow)

    sender(wire, clock).send(READ)

    assert len(wire.requests) == 1


def test_call_when_it_is_not_admitted_then_nothing_is_sent() -> None:
    wire = Wire()

    def refuse() -> None:
        raise BudgetExhausted(wait=3.0)

    with pytest.raises(BudgetExhausted):
        sender(wire).send(READ, refuse)
    assert wire.requests == []


def test_call_when_it_is_repeated_then_each_attempt_is_admitted() -> None:
    admitted = []
    wire = Wire(answers=[httpx.Response(503), httpx.Response(503)])

    sender(wire).send(READ, lambda: admitted.append(1))

    assert len(admitted) == 3


def test_answer_when_it_is_too_large_then_it_is_unavailable_and_not_read_to_its_end() -> None:
    produced = []

    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            produced.append(1)
            yield b"x" * 1000

    wire = Wire(handler=lambda _: httpx.Response(200, content=endless()))

    with pytest.raises(Unavailable, match="exceeds 5000 bytes") as caught:
        sender(wire, max_response_bytes=5000).send(WRITE)

    assert caught.value.ambiguous
    assert len(produced) < 10


def test_answer_when_it_trickles_then_it_is_given_up() -> None:
    clock = ManualClock()

    def trickle() -> Iterator[bytes]:
        while True:
            clock.now += 1
            yield b"x"

    wire = Wire(handler=lambda _: httpx.Response(200, content=trickle()))

    with pytest.raises(Unavailable, match="takes too long"):
        sender(wire, clock, response_seconds=10).send(READ)


def test_client_when_it_is_made_then_its_time_is_bounded_and_it_follows_no_redirect() -> None:
    wire = Wire(
        handler=lambda _: httpx.Response(302, headers={"Location": "https://elsewhere.example/"})
    )

    answer = sender(wire).send(READ)

    assert answer.status == 302
    assert len(wire.requests) == 1
    assert wire.last.extensions["timeout"] == {
        "connect": 3.0,
        "read": 15.0,
        "write": 15.0,
        "pool": 3.0,
    }
    assert re.fullmatch(r"gridwix/\d+\.\d+\.\d+", wire.last.headers["User-Agent"])


def test_call_when_it_has_a_cause_then_it_names_it_unless_it_has_an_id_of_its_own() -> None:
    wire = Wire()
    client = http.new_client(
        transport=httpx.MockTransport(wire),
        correlation=lambda: {"X-Request-ID": "cause", "traceparent": "00-a-b-01"},
    )

    client.get("https://vendor.example/")
    client.get("https://vendor.example/", headers={"X-Request-ID": "r-1"})

    assert [(one.headers["X-Request-ID"], one.headers["traceparent"]) for one in wire.requests] == [
        ("cause", "00-a-b-01"),
        ("r-1", "00-a-b-01"),
    ]


def test_version_when_it_is_sent_then_it_is_the_packages() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]

    assert project["version"] == http.VERSION


def test_logs_when_everything_is_logged_at_info_then_no_url_is_in_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    sender(Wire()).send(READ)

    assert SECRET not in caplog.text


def test_answer_when_it_is_shown_then_its_body_is_not() -> None:
    assert SECRET not in repr(HttpResponse(200, httpx.Headers(), SECRET.encode()))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 5 ", 5.0),
        ("9" * 400, 3600.0),
        ("Thu, 12 Mar 2026 14:05:51 GMT", 20.0),
        ("Thu, 12 Mar 2026 14:05:01 GMT", 0.0),
        ("Thu, 12 Mar 2026 14:05:51 -0000", 20.0),
        ("Fri, 12 Mar 2027 14:05:51 GMT", 3600.0),
        ("-3", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_when_it_is_a_number_or_a_date_then_it_is_seconds(
    value: str | None, seconds: float | None
) -> None:
    assert retry_after_seconds(value, 1_773_324_331.0) == seconds


@given(st.text(max_size=40))
def test_retry_after_when_it_is_anything_then_it_is_bounded(value: str) -> None:
    seconds = retry_after_seconds(value, 1_773_324_331.0)

    assert seconds is None or 0.0 <= seconds <= 3600.0


@pytest.mark.parametrize(
    ("text", "segment"),
    [("a/b", "a%2Fb"), ("a b?c#d", "a%20b%3Fc%23d"), ("..%2f", "..%252f"), ("Ünal", "%C3%9Cnal")],
)
def test_path_segment_when_it_holds_other_characters_then_they_cannot_leave_the_segment(
    text: str, segment: str
) -> None:
    assert path_segment(text) == segment


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_path_segment_when_it_would_name_another_path_then_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an id in a path"):
        path_segment(text)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff\xfe", b"[" * 200_000, b"NaN", b"[-Infinity]"]
)
@pytest.mark.parametrize("object_hook", [None, dict])
def test_parse_json_when_it_is_none_then_none_comes_back(
    body: bytes, object_hook: Callable[[dict[str, Any]], Any] | None
) -> None:
    assert parse_json(body, object_hook) is None


def test_parse_json_keeps_keys_for_later_responses_and_no_values() -> None:
    [first], [second] = (parse_json(b'[{"itemId": "row0000001"}]') for _ in range(2))

    assert first["itemId"] is not second["itemId"]
    assert next(iter(first)) is next(iter(second))


@pytest.mark.parametrize(
    "odd",
    ['"\\ud800"', "9" * 5000, "[" * 1000 + "]" * 1000],
    ids=["half a character", "a number of 5,000 digits", "a thousand lists"],
)
@pytest.mark.parametrize("object_hook", [None, dict])
def test_parse_json_when_one_member_is_odd_then_its_neighbours_are_read(
    odd: str, object_hook: Callable[[dict[str, Any]], Any] | None
) -> None:
    found = parse_json(f'{{"items": [{{"id": "a"}}, {odd}, {{"id": "b"}}]}}'.encode(), object_hook)

    assert [found["items"][0], found["items"][2]] == [{"id": "a"}, {"id": "b"}]


def test_response_and_its_request_are_freed_without_the_garbage_collector() -> None:
    requests: list[weakref.ref[httpx.Request]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(weakref.ref(request))
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    sending = Sender(
        httpx.Client(transport=httpx.MockTransport(answer)), httpx.Auth(), system="vendor"
    )
    gc.disable()
    try:
        sending.send(WRITE)
        assert [request() for request in requests] == [None]
    finally:
        gc.enable()


class _Body(httpx.SyncByteStream):
    """A body that breaks off."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"{"
        raise httpx.ReadError("the connection broke")


def _unreadable_answers(status: int) -> list[httpx.Response]:
    return [
        httpx.Response(status, stream=_Body()),
        httpx.Response(status, headers={"Content-Encoding": "gzip"}, content=iter([b"no gzip"])),
        httpx.Response(status, headers={"Content-Encoding": "gzip"}, content=iter([b"\x1f\x8b"])),
        httpx.Response(status, headers={"Content-Encoding": "br"}, content=iter([b"x"])),
    ]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("status", [200, 201, 302, 400, 401, 403, 404, 409, 412, 429, 500, 503])
def test_answer_of_any_status_whose_body_cannot_be_read_is_an_error_that_tells_nothing(
    status: int, number: int
) -> None:
    wire = Wire(handler=lambda _: _unreadable_answers(status)[number])

    with pytest.raises(Unavailable) as caught:
        sender(wire).send(WRITE)

    assert caught.value.ambiguous
    assert len(wire.requests) == 1
    assert all(SECRET not in shown(error) for error in chain(caught.value))


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("status", [200, 302, 401, 404, 429, 500])
def test_stream_of_any_status_whose_body_cannot_be_read_is_an_error_that_tells_nothing(
    status: int, number: int
) -> None:
    wire = Wire(handler=lambda _: _unreadable_answers(status)[number])

    with pytest.raises(Unavailable) as caught, sender(wire).stream(READ) as answer:
        list(answer if not isinstance(answer, HttpResponse) else [])

    assert all(SECRET not in shown(error) for error in chain(caught.value))
