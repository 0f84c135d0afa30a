"""Turns faults of calls into the responses and exceptions that the product's HTTP client sees."""

from collections.abc import Callable, Iterator, Sequence
from email.utils import formatdate
from random import Random
from typing import Never

import httpx
import orjson

from soak.kernel.edges import Fault
from soak.trading_grid.replies import Reply, http_response

HTML = b"<html><head><title>Service</title></head><body>The service is restarting.</body></html>"

_WRONG_BODIES = (HTML, b"", b'{"items":[{"id":"cas', b'["no page"]')


class FaultyAnswers:
    """Makes the response of a fault, or raises its exception.

    Args:
        random: The seeded source of chance.
        clock: Returns Unix seconds.
    """

    def __init__(self, random: Random, clock: Callable[[], float]) -> None:
        self._random = random
        self._clock = clock

    def answer(
        self,
        fault: Fault,
        request: httpx.Request,
        made: Sequence[Reply],
        *,
        reads_json: bool,
    ) -> httpx.Response:
        """Return the response of a fault, or raise its exception.

        Args:
            fault: What happens to the call.
            request: The request.
            made: The response that got lost, if there is one.
            reads_json: The call changes nothing, and its response is JSON.

        Raises:
            httpx.TransportError: There is no response.
        """
        match fault:
            case Fault.THROTTLED:
                return self._throttled()
            case Fault.SERVER_ERROR:
                return self._server_error(reads_json=reads_json)
            case Fault.RESET_AFTER if made and self._random.random() < 0.5:
                return _broken_off(made[-1])
            case Fault.NOT_CONNECTED:
                kinds: tuple[type[httpx.TransportError], ...]
                kinds = (httpx.ConnectError, httpx.ConnectTimeout)
            case Fault.REQUEST_LOST | Fault.ANSWER_LOST | Fault.LATE:
                kinds = (httpx.ReadTimeout,)
            case _:
                kinds = (httpx.RemoteProtocolError, httpx.ReadError)
        self._fail(kinds, fault, request)

    def _throttled(self) -> httpx.Response:
        seconds = self._random.randint(1, 20)
        # RFC 9110, section 10.2.3, allows both.
        date = formatdate(self._clock() + seconds, usegmt=True)
        wait = str(seconds) if self._random.random() < 0.8 else date
        return _problem(429, "rate-limited", wait)

    def _server_error(self, *, reads_json: bool) -> httpx.Response:
        match self._random.randrange(7 if reads_json else 6):
            case 0:
                return _problem(503, "unavailable", str(self._random.randint(1, 30)))
            case 1:
                return _problem(503, "unavailable")
            case 2:
                return _problem(502, "upstream")
            case 3:
                # The error format of OpenText's own paths.
                legacy = {"status": "500", "message": "Internal error", "error-code": "TG-500"}
                return http_response(Reply(500, orjson.dumps(legacy)))
            case 4:
                return http_response(Reply(502, HTML, "text/html"))
            case 5:
                return http_response(Reply(504, b""))
            case _:
                # A success whose body is no JSON, or another JSON.
                return http_response(Reply(200, self._random.choice(_WRONG_BODIES)))

    def _fail(
        self, kinds: Sequence[type[httpx.TransportError]], fault: Fault, request: httpx.Request
    ) -> Never:
        raise self._random.choice(kinds)(str(fault), request=request)


class _BrokenStream(httpx.SyncByteStream):
    """A response body of which only the first half arrives: then the connection breaks."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content[: len(self._content) // 2]
        raise httpx.RemoteProtocolError("peer closed connection without sending complete body")


def _problem(status: int, code: str, retry_after: str | None = None) -> httpx.Response:
    """Return a problem (RFC 9457) without details."""
    body = orjson.dumps({"title": code, "status": status, "code": code})
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return http_response(Reply(status, body, "application/problem+json", headers))


def _broken_off(reply: Reply) -> httpx.Response:
    headers = {
        "content-type": reply.media_type,
        "content-length": str(len(reply.body)),
        **reply.headers,
    }
    return httpx.Response(reply.status, headers=headers, stream=_BrokenStream(reply.body))
