"""The changes that Wix can make to single fields of an item, without the rest being sent. Source: Patch Data Item of Wix Data Items v2."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

type Action = Literal["SET_FIELD", "REMOVE_FIELD", "INCREMENT_FIELD", "APPEND_TO_ARRAY", "REMOVE_FROM_ARRAY"]

_OPTIONS: Mapping[Action, str] = {
    "SET_FIELD": "setFieldOptions",
    "INCREMENT_FIELD": "incrementFieldOptions",
    "APPEND_TO_ARRAY": "appendToArrayOptions",
    "REMOVE_FROM_ARRAY": "removeFromArrayOptions",
}


@dataclass(frozen=True, slots=True)
class FieldModification:
    """One change. ``field_path`` is a field's key, or a path into an object such as ``address.city``."""

    field_path: str
    action: Action
    value: Any = None

    def on_wire(self) -> dict[str, Any]:
        options = {_OPTIONS[self.action]: {"value": self.value}} if self.action in _OPTIONS else {}
        return {"fieldPath": self.field_path, "action": self.action, **options}


def set_field(field_path: str, value: Any) -> FieldModification:
    return FieldModification(field_path, "SET_FIELD", value)


def remove_field(field_path: str) -> FieldModification:
    return FieldModification(field_path, "REMOVE_FIELD")


def increment(field_path: str, by: float = 1) -> FieldModification:
    """Atomic, also with several writers at once."""
    return FieldModification(field_path, "INCREMENT_FIELD", by)


def append(field_path: str, value: Any) -> FieldModification:
    return FieldModification(field_path, "APPEND_TO_ARRAY", value)


def remove_from_array(field_path: str, value: Any) -> FieldModification:
    return FieldModification(field_path, "REMOVE_FROM_ARRAY", value)
