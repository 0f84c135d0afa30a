"""Output of the command: results on standard output; errors, progress and hints on standard error. Colours in a terminal, plain lines everywhere else.

What is printed is never interpreted: ``[red]`` in a partner's name stays text, and ``:secret:`` in an ARN does not become an emoji. Colour comes from a
``Text`` or a ``style``, never from tags inside a string.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.status import Status
from rich.text import Text

WIDTH = 120
"""Columns where the output is no terminal."""

SLOW = 30.0
"""Seconds after which a step that goes on says so where the output is no terminal, which has no spinner."""


def new_console(stream: TextIO, *, stderr: bool = False) -> Console:
    """A console that prints strings as they are."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=None if stream.isatty() else WIDTH)


console = new_console(sys.stdout)
"""For results: what a script would read."""

errors = new_console(sys.stderr, stderr=True)
"""For errors, progress and hints."""


def print_result(*parts: str | tuple[str, str]) -> None:
    """Print a line of a result; a part is a text, or a text and its style. It is not wrapped where the output is no terminal."""
    console.print(Text.assemble(*parts), soft_wrap=True)


def print_note(*parts: str | tuple[str, str]) -> None:
    """Print a line of progress, or a hint."""
    errors.print(Text.assemble(*parts), soft_wrap=True)


def print_error(message: str) -> None:
    """Print an error."""
    errors.print(Text(message, "red"), soft_wrap=True)


@contextlib.contextmanager
def show_step(text: str) -> Iterator[None]:
    """Say that something is being done, and when it is done, how long it took. Long silences are broken where there is no spinner."""
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
    """Show what is being waited for: a spinner in a terminal, else a line every ``SLOW`` seconds."""
    done = threading.Event()
    # A string would be read as markup by the spinner.
    with errors.status(Text(f"{text} …")) as status:
        shown = Spinner(text, status)
        if not errors.is_terminal:
            threading.Thread(target=_break_silence, args=[shown, done], daemon=True).start()
        try:
            yield shown
        finally:
            done.set()


class Spinner:
    """What is being waited for, as it is shown."""

    def __init__(self, text: str, status: Status) -> None:
        self.text = text
        self._status = status

    def update(self, text: str) -> None:
        self.text = text
        self._status.update(Text(f"{text} …"))


def _break_silence(shown: Spinner, done: threading.Event) -> None:
    begun = time.monotonic()
    while not done.wait(SLOW):
        print_note(f"   {shown.text} … {format_seconds(time.monotonic() - begun)}")


def format_seconds(duration: float) -> str:
    """A duration in the unit that a person would use."""
    if duration < 1:
        return f"{duration * 1000:.0f} ms"
    return f"{duration:.1f} s" if duration < 120 else format_duration(duration)


def format_duration(duration: float) -> str:
    """Minutes, hours or days, as a person would say them: ``long_duration(7300)`` is ``2 h 2 min``."""
    minutes = round(duration / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h" if hours else f"{days} days"
