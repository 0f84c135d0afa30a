"""Addresses that are no gateway, or a hostile one: a clear error, in bounded time and memory."""

import contextlib
import doctest
import gzip
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from emulators.common.server import thread
from ops.errors import OpsError
from ops.gateway.check import exchanges, state_machines
from ops.gateway.check.access import (
    CONSUMER_KEY,
    CONSUMER_SECRET,
    TOKEN,
    checked_url,
    read_token,
)
from ops.gateway.check.bounded_http import BoundedHttp, GatewayFault
from ops.gateway.check.documentation import rule_tables
from ops.gateway.check.exchanges import Exchange
from ops.gateway.check.gateway import Gateway, LimitReached, Limits
from ops.gateway.check.profile import PROBLEM_STATUSES, PROFILE, read_profile
from ops.gateway.check.receiver import MAX_BODY, Receiver
from ops.gateway.check.report import Report, Verdict
from ops.gateway.check.runner import check_gateway
from ops.gateway.check.session import Options
from ops.paths import ROOT
from ops.waiting import STANDSTILL

SHORT = 0.3
"""Seconds that a response may take which never ends."""
PATIENT = Limits(request_seconds=STANDSTILL, response_bytes=100_000)
AS_OF = "2026-03-12T09:00:00.000Z"


@contextlib.contextmanager
def serving(answer: Callable[[Request], Response]) -> Iterator[str]:
    """Serve one answer at every path. Yield the base URL."""

    async def handle(request: Request) -> Response:
        return answer(request)

    app = Starlette(routes=[Route("/{path:path}", handle, methods=["GET", "POST"])])
    with thread(app) as url:
        yield url


@contextlib.contextmanager
def dripping(begin: bytes, drip: bytes) -> Iterator[str]:
    """Serve a response that never ends: its beginning, then one piece after another."""
    stopped = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(begin)
                while not stopped.wait(0.02):
                    connection.sendall(drip)

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopped.set()
        # Wakes accept(), if nobody has called.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        server.join()


def run(url: str, limits: Limits = PATIENT, *only: str) -> Report:
    return check_gateway(url, "token", Options(limits=limits), only=only)


def test_html_is_named_as_the_fault() -> None:
    with (
        serving(lambda _: HTMLResponse("<h1>Sign in</h1>")) as url,
        pytest.raises(GatewayFault, match=r"/partners answers 200 text/html, which is no JSON"),
    ):
        run(url)


def test_redirect_is_not_followed_with_the_token() -> None:
    asked: list[str] = []

    def record(request: Request) -> Response:
        asked.append(request.headers.get("authorization", ""))
        return JSONResponse({})

    with (
        serving(record) as other,
        serving(lambda _: RedirectResponse(f"{other}/login")) as url,
        pytest.raises(GatewayFault, match=r"redirects to 127\.0\.0\.1"),
    ):
        run(url)

    assert asked == []


def test_wrong_token_and_wrong_path_are_named() -> None:
    with (
        serving(lambda _: JSONResponse({}, 401)) as url,
        pytest.raises(GatewayFault, match="token"),
    ):
        run(url)
    with serving(lambda _: JSONResponse({}, 404)) as url, pytest.raises(GatewayFault, match="base"):
        run(url)


def test_token_that_an_unknown_path_may_refuse_is_named_with_both_reasons() -> None:
    with (
        serving(lambda _: JSONResponse({"message": "Forbidden"}, 403)) as url,
        pytest.raises(GatewayFault) as caught,
    ):
        run(url)

    assert "answers 403: give the base URL of the profile" in str(caught.value)
    assert "does not take the token" in str(caught.value)


def test_address_of_the_whole_gateway_is_named_with_the_profiles() -> None:
    def answer(request: Request) -> Response:
        found = request.url.path == "/live/community/v1/partners"
        return JSONResponse({"items": []}, 200 if found else 404)

    with serving(answer) as url, pytest.raises(GatewayFault) as caught:
        run(f"{url}/live")

    assert str(caught.value) == f"{url}/live is not the base: give {url}/live/community/v1"


def test_json_of_another_api_is_named() -> None:
    with serving(lambda _: JSONResponse([])) as url, pytest.raises(GatewayFault, match="no list"):
        run(url)


def test_response_without_end_is_cut_off() -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(1_000):
            yield b" " * 10_000

    with (
        serving(lambda _: StreamingResponse(stream(), media_type="application/json")) as url,
        pytest.raises(GatewayFault, match="answers more than 100000 bytes"),
    ):
        run(url)


def test_compressed_response_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * 1_000_000)
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    with (
        serving(lambda _: Response(bomb, headers=headers)) as url,
        pytest.raises(GatewayFault, match="answers compressed"),
    ):
        run(url)


