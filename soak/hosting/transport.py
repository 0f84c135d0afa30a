"""HTTP of the functions: httpx's transports, which lead to the models by host."""

from collections.abc import Callable, Mapping
from typing import override

import httpx
from ssrfguard import SSRFGuardError

from soak.lean_http import LeanResponse

type Respond = Callable[[httpx.Request], httpx.Response]


class ModelTransport(httpx.BaseTransport):
    """Passes each request to the model of its host. There are no other hosts.

    Args:
        hosts: The models, by host without port.
    """

    def __init__(self, hosts: Mapping[str, Respond]) -> None:
        self._hosts = hosts

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        respond = self._hosts.get(request.url.host)
        if respond is None:
            raise httpx.ConnectError("Name or service not known", request=request)
        # An upload comes in pieces.
        request.read()
        response = respond(request)
        if isinstance(response, LeanResponse):
            return response
        # One that was made of its content counts as read: it could not be streamed.
        return httpx.Response(
            response.status_code, headers=response.headers, stream=response.stream
        )


class GuardedTransport(ModelTransport):
    """The transport of files, whose URLs are not trusted. All hosts of the models are public."""

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme != "https" or url.port not in (None, 443) or url.host not in self._hosts:
            raise SSRFGuardError(f"{url.host} is not allowed")
        return super().handle_request(request)
