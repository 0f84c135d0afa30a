"""Client for the control API of a running emulator, under ``/__emulator``."""

from collections.abc import Mapping
from typing import Any

import httpx

from ops.waiting import STANDSTILL


class Emulator:
    """Client for the control API of one running emulator, of Trading Grid or Wix.

    ``http`` sends the calls; None opens a new connection for each call. Raises httpx's errors: if
    an emulator fails, the test or the demo that started it cannot continue.
    """

    def __init__(self, url: str, http: httpx.Client | None = None) -> None:
        self.url = url
        self._http = http

    def info(self) -> dict[str, Any]:
        """Return the made-up ids and credentials with which a client can call the emulator."""
        return self.read("info")

    def requests(self, since: float = 0.0) -> list[dict[str, Any]]:
        """Return the requests that the emulator has answered since a time, oldest first.

        ``since`` is in Unix seconds.
        """
        return [entry for entry in self.read("journal")["entries"] if entry["at"] >= since]

    def underway(self) -> int:
        """Return the number of calls that the emulator makes now, or will make within 30 seconds.

        These are webhooks and calls of automations.
        """
        return int(self.read("underway")["calls"])

    def writes(self, collection: str, after: int = 0) -> list[dict[str, Any]]:
        """Return the writes to a collection after write number ``after`` (Wix emulator)."""
        answer = self.read("writes", collection=collection, after=after)
        found: list[dict[str, Any]] = answer["writes"]
        return found

    def read(self, path: str, **params: str | int) -> dict[str, Any]:
        """Send a GET request to a path under ``/__emulator``; return the response's JSON object."""
        return self._call("GET", path, params=params)

    def order(self, path: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Send a POST request to a path under ``/__emulator``; return the response's JSON object.

        Such a request changes a record, for example.
        """
        return self._call("POST", path, json=dict(wish))

    def clear(self, path: str) -> dict[str, Any]:
        """Send a DELETE request to a path under ``/__emulator``; return the response's JSON object.

        The path names the journal, the faults, or one entity. Without a body, the object is empty.
        """
        return self._call("DELETE", path)

    def _call(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        request = httpx.request if self._http is None else self._http.request
        answer = request(method, f"{self.url}/__emulator/{path}", timeout=STANDSTILL, **content)
        answer.raise_for_status()
        # DELETE responds with 204 and no body.
        document: dict[str, Any] = answer.json() if answer.content else {}
        return document
