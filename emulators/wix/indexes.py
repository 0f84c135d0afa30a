"""Indexes of data collections: at most three regular ones and one unique one per collection.

Only the unique index has an effect: it refuses writes.
Source: https://dev.wix.com/docs/rest/business-solutions/cms/indexes/introduction.
"""

import uuid
from typing import Any

import orjson

from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.query import Key, comparison_key, value_at
from emulators.wix.tables import Tables, Write
from emulators.wix.wire import Data

MAX_REGULAR, MAX_UNIQUE, MAX_FIELDS = 3, 1, 3
LIMITS = {"regular": MAX_REGULAR, "unique": MAX_UNIQUE, "total": MAX_REGULAR + MAX_UNIQUE}
MAX_VALUE_BYTES = 982
"""Maximum length of an indexed value with the collection's id."""

TABLE = "$indexes"


class Indexes:
    """The indexes of all data collections."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._owners: dict[str, Owners] = {}

    def all(self, collection: str) -> list[Data]:
        row = self._tables.table(TABLE).rows.get(collection)
        return list(row.data["indexes"]) if row else []

    def create(self, collection: str, definition: Any) -> Data:
        """Create an index, and return it.

        Its status is BUILDING in the response, and ACTIVE or FAILED from the next call on.
        """
        index, existing = _check_definition(definition), self.all(collection)
        if any(other["name"] == index["name"] for other in existing):
            raise WixError("WDE0080", f"The index {index['name']} exists already")
        limit = MAX_UNIQUE if index["unique"] else MAX_REGULAR
        if sum(other["unique"] is index["unique"] for other in existing) >= limit:
            raise WixError("WDE0080", f"The collection may have no more than {limit} such indexes")
        self._store(collection, [*existing, {**index, **self._build_index(collection, index)}])
        return {**index, "status": "BUILDING"}

    def drop(self, collection: str, name: str) -> None:
        existing = self.all(collection)
        remaining = [index for index in existing if index["name"] != name]
        if len(remaining) == len(existing):
            raise WixError("NOT_FOUND", f"There is no index {name}")
        self._store(collection, remaining)

    def drop_all(self, collection: str) -> None:
        """Drop all indexes of a collection."""
        self._store(collection, [])

    def invalidate(self, collection: str) -> None:
        """Forget a collection's cached unique values, because its items or indexes have changed."""
        self._owners.pop(collection, None)

    def new_claims(self, collection: str) -> "Claims":
        """Return a new ``Claims``, by which a batch of writes to a collection keeps values unique.

        The batch claims the value of each item that it writes. The new ``Claims`` has none yet.
        """
        if collection not in self._owners:
            unique = next(
                (
                    index
                    for index in self.all(collection)
                    if index["unique"] and index["status"] == "ACTIVE"
                ),
                None,
            )
            owners = (
                Owners(unique["fields"][0]["path"], unique["caseInsensitive"])
                if unique
                else Owners("", False)
            )
            for row in self._tables.table(collection).rows.values() if unique else ():
                owners.put(owners.key(row.data), row.data["_id"])
            self._owners[collection] = owners
        return Claims(self._owners[collection])

    def _build_index(self, collection: str, index: Data) -> Data:
        owners = Owners(index["fields"][0]["path"], index["caseInsensitive"])
        for row in self._tables.table(collection).rows.values() if index["unique"] else ():
            key = owners.key(row.data)
            if owners.get(key) is not None:
                return {
                    "status": "FAILED",
                    "failure": {
                        "code": "WDE0113",
                        "description": "Duplicate key",
                        "itemId": row.data["_id"],
                    },
                }
            owners.put(key, row.data["_id"])
        return {"status": "ACTIVE"}

    def _store(self, collection: str, indexes: list[Data]) -> None:
        document = {"indexes": indexes}
        self._tables.write(TABLE, [Write("UPDATE", collection, document, orjson.dumps(document))])
        self.invalidate(collection)


class Owners:
    """Maps each value of a collection's unique field to the id of the item that has it.

    Items without a value are not checked. An empty ``path`` means that the collection has no unique
    index.
    """

    def __init__(self, path: str, case_insensitive: bool) -> None:
        self.path = path
        self._case_insensitive = case_insensitive
        self._owners: dict[Key, str] = {}

    def key(self, data: Data) -> Key | None:
        value = value_at(data, self.path) if self.path else None
        if value is None:
            return None
        return comparison_key(
            value.casefold() if self._case_insensitive and isinstance(value, str) else value
        )

    def get(self, key: Key | None) -> str | None:
        return None if key is None else self._owners.get(key)

    def put(self, key: Key | None, identifier: str | None) -> None:
        if key is None:
            return
        if identifier is None:
            self._owners.pop(key, None)
        else:
            self._owners[key] = identifier


class Claims:
    """The changes that one batch of writes makes to the values of a unique index.

    Other batches see these changes only after ``commit``.
    """

    def __init__(self, owners: Owners) -> None:
        self._owners = owners
        self._staged: dict[Key, str | None] = {}

    def claim(self, identifier: str, data: Data, before: Data | None) -> None:
        """Reserve the value that an item has in the field of the unique index.

        ``before`` is the item as it was, and its value becomes free; None for a new item. Raises
        WixError if another item has the value.
        """
        if not self._owners.path:
            return
        key, old = self._owners.key(data), self._owners.key(before) if before else None
        if key is not None:
            owner = self._staged[key] if key in self._staged else self._owners.get(key)
            if owner not in (None, identifier):
                raise WixError("WDE0123", f"The value of {self._owners.path} is not unique")
        if old is not None:
            self._staged[old] = None
        if key is not None:
            self._staged[key] = identifier

    def release(self, before: Data) -> None:
        key = self._owners.key(before)
        if key is not None:
            self._staged[key] = None

    def commit(self) -> None:
        for key, identifier in self._staged.items():
            self._owners.put(key, identifier)


def check_sizes(collection: str, indexes: list[Data], data: Data) -> None:
    """Raise WixError if an item has a value that is too long for an index."""
    for index in indexes:
        for field in index["fields"]:
            value = value_at(data, field["path"])
            if isinstance(value, str) and len(value.encode()) + len(collection) > MAX_VALUE_BYTES:
                raise WixError(
                    "WDE0133",
                    f"The value of {field['path']} is too large for the index {index['name']}",
                )


def _check_definition(definition: Any) -> Data:
    index = definition if isinstance(definition, dict) else {}
    name, fields, unique = index.get("name"), index.get("fields"), index.get("unique", False)
    if not isinstance(name, str) or not 0 < len(name) <= 128:
        raise InvalidRequest("index.name", "must have 1 to 128 characters")
    most = 1 if unique is True else MAX_FIELDS
    if not isinstance(fields, list) or not 0 < len(fields) <= most:
        raise InvalidRequest("index.fields", f"must be 1 to {most}")
    for field in fields:
        if (
            not isinstance(field, dict)
            or not isinstance(field.get("path"), str)
            or not field["path"]
            or field.get("order", "ASC") not in ("ASC", "DESC")
        ):
            raise InvalidRequest("index.fields", "need a path, and ASC or DESC as their order")
    if not isinstance(unique, bool) or not isinstance(index.get("caseInsensitive", False), bool):
        raise InvalidRequest("index", "unique and caseInsensitive must be booleans")
    return {
        "id": str(uuid.uuid4()),
        "name": name,
        "fields": [{"path": field["path"], "order": field.get("order", "ASC")} for field in fields],
        "unique": unique,
        "caseInsensitive": index.get("caseInsensitive", False),
        "source": "USER",
    }
