"""Console output: results on standard output; errors, progress and hints on standard error.

Output is colored in a terminal and plain elsewhere. Text is never interpreted as markup: ``[red]``
in a partner's name stays text, and ``:secret:`` in an ARN does not become an emoji. Color comes
from a ``Text`` or a ``style``, never from tags inside a string.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TextIO

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

WIDTH = 120
"""Columns of output that goes to a file or a pipe instead of a terminal."""

SLOW = 30.0
"""Interval in seconds between progress lines of a long step, if the output is no terminal and has
no spinner.
"""


def new_console(stream: TextIO, *, stderr: bool = False) -> Console:
    """Return a console that prints strings without interpreting markup."""
    return Console(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if stream.isatty() else WIDTH,
    )


console = new_console(sys.stdout)
"""Console for results, which a script would read."""

errors = new_console(sys.stderr, stderr=True)
"""Console for errors, progress and hints, on standard error."""


def print_result(*parts: str | tuple[str, str]) -> None:
    """Print a line of a result, unwrapped if the output is no terminal.

    A part is a text, or a text with its style.
    """
    console.print(Text.assemble(*parts), soft_wrap=True)


def print_note(*parts: str | tuple[str, str]) -> None:
    """Print a line of progress or a hint on standard error."""
    errors.print(Text.assemble(*parts), soft_wrap=True)


def is_interactive() -> bool:
    """Return True if a user watches progress: standard error is a terminal."""
    return errors.is_interactive


def print_error(message: str) -> None:
    """Print an error on standard error."""
    errors.print(Text(message, "red"), soft_wrap=True)


@contextlib.contextmanager
def show_step(text: str) -> Iterator[None]:
    """Show a spinner during a step, then print the step with a check mark and its duration.

    A step that raises an exception is printed with a cross.
    """
    begun = time.monotonic()
    try:
        with show_spinner(text):
            yield
    except BaseException:
        print_note(" ", ("✗", "red"), f" {text}")
        raise
    print_note(" ", ("✓", "green"), f" {text} ", (format_seconds(time.monotonic() - begun), "dim"))


@contextlib.contextmanager
def show_spinner(text: str) -> Iterator["Spinner"]:
    """Show a spinner while the block runs; yield it, so that the block can update it.

    In a terminal it also shows a progress bar once the total is known. Elsewhere a line is printed
    every ``SLOW`` seconds.
    """
    done = threading.Event()
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), _Bar())
    progress = Progress(*columns, console=errors, transient=True)
    shown = Spinner(text, progress)
    # Elsewhere than in a terminal that can move its cursor, it would print empty lines.
    with progress if is_interactive() else contextlib.nullcontext():
        if not is_interactive():
            threading.Thread(target=_print_progress, args=[shown, done], daemon=True).start()
        try:
            yield shown
        finally:
            done.set()


class Spinner:
    """The text and the progress bar of a running spinner. Both can be updated."""

    def __init__(self, text: str, progress: Progress) -> None:
        self.text = text
        self._progress = progress
        self._task = progress.add_task(f"{text} …", total=None)

    def update(self, text: str, *, done: int | None = None, total: int | None = None) -> None:
        """Replace the text of the spinner, and set its progress bar if ``total`` is given.

        The bar shows ``done`` of ``total``. A total stays until another total is given.
        """
        self.text = text
        self._progress.update(self._task, description=f"{text} …", completed=done, total=total)


class _Bar(ProgressColumn):
    """The progress bar of a step with a known total. Other steps have only the spinner."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = BarColumn()

    def render(self, task: Task) -> RenderableType:
        return self._bar.render(task) if task.total else Text()


def _print_progress(shown: Spinner, done: threading.Event) -> None:
    begun = time.monotonic()
    while not done.wait(SLOW):
        print_note(f"   {shown.text} … {format_seconds(time.monotonic() - begun)}")


def format_seconds(duration: float) -> str:
    """Format a duration (seconds) in a readable unit.

    >>> format_seconds(0.25), format_seconds(90), format_seconds(7300)
    ('250 ms', '90.0 s', '2 h 2 min')
    """
    if duration < 1:
        return f"{duration * 1000:.0f} ms"
    return f"{duration:.1f} s" if duration < 120 else format_duration(duration)


def format_duration(duration: float) -> str:
    """Format a duration (seconds) in seconds, minutes, hours or days.

    >>> format_duration(7300)
    '2 h 2 min'
    """
    if round(duration) < 60:
        return f"{round(duration)} s"
    minutes = round(duration / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h" if hours else f"{days} days"


def format_minute(time: datetime) -> str:
    """Format a time in UTC, to the minute.

    >>> format_minute(datetime(2026, 11, 29, 9, 30, tzinfo=UTC))
    '2026-11-29 09:30 UTC'
    """
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
