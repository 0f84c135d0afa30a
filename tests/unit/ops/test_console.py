"""Output of the command is not interpreted, and errors do not get between results."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops import console
from ops.commands import doctor
from ops.console import format_duration, format_seconds, new_console
from ops.examination import Progress
from ops.paths import ROOT
from ops.probes import Finding

OUTSIDE = "arn:aws:secretsmanager:eu-west-1:1:secret:gridwix/wix [red]not a colour[/] [/] :warning:"


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> tuple[io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    for name, stream in (("console", out), ("errors", err)):
        fresh = new_console(stream)
        fresh.file = stream
        monkeypatch.setattr(console, name, fresh)
    return out, err


def test_text_from_outside_is_printed_as_it_is_everywhere(
    streams: tuple[io.StringIO, io.StringIO],
) -> None:
    out, err = streams
    table = Table("Found", title=OUTSIDE)
    table.add_row(OUTSIDE)

    console.print_result(OUTSIDE, (OUTSIDE, "red"))
    console.console.print(OUTSIDE)
    console.console.print(table)
    console.print_note(OUTSIDE)
    console.print_error(OUTSIDE)
    with console.show_step(OUTSIDE):
        pass

    assert out.getvalue().count(OUTSIDE) == 5
    assert err.getvalue().count(OUTSIDE) == 3


def test_errors_and_progress_do_not_get_between_results(
    streams: tuple[io.StringIO, io.StringIO],
) -> None:
    out, err = streams

    console.print_result("a result")
    console.print_error("an error")
    console.print_note("a hint")
    with console.show_spinner("waiting"), console.show_step("a step"):
        pass

    assert out.getvalue() == "a result\n"
    assert err.getvalue().splitlines()[:2] == ["an error", "a hint"]
    assert all(err.getvalue().splitlines())


def test_a_long_line_is_not_broken_where_a_script_reads_it(
    streams: tuple[io.StringIO, io.StringIO],
) -> None:
    out, _ = streams

    console.print_result("x " * 500)

    assert len(out.getvalue().splitlines()) == 1


def test_a_wait_without_a_spinner_breaks_the_silence(
    streams: tuple[io.StringIO, io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, err = streams
    monkeypatch.setattr(console, "SLOW", 0.01)

    with console.show_spinner("building") as progress:
        progress.update("deploying")
        while "deploying" not in err.getvalue():
            pass


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        (0.2, "200 ms"),
        (2.5, "2.5 s"),
        (119, "119.0 s"),
        (600, "10 min"),
        (7320, "2 h 2 min"),
        (7200, "2 h"),
        (3 * 86400, "3 days"),
        (3 * 86400 + 7200, "3 days 2 h"),
    ],
)
def test_durations_are_said_as_a_person_would(duration: float, said: str) -> None:
    assert format_seconds(duration) == said


@pytest.mark.parametrize(
    ("duration", "said"), [(0, "0 s"), (10, "10 s"), (59.4, "59 s"), (59.6, "1 min")]
)
def test_less_than_a_minute_is_said_in_seconds(duration: float, said: str) -> None:
    assert format_duration(duration) == said


@pytest.mark.parametrize(("total", "has_bar"), [(None, False), (9, True)])
def test_bar_is_shown_in_a_terminal_once_the_total_is_known(
    total: int | None, has_bar: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=80)
    monkeypatch.setattr(console, "errors", terminal)

    with console.show_spinner("comparing") as progress:
        progress.update("comparing [b]", done=3, total=total)

    assert "comparing [b]" in screen.getvalue()
    assert ("━" in screen.getvalue()) is has_bar


def test_bar_is_not_shown_where_there_is_no_terminal(
    streams: tuple[io.StringIO, io.StringIO],
) -> None:
    out, err = streams

    with console.show_spinner("comparing") as progress:
        progress.update("comparing", done=3, total=9)

    assert (out.getvalue(), err.getvalue()) == ("", "")


def test_spinners_and_bars_are_made_in_one_place() -> None:
    progress = re.compile(r"rich\.(progress|status|spinner)|\bStatus\(|\bProgress\(\*")
    found = [
        path.name for path in (ROOT / "ops").rglob("*.py") if progress.search(path.read_text())
    ]

    assert found == ["console.py"]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_doctor_lists_its_checks_while_they_run_in_a_terminal_only(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(console, "errors", Console(file=screen, force_terminal=is_terminal))
    ended = Progress("Wix items", Finding("Wix", "items", True, "all"), 0.2, ended=3, total=40)

    with console.show_spinner("Checking") as spinner:
        doctor._show_progress(replace(ended, finding=None), spinner)
        doctor._show_progress(ended, spinner)

    shown = Text.from_ansi(screen.getvalue()).plain
    assert ("[ 3/40] ✓ Wix items" in shown) is is_terminal
    assert bool(shown) is is_terminal
