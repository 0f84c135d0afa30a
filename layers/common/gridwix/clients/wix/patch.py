"""Changes of single fields of a data item (Patch Data Item of Wix Data Items v2). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

type Action = Literal[
    "SET_FIELD", "REMOVE_FIELD", "INCREMENT_FIELD", "APPEND_TO_ARRAY", "REMOVE_FROM_ARRAY"
]

_OPTIONS: Mapping[Action, str] = {
    "SET_FIELD": "setFieldOptions",
    "INCREMENT_FIELD": "incrementFieldOptions",
    "APPEND_TO_ARRAY": "appendToArrayOptions",
    "REMOVE_FROM_ARRAY": "removeFromArrayOptions",
}


@dataclass(frozen=True, slots=True)
class FieldModification:
    """A change of one field of a data item, as part of a patch request.

    ``field_path`` is a field's key, or a path such as ``address.city``.
    """

    field_path: str
    action: Action
    value: Any = None

    def wire_form(self) -> dict[str, Any]:
        """Return the modification in the form of Wix's patch request."""
        options = {_OPTIONS[self.action]: {"value": self.value}} if self.action in _OPTIONS else {}
        return {"fieldPath": self.field_path, "action": self.action, **options}


def set_field(field_path: str, value: Any) -> FieldModification:
    """Return the modification that sets a field to a value.

    >>> set_field("name", "Ada").wire_form()
    {'fieldPath': 'name', 'action': 'SET_FIELD', 'setFieldOptions': {'value': 'Ada'}}
    """
    return FieldModification(field_path, "SET_FIELD", value)


def remove_field(field_path: str) -> FieldModification:
    """Return the modification that removes a field."""
    return FieldModification(field_path, "REMOVE_FIELD")


def increment_field(field_path: str, by: float = 1) -> FieldModification:
    """Return the modification that adds a number to a field. Wix adds atomically."""
    return FieldModification(field_path, "INCREMENT_FIELD", by)


def append_to_array(field_path: str, value: Any) -> FieldModification:
    """Return the modification that appends a value to an array field."""
    return FieldModification(field_path, "APPEND_TO_ARRAY", value)


def remove_from_array(field_path: str, value: Any) -> FieldModification:
    """Return the modification that removes a value from an array field."""
    return FieldModification(field_path, "REMOVE_FROM_ARRAY", value)
