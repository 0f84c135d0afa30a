"""The gateway's bucket behind the HTTP server of its tests, with URLs as S3 signs them."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from gridwix_gateway.content.ranges import requested_range
from tests.fakes.gateway.memory_content import MemoryContent

PREFIX = "/bucket/"
"""Path of the bucket's objects on the server."""


class ServedContent(MemoryContent):
    """A bucket whose URLs lead to a server. A URL binds method, key, length and time.

    Args:
        clock: The server's clock.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.base_url = ""
        self.downloads: list[dict[str, str]] = []
        self._clock = clock

    def upload_url(self, key: str, size: int, seconds: int) -> str:
        return self._signed_url({"method": "PUT", "key": key, "size": str(size)}, seconds)

    def download_url(self, key: str, media_type: str, disposition: str, seconds: int) -> str:
        shown = {"type": media_type, "disposition": disposition}
        return self._signed_url({"method": "GET", "key": key, **shown}, seconds)

    async def answer(self, request: Request) -> Response:
        """Answer a request to a signed URL as S3 does."""
        claims = dict(request.query_params)
        given = claims.pop("signature", "")
        if not hmac.compare_digest(_signature(claims), given):
            return Response("SignatureDoesNotMatch", 403)
        if self._clock().timestamp() > int(claims["expires"]):
            return Response("AccessDenied: Request has expired", 403)
        if claims["method"] != request.method or request.url.path != PREFIX + claims["key"]:
            return Response("SignatureDoesNotMatch", 403)
        if request.method == "GET":
            return self._get_object(claims, request)
        if request.headers.get("content-length") != claims["size"]:
            return Response("SignatureDoesNotMatch", 403)
        self.put(claims["key"], await request.body())
        return Response(status_code=200)

    def _get_object(self, claims: dict[str, str], request: Request) -> Response:
        self.downloads.append(dict(request.headers))
        content = self.objects[claims["key"]]
        part = requested_range(request.headers.get("range"), len(content))
        if part is not None:
            content = content[part.first : part.last + 1]
        shown = {"content-type": claims["type"], "content-disposition": claims["disposition"]}
        return Response(content, 200 if part is None else 206, headers=shown)

    def _signed_url(self, claims: dict[str, str], seconds: int) -> str:
        claims = {**claims, "expires": str(int(self._clock().timestamp()) + seconds)}
        query = urlencode({**claims, "signature": _signature(claims)})
        # Another origin than the gateway's, as S3's is: its credentials do not belong there.
        base_url = self.base_url.replace("127.0.0.1", "localhost")
        return f"{base_url}{PREFIX}{quote(claims['key'])}?{query}"


def _signature(claims: dict[str, str]) -> str:
    message = json.dumps(claims, sort_keys=True).encode()
    return hmac.new(b"secret", message, hashlib.sha256).hexdigest()
