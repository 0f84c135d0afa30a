"""Access tokens are fetched once and kept.

A refused token is fetched anew once, and no token is disclosed.
"""

import asyncio
import base64
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from gridwix.clients.http import Sender
from gridwix.clients.http_auth import StaticBearer, checked_credential
from gridwix.clients.http_messages import Call
from gridwix.clients.trading_grid.auth import TradingGridAuth, community_auth, trading_grid_auth
from gridwix.clients.wix.auth import ApiKeyAuth, AppAuth, wix_auth
from gridwix.errors import (
    ConfigurationError,
    Throttled,
    Unauthenticated,
    Unavailable,
    UpstreamError,
)
from ops.waiting import STANDSTILL
from tests.fakes.wire import SECRET, ManualClock, Sleeper, Wire, shown

WIX = "https://wix.example"
TRADING_GRID = "https://apigrid.example"
TOKEN_URL = f"{TRADING_GRID}/v1/oauth2/tokens"


class TokenServer:
    """Gives out the tokens ``t1``, ``t2``, ... and accepts only those in ``accepted`` (None: every
    one).

    ``lingering`` seconds pass before a token is given out, unless another one is asked for
    meanwhile.
    """

    def __init__(
        self,
        *,
        expires_in: object = 36_000,
        accepted: set[str] | None = None,
        lingering: float = 0.0,
    ) -> None:
        self.expires_in = expires_in
        self.accepted = accepted
        self.lingering = lingering
        self.asked_again = threading.Event()
        self.given = 0
        self.answers: list[httpx.Response | httpx.RequestError] = []
        self.lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "oauth2" not in request.url.path:
            token = request.headers["Authorization"].removeprefix("Bearer ")
            return httpx.Response(
                200 if self.accepted is None or token in self.accepted else 401, json={}
            )
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, httpx.RequestError):
                raise answer
            return answer
        with self.lock:
            self.given += 1
            if self.given > 1:
                self.asked_again.set()
        self.asked_again.wait(self.lingering)
        with self.lock:
            members = {"access_token": f"t{self.given}"} | (
                {} if self.expires_in is None else {"expires_in": self.expires_in}
            )
        return httpx.Response(200, json=members)


def app_auth(clock: ManualClock) -> AppAuth:
    return AppAuth("app-1", SECRET, "instance-1", clock, base_url=WIX)


def grid_auth(clock: ManualClock) -> TradingGridAuth:
    return TradingGridAuth("key-1", SECRET, TOKEN_URL, clock)


KINDS: list[Callable[[ManualClock], AppAuth | TradingGridAuth]] = [app_auth, grid_auth]


def sender(wire: Wire, auth: httpx.Auth, clock: ManualClock) -> Sender:
    return Sender(wire.client(), auth, system="vendor", clock=clock, sleep=Sleeper(clock))


READ = Call("read", "GET", "https://vendor.example/things", safe=True)
WRITE = Call("write", "POST", "https://vendor.example/things", content=b"body")


def test_api_key_when_a_call_is_made_then_it_goes_bare_with_the_site() -> None:
    wire = Wire()

    sender(wire, ApiKeyAuth("IST.key", "site-1"), ManualClock()).send(READ)

    assert wire.last.headers["Authorization"] == "IST.key"
    assert wire.last.headers["wix-site-id"] == "site-1"


def test_app_when_a_call_is_made_then_the_token_is_asked_for_as_wix_documents() -> None:
    wire = Wire(handler=TokenServer())

    sender(wire, app_auth(ManualClock()), ManualClock()).send(READ)

    token_call, call = wire.requests
    assert (token_call.method, str(token_call.url)) == ("POST", f"{WIX}/oauth2/token")
    assert json.loads(token_call.content) == {
        "grant_type": "client_credentials",
        "client_id": "app-1",
        "client_secret": SECRET,
        "instance_id": "instance-1",
    }
    assert "Authorization" not in token_call.headers
    assert call.headers["Authorization"] == "t1"
    assert "wix-site-id" not in call.headers


def test_trading_grid_when_a_call_is_made_then_the_token_is_asked_for_as_opentext_documents() -> (
    None
):
    wire = Wire(handler=TokenServer())

    sender(wire, grid_auth(ManualClock()), ManualClock()).send(READ)

    token_call, call = wire.requests
    assert (token_call.method, str(token_call.url)) == (
        "POST",
        f"{TOKEN_URL}?grant_type=client_credentials",
    )
    assert token_call.content == b""
    assert (
        base64.b64decode(token_call.headers["Authorization"].removeprefix("Basic "))
        == f"key-1:{SECRET}".encode()
    )
    assert call.headers["Authorization"] == "Bearer t1"


