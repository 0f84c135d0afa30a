"""Retention: removal by age, number of calls, and no message that is sent again."""

from datetime import datetime, timedelta

import pytest

from gridwix.configuration.campaigns import LONGEST_AGE_DAYS
from gridwix.configuration.messaging import LONGEST_KEPT_DAYS
from gridwix.errors import BudgetExhausted, Forbidden, GridwixError, Unavailable
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PARTNER_MESSAGES, PEOPLE_HISTORY
from gridwix.models.wix import DataItem
from gridwix.partner_messenger.outbox_table import KEPT
from gridwix.partner_messenger.retention import RowRetention
from tests.factories import NOW
from tests.fakes.bell import FakeBell
from tests.fakes.deadlines import PASSED
from tests.fakes.messaging import FakeOutbox, Stage, campaigns, check_passed
from tests.fakes.portal import FakePortal, Trouble, lost_answer

KEEP = timedelta(days=30)
INSTANT = timedelta(milliseconds=1)


class Shelf:
    """A portal with messages at ``now``, which counts its calls."""

    def __init__(self, *ages: timedelta) -> None:
        self.now = NOW
        self.outbox, self.portal, self.bell = FakeOutbox(), FakePortal(), FakeBell()
        for number, age in enumerate(ages):
            self.put(f"m-{number:05}", NOW - age)

    def put(
        self, identifier: str, sent_at: datetime, importance: str = "info", **fields: str
    ) -> None:
        item = DataItem(
            WixItemId(identifier), {"sentAt": sent_at, "importance": importance, **fields}
        )
        self.portal.rows[PARTNER_MESSAGES, item.id] = item

    def apply(self, deadline: Deadline = NO_DEADLINE) -> tuple[int, int, int]:
        """Numbers of removed rows, refused rows and calls."""
        before = self.portal.calls
        report = RowRetention(
            self.outbox, self.portal, self.bell, KEEP, self.now.timestamp
        ).remove_old_rows(deadline)
        self.stopped = report.stopped
        return report.removed, report.refused.total(), self.portal.calls - before

    @property
    def left(self) -> list[str]:
        return sorted(identifier for _, identifier in self.portal.rows)


def test_message_goes_when_it_is_older_than_the_limit_and_not_at_it() -> None:
    shelf = Shelf(KEEP + INSTANT, KEEP, KEEP - INSTANT)

    removed = shelf.apply()

    assert (removed, shelf.left) == ((1, 0, 3), ["m-00001", "m-00002"])


def test_removal_is_announced_to_the_partners_of_removed_rows_only() -> None:
    shelf = Shelf()
    for number, partner in enumerate(("GC1", "GC2", "GC3")):
        shelf.put(f"m-{number}", NOW - 2 * KEEP, partnerId=partner)
    shelf.portal.refuse = lambda identifier: identifier == "m-1"

    shelf.apply()

    assert shelf.bell.rings[0] == (PARTNER_MESSAGES, frozenset({"GC1", "GC3"}))
    assert not any("GC2" in audience for _, audience in shelf.bell.rings)


def test_age_alone_decides_and_rows_of_other_collections_stay() -> None:
    shelf = Shelf()
    shelf.put("important", NOW - 2 * KEEP, "important")
    shelf.portal.rows[type(PARTNER_MESSAGES)("PartnerRequests"), WixItemId("other")] = DataItem(
        WixItemId("other"), {"sentAt": NOW - 2 * KEEP}
    )

    removed = shelf.apply()

    assert (removed, shelf.left) == ((1, 0, 3), ["other"])


def test_nothing_to_remove_costs_one_read_a_day_and_no_write() -> None:
    shelf = Shelf(KEEP - timedelta(days=1))

    calls = []
    for _ in range(24):
        calls.append(shelf.apply())
        shelf.now += timedelta(hours=1)

    # From 14:05 on it is looked once on the day itself, and once on the next.
    assert calls == [(0, 0, 1), *[(0, 0, 0)] * 9, (0, 0, 1), *[(0, 0, 0)] * 13]
    assert shelf.portal.writes == []
    assert shelf.apply() == (0, 0, 0)
    shelf.now += timedelta(days=1)
    assert shelf.apply() == (1, 0, 3)


