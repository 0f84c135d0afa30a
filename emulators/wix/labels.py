"""Labels and custom fields of contacts. A key is derived from the name once and never changes.

Sources: https://dev.wix.com/docs/rest/crm/members-contacts/contacts/labels/introduction and
https://dev.wix.com/docs/api-reference/crm/members-contacts/contacts/extended-fields/introduction.
"""

import re
from collections.abc import Mapping
from typing import Any

from emulators.common.clock import Clock
from emulators.wix.arguments import read_text
from emulators.wix.entities import Entities, Page
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.tables import Tables
from emulators.wix.wire import Data

CUSTOM = "custom"
DATA_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "TEXT": str,
    "NUMBER": (int, float),
    "DATE": str,
    "URL": str,
}


class Named:
    """Base class of labels and custom fields of contacts: entities with a key and a name.

    Names are compared regardless of case. Raises WixError (NOT_FOUND) for a key that does not
    exist.
    """

    def __init__(self, tables: Tables, name: str, clock: Clock) -> None:
        self._entities = Entities(tables, name, clock, identifier="key")

    def find_or_create(self, display_name: str, more: Data) -> tuple[Data, bool]:
        """Return the label or custom field with this name, and True if it was created just now."""
        for known in self._entities.all():
            if known["displayName"].casefold() == display_name.casefold():
                return known, False
        named = {
            "namespace": CUSTOM,
            "key": self._new_key(display_name),
            "displayName": display_name,
        }
        return self._entities.add({**named, **more}), True

    def get(self, key: str) -> Data:
        return self._entities.get(key)

    def find(self, key: str) -> Data | None:
        return self._entities.find(key)

    def rename(self, key: str, display_name: str) -> Data:
        return self._entities.replace({**self._entities.get(key), "displayName": display_name})

    def remove(self, key: str) -> None:
        self._entities.remove(key)

    def query(self, asked: Data) -> Page:
        return self._entities.query_by_offset(asked)

    def _new_key(self, display_name: str) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", display_name.lower()).strip("-") or "label"
        key, number = f"{CUSTOM}.{slug}", 1
        while self._entities.find(key):
            key, number = f"{CUSTOM}.{slug}-{number}", number + 1
        return key


class Labels(Named):
    """Stores the labels of contacts."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        super().__init__(tables, "$contact-labels", clock)

    def find_or_create_label(self, display_name: str) -> tuple[Data, bool]:
        return self.find_or_create(
            display_name, {"namespaceDisplayName": "", "labelType": "USER_DEFINED"}
        )

    def check(self, keys: list[str]) -> None:
        """Raise InvalidRequest for a key of a custom label that does not exist.

        Wix's own labels always exist.
        """
        for key in keys:
            if key.startswith(f"{CUSTOM}.") and self.find(key) is None:
                raise InvalidRequest("labelKeys", f"has {key[:100]}, which does not exist")


class ExtendedFields(Named):
    """Stores the custom fields of contacts."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        super().__init__(tables, "$contact-fields", clock)

    def find_or_create_field(self, arguments: Data) -> tuple[Data, bool]:
        data_type = read_text(arguments, "dataType", "TEXT")
        if data_type not in DATA_TYPES:
            raise InvalidRequest("dataType", f"must be one of {', '.join(DATA_TYPES)}")
        return self.find_or_create(
            read_text(arguments, "displayName"),
            {"dataType": data_type, "fieldType": "USER_DEFINED"},
        )

    def check(self, info: Data) -> None:
        """Raise WixError if a contact has an unknown custom field, or a value of the wrong type."""
        holder = info.get("extendedFields") or {}
        values: Any = holder.get("items") or {} if isinstance(holder, dict) else None
        if not isinstance(values, dict):
            raise InvalidRequest("info.extendedFields", "must be an object with an object of items")
        for key, value in values.items():
            if not key.startswith(f"{CUSTOM}.") or value is None:
                continue
            field = self.find(key)
            if (
                field is None
                or not isinstance(value, DATA_TYPES[field["dataType"]])
                or isinstance(value, bool)
            ):
                raise WixError(
                    "INVALID_EXTENDED_FIELD_VALUE",
                    f"{key[:100]} does not exist, or takes another type",
                )
