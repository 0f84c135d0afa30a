"""A journal in memory."""

from collections.abc import Iterable
from typing import override

from gridwix.errors import UpstreamError
from gridwix.models.journal import JournalEntry
from gridwix.ports import Journal


class KeptJournal(Journal):
    """Keeps the entries; with ``error``, raises it and keeps none."""

    def __init__(self, error: UpstreamError | None = None) -> None:
        self.entries: list[JournalEntry] = []
        self.error = error

    @override
    def add(self, entries: Iterable[JournalEntry]) -> None:
        added = list(entries)
        if self.error:
            raise self.error
        self.entries += added
