"""Error responses: problems (RFC 9457), and the error format of OpenText's own paths."""

from typing import Any

from starlette.responses import JSONResponse, Response

TITLES = {
    "unauthenticated": (401, "Not authenticated"),
    "forbidden": (403, "Not allowed"),
    "not-found": (404, "Not found"),
    "invalid-transition": (409, "Transition not allowed"),
    "cursor-invalid": (400, "Cursor not valid"),
    "malformed": (400, "Request not understood"),
    "cursor-expired": (410, "Cursor expired"),
    "version-conflict": (412, "Version conflict"),
    "payload-too-large": (413, "Payload too large"),
    "media-type": (415, "Media type not supported"),
    "validation": (422, "Not valid"),
    "idempotency-key-reused": (422, "Idempotency key reused"),
    "precondition-required": (428, "If-Match required"),
    "rate-limited": (429, "Too many requests"),
    "upstream": (502, "Upstream failed"),
    "unavailable": (503, "Unavailable"),
}


MAX_CORRELATION_ID = 200
"""Maximum characters of a correlation id in the path of a case's transaction, as in the profile."""


class Problem(Exception):
    """Raised to answer a request with an error of the community gateway profile (RFC 9457).

    ``code`` is one of the profile's error codes. ``more`` adds fields to the response, such as
    ``currentVersion``.
    """

    def __init__(self, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.more = more

    def response(self, request_id: str, instance: str) -> Response:
        status, title = TITLES[self.code]
        body = {
            "type": f"https://errors.example.net/tg/{self.code}",
            "title": title,
            "status": status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "requestId": request_id,
            **self.more,
        }
        return JSONResponse(body, status_code=status, media_type="application/problem+json")


def require_correlation_id(text: str) -> None:
    """Raise Problem if a correlation id is empty or longer than ``MAX_CORRELATION_ID``."""
    if not 0 < len(text) <= MAX_CORRELATION_ID:
        limits = f"1 to {MAX_CORRELATION_ID} characters"
        raise Problem(
            "validation",
            f"correlationId has {limits}.",
            errors=[{"pointer": "correlationId", "code": "length", "detail": limits}],
        )


def legacy_error(status: int, message: str, code: str) -> Response:
    """Return an error response of an API path that OpenText itself publishes.

    The body has ``status``, ``message`` and ``error-code``, the only error format that OpenText
    publishes.
    """
    return JSONResponse(
        {"status": str(status), "message": message, "error-code": code}, status_code=status
    )
