"""Looks up in the gateway's table whether records exist that rows of a file refer to."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from gridwix_gateway.sources.files.ports import RecordLookup
from gridwix_gateway.store.records import Records

THREADS = 16
"""Parallel reads. The first drop of a source can refer to thousands of records, one read each."""


class TableLookup(RecordLookup):
    """Finds out in the gateway's table which ids belong to records that are not deleted.

    Args:
        records: Reads the records.
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
