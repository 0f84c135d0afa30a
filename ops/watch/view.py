"""Builds the live screen of ``gridwix status`` from a snapshot: the state of a stack at one time.

The result is a renderable of rich. Pure: it prints nothing and reads no input.
"""

from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from ops.budgets import BudgetLevel
from ops.console import format_duration
from ops.consumers import Consumer
from ops.fault_table import fault_table
from ops.watch.snapshot import FunctionActivity, LastError, LetterCauses, Snapshot

BAR = 30
"""Width of the bar of the call budget in characters."""

LOW = 0.2
"""Share of the burst below which the call budget is drawn in red."""


def snapshot_view(snapshot: Snapshot) -> RenderableType:
    """Return the live screen for a snapshot (the state of a stack), as a renderable of rich."""
    parts: list[RenderableType] = [_heading(snapshot)]
    if snapshot.budget is not None:
        parts.append(_budget_line(snapshot.budget))
    parts.append(_consumer_table(snapshot))
    if snapshot.causes:
        parts.append(_cause_table(snapshot))
    if snapshot.faults:
        parts.append(fault_table(snapshot.faults))
    else:
        parts.append(Text("Nothing is wrong with functions and queues", "green"))
    return Group(*parts)


def _heading(snapshot: Snapshot) -> Text:
    at = datetime.fromtimestamp(snapshot.now, UTC)
    rate = f"{_rate(snapshot.rows_per_minute)} rows a minute"
    return Text.assemble(
        (snapshot.stack, "bold"), f"  {at:%Y-%m-%d %H:%M:%S} UTC  ", (rate, "bold")
    )


def _budget_line(budget: BudgetLevel) -> Text:
    if budget.blocked:
        wait = format_duration(budget.blocked)
        return Text.assemble("Call budget  ", (f"Wix's rate limit stops all calls: {wait}", "red"))
    filled = round(BAR * budget.left / budget.burst)
    style = "red" if budget.left < LOW * budget.burst else "green"
    return Text.assemble(
        "Call budget  ",
        ("█" * filled, style),
        ("░" * (BAR - filled), "dim"),
        f"  {budget.left} of {budget.burst} calls left at once, {budget.calls_per_minute} a minute",
    )


def _consumer_table(snapshot: Snapshot) -> Table:
    numbers = ("Waiting", "In flight", "Delayed", "Oldest", "Dead letters", "Rows a minute")
    table = Table(
        *(Column(name, no_wrap=True) for name in ("Function", "State")),
        *(Column(name, justify="right") for name in numbers),
        Column("Last error", overflow="fold"),
    )
    for consumer in snapshot.consumers:
        activity = snapshot.activities.get(consumer.name, FunctionActivity())
        oldest = "" if consumer.oldest is None else format_duration(consumer.oldest)
        depth = consumer.queue
        table.add_row(
            consumer.name,
            _state(consumer),
            *(str(number) for number in (depth.waiting, depth.in_flight, depth.delayed)),
            Text(oldest, "red" if consumer.is_late else ""),
            Text(str(consumer.dead.total), "red" if consumer.dead.total else ""),
            _rate(activity.rows_per_minute) if activity.written else "",
            _error(activity.error, snapshot.now),
        )
    return table


def _state(consumer: Consumer) -> Text:
    if consumer.paused_for is not None:
        return Text(f"paused for {format_duration(consumer.paused_for)}", "yellow")
    if consumer.fault is None:
        return Text("runs", "green")
    return Text("late" if consumer.runs else "stopped", "red")


def _error(error: LastError | None, now: float) -> str:
    return "" if error is None else f"{error.what}, {format_duration(max(now - error.at, 0))} ago"


def _cause_table(snapshot: Snapshot) -> Table:
    table = Table("Dead letters of", "Cause", "Number")
    totals = {consumer.name: consumer.dead.total for consumer in snapshot.consumers}
    for name, causes in snapshot.causes.items():
        _add_causes(table, name, causes, totals.get(name, 0))
    return table


def _add_causes(table: Table, name: str, causes: LetterCauses, total: int) -> None:
    if causes.unread:
        table.add_row(name, Text(f"could not be looked at: {causes.unread}", "dim"), str(total))
        return
    for cause, number in sorted(causes.numbers.items(), key=lambda one: (-one[1], one[0])):
        table.add_row(name, cause, str(number))
    if total > causes.looked_at:
        table.add_row(name, Text("not looked at", "dim"), str(total - causes.looked_at))


def _rate(rows: float) -> str:
    return f"{rows:.0f}" if rows >= 10 or rows == 0 else f"{rows:.1f}"
