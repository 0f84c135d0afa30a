"""Ports of the reconciler, and the protocol of a collection that it compares with its source."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from gridwix.errors import Conflict, NotFound, RecordFault, Refused
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.reconciliation import RowDifference, RowVerdict
from gridwix.models.wix import DataItem, Page
from gridwix.publication.models import Versions

ROWS_PER_QUERY = 1000
"""Maximum number of rows in one page of a Wix query."""


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """A row as it should be according to the source, and the versions of the records behind it.

    ``item`` is None if there should be no row. ``file_lost``: the row points to a file that no
    longer exists, or lacks a file that is not on its way. ``open_until``: the record is open, and
    its window ends then; None if it has no window, or is closed.
    """

    item: DataItem | None
    versions: Versions
    file_lost: bool = False
    open_until: datetime | None = None


OF_ONE_RECORD = (NotFound, Conflict, Refused)
"""Errors that concern only the requested record, and not the source as a whole."""


def expected_or_fault(record: str, make: Callable[[], ExpectedRow]) -> ExpectedRow | RecordFault:
    """Map one record to its row; return a fault if that record, or a part of it, is unusable.

    Args:
        record: The record, as ``collection/id``.
        make: Reads the parts of the record, and maps it.

    Raises:
        UpstreamError, BudgetExhausted: More than this record is affected.
    """
    try:
        with confine_to_record(record):
            return make()
    except RecordFault as fault:
        return fault
    except OF_ONE_RECORD as error:
        return RecordFault(record, error.code)


class ReconciledCollection(Protocol):
    """A collection with one row for each natural key of the source.

    Its methods raise :class:`gridwix.errors.UpstreamError`.
    """

    @property
    def name(self) -> CollectionId:
        """Name of the collection on the portal."""

    @property
    def most_rows(self) -> int:
        """Maximum number of rows that one page compares, so that their records are read in time."""

    def list_keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        """Return one page of all keys that the source lists, and the next page's cursor.

        The cursor is None before the first page and after the last. Raises CursorExpired.
        """

    def item_id(self, key: str) -> WixItemId:
        """The item id of a key's row."""

    def key_of(self, item: DataItem) -> str | None:
        """The key that a row of the portal names in its fields; None if it names none.

        An editor may have changed the fields, so the caller checks the key with :meth:`item_id`.
        """

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow | RecordFault]:
        """The expected rows, by key; a fault for a key if its record cannot be mapped.

        A key for which the source returns no readable record is left out.
        """

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        """Verdict on a row. ``expected`` None: no row should exist; ``shown`` None: none exists."""

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        """Difference behind the verdict on a row: names of fields and hashes, no content."""

    def is_live(self, key: str) -> bool:
        """True if the source, asked for this key alone, has its record and has not deleted it.

        Raises RecordFault for a record that cannot be read.
        """

    def request_resync(self, keys: Collection[str], run: str) -> None:
        """Request that the collection's publisher republishes the rows of these keys.

        ``run`` names the reconcile run; repeated requests of a run are the same events.
        """


class PortalRows(Protocol):
    """Queries of the portal's rows. Raises UpstreamError or BudgetExhausted."""

    def query_items(
        self,
        collection: CollectionId,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Wix's own word
        sort: Sequence[tuple[str, Literal["ASC", "DESC"]]] = (),
        limit: int,
        offset: int | None = None,
    ) -> Page:
        """One page of up to 1,000 rows. It takes one call from the site's call budget.

        Args:
            collection: The collection to query.
            filter: A Wix Data filter.
            sort: Field names, each with its direction.
            limit: Maximum number of rows.
            offset: Number of rows to skip. None pages by cursor, at most 100 rows a page.
        """


class RunDocuments(Protocol):
    """Store of small text documents (checkpoints of a run), strongly consistent."""

    def read(self, name: str) -> str | None:
        """The text of a document; None if it does not exist."""

    def write(self, name: str, text: str) -> None:
        """Store a document under its name; it replaces an earlier one."""


class Continuation(Protocol):
    """The reconciler's own queue, to which it sends the next page of a run."""

    def send(self, page: BaseModel) -> None:
        """Send a page to the queue: it is processed at least once.

        Raises UpstreamError; the page may have been sent all the same.
        """
