"""``python -m soak``: plays the soak test, and prints the findings of its judges.

``docs/soak.md`` explains it. The exit code is 0 without findings, else 1.
"""

import argparse
import shlex
import sys
from dataclasses import replace

from soak.arguments import read_arguments
from soak.command import run_command
from soak.kernel import virtual_time


def main() -> int:
    """Run the soak test; return the exit code."""
    arguments = read_arguments()
    # Only now, as it imports the whole product: --help and Ctrl-C need not wait for that.
    if arguments.planted:
        from soak import planted

        return planted.main()
    if arguments.schedules:
        from soak.schedules.many import play_many

        return play_many(arguments.seed, arguments.schedules, arguments.jobs)
    if arguments.seed is None:
        arguments.seed = f"{int(virtual_time.real_time())}"
    return _play_malformed(arguments) if arguments.malformed else _play_run(arguments)


def _play_run(arguments: argparse.Namespace) -> int:
    from soak.progress import ProgressLines
    from soak.report import as_markdown, print_report, summarize_run
    from soak.run import Plan, Run, stormy_conditions
    from soak.traffic.shape import full_size, short_form
    from soak.traffic.storms import Storm, fitted, scaled

    shape = short_form() if arguments.short else full_size()
    wanted = {"partners": arguments.partners, "events": arguments.events}
    shape = replace(shape, **{name: value for name, value in wanted.items() if value is not None})
    seed, storm = arguments.seed, fitted(scaled(Storm(), arguments.storm), shape)
    print(f"seed {seed}: {shape.partners:,} partners, {shape.events:,} events", flush=True)
    lines = ProgressLines()
    with Run(Plan(seed, shape, storm, stormy_conditions(storm, shape)), lines) as run:
        lines.share = lambda: run.workload.scene.accepted / shape.events
        verdict = run.play()
        report = summarize_run(run, verdict, lines.effort(), _command(seed))
    print_report(report)
    if arguments.report is not None:
        arguments.report.write_text(as_markdown(report))
    print("nothing found" if verdict.ok else "the judges have findings", flush=True)
    return 0 if verdict.ok else 1


def _play_malformed(arguments: argparse.Namespace) -> int:
    from soak.malformed import describe_report, play_malformed
    from soak.progress import ProgressLines
    from soak.traffic.shape import full_size, short_form

    shape = short_form() if arguments.short else full_size()
    shape = replace(shape, partners=arguments.partners or shape.partners)
    print(f"seed {arguments.seed}: {shape.partners:,} partners", flush=True)
    report = play_malformed(arguments.seed, shape, arguments.malformed, ProgressLines())
    print(describe_report(report), flush=True)
    return 0 if report.ok else 1


def _command(seed: str) -> str:
    """Return the command line that repeats a run with the same seed."""
    given = sys.argv[1:]
    named = any(one.partition("=")[0] == "--seed" for one in given)
    return shlex.join(["python", "-m", "soak", *given, *(() if named else ("--seed", seed))])


if __name__ == "__main__":
    run_command("soak", main)
