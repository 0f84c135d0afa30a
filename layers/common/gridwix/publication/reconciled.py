"""Ports of the reconciler, and the protocol of a collection that it compares with its source."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from gridwix.errors import NotFound, RecordFault, Refused, UpstreamConflict
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.reconciliation import RowDifference, RowVerdict
from gridwix.models.wix import DataItem, Page
from gridwix.publication.models import Versions

ROWS_PER_QUERY = 1000
"""Maximum number of rows in one page of a Wix query."""


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """A row as it should be according to Trading Grid, and the versions of the records behind it.

    ``item`` is None if there should be no row. ``file_lost``: the row points to a file that no
    longer exists, or has no file although none is being copied. ``open_until`` is the end of the
    window of an open service notice; None if it has no window or is closed, and for all other
    records.
    """

    item: DataItem | None
    versions: Versions
    file_lost: bool = False
    open_until: datetime | None = None


OF_ONE_RECORD = (NotFound, UpstreamConflict, Refused)
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
    """A portal collection that the reconciler compares with its source, with one row for each key.

    A key names a record of the source. Methods raise :class:`gridwix.errors.UpstreamError`.
    """

    @property
    def name(self) -> CollectionId:
        """Name of the collection on the portal."""

    @property
    def most_rows(self) -> int:
        """Maximum number of rows that the reconciler compares with the source for one SQS message.

        It is limited by the time that it takes to read the records of these rows.
        """

    def list_keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        """Return one page of all keys that the source lists, and the cursor of the next page.

        ``page`` is the cursor of the page to read, None for the first one. The returned cursor is
        None after the last page. Raises CursorExpired.
        """

    def item_id(self, key: str) -> WixItemId:
        """Return the item id of the row for a key."""

    def key_of(self, item: DataItem) -> str | None:
        """Return the key that a row of the portal names in its fields; None if it names none.

        An editor may have changed the fields, so the caller checks the key with :meth:`item_id`.
        """

    def expected_rows(self, keys: Collection[str]) -> Mapping[str, ExpectedRow | RecordFault]:
        """Return each row as it should be, by key; a fault for a record that cannot be mapped.

        A key for which the source returns no readable record is left out.
        """

    def row_verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        """Return the result of comparing a row as it should be with the row on the portal.

        Such as EQUAL, DRIFTED (other values), MISSING (on the portal) or EXTRA (only on the
        portal). ``expected`` is None if no row should exist, ``shown`` is None if none exists.
        """

    def row_difference(self, expected: DataItem | None, shown: DataItem | None) -> RowDifference:
        """Return in which fields a portal row differs from the row as it should be, without values.

        The result has the names of the differing fields, and a hash of each of the two rows.
        ``expected`` is None if no row should exist, ``shown`` is None if none exists.
        """

    def is_live(self, key: str) -> bool:
        """Return True if the publisher of the collection has to decide about the row of this key.

        That is, the source has the record and has not deleted it, or there is more to remove than
        the row. The source is asked for this key alone. Raises RecordFault for a record that cannot
        be read.
        """

    def request_resync(self, keys: Collection[str], run: str) -> None:
        """Request that the collection's publisher republishes the rows of these keys.

        ``run`` names the reconcile run. A repeated request in the same run sends the same event
        ids, so it is deduplicated.
        """


class PortalRows(Protocol):
    """Queries rows of the portal. Raises UpstreamError or BudgetExhausted."""

    def query_items(
        self,
        collection: CollectionId,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Wix's own word
        sort: Sequence[tuple[str, Literal["ASC", "DESC"]]] = (),
        limit: int,
        offset: int | None = None,
    ) -> Page:
        """Return one page of up to 1,000 rows. It takes one call from the site's call budget.

        Args:
            collection: The collection to query.
            filter: A Wix Data filter.
            sort: Field names, each with its direction.
            limit: Maximum number of rows: up to 1,000 with ``offset``, up to 100 without.
            offset: Number of rows to skip. If it is None, the result is the first page of paging by
                cursor.
        """


class RunDocuments(Protocol):
    """Store of small text documents (checkpoints of a run), strongly consistent."""

    def read_document(self, name: str) -> str | None:
        """Return the text of a document; None if it does not exist."""

    def write(self, name: str, text: str) -> None:
        """Store a document under its name; it replaces an earlier one."""


class Continuation(Protocol):
    """Queue of the reconciler, to which it sends a message for the next part of a run."""

    def send(self, page: BaseModel) -> None:
        """Send a message to the reconciler's queue: ``page`` says which part of the run is next.

        The message is processed at least once. Raises UpstreamError; the message may have been sent
        all the same.
        """
