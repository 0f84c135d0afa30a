"""Runs the measurements of all functions at all sizes, each in a process of its own, and prints and
writes the report.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.size import report
from benchmarks.size.report import Figures, Measured
from benchmarks.size.worker import MEASURES

SIZES = (1_000, 10_000, 100_000)
IMAGES = Path(__file__).parents[2] / "docs/images"


def measure(function: str, partners: int) -> Measured:
    """Measure a function in a new process. Raises CalledProcessError if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.size.worker", function, str(partners)],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    return Measured.parse(function, partners, json.loads(done.stdout))


def print_report(figures: Figures) -> None:
    """Print both tables, further figures at the largest size, and the functions that need more
    memory for more partners.
    """
    print(f"peak memory, MB\n\n{report.memory_table(figures)}\n")
    print(f"calls for 1,000 units\n\n{report.calls_table(figures)}\n")
    for name, measured in figures.items():
        last = measured[-1]
        facts = ", ".join(f"{what} {number:,}" for what, number in last.facts.items())
        print(f"{name}: {last.units:,} of {last.of:,} in {last.seconds:.0f} s; {facts}")
    for name in report.grown(figures):
        print(f"GROWS: {name}")


def main(options: Sequence[str] = ()) -> None:
    """Measure all functions, print the report, and with ``--write`` draw the plots of
    ``docs/size.md``.
    """
    parser = argparse.ArgumentParser(prog="benchmarks size", description=__doc__)
    parser.add_argument("--partners", type=int, nargs="+", default=list(SIZES), help="the sizes")
    parser.add_argument("--function", nargs="+", default=list(MEASURES), choices=list(MEASURES))
    parser.add_argument("--write", action="store_true", help="draw the plots in docs/images")
    chosen = parser.parse_args(options)
    figures = {
        name: [measure(name, partners) for partners in chosen.partners] for name in chosen.function
    }
    print_report(figures)
    if chosen.write:
        (IMAGES / "size-memory.svg").write_text(report.memory_plot(figures))
        (IMAGES / "size-calls.svg").write_text(report.calls_plot(figures))
