"""Bursts of changes: a row is written at once, then at most once a second, and the last state is
always written.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import DataItem
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import ROW_PACE, Projection, Publisher, Verdict
from gridwix.runtime.queue_runner import retry_delay
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.wire import ManualClock

ROWS = CollectionId("Rows")
WORK = 0.1
"""Seconds from the delivery of a message until its row is written."""


@dataclass
class Burst:
    """Changes of one record, each a message of a queue whose delays are whole seconds.

    ``times``: seconds at which the record gets its versions 1, 2, and so on.
    """

    times: Sequence[float]
    writes: list[tuple[float, int]] = field(default_factory=list)
    deliveries: int = 0

    def __post_init__(self) -> None:
        self.clock, self.portal = ManualClock(), FakePortal()
        self._publisher = Publisher(
            collections=self.portal,
            ledger=MemoryLedger(),
            refused_items=FakeRefusedItems(),
            function="test",
            clock=self.clock,
            hold=90.0,
            pace=ROW_PACE,
        )
        self._began = self.clock.now

    def play(self) -> None:
        """Deliver each message until its row is written or unchanged."""
        due = [(time, number) for number, time in enumerate(self.times)]
        heapify(due)
        while due:
            time, number = heappop(due)
            self.clock.now = max(self.clock.now, self._began + time + WORK)
            if (delay := self._deliver()) is not None:
                heappush(due, (self.clock.now - self._began + math.ceil(delay), number))

    def _deliver(self) -> float | None:
        self.deliveries += 1
        now = self.clock.now - self._began
        version = sum(time <= now for time in self.times)
        item = DataItem(WixItemId("a"), {"text": f"v{version}"})
        key = RowKey(ROWS, WixItemId("a"))
        projection = Projection(key, Versions(live={"records/a": version}), item, f"evt_{version}")
        report = self._publisher.publish([projection])
        if report.count(Verdict.WRITTEN):
            self.writes.append((now, version))
        error = report.reasons.get(key)
        return None if error is None else retry_delay(error, receives=9, jitter=1.0)


def test_burst_of_thirty_changes_is_written_four_times_at_most() -> None:
    burst = Burst([number * 3.1 / 29 for number in range(30)])

    burst.play()

    assert len(burst.writes) <= 4
    first, version = burst.writes[0]
    assert (round(first, 6), version) == (WORK, 1)
    assert burst.writes[-1][1] == 30


@given(st.lists(st.floats(0, 20, width=32), min_size=1, max_size=60).map(sorted))
def test_row_is_written_at_once_then_once_a_second_and_its_last_state_always(
    times: list[float],
) -> None:
    burst = Burst(times)

    burst.play()

    moments = [moment for moment, _ in burst.writes]
    assert moments[0] <= times[0] + WORK + 1e-6
    assert all(after - before >= ROW_PACE - 1e-6 for before, after in pairwise(moments))
    assert burst.writes[-1][1] == len(times)
    assert moments[-1] <= times[-1] + 1.5
    assert burst.deliveries <= 3 * len(times)
