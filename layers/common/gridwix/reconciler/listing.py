"""First phase of a full comparison: lists the keys of a collection's records in Trading Grid.

A run is a chain of SQS messages. For each message, some pages of the list are read.
"""

from gridwix.errors import CursorExpired
from gridwix.models.reconciliation import FullPage, Phase
from gridwix.publication.reconciled import Continuation, ReconciledCollection
from gridwix.reconciler.checkpoints import Checkpoints
from gridwix.reconciler.page_report import PageReport

PAGES_PER_MESSAGE = 20
"""Maximum number of pages of the source's list that one message reads."""

MAX_RESTARTS = 3
"""Maximum number of times that the list starts over because its cursor has expired."""


class ListPhase:
    """First phase of a full comparison: lists the keys of all records of a collection.

    The keys are stored as checkpoints. After them, the message for the next part of the list is
    sent, or the first message of the comparison.
    """

    def __init__(self, checkpoints: Checkpoints, continuation: Continuation) -> None:
        self._checkpoints = checkpoints
        self._continuation = continuation

    def handle(self, page: FullPage, collection: ReconciledCollection) -> PageReport:
        """List keys of a collection's records, store the keys, and send the next message.

        ``page`` is one message of the run, and says where in the source's list to go on. The list
        starts over if its cursor has expired. The returned report is empty, because no rows are
        compared yet. Raises UpstreamError, and CursorExpired after ``MAX_RESTARTS`` restarts.
        """
        listed: list[str] = []
        cursor = page.cursor
        try:
            for _ in range(PAGES_PER_MESSAGE):
                keys, cursor = collection.list_keys(cursor)
                listed += keys
                if cursor is None:
                    break
        except CursorExpired:
            if page.restarts >= MAX_RESTARTS:
                raise
            self._continuation.send(
                page.model_copy(
                    update={"page": 0, "cursor": None, "parts": 0, "restarts": page.restarts + 1}
                )
            )
            return PageReport()
        self._checkpoints.keep_keys(page, listed)
        following = {"parts": page.parts + 1, "page": page.page + 1, "cursor": cursor}
        if cursor is None:
            following |= {"phase": Phase.COMPARE, "page": 0}
        self._continuation.send(page.model_copy(update=following))
        return PageReport()
