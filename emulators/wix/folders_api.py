"""HTTP API of media folders (Site Media v1).

Source: the types of ``@wix/auto_sdk_media_folders``.
"""

from functools import partial

from emulators.wix.arguments import read_flag, read_ids, read_object, read_optional_text
from emulators.wix.endpoint import Call, Handler, Kind, Operation, require_object
from emulators.wix.media.files import is_served
from emulators.wix.media.folders import ROOT
from emulators.wix.media_api import PREFIX, list_query, next_cursor, read_search
from emulators.wix.site import Site
from emulators.wix.wire import Data

MAX_MANY = 100


def create_folder(site: Site, call: Call) -> Data:
    return {"folder": site.media.folders.create(call.arguments)}


def get_folder(site: Site, call: Call) -> Data:
    return {"folder": site.media.folders.get(call.path["folder_id"])}


def list_folders(site: Site, call: Call, state: str = "OK") -> Data:
    """Return the direct subfolders of a folder.

    With ``state`` DELETED, return the subfolders in the trash, which keep their parent folder.
    """
    asked = {
        "parentFolderId": read_optional_text(call.arguments, "parentFolderId", ROOT),
        "state": state,
    }
    folders, metadata = site.media.folders.query(list_query(call, asked))
    return {"folders": folders, **next_cursor(metadata)}


def search_folders(site: Site, call: Call) -> Data:
    state, wanted = read_search(call)
    folders, metadata = site.media.folders.query(
        list_query(
            call, {"state": state, **({"displayName": {"$contains": wanted}} if wanted else {})}
        )
    )
    return {"folders": folders, **next_cursor(metadata)}


def query_folders(site: Site, call: Call) -> Data:
    folders, metadata = site.media.folders.query(read_object(call.arguments, "query"))
    return {"folders": folders, "pagingMetadata": metadata}


def create_archive_url(site: Site, call: Call) -> Data:
    """Return a download link for all files that are now in the folder and below it."""
    inside = site.media.folders.subtree_ids({site.media.folders.get(call.path["folder_id"])["id"]})
    found = [
        file["id"]
        for file in site.media.files.all()
        if file["parentFolderId"] in inside and is_served(file)
    ]
    return site.media.links.create_archive_url(found, call.base)


def update_folder(site: Site, call: Call) -> Data:
    return {
        "folder": site.media.folders.update(
            call.path["folder_id"], require_object(call.arguments, "folder")
        )
    }


def delete_folders(site: Site, call: Call) -> Data:
    site.media.trash.delete_folders(
        read_ids(call.arguments, "folderIds", MAX_MANY),
        permanent=read_flag(call.arguments, "permanent"),
    )
    return {}


def restore_folders(site: Site, call: Call) -> Data:
    site.media.trash.restore_folders(read_ids(call.arguments, "folderIds", MAX_MANY))
    return {}


TABLE: list[tuple[str, str, Handler, Kind]] = [
    ("POST", "/folders", create_folder, Kind.WRITE),
    ("GET", "/folders", list_folders, Kind.READ),
    ("POST", "/folders/search", search_folders, Kind.READ),
    ("POST", "/folders/query", query_folders, Kind.READ),
    ("POST", "/folders/{folder_id}/generate-download-url", create_archive_url, Kind.READ),
    ("GET", "/folders/{folder_id}", get_folder, Kind.READ),
    ("PATCH", "/folders/{folder_id}", update_folder, Kind.WRITE),
    ("POST", "/bulk/folders/delete", delete_folders, Kind.WRITE),
    ("POST", "/bulk/trash-bin/folders/restore", restore_folders, Kind.WRITE),
    ("GET", "/trash-bin/folders", partial(list_folders, state="DELETED"), Kind.READ),
]
OPERATIONS = [
    Operation(method, PREFIX + path, handler, kind) for method, path, handler, kind in TABLE
]
"""The operations on folders under ``/site-media/v1``."""
