"""Stands for the journal of attempts, in a world that does not keep it."""

from collections.abc import Iterable
from typing import override

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.journal_items import step
from gridwix.models.journal import JournalEntry
from gridwix.ports import Journal
from soak.cloud.batches import MAX_WRITES
from soak.cloud.dynamodb import DynamoDB


class UnkeptJournal(Journal):
    """A journal that makes as many calls as the product's, and writes nothing.

    No function reads the journal, and encoding its entries would take a tenth of a run's time.

    Args:
        client: The client of DynamoDB.
    """

    def __init__(self, client: DynamoDB) -> None:
        self._client = client

    @override
    def add(self, entries: Iterable[JournalEntry]) -> None:
        number = len({(entry.record, step(entry)) for entry in entries})
        for _ in range(0, number, MAX_WRITES):
            with translate_aws_errors("BatchWriteItem"):
                self._client.write_unkept_batch()
