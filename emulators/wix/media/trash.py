"""The trash of the Media Manager: holds deleted files and folders until a permanent deletion."""

from collections.abc import Iterator

from emulators.wix.media.files import Files
from emulators.wix.media.folders import ROOT, Folders, require_no_root
from emulators.wix.media.readiness import Readiness
from emulators.wix.wire import Data


class Trash:
    """Deletes and restores files and folders of the Media Manager.

    Files that do not exist are ignored: Wix documents no error for them.
    """

    def __init__(self, files: Files, folders: Folders, readiness: Readiness) -> None:
        self._files = files
        self._folders = folders
        self._readiness = readiness

    def delete_files(self, identifiers: list[str], *, permanent: bool) -> None:
        for file in self._existing_files(identifiers):
            self._delete_file(file, permanent)

    def delete_folders(self, identifiers: list[str], *, permanent: bool) -> None:
        """Delete folders with their files and subfolders. Raises WixError for the root."""
        going = self._folders.subtree_ids(require_no_root(identifiers))
        for file in self._files.all():
            if file["parentFolderId"] in going:
                self._delete_file(file, permanent)
        for identifier in going:
            if permanent:
                self._folders.remove(identifier)
            else:
                self._folders.set_state(identifier, "DELETED")

    def restore_files(self, identifiers: list[str]) -> None:
        """Restore files to their folders, or to the root if their folder is deleted."""
        for file in self._existing_files(identifiers):
            self._restore_file(file)

    def restore_folders(self, identifiers: list[str]) -> None:
        """Restore folders with their files and subfolders."""
        coming = self._folders.subtree_ids(set(identifiers))
        for identifier in coming:
            parent = self._folders.get(identifier)["parentFolderId"]
            self._folders.set_state(
                identifier,
                "OK",
                parentFolderId=parent if parent in coming or self._folders.exists(parent) else ROOT,
            )
        for file in self._files.all():
            if file["parentFolderId"] in coming:
                self._restore_file(file)

    def _existing_files(self, identifiers: list[str]) -> Iterator[Data]:
        """Yield the files that exist, in order. Each file is looked up only when its turn comes.

        The caller deletes or restores each file before it takes the next one. So an id that is
        given twice does not yield a file that is already deleted permanently.
        """
        for identifier in identifiers:
            file = self._files.find(identifier)
            if file is not None:
                yield file

    def _delete_file(self, file: Data, permanent: bool) -> None:
        if permanent:
            self._files.remove(file)
        elif file["state"] == "OK":
            self._files.replace({**file, "state": "DELETED"})

    def _restore_file(self, file: Data) -> None:
        if file["state"] == "OK":
            return
        folder = file["parentFolderId"] if self._folders.exists(file["parentFolderId"]) else ROOT
        restored = self._files.replace({**file, "state": "OK", "parentFolderId": folder})
        if restored["operationStatus"] == "READY":
            self._readiness.publish_ready(restored, restored=True)
