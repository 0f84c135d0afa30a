"""Reads typed members from a request's arguments.

All functions raise InvalidRequest for a value of another type.
"""

from emulators.wix.errors import InvalidRequest
from emulators.wix.wire import Data


def read_text(arguments: Data, name: str, default: str | None = None) -> str:
    """Read a member that must be a string and not empty; required unless ``default`` is given."""
    value = arguments.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or not value:
        raise InvalidRequest(name, "must be a string that is not empty")
    return value


def read_optional_text(arguments: Data, name: str, default: str = "") -> str:
    """Read an optional string member of the arguments.

    Returns ``default`` if the member is missing or empty.
    """
    value = arguments.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidRequest(name, "must be a string")
    return value or default


def read_flag(arguments: Data, name: str) -> bool:
    """Read a boolean member, False by default. In a query string it is spelled ``true``."""
    value = arguments.get(name)
    if value not in (None, True, False, "true", "false", ""):
        raise InvalidRequest(name, "must be a boolean")
    return value in (True, "true")


def read_int(arguments: Data, name: str, default: int, *, most: int, least: int = 0) -> int:
    """Read an integer member from ``least`` to ``most``. In a query string it is spelled in digits.

    >>> read_int({"limit": "25"}, "limit", 50, most=100)
    25
    """
    value = arguments.get(name)
    if value is None:
        return default
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidRequest(name, f"must be an integer from {least} to {most}")
    return value


def read_object(arguments: Data, name: str) -> Data:
    """Read a member that is a JSON object; empty by default."""
    value = arguments.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidRequest(name, "must be an object")
    return value


def read_strings(arguments: Data, name: str) -> list[str]:
    """Read a member that is a list of strings; empty by default."""
    value = arguments.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidRequest(name, "must be a list of strings")
    return value


def read_ids(arguments: Data, name: str, most: int) -> list[str]:
    """Read a member that is a list of 1 to ``most`` ids."""
    found = read_strings(arguments, name)
    if not 1 <= len(found) <= most:
        raise InvalidRequest(name, f"must be 1 to {most} ids")
    return found
