"""The HTTP interface of the Trading Grid model."""

from collections.abc import Mapping
from random import Random

import httpx

from emulators.trading_grid.problems import Problem
from soak.kernel.edges import Edges, Fault
from soak.trading_grid.access import TOKEN_SECONDS, Access
from soak.trading_grid.api import CommunityApi
from soak.trading_grid.faults import FaultyAnswers
from soak.trading_grid.hub import Hub
from soak.trading_grid.replies import (
    Call,
    Reply,
    http_response,
    json_reply,
    legacy_reply,
    path_segments,
    problem_reply,
)

EDGE = "trading_grid"
HUB = "GC00700011NR"
"""Id of the company that owns the hub."""

COMMUNITY = ("community", "v1")
DIRECTORY = ("TGCommunityServices", "v1", "companies")
LENS = ("visibility_transaction_search",)
TOKENS = ("v1", "oauth2", "tokens")

_STALE = frozenset({Fault.STALE})


class TradingGrid(Hub):
    """The community gateway profile, the partner directory, Lens and the token call.

    ``access`` has the credentials and tokens, ``api`` the idempotency keys.

    Args:
        edges: Latency and faults of calls.
        random: The seeded source of chance.
        company_id: The hub.
    """

    def __init__(self, edges: Edges, random: Random, company_id: str = HUB) -> None:
        super().__init__(self._now, random, company_id)
        self._edges = edges
        self._company_id = company_id
        self.access = Access(self._now)
        self.api = CommunityApi(self.community, self.desk, self.library, self.reading)
        self._faulty = FaultyAnswers(random, self._now)

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a call of the product.

        Args:
            request: The request.

        Raises:
            httpx.TransportError: There is no response, or it breaks off while it is read.
        """
        call = _read_call(request)
        operation = _operation(call)
        made: list[Reply] = []

        def carry_out(fault: Fault | None) -> httpx.Response:
            reply = self._reply(call, stale=fault is Fault.STALE)
            made.append(reply)
            return http_response(reply)

        def fail(fault: Fault) -> httpx.Response:
            reads_json = call.method == "GET" and not call.path.endswith("/content")
            return self._faulty.answer(fault, request, made, reads_json=reads_json)

        own = _STALE if call.method == "GET" else frozenset[Fault]()
        return self._edges.cross(EDGE, operation, carry_out, fail, own=own)

    def _now(self) -> float:
        return self._edges.scheduler.now

    def _reply(self, call: Call, *, stale: bool) -> Reply:
        segments, method = call.segments, call.method
        try:
            if segments[:2] == COMMUNITY and len(segments) > 2:
                if not self.access.accepts(call.headers.get("authorization", "")):
                    text = "The access token is missing or has expired."
                    raise Problem("unauthenticated", text)
                return self.api.handle(call, segments[2:], stale=stale)
            if segments[0] == "uploads" and method == "PUT" and len(segments) == 2:
                token = call.parameters().get("token", [""])[0]
                return json_reply(self.library.receive(segments[1], token, call.body))
        except Problem as problem:
            request_id = call.headers.get("x-request-id", "")
            return problem_reply(problem, request_id, call.path)
        if segments == TOKENS and method == "POST":
            return self._token_reply(call)
        if not self.access.accepts(call.headers.get("authorization", "")):
            return legacy_reply(401, "The access token is missing or expired", "unauthorized")
        if segments == LENS and method == "POST":
            return self._search(call)
        if segments[:3] == DIRECTORY and segments[4:] == ("partnerDirectory",) and method == "GET":
            if segments[3] != self._company_id:
                return legacy_reply(403, "The company is not yours", "forbidden")
            lookups = {name: values[0] for name, values in call.parameters().items()}
            return Reply(200, self.directory.list(lookups))
        return legacy_reply(404, "There is no such operation", "not_found")

    def _search(self, call: Call) -> Reply:
        try:
            return Reply(200, self.lens.search(call.body))
        except Problem as problem:
            return legacy_reply(400, problem.detail, "bad_request")

    def _token_reply(self, call: Call) -> Reply:
        if call.parameters().get("grant_type") != ["client_credentials"]:
            return legacy_reply(400, "grant_type is not supported", "invalid_request")
        token = self.access.issue(call.headers.get("authorization", ""))
        if token is None:
            return legacy_reply(401, "Invalid consumer key or secret", "invalid_client")
        lifetime = {"token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        return json_reply({"access_token": token, **lifetime})


def _read_call(request: httpx.Request) -> Call:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    base_url = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
    headers: Mapping[str, str] = request.headers
    return Call(request.method, base_url, path, path_segments(path), query, headers, request.read())


def _operation(call: Call) -> str:
    """Return the name of a call in the counts: method, collection, and what is read or done
    there.
    """
    segments = call.segments
    if segments[:2] != COMMUNITY:
        return f"{call.method} {segments[0] if len(segments) < 4 else segments[-1]}"
    parts = segments[2:]
    return " ".join([call.method, *parts[:1], *(["id"] if len(parts) == 2 else parts[2:3])])