@pytest.mark.parametrize(
    ("messages", "runs"),
    [
        (999, [(999, 0, 3), (0, 0, 0)]),
        (1000, [(1000, 0, 3), (0, 0, 0)]),
        (1001, [(1001, 0, 4), (0, 0, 1), (0, 0, 0)]),
        (2000, [(2000, 0, 4), (0, 0, 1), (0, 0, 0)]),
        (2500, [(2000, 0, 4), (500, 0, 3), (0, 0, 0)]),
    ],
)
def test_more_than_a_page_is_removed_in_at_most_four_calls_a_run(
    messages: int, runs: list[tuple[int, int, int]]
) -> None:
    shelf = Shelf(*[2 * KEEP] * messages)

    assert [shelf.apply() for _ in runs] == runs
    assert shelf.left == []


def test_oldest_go_first() -> None:
    shelf = Shelf(*(2 * KEEP - timedelta(seconds=number) for number in range(2500)))

    shelf.apply()

    assert shelf.left == [f"m-{number:05}" for number in range(2000, 2500)]


def test_messages_that_wix_refuses_to_remove_stay_and_hold_up_no_others() -> None:
    shelf = Shelf(*(2 * KEEP - timedelta(seconds=number) for number in range(2100)))
    shelf.portal.refuse = lambda identifier: identifier in ("m-00000", "m-00999", "m-01500")

    first, second, third = shelf.apply(), shelf.apply(), shelf.apply()

    assert (first, second, third) == ((1997, 3, 4), (100, 3, 3), (0, 0, 0))
    assert shelf.left == ["m-00000", "m-00999", "m-01500"]
    shelf.portal.refuse = lambda _: False
    shelf.now += timedelta(days=1)
    assert (shelf.apply(), shelf.left) == ((3, 0, 3), [])


def test_pages_of_which_nothing_can_be_removed_are_tried_once_a_day() -> None:
    shelf = Shelf(*[2 * KEEP] * 2100)
    shelf.portal.refuse = lambda _: True

    assert [shelf.apply() for _ in range(3)] == [(0, 2000, 4), (0, 0, 0), (0, 0, 0)]


@pytest.mark.parametrize("lands", ["now", "later", None])
def test_removal_whose_answer_is_lost_is_done_by_the_next_run(lands: str | None) -> None:
    shelf = Shelf(*[2 * KEEP] * 600)
    shelf.portal.troubles = [lost_answer(lands=lands)]

    first = shelf.apply()
    assert (first, type(shelf.stopped)) == ((0, 0, 2), Unavailable)
    shelf.portal.land()
    shelf.apply()

    assert (shelf.left, shelf.stopped) == ([], None)
    assert shelf.apply() == (0, 0, 0)


def test_removal_that_fails_at_its_second_page_goes_on_there() -> None:
    shelf = Shelf(*[2 * KEEP] * 1500)
    healthy, pages = shelf.portal.bulk_remove, 0

    def failing(collection: object, ids: object) -> object:
        nonlocal pages
        pages += 1
        if pages == 2:
            shelf.portal.troubles = [Trouble(BudgetExhausted(wait=9))]
        return healthy(collection, ids)  # type: ignore[arg-type]

    shelf.portal.bulk_remove = failing  # type: ignore[method-assign,assignment]

    assert (shelf.apply(), type(shelf.stopped), len(shelf.left)) == (
        (1000, 0, 4),
        BudgetExhausted,
        500,
    )
    assert (shelf.apply(), shelf.left) == ((500, 0, 3), [])


