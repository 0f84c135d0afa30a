"""Compares gridwix with other tools: runs each program in turn, as a whole process, and prints the
ratios.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".tools/peers/bin/python"

ROWS = 20_000
LONG_RUN = 1_000_000
REFUSED = ROWS // 100
READ_LATENCY, WRITE_LATENCY = 0.05, 0.15


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the comparison: its module, the interpreter that runs it, and the checkout that
    it imports.
    """

    name: str
    module: str
    python: Path
    checkout: Path


@dataclass(frozen=True, slots=True)
class Run:
    """Figures of one process: seconds from its start to its end, peak memory in MB, refused rows
    that it could name, and the bulk calls and rows that the sink received.
    """

    seconds: float
    peak: float
    named: int
    calls: int
    rows: int


@contextmanager
def serving(rows: int, *, latency: bool = False) -> Iterator[str]:
    """Run the source and sink for a ``with`` block; yield their URL."""
    command = [sys.executable, "-m", "benchmarks.peers.server", "--rows", str(rows)]
    if latency:
        command += ["--read-latency", str(READ_LATENCY), "--write-latency", str(WRITE_LATENCY)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.terminate()
        server.wait()


def run(program: Program, url: str, state: str = "", *options: str) -> Run:
    """Run a program of the comparison against the server. Raises CalledProcessError if it fails."""
    read_counts(url)
    command = [str(program.python), "-m", program.module, "--url", url]
    command += [*(["--state", state] if state else []), *options]
    # Only the layer is another checkout's: an earlier one lacks these modules.
    path = [program.checkout / "layers/common", ROOT]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    begun = time.perf_counter()
    ended = subprocess.run(
        command, cwd="/", env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    seconds = time.perf_counter() - begun
    told = json.loads(ended.stdout.splitlines()[-1])
    counts = read_counts(url)
    return Run(seconds, told["peak"] / 1024, told["named"], counts["calls"], counts["rows"])


def read_counts(url: str) -> Mapping[str, int]:
    """Return the sink's bulk calls and rows since they were last read."""
    with urlopen(f"{url}/counts") as response:
        counts: dict[str, int] = json.load(response)
    return counts


def programs(against: Path | None) -> list[Program]:
    """Return the programs to compare, gridwix first; ``against`` is an older checkout of
    gridwix.
    """
    gridwix = "benchmarks.peers.with_gridwix"
    found = [Program("gridwix", gridwix, Path(sys.executable), ROOT)]
    if against is not None:
        moved = (against / "layers/common/gridwix/publication").is_dir()
        module = gridwix if moved else "benchmarks.peers.with_earlier_gridwix"
        found.append(Program("gridwix, earlier", module, Path(sys.executable), against))
    return found + [
        Program(name, f"benchmarks.peers.{module}", PEERS, ROOT)
        for name, module in (
            ("plain script", "plain_script"),
            ("asyncio loop", "asyncio_loop"),
            ("dlt", "with_dlt"),
            ("dlt, tuned", "with_dlt_tuned"),
            ("airbyte-cdk", "with_airbyte_cdk"),
        )
    ]


def compare(
    chosen: Sequence[Program], url: str, rounds: int, title: str
) -> Mapping[str, Sequence[Run]]:
    """Run all programs in turn, ``rounds`` times, and print their medians."""
    runs: dict[str, list[Run]] = {program.name: [] for program in chosen}
    for _ in range(rounds):
        for program in chosen:
            runs[program.name].append(run(program, url))
    print(f"  {title} (median of {rounds}, in turn)")
    for name, found in runs.items():
        seconds, peak = median(each.seconds for each in found), median(each.peak for each in found)
        print(
            f"    {name:22}{ROWS / seconds:9,.0f} rows/s {seconds:7.2f} s {peak:6.0f} MB"
            f"   named {found[-1].named:3} of {REFUSED}   bulk calls {found[-1].calls}"
        )
    return runs


def print_ratio(runs: Mapping[str, Sequence[Run]], other: str, goal: float | None = None) -> None:
    """Print the ratio of another program's time to gridwix's: the median over the rounds."""
    if other not in runs:
        return
    ratio = median(
        theirs.seconds / ours.seconds
        for ours, theirs in zip(runs["gridwix"], runs[other], strict=True)
    )
    aim = "" if goal is None else f"   goal: at least {goal}"
    print(f"    gridwix : {other:20}{ratio:6.2f}{aim}")


def second_run(program: Program, url: str) -> Run:
    """Run a program twice with the same state folder; return the second run, for which nothing has
    changed.
    """
    with tempfile.TemporaryDirectory() as state:
        run(program, url, state)
        return run(program, url, state)


def main(arguments: Sequence[str] = ()) -> None:
    """Run the comparison with other tools and print its figures."""
    parser = argparse.ArgumentParser(prog="benchmarks peers")
    parser.add_argument("--against", type=Path, help="a checkout of an earlier gridwix")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="programs besides gridwix, separated by commas")
    parser.add_argument("--skip-long", action="store_true", help="leave out the million rows")
    wanted = parser.parse_args(arguments)
    names = [name for name in wanted.only.split(",") if name]
    chosen = [
        program
        for program in programs(wanted.against)
        if not names or program.name.startswith(("gridwix", *names))
    ]
    if not PEERS.exists():
        raise SystemExit("the peers are not installed: run make bench ARGS=peers")
    print(
        f"peers: {ROWS:,} rows of about 500 bytes, {REFUSED} of them refused inside 200 responses;"
        " whole processes, ledger in memory"
    )
    print("  dlt: 1.31, as its documentation shows; tuned: a file per bulk call. airbyte-cdk: 7.39")
    with serving(ROWS) as url:
        runs = compare(chosen, url, wanted.rounds, "no latency")
        print_ratio(runs, "dlt", 2.5)
        print_ratio(runs, "dlt, tuned")
        print_ratio(runs, "airbyte-cdk", 3)
        print_ratio(runs, "plain script")
        for program in chosen:
            if program.checkout != ROOT:
                print_ratio(runs, program.name)
        print("  a second run, with the state of the first")
        for program in chosen:
            again = second_run(program, url)
            # Nobody knows that Wix would refuse a row still, so a refused one is tried again.
            print(
                f"    {program.name:22}{again.rows - again.named:9,} rows written again"
                f"   {again.named:3} refused rows tried again"
            )
    with serving(ROWS, latency=True) as url:
        runs = compare(
            chosen,
            url,
            wanted.rounds,
            f"{READ_LATENCY * 1000:.0f} ms per read, {WRITE_LATENCY * 1000:.0f} ms per write",
        )
        print_ratio(runs, "dlt", 3)
        print_ratio(runs, "dlt, tuned")
    print(
        "  memory, with the ledger in a file: it grows with the rows, and is DynamoDB's elsewhere"
    )
    for rows in (ROWS,) if wanted.skip_long else (ROWS, LONG_RUN):
        with serving(rows) as url, tempfile.TemporaryDirectory() as state:
            # With the site's own limit a million rows would take eight minutes.
            found = run(chosen[0], url, state, "--calls-per-minute", "100000")
        memory = f"{found.peak:6.0f} MB   goal: at most 60 MB"
        print(f"    {rows:9,} rows {found.seconds:6.1f} s {memory}")
