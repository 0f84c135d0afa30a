"""Talking to a running emulator about itself, over its ``/__emulator`` routes."""

from collections.abc import Mapping
from typing import Any

import httpx


class Emulator:
    """One emulator. Raises httpx's errors: if an emulator fails, what it was started for is broken."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url
        self._http = http

    def info(self) -> dict[str, Any]:
        """What a client needs to reach it: ids and credentials, all of them made up."""
        return self._get("info")

    def requests(self, since: float = 0.0) -> list[dict[str, Any]]:
        """The requests that it has answered since then (Unix seconds), oldest first."""
        return [entry for entry in self._get("journal")["entries"] if entry["at"] >= since]

    def underway(self) -> int:
        """How many webhooks and other calls of its own are to be made within the next half minute, or are being made."""
        return int(self._get("underway")["calls"])

    def writes(self, collection: str, after: int = 0) -> list[dict[str, Any]]:
        """Every write to a collection after the write of that number (the Wix emulator)."""
        found: list[dict[str, Any]] = self._get("writes", collection=collection, after=after)["writes"]
        return found

    def order(self, path: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Have something happen in it, under ``/__emulator``."""
        answer = self._http.post(f"{self.url}/__emulator/{path}", json=dict(wish))
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document

    def _get(self, path: str, **params: str | int) -> dict[str, Any]:
        answer = self._http.get(f"{self.url}/__emulator/{path}", params=params)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document
