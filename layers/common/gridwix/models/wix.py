"""Wix data items and what a bulk call says of each of them.

Source of the shapes: Wix Data Items v2, https://dev.wix.com/docs/rest/business-solutions/cms/data-items/introduction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridwix.errors import RecordFault
from gridwix.models.ids import CollectionId, WixItemId

MAX_BULK_ITEMS = 1000
"""Most items in one bulk call (WDE0006, WDE0069)."""

MAX_ITEM_BYTES = 500_000
"""Largest item that Wix stores (WDE0009)."""


@dataclass(frozen=True, slots=True)
class DataItem:
    """One item of a collection. ``data`` holds plain JSON values; date-times are wrapped for the wire by the client."""

    id: WixItemId
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One item that Wix refused inside a 200 answer, with its reason."""

    collection: CollectionId
    item_id: WixItemId
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of each item of a bulk call: ``written`` and ``refused`` name every item of the request exactly once."""

    written: frozenset[WixItemId]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a query. ``cursor`` reads on; None on the last page. ``total`` is set only where it was asked for. ``faults`` are the items that cannot be
    read."""

    items: tuple[DataItem, ...]
    cursor: str | None
    total: int | None = None
    faults: tuple[RecordFault, ...] = ()

    @property
    def size(self) -> int:
        """How many items Wix gave, readable or not."""
        return len(self.items) + len(self.faults)
