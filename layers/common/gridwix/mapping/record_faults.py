"""Isolation of record faults: an error in one record never stops the others. Pure."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from traceback import walk_tb
from typing import Any

from pydantic import ValidationError

from gridwix.errors import GridwixError, RecordFault

MAX_FIELDS = 5
"""Maximum number of fields that the reason of a record fault names."""

UNREADABLE_ID = "?"
"""Placeholder for an id that is not safe to log."""

_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")


@contextmanager
def confine_to_record(
    record: str, owner: str = "", *, passing: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Raise RecordFault in place of any exception that is not gridwix's own (context manager).

    Unforeseen data of a record can cause any exception, so every ``Exception`` in the ``with``
    block is replaced. The reason of the RecordFault contains the exception's class and the code
    location, and no value.

    >>> with confine_to_record("cases/7"):
    ...     int("seven")
    Traceback (most recent call last):
        ...
    gridwix.errors.RecordFault: cases/7 is malformed: ValueError in ?

    Args:
        record: the name of the record (``collection/id``).
        owner: the owner of the record, see :class:`gridwix.errors.RecordFault`.
        passing: exceptions that are raised unchanged, as are those of :mod:`gridwix.errors`.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (GridwixError, *passing)):
            raise
        raise RecordFault(record, reason_of(error), owner=owner) from None


def reason_of(error: Exception) -> str:
    """Describe an exception as the reason of a record fault.

    Contains no value, so it is safe to log.

    Examples: ``name string_type, version missing``, and ``KeyError in
    status_publisher/projection:88``.

    >>> reason_of(KeyError("secret"))
    'KeyError in ?'
    """
    return (
        fields_of(error)
        if isinstance(error, ValidationError)
        else f"{type(error).__name__} in {_code_location(error)}"
    )


def fields_of(error: ValidationError) -> str:
    """List the fields that failed validation, each with its error type.

    >>> from gridwix.models.trading_grid.cases import Team
    >>> try: Team.model_validate({"key": 7})
    ... except ValidationError as error: print(fields_of(error))
    key string_type
    """
    faults: list[Any] = list(
        error.errors(include_input=False, include_context=False, include_url=False)
    )
    named = [f"{_field_path(fault['loc'])} {fault['type']}" for fault in faults[:MAX_FIELDS]]
    return ", ".join(named) + (
        f" and {len(faults) - MAX_FIELDS} more" if len(faults) > MAX_FIELDS else ""
    )


def readable_id(value: object) -> str:
    """Return an id if it is safe to log, else ``?``. A malformed id could contain anything.

    >>> readable_id("evt_01J9"), readable_id("Jane Doe <jane@partner.example>")
    ('evt_01J9', '?')
    """
    return value if isinstance(value, str) and _ID.fullmatch(value) else UNREADABLE_ID


def _field_path(location: tuple[str | int, ...]) -> str:
    # A key of the payload may contain personal data, so only identifiers are repeated.
    parts = [str(part) for part in location]
    return (
        ".".join(
            part if (part.isascii() and part.isidentifier()) or part.isdigit() else UNREADABLE_ID
            for part in parts
        )[:200]
        or "record"
    )


def _code_location(error: Exception) -> str:
    """Return the innermost line of gridwix's code that an exception passed through, or "?"."""
    places = [
        (PurePath(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)
    ]
    own = [
        (path, line)
        for path, line in places
        if "gridwix" in path.parts and path.stem != "record_faults"
    ]
    if not own:
        return "?"
    path, line = own[-1]
    return f"{path.parent.name}/{path.stem}:{line}"
