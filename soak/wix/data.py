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
from soak.wix.bulk import bulk_response, missing_item, read_elements
from soak.wix.changes import (
    apply_modifications,
    check_depth,
    check_id,
    check_keys,
    check_size,
    dump_row,
    read_data_item,
)
from soak.wix.queries import Query, answer_query, count_matching, data_item
from soak.wix.refusals import InvalidRequest, WixRefusal
from soak.wix.store import Row, RowStore
from soak.wix.times import timestamp

OWNER = "9f9c321b-4b9b-4e0c-8b6c-1d7f6a9d0001"

type OnWrite = Callable[[str, str, Row | None, Row | None], None]
"""Gets collection, id, the row before and the row afterwards."""

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
        """Code with which Wix refuses each write of an item, by collection and id."""
        self.replica_lag = 1.0
        """Seconds by which a read that need not be consistent is behind."""
        self.stale_lag = 30.0
        """The same for a read with the fault STALE."""
        self._random = random
        self._clock = clock
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
        """The rows of a collection. Raises WixRefusal if there is none."""
        if not isinstance(collection, str) or not collection:
            raise InvalidRequest("dataCollectionId", "must be a string that is not empty")
        found = self._stores.get(collection)
        if found is None:
            raise WixRefusal("WDE0025", f"The collection {collection[:256]} does not exist")
        return found

    # Reads

    def get(self, arguments: Row, identifier: str, fault: Fault | None) -> bytes:
        """Get Data Item."""
        collection = arguments.get("dataCollectionId", "")
        store = self.store(collection)
        hidden = self._hidden(store, arguments, fault)
        text = hidden[identifier] if identifier in hidden else store.texts.get(identifier)
        if text is None:
            raise missing_item(collection, identifier)
        return b'{"dataItem":%b}' % data_item(collection, identifier, text)

    def query(self, arguments: Row, fault: Fault | None) -> bytes:
        """Query Data Items."""
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
        """Count Data Items."""
        store = self.store(arguments.get("dataCollectionId"))
        hidden = self._hidden(store, arguments, fault)
        return b'{"totalCount":%d}' % count_matching(store, arguments.get("filter") or {}, hidden)

    # Writes

    def write_one(self, verb: str, arguments: Row, identifier: str | None = None) -> bytes:
        """One write. ``verb`` is insert, save, patch or remove, ``identifier`` that of the path."""
        collection = arguments.get("dataCollectionId", "")
        store = self.store(collection)
        if verb == "remove":
            element: tuple[str | None, Row] = (check_id(identifier), {})
        elif verb == "patch":
            element = (check_id(identifier), arguments.get("patch") or {})
        else:
            element = self._read(verb, arguments.get("dataItem"))
        written, action, text = self._apply(collection, store, verb, element)
        item = data_item(collection, written, text)
        if verb == "save":
            said = "INSERTED" if action == "INSERT" else "UPDATED"
            return b'{"action":"%b","dataItem":%b}' % (said.encode(), item)
        return b'{"dataItem":%b}' % item

    def write_many(self, verb: str, arguments: Row, fault: Fault | None) -> bytes:
        """A bulk call. With the fault PARTIAL, only half of its items are carried out.

        Either the others fail, one by one, or there is no result.
        """
        collection = arguments.get("dataCollectionId", "")
        store = self.store(collection)
        given = read_elements(verb, arguments)
        elements = [self._read(verb, element) for element in given]
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
        """Insert or replace a row as the site's own backend does: without a call of the API."""
        self._apply(collection, self.store(collection), "save", (identifier, data))

    def remove(self, collection: str, identifier: str) -> None:
        """Remove a row as the site's own backend does. A missing one is no error."""
        store = self.store(collection)
        if identifier in store.texts:
            self._apply(collection, store, "remove", (identifier, {}))

    def _hidden(
        self, store: RowStore, arguments: Row, fault: Fault | None
    ) -> Mapping[str, bytes | None]:
        if arguments.get("consistentRead") in (True, "true"):
            return {}
        lag = self.stale_lag if fault is Fault.STALE else self.replica_lag
        return store.hidden_writes(self._clock(), lag)

    def _read(self, verb: str, element: Any) -> tuple[str | None, Row]:
        """An element of a call: its id, and what belongs to it. Raises WixRefusal."""
        if verb == "remove":
            return check_id(element), {}
        if verb == "patch":
            if not isinstance(element, dict) or not isinstance(
                element.get("fieldModifications"), list
            ):
                raise WixRefusal("WDE0080", "A patch has a dataItemId and fieldModifications")
            return check_id(element.get("dataItemId")), element
        identifier, data = read_data_item(element)
        # A row of plain values is not deep, and most of the others are not either.
        if any(isinstance(value, dict | list) for value in data.values()):
            check_depth(dump_row(data), data)
        return identifier, data

    def _try(
        self,
        collection: str,
        store: RowStore,
        verb: str,
        element: tuple[str | None, Row],
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
            known = element[0] in store.texts
            action = _ACTIONS.get(verb) or ("UPDATE" if known else "INSERT")
            metadata: Row = {
                "originalIndex": place,
                "success": False,
                "error": {"code": error.code, "description": error.description},
            }
            if action != "INSERT":
                metadata["id"] = element[0]
            return {"action": action, "itemMetadata": metadata}, None
        metadata = {"id": identifier, "originalIndex": place, "success": True}
        return {"action": action, "itemMetadata": metadata}, text

    def _apply(
        self, collection: str, store: RowStore, verb: str, element: tuple[str | None, Row]
    ) -> tuple[str, str, bytes]:
        """Write one row. Return its id, the action, and its JSON, or what was removed."""
        identifier = element[0] or str(UUID(int=self._random.getrandbits(128), version=4))
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
            data: Row = orjson.loads(text or b"{}")
            apply_modifications(data, element[1].get("fieldModifications"))
            check_keys(data)
        else:
            data = element[1]
        new, text = self._stored(collection, identifier, data, old, now)
        if verb == "patch":
            check_depth(text, new)
        store.write(identifier, text, new, now)
        self._tell(collection, identifier, old, new)
        return identifier, _ACTIONS.get(verb) or ("INSERT" if old is None else "UPDATE"), text

    def _stored(
        self, collection: str, identifier: str, data: Row, old: Row | None, now: float
    ) -> tuple[Row, bytes]:
        """A row with Wix's own fields, and its JSON."""
        at = {"$date": timestamp(now)}
        new = {
            **data,
            "_id": identifier,
            "_owner": data.get("_owner", OWNER if old is None else old["_owner"]),
            "_createdDate": at if old is None else old["_createdDate"],
            "_updatedDate": at,
        }
        text = dump_row(new)
        check_size(text, new, collection, self._indexed[collection])
        return new, text

    def _tell(self, collection: str, identifier: str, old: Row | None, new: Row | None) -> None:
        for listener in self.on_write:
            listener(collection, identifier, old, new)
