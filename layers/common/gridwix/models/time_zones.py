"""Time zones from the pinned ``tzdata`` package, the only source of time zones in gridwix. Pure.

``zoneinfo.ZoneInfo(name)`` takes the machine's files first and the package only where there are none, so that the same code gives other office hours on another
machine. Here a zone is made from the package's own file: neither ``PYTHONTZPATH`` nor ``/usr/share/zoneinfo`` has a say. The linter refuses every other
import of ``zoneinfo`` (``docs/adr/0013-one-source-of-time-zones.md``).
"""

from datetime import tzinfo
from functools import cache
from importlib import resources
from typing import Annotated
from zoneinfo import ZoneInfo  # noqa: TID251 - the one place

import tzdata
from pydantic import AfterValidator

VERSION: str = tzdata.IANA_VERSION
"""The release of IANA's data, such as ``2026f``."""

PACKAGE_VERSION: str = tzdata.__version__
"""The version of the package that holds it, such as ``2026.6``."""


@cache
def zone_names() -> frozenset[str]:
    """The names of all time zones that there are, such as ``America/Chicago``."""
    return frozenset((resources.files(tzdata) / "zones").read_text("utf-8").split())


@cache
def time_zone(name: str) -> tzinfo:
    """The time zone of that name; the same object each time. Raises ValueError if there is none.

    >>> from datetime import UTC, datetime
    >>> datetime(2026, 11, 30, 15, 30, tzinfo=UTC).astimezone(time_zone("America/Vancouver")).isoformat()
    '2026-11-30T08:30:00-07:00'
    """
    if name not in zone_names():
        raise ValueError("there is no such time zone; write one such as America/Chicago")
    with resources.files(tzdata).joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def _check_name(name: str) -> str:
    time_zone(name)
    return name


type ZoneName = Annotated[str, AfterValidator(_check_name)]
"""A time zone's name, as configuration has it."""
