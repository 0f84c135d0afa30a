"""Secrets, kept for a while so that a call does not wait for Secrets Manager. Imports little, for it also runs at the edge.

Powertools' ``parameters`` is not used: it has no copy to fall back on while Secrets Manager fails, no bound on forced fetches, and pulls in boto3.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gridwix.errors import ConfigurationError, NotFound, UpstreamError

MAX_STALE = 3600.0
"""Age in seconds up to which a kept secret is served while fetching fails."""

FETCH_INTERVAL = 30.0
"""Least time in seconds between two fetches of a secret that is kept."""


@dataclass(slots=True)
class _Kept:
    value: Mapping[str, Any]
    fetched_at: float
    tried_at: float


class SecretCache:
    """Secrets that are JSON objects, by name. ``fetch`` reads the text of a secret; ``max_age`` is in seconds. Not for sharing between threads."""

    def __init__(self, fetch: Callable[[str], str], clock: Callable[[], float], *, max_age: float = 300.0) -> None:
        self._fetch = fetch
        self._clock = clock
        self._max_age = max_age
        self._kept: dict[str, _Kept] = {}

    def get(self, name: str) -> Mapping[str, Any]:
        """The secret, at most ``max_age`` old, or up to an hour old while it cannot be fetched.

        Raises ConfigurationError if there is no such secret or it is not a JSON object, and UpstreamError if AWS fails and no copy is fresh enough. No error
        holds any of the content.
        """
        return self._current(name, self._max_age)

    def refresh(self, name: str) -> Mapping[str, Any]:
        """The secret, fetched again unless that was tried in the last 30 s: for a caller whose secret has stopped working. Otherwise as ``get``."""
        return self._current(name, 0.0)

    def _current(self, name: str, max_age: float) -> Mapping[str, Any]:
        now = self._clock()
        kept = self._kept.get(name)
        if kept is None:
            value = self._read(name)
            self._kept[name] = _Kept(value, now, now)
            return value
        age = now - kept.fetched_at
        if age < max_age or (now - kept.tried_at < FETCH_INTERVAL and age < MAX_STALE):
            return kept.value
        kept.tried_at = now
        try:
            kept.value = self._read(name)
        except (UpstreamError, ConfigurationError):
            if age >= MAX_STALE:
                raise
        else:
            kept.fetched_at = now
        return kept.value

    def _read(self, name: str) -> Mapping[str, Any]:
        try:
            text = self._fetch(name)
        except NotFound as error:
            raise ConfigurationError(f"there is no secret {name}") from error
        value = _parsed(text)
        if not isinstance(value, dict):
            raise ConfigurationError(f"secret {name} is not a JSON object")
        return value


def _parsed(text: str) -> Any:
    # The error of the parser carries the text, so it must not become the context of another.
    try:
        return json.loads(text)
    except ValueError:
        return None
