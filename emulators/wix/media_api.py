"""Wix Site Media v1: files. Source: the types of ``@wix/auto_sdk_media_files``."""

from functools import partial
from typing import Any

from emulators.wix.arguments import an_object, flag, ids, optional, strings, text
from emulators.wix.endpoint import Call, Handler, Kind, Operation, member_object
from emulators.wix.entities import several
from emulators.wix.errors import InvalidRequest
from emulators.wix.media.files import MAX_LABEL, MAX_NAME, OWN, shown
from emulators.wix.media.folders import ROOT
from emulators.wix.media.media_types import MEDIA_TYPES
from emulators.wix.media.rules import broken, check_refused
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


def upload_url(site: Site, call: Call) -> Data:
    check_refused(site.faults, f"{FILES}/generate-upload-url")
    token = site.media.uploads.announce(call.arguments, call.by, call.base, resumable=False)
    return {"uploadUrl": f"{call.base}{PATH}/{token}"}


def resumable_upload_url(site: Site, call: Call) -> Data:
    check_refused(site.faults, f"{FILES}/generate-resumable-upload-url")
    if optional(call.arguments, "uploadProtocol", "TUS") != "TUS":
        raise InvalidRequest("uploadProtocol", "must be TUS")
    token = site.media.uploads.announce(call.arguments, call.by, call.base, resumable=True)
    return {"uploadProtocol": "TUS", "uploadUrl": call.base + RESUMABLE_PATH, "uploadToken": token}


def import_one(site: Site, call: Call) -> Data:
    return {"file": _imported(site, call, call.arguments)}


def import_several(site: Site, call: Call) -> Data:
    return {"files": [_imported(site, call, given) for given in _import_requests(call.arguments)]}


def import_bulk(site: Site, call: Call) -> Data:
    """Each by itself: one that is refused leaves the others alone."""
    entities = call.arguments.get("returnEntity") in (None, True)
    results: list[Data] = []
    for index, given in enumerate(_import_requests(call.arguments)):
        try:
            file = _imported(site, call, given)
        except InvalidRequest as refused:
            error = {"code": refused.rule or "INVALID_ARGUMENT", "description": f"{refused.field} {refused.description}"}
            results.append({"itemMetadata": {"originalIndex": index, "success": False, "error": error}})
        else:
            results.append({"itemMetadata": {"id": file["id"], "originalIndex": index, "success": True}, **({"item": file} if entities else {})})
    successes = sum(result["itemMetadata"]["success"] for result in results)
    metadata = {"totalSuccesses": successes, "totalFailures": len(results) - successes, "undetailedFailures": 0}
    return {"results": results, "bulkActionMetadata": metadata}


def get(site: Site, call: Call) -> Data:
    return {"file": shown(site.media.files.get(text(call.arguments, "fileId")), call.base)}


def get_several(site: Site, call: Call) -> Data:
    return {"files": [shown(site.media.files.get(identifier), call.base) for identifier in ids(call.arguments, "fileIds", MAX_GOT)]}


def list_(site: Site, call: Call, state: str = "OK") -> Data:
    """The files directly in a folder; those in the trash are in the folder that they were in."""
    asked = {"parentFolderId": optional(call.arguments, "parentFolderId", ROOT), "state": state}
    return _page(site, call, asked)


def search(site: Site, call: Call) -> Data:
    state, wanted = searched(call)
    places = ("displayName", f"{OWN}.mimeType", "labels")
    matching = {"$or": [{place: {"$contains": wanted}} for place in places]} if wanted else {}
    return _page(site, call, {"state": state, **matching})


def query(site: Site, call: Call) -> Data:
    files, metadata = site.media.files.query(an_object(call.arguments, "query"))
    return {"files": [shown(file, call.base) for file in files], "pagingMetadata": metadata}


def update(site: Site, call: Call) -> Data:
    """Whether a file is private cannot be changed; what else is read-only is left as it is."""
    changes = member_object(call.arguments, "file")
    file = site.media.files.get(text(changes, "id"))
    taken: Data = {}
    if changes.get("displayName") is not None:
        taken["displayName"] = text(changes, "displayName")
        if len(taken["displayName"]) > MAX_NAME:
            raise InvalidRequest("file.displayName", f"must have at most {MAX_NAME} characters")
    if changes.get("parentFolderId") is not None:
        taken["parentFolderId"] = site.media.folders.existing(changes, ROOT)
    if changes.get("labels") is not None:
        taken["labels"] = strings(changes, "labels")
        if len(taken["labels"]) > MAX_LABELS or any(len(label) > MAX_LABEL for label in taken["labels"]):
            raise InvalidRequest("file.labels", f"must be at most {MAX_LABELS} texts of at most {MAX_LABEL} characters")
    if not taken:
        raise broken("FIELD_MASK_IS_EMPTY_OR_MISSING", "file")
    return {"file": shown(site.media.files.replace({**file, **taken}), call.base)}


