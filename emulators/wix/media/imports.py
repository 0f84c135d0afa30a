"""Files that the site fetches by URL: the descriptor is there at once, the bytes come later."""

from functools import partial
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import httpx

from emulators.wix.arguments import an_object, text
from emulators.wix.errors import InvalidRequest
from emulators.wix.media import media_types
from emulators.wix.media.file_requests import read_wish
from emulators.wix.media.files import OWN, Files
from emulators.wix.media.folders import Folders
from emulators.wix.media.readiness import Readiness
from emulators.wix.media.rules import broken
from emulators.wix.outgoing import Outgoing
from emulators.wix.wire import Data

SECONDS = 300.0
MAX_URL = 8_000


class Imports:
    """Whoever asks learns only that the URL was taken. A file that cannot be fetched is FAILED, with why in its event."""

    def __init__(self, files: Files, folders: Folders, readiness: Readiness, outgoing: Outgoing) -> None:
        self._files = files
        self._folders = folders
        self._readiness = readiness
        self._outgoing = outgoing

    def start(self, given: Data, by: Data, base: str) -> Data:
        """The file, PENDING. Raises InvalidRequest for one that would not be taken."""
        source = text(given, "url")
        url = _url(source)
        wish = read_wish(given, self._folders, name="displayName")
        name = wish["displayName"] or url.path.rpartition("/")[2] or "file"
        mime = wish["mimeType"] or media_types.mime_of_name(name) or media_types.mime_of_name(url.path) or ""
        expected = given.get("mediaType")
        if expected is not None and expected not in media_types.MEDIA_TYPES:
            raise broken("UNSUPPORTED_MEDIA_TYPE", "mediaType")
        if expected is not None and mime and media_types.media_type(mime) != expected:
            raise broken("MISMATCH_MIME_TYPE", "mediaType")
        self._files.check_size(1, "url")
        order = {"url": source, "urlParams": _texts(given, "urlParams"), "urlHeaders": _texts(given, "urlHeaders"), "mediaType": expected}
        folder = self._folders.at(wish["parentFolderId"], wish["filePath"])
        file = self._files.add({**wish, "displayName": name, "mimeType": mime}, folder, {"by": by, "base": base, "import": order}, source)
        self.fetch(file)
        return file

    def fetch(self, file: Data) -> None:
        """Get the bytes, in the background."""
        self._outgoing.later(0, partial(self._fetch, file["id"]))

    async def _fetch(self, identifier: str) -> None:
        file = self._files.find(identifier)
        if file is None:
            return
        order = file[OWN]["import"]
        url = _with_params(order["url"], order["urlParams"])
        try:
            if not file[OWN]["mimeType"]:
                file = await self._typed(file, url, order)
            async with self._outgoing.ask("GET", url, order["urlHeaders"], SECONDS) as answer:
                if answer.status_code != 200:
                    raise _Unfetched("DOWNLOAD_FAILED", f"The URL answered {answer.status_code}")
                blob = await self._files.receive(answer.aiter_bytes(), "url")
        except _Unfetched as reason:
            self._readiness.fail(identifier, reason.code, reason.description)
        except InvalidRequest as reason:
            self._readiness.fail(identifier, reason.rule, f"The file {reason.description}")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            self._readiness.fail(identifier, "DOWNLOAD_FAILED", "The URL gave no file")
        else:
            file = self._files.find(identifier)
            if file is not None:
                self._readiness.start(self._files.filled(file, blob))

    async def _typed(self, file: Data, url: str, order: Data) -> Data:
        """Nobody said of which type the file is: Wix asks the server, with HEAD."""
        async with self._outgoing.ask("HEAD", url, order["urlHeaders"], SECONDS) as answer:
            mime = media_types.mime_type(answer.headers.get("content-type", "")) if answer.status_code == 200 else ""
        if not mime:
            raise _Unfetched("UNSUPPORTED_FILE_FORMAT", "Neither the request nor the server says of which type the file is")
        kind = media_types.media_type(mime)
        if order["mediaType"] not in (None, kind):
            raise _Unfetched("MISMATCH_MIME_TYPE", f"The file is of the type {kind}")
        return self._files.replace({**self._files.get(file["id"]), "mediaType": kind, OWN: {**file[OWN], "mimeType": mime}})


class _Unfetched(Exception):
    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


def _url(source: str) -> SplitResult:
    try:
        url = urlsplit(source)
    except ValueError:
        raise InvalidRequest("url", "is not valid") from None
    if url.scheme not in ("http", "https") or not url.hostname or len(source) > MAX_URL:
        raise InvalidRequest("url", "must be an http or https address")
    return url


def _with_params(source: str, params: dict[str, str]) -> str:
    """What is in the URL already stays as it is spelt: it may be signed."""
    return source + ("&" if "?" in source else "?") + urlencode(params, quote_via=quote) if params else source


def _texts(given: Data, name: str) -> dict[str, str]:
    found = an_object(given, name)
    if not all(isinstance(value, str | int | float | bool) for value in found.values()):
        raise InvalidRequest(name, "must be texts")
    if not all(text.isascii() and text.isprintable() for pair in found.items() for text in map(str, pair)):
        raise InvalidRequest(name, "must be printable ASCII")
    return {key: str(value) for key, value in found.items()}
