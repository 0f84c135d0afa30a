"""Smoke test of a deployed stack: publishes one partner again and checks its row on the portal."""

import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import CollectionId, CompanyId, PartnerId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.ports import Clock, EventBus, RecordReader
from gridwix.publication.resync import resync_change
from ops.errors import StackError

PUBLISHER = "status_publisher"
PUBLISHED = frozenset({"written", "unchanged"})
"""Verdicts of the publisher after which the portal shows the partner's current state."""

POLL = 2.0
"""Seconds between two reads of the journal."""

MAX_ENTRIES = 50
"""Maximum number of journal entries to read. Six functions handle the probe."""


class EventJournal(Protocol):
    """Reads what functions did with an event. Raises :class:`gridwix.errors.GridwixError`."""

    def of_event(self, event_id: str, *, limit: int) -> Sequence[JournalEntry]:
        """Return the newest journal entries of an event, oldest first."""


class RowReader(Protocol):
    """Reads rows of the portal. Raises :class:`gridwix.errors.GridwixError`."""

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Any]:
        """Return the contents of items by id; missing items are left out."""


@dataclass(frozen=True, slots=True)
class SmokeResult:
    """Result of a smoke test that succeeded.

    ``event_id`` is the id of its event, ``row`` the name of the partner's row, ``verdict`` what the
    publisher did with the row, and ``seconds`` the duration.
    """

    event_id: str
    row: str
    verdict: str
    seconds: float


class SmokeTest:
    """Smoke test: publishes one partner again, and looks for the partner's row on the portal.

    It sends a resync request for the partner to the bus. The functions then read the partner's
    records from Trading Grid and publish them, as after any change. That writes only rows that
    differ, and sends no message.

    Args:
        bus: The bus of the stack.
        journal: Reads what the functions did with the event.
        trading_grid: Reads the partner's record.
        portal: Reads the partner's row.
        company_id: Id of the hub's company.
        clock: Unix seconds.
        sleep: Sleeps for a number of seconds.
    """

    def __init__(
        self,
        *,
        bus: EventBus,
        journal: EventJournal,
        trading_grid: RecordReader,
        portal: RowReader,
        company_id: CompanyId,
        clock: Clock = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bus = bus
        self._journal = journal
        self._trading_grid = trading_grid
        self._portal = portal
        self._company_id = company_id
        self._clock = clock
        self._sleep = sleep

    def run(self, partner: PartnerId, timeout: float) -> SmokeResult:
        """Send a resync request for a partner; return the result once its row is on the portal.

        Args:
            partner: A partner for tests.
            timeout: Maximum number of seconds to wait for the status publisher.

        Raises:
            StackError: Trading Grid has no such partner, the request was not handled in time, or
                the partner's row is not on the portal. The message says how far the request came.
            GridwixError: A call to AWS, Trading Grid or Wix failed.
        """
        if self._trading_grid.record(f"partners/{partner}") is None:
            raise StackError(f"Trading Grid has no partner {partner}", "name a partner for tests")
        begun, event_id = self._clock(), f"smoke-{uuid.uuid4().hex}"
        probe = resync_change(
            f"partners/{partner}",
            partner,
            event_id=event_id,
            at=begun,
            company_id=self._company_id,
        )
        self._bus.put([probe])
        row = f"{PARTNER_STATUS}#{item_id(partner)}"
        entry = self._wait_for_publisher(event_id, begun + timeout)
        verdict = entry.rows.get(row, "no verdict")
        if verdict not in PUBLISHED:
            raise StackError(
                f"{PUBLISHER} did not publish {row} ({verdict})",
                f"`gridwix trace {event_id}` tells more",
            )
        if item_id(partner) not in self._portal.items(PARTNER_STATUS, [item_id(partner)]):
            raise StackError(
                f"{row} is {verdict} by the ledger, and Wix does not have it",
                "`gridwix reconcile` publishes it",
            )
        return SmokeResult(event_id, row, verdict, self._clock() - begun)

    def _wait_for_publisher(self, event_id: str, deadline: float) -> JournalEntry:
        """Wait until the status publisher is done with an event; return its journal entry.

        Raises StackError after the deadline (Unix seconds).
        """
        while True:
            entries = self._journal.of_event(event_id, limit=MAX_ENTRIES)
            own = [entry for entry in entries if entry.function == PUBLISHER]
            ended = [entry for entry in own if entry.outcome is not JournalOutcome.DEFERRED]
            if ended:
                return ended[-1]
            if self._clock() >= deadline:
                raise StackError(
                    f"{PUBLISHER} has not published the probe in time ({_progress(entries, own)})",
                    f"`gridwix trace {event_id}` tells more",
                )
            self._sleep(POLL)


def _progress(entries: Sequence[JournalEntry], own: Sequence[JournalEntry]) -> str:
    if own:
        return f"it waits after attempt {own[-1].attempt} ({own[-1].reason or 'no reason'})"
    if entries:
        others = ", ".join(sorted({entry.function for entry in entries}))
        return f"only others have handled it ({others})"
    return "no function has handled it, so the rule, the queue or the functions do not work"
