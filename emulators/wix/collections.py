"""Data collections and their indexes."""

import json
import sqlite3
from typing import Any

from emulators.kit.clock import Clock, rfc3339
from emulators.wix.errors import WixError
from emulators.wix.items import FIELD_KEY

SCHEMA = """
CREATE TABLE IF NOT EXISTS collection (id TEXT PRIMARY KEY, document TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS site_index (collection TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (collection, name));
"""

ROLES = frozenset({"ANYONE", "SITE_MEMBER", "SITE_MEMBER_AUTHOR", "CMS_EDITOR", "PRIVILEGED", "ADMIN"})
DEFAULT_PERMISSIONS = {"insert": "CMS_EDITOR", "update": "CMS_EDITOR", "remove": "CMS_EDITOR", "read": "SITE_MEMBER_AUTHOR"}
SYSTEM_FIELDS = {"_id": "TEXT", "_createdDate": "DATETIME", "_updatedDate": "DATETIME", "_owner": "TEXT"}
MAX_REGULAR_INDEXES = 3

type Document = dict[str, Any]


class Collections:
    """The site's collections. A collection's ``revision`` grows by 1 with every change; an update must name the current one."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        connection.executescript(SCHEMA)

    def get(self, identifier: str) -> Document:
        row = self._connection.execute("SELECT document FROM collection WHERE id = ? AND NOT deleted", (identifier,)).fetchone()
        if row is None:
            raise WixError("WDE0025", f"The {identifier} collection does not exist")
        document: Document = json.loads(row["document"])
        return document

    def all(self) -> list[Document]:
        return [json.loads(row["document"]) for row in self._connection.execute("SELECT document FROM collection WHERE NOT deleted ORDER BY id")]

    def create(self, definition: Any) -> Document:
        identifier = definition.get("id") if isinstance(definition, dict) else None
        if not isinstance(identifier, str) or not 0 < len(identifier) <= 256:
            raise WixError("WDE0001", "The collection's id is not valid")
        if self._connection.execute("SELECT 1 FROM collection WHERE id = ? AND NOT deleted", (identifier,)).fetchone():
            raise WixError("WDE0104", f"The {identifier} collection exists already")
        now = rfc3339(self._clock.now())
        document = {
            "id": identifier,
            "collectionType": "NATIVE",
            "displayName": definition.get("displayName", identifier),
            "displayField": definition.get("displayField", "title"),
            "fields": _system_fields() + _fields(definition.get("fields", [])),
            "permissions": _permissions(definition.get("permissions", {})),
            "plugins": definition.get("plugins", []),
            "revision": "1",
            "maxPageSize": 1000,
            "pagingModes": ["OFFSET", "CURSOR"],
            "capabilities": {"indexLimits": {"regular": MAX_REGULAR_INDEXES, "unique": 1, "total": MAX_REGULAR_INDEXES + 1}},
            "createdDate": now,
            "updatedDate": now,
        }
        return self._store(document)

    def update(self, definition: Any) -> Document:
        """Replace name, fields, permissions and plugins. Raises WixError for a revision that is not the current one (WDE0178)."""
        current = self.get(str(definition.get("id", "")) if isinstance(definition, dict) else "")
        if str(definition.get("revision", "")) != current["revision"]:
            raise WixError("WDE0178", "The revision is not the current one")
        changes: Document = {name: definition[name] for name in ("displayName", "displayField", "plugins") if name in definition}
        if "fields" in definition:
            changes["fields"] = _system_fields() + _fields([field for field in definition["fields"] if field.get("key") not in SYSTEM_FIELDS])
        if "permissions" in definition:
            changes["permissions"] = _permissions(definition["permissions"])
        return self._changed(current, changes)

    def delete(self, identifier: str) -> None:
        self.get(identifier)
        self._connection.execute("UPDATE collection SET deleted = 1 WHERE id = ?", (identifier,))

    def restore(self, identifier: str) -> Document:
        self._connection.execute("UPDATE collection SET deleted = 0 WHERE id = ?", (identifier,))
        return self.get(identifier)

    def put_field(self, identifier: str, field: Any, *, new: bool) -> Document:
        """Add a field, or replace the one of the same key."""
        current = self.get(identifier)
        (checked,) = _fields([field])
        others = [existing for existing in current["fields"] if existing["key"] != checked["key"]]
        if new is not (len(others) == len(current["fields"])):
            raise WixError("WDE0075", f"Field {checked['key']} {'exists already' if new else 'does not exist'}")
        return self._changed(current, {"fields": [*others, checked]})

    def delete_field(self, identifier: str, key: str) -> Document:
        current = self.get(identifier)
        others = [field for field in current["fields"] if field["key"] != key]
        if key in SYSTEM_FIELDS or len(others) == len(current["fields"]):
            raise WixError("WDE0075", f"Field {key} cannot be deleted")
        return self._changed(current, {"fields": others})

    def create_index(self, identifier: str, index: Any) -> Document:
        self.get(identifier)
        fields = index.get("fields") if isinstance(index, dict) else None
        if not isinstance(fields, list) or not 0 < len(fields) <= 3 or not isinstance(index.get("name"), str):
            raise WixError("WDE0075", "An index has a name and one to three fields")
        unique = bool(index.get("unique"))
        if unique and len(fields) != 1:
            raise WixError("WDE0075", "A unique index has one field")
        same_kind = [existing for existing in self.indexes(identifier) if existing["unique"] is unique]
        if len(same_kind) >= (1 if unique else MAX_REGULAR_INDEXES):
            raise WixError("WDE0075", "The collection has as many indexes as it may")
        document = {"name": index["name"], "fields": fields, "unique": unique, "caseInsensitive": bool(index.get("caseInsensitive")), "status": "ACTIVE"}
        try:
            self._connection.execute("INSERT INTO site_index VALUES (?, ?, ?)", (identifier, document["name"], json.dumps(document)))
        except sqlite3.IntegrityError:
            raise WixError("WDE0075", "An index of that name exists already") from None
        return document

    def indexes(self, identifier: str) -> list[Document]:
        rows = self._connection.execute("SELECT document FROM site_index WHERE collection = ? ORDER BY name", (identifier,))
        return [json.loads(row["document"]) for row in rows]

    def drop_index(self, identifier: str, name: str) -> None:
        self._connection.execute("DELETE FROM site_index WHERE collection = ? AND name = ?", (identifier, name))

    def unique_field(self, identifier: str) -> str | None:
        """The field whose values must differ among the items of the collection."""
        return next((index["fields"][0]["path"] for index in self.indexes(identifier) if index["unique"]), None)

    def _changed(self, current: Document, changes: Document) -> Document:
        revision = str(int(current["revision"]) + 1)
        return self._store({**current, **changes, "revision": revision, "updatedDate": rfc3339(self._clock.now())})

    def _store(self, document: Document) -> Document:
        self._connection.execute(
            "INSERT INTO collection VALUES (?, ?, 0) ON CONFLICT (id) DO UPDATE SET document = excluded.document, deleted = 0",
            (document["id"], json.dumps(document)),
        )
        return document


def _system_fields() -> list[Document]:
    return [{"key": key, "displayName": key, "type": kind, "systemField": True} for key, kind in SYSTEM_FIELDS.items()]


def _fields(fields: Any) -> list[Document]:
    if not isinstance(fields, list) or len(fields) > 1000:
        raise WixError("WDE0075", "fields is a list of at most 1000")
    for field in fields:
        key = field.get("key") if isinstance(field, dict) else None
        if not isinstance(key, str) or not FIELD_KEY.fullmatch(key) or not isinstance(field.get("type"), str):
            raise WixError("WDE0075", "A field has a valid key and a type")
    return [{"displayName": field["key"], **field, "systemField": False} for field in fields]


def _permissions(permissions: Any) -> Document:
    merged = {**DEFAULT_PERMISSIONS, **permissions}
    if set(merged) != set(DEFAULT_PERMISSIONS) or not set(merged.values()) <= ROLES:
        raise WixError("WDE0075", "permissions names a role for insert, update, remove and read")
    return merged
