"""APIs that misbehave: a clear fault, bounded time and memory, and the cursor stays."""

import gzip
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from gridwix_gateway.sources.credentials import FixedHeaders
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import ATTEMPTS, JsonReader, Timing
from gridwix_gateway.targets.rest.bounded_http import new_http_client
from tests.fakes.gateway.hostile_server import Answer, Peer, serve_answers
from tests.fakes.gateway.source_runs import World, simple_source

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
UPDATED = "2026-03-12T07:00:00Z"
SECRET = {"Authorization": "Bearer t0ken"}

type Handler = Callable[[httpx.Request], httpx.Response]


def read_answer(answer: Answer, *, allowed: float = 30.0, max_bytes: int = 1_000_000) -> Any:
    """Read a document of a server, or return the code of the fault.

    ``allowed`` is the time of the run under test, in seconds.
    """
    begun = time.monotonic()
    with (
        serve_answers(answer) as server,
        JsonReader(
            httpx.URL(server.url),
            FixedHeaders(SECRET),
            headers={},
            max_bytes=max_bytes,
            deadline=begun + allowed,
            timing=Timing(sleep=lambda _: None),
        ) as reader,
    ):
        try:
            return reader.read_document(httpx.URL(server.url + "/list")).document, server
        except SourceFault as fault:
            return fault.code, server


def answer_body(body: bytes, headers: bytes = b"") -> Answer:
    length = f"Content-Length: {len(body)}\r\n".encode()
    return lambda peer: peer.send(HEAD + headers + length + b"Connection: close\r\n\r\n" + body)


def test_answer_when_it_is_json_then_it_is_read() -> None:
    assert read_answer(answer_body(b'\xef\xbb\xbf{"a": 1}'))[0] == {"a": 1}


def test_answer_when_compressed_then_it_is_read() -> None:
    assert read_answer(answer_body(gzip.compress(b"[1]"), b"Content-Encoding: gzip\r\n"))[0] == [1]


def test_answer_when_it_is_endless_then_reading_ends_at_the_limit() -> None:
    def flood(peer: Peer) -> None:
        peer.send(HEAD + b'Content-Length: 1000000000\r\n\r\n{"rows": "')
        peer.send_forever(b"a" * 65_536)

    code, server = read_answer(flood, max_bytes=1_000_000)

    assert code == "too-large"
    # The client has read 1 MB; the rest is what the buffers of two sockets hold.
    assert sum(server.sent) < 50_000_000


def test_answer_when_a_small_one_decompresses_to_a_large_one_then_it_is_refused() -> None:
    bomb = gzip.compress(b"0" * 100_000_000)
    assert len(bomb) < 200_000

    assert read_answer(answer_body(bomb, b"Content-Encoding: gzip\r\n"))[0] == "too-large"


@pytest.mark.parametrize(
    ("prefix", "drip"),
    [
        (HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
        (HEAD, b"X-Filler: a\r\n"),
        (b"", b"H"),
    ],
    ids=["body", "headers", "status-line"],
)
def test_answer_when_it_trickles_then_reading_ends_in_time(prefix: bytes, drip: bytes) -> None:
    def trickle(peer: Peer) -> None:
        peer.send(prefix)
        peer.send_forever(drip, pause=0.02)

    assert read_answer(trickle, allowed=0.4)[0] == "too-slow"


def test_answer_when_nothing_comes_then_reading_ends_in_time() -> None:
    def hold(peer: Peer) -> None:
        peer.stopping.wait()

    assert read_answer(hold, allowed=0.3)[0] == "too-slow"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (answer_body(b"<html>Log in</html>", b"Content-Type: text/html\r\n"), "content-type"),
        (answer_body(b'{"a": '), "not-json"),
        (answer_body(b'{"a": NaN}'), "not-json"),
        (answer_body(b"[" * 200_000), "not-json"),
        (answer_body(b"1" * 10_000), "not-json"),
        (answer_body(b'{"a": "\xff"}'), "not-json"),
        (answer_body(b"{}", b"Content-Encoding: br\r\n"), "content-type"),
        (answer_body(gzip.compress(b"[1]")[:-6], b"Content-Encoding: gzip\r\n"), "unreachable"),
        (answer_body(b"not gzip", b"Content-Encoding: gzip\r\n"), "unreachable"),
        (lambda peer: peer.send(b"\x00\x01\x02\r\n\r\n"), "unreachable"),
        (lambda peer: None, "unreachable"),
        (lambda peer: peer.send(HEAD + b"Content-Length: 9\r\n\r\n{}"), "unreachable"),
    ],
)
def test_answer_when_it_is_no_json_then_the_fault_names_why(answer: Answer, code: str) -> None:
    assert read_answer(answer)[0] == code