@pytest.mark.parametrize(
    ("begin", "drip"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", b" "),
    ],
    ids=["silent", "headers", "body"],
)
def test_response_that_drips_is_given_up(begin: bytes, drip: bytes) -> None:
    with (
        dripping(begin, drip) as url,
        pytest.raises(GatewayFault, match=r"takes over 0\.3 seconds"),
    ):
        run(url, Limits(request_seconds=SHORT))


def test_address_without_a_server_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(GatewayFault, match="ConnectError"):
        run(url)


def test_pages_without_end_end_with_the_runs_limits() -> None:
    def answer(request: Request) -> Response:
        number = request.query_params.get("cursor", "0")
        partner = {
            "id": number,
            "companyId": "hub",
            "version": 1,
            "createdAt": AS_OF,
            "updatedAt": AS_OF,
            "name": "Prairie Gold",
            "role": "supplier",
            "status": "active",
        }
        following = str(int(number) + 1)
        return JSONResponse({"items": [partner], "nextCursor": following, "asOf": AS_OF})

    with serving(answer) as url:
        report = run(url, Limits(request_seconds=STANDSTILL, requests=30), "lists")

    reasons = {finding.reason for finding in report.findings if finding.verdict is Verdict.SKIPPED}
    assert any("the run has used its 30 requests" in reason for reason in reasons)


def test_deeply_nested_json_is_no_document() -> None:
    body = b"[" * 50_000
    with (
        serving(lambda _: Response(body, media_type="application/json")) as url,
        pytest.raises(GatewayFault, match="which is no JSON"),
    ):
        run(url)


def test_busy_gateway_is_asked_again_after_its_time() -> None:
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.url.path)
        if len(asked) < 3:
            return JSONResponse({}, 429, headers={"retry-after": "0"})
        return JSONResponse({"items": [], "nextCursor": None, "asOf": AS_OF})

    with serving(answer) as url:
        gateway = Gateway(url, "token", read_profile(), PATIENT)
        exchange = gateway.get("/cases")
        gateway.close()

    assert (exchange.status, len(asked)) == (200, 3)


def test_upload_url_that_is_no_http_address_is_refused() -> None:
    gateway = Gateway("http://127.0.0.1:9", "token", read_profile(), PATIENT)

    for url in ("file:///etc/passwd", "https://user@files.example/1", "http://a:port"):
        with pytest.raises(GatewayFault, match="putUrl is no"):
            gateway.put_content(url, b"", "text/plain")
    gateway.close()


def test_exchange_is_shown_without_credentials_content_and_control_characters() -> None:
    exchange = Exchange(
        "POST",
        "/webhook-endpoints?a=\x1b[31m",
        {"Authorization": "Bearer t0ken", "Idempotency-Key": "1"},
        b"secret agreement",
        201,
        {"content-type": "application/json", "set-cookie": "s3ssion"},
        b'{"secrets": ["whsec_c2VjcmV0"], "putUrl": "https://files.example/1?token=t0ken"}',
    )

    shown = exchange.shown()

    assert "idempotency-key: 1" in shown
    assert "HTTP 201" in shown
    assert not any(
        secret in shown for secret in ("t0ken", "s3ssion", "c2VjcmV0", "agreement", "\x1b")
    )


def test_half_a_character_is_a_fault_and_can_be_shown() -> None:
    faults = read_profile().event_faults({"id": "\ud800"})

    assert faults == ["/: no validator can read it: UnicodeEncodeError"]
    assert exchanges.redact("\ud800") == "?"


def test_token_that_a_response_repeats_is_not_shown() -> None:
    with serving(lambda request: JSONResponse(dict(request.headers))) as url:
        gateway = Gateway(url, "t0ken", read_profile(), PATIENT)
        exchange = gateway.get("/cases")
        gateway.close()

    assert b"Bearer t0ken" in exchange.body
    assert "Bearer (token)" in exchange.shown()
    assert "t0ken" not in exchange.shown()


def test_persons_are_not_shown() -> None:
    partner = {
        "id": "GC1",
        "contacts": [{"email": "ada@example.com"}],
        "cases": [{"assignee": "Robin Vega", "author": None}],
    }
    headers = {"content-type": "application/json"}
    body = json.dumps(partner).encode()

    shown = Exchange("GET", "/partners", {}, b"", 200, headers, body).shown()

    assert (
        '"id":"GC1","contacts":"(hidden)","cases":[{"assignee":"(hidden)","author":null}]' in shown
    )
    assert "ada" not in shown
    assert "Robin" not in shown


