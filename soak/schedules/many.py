"""Plays many small worlds in processes of their own, and shrinks those that fail."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import islice
from typing import NamedTuple

from soak.kernel.virtual_time import real_time
from soak.schedules.describing import describe
from soak.schedules.playing import MOST_TRIES, play_schedule, shrink_schedule
from soak.schedules.schedule import EVENTS, PARTNERS, new_schedule
from soak.workers import ignored_interrupts, new_pool

EVERY = 10.0
"""Seconds between two lines of progress."""

LONGEST_WAIT = 1.0
"""Maximum seconds until Ctrl-C is noticed: it does not always wake a waiting thread."""

AHEAD = 2
"""Number of queued worlds for each process, so that none of them is idle."""


class Settings(NamedTuple):
    """Settings of all schedules: their size, and how often one that fails is played to shrink
    it.
    """

    partners: int = PARTNERS
    events: int = EVENTS
    tries: int = MOST_TRIES


DEFAULT = Settings()


class _Job(NamedTuple):
    """A world to play by its seed; ``shrinks``: the world has failed, and is to be shrunk."""

    seed: int
    shrinks: bool


def play_many(
    first: int,
    count: int,
    jobs: int,
    settings: Settings = DEFAULT,
    begin_pool: Callable[[int], Executor] = new_pool,
) -> int:
    """Play the worlds of successive seeds; return 1 if one of them fails, else 0.

    A failure is printed at once, and in words and as a test when it is shrunk. Meanwhile there is a
    line every ten seconds.

    Args:
        first: The first seed.
        count: The number of worlds.
        jobs: The number of processes.
        settings: What the worlds are.
        begin_pool: Begins that many workers.
    """
    last = first + count - 1
    print(
        f"seeds {first} to {last}: worlds of {settings.partners:,} partners and"
        f" {settings.events:,} events, {jobs} at a time",
        flush=True,
    )
    begun = shown = real_time()
    seeds = iter(range(first, last + 1))
    played, failed = 0, 0
    pending: dict[Future[str], _Job] = {}
    with begin_pool(jobs) as pool:
        while True:
            with ignored_interrupts():
                for seed in islice(seeds, AHEAD * jobs - len(pending)):
                    pending[pool.submit(play_seed, seed, settings)] = _Job(seed, shrinks=False)
            if not pending:
                break
            done, _ = wait(pending, timeout=min(EVERY, LONGEST_WAIT), return_when=FIRST_COMPLETED)
            for future in done:
                job, text = pending.pop(future), future.result()
                played += not job.shrinks
                if text:
                    print(text, flush=True)
                if text and not job.shrinks:
                    failed += 1
                    again = pool.submit(shrink_seed, job.seed, settings)
                    pending[again] = _Job(job.seed, shrinks=True)
            if (now := real_time()) - shown >= EVERY:
                shown = now
                shrinking = sum(job.shrinks for job in pending.values())
                print(
                    f"{now - begun:6,.0f} s: {played:,} of {count:,} worlds, {failed:,} fail"
                    + (f", {shrinking:,} being made smaller" if shrinking else ""),
                    flush=True,
                )
    each = (real_time() - begun) / count
    print(f"{count - failed:,} of {count:,} worlds without findings, {each:.1f} s each", flush=True)
    return 1 if failed else 0


def play_seed(seed: int, settings: Settings) -> str:
    """Play the world of a seed; return the judges' findings in words, "" for none.

    Args:
        seed: The seed.
        settings: What the world is.
    """
    schedule = new_schedule(seed, partners=settings.partners, events=settings.events)
    verdict = play_schedule(schedule)
    return "" if verdict.ok else f"seed {seed} fails: {verdict}"


def shrink_seed(seed: int, settings: Settings) -> str:
    """Shrink the failing world of a seed; return the result in words and as a test.

    Args:
        seed: The seed.
        settings: What the world is, and how often it may be played.
    """
    schedule = new_schedule(seed, partners=settings.partners, events=settings.events)
    if not settings.tries:
        return describe(schedule)
    schedule = shrink_schedule(schedule, most=settings.tries)
    return describe(schedule, play_schedule(schedule))
