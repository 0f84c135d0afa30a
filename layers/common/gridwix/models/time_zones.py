"""Time zones from the pinned ``tzdata`` package, the only source of time zones in gridwix. Pure.

``zoneinfo.ZoneInfo(name)`` prefers the files of the machine and uses the package only if there are
none, so the same code would compute other office hours on another machine. Here a zone is made from
the package's own file: ``PYTHONTZPATH`` and ``/usr/share/zoneinfo`` are ignored. The linter refuses
every other import of ``zoneinfo`` (``docs/adr/0013-one-source-of-time-zones.md``).
"""

from datetime import tzinfo
from functools import cache
from importlib import resources
from typing import Annotated
from zoneinfo import ZoneInfo  # noqa: TID251 - the one place

import tzdata
from pydantic import AfterValidator

VERSION: str = tzdata.IANA_VERSION
"""Release of IANA's time zone data, such as ``2026f``."""

PACKAGE_VERSION: str = tzdata.__version__
"""Version of the ``tzdata`` package, such as ``2026.6``."""


@cache
def zone_names() -> frozenset[str]:
    """Names of all time zones, such as ``America/Chicago``. Cached."""
    return frozenset((resources.files(tzdata) / "zones").read_text("utf-8").split())


@cache
def time_zone(name: str) -> tzinfo:
    """Return the time zone with this name; the same object on each call.

    Raises ValueError for an unknown name.

    >>> from datetime import UTC, datetime
    >>> moment = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
    >>> moment.astimezone(time_zone("America/Vancouver")).isoformat()
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
"""Name of a time zone, as configuration writes it. Validation fails for an unknown name."""
