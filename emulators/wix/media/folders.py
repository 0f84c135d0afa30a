"""Stores the folders of the Media Manager."""

import uuid

from emulators.common.clock import Clock
from emulators.wix.arguments import read_optional_text, read_text
from emulators.wix.entities import Entities, Page
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.media.rules import rule_violation
from emulators.wix.tables import Tables
from emulators.wix.wire import Data

TABLE = "$mediaFolders"
ROOT = "media-root"
MAX_NAME = 1000
MAX_PATH = 100


class Folders:
    """The folders of the Media Manager.

    The root is not stored: it cannot be read, changed or deleted. Raises WixError (NOT_FOUND) for a
    folder that does not exist.
    """

    def __init__(self, tables: Tables, clock: Clock, site_id: str) -> None:
        self._folders = Entities(tables, TABLE, clock)
        self._site_id = site_id

    def create(self, given: Data) -> Data:
        """Create a folder, and return it. Names need not be unique.

        Raises InvalidRequest for a parent folder that does not exist.
        """
        return self._add(_read_name(given), self.require_parent(given, ROOT))

    def get(self, identifier: str) -> Data:
        return self._folders.get(identifier)

    def all(self) -> list[Data]:
        """Return all folders, oldest first, including the trash."""
        return self._folders.all()

    def query(self, asked: Data) -> Page:
        return self._folders.query_by_cursor(asked)

    def require_parent(self, given: Data, default: str) -> str:
        """Return the folder id in ``parentFolderId`` of a request, or ``default`` without one.

        Raises InvalidRequest for a folder that does not exist, or is in the trash.
        """
        identifier = read_optional_text(given, "parentFolderId", default)
        if not self.exists(identifier):
            raise rule_violation("RESOURCE_NOT_FOUND", "parentFolderId")
        return identifier

    def exists(self, identifier: str) -> bool:
        """Return True for the root, and for an existing folder outside the trash."""
        folder = self._folders.find(identifier)
        return identifier == ROOT or (folder is not None and folder["state"] == "OK")

    def get_or_create_path(self, parent: str, path: str) -> str:
        """Return the id of the folder at a path below another folder.

        Missing folders are created.
        """
        for name in path.strip("/").split("/") if path.strip("/") else ():
            known = next(
                (folder["id"] for folder in self.all() if _is_named(folder, name, parent)), None
            )
            parent = known or self._add(name, parent)["id"]
        return parent

    def path(self, identifier: str) -> str:
        """Return the path of a folder from the root, like ``/videos/2024``; the root is ``/``."""
        names: list[str] = []
        while (folder := self._folders.find(identifier)) is not None:
            names.append(folder["displayName"])
            identifier = folder["parentFolderId"]
        return "/" + "/".join(reversed(names))

    def update(self, identifier: str, changes: Data) -> Data:
        """Rename or move a folder, and return it.

        Raises InvalidRequest if the folder would be inside itself, or if ``changes`` are empty.
        """
        current = self._folders.get(identifier)
        taken: Data = {}
        if changes.get("displayName") is not None:
            taken["displayName"] = _read_name(changes)
        if changes.get("parentFolderId") is not None:
            taken["parentFolderId"] = self.require_parent(changes, ROOT)
        if not taken:
            raise rule_violation("FIELD_MASK_IS_EMPTY_OR_MISSING", "folder")
        # Moving a folder into its own subtree would detach both from the root.
        if taken.get("parentFolderId") in self.subtree_ids({identifier}):
            raise InvalidRequest("folder.parentFolderId", "is inside the folder")
        return self._folders.replace({**current, **taken})

    def subtree_ids(self, identifiers: set[str]) -> set[str]:
        """Return the ids of these folders and of all folders below them.

        Ids of folders that do not exist are ignored.
        """
        found: set[str] = set()
        wave = {folder["id"] for folder in self.all() if folder["id"] in identifiers}
        while wave:
            found |= wave
            wave = {
                folder["id"] for folder in self.all() if folder["parentFolderId"] in wave
            } - found
        return found

    def set_state(self, identifier: str, state: str, **changes: str) -> None:
        """Set a folder's state (``DELETED`` in the trash, else ``OK``), and apply other changes."""
        self._folders.replace({**self._folders.get(identifier), **changes, "state": state})

    def remove(self, identifier: str) -> None:
        self._folders.remove(identifier)

    def _add(self, name: str, parent: str) -> Data:
        return self._folders.add(
            {
                "id": uuid.uuid4().hex,
                "displayName": name,
                "parentFolderId": parent,
                "state": "OK",
                "siteId": self._site_id,
            }
        )


def read_file_path(given: Data) -> str:
    """Return the ``filePath`` of a request, the path of a folder; ``/`` if the request has none.

    Raises InvalidRequest for a path that is too long, or has an empty step.
    """
    path = read_optional_text(given, "filePath", "/")
    steps = path.strip("/").split("/")
    if len(path) > MAX_PATH or (steps != [""] and not all(step.strip(". ") for step in steps)):
        raise InvalidRequest(
            "filePath", f"must be a path of at most {MAX_PATH} characters, without empty steps"
        )
    return path


def require_no_root(identifiers: list[str]) -> set[str]:
    """Return folder ids as a set. Raises WixError for the root, which cannot be deleted."""
    if ROOT in identifiers:
        raise WixError("PERMISSION_DENIED", f"{ROOT} cannot be deleted")
    return set(identifiers)


def _read_name(given: Data) -> str:
    name = read_text(given, "displayName")
    if len(name) > MAX_NAME:
        raise InvalidRequest("displayName", f"must have at most {MAX_NAME} characters")
    return name


def _is_named(folder: Data, name: str, parent: str) -> bool:
    return bool(
        folder["parentFolderId"] == parent
        and folder["displayName"] == name
        and folder["state"] == "OK"
    )
