"""What the reconciler needs from the outside world, and from each collection that it looks after."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from gridwix.errors import Conflict, NotFound, RecordFault, Refused
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.reconciliation import RowVerdict
from gridwix.models.wix import DataItem, Page
from gridwix.publication.models import Versions

ROWS_PER_QUERY = 1000
"""Most rows that Wix gives in one page."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a row should be by what the source says, and the versions of the records behind it. ``item`` None: it should not be there.

    ``file_lost``: it should point to a file that is not there any more.
    """

    item: DataItem | None
    versions: Versions
    file_lost: bool = False


OF_ONE_RECORD = (NotFound, Conflict, Refused)
"""Answers that say something of the record that was asked for, and nothing of the source as a whole."""


def expect(record: str, make: Callable[[], Expected]) -> Expected | RecordFault:
    """What a row should be by its record; the fault, if the record cannot be mapped, or something that belongs to it cannot be had. Raises what concerns more
    than one record: UpstreamError of a source that does not answer, BudgetExhausted."""
    try:
        with confine_to_record(record):
            return make()
    except RecordFault as fault:
        return fault
    except OF_ONE_RECORD as error:
        return RecordFault(record, error.code)


class ReconciledCollection(Protocol):
    """A collection whose rows are made from records of the source, one row for each natural key. Its methods raise UpstreamError."""

    @property
    def name(self) -> CollectionId:
        """The collection on the portal."""

    @property
    def most_rows(self) -> int:
        """Most rows that one page compares, so that what the source is asked for them is read in time."""

    def keys(self, page: str | None) -> tuple[Sequence[str], str | None]:
        """One page of all keys that the source lists, and the cursor of the next (None after the last). Raises CursorExpired."""

    def item_id(self, key: str) -> WixItemId:
        """The row of a key."""

    def key_of(self, item: DataItem) -> str | None:
        """The key that a row of the portal claims to be of; None if it names none. The caller checks the claim with ``item_id``."""

    def expected(self, keys: Collection[str]) -> Mapping[str, Expected | RecordFault]:
        """What the rows of these keys should be; a fault for a key whose record cannot be mapped. A key for which the source gives no answer, or none that can
        be read, is left out."""

    def verdict(self, expected: DataItem | None, shown: DataItem | None) -> RowVerdict:
        """How a row stands, from what it should be and what the portal shows; None: it should not be, or is not, there."""

    def lives(self, key: str) -> bool:
        """Whether the source, asked for this key alone, knows it and has not deleted it. Raises RecordFault for a record that cannot be read."""

    def request(self, keys: Collection[str], run: str) -> None:
        """Have the ordinary publisher bring the rows of these keys up to date."""


class PortalRows(Protocol):
    """Reading the portal's rows."""

    def query_items(
        self,
        collection: CollectionId,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Wix's own word
        sort: Sequence[tuple[str, Literal["ASC", "DESC"]]] = (),
        limit: int,
        offset: int | None = None,
    ) -> Page:
        """One page of at most 1000 rows, in one call of the site's budget."""


class RunDocuments(Protocol):
    """Small documents that outlive the function. A document that was written is read from then on."""

    def read(self, name: str) -> str | None:
        """The text of a document; None if there is none."""

    def write(self, name: str, text: str) -> None:
        """Keep a document in the place of an earlier one of its name."""


class Continuation(Protocol):
    """The reconciler's own queue."""

    def send(self, page: BaseModel) -> None:
        """Have this page handled, at least once. Raises UpstreamError."""
