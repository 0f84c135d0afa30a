"""A lean substitute for httpx's client, requests and responses, which the soak test calls millions
of times.

The product's code sees the same methods and the same errors. Left out are: cookies, redirects
(which are off), decoding (the models do not compress), time-outs (the edges have them), and the
bytes of headers.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, override
from urllib.parse import urlencode

import httpx

_KEPT_URLS = 20_000


class LeanHeaders(httpx.Headers):
    """HTTP headers in a dict by lower-case name, one value for each name."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name.lower(): value for name, value in values.items()}

    @override
    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    @override
    def __setitem__(self, name: str, value: str) -> None:
        self._values[name.lower()] = value

    @override
    def __delitem__(self, name: str) -> None:
        del self._values[name.lower()]

    @override
    def __contains__(self, name: object) -> bool:
        return str(name).lower() in self._values

    @override
    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    @override
    def __len__(self) -> int:
        return len(self._values)

    @override
    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a header; the default if it is missing."""
        return self._values.get(name.lower(), default)

    @override
    def keys(self) -> Any:
        """Return the names of the headers, in lower case."""
        return self._values.keys()

    @override
    def values(self) -> Any:
        """Return the values of the headers."""
        return self._values.values()

    @override
    def items(self) -> Any:
        """Return the names and values of the headers."""
        return self._values.items()

    @override
    def multi_items(self) -> list[tuple[str, str]]:
        """Return the names and values of the headers as a list."""
        return list(self._values.items())

    @property
    def _list(self) -> list[tuple[bytes, bytes, bytes]]:  # type: ignore[override]
        """The form in which httpx copies headers: each name as it came and in lower case, and its
        value.
        """
        return [
            (name.encode(), name.encode(), value.encode()) for name, value in self._values.items()
        ]

    @override
    def __repr__(self) -> str:
        return f"LeanHeaders({list(self._values)})"


class LeanRequest(httpx.Request):
    """An HTTP request with a body that is in memory as a whole."""

    def __init__(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], content: bytes
    ) -> None:
        self.method = method
        self.url = url
        self.headers = LeanHeaders(headers)
        self.extensions = {}
        self.stream = httpx.ByteStream(content)
        self._content = content


class LeanResponse(httpx.Response):
    """An HTTP response with a body that is in memory as a whole. It can be read, and streamed
    once.
    """

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.status_code = status
        self.headers = LeanHeaders(headers)
        self.stream = httpx.ByteStream(content)
        self.next_request = None
        self.extensions = {}
        self.history = []
        self.is_closed = False
        self.is_stream_consumed = False
        self.default_encoding = "utf-8"
        self._request = None
        self._num_bytes_downloaded = 0
        self._content = content


class LeanClient(httpx.Client):
    """HTTP client that sends requests to the models.

    Args:
        like: The client that the product has built: its headers, hooks and transport count.
        transport: Leads to the models.
    """

    def __init__(self, like: httpx.Client, transport: httpx.BaseTransport) -> None:
        self._own_headers = {
            name: like.headers[name] for name in ("user-agent", "accept") if name in like.headers
        }
        self._hooks = like.event_hooks["request"]
        # The product makes each request's limit of it, which the models do not look at.
        self._timeout = like.timeout
        self._models = transport
        self._mounts = {}

    @override
    def build_request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        *,
        params: Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> httpx.Request:
        """Return a request, with the client's own headers where it has none."""
        found = _parse_url(url)
        if params:
            found = _with_query(found, params)
        request = LeanRequest(method, found, self._own_headers, content or b"")
        if content is not None:
            request.headers["content-length"] = str(len(content))
        for name, value in (headers or {}).items():
            request.headers[name] = value
        return request

    @override
    def send(self, request: httpx.Request, *, auth: Any = None, **_: Any) -> httpx.Response:
        """Send a request, and those that its authentication needs.

        Raises:
            httpx.RequestError: There is no response. It names the request that failed.
        """
        if auth is None:
            return self._exchange(request)
        flow = auth.sync_auth_flow(request)
        try:
            request = next(flow)
            while True:
                response = self._exchange(request)
                try:
                    request = flow.send(response)
                except StopIteration:
                    return response
                response.read()
        finally:
            flow.close()

    @override
    def close(self) -> None:
        """Do nothing: the client holds no connection."""

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        for hook in self._hooks:
            hook(request)
        try:
            response = self._models.handle_request(request)
        except httpx.RequestError as error:
            error.request = request
            raise
        response.request = request
        return response


@lru_cache(_KEPT_URLS)
def _parse_url(url: str) -> httpx.URL:
    return httpx.URL(url)


def _with_query(url: httpx.URL, params: Sequence[tuple[str, str]]) -> httpx.URL:
    # As in httpx, a query that the URL has is replaced.
    found = httpx.URL.__new__(httpx.URL)
    found._uri_reference = url._uri_reference._replace(query=urlencode(params))
    return found
