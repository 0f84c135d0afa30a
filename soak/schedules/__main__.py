"""``python -m soak.schedules``: plays many small worlds, and shrinks those that fail."""

import logging
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import NamedTuple

from soak.kernel.virtual_time import real_time
from soak.schedules.describing import describe
from soak.schedules.playing import MOST_TRIES, play_schedule, shrink_schedule
from soak.schedules.schedule import EVENTS, PARTNERS, new_schedule

PER_JOB = 10
"""Schedules that a process plays between two reports."""


class Played(NamedTuple):
    """How many schedules of a share were without findings, and what the others are, in words."""

    passed: int
    failures: tuple[str, ...]


class Settings(NamedTuple):
    """What each schedule is: its size, and how often one that fails is played to shrink it."""

    partners: int
    events: int
    tries: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Play schedules; 1 if one of them fails."""
    given = _parse(arguments)
    settings = Settings(given.partners, given.events, given.tries)
    begun = real_time()
    played = passed = 0
    for share in _played_shares(given.first, given.count, given.jobs, settings):
        played += share.passed + len(share.failures)
        passed += share.passed
        for failure in share.failures:
            print(failure, flush=True)
        each = (real_time() - begun) / played
        print(f"{played:,} schedules, {passed:,} without findings, {each:.2f} s each", flush=True)
    print(f"{passed:,} of {given.count:,} schedules", flush=True)
    return 0 if passed == given.count else 1


def play_seeds(seeds: Sequence[int], settings: Settings) -> Played:
    """Play the schedules of some seeds.

    Args:
        seeds: The seeds.
        settings: Their size.
    """
    logging.disable(logging.CRITICAL)
    failures = [text for seed in seeds if (text := _failure(seed, settings))]
    return Played(len(seeds) - len(failures), tuple(failures))


def _failure(seed: int, settings: Settings) -> str:
    """What is wrong in a schedule, in words; "" if nothing is."""
    schedule = new_schedule(seed, partners=settings.partners, events=settings.events)
    verdict = play_schedule(schedule)
    if verdict.ok:
        return ""
    if settings.tries:
        schedule = shrink_schedule(schedule, most=settings.tries)
        verdict = play_schedule(schedule)
    return f"seed {seed} fails\n{describe(schedule, verdict)}"


def _played_shares(first: int, count: int, jobs: int, settings: Settings) -> Iterator[Played]:
    shares = [
        range(begin, min(begin + PER_JOB, first + count))
        for begin in range(first, first + count, PER_JOB)
    ]
    if jobs == 1:
        for share in shares:
            yield play_seeds(share, settings)
        return
    # A world takes the process's clock and random numbers: one at a time in each process.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(play_seeds, share, settings) for share in shares]
        for future in as_completed(futures):
            yield future.result()


def _parse(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m soak.schedules", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="number of schedules")
    parser.add_argument("--first", type=int, default=1, help="seed of the first one")
    parser.add_argument("--jobs", type=int, default=1, help="number of processes")
    parser.add_argument("--partners", type=int, default=PARTNERS)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument(
        "--tries", type=int, default=MOST_TRIES, help="most plays to shrink a failing one"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Equal seeds give equal worlds only with equal hashes of texts.
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        command = [sys.executable, "-m", "soak.schedules", *sys.argv[1:]]
        os.execve(sys.executable, command, environment)
    sys.exit(main())
