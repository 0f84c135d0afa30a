"""Reading the event feed onto the bus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import CursorExpired, Unavailable
from gridwix.mapping.cloud_events import to_change
from gridwix.models.cursors import FeedCursor
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.events import HUB_RESYNC_REQUESTED, RESYNC_REQUESTED, Change
from gridwix.models.ids import CompanyId
from gridwix.models.journal import MAX_ANNOUNCED
from gridwix.models.trading_grid.event_feed import EventPage
from gridwix.publication.passage import key_of
from gridwix.trading_grid_feed.service import CURSOR_NAME, FeedReader
from tests.factories import HUB, cloud_event, partner
from tests.fakes.deadlines import deadline_after
from tests.fakes.stores import FakeBus, FakeCursors, FakeHandovers
from tests.fakes.trading_grid import FakeTradingGrid


def feed_reader(
    grid: FakeTradingGrid,
    bus: FakeBus,
    cursors: FakeCursors,
    handovers: FakeHandovers | None = None,
) -> FeedReader:
    return FeedReader(
        feed=grid,
        source=grid,
        bus=bus,
        handovers=handovers or FakeHandovers(),
        cursors=cursors,
        company_id=CompanyId(HUB),
        type_prefix="net.example.tg.",
        clock=lambda: 1_773_324_331.0,
    )


def grid_with_events(count: int) -> FakeTradingGrid:
    return FakeTradingGrid(events=[cloud_event(id=f"evt_{n}") for n in range(count)])


def cursors_at(position: str) -> FakeCursors:
    return FakeCursors({CURSOR_NAME: FeedCursor(cursor=position, revision=1)})


def test_run_from_a_cursor_puts_every_later_event_on_the_bus_in_order() -> None:
    bus, cursors = FakeBus(), cursors_at("2")

    report = feed_reader(grid_with_events(7), bus, cursors).read_feed(NO_DEADLINE)

    assert [change.event_id for change in bus.changes] == [
        "evt_2",
        "evt_3",
        "evt_4",
        "evt_5",
        "evt_6",
    ]
    assert (report.published, report.more, report.overtaken) == (5, False, False)
    assert cursors.read_cursor(CURSOR_NAME).cursor == "7"


def test_run_when_nothing_is_new_writes_nothing() -> None:
    bus, cursors = FakeBus(), cursors_at("3")

    feed_reader(grid_with_events(3), bus, cursors).read_feed(NO_DEADLINE)

    assert bus.changes == []
    assert cursors.read_cursor(CURSOR_NAME).revision == 1


def test_run_when_nothing_is_new_confirms_the_cursor_so_that_the_feed_is_seen_to_be_read() -> None:
    cursors = cursors_at("3")

    feed_reader(grid_with_events(3), FakeBus(), cursors).read_feed(NO_DEADLINE)

    assert cursors.confirmed == [CURSOR_NAME]


def test_run_when_the_bus_fails_keeps_the_cursor_so_that_the_page_comes_again() -> None:
    bus, cursors = FakeBus(fails=1), cursors_at("0")
    reader = feed_reader(grid_with_events(4), bus, cursors)

    with pytest.raises(Unavailable):
        reader.read_feed(NO_DEADLINE)

    assert cursors.read_cursor(CURSOR_NAME).cursor == "0"
    reader.read_feed(NO_DEADLINE)
    assert {change.event_id for change in bus.changes} == {"evt_0", "evt_1", "evt_2", "evt_3"}


def test_run_without_a_cursor_publishes_every_partner_and_then_reads_from_its_first_head() -> None:
    grid, bus, cursors = grid_with_events(3), FakeBus(), FakeCursors()
    grid.put(*(partner(f"GC{n}") for n in range(5)))

    report = feed_reader(grid, bus, cursors).read_feed(NO_DEADLINE)

    assert report.resync_started
    assert [(change.type, change.partner_id) for change in bus.changes if change.partner_id] == [
        (RESYNC_REQUESTED, f"GC{n}") for n in range(5)
    ]
    assert [change.subject for change in bus.changes if change.type == HUB_RESYNC_REQUESTED] == [
        "hub/all"
    ]
    assert cursors.read_cursor(CURSOR_NAME) == FeedCursor(
        cursor="3", revision=cursors.read_cursor(CURSOR_NAME).revision
    )


def test_run_when_an_event_happens_during_a_resync_reads_it_afterwards() -> None:
    grid, bus, cursors = grid_with_events(3), FakeBus(), FakeCursors()
    grid.put(partner("GC0"))
    reader = feed_reader(grid, bus, cursors)
    reader.read_feed(deadline_after(0))
    grid.events.append(cloud_event(id="evt_meanwhile"))

    reader.read_feed(NO_DEADLINE)

    assert [change.event_id for change in bus.changes][-1] == "evt_meanwhile"


def test_run_when_the_cursor_has_expired_resyncs_everything() -> None:
    grid, bus, cursors = grid_with_events(9), FakeBus(), cursors_at("1")
    grid.kept_from = 5
    grid.put(partner("GC0"), partner("GC1"))

    report = feed_reader(grid, bus, cursors).read_feed(NO_DEADLINE)

    assert (report.resync_started, report.resynced) == (True, 2)
    assert cursors.read_cursor(CURSOR_NAME).cursor == "9"
    # The events that are still there are not lost: messages are sent because of them.
    assert [change.event_id for change in bus.changes if change.via == "feed"] == [
        f"evt_{number}" for number in range(5, 9)
    ]


def test_run_when_a_gateway_knows_no_oldest_event_reads_on_from_the_head() -> None:
    class Headless(FakeTradingGrid):
        def read_events(self, cursor: str | None, limit: int) -> EventPage:
            if cursor is None:
                raise CursorExpired(system="trading_grid", status=410)
            return super().read_events(cursor, limit)

    grid, cursors = Headless(events=[cloud_event(id=f"evt_{n}") for n in range(9)]), cursors_at("1")
    grid.kept_from = 5

    report = feed_reader(grid, FakeBus(), cursors).read_feed(NO_DEADLINE)

    assert (report.resync_started, report.published) == (True, 0)
    assert cursors.read_cursor(CURSOR_NAME).cursor == "9"


@given(st.integers(0, 12), st.integers(0, 7))
def test_run_in_any_number_of_pieces_reads_the_same(events: int, partners: int) -> None:
    grid, bus, cursors = grid_with_events(events), FakeBus(), FakeCursors()
    grid.put(*(partner(f"GC{n}") for n in range(partners)))
    reader = feed_reader(grid, bus, cursors)

    while reader.read_feed(deadline_after(0)).more:
        pass
    grid.events += [cloud_event(id=f"evt_late_{n}") for n in range(events)]
    while reader.read_feed(deadline_after(0)).more:
        pass

    assert [change.partner_id for change in bus.changes if change.type == RESYNC_REQUESTED] == [
        f"GC{n}" for n in range(partners)
    ]
    assert [change.event_id for change in bus.changes if change.via == "feed"] == [
        f"evt_late_{n}" for n in range(events)
    ]


def test_run_when_another_reader_was_faster_leaves_the_rest_to_it() -> None:
    class Overtaken(FakeCursors):
        def advance(self, name: str, cursor: FeedCursor) -> FeedCursor | None:
            return None

    report = feed_reader(
        grid_with_events(9), FakeBus(), Overtaken({CURSOR_NAME: FeedCursor(cursor="0", revision=1)})
    ).read_feed(NO_DEADLINE)

    assert report.overtaken


def test_run_when_an_item_is_no_event_counts_it_and_goes_on() -> None:
    grid, bus = grid_with_events(1), FakeBus()
    grid.events += [{"specversion": "1.0"}, cloud_event(time="soon"), cloud_event(id="evt_good")]

    report = feed_reader(grid, bus, cursors_at("0")).read_feed(NO_DEADLINE)

    assert [change.event_id for change in bus.changes] == ["evt_0", "evt_good"]
    assert report.invalid == {"data": 1, "time": 1}


def test_run_when_a_type_is_unknown_counts_it_and_puts_it_on_the_bus_all_the_same() -> None:
    grid, bus = (
        FakeTradingGrid(events=[cloud_event(type="net.example.tg.weather.changed")]),
        FakeBus(),
    )

    report = feed_reader(grid, bus, cursors_at("0")).read_feed(NO_DEADLINE)

    assert [change.type for change in bus.changes] == ["weather.changed"]
    assert report.unknown_types == {"weather.changed": 1}


def test_run_when_a_webhook_brought_an_event_leaves_it_out_and_moves_on() -> None:
    bus, cursors = FakeBus(), cursors_at("0")
    (key,) = {key_of(change) or "" for change in changes_of(grid_with_events(1))}
    handovers = FakeHandovers({key: frozenset({"evt_1"})})

    report = feed_reader(grid_with_events(3), bus, cursors, handovers).read_feed(NO_DEADLINE)

    assert [change.event_id for change in bus.changes] == ["evt_0", "evt_2"]
    assert (report.published, report.known) == (2, 1)
    assert cursors.read_cursor(CURSOR_NAME).cursor == "3"


def test_run_when_a_page_is_read_again_after_it_was_put_leaves_it_out() -> None:
    grid, bus, handovers = grid_with_events(3), FakeBus(), FakeHandovers()
    feed_reader(grid, bus, cursors_at("0"), handovers).read_feed(NO_DEADLINE)

    feed_reader(grid, bus, cursors_at("0"), handovers).read_feed(NO_DEADLINE)

    assert len(bus.changes) == 3


def test_run_when_nothing_is_new_reads_no_handover() -> None:
    handovers = FakeHandovers()

    feed_reader(grid_with_events(3), FakeBus(), cursors_at("3"), handovers).read_feed(NO_DEADLINE)

    assert handovers.reads == 0


def test_run_when_handovers_cannot_be_read_publishes_everything_and_says_so() -> None:
    bus, handovers = FakeBus(), FakeHandovers(fails=1)

    report = feed_reader(grid_with_events(3), bus, cursors_at("0"), handovers).read_feed(
        NO_DEADLINE
    )

    assert len(bus.changes) == 3
    assert isinstance(report.unrecorded, Unavailable)


def test_run_of_a_resync_asks_for_every_partner_although_all_changes_were_handed_over() -> None:
    grid, bus, handovers = grid_with_events(3), FakeBus(), FakeHandovers()
    grid.put(partner("GC0"))
    feed_reader(grid, bus, cursors_at("0"), handovers).read_feed(NO_DEADLINE)
    bus.changes.clear()

    feed_reader(grid, bus, FakeCursors(), handovers).read_feed(NO_DEADLINE)

    assert [change.subject for change in bus.changes] == ["partners/GC0", "hub/all"]


def changes_of(grid: FakeTradingGrid) -> list[Change]:
    return [
        Change.model_validate(to_change(event, prefix="net.example.tg.", via="webhook"))
        for event in grid.events
    ]


def test_run_reports_what_it_has_put_on_the_bus_and_not_what_the_bus_knew() -> None:
    grid, bus, cursors = grid_with_events(4), FakeBus(), cursors_at("0")
    reader = feed_reader(grid, bus, cursors)

    first = reader.read_feed(NO_DEADLINE)
    again = reader.read_feed(NO_DEADLINE)

    assert [change.event_id for change in first.announced] == [f"evt_{n}" for n in range(4)]
    assert (first.published, again.published, again.announced) == (4, 0, ())


def test_run_of_a_long_backlog_names_a_bounded_number_of_its_events() -> None:
    bus = FakeBus()

    report = feed_reader(grid_with_events(MAX_ANNOUNCED + 300), bus, cursors_at("0")).read_feed(
        NO_DEADLINE
    )

    assert (report.published, len(report.announced)) == (MAX_ANNOUNCED + 300, MAX_ANNOUNCED)