@pytest.mark.parametrize("kind", KINDS)
def test_token_call_when_it_is_made_then_its_time_is_bounded(
    kind: Callable[[ManualClock], httpx.Auth],
) -> None:
    wire = Wire(handler=TokenServer())

    sender(wire, kind(ManualClock()), ManualClock()).send(READ)

    assert wire.requests[0].extensions["timeout"] == wire.requests[1].extensions["timeout"]
    assert wire.requests[0].headers["User-Agent"].startswith("gridwix/")


@pytest.mark.parametrize(
    ("kind", "expires_in", "kept"),
    [
        (grid_auth, 36_000, 35_700),
        (grid_auth, None, 35_700),
        (grid_auth, 1_000_000, 35_700),
        (grid_auth, 3600, 3300),
        (grid_auth, "3600", 3300),
        (grid_auth, 100, 50),
        (grid_auth, 0, 35_700),
        (grid_auth, -5, 35_700),
        (grid_auth, True, 35_700),
        (grid_auth, "soon", 35_700),
        (app_auth, 14_400, 14_100),
        (app_auth, None, 14_100),
    ],
)
def test_token_when_it_grows_old_then_it_is_fetched_anew_in_time(
    kind: Callable[[ManualClock], httpx.Auth], expires_in: object, kept: float
) -> None:
    clock = ManualClock()
    server = TokenServer(expires_in=expires_in)
    calls = sender(Wire(handler=server), kind(clock), clock)
    calls.send(READ)

    clock.now += kept - 1
    calls.send(READ)
    before = server.given
    clock.now += 1
    calls.send(READ)

    assert (before, server.given) == (1, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_token_when_it_is_refused_then_one_more_is_fetched_and_the_call_repeated(
    kind: Callable[[ManualClock], httpx.Auth],
) -> None:
    clock = ManualClock()
    server = TokenServer(accepted={"t2"})
    wire = Wire(handler=server)

    answer = sender(wire, kind(clock), clock).send(WRITE)

    assert answer.status == 200
    assert server.given == 2
    assert [request.content for request in wire.requests if request.url.path == "/things"] == [
        b"body",
        b"body",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_token_when_the_fresh_one_is_refused_too_then_it_is_given_up(
    kind: Callable[[ManualClock], httpx.Auth],
) -> None:
    clock = ManualClock()
    server = TokenServer(accepted=set())

    answer = sender(Wire(handler=server), kind(clock), clock).send(READ)

    assert answer.status == 401
    assert server.given == 2


@pytest.mark.parametrize("kind", KINDS)
def test_token_when_many_threads_need_it_at_once_then_it_is_fetched_once(
    kind: Callable[[ManualClock], httpx.Auth],
) -> None:
    clock = ManualClock()
    server = TokenServer(lingering=0.2)
    calls = sender(Wire(handler=server), kind(clock), clock)
    start = threading.Barrier(8)

    def call() -> int:
        start.wait()
        return calls.send(READ).status

    with ThreadPoolExecutor(8) as pool:
        statuses = [future.result() for future in [pool.submit(call) for _ in range(8)]]

    assert statuses == [200] * 8
    assert server.given == 1


@pytest.mark.parametrize("kind", KINDS)
def test_token_when_it_is_refused_to_many_threads_at_once_then_one_more_is_fetched(
    kind: Callable[[ManualClock], httpx.Auth],
) -> None:
    clock = ManualClock()
    server = TokenServer(accepted={"t2", "t3"})
    everybody_is_refused = threading.Barrier(8)

    def handler(request: httpx.Request) -> httpx.Response:
        answer = server(request)
        if answer.status_code == 401:
            everybody_is_refused.wait(STANDSTILL)
            server.lingering = 0.2
            server.asked_again.clear()
        return answer

    calls = sender(Wire(handler=handler), kind(clock), clock)
    with ThreadPoolExecutor(8) as pool:
        statuses = [
            future.result()
            for future in [pool.submit(lambda: calls.send(READ).status) for _ in range(8)]
        ]

    assert statuses == [200] * 8
    assert server.given == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(400, json={"error": SECRET}), Unauthenticated),
        (httpx.Response(401, json={"error": SECRET}), Unauthenticated),
        (httpx.Response(302), Unauthenticated),
        (httpx.Response(429, headers={"Retry-After": "9"}), Throttled),
        (httpx.Response(500, text=SECRET), Unavailable),
        (httpx.Response(408), Unavailable),
        (httpx.Response(200, text="<html>"), Unavailable),
        (httpx.Response(200, json={"access_token": f"two words {SECRET}"}), Unavailable),
        (httpx.Response(200, json={"access_token": ""}), Unavailable),
        (httpx.Response(200, json={"access_token": 7}), Unavailable),
        (httpx.Response(200, json=[]), Unavailable),
        (httpx.Response(200, json={"access_token": "t" * 1_000_000}), Unavailable),
        (httpx.ReadTimeout(SECRET), Unavailable),
    ],
)
def test_token_when_it_cannot_be_had_then_the_call_was_certainly_not_sent(
    kind: Callable[[ManualClock], httpx.Auth],
    answer: httpx.Response | httpx.RequestError,
    expected: type[UpstreamError],
) -> None:
    clock = ManualClock()
    server = TokenServer()
    server.answers.append(answer)
    wire = Wire(handler=server)

    with pytest.raises(expected) as caught:
        sender(wire, kind(clock), clock).send(WRITE)

    assert not getattr(caught.value, "ambiguous", False)
    assert [request for request in wire.requests if request.url.path == "/things"] == []
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_token_when_fetching_failed_then_the_next_call_fetches_it(
    kind: Callable[[ManualClock], httpx.Auth],
) -> None:
    clock = ManualClock()
    server = TokenServer()
    server.answers += [httpx.ReadTimeout(""), httpx.Response(500)]
    calls = sender(Wire(handler=server), kind(clock), clock)
    for _ in range(2):
        with pytest.raises(Unavailable):
            calls.send(WRITE)

    answer = calls.send(WRITE)

    assert answer.status == 200


