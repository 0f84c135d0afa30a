"""Confines what goes wrong with one record to that record. Pure."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from traceback import walk_tb
from typing import Any

from pydantic import ValidationError

from gridwix.errors import GridwixError, RecordFault

MAX_FIELDS = 5
"""Fields that a reason names."""

UNREADABLE_ID = "?"

_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")


@contextmanager
def confine_to_record(record: str, owner: str = "", *, passing: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Raise RecordFault in the place of any exception that is not gridwix's own, so that one record never stops its neighbours.

    ``record`` is the record's name (``collection/id``). Errors of the tree in :mod:`gridwix.errors` pass through, and those of ``passing``. Faults of a single
    record come from data that nobody foresaw, so every other ``Exception`` counts; the reason says which and where, and no value.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (GridwixError, *passing)):
            raise
        raise RecordFault(record, reason_of(error), owner=owner) from None


def reason_of(error: Exception) -> str:
    """Why a record is at fault: ``name string_type, version missing``, or ``KeyError in status_publisher/projection:88``. Never a value."""
    return fields_of(error) if isinstance(error, ValidationError) else f"{type(error).__name__} in {_place(error)}"


def fields_of(error: ValidationError) -> str:
    """The fields that a validation found wrong and how: ``name string_type, updatedAt datetime_from_date_parsing``."""
    faults: list[Any] = list(error.errors(include_input=False, include_context=False, include_url=False))
    named = [f"{_path(fault['loc'])} {fault['type']}" for fault in faults[:MAX_FIELDS]]
    return ", ".join(named) + (f" and {len(faults) - MAX_FIELDS} more" if len(faults) > MAX_FIELDS else "")


def readable_id(value: object) -> str:
    """An id as it may be logged; ``?`` for anything that could be something else.

    >>> readable_id("evt_01J9"), readable_id("Jane Doe <jane@partner.example>")
    ('evt_01J9', '?')
    """
    return value if isinstance(value, str) and _ID.fullmatch(value) else UNREADABLE_ID


def _path(location: tuple[str | int, ...]) -> str:
    # A key of the payload's own may be anything: only what looks like a field's name is repeated.
    parts = [str(part) for part in location]
    return ".".join(part if (part.isascii() and part.isidentifier()) or part.isdigit() else UNREADABLE_ID for part in parts)[:200] or "record"


def _place(error: Exception) -> str:
    """The innermost line of gridwix's own code that the exception passed through."""
    places = [(PurePath(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)]
    own = [(path, line) for path, line in places if "gridwix" in path.parts and path.stem != "record_faults"]
    if not own:
        return "?"
    path, line = own[-1]
    return f"{path.parent.name}/{path.stem}:{line}"
