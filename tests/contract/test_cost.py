"""A change passes the bus once, as the bill of the real functions on real requests shows."""

from benchmarks.cost.billing import Usage, total
from benchmarks.cost.prices import Item
from benchmarks.cost.scenario import Measured, measure_changes, run_stack
from ops.paths import ROOT

CHANGES = 15


def usage_of(measured: Measured, passage: str) -> Usage:
    return total(usage for (one, _), usage in measured.usage.items() if one == passage)


def test_changes_that_came_by_webhook_cost_feed_and_sweep_a_read_each() -> None:
    with run_stack(ROOT, partners=3, warm_up=1) as stack:
        measured = measure_changes(stack, CHANGES, seed=7, batch=1000)

    webhook, feed, sweep = (usage_of(measured, name) for name in ("webhook", "feed", "sweep"))
    assert webhook[Item.HTTP_API_REQUEST] >= CHANGES
    assert webhook[Item.EVENT] == webhook[Item.HTTP_API_REQUEST]
    # Two writes per webhook, its claim and its handover, and those of the ledger.
    assert webhook[Item.WRITE_UNIT] > 2 * webhook[Item.HTTP_API_REQUEST]
    assert (feed[Item.EVENT], sweep[Item.EVENT]) == (0, 0)
    # An eventually consistent read per event, and a consistent one of the cursor.
    assert feed[Item.READ_UNIT] <= webhook[Item.EVENT] / 2 + 1
    assert sweep[Item.READ_UNIT] <= webhook[Item.EVENT] / 2 + 3
    assert {function for passage, function in measured.usage if passage != "webhook"} == {
        "trading_grid_feed",
        "reconciler",
    }
    for usage in (webhook, feed, sweep):
        assert min(usage[Item.INVOCATION], usage[Item.GB_SECOND], usage[Item.LOG_BYTE]) > 0
