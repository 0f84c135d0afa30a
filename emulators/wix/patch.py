"""Applies the field modifications of a patch to an item. Pure.

Source: Patch Data Item,
https://dev.wix.com/docs/rest/business-solutions/cms/data-items/patch-data-item.
"""

import copy
from typing import Any

from emulators.wix.errors import WixError
from emulators.wix.query import comparison_key, value_at
from emulators.wix.wire import Data

OPTIONS = {
    "SET_FIELD": "setFieldOptions",
    "INCREMENT_FIELD": "incrementFieldOptions",
    "APPEND_TO_ARRAY": "appendToArrayOptions",
    "REMOVE_FROM_ARRAY": "removeFromArrayOptions",
}


def apply_modifications(data: Data, modifications: Any) -> Data:
    """Return an item's contents with all modifications applied; the original is unchanged.

    Raises WixError for modifications that Wix refuses.
    """
    if not isinstance(modifications, list) or not modifications:
        raise WixError("WDE0080", "fieldModifications is missing")
    result = copy.deepcopy(data)
    for modification in modifications:
        path = modification.get("fieldPath") if isinstance(modification, dict) else None
        if not isinstance(path, str) or not all(path.split(".")) or path.startswith("_"):
            raise WixError("WDE0080", "fieldPath is missing, or read-only")
        if path.startswith("$") or ".$" in path:
            raise WixError("WDE0134", "A field's key begins with $")
        if modification.get("action") == "REMOVE_FIELD":
            _remove_field(result, path)
        else:
            _parent_object(result, path)[path.rpartition(".")[2]] = _modified_value(
                modification, value_at(result, path)
            )
    return result


def _modified_value(modification: Data, current: Any) -> Any:
    action = modification.get("action")
    options = modification.get(OPTIONS.get(str(action), ""))
    if not isinstance(options, dict) or "value" not in options:
        raise WixError("WDE0080", "The action is not known, or its options have no value")
    value = options["value"]
    match action:
        case "SET_FIELD":
            return value
        case "INCREMENT_FIELD":
            if not _is_number(value) or not (current is None or _is_number(current)):
                raise WixError("WDE0080", "Only a number can be incremented, by a number")
            return (current or 0) + value
        case "APPEND_TO_ARRAY":
            return [*_as_array(current), value]
        case _:
            return [
                one for one in _as_array(current) if comparison_key(one) != comparison_key(value)
            ]


def _parent_object(data: Data, path: str) -> Data:
    for parent in path.split(".")[:-1]:
        data = data.setdefault(parent, {})
        if not isinstance(data, dict):
            raise WixError("WDE0080", f"{path} leads through a value that is no object")
    return data


def _remove_field(data: Data, path: str) -> None:
    parent, _, leaf = path.rpartition(".")
    holder = value_at(data, parent) if parent else data
    if isinstance(holder, dict):
        holder.pop(leaf, None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_array(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise WixError("WDE0080", "The field is no array")
    return value
