"""Names every record that could not be read or mapped: a log line, a metric, and an entry in the store of refused items."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit

from gridwix.errors import GridwixError, RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import Refusal
from gridwix.publication.ports import RefusedItems
from gridwix.runtime.observability import about, count_by_reason, logger

MAX_NAMED = 200
"""Most faults that one run names in its log and in the store; all are counted."""

MAX_KEPT = 10_000
"""Most faults that are remembered until a run ends."""

ALL_FUNCTIONS = {"service": "gridwix"}
"""The dimension of the metric of all functions together, which the alarm looks at."""


class FaultLog:
    """The faults that clients have noted since the last run ended, each record once."""

    def __init__(self, *, most: int = MAX_KEPT) -> None:
        self._most = most
        self._found: dict[str, RecordFault] = {}

    def note(self, fault: RecordFault) -> None:
        """Keep a fault, unless its record is known already or there are too many."""
        if len(self._found) < self._most:
            self._found.setdefault(fault.record, fault)

    def drain(self) -> list[RecordFault]:
        """The faults that were noted, which are forgotten."""
        found, self._found = list(self._found.values()), {}
        return found


fault_log = FaultLog()
"""What the clients of this environment have noted; it works off one event at a time."""


def name_record_faults(errors: Iterable[GridwixError], store: Callable[[], RefusedItems]) -> None:
    """Name the faults among ``errors`` and those that clients have noted. A store that cannot be written is no reason to fail what was done."""
    for error in errors:
        if isinstance(error, RecordFault):
            fault_log.note(error)
    faults = fault_log.drain()
    if not faults:
        return
    for collection, number in Counter(_collection(fault) for fault in faults).items():
        count_by_reason("RecordFaults", collection, number)
    with single_metric(name="RecordFaults", unit=MetricUnit.Count, value=len(faults), default_dimensions=ALL_FUNCTIONS):
        pass
    for fault in faults[:MAX_NAMED]:
        logger.error("record at fault", extra={"record": fault.record, "reason": fault.reason})
    refusals = [Refusal(CollectionId(_collection(fault)), WixItemId(fault.record.partition("/")[2] or "?"), fault.code, fault.reason) for fault in faults]
    try:
        store().add(refusals[:MAX_NAMED], function=os.environ.get("POWERTOOLS_SERVICE_NAME", ""), at=time.time())
    except GridwixError as error:
        logger.warning("records at fault not kept", extra={"records": len(faults), **about(error)})


def _collection(fault: RecordFault) -> str:
    return fault.record.partition("/")[0]
