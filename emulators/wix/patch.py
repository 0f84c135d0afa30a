"""The field modifications of a patch. Pure."""

import copy
from typing import Any

from emulators.wix.errors import WixError
from emulators.wix.query import at


def patched(data: dict[str, Any], modifications: list[dict[str, Any]]) -> dict[str, Any]:
    """The contents after all modifications. Raises WixError for one that Wix would refuse."""
    result = copy.deepcopy(data)
    for modification in modifications:
        path = modification.get("fieldPath")
        if not isinstance(path, str) or not path or path.split(".")[0].startswith("_"):
            raise WixError("WDE0080", "fieldPath is missing or read-only")
        *parents, leaf = path.split(".")
        target = result
        for parent in parents:
            target = target.setdefault(parent, {})
            if not isinstance(target, dict):
                raise WixError("WDE0080", f"{path} leads through a value that is no object")
        _modify(modification, target, leaf, at(result, path))
    return result


def _modify(modification: dict[str, Any], target: dict[str, Any], leaf: str, current: Any) -> None:
    match modification.get("action"):
        case "SET_FIELD":
            target[leaf] = modification.get("setFieldOptions", {}).get("value")
        case "REMOVE_FIELD":
            target.pop(leaf, None)
        case "INCREMENT_FIELD":
            amount = modification.get("incrementFieldOptions", {}).get("value")
            if not _is_number(amount) or not (current is None or _is_number(current)):
                raise WixError("WDE0080", "only a number can be incremented, by a number")
            target[leaf] = (current or 0) + amount
        case "APPEND_TO_ARRAY":
            target[leaf] = [*_array(current), modification.get("appendToArrayOptions", {}).get("value")]
        case "REMOVE_FROM_ARRAY":
            unwanted = modification.get("removeFromArrayOptions", {}).get("value")
            target[leaf] = [value for value in _array(current) if value != unwanted]
        case action:
            raise WixError("WDE0080", f"action {action} is not known")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _array(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise WixError("WDE0080", "the field is no array")
    return value
