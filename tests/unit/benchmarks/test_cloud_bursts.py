"""The benchmark of bursts in the local cloud: how functions lose their pace, and what is judged."""

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.cloud_bursts import PACED, Burst, Figures, handler_archive, judge
from ops.paths import ROOT

WITHOUT = Figures([Burst(29, 12, 50, 3.1, 0.1)] * 3, [0.06, 0.05, 0.07])
PACED_FIGURES = Figures([Burst(4, 4, 10, 3.1, 1.2)] * 3, [0.05, 0.06, 0.07])

PRINT_PACE = """
import handler
from gridwix.{name} import wiring
print(wiring.ROW_PACE)
"""


@pytest.mark.parametrize("name", PACED)
@pytest.mark.parametrize(("pace", "seconds"), [(True, "1.0"), (False, "0.0")])
def test_function_when_its_code_is_without_the_pace_then_it_publishes_without(
    name: str, pace: bool, seconds: str, tmp_path: Path
) -> None:
    source = (ROOT / "functions" / name / "handler.py").read_text()
    with zipfile.ZipFile(io.BytesIO(handler_archive(source, pace=pace))) as code:
        code.extractall(tmp_path)

    done = subprocess.run(
        [sys.executable, "-c", PRINT_PACE.format(name=name)],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT / 'layers/common'}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [seconds]


def test_goals_when_all_figures_are_good_then_they_hold() -> None:
    assert [holds for _, holds in judge(WITHOUT, PACED_FIGURES)] == [True] * 4


@pytest.mark.parametrize(
    ("bad", "goal"),
    [
        ({"issue": 5}, 0),
        ({"status": 5}, 0),
        ({"latest": 1.6}, 2),
    ],
)
def test_goals_when_one_burst_misses_one_then_it_fails(bad: dict[str, int], goal: int) -> None:
    first, *others = PACED_FIGURES.bursts

    verdicts = judge(WITHOUT, Figures([replace(first, **bad), *others], PACED_FIGURES.singles))

    assert [number for number, (_, holds) in enumerate(verdicts) if not holds] == [goal]


def test_goals_when_calls_or_singles_are_too_many_or_too_slow_then_they_fail() -> None:
    bursts = [replace(one, calls=11) for one in PACED_FIGURES.bursts]

    verdicts = judge(WITHOUT, Figures(bursts, [0.07, 0.08, 0.09]))

    assert [holds for _, holds in verdicts] == [True, False, True, False]
