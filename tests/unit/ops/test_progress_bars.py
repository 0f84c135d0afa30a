"""Bars of long steps: each command says how much is done, of how much."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.commands import erase, redrive, replay
from ops.replay import Replay
from ops.stack import QueuePair

FIRST = datetime(2026, 11, 24, 8, tzinfo=UTC)


class Bar:
    """Stands for a spinner; keeps what it was told last."""

    shown: tuple[str, int | None, int | None] = ("", None, None)

    def update(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        self.shown = (text, done, total)


def test_erasure_shows_the_store_and_how_many_are_done() -> None:
    bar: Any = Bar()
    report = erase._count_stores(bar, 3)

    shown = []
    for store in ("DispatchTable", "Wix members"):
        report(store)
        shown.append(bar.shown)

    assert shown == [("DispatchTable", 0, 3), ("Wix members", 1, 3)]


def test_replay_shows_how_far_it_is_between_its_times() -> None:
    bar: Any = Bar()
    reached = Replay("one", "RUNNING", reached=FIRST + timedelta(minutes=15))

    replay._show_reached(bar, reached, FIRST, FIRST + timedelta(hours=1))

    assert bar.shown[1:] == (900, 3600)


def test_replay_that_has_delivered_nothing_yet_leaves_the_bar_alone() -> None:
    bar: Any = Bar()

    replay._show_reached(bar, Replay("one", "STARTING"), FIRST, FIRST + timedelta(hours=1))

    assert bar.shown == Bar.shown


@pytest.mark.parametrize(("limit", "total"), [(None, 12), (5, 5), (100, 12)])
def test_redrive_counts_what_the_queue_has_and_the_limit_allows(
    limit: int | None, total: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = QueuePair("status_publisher", "url", "dead-letters")

    def depth(_: Any, url: str) -> Any:
        assert url == pair.dead_letter_url
        return type("Depth", (), {"total": 12})

    monkeypatch.setattr(redrive, "read_depth", depth)
    stack: Any = type("Found", (), {"aws": type("Clients", (), {"sqs": None})})

    assert redrive._count_messages(stack, pair, limit) == total
