"""Reads a file's description (name, type, folder) in requests for upload URLs and for imports."""

from emulators.wix.arguments import read_flag, read_object, read_optional_text, read_strings
from emulators.wix.errors import InvalidRequest
from emulators.wix.media import media_types
from emulators.wix.media.files import MAX_LABEL, MAX_NAME
from emulators.wix.media.folders import ROOT, Folders, read_file_path
from emulators.wix.media.rules import rule_violation
from emulators.wix.wire import Data

MAX_GIVEN_NAME = 1000
MAX_LABELS = 500
MAX_EXTERNAL_IDS = 30


def read_file_request(given: Data, folders: Folders, *, name: str) -> Data:
    """Read the description of a file in a request for an upload URL or an import.

    Returns ``{displayName, mimeType, private, labels, externalInfo, parentFolderId, filePath}``.
    ``name`` is the request's property with the file's name. ``mimeType`` is the requested type,
    else the type of the name's extension, else empty. Raises InvalidRequest for a violated rule.
    """
    display_name, given_type = (
        read_optional_text(given, name),
        read_optional_text(given, "mimeType"),
    )
    if len(display_name) > MAX_GIVEN_NAME:
        raise InvalidRequest(name, f"must have at most {MAX_GIVEN_NAME} characters")
    mime = (
        media_types.mime_type(given_type)
        if given_type
        else media_types.guess_mime_type(display_name) or ""
    )
    if given_type and not mime:
        raise rule_violation("UNSUPPORTED_FILE_FORMAT", "mimeType")
    if mime and not media_types.is_name_consistent(mime, display_name):
        raise rule_violation("MISMATCH_MIME_TYPE", "mimeType")
    labels = read_strings(given, "labels")
    if len(labels) > MAX_LABELS or any(len(label) > MAX_LABEL for label in labels):
        raise InvalidRequest(
            "labels", f"must be at most {MAX_LABELS} texts of at most {MAX_LABEL} characters"
        )
    return {
        "displayName": display_name[:MAX_NAME],
        "mimeType": mime,
        "private": read_flag(given, "private"),
        "labels": labels,
        "externalInfo": _read_external_info(given),
        "parentFolderId": folders.require_parent(given, ROOT),
        "filePath": read_file_path(given),
    }


def size_in_bytes(given: Data) -> int | None:
    """Return the file size that a request announces, or None if it announces no size.

    Raises InvalidRequest for an invalid size.
    """
    value = given.get("sizeInBytes")
    if value is None:
        return None
    if (
        not isinstance(value, str | int)
        or isinstance(value, bool)
        or not str(value).isascii()
        or not str(value).isdecimal()
        or len(str(value)) > 18
    ):
        raise InvalidRequest("sizeInBytes", "must be a decimal number")
    return int(value)


def _read_external_info(given: Data) -> Data:
    external = read_object(given, "externalInfo")
    if not external:
        return {}
    ids = read_strings(external, "externalIds")
    if len(ids) > MAX_EXTERNAL_IDS:
        raise InvalidRequest("externalInfo.externalIds", f"must be at most {MAX_EXTERNAL_IDS}")
    return {"origin": read_optional_text(external, "origin"), "externalIds": ids}
