"""Definitions of data collections, with a revision that each change increments.

Source:
https://dev.wix.com/docs/rest/business-solutions/cms/collection-management/data-collections/introduction.
"""

import re
from typing import Any

import orjson

from emulators.common.clock import Clock, rfc3339
from emulators.wix.batch import FIELD_KEY
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.indexes import LIMITS
from emulators.wix.tables import Tables, Write
from emulators.wix.wire import Data

TABLE, DELETED = "$collections", "$deleted-collections"
COLLECTION_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_/-]{0,255}")
MAX_COLLECTIONS, MAX_FIELDS = 1000, 1000

ROLES = frozenset(
    {"ANYONE", "SITE_MEMBER", "SITE_MEMBER_AUTHOR", "CMS_EDITOR", "PRIVILEGED", "ADMIN"}
)
DEFAULT_PERMISSIONS = {
    "insert": "CMS_EDITOR",
    "update": "CMS_EDITOR",
    "remove": "CMS_EDITOR",
    "read": "SITE_MEMBER_AUTHOR",
}
SYSTEM_FIELDS = {
    "_id": "TEXT",
    "_createdDate": "DATETIME",
    "_updatedDate": "DATETIME",
    "_owner": "TEXT",
}
TYPES = frozenset(
    [
        "TEXT",
        "NUMBER",
        "DATE",
        "DATETIME",
        "TIME",
        "IMAGE",
        "BOOLEAN",
        "DOCUMENT",
        "URL",
        "RICH_TEXT",
        "RICH_CONTENT",
        "VIDEO",
        "AUDIO",
        "ANY",
        "ARRAY_STRING",
        "ARRAY_DOCUMENT",
        "ARRAY",
        "OBJECT",
        "MEDIA_GALLERY",
        "ADDRESS",
        "PAGE_LINK",
        "REFERENCE",
        "MULTI_REFERENCE",
        "LANGUAGE",
        "SLUG",
        "EMAIL",
        "MEDIA_IMAGE",
        "MEDIA_VECTOR_ART",
    ]
)
DATA_OPERATIONS = [
    "BULK_INSERT",
    "BULK_REMOVE",
    "BULK_SAVE",
    "BULK_UPDATE",
    "COUNT",
    "DISTINCT",
    "FIND",
    "GET",
    "INSERT",
    "REMOVE",
    "SAVE",
    "TRUNCATE",
    "UPDATE",
    "PATCH",
    "BULK_PATCH",
]
QUERY_OPERATORS = [
    "EQ",
    "LT",
    "GT",
    "NE",
    "LTE",
    "GTE",
    "STARTS_WITH",
    "ENDS_WITH",
    "CONTAINS",
    "HAS_SOME",
    "HAS_ALL",
    "EXISTS",
]
OWN = ("displayName", "displayField", "fields", "permissions", "plugins")
"""Members of a definition that a caller may set; Wix sets the others."""


