"""Types for times of day and calendar days in ``config/``: one notation, never a number. Pure.

YAML 1.1 reads an unquoted ``17:00`` as the number 1020, and pydantic takes a number for seconds in
UTC. So ``opens: 17:00`` used to become a time in another zone.
"""

import re
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _parse_time(value: Any) -> time:
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, str) and _CLOCK.fullmatch(value):
        return time.fromisoformat(value)
    raise PydanticCustomError("wall_clock", "this is no time of day")


def _parse_day(value: Any) -> date:
    # datetime is a subclass of date, but is no calendar day.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("calendar_day", "there is no such day in the calendar")


type WallClock = Annotated[time, BeforeValidator(_parse_time)]
"""Time of day without a time zone: ``08:00`` or ``08:00:00``, from ``00:00`` to ``23:59:59``."""

type CalendarDay = Annotated[date, BeforeValidator(_parse_day)]
"""Existing day of the calendar: ``2026-11-26``."""
