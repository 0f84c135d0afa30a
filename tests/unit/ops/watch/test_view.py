"""The live screen of a snapshot: everything that it must show, and as text."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from ops.budgets import BudgetLevel
from ops.consumers import Consumer, EventSource, FunctionState
from ops.overview import Fault
from ops.pause_notes import PauseNote
from ops.queues import Depth
from ops.watch.snapshot import FunctionActivity, LastError, LetterCauses, Snapshot
from ops.watch.view import snapshot_view

NOW = 1_795_000_000.0
ON, OFF = (EventSource("u", "Enabled"),), (EventSource("u", "Disabled"),)


def consumer(name: str = "status_publisher", **fields: Any) -> Consumer:
    right = Consumer(name, Depth(5, 1, 2), Depth(0, 0, 0), sources=ON, now=NOW)
    return replace(right, **fields)


def snapshot(**fields: Any) -> Snapshot:
    right = Snapshot("gridwix-prod", NOW, consumers=(consumer(),))
    return replace(right, **fields)


def drawn(shown: Snapshot) -> str:
    """The screen as text, with one space for any white space and frame."""
    out = io.StringIO()
    # Wide enough for a row of each table on one line.
    console = Console(file=out, width=250, highlight=False, markup=False, emoji=False)
    console.print(snapshot_view(shown))
    return " ".join(out.getvalue().replace("│", " ").replace("┃", " ").split())


def test_queue_is_shown_with_its_depths_and_age() -> None:
    shown = drawn(snapshot(consumers=(consumer(oldest=42.0),)))

    assert "status_publisher runs 5 1 2 42 s 0" in shown
    assert "gridwix-prod 2026-11-18" in shown


def test_queue_that_is_older_than_its_limit_is_late() -> None:
    shown = drawn(snapshot(consumers=(consumer(oldest=400.0, limit=300.0),)))

    assert "status_publisher late 5 1 2 7 min" in shown
    assert "the limit is 5 min" in shown


def test_paused_function_is_shown_with_the_length_of_its_pause() -> None:
    note = PauseNote(datetime.fromtimestamp(NOW - 3780, UTC), "user/ann")

    shown = drawn(snapshot(consumers=(consumer(sources=OFF, pause=note),)))

    assert "status_publisher paused for 1 h 3 min 5 1 2" in shown
    assert "by user/ann" in shown
    assert "gridwix resume status-publisher" in shown


def test_function_that_runs_again_is_not_shown_as_paused_by_a_note_that_was_left() -> None:
    note = PauseNote(datetime.fromtimestamp(NOW - 3780, UTC), "user/ann")

    assert "paused" not in drawn(snapshot(consumers=(consumer(pause=note),)))


def test_function_that_cannot_run_is_stopped() -> None:
    shown = drawn(snapshot(consumers=(consumer(function=FunctionState(reserved=0)),)))

    assert "status_publisher stopped" in shown
    assert "reserved concurrency is 0" in shown


def test_call_budget_is_shown_as_calls_that_are_left() -> None:
    assert "15 of 60 calls left at once, 180 a minute" in drawn(
        snapshot(budget=BudgetLevel(15, 60, 180))
    )


def test_call_budget_that_wix_has_blocked_says_for_how_long() -> None:
    shown = drawn(snapshot(budget=BudgetLevel(0, 60, 180, blocked=28.4)))

    assert "Wix's rate limit stops all calls: 28 s" in shown


def test_stack_without_a_call_budget_shows_none() -> None:
    assert "Call budget" not in drawn(snapshot())


def test_rows_a_minute_are_shown_for_each_function_and_for_all() -> None:
    activities = {
        "status_publisher": FunctionActivity(1500, 300.0),
        "notice_publisher": FunctionActivity(6, 300.0),
    }
    both = (consumer(), consumer("notice_publisher"))

    shown = drawn(snapshot(consumers=both, activities=activities))

    assert "301 rows a minute" in shown
    assert "status_publisher runs 5 1 2 0 300" in shown
    assert "notice_publisher runs 5 1 2 0 1.2" in shown


def test_last_error_is_shown_with_its_age() -> None:
    error = LastError(NOW - 130, "call_failed: upstream_unavailable (wix 503)")

    shown = drawn(snapshot(activities={"status_publisher": FunctionActivity(error=error)}))

    assert "call_failed:" in shown
    assert "2 min ago" in shown


def test_dead_letters_are_shown_by_cause_the_most_frequent_first() -> None:
    causes = {"status_publisher": LetterCauses({"malformed": 1, "upstream_forbidden": 12}, NOW)}

    shown = drawn(snapshot(consumers=(consumer(dead=Depth(13, 0, 0)),), causes=causes))

    assert "status_publisher upstream_forbidden 12 status_publisher malformed 1" in shown
    assert "not looked at" not in shown


def test_dead_letters_beyond_those_that_were_looked_at_are_counted() -> None:
    causes = {"status_publisher": LetterCauses({"malformed": 100}, NOW)}

    shown = drawn(snapshot(consumers=(consumer(dead=Depth(4000, 0, 0)),), causes=causes))

    assert "not looked at 3900" in shown


def test_dead_letters_that_nobody_may_look_at_are_counted_with_the_reason() -> None:
    causes = {"status_publisher": LetterCauses(unread="ReceiveMessage: AccessDenied")}

    shown = drawn(snapshot(consumers=(consumer(dead=Depth(3, 0, 0)),), causes=causes))

    assert "could not be looked at: ReceiveMessage: AccessDenied 3" in shown


@pytest.mark.parametrize("markup", ["[red]x[/red]", ":smile:"])
def test_text_of_others_is_shown_as_it_is(markup: str) -> None:
    error = LastError(NOW, markup)
    activities = {"status_publisher": FunctionActivity(error=error)}

    shown = drawn(snapshot(activities=activities, unseen=(Fault("queues", markup),)))

    assert shown.count(markup) == 2


def test_snapshot_without_a_fault_says_so() -> None:
    assert "Nothing is wrong" in drawn(snapshot())
    assert "Nothing is wrong" not in drawn(snapshot(unseen=(Fault("queues", "no"),)))
