"""The cost per partner and row is the same at each size. Counts only, no times and no memory."""

from collections.abc import Callable, Mapping
from xml.etree import ElementTree

import pytest

from benchmarks.size import report
from benchmarks.size.functions import Figures, measure_feed, measure_messenger, measure_status
from benchmarks.size.reconciling import (
    measure_issues,
    measure_partner_documents,
    measure_partner_status,
    measure_plain_rows,
)
from benchmarks.size.report import Measured


def test_feed_when_everything_is_resynced_then_each_page_of_partners_is_one_call() -> None:
    figures = measure_feed(1_000)

    # The head, five pages of partners, and the feed from the head.
    assert figures.calls == {"grid": 1 + 5 + 1}
    assert figures.facts == {"events": 1_001}


def test_status_publisher_when_a_thousand_partners_are_resynced_then_wix_takes_one_call() -> None:
    figures = measure_status(1_000)

    assert figures.calls == {"grid": 4 * 20, "wix": 1, "dynamodb": 2 * 10 + 2 * 1_000}
    assert figures.facts["largest ledger item"] < 1_024


def test_messenger_when_a_notice_is_for_everybody_then_it_keeps_few_occasions_in_memory() -> None:
    figures = measure_messenger(1_500)

    assert figures.facts == {"occasions": 1_500, "kept in memory": 1_000}
    assert figures.calls == {"grid": 1 + 8}


def test_reconciler_when_there_are_ten_thousand_rows_then_wix_takes_one_call_for_500() -> None:
    figures = measure_plain_rows(1_000)

    assert figures.calls["wix"] == 10_000 // 500
    # Three parts are listed and merged, twenty ranges compared, and one message ends the run.
    assert figures.facts["messages"] == 3 + 20 + 1
    assert figures.facts["queue depth"] == 1


@pytest.mark.parametrize(
    ("measure", "calls"),
    [
        # Lists of 50 partners each: four kinds of records; keys in pages of 200.
        (measure_partner_status, {"grid": 1 + 4 * 2, "wix": 1}),
        # One list of cases, and the comments of each; keys in pages of 200.
        (measure_issues, {"grid": 1 + 2 + 200, "wix": 1}),
        # Each document, and the partners in audiences; keys in pages of 200.
        (measure_partner_documents, {"grid": 1 + 110 + 1, "wix": 1}),
    ],
)
def test_reconciler_when_a_hundred_partners_are_compared_then_records_are_read_in_few_calls(
    measure: Callable[[int], Figures], calls: Mapping[str, int]
) -> None:
    figures = measure(100)

    assert {system: figures.calls[system] for system in calls} == calls


def measured(function: str, partners: int, peak: float) -> Measured:
    return Measured(
        function, partners, partners, partners, 1.0, {"wix": 2, "grid": 4}, {}, 60, peak
    )


def test_report_when_memory_grows_with_the_partners_then_the_function_is_named() -> None:
    figures = {
        "flat": [measured("flat", 10_000, 80.0), measured("flat", 100_000, 84.0)],
        "grows": [measured("grows", 10_000, 80.0), measured("grows", 100_000, 240.0)],
    }

    assert report.grown(figures) == ["grows"]
    assert "| `grows` | 80 | 240 | 3.00 |" in report.memory_table(figures)


def test_plots_when_they_are_drawn_twice_then_they_are_the_same_and_are_xml() -> None:
    figures = {"a & b": [measured("a & b", 10_000, 80.0), measured("a & b", 100_000, 84.0)]}

    for draw in (report.memory_plot, report.calls_plot):
        assert draw(figures) == draw(figures)
        assert ElementTree.fromstring(draw(figures)).tag.endswith("svg")
