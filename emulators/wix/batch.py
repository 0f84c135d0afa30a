"""Batched writes to one collection: validates items, sets system fields, commits atomically.

All writes of a call become visible together.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from emulators.common.clock import Clock, rfc3339
from emulators.wix.errors import WixError
from emulators.wix.indexes import Indexes, check_sizes
from emulators.wix.patch import apply_modifications
from emulators.wix.refusals import Refusals
from emulators.wix.tables import Row, Tables, Write
from emulators.wix.wire import Data

MAX_ITEM_BYTES = 500_000
MAX_DEPTH = 50
MAX_ID = 128
OWNER = "9f9c321b-4b9b-4e0c-8b6c-1d7f6a9d0001"
type OnCommit = Callable[[str, Sequence[Write]], None]
"""Called with the collection and its writes after the commit."""

FIELD_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")

_good_keys: set[str] = set()


class Batch:
    """The writes of one API call to a collection.

    Each method raises WixError for an item that is refused, and leaves that item unchanged.
    ``commit`` applies the items that were not refused.
    """

    def __init__(
        self,
        collection: str,
        tables: Tables,
        indexes: Indexes,
        refusals: Refusals,
        clock: Clock,
        on_commit: OnCommit | None = None,
    ) -> None:
        self.collection = collection
        self._tables = tables
        self._rows = tables.table(collection).rows
        self._unique = indexes.new_claims(collection)
        self._indexes = indexes.all(collection)
        self._refusals = refusals
        self._on_commit = on_commit
        self._now = {"$date": rfc3339(clock.now())}
        self._staged: dict[str, Data | None] = {}
        self._writes: list[Write] = []

    def insert(self, element: Data) -> Data:
        identifier, data = element.get("id") or str(uuid.uuid4()), element["data"]
        if self.find(identifier) is not None:
            raise WixError(
                "WDE0074", f"Item {identifier} already exists in collection {self.collection}"
            )
        return self._stage_item("INSERT", identifier, data, None)

    def update(self, element: Data) -> Data:
        if element.get("id") is None:
            raise WixError("WDE0007", "The item has no id")
        return self._stage_item(
            "UPDATE", element["id"], element["data"], self._require_item(element["id"])
        )

    def save(self, element: Data) -> tuple[str, Data]:
        """Insert an item, or update it if it exists already.

        Returns ``INSERT`` or ``UPDATE``, and the item.
        """
        identifier = element.get("id") or str(uuid.uuid4())
        existing = self.find(identifier)
        action = "INSERT" if existing is None else "UPDATE"
        return action, self._stage_item(action, identifier, element["data"], existing)

    def patch(self, element: Data) -> Data:
        existing = self._require_item(element["id"])
        changed = apply_modifications(existing, element["fieldModifications"])
        check_contents(changed)
        return self._stage_item("PATCH", element["id"], changed, existing)

    def remove(self, identifier: str) -> Data:
        existing = self._require_item(identifier)
        self._refusals.check_item(self.collection, identifier)
        self._unique.release(existing)
        self._staged[identifier] = None
        self._writes.append(Write("REMOVE", identifier, None, None))
        return existing

    def truncate(self) -> None:
        for identifier, row in self._rows.items():
            self._unique.release(row.data)
            self._writes.append(Write("TRUNCATE", identifier, None, None))

    def commit(self) -> None:
        self._tables.write(self.collection, self._writes)
        # After the write: a failed write must not claim unique values.
        self._unique.commit()
        if self._on_commit and self._writes:
            self._on_commit(self.collection, self._writes)

    def find(self, identifier: str) -> Data | None:
        """Return an item as changed by this batch so far; None if the item does not exist."""
        if identifier in self._staged:
            return self._staged[identifier]
        row: Row | None = self._rows.get(identifier)
        return row.data if row else None

    def _require_item(self, identifier: str) -> Data:
        found = self.find(identifier)
        if found is None:
            raise WixError(
                "WDE0073", f"Item {identifier} does not exist in collection {self.collection}"
            )
        return found

    def _stage_item(self, action: str, identifier: str, data: Data, existing: Data | None) -> Data:
        self._refusals.check_item(self.collection, identifier)
        kept = existing or {"_createdDate": self._now, "_owner": OWNER}
        stored = {
            **data,
            "_id": identifier,
            "_owner": data.get("_owner", kept["_owner"]),
            "_createdDate": kept["_createdDate"],
            "_updatedDate": self._now,
        }
        text = orjson.dumps(stored)
        if len(text) > MAX_ITEM_BYTES:
            raise WixError("WDE0009", f"Item {identifier} is larger than {MAX_ITEM_BYTES} bytes")
        check_sizes(self.collection, self._indexes, stored)
        self._unique.claim(identifier, stored, existing)
        self._staged[identifier] = stored
        self._writes.append(Write(action, identifier, stored, text))
        return stored


def read_data_item(element: Any) -> Data:
    """Read the ``dataItem`` of a request as ``{"id", "data"}``; ``id`` is None if it has none.

    Raises WixError for a format that Wix refuses.
    """
    data = element.get("data") if isinstance(element, dict) else None
    if not isinstance(data, dict):
        raise WixError("WDE0004", "The item is not an object")
    identifier = element.get("id") or data.get("_id") or None
    if identifier is not None:
        check_id(identifier)
    check_contents(data)
    return {"id": identifier, "data": data}


def check_id(identifier: Any) -> None:
    if not isinstance(identifier, str) or not 0 < len(identifier) <= MAX_ID or "/" in identifier:
        raise WixError("WDE0002", "The item's id is not valid")


def check_contents(data: Data) -> None:
    """Raise WixError if an item has an invalid field key, or is nested too deep."""
    for key in data:
        if key in _good_keys:
            continue
        if key.startswith("$"):
            raise WixError("WDE0134", f"The field's key {key[:64]} begins with $")
        if not FIELD_KEY.fullmatch(key):
            raise WixError("WDE0003", f"The field's key {key[:64]} is not valid")
        if len(_good_keys) < 1000:
            _good_keys.add(key)
    try:
        text = orjson.dumps(data)
    except orjson.JSONEncodeError:
        raise WixError("WDE0168", f"The item is nested deeper than {MAX_DEPTH}") from None
    # Counting brackets spares the walk through nearly every item.
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _is_deeper_than(
        data.values(), MAX_DEPTH
    ):
        raise WixError("WDE0168", f"The item is nested deeper than {MAX_DEPTH}")


def _is_deeper_than(values: Iterable[Any], depth: int) -> bool:
    for value in values:
        if (
            value
            and isinstance(value, dict | list)
            and (
                depth == 0
                or _is_deeper_than(value.values() if isinstance(value, dict) else value, depth - 1)
            )
        ):
            return True
    return False
