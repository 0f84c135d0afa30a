"""Reports records that could not be read or mapped (record faults).

Each gives a log line, counts in a metric, and is stored with the items that Wix refused.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable

from gridwix.errors import GridwixError, RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import Refusal
from gridwix.publication.ports import RefusedItems
from gridwix.runtime.observability import count_by_reason, count_in_all, log_fields, logger

MAX_NAMED = 200
"""Maximum number of faults that one run writes to its log and to the store. The metric counts all
of them."""

MAX_KEPT = 10_000
"""Maximum number of faults that are held in memory until a run ends."""


class FaultLog:
    """Collects the record faults that clients find during a run, at most one per record.

    A record fault is a record that cannot be read or mapped.
    """

    def __init__(self, *, most: int = MAX_KEPT) -> None:
        self._most = most
        self._found: dict[str, RecordFault] = {}

    def note(self, fault: RecordFault) -> None:
        """Add a record fault, unless the log is full or has a fault of the same record already."""
        if len(self._found) < self._most:
            self._found.setdefault(fault.record, fault)

    def drain(self) -> list[RecordFault]:
        """Return the collected faults, and clear the log."""
        found, self._found = list(self._found.values()), {}
        return found


fault_log = FaultLog()
"""The log of this execution environment, which handles one event at a time."""


def report_record_faults(errors: Iterable[GridwixError], store: Callable[[], RefusedItems]) -> None:
    """Log, count and store record faults: errors about one record that cannot be read or mapped.

    They are those among ``errors``, and those that clients have put into :data:`fault_log` during
    the run; the log is then empty. ``store`` returns the table for record faults. If the table
    cannot be written, that is only logged, since the work of the run is done.
    """
    for error in errors:
        if isinstance(error, RecordFault):
            fault_log.note(error)
    faults = fault_log.drain()
    if not faults:
        return
    for collection, number in Counter(_collection(fault) for fault in faults).items():
        count_by_reason("RecordFaults", collection, number)
    count_in_all("RecordFaults", len(faults))
    for fault in faults[:MAX_NAMED]:
        logger.error("record_at_fault", extra={"record": fault.record, "reason": fault.reason})
    refusals = [
        Refusal(
            CollectionId(_collection(fault)),
            WixItemId(fault.record.partition("/")[2] or "?"),
            fault.code,
            fault.reason,
        )
        for fault in faults
    ]
    try:
        store().add(
            refusals[:MAX_NAMED],
            function=os.environ.get("POWERTOOLS_SERVICE_NAME", ""),
            at=time.time(),
        )
    except GridwixError as error:
        logger.warning(
            "record_faults_not_stored", extra={"records": len(faults), **log_fields(error)}
        )


def _collection(fault: RecordFault) -> str:
    return fault.record.partition("/")[0]