def test_long_body_is_shortened() -> None:
    headers = {"content-type": "application/json"}
    exchange = Exchange("GET", "/cases", {}, b"", 200, headers, b'"' + b"a" * 9_000 + b'"')

    assert len(exchange.shown()) < 1_000
    assert "(9002 bytes)" in exchange.shown()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("http://gateway.example/community/v1", "without TLS"),
        ("ftp://gateway.example", "https://"),
        ("gateway.example", "https://"),
        ("https://key:secret@gateway.example", "has credentials"),
        ("https://gateway.example/?token=1", "has credentials"),
    ],
)
def test_address_that_would_leak_the_token_is_refused(text: str, fault: str) -> None:
    with pytest.raises(OpsError, match=fault) as caught:
        checked_url(text, allow_http=False)

    assert "secret" not in str(caught.value)


def test_address_with_tls_on_this_machine_or_permitted_is_taken() -> None:
    assert (
        checked_url("https://gateway.example/v1/", allow_http=False) == "https://gateway.example/v1"
    )
    assert checked_url("http://127.0.0.1:80/v1", allow_http=False).startswith("http://127.0.0.1")
    assert checked_url("http://[::1]:8080", allow_http=False) == "http://[::1]:8080"
    assert checked_url("http://gateway.example", allow_http=True) == "http://gateway.example"


def test_token_comes_from_the_environment() -> None:
    assert read_token({TOKEN: "t0ken"}, None, PATIENT) == "t0ken"
    with pytest.raises(OpsError, match=TOKEN):
        read_token({}, None, PATIENT)
    with pytest.raises(OpsError, match=CONSUMER_SECRET):
        read_token({CONSUMER_KEY: "key"}, "https://gateway.example", PATIENT)


def test_token_call_without_a_token_is_named() -> None:
    credentials = {CONSUMER_KEY: "key", CONSUMER_SECRET: "s3cret"}
    for answer, fault in (
        (JSONResponse({"message": "no"}, 401), "answers 401"),
        (JSONResponse({"token": "t"}), "without an access_token"),
        (HTMLResponse("<p>"), "without an access_token"),
    ):
        with (
            serving(lambda _, answer=answer: answer) as url,  # type: ignore[misc]
            pytest.raises(GatewayFault, match=fault) as caught,
        ):
            read_token(credentials, f"{url}/v1/oauth2/tokens", PATIENT)
        assert "s3cret" not in str(caught.value)


def test_unknown_rule_is_named_with_the_capabilities() -> None:
    with pytest.raises(OpsError, match=r"no capability or rule feeds: .*feed"):
        run("http://127.0.0.1:9", PATIENT, "feeds")


def test_page_lists_every_rule() -> None:
    page = (ROOT / "docs/gateway-check.md").read_text()

    assert page.partition("\n## Rules\n\n")[2] == rule_tables() + "\n"


def test_codes_of_problems_have_the_statuses_of_the_profile() -> None:
    text = Path(PROFILE).read_text()

    for code, status in PROBLEM_STATUSES.items():
        assert f"{code} {status}" in text


def test_receiver_takes_webhooks_at_its_paths_only() -> None:
    receiver = Receiver("127.0.0.1", 0)
    try:
        path, url = receiver.open_path()
        statuses = [
            httpx.post(url, content=b"{}").status_code,
            httpx.post(f"{receiver.public_url}/other", content=b"{}").status_code,
            httpx.post(url, content=b" " * (MAX_BODY + 1)).status_code,
            httpx.get(url).status_code,
        ]
        received = receiver.received(path)
    finally:
        receiver.close()

    assert statuses == [202, 404, 413, 501]
    assert [webhook.body for webhook in received] == [b"{}"]


def test_receiver_that_is_called_by_another_address_registers_that_one() -> None:
    receiver = Receiver("127.0.0.1", 0, "https://tunnel.example/kit/")
    try:
        path, url = receiver.open_path()
    finally:
        receiver.close()

    assert url == f"https://tunnel.example/kit{path}"


def test_wait_ends_with_the_patience_or_the_run() -> None:
    now = [0.0]
    gateway = Gateway(
        "http://127.0.0.1:9",
        "token",
        read_profile(),
        Limits(run_seconds=50),
        clock=lambda: now[0],
        sleep=lambda seconds: now.__setitem__(0, now[0] + seconds),
    )

    found = gateway.wait_until(lambda: now[0] > 5, 10)
    at = now[0]
    missed = gateway.wait_until(lambda: False, 10)
    later = now[0]
    gateway.wait_until(lambda: False, 1_000)
    gateway.close()

    assert found
    assert 5 < at < 6
    assert not missed
    assert 10 <= later - at < 11
    assert 50 <= now[0] < 51
    with pytest.raises(LimitReached, match="its 50 seconds"):
        gateway.get("/cases")


@pytest.mark.parametrize("module", [exchanges, state_machines])
def test_examples_give_what_they_show(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module)

    assert tried > 0
    assert failed == 0


def test_closed_client_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    http = BoundedHttp(STANDSTILL, 1)

    http.close()

    assert set(threading.enumerate()) <= before
