"""The report of ``gridwix erase`` as people read it."""

import sys
from datetime import UTC, datetime

import pytest

from ops.commands import erase
from ops.console import new_console
from ops.erasure.ports import Remainder
from ops.erasure.report import ErasureReport, StoreReport
from ops.erasure.subject import Subject

MEMBERS = ("8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e10", "8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e13")


def test_ids_of_what_stays_are_shown_whole_in_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow = new_console(sys.stdout)
    narrow.width = 80
    monkeypatch.setattr(erase, "console", narrow)
    stays = Remainder("members who acted for it", "erase each with --person", ids=MEMBERS)
    report = ErasureReport(
        Subject(), datetime(2026, 11, 29, tzinfo=UTC), (StoreReport("Wix", stays=(stays,)),)
    )

    erase._print_report(report)

    cells = [
        line.split("│")[2].strip() for line in capsys.readouterr().out.splitlines() if "│" in line
    ]
    shown = "".join(cells)
    assert all(member in shown for member in MEMBERS)