@pytest.mark.parametrize(
    "error",
    [BudgetExhausted(wait=9), Unavailable(system="wix"), Forbidden(system="wix", status=403)],
)
def test_run_that_may_not_even_read_makes_one_call_and_removes_nothing(
    error: GridwixError, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, asked = Shelf(2 * KEEP), []

    def refusing(*_: object, **__: object) -> None:
        asked.append(error)
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(shelf.portal, "items_before", refusing)
        assert (shelf.apply(), shelf.stopped, len(asked)) == ((0, 0, 0), error, 1)
    assert shelf.apply() == (1, 0, 3)


def test_worker_without_time_asks_nothing_and_the_next_run_does() -> None:
    shelf = Shelf(2 * KEEP)

    assert shelf.apply(PASSED) == (0, 0, 0)
    assert shelf.apply() == (1, 0, 3)


def test_outbox_knows_what_was_told_for_longer_than_it_is_shown_and_than_any_of_it_is_tried() -> (
    None
):
    assert timedelta(days=LONGEST_KEPT_DAYS + LONGEST_AGE_DAYS) < KEPT


def test_message_that_was_removed_is_not_told_again_by_its_old_event() -> None:
    stage = Stage(
        campaigns(
            review={}, once={"trigger": {"events": ["compliance.status_changed"], "once": "record"}}
        )
    )
    stage.run(check_passed())
    assert stage.run_retention_after(days=365).removed == 0

    assert stage.run_retention_after(days=1).removed == 2
    for forgotten in (False, True):
        if forgotten:
            stage.outbox.kept.clear()
        report = stage.run(check_passed(), check_passed(via="webhook"))
        stage.run_after(hours=1)
        assert (report.planned, report.old.total(), stage.rows) == (0, 4, [])


def test_message_that_is_removed_early_is_held_back_by_the_outbox() -> None:
    stage = Stage(campaigns(review={"max_age_hours": 24 * LONGEST_AGE_DAYS}))
    stage.run(check_passed())
    stage.portal.rows.clear()

    report = stage.run(check_passed())

    assert (report.planned, report.old.total(), stage.rows) == (0, 0, [])


def test_attempts_end_before_the_message_could_be_removed() -> None:
    stage = Stage(campaigns(review={"max_age_hours": 24 * LONGEST_AGE_DAYS}))
    stage.configuration = stage.configuration.model_copy(
        update={
            "messaging": stage.configuration.messaging.model_copy(
                update={"keep_days": LONGEST_AGE_DAYS}
            )
        }
    )
    stage.portal.troubles = [lost_answer(lands="now")]
    stage.run(check_passed())
    assert len(stage.rows) == 1

    assert stage.run_retention_after(days=LONGEST_AGE_DAYS, seconds=1).removed == 1
    for _ in range(3):
        stage.run_after(hours=1)

    assert (stage.rows, stage.state_counts("portal")) == ([], {"suppressed:too_old": 1})


def test_run_that_wix_stops_and_one_of_changes_alone_do_not_look_for_old_messages() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.portal.rows[PARTNER_MESSAGES, WixItemId("old")] = DataItem(
        WixItemId("old"), {"sentAt": NOW - timedelta(days=366)}
    )
    stage.mails.errors = [BudgetExhausted(wait=9)]

    stage.messenger().process_changes([check_passed()], NO_DEADLINE, scheduled=True)
    stage.run(check_passed("evt_2"))

    assert (stage.portal.calls, len(stage.rows)) == (0, 1)
    assert stage.run_retention_after(minutes=1).removed == 1


def test_history_of_people_goes_by_its_own_age_and_rings_nobody() -> None:
    stage = Stage(campaigns())
    kept = timedelta(days=stage.configuration.people.history_days)
    for name, age in (("old", kept + INSTANT), ("young", kept - timedelta(days=1))):
        item = DataItem(WixItemId(name), {"at": NOW - age, "partnerId": "GC1"})
        stage.portal.rows[PEOPLE_HISTORY, item.id] = item

    report = stage.run_schedule()

    assert [name for collection, name in stage.portal.rows if collection == PEOPLE_HISTORY] == [
        "young"
    ]
    assert (report.history.removed, report.retention.removed) == (1, 0)
    assert stage.bell.rings == []
