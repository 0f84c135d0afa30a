"""Benchmark: time to import each function's handler from the built artifact, in a new process,
beside another commit.

Nothing is cached: modules without byte code in the artifact are compiled each time, as on Lambda,
where a layer is read-only.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ops.bundle import architecture, build_bundle, run_sam
from ops.paths import ROOT

EDGE = frozenset({"trading_grid_webhook", "wix_webhook"})
"""Functions with a caller that waits for a cold start."""

GOALS = {True: 1 / 2.5, False: 1 / 4}
"""Maximum ratio to the other commit, for a function with a waiting caller and for a consumer of a
queue.
"""

ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
    "POWERTOOLS_METRICS_NAMESPACE": "gridwix",
}


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of CPU time and of wall time of an import, each the median of its runs.

    A busy machine lengthens the wall time more than the CPU time.
    """

    cpu: float
    wall: float


def functions() -> Sequence[str]:
    """Return the names of all functions."""
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))


def time_import(built: Path, function: str) -> Times:
    """Return the times of one new process that imports a function's handler and ends."""
    logical_id = "".join(word.capitalize() for word in function.split("_")) + "Function"
    paths = [str(built / logical_id), str(built / "CommonLayer/python")]
    process = subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", "-B", "-c"),
            f"import sys, time; sys.path[:0] = {paths!r}; begun = time.perf_counter();"
            " import handler; print(time.perf_counter() - begun)",
        ],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    seconds = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{function} of {built} cannot be imported")
    return Times(cpu=(used.ru_utime + used.ru_stime) * 1000, wall=float(seconds) * 1000)


def measure(builds: Sequence[Path], runs: int = 7) -> Mapping[str, Sequence[Times]]:
    """Return the median import times by function, one for each build. The builds are measured in
    turn.
    """
    found = {}
    for function in functions():
        rounds = [[time_import(built, function) for built in builds] for _ in range(runs)]
        found[function] = [
            Times(median(one.cpu for one in times), median(one.wall for one in times))
            for times in zip(*rounds, strict=True)
        ]
    return found


def build_checkout(checkout: Path, folder: Path) -> Path:
    """Build another checkout as its user does, with ``sam build``; return the build's folder."""
    built = folder / "build"
    run_sam(
        [
            *("build", "--template-file", str(checkout / "template.yaml")),
            *("--build-dir", str(built), "--cache-dir", str(folder / "cache")),
            *("--parameter-overrides", f"Architecture={architecture()}"),
        ],
        folder / "sam-build.log",
        environment={},
    )
    return built


def main(arguments: Sequence[str] = ()) -> None:
    """Run the benchmark of imports and print its figures."""
    parser = argparse.ArgumentParser(prog="benchmarks imports")
    parser.add_argument("--against", type=Path, help="a checkout of an earlier gridwix")
    against = parser.parse_args(arguments).against
    with tempfile.TemporaryDirectory(prefix="gridwix-imports-") as scratch:
        folder = Path(scratch)
        builds = [build_bundle(folder / "sam-build.log").parent]
        if against is not None:
            builds.append(build_checkout(against, folder))
        found = measure(builds)
    print("import of each handler from the built artefact: ms of wall time, CPU time (median of 7)")
    for function, (ours, *others) in found.items():
        line = f"  {function:22} {ours.wall:6.0f} {ours.cpu:6.0f}"
        for other in others:
            wall, cpu = ours.wall / other.wall, ours.cpu / other.cpu
            line += f"   before {other.wall:6.0f} {other.cpu:6.0f}   ratio {wall:5.2f} {cpu:5.2f}"
            line += f"   goal: at most {GOALS[function in EDGE]:.2f}"
        print(line)


if __name__ == "__main__":
    main(sys.argv[1:])
