"""Helpers to upload files to the Wix emulator's Media Manager as an API client."""

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.contract.wix_site import Client, a_site, wait_until

MEDIA = "/site-media/v1"
FILES = f"{MEDIA}/files"
FOLDERS = f"{MEDIA}/folders"
READY = "wix.media.site_media.v1.file_descriptor_file_ready"
FAILED = "wix.media.site_media.v1.file_descriptor_file_failed"
TUS = {"tus-resumable": "1.0.0"}
PDF = b"%PDF-1.4 a small guide"


def a_media_site(*, state: Path | None = None, **limits: Any) -> Client:
    """Return a site whose files are READY at once, unless ``limits`` say otherwise."""
    site = a_site(state=state, collection=False)
    site.control("POST", "media", {"readySeconds": 0, **limits})
    return site


def upload_url(site: Client, **more: Any) -> str:
    return str(
        site.ok(
            "POST",
            f"{FILES}/generate-upload-url",
            {"mimeType": "application/pdf", "fileName": "Guide.pdf", **more},
        )["uploadUrl"]
    )


def put(
    site: Client,
    url: str,
    content: bytes | Iterable[bytes] = PDF,
    *,
    content_type: str | None = None,
    **params: str,
) -> httpx.Response:
    """PUT bytes without credentials."""
    headers = {} if content_type is None else {"content-type": content_type}
    return site.http.put(
        f"{url}?{urlencode(params)}" if params else url, content=content, headers=headers
    )


def a_file(site: Client, content: bytes = PDF, *, wait: bool = True, **more: Any) -> dict[str, Any]:
    """Upload a file and return its descriptor once it is READY."""
    answer = put(site, upload_url(site, **more), content)
    assert answer.status_code == 200, answer.text
    file: dict[str, Any] = answer.json()["file"]
    return wait_for_status(site, file["id"], "READY") if wait else file


def file_of(site: Client, identifier: str) -> dict[str, Any]:
    found: dict[str, Any] = site.ok("GET", f"{FILES}/get-file-by-id", fileId=identifier)["file"]
    return found


def wait_for_status(site: Client, identifier: str, status: str) -> dict[str, Any]:
    """Wait until the file has that status and return its descriptor."""
    wait_until(lambda: file_of(site, identifier)["operationStatus"] == status)
    return file_of(site, identifier)


def get(site: Client, url: str, **headers: str) -> httpx.Response:
    return site.http.get(url, headers=headers)


def link(site: Client, identifier: str, **more: Any) -> str:
    return str(
        site.ok("POST", f"{FILES}/generate-file-download-url", {"fileId": identifier, **more})[
            "downloadUrls"
        ][0]["url"]
    )


def names(answer: dict[str, Any]) -> list[str]:
    return [file["displayName"] for file in answer["files"]]


def rule(answer: httpx.Response) -> str:
    """Return the violated rule of an invalid request."""
    assert answer.status_code == 400, answer.text
    return str(answer.json()["details"]["validationError"]["fieldViolations"][0]["ruleName"])


def upload_metadata(**pairs: str) -> str:
    """Encode ``Upload-Metadata`` of the tus protocol."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items()
    )


def files(site: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.control("GET", "media/files")["files"]
    return found


def a_resumable(site: Client, **more: Any) -> tuple[str, str, dict[str, str]]:
    """Return URL and token of a resumable upload, and the headers to create it."""
    wish = {"mimeType": "application/pdf", "fileName": "Guide.pdf", "uploadProtocol": "TUS", **more}
    announced = site.ok("POST", f"{FILES}/generate-resumable-upload-url", wish)
    assert announced["uploadProtocol"] == "TUS"
    headers = {
        **TUS,
        "upload-metadata": upload_metadata(
            filename="Guide.pdf", contentType="application/pdf", token=announced["uploadToken"]
        ),
    }
    return announced["uploadUrl"], announced["uploadToken"], headers


def create_resumable(site: Client, url: str, token: str, length: int = len(PDF)) -> httpx.Response:
    headers = {**TUS, "upload-length": str(length), "upload-metadata": upload_metadata(token=token)}
    return site.http.post(url, headers=headers)