def delete(site: Site, call: Call) -> Data:
    site.media.trash.delete_files(ids(call.arguments, "fileIds", MAX_MANY), permanent=flag(call.arguments, "permanent"))
    return {}


def restore(site: Site, call: Call) -> Data:
    site.media.trash.restore_files(ids(call.arguments, "fileIds", MAX_MANY))
    return {}


def download_url(site: Site, call: Call) -> Data:
    return site.media.links.link(call.arguments, call.base)


def archive_url(site: Site, call: Call) -> Data:
    return site.media.links.archive(ids(call.arguments, "fileIds", MAX_MANY), call.base)


def searched(call: Call) -> tuple[str, str]:
    """In which state is what a search looks for, and the text that it has. Raises InvalidRequest for a root that is none, or a text that is too long."""
    root, wanted = optional(call.arguments, "rootFolder", "MEDIA_ROOT"), optional(call.arguments, "search")
    if root not in ROOTS:
        raise InvalidRequest("rootFolder", f"must be one of {', '.join(ROOTS)}")
    if len(wanted) > MAX_SEARCH:
        raise InvalidRequest("search", f"must have at most {MAX_SEARCH} characters")
    return ROOTS[root], wanted


def page_of(call: Call, asked: Data) -> Data:
    """A list's ``sort`` and ``paging`` as a query. Raises InvalidRequest for what it cannot be sorted by."""
    sort = an_object(call.arguments, "sort")
    name, order = optional(sort, "fieldName", "updatedDate"), optional(sort, "order", "ASC" if sort.get("fieldName") else "DESC")
    if name not in SORTED_BY or order not in ("ASC", "DESC"):
        raise broken("UNSUPPORTED_SORT_VALUE", "sort")
    return {"filter": asked, "sort": [{"fieldName": name, "order": order}], "cursorPaging": an_object(call.arguments, "paging")}


def next_cursor(metadata: Data) -> Data:
    """A list's ``nextCursor``, empty on the last page."""
    return {"nextCursor": {"cursors": {name: cursor for name, cursor in metadata["cursors"].items() if name == "next"}}}


def _page(site: Site, call: Call, asked: Data) -> Data:
    types: list[Any] = several(call.arguments, "mediaTypes")
    if any(one not in MEDIA_TYPES for one in types):
        raise broken("UNSUPPORTED_MEDIA_TYPE", "mediaTypes")
    if types:
        asked["mediaType"] = {"$in": types}
    if call.arguments.get("private") not in (None, ""):
        asked["private"] = flag(call.arguments, "private")
    files, metadata = site.media.files.query(page_of(call, asked))
    return {"files": [shown(file, call.base) for file in files], **next_cursor(metadata)}


def _imported(site: Site, call: Call, given: Data) -> Data:
    check_refused(site.faults, f"{FILES}/import")
    return shown(site.media.imports.start(given, call.by, call.base), call.base)


def _import_requests(arguments: Data) -> list[Data]:
    found = arguments.get("importFileRequests")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found) or not 1 <= len(found) <= MAX_IMPORTED:
        raise InvalidRequest("importFileRequests", f"must be 1 to {MAX_IMPORTED} objects")
    return found


TABLE: list[tuple[str, str, Handler, Kind]] = [
    ("POST", "/files/generate-upload-url", upload_url, Kind.WRITE),
    ("POST", "/files/generate-resumable-upload-url", resumable_upload_url, Kind.WRITE),
    ("POST", "/files/import", import_one, Kind.WRITE),
    ("POST", "/bulk/files/import", import_several, Kind.WRITE),
    ("POST", "/bulk/files/import-v2", import_bulk, Kind.WRITE),
    ("GET", "/files/get-file-by-id", get, Kind.READ),
    ("POST", "/files/get-files", get_several, Kind.READ),
    ("GET", "/files", list_, Kind.READ),
    ("POST", "/files/search", search, Kind.READ),
    ("POST", "/files/query", query, Kind.READ),
    ("PATCH", "/files/update-file-descriptor", update, Kind.WRITE),
    ("POST", "/bulk/files/delete", delete, Kind.WRITE),
    ("POST", "/bulk/trash-bin/files/restore", restore, Kind.WRITE),
    ("GET", "/trash-bin/files", partial(list_, state="DELETED"), Kind.READ),
    ("POST", "/files/generate-file-download-url", download_url, Kind.READ),
    ("POST", "/files/generate-download-url", archive_url, Kind.READ),
]
OPERATIONS = [Operation(method, PREFIX + path, handler, kind) for method, path, handler, kind in TABLE]
"""The operations under ``/site-media/v1`` that are about files."""
