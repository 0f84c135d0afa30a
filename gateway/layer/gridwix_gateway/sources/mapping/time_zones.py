"""Time zones from the pinned ``tzdata`` package, never from the machine. Pure.

``zoneinfo.ZoneInfo(name)`` prefers the files of the machine, so the same file could be read as
another time elsewhere. Here a zone is made from the package's own file.
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
    """Names of all time zones, such as ``America/Chicago``. Cached."""
    return frozenset((resources.files(tzdata) / "zones").read_text("utf-8").split())


@cache
def time_zone(name: str) -> tzinfo:
    """Time zone with this name. Raises ValueError for an unknown name.

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
"""Name of a time zone, as a declaration writes it. Validation fails for an unknown name."""
