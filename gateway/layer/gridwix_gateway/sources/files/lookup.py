"""Finds records that rows refer to, in the gateway's table."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from gridwix_gateway.sources.files.ports import RecordLookup
from gridwix_gateway.store.records import Records

THREADS = 16
"""Reads at the same time. A first drop can refer to thousands of records, one read each."""


class TableLookup(RecordLookup):
    """The port :class:`RecordLookup` on the table.

    Args:
        records: The records.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def known_ids(self, collection: str, identifiers: Collection[str]) -> Collection[str]:
        def is_known(identifier: str) -> bool:
            found = self._records.get(collection, identifier)
            return found is not None and found.get("deletedAt") is None

        listed = sorted(identifiers)
        with ThreadPoolExecutor(THREADS) as executor:
            known = executor.map(is_known, listed)
            return {name for name, one in zip(listed, known, strict=True) if one}
