"""HTTP API of files in the Media Manager (Site Media v1).

Source: the types of ``@wix/auto_sdk_media_files``.
"""

from functools import partial
from typing import Any

from emulators.wix.arguments import (
    read_flag,
    read_ids,
    read_object,
    read_optional_text,
    read_strings,
    read_text,
)
from emulators.wix.endpoint import Call, Handler, Kind, Operation, require_object
from emulators.wix.entities import read_string_list
from emulators.wix.errors import InvalidRequest
from emulators.wix.media.files import MAX_LABEL, MAX_NAME, OWN, file_descriptor
from emulators.wix.media.folders import ROOT
from emulators.wix.media.media_types import MEDIA_TYPES
from emulators.wix.media.rules import check_refused, rule_violation
from emulators.wix.media.uploads import PATH, RESUMABLE_PATH
from emulators.wix.site import Site
from emulators.wix.wire import Data

PREFIX = "/site-media/v1"
FILES = f"{PREFIX}/files"
MAX_GOT = 100
MAX_IMPORTED = 100
MAX_MANY = 1000
MAX_LABELS = 100
MAX_SEARCH = 200
SORTED_BY = ("displayName", "updatedDate", "sizeInBytes")
ROOTS = {"MEDIA_ROOT": "OK", "TRASH_ROOT": "DELETED"}


def create_upload_url(site: Site, call: Call) -> Data:
    check_refused(site.faults, f"{FILES}/generate-upload-url")
    token = site.media.uploads.create_upload(call.arguments, call.by, call.base, resumable=False)
    return {"uploadUrl": f"{call.base}{PATH}/{token}"}


def create_resumable_upload_url(site: Site, call: Call) -> Data:
    check_refused(site.faults, f"{FILES}/generate-resumable-upload-url")
    if read_optional_text(call.arguments, "uploadProtocol", "TUS") != "TUS":
        raise InvalidRequest("uploadProtocol", "must be TUS")
    token = site.media.uploads.create_upload(call.arguments, call.by, call.base, resumable=True)
    return {"uploadProtocol": "TUS", "uploadUrl": call.base + RESUMABLE_PATH, "uploadToken": token}


def import_file(site: Site, call: Call) -> Data:
    return {"file": _start_import(site, call, call.arguments)}


def import_files(site: Site, call: Call) -> Data:
    return {
        "files": [
            _start_import(site, call, given) for given in _read_import_requests(call.arguments)
        ]
    }


def bulk_import_files(site: Site, call: Call) -> Data:
    """Import several files by URL, independently: a refused file does not affect the others."""
    entities = call.arguments.get("returnEntity") in (None, True)
    results: list[Data] = []
    for index, given in enumerate(_read_import_requests(call.arguments)):
        try:
            file = _start_import(site, call, given)
        except InvalidRequest as refused:
            error = {
                "code": refused.rule or "INVALID_ARGUMENT",
                "description": f"{refused.field} {refused.description}",
            }
            results.append(
                {"itemMetadata": {"originalIndex": index, "success": False, "error": error}}
            )
        else:
            results.append(
                {
                    "itemMetadata": {"id": file["id"], "originalIndex": index, "success": True},
                    **({"item": file} if entities else {}),
                }
            )
    successes = sum(result["itemMetadata"]["success"] for result in results)
    metadata = {
        "totalSuccesses": successes,
        "totalFailures": len(results) - successes,
        "undetailedFailures": 0,
    }
    return {"results": results, "bulkActionMetadata": metadata}


def get_file(site: Site, call: Call) -> Data:
    return {
        "file": file_descriptor(
            site.media.files.get(read_text(call.arguments, "fileId")), call.base
        )
    }


def get_files(site: Site, call: Call) -> Data:
    return {
        "files": [
            file_descriptor(site.media.files.get(identifier), call.base)
            for identifier in read_ids(call.arguments, "fileIds", MAX_GOT)
        ]
    }


def list_files(site: Site, call: Call, state: str = "OK") -> Data:
    """List the files directly in a folder.

    With ``state`` DELETED, list the folder's files that are in the trash.
    """
    asked = {
        "parentFolderId": read_optional_text(call.arguments, "parentFolderId", ROOT),
        "state": state,
    }
    return _list_page(site, call, asked)


def search_files(site: Site, call: Call) -> Data:
    state, wanted = read_search(call)
    places = ("displayName", f"{OWN}.mimeType", "labels")
    matching = {"$or": [{place: {"$contains": wanted}} for place in places]} if wanted else {}
    return _list_page(site, call, {"state": state, **matching})


def query_files(site: Site, call: Call) -> Data:
    files, metadata = site.media.files.query(read_object(call.arguments, "query"))
    return {
        "files": [file_descriptor(file, call.base) for file in files],
        "pagingMetadata": metadata,
    }


def update_file(site: Site, call: Call) -> Data:
    """Change a file's name, folder or labels. ``private`` and read-only members are ignored."""
    changes = require_object(call.arguments, "file")
    file = site.media.files.get(read_text(changes, "id"))
    taken: Data = {}
    if changes.get("displayName") is not None:
        taken["displayName"] = read_text(changes, "displayName")
        if len(taken["displayName"]) > MAX_NAME:
            raise InvalidRequest("file.displayName", f"must have at most {MAX_NAME} characters")
    if changes.get("parentFolderId") is not None:
        taken["parentFolderId"] = site.media.folders.require_parent(changes, ROOT)
    if changes.get("labels") is not None:
        taken["labels"] = read_strings(changes, "labels")
        if len(taken["labels"]) > MAX_LABELS or any(
            len(label) > MAX_LABEL for label in taken["labels"]
        ):
            raise InvalidRequest(
                "file.labels",
                f"must be at most {MAX_LABELS} texts of at most {MAX_LABEL} characters",
            )
    if not taken:
        raise rule_violation("FIELD_MASK_IS_EMPTY_OR_MISSING", "file")
    return {"file": file_descriptor(site.media.files.replace({**file, **taken}), call.base)}


