"""Cache of secrets, so that a request does not wait for Secrets Manager.

The module imports little, because the webhook functions need a fast cold start.

It does not use ``parameters`` of Powertools, which has no stale copy to fall back on while Secrets
Manager fails, has no rate limit on forced fetches, and imports boto3.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gridwix.errors import ConfigurationError, NotFound, UpstreamError

MAX_STALE = 3600.0
"""Maximum age, in seconds, of a cached secret that is served while fetching fails."""

FETCH_INTERVAL = 30.0
"""Minimum time, in seconds, between two fetches of a secret that is cached already: a rate limit.
"""


@dataclass(slots=True)
class _CachedSecret:
    value: Mapping[str, Any]
    fetched_at: float
    tried_at: float


class SecretCache:
    """Caches secrets, which are JSON objects, by name. Not thread-safe.

    Serves a stale copy, up to an hour old, while fetching fails.

    Args:
        fetch: Reads the text of a secret by its name.
        clock: Returns Unix seconds.
        max_age: Age, in seconds, up to which a secret is served without a fetch.
    """

    def __init__(
        self, fetch: Callable[[str], str], clock: Callable[[], float], *, max_age: float = 300.0
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._max_age = max_age
        self._cache: dict[str, _CachedSecret] = {}

    def get(self, name: str) -> Mapping[str, Any]:
        """Return a secret, at most ``max_age`` old, or up to an hour old while fetching fails.

        Errors contain no part of the secret.

        Raises:
            ConfigurationError: There is no such secret, or its text is not a JSON object.
            UpstreamError: AWS failed, and no cached copy is fresh enough.
        """
        return self._current_value(name, self._max_age)

    def refresh(self, name: str) -> Mapping[str, Any]:
        """Fetch a secret again, unless a fetch was tried in the last 30 s, and return it.

        For a caller with a cached secret that no longer works, for example after a rotation. Apart
        from the maximum age, it works like ``get``.
        """
        return self._current_value(name, 0.0)

    def _current_value(self, name: str, max_age: float) -> Mapping[str, Any]:
        now = self._clock()
        cached = self._cache.get(name)
        if cached is None:
            value = self._read_secret(name)
            self._cache[name] = _CachedSecret(value, now, now)
            return value
        age = now - cached.fetched_at
        # Within FETCH_INTERVAL of a failed fetch a stale copy serves, so an outage costs few calls.
        if age < max_age or (now - cached.tried_at < FETCH_INTERVAL and age < MAX_STALE):
            return cached.value
        cached.tried_at = now
        try:
            cached.value = self._read_secret(name)
        except (UpstreamError, ConfigurationError):
            if age >= MAX_STALE:
                raise
        else:
            cached.fetched_at = now
        return cached.value

    def _read_secret(self, name: str) -> Mapping[str, Any]:
        try:
            text = self._fetch(name)
        except NotFound as error:
            raise ConfigurationError(
                "does not exist, or has no value",
                secret=name,
                remedy="store one with `gridwix secret set`",
            ) from error
        value = _parse_json(text)
        if not isinstance(value, dict):
            raise ConfigurationError(
                "is not a JSON object",
                secret=name,
                remedy="store it again with `gridwix secret set`",
            )
        return value


def _parse_json(text: str) -> Any:
    # The parser's error carries the text, so it must not become the context of another.
    try:
        return json.loads(text)
    except ValueError:
        return None
