"""HTTP requests to webhook endpoints, by httpx: bounded in time, without redirects."""

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx
from ssrfguard import SSRFGuardError

from gridwix_gateway.webhooks.addresses import new_transport
from gridwix_gateway.webhooks.ports import Addresses, EndpointAnswer, WebhookClient

ATTEMPT_SECONDS = 20.0
"""Maximum seconds of an attempt, from resolving the host name to the response's headers."""


MAX_DRAINED = 64 * 1024
"""Maximum bytes of a response that are read to keep its connection open."""


class HttpWebhookClient(WebhookClient):
    """Sends webhook requests with one httpx client. Use it only in the thread that created it.

    Args:
        runner: Runs the client's coroutines, so that an attempt can be cancelled. httpx's timeouts
            bound each wait and not their sum, so an endpoint that responds byte by byte would
            exceed them.
        client: The httpx client.
        seconds: Maximum duration of an attempt.
    """

    def __init__(self, runner: asyncio.Runner, client: httpx.AsyncClient, seconds: float) -> None:
        self._runner = runner
        self._client = client
        self._seconds = seconds

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> EndpointAnswer:
        return self._runner.run(self._post(url, headers, body))

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> EndpointAnswer:
        answer = EndpointAnswer(None)
        # A failure after the headers of the response changes nothing of what they say.
        with suppress(TimeoutError, httpx.HTTPError, httpx.InvalidURL, SSRFGuardError, OSError):
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream("POST", url, content=body, headers=dict(headers)) as response,
            ):
                wait = retry_after_seconds(response.headers.get("retry-after"), time.time())
                answer = EndpointAnswer(response.status_code, wait)
                await _drain_body(response)
        return answer


@contextmanager
def connect(addresses: Addresses, seconds: float = ATTEMPT_SECONDS) -> Iterator[HttpWebhookClient]:
    """Open a webhook client, and close its connections at the end of the ``with`` block.

    Args:
        addresses: Addresses to which the client may connect: ``public`` or ``any``.
        seconds: Maximum duration of an attempt.
    """
    # At INFO, httpx logs every URL with its query string, which may hold a token of the endpoint.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(
            transport=new_transport(addresses),
            timeout=httpx.Timeout(seconds, connect=5.0),
            follow_redirects=False,
            trust_env=False,
        )
        try:
            yield HttpWebhookClient(runner, client, seconds)
        finally:
            runner.run(client.aclose())


async def _drain_body(response: httpx.Response) -> None:
    """Read a small response body to its end, so that the HTTP connection can be reused."""
    size = response.headers.get("content-length", "")
    if size.isascii() and size.isdigit() and int(size[:9]) <= MAX_DRAINED:
        async for _ in response.aiter_raw():
            pass


def retry_after_seconds(value: str | None, now: float) -> float:
    """Parse a ``Retry-After`` header as seconds from ``now``; 0 if it is missing or invalid.

    Args:
        value: The header's value: seconds or an HTTP date (RFC 9110, section 10.2.3).
        now: Unix seconds.

    >>> retry_after_seconds("20", 0.0), retry_after_seconds("soon", 0.0)
    (20.0, 0.0)
    >>> retry_after_seconds("Thu, 01 Jan 1970 00:01:30 GMT", 60.0)
    30.0
    >>> retry_after_seconds("Thu, 01 Jan 1970 00:01:30 +99999999999999", 60.0)
    0.0
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(at.timestamp() - now, 0.0)
