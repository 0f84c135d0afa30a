"""Sends and receives files over presigned URLs of a gateway's bucket, without credentials."""

import contextlib
from collections.abc import Iterator

import httpx

from ops.errors import OpsError
from ops.gateway.desk.local_files import LocalFile

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

PLAIN = {"Accept-Encoding": "identity"}
"""Headers that ask for the stored bytes, without compression."""

TIMEOUT = httpx.Timeout(60.0, connect=5.0)
"""Seconds without any progress after which a transfer fails."""


def is_safe_url(url: httpx.URL) -> bool:
    """Return True if a URL uses HTTPS, or leads to this machine.

    >>> is_safe_url(httpx.URL("https://a/")), is_safe_url(httpx.URL("http://a/"))
    (True, False)
    """
    return bool(url.host) and (
        url.scheme == "https" or (url.scheme == "http" and url.host in LOOPBACK)
    )


def send_bytes(url: str, file: LocalFile) -> None:
    """Send a file to the URL of an upload, with PUT.

    Raises:
        OpsError: The URL does not accept the file.
    """
    checked = _checked_url(url)
    headers = {"Content-Length": str(file.size)}
    try:
        with httpx.Client(timeout=TIMEOUT, trust_env=False) as http:
            response = http.put(checked, content=file.pieces(), headers=headers)
    except httpx.HTTPError as error:
        # Whoever has the URL can write: it is not repeated in the message.
        raise OpsError(
            f"the bytes could not be sent ({type(error).__name__})", "run the command again"
        ) from None
    if not response.is_success:
        raise OpsError(
            f"the bytes were not accepted (status {response.status_code})", "run the command again"
        )


@contextlib.contextmanager
def receive_bytes(url: str) -> Iterator[Iterator[bytes]]:
    """Yield the bytes behind a URL, in pieces. They are not verified.

    Raises:
        OpsError: The URL does not deliver them.
    """
    checked = _checked_url(url)
    try:
        with (
            httpx.Client(timeout=TIMEOUT, trust_env=False) as http,
            http.stream("GET", checked, headers=PLAIN) as response,
        ):
            if response.status_code != 200:
                raise OpsError(
                    f"the bytes did not come (status {response.status_code})",
                    "run the command again",
                )
            yield response.iter_bytes()
    except httpx.HTTPError as error:
        # Whoever has the URL can read: it is not repeated in the message.
        raise OpsError(
            f"the bytes did not come ({type(error).__name__})", "run the command again"
        ) from None


def _checked_url(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise OpsError(
            "the gateway's answer has no valid URL for the bytes",
            "check the gateway: `gridwix gateway check`",
        ) from None
    if not is_safe_url(parsed):
        raise OpsError(
            "the gateway's answer has no URL with https:// for the bytes",
            "check the gateway: `gridwix gateway check`",
        )
    return parsed
