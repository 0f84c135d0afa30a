"""The Media Manager with all of its parts (files, folders, uploads, imports, links and trash)."""

from dataclasses import dataclass
from pathlib import Path

from emulators.common.blobs import Blobs
from emulators.common.clock import Clock
from emulators.common.faults import FaultPlan
from emulators.wix.auth import Identity
from emulators.wix.events import Events
from emulators.wix.media.files import OWN, Files
from emulators.wix.media.folders import Folders
from emulators.wix.media.imports import Imports
from emulators.wix.media.links import Links
from emulators.wix.media.readiness import Readiness
from emulators.wix.media.resumable import Resumable
from emulators.wix.media.rules import Limits
from emulators.wix.media.trash import Trash
from emulators.wix.media.uploads import Uploads
from emulators.wix.outgoing import Outgoing
from emulators.wix.tables import Tables


@dataclass
class Media:
    """The state of the Media Manager, shared by all of its routes."""

    limits: Limits
    files: Files
    folders: Folders
    trash: Trash
    readiness: Readiness
    uploads: Uploads
    resumable: Resumable
    imports: Imports
    links: Links

    def resume(self) -> None:
        """Continue to process the files that were PENDING when the emulator was stopped."""
        for file in self.files.all():
            if file["operationStatus"] == "PENDING" and file[OWN]["sha256"] is None:
                self.imports.start_download(file)
            elif file["operationStatus"] == "PENDING":
                self.readiness.start_processing(file)


def new_media(
    tables: Tables,
    clock: Clock,
    faults: FaultPlan,
    events: Events,
    outgoing: Outgoing,
    identity: Identity,
    folder: Path | None,
) -> Media:
    """Return a new Media Manager.

    The bytes of its files are in ``folder``, or in a temporary folder if ``folder`` is None.
    """
    limits, blobs = Limits(), Blobs(folder)
    folders = Folders(tables, clock, identity.site_id)
    files = Files(tables, clock, identity.site_id, blobs, limits)
    readiness = Readiness(files, limits, faults, events, outgoing)
    return Media(
        limits=limits,
        files=files,
        folders=folders,
        trash=Trash(files, folders, readiness),
        readiness=readiness,
        uploads=Uploads(tables, clock, files, folders, readiness, faults),
        resumable=Resumable(blobs),
        imports=Imports(files, folders, readiness, outgoing),
        links=Links(tables, clock, files, identity.app_secret),
    )