def delete_files(site: Site, call: Call) -> Data:
    site.media.trash.delete_files(
        read_ids(call.arguments, "fileIds", MAX_MANY),
        permanent=read_flag(call.arguments, "permanent"),
    )
    return {}


def restore_files(site: Site, call: Call) -> Data:
    site.media.trash.restore_files(read_ids(call.arguments, "fileIds", MAX_MANY))
    return {}


def create_download_url(site: Site, call: Call) -> Data:
    return site.media.links.create_download_url(call.arguments, call.base)


def create_archive_url(site: Site, call: Call) -> Data:
    return site.media.links.create_archive_url(
        read_ids(call.arguments, "fileIds", MAX_MANY), call.base
    )


def read_search(call: Call) -> tuple[str, str]:
    """Return the state of the files that a search asks for, and the text to search.

    The state is ``OK``, or ``DELETED`` for the trash. Raises InvalidRequest for an unknown root
    folder, or a text that is too long.
    """
    root, wanted = (
        read_optional_text(call.arguments, "rootFolder", "MEDIA_ROOT"),
        read_optional_text(call.arguments, "search"),
    )
    if root not in ROOTS:
        raise InvalidRequest("rootFolder", f"must be one of {', '.join(ROOTS)}")
    if len(wanted) > MAX_SEARCH:
        raise InvalidRequest("search", f"must have at most {MAX_SEARCH} characters")
    return ROOTS[root], wanted


def list_query(call: Call, asked: Data) -> Data:
    """Return a query for the files or folders that match ``asked``, sorted and paged as requested.

    Raises InvalidRequest for an unsupported sort.
    """
    sort = read_object(call.arguments, "sort")
    name, order = (
        read_optional_text(sort, "fieldName", "updatedDate"),
        read_optional_text(sort, "order", "ASC" if sort.get("fieldName") else "DESC"),
    )
    if name not in SORTED_BY or order not in ("ASC", "DESC"):
        raise rule_violation("UNSUPPORTED_SORT_VALUE", "sort")
    return {
        "filter": asked,
        "sort": [{"fieldName": name, "order": order}],
        "cursorPaging": read_object(call.arguments, "paging"),
    }


def next_cursor(metadata: Data) -> Data:
    """Return ``{nextCursor}`` of a list's page. It holds no cursor on the last page."""
    return {
        "nextCursor": {
            "cursors": {
                name: cursor for name, cursor in metadata["cursors"].items() if name == "next"
            }
        }
    }


def _list_page(site: Site, call: Call, asked: Data) -> Data:
    types: list[Any] = read_string_list(call.arguments, "mediaTypes")
    if any(one not in MEDIA_TYPES for one in types):
        raise rule_violation("UNSUPPORTED_MEDIA_TYPE", "mediaTypes")
    if types:
        asked["mediaType"] = {"$in": types}
    if call.arguments.get("private") not in (None, ""):
        asked["private"] = read_flag(call.arguments, "private")
    files, metadata = site.media.files.query(list_query(call, asked))
    return {"files": [file_descriptor(file, call.base) for file in files], **next_cursor(metadata)}


def _start_import(site: Site, call: Call, given: Data) -> Data:
    check_refused(site.faults, f"{FILES}/import")
    return file_descriptor(site.media.imports.start_import(given, call.by, call.base), call.base)


def _read_import_requests(arguments: Data) -> list[Data]:
    found = arguments.get("importFileRequests")
    if (
        not isinstance(found, list)
        or not all(isinstance(one, dict) for one in found)
        or not 1 <= len(found) <= MAX_IMPORTED
    ):
        raise InvalidRequest("importFileRequests", f"must be 1 to {MAX_IMPORTED} objects")
    return found


TABLE: list[tuple[str, str, Handler, Kind]] = [
    ("POST", "/files/generate-upload-url", create_upload_url, Kind.WRITE),
    ("POST", "/files/generate-resumable-upload-url", create_resumable_upload_url, Kind.WRITE),
    ("POST", "/files/import", import_file, Kind.WRITE),
    ("POST", "/bulk/files/import", import_files, Kind.WRITE),
    ("POST", "/bulk/files/import-v2", bulk_import_files, Kind.WRITE),
    ("GET", "/files/get-file-by-id", get_file, Kind.READ),
    ("POST", "/files/get-files", get_files, Kind.READ),
    ("GET", "/files", list_files, Kind.READ),
    ("POST", "/files/search", search_files, Kind.READ),
    ("POST", "/files/query", query_files, Kind.READ),
    ("PATCH", "/files/update-file-descriptor", update_file, Kind.WRITE),
    ("POST", "/bulk/files/delete", delete_files, Kind.WRITE),
    ("POST", "/bulk/trash-bin/files/restore", restore_files, Kind.WRITE),
    ("GET", "/trash-bin/files", partial(list_files, state="DELETED"), Kind.READ),
    ("POST", "/files/generate-file-download-url", create_download_url, Kind.READ),
    ("POST", "/files/generate-download-url", create_archive_url, Kind.READ),
]
OPERATIONS = [
    Operation(method, PREFIX + path, handler, kind) for method, path, handler, kind in TABLE
]
"""The operations on files under ``/site-media/v1``."""
