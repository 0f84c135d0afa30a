"""HTTP transports of httpx that lead the functions' requests to the models, by host."""

from collections.abc import Callable, Mapping
from typing import override

import httpx
from ssrfguard import SSRFGuardError

from soak.lean_http import LeanResponse

type Respond = Callable[[httpx.Request], httpx.Response]


class ModelTransport(httpx.BaseTransport):
    """Passes each request to the model of its host. A request to another host fails.

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
    """Stands for the transport of files, which does not trust URLs. All hosts of the models count
    as public.
    """

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme != "https" or url.port not in (None, 443) or url.host not in self._hosts:
            raise SSRFGuardError(f"{url.host} is not allowed")
        return super().handle_request(request)
