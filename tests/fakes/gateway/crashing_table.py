"""A table in memory whose worker can be killed at a commit."""

from collections.abc import Callable
from datetime import datetime
from typing import override

from gridwix_gateway.store.table import Transaction
from tests.fakes.gateway.memory_table import MemoryTable


class Crash(Exception):
    """The function was killed."""


class CrashingTable(MemoryTable):
    """A table whose worker crashes at a chosen commit, before or after DynamoDB has written.

    ``crash_at`` is the number of the commit, from 1; None for no crash.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.crash_at: int | None = None
        self.after_writing = False
        self.attempts = 0

    @override
    def commit(self, transaction: Transaction) -> None:
        self.attempts += 1
        crashes = self.attempts == self.crash_at
        if crashes and not self.after_writing:
            raise Crash
        super().commit(transaction)
        if crashes:
            raise Crash
