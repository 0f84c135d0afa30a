"""Reads snapshots (the state of a stack at one time), with a bounded number of AWS calls for each.

One snapshot of a stack with n queues takes 2n calls of SQS, n of Lambda, at most n of CloudWatch
Logs and one of DynamoDB. Every ``STEADY`` seconds, a snapshot also takes one call of CloudWatch for
the ages of the queues' messages, and two calls of Lambda for each function. When the number of a
queue's dead letters has changed, ``LETTERS`` of them at most are received to find their causes, at
most once in ``STEADY`` seconds.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError

from gridwix.errors import GridwixError
from gridwix.ports import Clock
from gridwix.runtime.settings import PublisherSettings
from ops import logs
from ops.alarms import age_limits, read_alarms
from ops.budgets import BudgetLevel, read_budget_level
from ops.connections import publisher_settings
from ops.consumers import (
    AT_ONCE,
    Consumer,
    FunctionState,
    read_consumers,
    read_functions,
)
from ops.dead_letters import CauseFinder, Selection, examine_dead_letters
from ops.overview import PartReader
from ops.queue_ages import read_queue_ages
from ops.queue_policies import fed_queues
from ops.queues import BRIEF_HOLD
from ops.stack import QueuePair, Stack
from ops.watch.log_tail import LogTail
from ops.watch.snapshot import FunctionActivity, LetterCauses, Snapshot

STEADY = 60.0
"""Seconds for which slowly changing parts of a snapshot are cached."""

LINES = 1000
"""Maximum number of log events of one function in one read. The next read goes on behind them."""

LETTERS = 100
"""Maximum number of dead letters per queue that are read to find their causes."""


class SnapshotReader:
    """Reads snapshots of a stack, and caches their slowly changing parts.

    Args:
        stack: The deployed stack, gridwix's or the community gateway's.
        clock: Returns Unix seconds.
    """

    def __init__(self, stack: Stack, clock: Clock = time.time) -> None:
        self._stack = stack
        self._clock = clock
        self._settings: PublisherSettings | None = None
        self._limits: Mapping[str, float] | None = None
        self._fed: frozenset[str] = frozenset()
        self._functions: Mapping[str, FunctionState] = {}
        self._ages: Mapping[str, float] = {}
        self._steady_until = 0.0
        self._tails: dict[str, LogTail] = {}
        self._causes: dict[str, tuple[int, LetterCauses]] = {}

    def read(self) -> Snapshot:
        """Return the present state of the stack.

        A part that cannot be read is listed in ``unseen``; the other parts are read nevertheless.
        """
        now, parts = self._clock(), PartReader()
        if self._limits is None:
            parts.read("alarms", self._read_limits, None)
        if now >= self._steady_until:
            self._read_slow_parts(parts, now)
        none: list[Consumer] = []
        consumers = parts.read(
            "queues",
            lambda: read_consumers(
                self._stack, self._functions, self._limits or {}, self._fed, self._ages
            ),
            none,
        )
        no_budget: BudgetLevel | None = None
        return Snapshot(
            self._stack.name,
            now,
            self._functions,
            tuple(consumers),
            self._read_logs(now, parts),
            parts.read("call budget", lambda: self._read_budget(now), no_budget),
            self._read_causes(consumers, now),
            tuple(parts.unseen),
        )

    def _read_limits(self) -> None:
        resources = self._stack.read_resources()
        self._fed = fed_queues(resources)
        self._limits = age_limits(read_alarms(self._stack, resources))

    def _read_slow_parts(self, parts: PartReader, now: float) -> None:
        none: dict[str, float] = {}
        self._functions = parts.read(
            "functions", lambda: read_functions(self._stack), dict(self._functions)
        )
        self._ages = parts.read("ages of messages", lambda: read_queue_ages(self._stack), none)
        # Without all of it, the next snapshot tries again.
        self._steady_until = now + STEADY if not parts.unseen else now

    def _read_budget(self, now: float) -> BudgetLevel | None:
        if self._stack.is_gateway:
            return None
        if self._settings is None:
            self._settings = publisher_settings(self._stack)
        return read_budget_level(self._stack.aws, self._settings, now)

    def _read_logs(self, now: float, parts: PartReader) -> Mapping[str, FunctionActivity]:
        names = [pair.name for pair in self._stack.queues]
        old = [self._tails.get(name) or LogTail.begin(now) for name in names]

        def follow(name: str, tail: LogTail) -> LogTail:
            return parts.read(f"log of {name}", lambda: self._follow(name, tail, now), tail)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._tails = dict(zip(names, pool.map(follow, names, old), strict=True))
        return {name: tail.activity for name, tail in self._tails.items()}

    def _follow(self, name: str, tail: LogTail, now: float) -> LogTail:
        group = self._stack.log_group(name)
        lines, complete = logs.read_page(self._stack.aws.logs, group, tail.since, limit=LINES)
        return tail.follow(lines, now, complete=complete)

    def _read_causes(self, consumers: Sequence[Consumer], now: float) -> Mapping[str, LetterCauses]:
        letters = {one.name: one.dead.total for one in consumers if one.dead.total}
        self._causes = {name: kept for name, kept in self._causes.items() if name in letters}
        for pair in self._stack.queues:
            number = letters.get(pair.name, 0)
            known, causes = self._causes.get(pair.name, (0, LetterCauses()))
            if number and number != known and now >= causes.at + STEADY:
                self._causes[pair.name] = (number, self._look_at_letters(pair, number, now))
        return {name: causes for name, (_, causes) in self._causes.items()}

    def _look_at_letters(self, pair: QueuePair, number: int, now: float) -> LetterCauses:
        try:
            found = examine_dead_letters(
                self._stack,
                pair,
                CauseFinder.of(self._stack, pair.name),
                Selection(),
                most=min(number, LETTERS),
                hold=BRIEF_HOLD,
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            return LetterCauses(at=now, unread=f"{error.operation_name}: {code}")
        except (BotoCoreError, GridwixError) as error:
            return LetterCauses(at=now, unread=str(error))
        return LetterCauses({one: count.number for one, count in found.causes.items()}, now)
