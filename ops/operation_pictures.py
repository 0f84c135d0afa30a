"""Draws the live status screen and the dashboard for the docs, from a local run with faults."""

import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from ops import logs
from ops.dashboard import Metric, metric_values, read_dashboard
from ops.dashboard_picture import Series, draw_dashboard
from ops.local_environment import LocalEnvironment
from ops.pausing import pause_functions, read_switch
from ops.screen_picture import draw_screen
from ops.stack import Stack
from ops.watch.reading import SnapshotReader

SCREEN, DASHBOARD = "status-watch.svg", "dashboard.svg"
NAMES = (SCREEN, DASHBOARD)

ROUNDS = 6
CHANGES = 40
"""Records that are changed in Trading Grid in each round of the run."""

SLICES = 24
"""Bars of a graph on the dashboard."""

LINES = 10_000
"""Maximum number of log events of one function to read."""

OUTAGE = {"kind": "status", "path": "/wix-data/v2/bulk/*", "status": 503, "times": 4}
"""Fault of the Wix emulator: its bulk API is down for a moment, so the functions retry."""


def take_operation_pictures(found: LocalEnvironment, begun: float) -> dict[str, bytes]:
    """Change records, cause faults, and return pictures of the status screen and the dashboard.

    The pictures are SVG files, by file name. ``onboarding_sync`` stays paused, with messages that
    wait.

    Args:
        found: The local environment, with the Trading Grid emulator.
        begun: Start of the period that the dashboard shows (Unix seconds).
    """
    for number in range(ROUNDS):
        if number == ROUNDS // 2:
            found.wix.order("faults", OUTAGE)
        _change_records(found, number)
        found.wait_until_idle()
    dashboard = _draw_dashboard(found.stack, begun, time.time())
    _make_trouble(found)
    screen = draw_screen(SnapshotReader(found.stack).read())
    return {SCREEN: screen.encode(), DASHBOARD: dashboard.encode()}


def _change_records(found: LocalEnvironment, seed: int) -> None:
    found.trading_grid.order("changes", {"count": CHANGES, "seed": seed})
    found.request_feed_poll()
    found.request_transaction_search()


def _make_trouble(found: LocalEnvironment) -> None:
    """Pause a function that gets messages, and put malformed messages into a dead-letter queue."""
    stack, sqs = found.stack, found.stack.aws.sqs
    paused = stack.queue("onboarding_sync")
    pause_functions(stack, [read_switch(stack, paused)], stack.aws.caller, datetime.now(UTC))
    dead = stack.queue("document_sync").dead_letter_url
    for _ in range(2):
        sqs.send_message(QueueUrl=dead, MessageBody="no event")
    _change_records(found, ROUNDS)
    found.wait_for(
        lambda: read_switch(stack, paused).waiting > 0, "messages for the paused function"
    )


def _draw_dashboard(stack: Stack, begun: float, ended: float) -> str:
    seconds = (ended - begun) / SLICES
    caption = (
        f"Drawn from a local run of {ended - begun:.0f} seconds; a bar is {seconds:.0f} seconds."
        " In CloudWatch, a point is as long as the graph's period"
    )
    return draw_dashboard(read_dashboard(), read_series(stack, begun, ended), caption)


def read_series(stack: Stack, begun: float, ended: float) -> Mapping[Metric, Series]:
    """Return the metrics that the functions of a stack logged, each summed by slices of time.

    Args:
        stack: The deployed stack.
        begun: Start of the first slice (Unix seconds).
        ended: End of the last slice (Unix seconds).
    """
    sums: dict[Metric, list[float]] = defaultdict(lambda: [0.0] * SLICES)
    for function in stack.functions:
        group = stack.log_group(function)
        for line in logs.read_lines(stack.aws.logs, group, begun, limit=LINES):
            at = int(SLICES * (line.at - begun) / (ended - begun))
            for metric, value in metric_values(line):
                if 0 <= at < SLICES:
                    sums[metric][at] += value
    return {metric: Series(tuple(values)) for metric, values in sums.items()}