class Collections:
    """The site's data collections: their definitions, not their items.

    All methods raise WixError (WDE0025) for a collection that does not exist.
    """

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def get(self, identifier: str, *, consistent: bool = True) -> Data:
        row = self._tables.table(TABLE, consistent=consistent).rows.get(identifier)
        if row is None:
            raise WixError("WDE0025", f"The collection {identifier[:256]} does not exist")
        return row.data

    def all(self, *, consistent: bool = True) -> list[Data]:
        """Return the definitions of all collections, ordered by id.

        If ``consistent`` is false, the definitions are read from the lagging replica.
        """
        rows = self._tables.table(TABLE, consistent=consistent).rows
        return [rows[identifier].data for identifier in sorted(rows)]

    def create(self, definition: Data) -> Data:
        identifier = definition.get("id")
        if not isinstance(identifier, str) or not COLLECTION_ID.fullmatch(identifier):
            raise WixError("WDE0001", "The collection's id is not valid")
        existing = self._tables.table(TABLE).rows
        if identifier in existing:
            raise WixError("WDE0104", f"The collection {identifier} already exists")
        if len(existing) >= MAX_COLLECTIONS:
            raise WixError("WDE0080", f"A site may have no more than {MAX_COLLECTIONS} collections")
        return self._store(
            {"id": identifier, "revision": "0", "createdDate": self._now()}, definition, "INSERT"
        )

    def update(self, definition: Data) -> Data:
        """Replace a collection's definition, and return the new one.

        Missing properties get their default, but properties that Wix itself sets stay. Raises
        WixError (WDE0178) for a stale revision.
        """
        current = self._require_revision(definition, required=True)
        return self._store(
            {name: current[name] for name in ("id", "revision", "createdDate")},
            definition,
            "UPDATE",
        )

    def patch(self, definition: Data) -> Data:
        """Replace the given properties of a collection's definition, and return the definition.

        Raises WixError (WDE0075) for permissions, which Wix does not let a patch change.
        """
        current = self._require_revision(definition, required=False)
        if "permissions" in definition:
            raise WixError("WDE0075", "permissions cannot be patched")
        return self._store(current, {**current, **definition}, "UPDATE")

    def delete(self, identifier: str) -> None:
        current = self.get(identifier)
        self._tables.write(DELETED, [Write("INSERT", identifier, current, orjson.dumps(current))])
        self._tables.write(TABLE, [Write("REMOVE", identifier, None, None)])

    def restore(self, identifier: str) -> Data:
        """Restore a deleted collection with its items, and return the collection's definition.

        Raises WixError if no such collection was deleted, or if its id is in use again.
        """
        row = self._tables.table(DELETED).rows.get(identifier)
        if row is None:
            raise WixError("WDE0025", f"There is no deleted collection {identifier[:256]}")
        if identifier in self._tables.table(TABLE).rows:
            raise WixError("WDE0104", f"The collection {identifier} already exists")
        self._tables.write(DELETED, [Write("REMOVE", identifier, None, None)])
        return self._store(row.data, row.data, "INSERT")

    def create_field(self, identifier: str, field: Data) -> Data:
        current = self.get(identifier)
        if any(existing["key"] == field.get("key") for existing in current["fields"]):
            raise WixError("WDE0080", f"The field {field['key']} already exists")
        own = [existing for existing in current["fields"] if not existing["systemField"]]
        return self._store(current, {**current, "fields": [*own, field]}, "UPDATE")

    def update_field(self, identifier: str, field: Data, *, partly: bool = False) -> Data:
        """Replace a field's definition in a collection, and return the collection's definition.

        With ``partly``, properties of the field that ``field`` does not have stay as they are.
        """
        current = self.get(identifier)
        existing = self._require_own_field(current, field.get("key"))
        changed = {**existing, **field} if partly else field
        return self._store(
            current,
            {
                **current,
                "fields": [changed if one is existing else one for one in current["fields"]],
            },
            "UPDATE",
        )

    def delete_field(self, identifier: str, key: str) -> Data:
        """Remove a field from a collection's definition, and return the definition.

        The caller deletes the field's values in the items.
        """
        current = self.get(identifier)
        unwanted = self._require_own_field(current, key)
        return self._store(
            current,
            {**current, "fields": [field for field in current["fields"] if field is not unwanted]},
            "UPDATE",
        )

    def _require_revision(self, definition: Data, *, required: bool) -> Data:
        current = self.get(str(definition.get("id", "")))
        revision = definition.get("revision")
        if (required or revision is not None) and str(revision) != current["revision"]:
            raise WixError("WDE0178", f"The revision is not the current one, {current['revision']}")
        return current

    @staticmethod
    def _require_own_field(current: Data, key: Any) -> Data:
        for field in current["fields"]:
            if field["key"] == key and not field["systemField"]:
                found: Data = field
                return found
        raise WixError("WDE0003", "There is no such field, or it is a system field")

    def _store(self, kept: Data, wanted: Data, action: str) -> Data:
        identifier = kept["id"]
        own = {name: wanted[name] for name in OWN if wanted.get(name) is not None}
        for name in ("displayName", "displayField"):
            if not isinstance(own.get(name, ""), str) or len(own.get(name, "")) > 1000:
                raise InvalidRequest(
                    f"collection.{name}", "must be a string of at most 1000 characters"
                )
        if not isinstance(own.get("plugins", []), list):
            raise InvalidRequest("collection.plugins", "must be a list")
        document = {
            "id": identifier,
            "collectionType": "NATIVE",
            "displayName": own.get("displayName", identifier),
            "displayField": own.get("displayField", "title"),
            "fields": [*_read_fields(own.get("fields", [])), *_system_fields()],
            "permissions": _read_permissions(own.get("permissions", {})),
            "plugins": own.get("plugins", []),
            "revision": str(int(kept["revision"]) + 1),
            "capabilities": {
                "dataOperations": DATA_OPERATIONS,
                "collectionOperations": ["UPDATE", "REMOVE"],
                "indexLimits": LIMITS,
            },
            "maxPageSize": 1000,
            "pagingModes": ["OFFSET", "CURSOR"],
            "createdDate": kept["createdDate"],
            "updatedDate": self._now(),
        }
        self._tables.write(TABLE, [Write(action, identifier, document, orjson.dumps(document))])
        return document

    def _now(self) -> str:
        return rfc3339(self._clock.now())


def _read_fields(fields: Any) -> list[Data]:
    """Return the fields of a collection's definition in a request, without system fields.

    System fields are ignored, so a caller can send back a definition as it was read.
    """
    if not isinstance(fields, list) or len(fields) > MAX_FIELDS:
        raise InvalidRequest("collection.fields", f"must be a list of at most {MAX_FIELDS}")
    found: dict[str, Data] = {}
    for position, field in enumerate(fields):
        where = f"collection.fields[{position}]"
        key = field.get("key") if isinstance(field, dict) else None
        if isinstance(key, str) and key.startswith("$"):
            raise WixError("WDE0134", "A field's key begins with $")
        if not isinstance(key, str) or not FIELD_KEY.fullmatch(key):
            raise InvalidRequest(f"{where}.key", "is missing or not valid")
        if key in SYSTEM_FIELDS:
            continue
        if key in found:
            raise InvalidRequest(f"{where}.key", "comes twice")
        if not isinstance(field.get("type"), str) or field["type"] not in TYPES:
            raise InvalidRequest(f"{where}.type", "is missing or not known")
        found[key] = {"displayName": key, **field, **_wix_members(system=False)}
    return list(found.values())


def _system_fields() -> list[Data]:
    return [
        {
            "key": key,
            "displayName": key,
            "type": kind,
            "readOnly": True,
            **_wix_members(system=True),
        }
        for key, kind in SYSTEM_FIELDS.items()
    ]


def _wix_members(*, system: bool) -> Data:
    return {
        "systemField": system,
        "capabilities": {"sortable": True, "queryOperators": QUERY_OPERATORS},
    }


def _read_permissions(permissions: Any) -> Data:
    merged = {**DEFAULT_PERMISSIONS, **permissions} if isinstance(permissions, dict) else {}
    if set(merged) != set(DEFAULT_PERMISSIONS) or not all(
        isinstance(role, str) and role in ROLES for role in merged.values()
    ):
        raise InvalidRequest(
            "collection.permissions", "must name a role for insert, update, remove and read"
        )
    return merged
