"""HTTP client that limits the size and the total time of responses."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from ops.errors import OpsError


class GatewayFault(OpsError):
    """Raised if a server gives no usable response. The message names the request and the reason."""

    def __init__(
        self, fault: str, remedy: str = "check the address, or correct the gateway"
    ) -> None:
        super().__init__(fault, remedy)


@dataclass(frozen=True)
class RawResponse:
    """An HTTP response as it was received: status, headers with lowercase names, body as bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class BoundedHttp:
    """Sends HTTP requests from any thread, without following redirects.

    The time limit covers the whole response. The read timeout of a blocking client would not: it
    starts again with each byte, so a server that sends one byte at a time would never end.

    Args:
        seconds: Maximum time of one request.
        max_bytes: Maximum size of a response's body.
    """

    def __init__(self, seconds: float, max_bytes: int) -> None:
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        # Compressed responses would have to be unpacked before their size is known.
        self._http = httpx.AsyncClient(
            timeout=seconds,
            follow_redirects=False,
            headers={"accept-encoding": "identity", "user-agent": "gridwix-gateway-check"},
        )

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._http.aclose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def send(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str]
    ) -> RawResponse:
        """Send a request, and return the response.

        Args:
            method: The HTTP method.
            url: The whole URL.
            content: The body; empty for none.
            headers: All headers.

        Returns:
            The response.

        Raises:
            GatewayFault: There was no response, or one that is too long, too slow or compressed.
        """
        sending = self._send(method, url, content, headers)
        return asyncio.run_coroutine_threadsafe(sending, self._loop).result()

    async def _send(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str]
    ) -> RawResponse:
        # The query can hold the token of an upload.
        called = f"{method} {httpx.URL(url).copy_with(query=None)}"
        try:
            async with asyncio.timeout(self._seconds):
                return await self._receive(called, method, url, content, headers)
        except (TimeoutError, httpx.TimeoutException):
            raise GatewayFault(f"{called} takes over {self._seconds:g} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise GatewayFault(f"{called}: {type(error).__name__} {error}".rstrip()) from None

    async def _receive(
        self, called: str, method: str, url: str, content: bytes, headers: Mapping[str, str]
    ) -> RawResponse:
        body = bytearray()
        async with self._http.stream(
            method, url, content=content or None, headers=dict(headers)
        ) as response:
            received = {name.lower(): value for name, value in response.headers.items()}
            if received.get("content-encoding", "identity").lower() != "identity":
                raise GatewayFault(f"{called} answers compressed, which was not asked for")
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > self._max_bytes:
                    raise GatewayFault(f"{called} answers more than {self._max_bytes} bytes")
            return RawResponse(response.status_code, received, bytes(body))
