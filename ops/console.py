"""How the command speaks: colours and spinners in a terminal, plain lines everywhere else."""

import contextlib
import sys
import time
from collections.abc import Iterator

from rich.console import Console

WIDTH = 120
"""Columns where the output is no terminal."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Say that something is being done, and when it is done, how long it took."""
    begun = time.monotonic()
    try:
        with console.status(f"{text} …"):
            yield
    except BaseException:
        console.print(f" [red]✗[/] {text}")
        raise
    console.print(f" [green]✓[/] {text} [dim]{seconds(time.monotonic() - begun)}[/]")


def seconds(duration: float) -> str:
    """A duration in the unit that a person would use."""
    return f"{duration * 1000:.0f} ms" if duration < 1 else f"{duration:.1f} s"
