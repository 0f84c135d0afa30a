"""Uploads and downloads a gateway's files over presigned S3 URLs, without AWS credentials."""

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
    """Return True if a URL uses HTTPS, or plain HTTP to the loopback interface of this machine.

    >>> is_safe_url(httpx.URL("https://a/")), is_safe_url(httpx.URL("http://a/"))
    (True, False)
    """
    return bool(url.host) and (
        url.scheme == "https" or (url.scheme == "http" and url.host in LOOPBACK)
    )


def send_bytes(url: str, file: LocalFile) -> None:
    """Upload a file to a presigned URL, with an HTTP PUT request.

    Raises:
        OpsError: The URL is invalid or unsafe (see :func:`is_safe_url`), or the upload failed.
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
    """Open a download from a presigned URL, and yield its bytes in pieces, as a context manager.

    The caller has to verify the bytes.

    Raises:
        OpsError: The URL is invalid or unsafe (see :func:`is_safe_url`), or the download failed.
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
