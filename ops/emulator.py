"""Talking to a running emulator about itself, over its ``/__emulator`` routes."""

from collections.abc import Mapping
from typing import Any

import httpx

from ops.waiting import STANDSTILL


class Emulator:
    """One emulator, called over ``http`` or a connection for each call. Raises httpx's errors: if an emulator fails, what it was started for is broken."""

    def __init__(self, url: str, http: httpx.Client | None = None) -> None:
        self.url = url
        self._http = http

    def info(self) -> dict[str, Any]:
        """What a client needs to reach it: ids and credentials, all of them made up."""
        return self.read("info")

    def requests(self, since: float = 0.0) -> list[dict[str, Any]]:
        """The requests that it has answered since then (Unix seconds), oldest first."""
        return [entry for entry in self.read("journal")["entries"] if entry["at"] >= since]

    def underway(self) -> int:
        """How many webhooks and other calls of its own are to be made within the next half minute, or are being made."""
        return int(self.read("underway")["calls"])

    def writes(self, collection: str, after: int = 0) -> list[dict[str, Any]]:
        """Every write to a collection after the write of that number (the Wix emulator)."""
        found: list[dict[str, Any]] = self.read("writes", collection=collection, after=after)["writes"]
        return found

    def read(self, path: str, **params: str | int) -> dict[str, Any]:
        """What it says of itself under ``/__emulator``."""
        return self._call("GET", path, params=params)

    def order(self, path: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Have something happen in it, under ``/__emulator``."""
        return self._call("POST", path, json=dict(wish))

    def clear(self, path: str) -> dict[str, Any]:
        """Have it forget something, under ``/__emulator``: the journal, the faults, one entity."""
        return self._call("DELETE", path)

    def _call(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        request = httpx.request if self._http is None else self._http.request
        answer = request(method, f"{self.url}/__emulator/{path}", timeout=STANDSTILL, **content)
        answer.raise_for_status()
        # What is removed is answered with 204 and no body.
        document: dict[str, Any] = answer.json() if answer.content else {}
        return document
