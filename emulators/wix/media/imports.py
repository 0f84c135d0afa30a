"""Imports files by URL: a file's descriptor exists at once, and its bytes are downloaded later."""

from functools import partial
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import httpx

from emulators.wix.arguments import read_object, read_text
from emulators.wix.errors import InvalidRequest
from emulators.wix.media import media_types
from emulators.wix.media.file_requests import read_file_request
from emulators.wix.media.files import OWN, Files
from emulators.wix.media.folders import Folders
from emulators.wix.media.readiness import Readiness
from emulators.wix.media.rules import rule_violation
from emulators.wix.outgoing import Outgoing
from emulators.wix.wire import Data

SECONDS = 300.0
MAX_URL = 8_000


class Imports:
    """Starts imports of files and downloads their bytes in the background.

    The response to an import says only that the URL was accepted. If the file cannot be downloaded,
    its state becomes FAILED, and an event gives the reason.
    """

    def __init__(
        self, files: Files, folders: Folders, readiness: Readiness, outgoing: Outgoing
    ) -> None:
        self._files = files
        self._folders = folders
        self._readiness = readiness
        self._outgoing = outgoing

    def start_import(self, given: Data, by: Data, base: str) -> Data:
        """Create a file in state PENDING, start to download its bytes, and return its descriptor.

        Raises InvalidRequest for a file that is not accepted.
        """
        source = read_text(given, "url")
        url = _parse_url(source)
        request = read_file_request(given, self._folders, name="displayName")
        name = request["displayName"] or url.path.rpartition("/")[2] or "file"
        mime = (
            request["mimeType"]
            or media_types.guess_mime_type(name)
            or media_types.guess_mime_type(url.path)
            or ""
        )
        expected = given.get("mediaType")
        if expected is not None and expected not in media_types.MEDIA_TYPES:
            raise rule_violation("UNSUPPORTED_MEDIA_TYPE", "mediaType")
        if expected is not None and mime and media_types.media_type(mime) != expected:
            raise rule_violation("MISMATCH_MIME_TYPE", "mediaType")
        self._files.check_size(1, "url")
        order = {
            "url": source,
            "urlParams": _read_text_map(given, "urlParams"),
            "urlHeaders": _read_text_map(given, "urlHeaders"),
            "mediaType": expected,
        }
        folder = self._folders.get_or_create_path(request["parentFolderId"], request["filePath"])
        file = self._files.add(
            {**request, "displayName": name, "mimeType": mime},
            folder,
            {"by": by, "base": base, "import": order},
            source,
        )
        self.start_download(file)
        return file

    def start_download(self, file: Data) -> None:
        """Download the bytes of a PENDING file in the background."""
        self._outgoing.schedule(0, partial(self._download, file["id"]))

    async def _download(self, identifier: str) -> None:
        file = self._files.find(identifier)
        if file is None:
            return
        order = file[OWN]["import"]
        url = _with_params(order["url"], order["urlParams"])
        try:
            if not file[OWN]["mimeType"]:
                file = await self._detect_media_type(file, url, order)
            async with self._outgoing.stream("GET", url, order["urlHeaders"], SECONDS) as answer:
                if answer.status_code != 200:
                    raise _DownloadFailed(
                        "DOWNLOAD_FAILED", f"The URL answered {answer.status_code}"
                    )
                blob = await self._files.store_content(answer.aiter_bytes(), "url")
        except _DownloadFailed as reason:
            self._readiness.mark_failed(identifier, reason.code, reason.description)
        except InvalidRequest as reason:
            self._readiness.mark_failed(identifier, reason.rule, f"The file {reason.description}")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            self._readiness.mark_failed(identifier, "DOWNLOAD_FAILED", "The URL gave no file")
        else:
            # The file may have been deleted during the download.
            file = self._files.find(identifier)
            if file is not None:
                self._readiness.start_processing(self._files.set_content(file, blob))

    async def _detect_media_type(self, file: Data, url: str, order: Data) -> Data:
        """Return a file with its MIME type, which a HEAD request asks from the server of the URL.

        Wix does so if the request for the import names no type. ``order`` is the stored request for
        the import. Raises ``_DownloadFailed`` if the server names no type, or another type than the
        request expects.
        """
        async with self._outgoing.stream("HEAD", url, order["urlHeaders"], SECONDS) as answer:
            mime = (
                media_types.mime_type(answer.headers.get("content-type", ""))
                if answer.status_code == 200
                else ""
            )
        if not mime:
            raise _DownloadFailed(
                "UNSUPPORTED_FILE_FORMAT",
                "Neither the request nor the server says of which type the file is",
            )
        kind = media_types.media_type(mime)
        if order["mediaType"] not in (None, kind):
            raise _DownloadFailed("MISMATCH_MIME_TYPE", f"The file is of the type {kind}")
        return self._files.replace(
            {**self._files.get(file["id"]), "mediaType": kind, OWN: {**file[OWN], "mimeType": mime}}
        )


class _DownloadFailed(Exception):
    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


def _parse_url(source: str) -> SplitResult:
    try:
        url = urlsplit(source)
    except ValueError:
        raise InvalidRequest("url", "is not valid") from None
    if url.scheme not in ("http", "https") or not url.hostname or len(source) > MAX_URL:
        raise InvalidRequest("url", "must be an http or https address")
    return url


def _with_params(source: str, params: dict[str, str]) -> str:
    """Return a URL with parameters appended. Its query string stays unchanged: it may be signed."""
    if not params:
        return source
    return source + ("&" if "?" in source else "?") + urlencode(params, quote_via=quote)


def _read_text_map(given: Data, name: str) -> dict[str, str]:
    found = read_object(given, name)
    if not all(isinstance(value, str | int | float | bool) for value in found.values()):
        raise InvalidRequest(name, "must be texts")
    if not all(
        text.isascii() and text.isprintable() for pair in found.items() for text in map(str, pair)
    ):
        raise InvalidRequest(name, "must be printable ASCII")
    return {key: str(value) for key, value in found.items()}
