"""Wix Data: the site's collections, and the calls that read and write their items.

A bulk call has a result for each item, and status 200 even if items fail. A malformed item makes
Wix refuse the whole call.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import orjson

from soak.kernel.edges import Fault
from soak.wix.bulk import Element, bulk_response, missing_item, read_element, read_elements
from soak.wix.changes import (
    apply_modifications,
    check_depth,
    check_id,
    check_keys,
    check_size,
    dump_row,
)
from soak.wix.queries import Query, answer_query, count_matching, data_item
from soak.wix.refusals import InvalidRequest, WixRefusal
from soak.wix.store import Row, RowStore
from soak.wix.times import timestamp

OWNER = "9f9c321b-4b9b-4e0c-8b6c-1d7f6a9d0001"

type OnWrite = Callable[[str, str, Row | None, Row | None], None]
"""Gets collection, id, the row before and the row afterwards."""

_OWNER_TEXT = OWNER.encode()
_WIX_OWN = frozenset({"_owner", "_createdDate", "_updatedDate"})
_ACTIONS = {"insert": "INSERT", "patch": "PATCH", "remove": "DELETE"}


class Collections:
    """The site's collections.

    Args:
        portal: The folder with their definitions (``collections/``) and indexes (``indexes.json``).
        random: The source of ids and of faults within a call.
        clock: Unix seconds.
    """

    def __init__(self, portal: Path, random: Random, clock: Callable[[], float]) -> None:
        self.on_write: list[OnWrite] = []
        self.refused_items: dict[tuple[str, str], str] = {}
        """Error code with which Wix refuses each write of an item, by collection and id."""
        self.replica_lag = 1.0
        """Seconds by which an eventually consistent read is behind."""
        self.stale_lag = 30.0
        """Seconds by which a read with the fault STALE is behind."""
        self._random = random
        self._clock = clock
        self._second = (0.0, "")
        self._stores = {path.stem: RowStore() for path in sorted(portal.glob("collections/*.json"))}
        indexes = json.loads((portal / "indexes.json").read_text())
        self._indexed = {
            name: list(
                dict.fromkeys(
                    field["path"] for index in indexes.get(name, ()) for field in index["fields"]
                )
            )
            for name in self._stores
        }

    def store(self, collection: Any) -> RowStore:
        """Return the rows of a collection. Raises WixRefusal if there is no such collection."""
        if not isinstance(collection, str) or not collection:
            raise InvalidRequest("dataCollectionId", "must be a string that is not empty")
        found = self._stores.get(collection)
        if found is None:
            raise WixRefusal("WDE0025", f"The collection {collection[:256]} does not exist")
        return found

    # Reads

    def get(self, arguments: Row, identifier: str, fault: Fault | None) -> bytes:
        """Read an item (Get Data Item)."""
        collection = arguments.get("dataCollectionId", "")
        store = self.store(collection)
        hidden = self._hidden(store, arguments, fault)
        text = hidden[identifier] if identifier in hidden else store.texts.get(identifier)
        if text is None:
            raise missing_item(collection, identifier)
        return b'{"dataItem":%b}' % data_item(collection, identifier, text)

    def query(self, arguments: Row, fault: Fault | None) -> bytes:
        """Query a collection's items (Query Data Items)."""
        collection = arguments.get("dataCollectionId", "")
        store = self.store(collection)
        return answer_query(
            store,
            collection,
            Query.read(arguments.get("query") or {}),
            self._hidden(store, arguments, fault),
            total=arguments.get("returnTotalCount") is True,
        )

    def count(self, arguments: Row, fault: Fault | None) -> bytes:
        """Count a collection's items (Count Data Items)."""
        store = self.store(arguments.get("dataCollectionId"))
        hidden = self._hidden(store, arguments, fault)
        return b'{"totalCount":%d}' % count_matching(store, arguments.get("filter") or {}, hidden)

    # Writes

    def write_one(self, verb: str, arguments: Row, identifier: str | None = None) -> bytes:
        """Write one item. ``verb`` is insert, save, patch or remove, ``identifier`` the id in the
        path.
        """
        collection = arguments.get("dataCollectionId", "")
        store = self.store(collection)
        if verb == "remove":
            element = Element(check_id(identifier), {})
        elif verb == "patch":
            element = Element(check_id(identifier), arguments.get("patch") or {})
        else:
            element = read_element(verb, arguments.get("dataItem"))
        written, action, text = self._apply(collection, store, verb, element)
        item = data_item(collection, written, text)
        if verb == "save":
            said = "INSERTED" if action == "INSERT" else "UPDATED"
            return b'{"action":"%b","dataItem":%b}' % (said.encode(), item)
        return b'{"dataItem":%b}' % item

    def write_many(self, verb: str, arguments: Row, fault: Fault | None) -> bytes:
        """Carry out a bulk call. With the fault PARTIAL, only half of its items are written.

        The others then fail one by one, or the whole call has no result.
        """
        collection = arguments.get("dataCollectionId", "")
        store = self.store(collection)
        given = read_elements(verb, arguments)
        elements = [read_element(verb, element) for element in given]
        failing = ""
        if fault is Fault.PARTIAL:
            failing = self._random.choice(("", "", "WDE0080", "WDE0014"))
            if not failing:
                for element in elements[: len(elements) // 2]:
                    self._try(collection, store, verb, element)
                raise WixRefusal("WDE0028", "The operation took too long")
        wanted = arguments.get("returnEntity") is True
        results, items = [], []
        half = len(elements) - len(elements) // 2 if failing else len(elements)
        for place, element in enumerate(elements):
            refusal = WixRefusal(failing, "The item was not taken") if place >= half else None
            result, text = self._try(collection, store, verb, element, place, refusal)
            results.append(result)
            if wanted:
                identifier = result["itemMetadata"].get("id", "")
                items.append(data_item(collection, identifier, text) if text else None)
        return bulk_response(results, items)

    def put(self, collection: str, identifier: str, data: Row) -> None:
        """Insert or replace a row as the site's own backend does, without a call of the API."""
        self._apply(collection, self.store(collection), "save", Element(identifier, dict(data)))

    def remove(self, collection: str, identifier: str) -> None:
        """Remove a row as the site's own backend does. A missing one is no error."""
        store = self.store(collection)
        if identifier in store.texts:
            self._apply(collection, store, "remove", Element(identifier, {}))

    def _hidden(
        self, store: RowStore, arguments: Row, fault: Fault | None
    ) -> Mapping[str, bytes | None]:
        if arguments.get("consistentRead") in (True, "true"):
            return {}
        lag = self.stale_lag if fault is Fault.STALE else self.replica_lag
        return store.hidden_writes(self._clock(), lag)

    def _try(
        self,
        collection: str,
        store: RowStore,
        verb: str,
        element: Element,
        place: int = 0,
        refusal: WixRefusal | None = None,
    ) -> tuple[Row, bytes | None]:
        """Apply one element of a bulk call. Return its result, and the row unless it failed.

        Args:
            collection: The collection.
            store: Its rows.
            verb: What to do.
            element: The element.
            place: Its place in the call.
            refusal: The refusal of an element that is not carried out.
        """
        try:
            if refusal is not None:
                raise refusal
            identifier, action, text = self._apply(collection, store, verb, element)
        except WixRefusal as error:
            known = element.id in store.texts
            action = _ACTIONS.get(verb) or ("UPDATE" if known else "INSERT")
            metadata: Row = {
                "originalIndex": place,
                "success": False,
                "error": {"code": error.code, "description": error.description},
            }
            if action != "INSERT":
                metadata["id"] = element.id
            return {"action": action, "itemMetadata": metadata}, None
        metadata = {"id": identifier, "originalIndex": place, "success": True}
        return {"action": action, "itemMetadata": metadata}, text

    def _apply(
        self, collection: str, store: RowStore, verb: str, element: Element
    ) -> tuple[str, str, bytes]:
        """Write one row. Return its id, the action, and its JSON (that of the removed row for a
        removal).
        """
        identifier = element.id or str(UUID(int=self._random.getrandbits(128), version=4))
        text = store.texts.get(identifier)
        if verb == "insert" and text is not None:
            raise WixRefusal(
                "WDE0074", f"Item {identifier} already exists in collection {collection}"
            )
        if verb in ("patch", "remove") and text is None:
            raise missing_item(collection, identifier)
        if self.refused_items and (collection, identifier) in self.refused_items:
            code = self.refused_items[collection, identifier]
            raise WixRefusal(code, "The item is not accepted")
        old: Row | None = None if text is None else orjson.loads(text)
        now = self._clock()
        if verb == "remove":
            store.write(identifier, None, None, now)
            self._tell(collection, identifier, old, None)
            assert text is not None
            return identifier, "DELETE", text
        if verb == "patch":
            modifications = element.data.get("fieldModifications")
            new = apply_modifications(orjson.loads(text or b"{}"), modifications)
            check_keys(new)
        else:
            new = element.data
        text = self._complete(identifier, new, element.text, old, now)
        if verb == "patch":
            check_depth(text, new)
        check_size(text, new, collection, self._indexed[collection])
        store.write(identifier, text, new, now)
        self._tell(collection, identifier, old, new)
        return identifier, _ACTIONS.get(verb) or ("INSERT" if old is None else "UPDATE"), text

    def _complete(
        self, identifier: str, row: Row, text: bytes, old: Row | None, now: float
    ) -> bytes:
        """Add Wix's own fields to a row, and return its JSON.

        Args:
            identifier: The row's id.
            row: The row, which is changed in place.
            text: Its JSON as far as it is known, else empty.
            old: The row before.
            now: Unix seconds.
        """
        if now != self._second[0]:
            self._second = (now, timestamp(now))
        updated = self._second[1]
        plain = bool(text) and row.get("_id") == identifier and _WIX_OWN.isdisjoint(row)
        row["_id"] = identifier
        if "_owner" not in row:
            row["_owner"] = OWNER if old is None else old["_owner"]
        row["_createdDate"] = {"$date": updated} if old is None else old["_createdDate"]
        row["_updatedDate"] = {"$date": updated}
        if not plain or row["_owner"] != OWNER:
            return dump_row(row)
        # Nearly every row is as it was sent, and has Wix's own fields appended.
        return b'%b,"_owner":"%b","_createdDate":{"$date":"%b"},"_updatedDate":{"$date":"%b"}}' % (
            text[:-1],
            _OWNER_TEXT,
            row["_createdDate"]["$date"].encode(),
            updated.encode(),
        )

    def _tell(self, collection: str, identifier: str, old: Row | None, new: Row | None) -> None:
        for listener in self.on_write:
            listener(collection, identifier, old, new)
