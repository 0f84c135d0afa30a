"""``python -m soak``: plays the soak test, and says whether its judges found anything.

``docs/soak.md`` explains it. The exit code is 0 if they found nothing, else 1.
"""

import argparse
import os
import resource
import sys
from dataclasses import replace
from pathlib import Path
from time import process_time

from soak import planted
from soak.kernel import virtual_time
from soak.malformed import MalformedReport, play_malformed
from soak.report import Effort, summarize_run
from soak.run import Plan, Run, stormy_conditions
from soak.schedules import __main__ as schedules
from soak.traffic.shape import full_size, short_form
from soak.traffic.storms import Storm, scaled

HASH_SEED = "0"
"""Value of PYTHONHASHSEED: some orders follow from hashes of texts."""


def main() -> int:
    """Run the command; return its exit code."""
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        environment = {**os.environ, "PYTHONHASHSEED": HASH_SEED}
        os.execve(sys.executable, [sys.executable, "-m", "soak", *sys.argv[1:]], environment)
    arguments = _read_arguments()
    if arguments.planted:
        return planted.main()
    if arguments.schedules:
        wanted_worlds = ["--count", str(arguments.schedules), "--jobs", str(arguments.jobs)]
        first = ["--first", arguments.seed] if arguments.seed else []
        return schedules.main([*wanted_worlds, *first])
    shape = short_form() if arguments.short else full_size()
    wanted = {"partners": arguments.partners, "events": arguments.events}
    shape = replace(shape, **{name: value for name, value in wanted.items() if value is not None})
    if arguments.report is not None:
        # A path that cannot be written is known before hours of work.
        arguments.report.touch()
    seed = arguments.seed or f"{int(virtual_time.real_time())}"
    begun = process_time()

    def show(text: str) -> None:
        print(f"{process_time() - begun:8,.0f} s  {text}", flush=True)

    if arguments.malformed:
        print(f"seed {seed}: {shape.partners:,} partners", flush=True)
        return _judge_malformed(play_malformed(seed, shape, arguments.malformed, show))
    print(f"seed {seed}: {shape.partners:,} partners, {shape.events:,} events", flush=True)
    storm = scaled(Storm(), arguments.storm)
    with Run(Plan(seed, shape, storm, stormy_conditions(storm, shape)), show) as run:
        verdict = run.play()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        report = summarize_run(run, verdict, Effort(process_time() - begun, memory))
    print(f"\n{report}\n{verdict}", flush=True)
    print("nothing found" if verdict.ok else "the judges have findings", flush=True)
    if arguments.report is not None:
        arguments.report.write_text(report)
    return 0 if verdict.ok else 1


def _judge_malformed(report: MalformedReport) -> int:
    missing = sorted(report.spoiled - report.named.keys())
    beside = sorted(report.named.keys() - report.spoiled)
    print(
        f"{report.records:,} records, {len(report.spoiled)} of them malformed:"
        f" {len(report.spoiled) - len(missing)} named with their reason, {len(beside)} others named"
    )
    print(
        f"{report.dead_letters} messages in dead-letter queues,"
        f" {len(report.strangers)} of them about other partners"
    )
    for name in [*missing, *beside][:20]:
        print(f"  {name}: {report.named.get(name, 'not named')}")
    print(report.verdict, flush=True)
    return 0 if report.ok else 1


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a form of about two minutes")
    parser.add_argument("--seed", help="decides everything; by default the time of day")
    parser.add_argument("--partners", type=_positive, help="number of partners")
    parser.add_argument("--events", type=_positive, help="number of events")
    parser.add_argument(
        "--storm", type=_strength, default=1.0, help="0: no faults, 2: twice as many"
    )
    parser.add_argument(
        "--malformed", type=_positive, metavar="N", help="publish a world with N malformed records"
    )
    parser.add_argument(
        "--planted", action="store_true", help="plant faults in the product, and let them be found"
    )
    parser.add_argument("--schedules", type=_positive, metavar="N", help="play N small worlds")
    parser.add_argument("--jobs", type=_positive, default=1, help="processes for small worlds")
    parser.add_argument("--report", type=Path, help="file that gets the figures as Markdown")
    return parser.parse_args()


def _positive(text: str) -> int:
    """A number above 0. Raises ValueError."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def _strength(text: str) -> float:
    """A number that is not negative. Raises ValueError."""
    if not (number := float(text)) >= 0:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    sys.exit(main())
