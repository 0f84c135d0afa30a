"""Wix Site Media v1: folders. Source: the types of ``@wix/auto_sdk_media_folders``."""

from functools import partial

from emulators.wix.arguments import an_object, flag, ids, optional
from emulators.wix.endpoint import Call, Handler, Kind, Operation, member_object
from emulators.wix.media.files import is_served
from emulators.wix.media.folders import ROOT
from emulators.wix.media_api import PREFIX, next_cursor, page_of, searched
from emulators.wix.site import Site
from emulators.wix.wire import Data

MAX_MANY = 100


def create(site: Site, call: Call) -> Data:
    return {"folder": site.media.folders.create(call.arguments)}


def get(site: Site, call: Call) -> Data:
    return {"folder": site.media.folders.get(call.path["folder_id"])}


def list_(site: Site, call: Call, state: str = "OK") -> Data:
    """The folders directly in a folder; those in the trash are in the folder that they were in."""
    asked = {"parentFolderId": optional(call.arguments, "parentFolderId", ROOT), "state": state}
    folders, metadata = site.media.folders.find(page_of(call, asked))
    return {"folders": folders, **next_cursor(metadata)}


def search(site: Site, call: Call) -> Data:
    state, wanted = searched(call)
    folders, metadata = site.media.folders.find(page_of(call, {"state": state, **({"displayName": {"$contains": wanted}} if wanted else {})}))
    return {"folders": folders, **next_cursor(metadata)}


def query(site: Site, call: Call) -> Data:
    folders, metadata = site.media.folders.find(an_object(call.arguments, "query"))
    return {"folders": folders, "pagingMetadata": metadata}


def archive_url(site: Site, call: Call) -> Data:
    """A link to all files that are in the folder now, and below it."""
    inside = site.media.folders.inside({site.media.folders.get(call.path["folder_id"])["id"]})
    found = [file["id"] for file in site.media.files.all() if file["parentFolderId"] in inside and is_served(file)]
    return site.media.links.archive(found, call.base)


def update(site: Site, call: Call) -> Data:
    return {"folder": site.media.folders.update(call.path["folder_id"], member_object(call.arguments, "folder"))}


def delete(site: Site, call: Call) -> Data:
    site.media.trash.delete_folders(ids(call.arguments, "folderIds", MAX_MANY), permanent=flag(call.arguments, "permanent"))
    return {}


def restore(site: Site, call: Call) -> Data:
    site.media.trash.restore_folders(ids(call.arguments, "folderIds", MAX_MANY))
    return {}


TABLE: list[tuple[str, str, Handler, Kind]] = [
    ("POST", "/folders", create, Kind.WRITE),
    ("GET", "/folders", list_, Kind.READ),
    ("POST", "/folders/search", search, Kind.READ),
    ("POST", "/folders/query", query, Kind.READ),
    ("POST", "/folders/{folder_id}/generate-download-url", archive_url, Kind.READ),
    ("GET", "/folders/{folder_id}", get, Kind.READ),
    ("PATCH", "/folders/{folder_id}", update, Kind.WRITE),
    ("POST", "/bulk/folders/delete", delete, Kind.WRITE),
    ("POST", "/bulk/trash-bin/folders/restore", restore, Kind.WRITE),
    ("GET", "/trash-bin/folders", partial(list_, state="DELETED"), Kind.READ),
]
OPERATIONS = [Operation(method, PREFIX + path, handler, kind) for method, path, handler, kind in TABLE]
"""The operations under ``/site-media/v1`` that are about folders."""