def test_token_when_the_connection_for_it_breaks_once_then_the_write_is_repeated() -> None:
    clock = ManualClock()
    server = TokenServer()
    server.answers.append(httpx.ReadError(""))
    wire = Wire(handler=server)

    sender(wire, grid_auth(clock), clock).send(WRITE)

    assert [request.url.path for request in wire.requests] == [
        "/v1/oauth2/tokens",
        "/v1/oauth2/tokens",
        "/things",
    ]


def huge(produced: list[int]) -> Iterator[bytes]:
    """Ten megabytes, counted as they are read."""
    for number in range(1000):
        produced.append(number)
        yield b"x" * 10_000


def test_answer_with_a_token_when_it_is_huge_then_it_is_not_read_whole() -> None:
    produced: list[int] = []
    server = TokenServer()
    server.answers.append(httpx.Response(200, content=huge(produced)))

    with pytest.raises(Unavailable):
        sender(Wire(handler=server), grid_auth(ManualClock()), ManualClock()).send(READ)

    assert len(produced) < 10


def broken_body() -> Iterator[bytes]:
    yield b"{"
    raise httpx.ReadError("the connection broke")


def test_answer_with_a_token_when_it_breaks_off_once_then_the_write_is_sent_once() -> None:
    server = TokenServer()
    server.answers.append(httpx.Response(200, content=broken_body()))
    wire = Wire(handler=server)

    sender(wire, grid_auth(ManualClock()), ManualClock()).send(WRITE)

    assert [request.url.path for request in wire.requests].count("/things") == 1


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
def test_answer_with_a_token_when_it_is_small_and_decodes_to_much_then_it_is_given_up(
    encoding: str,
) -> None:
    server = TokenServer()
    body = gzip.compress(b'{"access_token": "t"}' + b" " * 1_000_000)
    server.answers.append(
        httpx.Response(200, headers={"Content-Encoding": encoding}, content=iter([body]))
    )

    with pytest.raises(Unavailable, match="without a token"):
        sender(Wire(handler=server), grid_auth(ManualClock()), ManualClock()).send(READ)


def test_refusal_when_its_body_is_huge_then_it_is_not_read_whole() -> None:
    clock = ManualClock()
    produced: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if "oauth2" in request.url.path:
            return httpx.Response(200, json={"access_token": f"t{len(produced)}"})
        return (
            httpx.Response(200, json={})
            if produced
            else httpx.Response(401, content=huge(produced))
        )

    answer = sender(Wire(handler=handler), grid_auth(clock), clock).send(READ)

    assert answer.status == 200
    assert len(produced) < 10


@pytest.mark.parametrize(
    "auth",
    [
        ApiKeyAuth(SECRET, "site-1"),
        StaticBearer(SECRET),
        app_auth(ManualClock()),
        grid_auth(ManualClock()),
    ],
)
def test_authentication_when_it_is_shown_then_its_secret_is_not(auth: httpx.Auth) -> None:
    assert SECRET not in repr(auth)
    assert SECRET not in str(auth)


