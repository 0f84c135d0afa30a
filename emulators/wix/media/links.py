"""Download links: a link to one file expires, and a link to an archive of files does not."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

import jwt

from emulators.common.clock import Clock
from emulators.wix.arguments import read_int, read_optional_text, read_text
from emulators.wix.entities import Entities, read_string_list
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.media.files import Files
from emulators.wix.media.rules import rule_violation
from emulators.wix.tables import Tables
from emulators.wix.wire import Data

TABLE = "$mediaArchives"
PATH = "/_media/download"
ARCHIVE_PATH = "/_media/archive"
ASSET = "src"
DISPOSITIONS = ("ATTACHMENT", "INLINE")
DEFAULT_MINUTES = 600
MAX_MINUTES = 525_600
MAX_NAME = 255


class Links:
    """Creates and checks download links to files and archives of the Media Manager.

    A link to a single file is a token (JWT) with all data of the link, signed with a key that is
    made from ``secret``.
    """

    def __init__(self, tables: Tables, clock: Clock, files: Files, secret: str) -> None:
        self._archives = Entities(tables, TABLE, clock)
        self._clock = clock
        self._files = files
        self._key = hashlib.sha256(f"media links of {secret}".encode()).digest()

    def create_download_url(self, given: Data, base: str) -> Data:
        """Return ``{downloadUrls}``: a download link to a file, in a list.

        Raises InvalidRequest for a violated rule, WixError (428) for a file that is not READY.
        """
        file = self._files.get(read_text(given, "fileId"))
        if any(key != ASSET for key in read_string_list(given, "assetKeys")):
            raise rule_violation("INVALID_ASSET_KEY", "assetKeys")
        disposition = read_optional_text(given, "contentDisposition", "ATTACHMENT")
        if disposition not in DISPOSITIONS:
            raise InvalidRequest("contentDisposition", f"must be one of {', '.join(DISPOSITIONS)}")
        redirect, name = (
            read_optional_text(given, "expirationRedirectUrl"),
            read_optional_text(given, "downloadFileName"),
        )
        if redirect and not redirect.startswith(("http://", "https://")):
            raise InvalidRequest("expirationRedirectUrl", "must be an http or https address")
        if len(name) > MAX_NAME:
            raise InvalidRequest("downloadFileName", f"must have at most {MAX_NAME} characters")
        minutes = read_int(given, "expirationInMinutes", DEFAULT_MINUTES, least=1, most=MAX_MINUTES)
        check_ready(file)
        expires = int(self._clock.now().timestamp()) + minutes * 60
        claims = {
            "sub": file["id"],
            "exp": expires,
            "name": name,
            "disposition": disposition.lower(),
            "redirect": redirect,
        }
        return {
            "downloadUrls": [
                {
                    "assetKey": ASSET,
                    "url": f"{base}{PATH}/{jwt.encode(claims, self._key, algorithm='HS256')}",
                }
            ]
        }

    def read_link(self, token: str) -> Data:
        """Return the claims in the token of a file's download link.

        The member ``expired`` is True if the link has expired. Raises WixError (403) for a forged
        link.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._key, algorithms=["HS256"], options={"verify_exp": False}
            )
        except jwt.InvalidTokenError:
            raise WixError("PERMISSION_DENIED", "The link is not valid") from None
        return {
            **claims,
            "expired": self._clock.now()
            >= datetime.fromtimestamp(claims["exp"], self._clock.now().tzinfo),
        }

    def create_archive_url(self, identifiers: list[str], base: str) -> Data:
        """Return ``{downloadUrl}``: a link to an archive of several files.

        Raises InvalidRequest for a missing file, WixError (428) for a file that is not READY.
        """
        found = [self._files.get(identifier) for identifier in identifiers]
        for file in found:
            check_ready(file)
        archive = self._archives.add(
            {"id": secrets.token_urlsafe(32), "fileIds": [file["id"] for file in found]}
        )
        return {"downloadUrl": f"{base}{ARCHIVE_PATH}/{archive['id']}"}

    def archive_file_ids(self, token: str) -> list[str]:
        """Return the ids of the files in an archive, from its link's token.

        Raises WixError (403) for an unknown link.
        """
        archive = self._archives.find(token)
        if archive is None:
            raise WixError("PERMISSION_DENIED", "The link is not valid")
        found: list[str] = archive["fileIds"]
        return found


def check_ready(file: Data) -> None:
    """Raise WixError if a file cannot be linked to: 428 if it is not READY, 404 in the trash."""
    if file["state"] != "OK":
        raise WixError("NOT_FOUND", "The file is in the trash")
    if file["operationStatus"] != "READY":
        raise WixError("FAILED_PRECONDITION", f"The file is {file['operationStatus']}")
