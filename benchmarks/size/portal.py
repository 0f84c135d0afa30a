"""A model of a Wix site that accepts every write, keeps nothing, and returns generated rows."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
import orjson

from gridwix.clients.http import new_client
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.codec import encode
from gridwix.models.wix import DataItem

DRIFTED_EVERY = 1000
"""One in this number of rows was edited by hand, and differs from its record."""

EDITED = "editedByHand"


class CountingBudget:
    """A call budget that grants each call. ``calls`` counts them."""

    def __init__(self) -> None:
        self.calls = 0

    def take(self, calls: int = 1) -> float:
        self.calls += calls
        return 0.0

    def exhaust(self, seconds: float) -> None:
        raise AssertionError(f"the portal never asks for a pause, {seconds} s")


class Portal:
    """Answers the requests of gridwix's Wix client.

    Args:
        rows: Number of rows.
        items: Returns the items of some rows, by their numbers.
    """

    def __init__(
        self,
        rows: int = 0,
        items: Callable[[Sequence[int]], Sequence[DataItem]] = lambda _: (),
    ) -> None:
        self._rows, self._items = rows, items
        self.calls: Counter[str] = Counter()
        self.written = 0
        self.largest_row = 0
        self.budget = CountingBudget()

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request to Wix."""
        path = request.url.path.removeprefix("/wix-data/v2/")
        self.calls[path] += 1
        body = orjson.loads(request.content)
        if path == "items/query":
            return _answer({"dataItems": self._shown(body["query"]), "pagingMetadata": {}})
        items = body.get("dataItems") or body.get("dataItemIds") or []
        ids = [one if isinstance(one, str) else one["id"] for one in items]
        if path == "bulk/items/save":
            self.largest_row = max(self.largest_row, *(len(orjson.dumps(one)) for one in items))
        self.written += len(ids)
        results = [
            {"itemMetadata": {"id": one, "originalIndex": index, "success": True}}
            for index, one in enumerate(ids)
        ]
        return _answer({"results": results})

    def client(self) -> WixClient:
        """Return the functions' own client, connected to this model of Wix."""
        return WixClient(
            new_client(transport=httpx.MockTransport(self.respond)),
            wix_auth({"apiKey": "key"}, "site"),
            self.budget,
            base_url="https://wix.example",
        )

    def _shown(self, query: Mapping[str, Any]) -> list[Any]:
        bounds = query["filter"].get("_id", {})
        first = int(bounds["$gt"][-10:]) + 1 if "$gt" in bounds else 0
        last = int(bounds["$lte"][-10:]) if "$lte" in bounds else self._rows - 1
        limit = query["paging"]["limit"]
        numbers = range(first, last + 1)[:limit]
        found = []
        for number, item in zip(numbers, self._items(numbers), strict=True):
            data = {**item.data, "_id": item.id}
            if number % DRIFTED_EVERY == DRIFTED_EVERY - 1:
                data |= dict.fromkeys(list(item.data)[:1], EDITED)
            found.append(orjson.loads(encode({"id": item.id, "data": data})))
        return found


def _answer(body: Mapping[str, Any]) -> httpx.Response:
    return httpx.Response(
        200, content=orjson.dumps(body), headers={"Content-Type": "application/json"}
    )
