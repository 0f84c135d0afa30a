"""Wix data items and the results of bulk calls.

Source of the shapes: Wix Data Items v2,
https://dev.wix.com/docs/rest/business-solutions/cms/data-items/introduction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridwix.errors import RecordFault
from gridwix.models.ids import CollectionId, WixItemId

MAX_BULK_ITEMS = 1000
"""Maximum number of items in one bulk call (WDE0006, WDE0069)."""

MISSING_ITEM = "WDE0073"
"""Wix's code for an item that does not exist."""

EXISTING_ITEM = "WDE0074"
"""Wix's code for an item that exists already: an insertion, or its retry, is refused."""

MAX_ITEM_BYTES = 500_000
"""Maximum size in bytes of an item that Wix stores (WDE0009)."""


@dataclass(frozen=True, slots=True)
class DataItem:
    """One item of a Wix collection.

    ``data`` holds JSON values and ``datetime`` objects; the Wix client converts the latter.
    """

    id: WixItemId
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One item that Wix refused inside the 200 response of a bulk call, with the reason."""

    collection: CollectionId
    item_id: WixItemId
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """Result of a bulk call: each requested item is either in ``written`` or in ``refused``."""

    written: frozenset[WixItemId]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the result of a Wix query.

    ``cursor`` reads the next page; None on the last page. ``total`` is None unless it was
    requested. ``faults`` has one entry for each item that cannot be read.
    """

    items: tuple[DataItem, ...]
    cursor: str | None
    total: int | None = None
    faults: tuple[RecordFault, ...] = ()

    @property
    def size(self) -> int:
        """Number of items of this page that Wix returned, readable or not."""
        return len(self.items) + len(self.faults)
