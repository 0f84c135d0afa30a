"""Time zones from the pinned package ``tzdata``, never from the operating system. Pure.

``zoneinfo.ZoneInfo(name)`` prefers the operating system's files, so two machines could read the
same value as different times.
"""

from datetime import tzinfo
from functools import cache
from importlib import resources
from typing import Annotated
from zoneinfo import ZoneInfo  # noqa: TID251 - the one place of the gateway

import tzdata
from pydantic import AfterValidator


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all time zones, such as ``America/Chicago``. Cached."""
    return frozenset((resources.files(tzdata) / "zones").read_text("utf-8").split())


@cache
def time_zone(name: str) -> tzinfo:
    """Return the time zone with this name. Raises ValueError for an unknown name.

    >>> from datetime import UTC, datetime
    >>> datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone(time_zone("Europe/Berlin")).hour
    14
    """
    if name not in zone_names():
        raise ValueError("there is no such time zone; write one such as America/Chicago")
    with resources.files(tzdata).joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def _check_name(name: str) -> str:
    time_zone(name)
    return name


type ZoneName = Annotated[str, AfterValidator(_check_name)]
"""Name of a time zone in a declaration. Validation fails for an unknown name."""
