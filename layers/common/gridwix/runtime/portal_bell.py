"""Builds the service that notifies open pages of the portal of changed rows."""

from typing import override

from gridwix.clients.aws.ring_queue import RingQueue
from gridwix.errors import UpstreamError
from gridwix.models.ids import CollectionId
from gridwix.models.portal.sections import SECTION_OF
from gridwix.publication.audiences import Audience
from gridwix.publication.ports import PortalBell
from gridwix.runtime.aws import sqs
from gridwix.runtime.observability import count, log_fields, logger
from gridwix.runtime.settings import BellSettings


class QueueBell(PortalBell):
    """Sends the changed sections of the portal to the queue of ``portal_ringer``.

    That function notifies the open pages. A failure is only logged and counted
    (``RingsNotQueued``): the rows are written, and open pages read them within half an hour.
    """

    def __init__(self, queue: RingQueue) -> None:
        self._queue = queue

    @override
    def ring(self, collection: CollectionId, audience: Audience) -> None:
        section = SECTION_OF.get(collection)
        if section is None or not audience:
            return
        try:
            self._queue.send(section, audience)
        except UpstreamError as error:
            logger.warning("ring_not_queued", extra={"collection": collection, **log_fields(error)})
            count("RingsNotQueued")


def portal_bell(settings: BellSettings) -> PortalBell:
    """Return the service that notifies open pages of the portal of written rows."""
    return QueueBell(RingQueue(sqs(), settings.portal_ring_queue_url))
