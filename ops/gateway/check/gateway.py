"""HTTP client of the gateway under test. Compares responses with the gateway's OpenAPI contract."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx

from ops.gateway.check.bounded_http import BoundedHttp, GatewayFault
from ops.gateway.check.conformity import find_faults
from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.profile import Profile
from ops.gateway.check.rules import Broken

type Params = Mapping[str, str | int | list[str]]

FAULTS_KEPT = 5
"""Maximum number of faults that are kept for each rule that every response is held to."""

BUSY_RETRIES = 4
"""Maximum number of retries of a request after 429, or of a read after 503."""

POLL = 0.2
"""Seconds between two polls for a change that is not visible yet."""

CLEAN_UP_REQUESTS = 1_000
CLEAN_UP_SECONDS = 120.0
"""Seconds that a run gets beyond its limit to close the records that it created."""

LONGEST_RETRY_AFTER = 30.0
"""Longest ``Retry-After``, in seconds, that the client honors. After a longer one it does not
retry.
"""

REDIRECTS = frozenset({301, 302, 303, 307, 308})

TOKEN_OF_RUN = ""
"""Value of the parameter ``authorization`` for the run's own token, rather than another one or
none.
"""


@dataclass(frozen=True)
class Limits:
    """Limits of a run of the conformance kit.

    ``requests`` and ``run_seconds`` apply to the whole run, ``response_bytes`` and
    ``request_seconds`` to one request, ``pages`` to one list or the feed. ``patience`` is the
    longest wait in seconds until a change is visible in lists and in the feed, ``webhook_patience``
    until its webhook has arrived.
    """

    requests: int = 5_000
    run_seconds: float = 900.0
    response_bytes: int = 8 * 1024 * 1024
    request_seconds: float = 30.0
    pages: int = 20
    patience: float = 30.0
    webhook_patience: float = 60.0


class LimitReached(Exception):
    """Raised if the run of the conformance kit has used up its requests or its time."""


class Gateway:
    """HTTP client of the gateway under test, with limits and retries. Thread-safe.

    Each response of the gateway's API is compared with the community gateway profile, the OpenAPI
    contract of gateways. ``faults`` has the differences, by the name of the rule that they break.
    ``last`` is the latest request with its response.

    Args:
        url: The base URL of the API, such as ``https://gateway.example/community/v1``.
        token: The access token.
        profile: The community gateway profile.
        limits: The time, requests and sizes that the run may use.
        clock: Monotonic time in seconds.
        sleep: Sleeps for a number of seconds.
    """

    def __init__(
        self,
        url: str,
        token: str,
        profile: Profile,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self.limits = limits
        self.faults: dict[str, list[Broken]] = {}
        self.last: Exchange | None = None
        self._token = token
        self._profile = profile
        self._requests_allowed = limits.requests
        self._clock = clock
        self._sleep = sleep
        self._ends = clock() + limits.run_seconds
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._base_path = httpx.URL(self.url).raw_path.decode().rstrip("/")
        self._http = BoundedHttp(limits.request_seconds, limits.response_bytes)

    def close(self) -> None:
        self._http.close()

    @property
    def seconds_left(self) -> float:
        return self._ends - self._clock()

    def grant_clean_up(self) -> None:
        """Allow more requests and time, so that the run can close its records.

        Otherwise a run that has used up its requests or time would leave them open.
        """
        self._requests_allowed += CLEAN_UP_REQUESTS
        self._ends = max(self._ends, self._clock()) + CLEAN_UP_SECONDS

    def wait_until(self, ask: Callable[[], bool], seconds: float) -> bool:
        """Poll until ``ask`` returns True, or the time is over.

        Args:
            ask: Reads from the gateway, and returns True if the wait is over.
            seconds: The longest wait. The wait also ends when the time of the run is over.

        Returns:
            The last answer of ``ask``: False if the time was over.
        """
        ends = min(self._clock() + seconds, self._ends)
        while not (found := ask()) and self._clock() < ends:
            self._sleep(POLL)
        return found

    def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        authorization: str | None = TOKEN_OF_RUN,
    ) -> Exchange:
        """Send a GET request.

        Args:
            path: The path after the base URL, with its leading slash.
            params: The query.
            headers: More headers.
            authorization: The header ``Authorization``; None for none. The default sends the token
                of the run.

        Returns:
            The request and its response.

        Raises:
            GatewayFault: There was no usable response.
            LimitReached: The run has used up its requests or its time.
        """
        return self._call("GET", path, params, None, headers, authorization)

    def send(
        self,
        method: str,
        path: str,
        body: Document | bytes | None,
        *,
        headers: Mapping[str, str] | None = None,
        authorization: str | None = TOKEN_OF_RUN,
    ) -> Exchange:
        """Send a request with any method, such as one that writes.

        Args:
            method: The HTTP method.
            path: The path after the base URL, with its leading slash.
            body: The body as a JSON object or as bytes; None for none.
            headers: More headers.
            authorization: The header ``Authorization``; None for none. The default sends the token
                of the run.

        Returns:
            The request and its response.

        Raises:
            GatewayFault: There was no usable response.
            LimitReached: The run has used up its requests or its time.
        """
        return self._call(method, path, None, body, headers, authorization)

    def get_content(self, path: str) -> Exchange:
        """Read the complete content of a document's version, also if the gateway redirects to it.

        Args:
            path: The path after the base URL, with its leading slash.

        Returns:
            The request, with the bytes in its response. After a redirect, that is the request to
            the other URL, and its response has the ``Content-Digest`` of the redirect unless it has
            its own.

        Raises:
            GatewayFault: There was no usable response, or the redirect is not safe to follow.
            LimitReached: The run has used up its requests or its time.
        """
        exchange = self.get(path)
        if exchange.status != 307:
            return exchange
        url = _content_url(exchange, secure=self.url.startswith("https:"))
        found = self._exchange("GET", url, b"", {}, {})
        with self._lock:
            self.last = found
        digest = exchange.headers.get("content-digest")
        kept = {} if digest is None else {"content-digest": digest}
        return replace(found, headers={**kept, **found.headers})

    def put_content(self, url: str, content: bytes, media_type: str) -> Exchange:
        """Send bytes to an upload URL, without credentials.

        Args:
            url: The ``putUrl`` of an upload.
            content: The bytes.
            media_type: Their media type.

        Returns:
            The request and its response. The target is the URL without its query, which is a
            credential.

        Raises:
            GatewayFault: The URL is not usable, or there was no usable response.
            LimitReached: The run has used up its requests or its time.
        """
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise GatewayFault(f"putUrl is no URL: {error}") from None
        if parsed.scheme not in ("http", "https") or parsed.userinfo:
            raise GatewayFault(f"putUrl is no address of HTTP: {parsed.scheme}://{parsed.host}")
        headers = {"content-type": media_type}
        exchange = self._exchange("PUT", parsed, content, headers, headers)
        with self._lock:
            self.last = exchange
        return exchange

    def _call(
        self,
        method: str,
        path: str,
        params: Params | None,
        body: Document | bytes | None,
        headers: Mapping[str, str] | None,
        authorization: str | None,
    ) -> Exchange:
        url = httpx.URL(self.url + path)
        if params:
            url = url.copy_merge_params(dict(params))
        shown = dict(headers or {})
        content = body if isinstance(body, bytes) else b""
        if isinstance(body, dict):
            content = json.dumps(body).encode()
            shown = {"content-type": "application/json", **shown}
        secret = f"Bearer {self._token}" if authorization == TOKEN_OF_RUN else authorization
        sent = shown if secret is None else {**shown, "authorization": secret}
        for repeats in range(BUSY_RETRIES + 1):
            exchange = self._exchange(method, url, content, sent, shown)
            if not self._pause_before_repeat(exchange, repeats):
                break
        with self._lock:
            self.last = exchange
            for rule, text in find_faults(self._profile, exchange):
                kept = self.faults.setdefault(rule, [])
                if len(kept) < FAULTS_KEPT and text not in [fault.text for fault in kept]:
                    kept.append(Broken(text, exchange))
        self._require_usable(exchange)
        return exchange

    def _pause_before_repeat(self, exchange: Exchange, repeats: int) -> bool:
        """Wait as long as a busy gateway asks for (``Retry-After``); return True to retry.

        Returns False at once if the gateway is not busy, or if the request was retried often
        enough.
        """
        busy = exchange.status == 429 or (exchange.status == 503 and exchange.method == "GET")
        asked = exchange.headers.get("retry-after", "")
        if not busy or repeats >= BUSY_RETRIES or not (asked.isascii() and asked.isdigit()):
            return False
        seconds = float(asked[:9])
        if seconds > min(LONGEST_RETRY_AFTER, self.seconds_left):
            return False
        self._sleep(seconds)
        return True

    def _exchange(
        self,
        method: str,
        url: httpx.URL,
        content: bytes,
        sent: Mapping[str, str],
        shown: Mapping[str, str],
    ) -> Exchange:
        if next(self._numbers) > self._requests_allowed:
            raise LimitReached(f"the run has used its {self.limits.requests} requests")
        if self.seconds_left <= 0:
            raise LimitReached(f"the run has used its {self.limits.run_seconds:g} seconds")
        answer = self._http.send(method, str(url), content, sent)
        inside = str(url).startswith(f"{self.url}/")
        return Exchange(
            method,
            url.raw_path.decode()[len(self._base_path) :]
            if inside
            else str(url.copy_with(query=None)),
            shown,
            content,
            answer.status,
            answer.headers,
            answer.body,
            _parsed_json(answer.headers, answer.body),
            self._token,
        )

    def _require_usable(self, exchange: Exchange) -> None:
        """Raise GatewayFault for a response with which no rule can work.

        That is a redirect that the gateway's OpenAPI contract does not define, or a success that
        should be JSON and is not.
        """
        path = exchange.target.partition("?")[0]
        operation = self._profile.find_operation(exchange.method, path)
        permitted = operation is not None and exchange.status in operation.statuses
        if exchange.status in REDIRECTS and not permitted:
            host = httpx.URL(exchange.headers.get("location", "")).host or "another path"
            raise GatewayFault(
                f"{exchange.method} {self.url}{path} redirects to {host}."
                " This redirect is not followed: it would get the token"
            )
        expected = operation is not None and exchange.status in operation.validators
        if expected and exchange.document is None:
            kind = exchange.media_type or "without a media type"
            raise GatewayFault(
                f"{exchange.method} {self.url}{path} answers {exchange.status} {kind},"
                " which is no JSON"
            )


def _content_url(exchange: Exchange, *, secure: bool) -> httpx.URL:
    """Return the URL to which a response redirects for a document's content.

    Raises GatewayFault if the URL is not safe to follow.
    """
    try:
        url = httpx.URL(exchange.headers.get("location", ""))
    except httpx.InvalidURL as error:
        raise GatewayFault(f"{exchange.target} redirects to no URL: {error}") from None
    schemes = ("https",) if secure else ("http", "https")
    if url.scheme not in schemes or not url.host or url.userinfo:
        raise GatewayFault(f"{exchange.target} redirects to no absolute URL with HTTPS")
    return url


def _parsed_json(headers: Mapping[str, str], body: bytes) -> Any:
    if "json" not in headers.get("content-type", ""):
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