@pytest.mark.parametrize("value", ["", " ", "a b", "a\nb", "ключ", "a\x00", "x" * 20_000])
def test_credential_when_it_cannot_stand_in_a_header_then_it_is_refused_without_being_told(
    value: str,
) -> None:
    with pytest.raises(ConfigurationError, match="the key must be visible ASCII") as caught:
        checked_credential("the key", value)

    assert not value.strip() or value not in str(caught.value)


def test_trading_grid_when_the_key_holds_a_colon_then_it_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="colon"):
        TradingGridAuth("a:b", SECRET, TOKEN_URL, ManualClock())


def test_wix_auth_when_the_secret_names_a_key_or_an_app_then_that_is_used() -> None:
    assert isinstance(wix_auth({"apiKey": "k"}, "site-1"), ApiKeyAuth)
    assert isinstance(
        wix_auth({"appId": "a", "appSecret": "s", "instanceId": "i"}, "site-1"), AppAuth
    )


@pytest.mark.parametrize("credentials", [{}, {"appId": "a", "appSecret": SECRET}, {"key": SECRET}])
def test_wix_auth_when_the_secret_is_incomplete_then_it_is_refused(
    credentials: dict[str, str],
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        wix_auth(credentials, "site-1")

    assert SECRET not in shown(caught.value)


def test_trading_grid_auth_when_a_mode_is_named_then_it_is_used() -> None:
    wire = Wire(handler=TokenServer())
    apigrid = trading_grid_auth(
        "apigrid",
        {"consumerKey": "k", "consumerSecret": "s"},
        base_url=f"{TRADING_GRID}/",
        clock=ManualClock(),
    )
    static = trading_grid_auth("static-bearer", {"token": "given"}, base_url=TRADING_GRID)

    for auth in (apigrid, static):
        sender(wire, auth, ManualClock()).send(READ)

    assert str(wire.requests[0].url).startswith(TOKEN_URL)
    assert [request.headers["Authorization"] for request in wire.requests[1:]] == [
        "Bearer t1",
        "Bearer given",
    ]


@pytest.mark.parametrize(
    ("mode", "credentials"),
    [("kerberos", {}), ("apigrid", {"consumerKey": "k"}), ("static-bearer", {}), ("apigrid", {})],
)
def test_trading_grid_auth_when_it_is_misconfigured_then_it_is_refused(
    mode: str, credentials: dict[str, str]
) -> None:
    with pytest.raises(ConfigurationError):
        trading_grid_auth(mode, credentials, base_url=TRADING_GRID)


def test_community_auth_when_the_gateway_has_its_own_credentials_then_it_gives_the_token() -> None:
    wire = Wire(handler=TokenServer())
    credentials = {"communityConsumerKey": "mine", "communityConsumerSecret": "own"}
    for credentials_of_both in (
        credentials,
        {"consumerKey": "k", "consumerSecret": "s"} | credentials,
    ):
        auth = community_auth(
            "apigrid",
            credentials_of_both,
            base_url=TRADING_GRID,
            community_url="https://gateway.example/live/community/v1/",
            clock=ManualClock(),
        )
        sender(wire, auth, ManualClock()).send(READ)

    for request in wire.requests[::2]:
        assert str(request.url) == (
            "https://gateway.example/live/v1/oauth2/tokens?grant_type=client_credentials"
        )
        assert base64.b64decode(request.headers["Authorization"].split()[1]) == b"mine:own"


def test_community_auth_without_own_credentials_is_trading_grids() -> None:
    wire = Wire(handler=TokenServer())
    auth = community_auth(
        "apigrid",
        {"consumerKey": "k", "consumerSecret": "s"},
        base_url=TRADING_GRID,
        community_url="https://gateway.example/community/v1",
        clock=ManualClock(),
    )

    sender(wire, auth, ManualClock()).send(READ)

    assert str(wire.requests[0].url).startswith(TOKEN_URL)


@pytest.mark.parametrize("name", ["communityConsumerKey", "communityConsumerSecret"])
def test_community_auth_with_half_of_its_credentials_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="communityConsumer"):
        community_auth(
            "apigrid",
            {"consumerKey": "k", "consumerSecret": "s", name: "x"},
            base_url=TRADING_GRID,
            community_url="https://gateway.example/community/v1",
        )


def test_token_when_the_client_is_asynchronous_then_it_is_refused() -> None:
    async def call() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200))
        async with httpx.AsyncClient(transport=transport) as asynchronous:
            await asynchronous.get("https://vendor.example/", auth=grid_auth(ManualClock()))

    with pytest.raises(RuntimeError, match="TradingGridAuth works with"):
        asyncio.run(call())
