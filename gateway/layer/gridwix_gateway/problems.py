"""Errors of the API: problems with a stable code (RFC 9457)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class FieldError(NamedTuple):
    """An error in one member of a request: JSON pointer of the member, stable code, and detail."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):
    """Raised to answer an API request with an error (RFC 9457).

    Args:
        code: One of :data:`TITLES`.
        detail: The reason in words. Never holds a value of the request.
        errors: Errors of single members of the request.
        current_version: The record's version, for the codes ``version-conflict`` and
            ``precondition-required``; else None.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        current_version: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.current_version = current_version

    @property
    def status(self) -> int:
        """HTTP status of the problem's code."""
        return TITLES[self.code][0]


TITLES: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "Malformed request"),
    "cursor-invalid": (400, "Invalid cursor"),
    "unauthenticated": (401, "Not authenticated"),
    "forbidden": (403, "Forbidden"),
    "not-found": (404, "Not found"),
    "invalid-transition": (409, "Invalid transition"),
    "idempotency-key-reused": (422, "Idempotency key reused"),
    "cursor-expired": (410, "Cursor expired"),
    "version-conflict": (412, "Version conflict"),
    "payload-too-large": (413, "Payload too large"),
    "media-type": (415, "Unsupported media type"),
    "validation": (422, "Invalid request"),
    "precondition-required": (428, "Precondition required"),
    "rate-limited": (429, "Too many requests"),
    "upstream": (502, "Upstream error"),
    "unavailable": (503, "Unavailable"),
}
"""HTTP status and title of each problem code."""