def redirect_to(location: str) -> Answer:
    return lambda peer: peer.send(
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n"
        + f"Location: {location}\r\n\r\n".encode()
    )


def test_redirect_when_it_leads_to_itself_then_it_ends() -> None:
    code, server = read_answer(redirect_to("/list"))

    assert code == "redirect"
    assert len(server.requests) == 4


def test_redirect_when_it_leads_elsewhere_then_no_credentials_go_there() -> None:
    with serve_answers(answer_body(b"[1]")) as other:
        code, _ = read_answer(redirect_to(other.url + "/list"))

        assert code == "redirect"
        assert other.requests == []


def rows(*numbers: int, updated: str = UPDATED) -> list[dict[str, Any]]:
    return [{"id": str(one), "updated": updated, "subject": f"case {one}"} for one in numbers]


def answer_rows(*listed: Mapping[str, Any]) -> Handler:
    """Answer a list by offsets, in pages of three."""

    def handle(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params.get("offset", "0"))
        return httpx.Response(200, json={"rows": listed[offset : offset + 3]})

    return handle


def link_to(url: str) -> Handler:
    return lambda _: httpx.Response(200, json={"rows": rows(1, 2, 3), "next": url})


NEXT = {"type": "next", "next": "next"}


@pytest.mark.parametrize(
    ("paging", "handler", "code"),
    [
        (None, lambda _: httpx.Response(200, json={"rows": rows(1, 2, 3)}), "repeated-page"),
        (None, lambda _: httpx.Response(200, json={"result": []}), "no-rows"),
        (None, lambda _: httpx.Response(200, json={"rows": {"id": "1"}}), "no-rows"),
        (None, lambda _: httpx.Response(200, json=[]), "no-rows"),
        (None, lambda _: httpx.Response(200, json={"rows": [1] * 10_001}), "too-many-rows"),
        (None, lambda _: httpx.Response(403, json={}), "unauthenticated"),
        (None, lambda _: httpx.Response(401, json={}), "unauthenticated"),
        (None, lambda _: httpx.Response(400, json={}), "refused"),
        (None, lambda _: httpx.Response(204), "refused"),
        (NEXT, link_to("https://evil.example/cases"), "foreign-link"),
        (NEXT, link_to("http://api.example/cases"), "foreign-link"),
        (NEXT, link_to("https://user:password@api.example/cases"), "foreign-link"),
        (NEXT, link_to("https://api.example:8443/cases"), "foreign-link"),
        (NEXT, link_to("https://api.example/" + "a" * 9_000), "foreign-link"),
        (NEXT, link_to("\x00"), "foreign-link"),
        (NEXT, link_to("/cases"), "repeated-page"),
    ],
)
def test_run_when_the_api_misbehaves_then_the_fault_is_named_and_requests_are_few(
    paging: Any, handler: Handler, code: str
) -> None:
    requests: list[httpx.Request] = []

    def count(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return handler(request)

    world = World(count)
    source = simple_source(since=..., **({} if paging is None else {"paging": paging}))

    report = world.run_source(source)

    assert (report.outcome, report.fault) == ("failed", code)
    assert len(requests) < 5
    assert {request.url.host for request in requests} == {"api.example"}


def test_run_when_a_fault_stops_it_then_its_cursor_stays_and_the_next_run_goes_on() -> None:
    listed = answer_rows(*rows(1, 2), *rows(3, updated="2026-03-12T07:30:00Z"))
    world = World(listed)
    source = simple_source()
    world.run_source(source)
    cursor = world.source_state(source).cursor
    world.replace_api(lambda _: httpx.Response(200, text="<html>"))

    report = world.run_source(source)

    assert report.fault == "content-type"
    assert world.source_state(source).cursor == cursor == "2026-03-12T07:30:00.000Z"
    world.replace_api(answer_rows(*rows(3, 4, updated="2026-03-12T07:30:00Z")))
    assert world.run_source(source).counts.changed == 1
    assert world.source_state(source).faults == 0


def test_pages_when_they_never_end_then_the_run_ends_and_says_so() -> None:
    number = 0

    def answer_anew(_: httpx.Request) -> httpx.Response:
        nonlocal number
        number += 1
        return httpx.Response(200, json={"rows": rows(number)})

    world = World(answer_anew)
    source = simple_source(since=..., limits={"pages": 40, "same_time_pages": 100})

    reports = [world.run_source(source) for _ in range(3)]

    assert [report.outcome for report in reports] == ["partial", "partial", "failed"]
    assert reports[-1].fault == "endless"
    assert number == 100


@pytest.mark.parametrize("total", [0, 2, 1_000_000, "x"])
def test_total_when_it_is_wrong_then_all_rows_are_read_all_the_same(total: Any) -> None:
    pages = answer_rows(*rows(1, 2, 3, 4, 5, 6, 7))

    def add_total(request: httpx.Request) -> httpx.Response:
        document = json.loads(pages(request).content) | {"total": total}
        return httpx.Response(200, json=document, headers={"X-Total-Count": str(total)})

    world = World(add_total)

    report = world.run_source(simple_source(since=...))

    assert (report.outcome, report.counts.changed) == ("complete", 7)


def test_throttling_when_it_names_a_short_wait_then_the_run_waits_and_goes_on() -> None:
    answers = iter([httpx.Response(429, headers={"Retry-After": "7"})])
    listed = answer_rows(*rows(1))
    world = World(lambda request: next(answers, None) or listed(request))

    report = world.run_source(simple_source())

    assert report.outcome == "complete"
    assert world.clock.waits == [7.0]


@pytest.mark.parametrize("status", [429, 503, 500])
def test_throttling_when_it_names_no_wait_then_attempts_are_bounded(status: int) -> None:
    requests: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(status)

    world = World(refuse)

    report = world.run_source(simple_source())

    assert report.fault == ("throttled" if status == 429 else "server-error")
    assert len(requests) == ATTEMPTS
    assert world.clock.waits == [2.0, 4.0, 8.0]


@pytest.mark.parametrize("asked", ["1800", "Thu, 12 Mar 2026 08:30:00 GMT"])
def test_throttling_when_it_names_a_long_wait_then_no_run_begins_before(asked: str) -> None:
    world = World(lambda _: httpx.Response(429, headers={"Retry-After": asked}))
    source = simple_source()

    report = world.run_source(source)

    assert report.fault == "throttled"
    assert world.clock.waits == []
    world.clock.advance(minutes=29)
    assert world.begin_run(source, forced=False) is None
    world.clock.advance(minutes=2)
    assert world.begin_run(source, forced=False) is not None


def test_throttling_when_it_asks_for_a_minute_then_the_run_ends_instead_of_waiting() -> None:
    world = World(lambda _: httpx.Response(429, headers={"Retry-After": "60"}))
    source = simple_source()

    assert world.run_source(source).fault == "throttled"
    assert world.clock.waits == []
    assert world.source_state(source).not_before == "2026-03-12T08:01:00.000Z"


def test_retry_after_when_absurd_then_the_pause_is_bounded() -> None:
    world = World(lambda _: httpx.Response(503, headers={"Retry-After": "99999999"}))
    source = simple_source()
    world.run_source(source)
    world.clock.advance(hours=6, seconds=1)

    assert world.begin_run(source, forced=False) is not None


def test_query_when_it_is_sent_then_no_log_holds_it(caplog: pytest.LogCaptureFixture) -> None:
    httpx_log = logging.getLogger("httpx")
    httpx_log.setLevel(logging.NOTSET)
    caplog.set_level(logging.INFO)
    world = World(answer_rows(*rows(1)))

    world.run_source(simple_source(query={"q": "secret-words"}))
    with new_http_client(httpx.MockTransport(answer_rows())) as client:
        client.get("https://target.example/find", params={"q": "secret-words"})

    assert "secret-words" not in caplog.text


def test_dates_when_they_are_no_dates_then_they_are_left_out() -> None:
    absurd = "Thu, 12 Mar 2026 08:30:00 +99999999999999"
    answers = iter([httpx.Response(429, headers={"Retry-After": absurd})])
    listed = answer_rows(*rows(1))

    def answer(request: httpx.Request) -> httpx.Response:
        found = next(answers, None) or listed(request)
        found.headers["Date"] = absurd
        return found

    world = World(answer)

    report = world.run_source(simple_source())

    assert (report.fault, report.outcome) == ("", "complete")
    assert world.clock.waits == [2.0]


def test_member_when_it_is_gone_from_all_rows_then_the_run_stops_and_nothing_changes() -> None:
    old = answer_rows(*rows(1, 2, 3, 4, 5, 6, 7, 8))
    world = World(old)
    source = simple_source(since=..., guard={"refused_rows": 2})
    world.run_source(source)
    records = world.records()
    renamed = [{"id": one["id"], "updated": UPDATED, "title": "x"} for one in rows(1, 2, 3)]
    world.replace_api(answer_rows(*renamed))

    report = world.run_source(source)

    assert report.fault == "too-many-refused"
    assert "absent in column subject" in report.detail
    assert world.records() == records


def test_member_when_it_is_absent_from_one_row_then_only_that_row_is_refused() -> None:
    page = [*rows(1, 2), {"id": "3", "updated": UPDATED}]
    world = World(answer_rows(*page))
    source = simple_source()

    report = world.run_source(source)

    assert (report.outcome, report.counts.changed, report.counts.refused) == ("complete", 2, 1)
    assert report.codes == {"absent": 1}
    assert world.refused_codes(source) == {"3": ["absent"]}


def test_clock_when_the_api_is_ahead_then_the_cursor_does_not_run_ahead() -> None:
    future = rows(1, updated="2027-01-01T00:00:00Z")
    world = World(answer_rows(*future))
    source = simple_source()

    world.run_source(source)

    assert world.source_state(source).cursor == "2026-03-12T08:00:00.000Z"
    world.replace_api(answer_rows(*rows(2, updated="2026-03-12T08:00:30Z"), *future))
    world.clock.advance(minutes=1)
    assert world.run_source(source).counts.changed == 1


def test_row_when_its_time_is_older_than_the_order_says_then_the_run_stops() -> None:
    page = [*rows(1, updated="2026-03-12T07:00:00Z"), *rows(2, updated="2026-03-12T06:00:00Z")]
    world = World(answer_rows(*page))

    assert world.run_source(simple_source()).fault == "order"


def test_cell_when_it_holds_half_a_character_then_its_row_is_refused() -> None:
    body = json.dumps({"rows": [*rows(1), *rows(2)]}).replace("case 2", "\\ud800")
    empty = json.dumps({"rows": []})
    world = World(
        lambda request: httpx.Response(
            200,
            content=(body if request.url.params["offset"] == "0" else empty).encode(),
            headers={"Content-Type": "application/json"},
        )
    )
    source = simple_source(since=...)

    report = world.run_source(source)

    assert (report.counts.changed, report.counts.refused) == (1, 1)
    assert world.refused_codes(source) == {"2": ["text"]}


def test_secret_when_it_is_sent_then_no_report_repeats_it() -> None:
    world = World(lambda _: httpx.Response(400, json={"token": "t0ken"}))

    assert "t0ken" not in str(world.run_source(simple_source()))
