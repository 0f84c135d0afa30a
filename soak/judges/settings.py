"""The settings of ``config/`` that the judges need, read as data and not by the product's code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo  # noqa: TID251 - the judges share no code with the product

import yaml


@dataclass(frozen=True, slots=True)
class Campaign:
    """The rule of one kind of message. ``when`` is the condition on the record."""

    key: str
    events: frozenset[str]
    when: Mapping[str, frozenset[str]]
    roles: frozenset[str]
    channels: tuple[str, ...]
    quiet: bool
    digest: bool
    optional: bool
    after_hours: tuple[int, ...]
    ahead: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours in wall-clock time; they begin in the evening or end the same day."""

    begins: time
    ends: time

    def covers(self, at: float, zone: ZoneInfo) -> bool:
        """Return True if a time lies in the quiet hours: the start does, the end does not.

        Args:
            at: Unix seconds.
            zone: The time zone that counts.
        """
        clock = datetime.fromtimestamp(at, UTC).astimezone(zone).time()
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration in effect, as far as the judges need it.

    ``hub_rules`` are the case rules with a next step that the hub has to take.
    """

    regions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hub_rules: frozenset[str] = frozenset()
    quiet: Quiet | None = None
    zones: Mapping[str, str] = field(default_factory=dict)
    partner_zones: Mapping[str, str] = field(default_factory=dict)
    default_zone: str = "UTC"
    campaigns: Mapping[str, Campaign] = field(default_factory=dict)

    def zone_of(self, partner_id: str, country: str) -> ZoneInfo:
        """Return a partner's time zone: its own, else its country's, else the default."""
        return ZoneInfo(
            self.partner_zones.get(partner_id) or self.zones.get(country) or self.default_zone
        )


@cache
def read_settings(folder: Path) -> Settings:
    """Read the configuration of a folder such as ``config/``.

    Raises:
        OSError: A file is missing.
        KeyError: A file does not say what it must.
    """
    messaging = _read(folder / "messaging.yaml")
    quiet = messaging.get("quiet_hours")
    return Settings(
        regions={
            name: frozenset(countries)
            for name, countries in _read(folder / "audiences.yaml")["regions"].items()
        },
        hub_rules=frozenset(
            rule["key"]
            for rule in _read(folder / "case_rules.yaml")["rules"]
            if rule.get("next_step_owner") == "hub"
        ),
        quiet=parse_quiet(quiet["begins"], quiet["ends"]) if quiet else None,
        zones=messaging.get("time_zones") or {},
        partner_zones=messaging.get("partners") or {},
        default_zone=messaging["default_time_zone"],
        campaigns={
            path.stem: _campaign(path.stem, _read(path))
            for path in sorted((folder / "campaigns").glob("*.yaml"))
        },
    )


def parse_quiet(begins: str, ends: str) -> Quiet:
    """Return quiet hours from two wall-clock times such as ``20:00``."""
    return Quiet(time.fromisoformat(begins), time.fromisoformat(ends))


def _campaign(key: str, given: Mapping[str, Any]) -> Campaign:
    trigger = given["trigger"]
    return Campaign(
        key=key,
        events=frozenset(trigger["events"]),
        when={name: frozenset(values) for name, values in trigger.get("when", {}).items()},
        roles=frozenset(given.get("audience", {}).get("roles", ())),
        channels=tuple(given["channels"]),
        quiet=given.get("quiet_hours", True),
        digest=given.get("digest", False),
        optional=given.get("optional", False),
        after_hours=tuple(trigger.get("after_hours", ())),
        ahead=tuple(trigger.get("ahead", {}).get("days", ())),
    )


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
