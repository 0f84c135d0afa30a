"""The smoke test passes only if the probe went through the stack and its row is on the portal."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest

from gridwix.models.events import RESYNC_REQUESTED, Change
from gridwix.models.ids import CollectionId, CompanyId, PartnerId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome
from ops.errors import StackError
from ops.smoke import SmokeTest
from tests.factories import partner
from tests.fakes.trading_grid import FakeTradingGrid

PARTNER = PartnerId("GC070000000101")
ROW = f"PartnerStatus#{PARTNER}"


class Deployed:
    """A stack, its portal and its time: each look at the journal finds the next entries.

    ``answers`` are what one attempt each did: function, outcome and the verdict on the row.
    """

    def __init__(self, *answers: tuple[str, JournalOutcome, str], on_portal: bool = True) -> None:
        self.answers, self.on_portal, self.now = answers, on_portal, 1_780_000_000.0
        self.sent: list[Change] = []
        self.looks = 0

    def put(self, changes: Sequence[Change]) -> None:
        self.sent.extend(changes)

    def of_event(self, event_id: str, *, limit: int) -> Sequence[JournalEntry]:
        assert [change.event_id for change in self.sent] == [event_id]
        self.looks += 1
        return [
            JournalEntry(
                record=f"partners/{PARTNER}",
                at=self.now,
                function=function,
                outcome=outcome,
                event_id=event_id,
                event_type=RESYNC_REQUESTED,
                attempt=number,
                reason="row_held" if outcome is JournalOutcome.DEFERRED else "",
                rows={ROW: verdict} if verdict else {},
            )
            for number, (function, outcome, verdict) in enumerate(self.answers[: self.looks], 1)
        ][:limit]

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Any]:
        assert [str(collection), *map(str, ids)] == ["PartnerStatus", str(PARTNER)]
        return {one: {} for one in ids if self.on_portal}

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def smoke_test(stack: Deployed) -> SmokeTest:
    grid = FakeTradingGrid()
    grid.put(partner(PARTNER))
    return SmokeTest(
        bus=stack,
        journal=stack,
        trading_grid=grid,
        portal=stack,
        company_id=CompanyId("HUB"),
        clock=lambda: stack.now,
        sleep=stack.sleep,
    )


@pytest.mark.parametrize("verdict", ["written", "unchanged"])
def test_probe_when_its_row_is_published_then_the_row_is_seen(verdict: str) -> None:
    stack = Deployed(
        ("partner_messenger", JournalOutcome.DONE, ""),
        ("status_publisher", JournalOutcome.DEFERRED, "deferred:row_held"),
        ("status_publisher", JournalOutcome.DONE, verdict),
    )

    result = smoke_test(stack).run(PARTNER, timeout=60)

    (probe,) = stack.sent
    assert (probe.type, probe.subject, probe.resync_partner_id) == (
        RESYNC_REQUESTED,
        f"partners/{PARTNER}",
        PARTNER,
    )
    assert (result.row, result.verdict, result.event_id) == (ROW, verdict, probe.event_id)
    assert result.seconds == pytest.approx(4)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([], "no function has handled it"),
        ([("partner_messenger", JournalOutcome.DONE, "")], r"only others .*\(partner_messenger\)"),
        (
            [("status_publisher", JournalOutcome.DEFERRED, "deferred:row_held")],
            r"it waits after attempt 1 \(row_held\)",
        ),
    ],
    ids=["nobody", "others", "deferred"],
)
def test_probe_when_it_is_not_published_in_time_then_the_fault_says_how_far_it_came(
    answers: list[tuple[str, JournalOutcome, str]], said: str
) -> None:
    stack = Deployed(*answers)

    with pytest.raises(StackError, match=said):
        smoke_test(stack).run(PARTNER, timeout=60)

    assert stack.now == pytest.approx(1_780_000_060.0)


@pytest.mark.parametrize("verdict", ["refused", ""])
def test_probe_when_its_row_is_not_published_then_it_fails(verdict: str) -> None:
    stack = Deployed(("status_publisher", JournalOutcome.DONE, verdict))

    with pytest.raises(StackError, match="did not publish"):
        smoke_test(stack).run(PARTNER, timeout=60)


def test_probe_when_wix_lacks_the_row_that_the_ledger_has_then_it_fails() -> None:
    stack = Deployed(("status_publisher", JournalOutcome.DONE, "unchanged"), on_portal=False)

    with pytest.raises(StackError, match="Wix does not have it"):
        smoke_test(stack).run(PARTNER, timeout=60)


def test_probe_of_a_partner_that_does_not_exist_is_not_sent() -> None:
    stack = Deployed()

    with pytest.raises(StackError, match="Trading Grid has no partner GC0"):
        smoke_test(stack).run(PartnerId("GC0"), timeout=60)

    assert stack.sent == []
