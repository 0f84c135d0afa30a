"""The row of a partner: complete, bounded and without anything of a document but its number."""

from datetime import UTC, date, datetime, timedelta

from gridwix.activity_publisher.counting import MAX_NUMBER, MAX_TYPE
from gridwix.activity_publisher.counts import (
    MAX_FAILURES,
    FailedDocument,
    LineKey,
    PartnerCounts,
    newest_failures,
)
from gridwix.activity_publisher.projection import MAX_LINES, partner_activity
from gridwix.activity_publisher.slices import shown_days
from gridwix.mapping.wix_items import data_item
from gridwix.models.ids import PartnerId
from gridwix.models.transactions import Direction
from tests.factories import NOW

GOLD = PartnerId("GC1")
DAYS = shown_days(NOW)


def counts(*types: str, number: int = 1, failed: int = 0) -> PartnerCounts:
    failures = [
        FailedDocument(
            NOW - timedelta(minutes=n),
            "c" * 200,
            "validation_error",
            "9" * MAX_TYPE,
            Direction.OUTBOUND,
            "n" * MAX_NUMBER,
        )
        for n in range(failed)
    ]
    return PartnerCounts(
        lines={
            LineKey(name, direction): (number, 0, 0, 0, failed, 0, 0)
            for name in types
            for direction in Direction
        },
        failures=newest_failures(failures),
        latest=NOW,
    )


def test_partner_without_documents_in_the_window_has_no_row() -> None:
    before = DAYS[0] - timedelta(days=1)

    assert partner_activity(GOLD, {before: counts("850")}, DAYS, lambda _: None) is None
    assert partner_activity(GOLD, {}, DAYS, lambda _: None) is None


def test_lines_that_do_not_fit_are_added_up_by_direction_and_no_document_is_lost() -> None:
    names = [f"T{number:03}" for number in range(MAX_LINES)]
    days = {
        DAYS[0]: counts(*names, "", number=2),
        DAYS[-1]: counts(*names[:3], number=50, failed=1),
    }

    row = partner_activity(GOLD, days, DAYS, lambda _: None)

    assert row is not None
    assert len(row.lines) == MAX_LINES + len(Direction)
    assert [line.document_type for line in row.lines[-2:]] == [None, None]
    assert sum(line.total for line in row.lines) == 2 * (2 * (MAX_LINES + 1) + 3 * 51)
    assert row.lines[0].total == 53
    for line in row.lines:
        states = (line.delivered, line.acknowledged, line.rejected, line.late, line.failed)
        assert sum(states) + line.underway + line.other == line.total == sum(line.daily)
        assert sum(line.failed_daily) == line.rejected + line.late + line.failed
        assert len(line.daily) == len(line.failed_daily) == len(row.days) == len(DAYS)


def test_failures_that_do_not_fit_are_counted() -> None:
    row = partner_activity(
        GOLD, {DAYS[-1]: counts("850", failed=MAX_FAILURES + 4)}, DAYS, lambda _: None
    )
    few = partner_activity(
        GOLD, {DAYS[-1]: counts("850", number=0, failed=1)}, DAYS, lambda _: "cases/1"
    )

    assert row is not None and few is not None
    assert len(row.failures) == MAX_FAILURES
    # Both directions count as many.
    assert row.more_failures == 2 * (MAX_FAILURES + 4) - MAX_FAILURES
    assert few.more_failures == 1
    assert few.failures[0].reference == "cases/1"


def test_largest_row_is_small() -> None:
    """Wix limits a data item to 512 KB; a row stays below a tenth of that."""
    names = [f"{number:0{MAX_TYPE}}" for number in range(MAX_LINES + 10)]
    days: dict[date, PartnerCounts] = {
        day: counts(*names, number=99_999, failed=MAX_FAILURES) for day in DAYS
    }

    row = partner_activity(GOLD, days, DAYS, lambda _: "cases/" + "x" * 50)

    assert row is not None
    assert len(repr(data_item(GOLD, row).data)) < 50_000


def test_row_names_no_process_and_no_address() -> None:
    row = partner_activity(GOLD, {DAYS[-1]: counts("850", failed=2)}, DAYS, lambda _: None)

    assert row is not None
    assert "cccc" not in repr(data_item(GOLD, row).data)


def test_equal_counts_give_an_equal_row_whatever_their_order() -> None:
    days = {day: counts("856", "850") for day in DAYS}

    first = partner_activity(GOLD, days, DAYS, lambda _: None)
    second = partner_activity(
        GOLD,
        {
            day: PartnerCounts(dict(reversed(list(own.lines.items()))), own.failures, own.latest)
            for day, own in reversed(list(days.items()))
        },
        DAYS,
        lambda _: None,
    )

    assert first == second
    assert first is not None and first.updated_at == datetime(2026, 3, 12, 14, 5, 31, tzinfo=UTC)
