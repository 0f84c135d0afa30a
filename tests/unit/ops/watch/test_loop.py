"""Showing snapshots: until Ctrl-C or a number of them, in a terminal and in a pipe."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from ops.watch.loop import watch_snapshots
from ops.watch.snapshot import Snapshot


class Terminal(io.StringIO):
    """Text that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal() -> tuple[Console, io.StringIO]:
    out = Terminal()
    return Console(file=out, force_terminal=True, width=120, height=60, color_system=None), out


def reader(*, interrupted_at: int | None = None) -> Callable[[], Snapshot]:
    """Returns snapshots of the stacks ``stack-1``, ``stack-2``..., until Ctrl-C."""
    number = 0

    def read() -> Snapshot:
        nonlocal number
        number += 1
        if number == interrupted_at:
            raise KeyboardInterrupt
        return Snapshot(f"stack-{number}", 1_795_000_000.0)

    return read


def test_snapshots_in_a_pipe_are_printed_one_below_the_other_without_control_codes() -> None:
    out, slept = io.StringIO(), list[float]()

    last = watch_snapshots(reader(), Console(file=out), interval=7.0, most=3, sleep=slept.append)

    assert last is not None
    assert last.stack == "stack-3"
    assert [f"stack-{number}" in out.getvalue() for number in (1, 2, 3, 4)] == [True] * 3 + [False]
    assert "\x1b" not in out.getvalue()
    assert slept == [7.0, 7.0]


def test_snapshot_in_a_terminal_replaces_the_one_before_it() -> None:
    console, out = terminal()

    watch_snapshots(reader(), console, most=2, sleep=lambda _: None)

    before, _, after = out.getvalue().partition("stack-1")
    assert "stack-2" not in before
    # Move up and erase the line: rich redraws in place.
    assert "\x1b[1A\x1b[2K" in after.partition("stack-2")[0]


@pytest.mark.parametrize("where", ["read", "sleep"])
def test_ctrl_c_ends_the_screen_and_gives_the_cursor_back(where: str) -> None:
    console, out = terminal()

    def sleep(_: float) -> None:
        if where == "sleep":
            raise KeyboardInterrupt

    last = watch_snapshots(
        reader(interrupted_at=2 if where == "read" else None), console, sleep=sleep
    )

    assert last is not None
    assert last.stack == "stack-1"
    assert out.getvalue().rstrip().endswith("\x1b[?25h")


def test_ctrl_c_before_the_first_snapshot_ends_without_one() -> None:
    assert watch_snapshots(reader(interrupted_at=1), Console(file=io.StringIO())) is None
