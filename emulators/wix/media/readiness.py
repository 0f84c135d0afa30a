"""Processing of files: once its bytes have arrived, a file becomes READY or FAILED.

Webhooks get an event on READY and on FAILED.
"""

from functools import partial

from emulators.common.faults import FaultPlan
from emulators.wix.events import Events
from emulators.wix.media.files import OWN, Files, file_descriptor
from emulators.wix.media.rules import Limits
from emulators.wix.outgoing import Outgoing
from emulators.wix.wire import Data

FQDN = "wix.media.site_media.v1.file_descriptor"


class Readiness:
    """Processes files after their bytes have arrived: a file becomes READY or FAILED.

    The processing time is real time, independent of the emulator's clock.
    """

    def __init__(
        self, files: Files, limits: Limits, faults: FaultPlan, events: Events, outgoing: Outgoing
    ) -> None:
        self._files = files
        self._limits = limits
        self._faults = faults
        self._events = events
        self._outgoing = outgoing

    def start_processing(self, file: Data) -> None:
        """Start to process a file after its bytes have arrived.

        When the processing ends, the file becomes READY or FAILED.
        """
        slow = self._faults.take_match("media_slow", path=file["displayName"])
        self._outgoing.schedule(
            self._limits.ready_seconds + (slow.seconds if slow else 0),
            partial(self._finish_processing, file["id"]),
        )

    def mark_failed(self, identifier: str, code: str, description: str) -> None:
        """Mark the file as FAILED and publish the event, unless the file is deleted."""
        file = self._files.find(identifier)
        if file is None:
            return
        failed = self._files.replace({**file, "operationStatus": "FAILED"})
        error = {"code": code, "description": description, "data": None}
        self._publish(
            "file_failed", failed, {"externalInfo": failed[OWN]["externalInfo"], "error": error}
        )

    def publish_ready(self, file: Data, *, restored: bool = False) -> None:
        """Publish the event that a file is READY, or was restored from the trash."""
        self._publish(
            "file_ready",
            file,
            {
                "file": file_descriptor(file),
                "externalInfo": file[OWN]["externalInfo"],
                "triggeredByUndelete": restored,
            },
        )

    async def _finish_processing(self, identifier: str) -> None:
        file = self._files.find(identifier)
        if file is None:
            return
        fault = self._faults.take_match("media_failed", path=file["displayName"])
        if fault is not None:
            self.mark_failed(
                identifier,
                str(fault.options.get("code", "PROCESSING_FAILED")),
                str(fault.options.get("description", "The file cannot be processed")),
            )
        else:
            self.publish_ready(self._files.replace({**file, "operationStatus": "READY"}))

    def _publish(self, slug: str, file: Data, body: Data) -> None:
        self._events.publish_action(FQDN, slug, file["id"], body, file[OWN]["by"])
