"""Settings that a member has chosen: language, quiet hours, and messages turned off. Pure.

The portal's backend writes them (``portal/backend/settings.js``), one row per setting::

    language                     de
    quietHours                   22:00-06:30 Europe/Berlin
    messages/<group>/<channel>   on, off

A missing row, and an empty value, mean the default. A setting that only another release knows is
ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, tzinfo

from gridwix.configuration.messaging import QuietHours
from gridwix.models.time_zones import time_zone

LANGUAGE, QUIET_HOURS, MESSAGES = "language", "quietHours", "messages/"
"""Names of settings; the last is a prefix, which group and channel follow."""

_LANGUAGE = re.compile(r"[a-z]{2}")
_CLOCK = r"((?:[01]\d|2[0-3]):[0-5]\d)"
_QUIET = re.compile(rf"{_CLOCK}-{_CLOCK} (\S{{1,100}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class QuietPeriod:
    """Hours in which a person gets no message, in the wall-clock time of a zone."""

    hours: QuietHours
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class MemberSettings:
    """Message settings of a member. The defaults are those of a member who has chosen nothing.

    ``language`` is "" for the language of the member's Wix contact. ``quiet`` is None without quiet
    hours of the member's own. ``turned_off`` holds group and channel of the messages that the
    member does not want.
    """

    language: str = ""
    quiet: QuietPeriod | None = None
    turned_off: frozenset[tuple[str, str]] = frozenset()


DEFAULTS = MemberSettings()


def parse_settings(values: Mapping[str, str]) -> MemberSettings:
    """Parse the stored settings of one member, given by name of the setting.

    >>> found = parse_settings({"language": "de", "messages/documents/email": "off"})
    >>> found.language, sorted(found.turned_off)
    ('de', [('documents', 'email')])

    Raises:
        ValueError: A value is malformed, or names an unknown time zone. The message names the
            setting and no value.
    """
    return MemberSettings(
        language=_parse_language(values.get(LANGUAGE, "")),
        quiet=_parse_quiet(values.get(QUIET_HOURS, "")),
        turned_off=frozenset(
            switch
            for name, value in values.items()
            if name.startswith(MESSAGES) and (switch := _turned_off(name, value)) is not None
        ),
    )


def _parse_language(value: str) -> str:
    if value and not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{LANGUAGE} is malformed")
    return value


def _parse_quiet(value: str) -> QuietPeriod | None:
    if not value:
        return None
    found = _QUIET.fullmatch(value)
    if found is None or found[1] == found[2]:
        raise ValueError(f"{QUIET_HOURS} is malformed")
    try:
        zone = time_zone(found[3])
    except ValueError:
        raise ValueError(f"{QUIET_HOURS} names no time zone") from None
    begins, ends = (time.fromisoformat(clock) for clock in (found[1], found[2]))
    return QuietPeriod(QuietHours(begins=begins, ends=ends), zone)


def _turned_off(name: str, value: str) -> tuple[str, str] | None:
    """Return group and channel of messages that a setting turns off; None if it is on."""
    if value not in ("on", "off", ""):
        raise ValueError(f"{MESSAGES} is malformed")
    group, _, channel = name.removeprefix(MESSAGES).partition("/")
    return (group, channel) if value == "off" else None
