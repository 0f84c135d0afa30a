"""The lean client against httpx's own: the same requests, responses and errors."""

from collections.abc import Generator
from typing import Any

import httpx
import pytest

from gridwix.clients.http import Sender
from gridwix.clients.http_messages import Call, HttpResponse
from soak.lean_http import LeanClient, LeanResponse

URL = "https://grid.soak/community/v1/cases"
HEADERS = {"etag": '"v1"', "content-type": "application/json"}


class Bearer(httpx.Auth):
    """Asks for a token first, and once more after a 401."""

    requires_response_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        token = yield httpx.Request("POST", "https://grid.soak/token", content=b"who")
        request.headers["Authorization"] = f"Bearer {token.text}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = "Bearer second"
            yield request


class Model(httpx.BaseTransport):
    """Notes what arrives, and answers with what it is told, else with the path."""

    def __init__(self, *, lean: bool, error: Exception | None = None, status: int = 200) -> None:
        self.seen: list[tuple[str, str, str, str, bytes]] = []
        self._lean, self._error, self._status = lean, error, status

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._error is not None:
            raise self._error
        authorization = request.headers.get("authorization", "")
        seen = (request.method, request.url.raw_path.decode(), authorization)
        self.seen.append((*seen, request.headers.get("x-one", ""), request.read()))
        status = 200 if request.url.path == "/token" else self._status
        body = request.url.path[1:].encode()
        if self._lean:
            return LeanResponse(status, HEADERS, body)
        return httpx.Response(status, headers=HEADERS, stream=httpx.ByteStream(body))


def new_client(model: Model, *, lean: bool) -> httpx.Client:
    """A client with a hook."""

    def name_it(request: httpx.Request) -> None:
        request.headers.setdefault("X-One", "hook")

    client = httpx.Client(transport=model, event_hooks={"request": [name_it]})
    return LeanClient(client, model) if lean else client


PARAMS = [
    None,
    [("limit", "200"), ("partnerId", "p 1/ü&=+"), ("partnerId", "~*'()")],
    [("a", "")],
]


@pytest.mark.parametrize("status", [200, 401])
@pytest.mark.parametrize("params", PARAMS)
@pytest.mark.parametrize("url", [URL, f"{URL}/CA-1%2F2", f"{URL}?state=open"])
def test_lean_client_when_it_sends_then_the_model_sees_what_httpx_sends(
    url: str, params: list[tuple[str, str]] | None, status: int
) -> None:
    seen, bodies = [], []
    given: Any = params
    for lean in (True, False):
        model = Model(lean=lean, status=status)
        client = new_client(model, lean=lean)
        request = client.build_request(
            "POST", url, params=given, headers={"If-Match": "1"}, content=b"{}"
        )
        response = client.send(request, auth=Bearer(), stream=True)
        bodies.append((b"".join(response.iter_bytes()), response.headers["ETag"]))
        assert (response.status_code, response.request) == (status, request)
        seen.append(model.seen)
    assert seen[0] == seen[1]
    assert bodies[0] == bodies[1]


def test_lean_client_when_the_token_cannot_be_fetched_then_the_error_names_that_request() -> None:
    model = Model(lean=True, error=httpx.ReadTimeout("no answer"))
    client = new_client(model, lean=True)
    request = client.build_request("GET", URL)
    with pytest.raises(httpx.ReadTimeout) as caught:
        client.send(request, auth=Bearer(), stream=True)
    assert caught.value.request is not request
    with pytest.raises(httpx.ReadTimeout) as caught:
        client.send(request, auth=httpx.Auth(), stream=True)
    assert caught.value.request is request


@pytest.mark.parametrize("streamed", [False, True])
def test_lean_client_when_the_product_sends_a_call_then_it_gets_what_httpx_gives(
    streamed: bool,
) -> None:
    bodies = []
    for lean in (True, False):
        sender = Sender(new_client(Model(lean=lean), lean=lean), Bearer(), system="grid")
        call = Call("read", "GET", URL, safe=True)
        if streamed:
            with sender.stream(call) as pieces:
                assert not isinstance(pieces, HttpResponse)
                bodies.append(b"".join(pieces))
        else:
            bodies.append(sender.send(call).body)
    assert bodies == [b"community/v1/cases"] * 2


def test_lean_response_when_it_is_copied_then_httpx_has_its_headers_and_body() -> None:
    lean = LeanResponse(201, HEADERS, b'{"a": 1}')
    copy = httpx.Response(lean.status_code, headers=lean.headers, stream=lean.stream)
    assert (copy.headers["ETag"], copy.read()) == ('"v1"', b'{"a": 1}')
    assert (lean.json(), lean.text, lean.is_success) == ({"a": 1}, '{"a": 1}', True)
