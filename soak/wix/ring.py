"""The ring function of the site's backend, which notifies open pages of changed rows."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import orjson

from soak.kernel.edges import Fault
from soak.wix.refusals import WixRefusal
from soak.wix.store import Row

PATH = "/_functions/gridwixRing"


class RingEndpoint:
    """Model of the ring function: counts the rings that it publishes. Signatures are not verified.

    Args:
        random: Chooses how many rings fail with the fault PARTIAL.
    """

    def __init__(self, random: Random) -> None:
        self.requests = 0
        self.published: dict[str, int] = {}
        """Number of published rings by resource, such as ``partner/GC1`` or ``everybody``."""
        self.numbers: dict[str, dict[str, int]] = {}
        """The last published numbers of sections, by resource."""
        self.on_ring: list[Callable[[str, Mapping[str, int]], None]] = []
        """Listeners to each published ring: resource, numbers by section."""
        self._random = random

    def answer(self, path: str, body: bytes, fault: Fault | None) -> Row:
        """Return the response to a request; with the fault PARTIAL, some of its rings fail."""
        if path != PATH:
            raise WixRefusal("NOT_FOUND", "There is no such function")
        order: Any = orjson.loads(body)
        self.requests += 1
        if order["type"] == "gridwix.check":
            return {"version": 1, "stranger": {"read": False}, "unlinked": {"read": False}}
        rings = order["rings"]
        heard = self._random.randrange(len(rings)) if fault is Fault.PARTIAL else len(rings)
        for ring in rings[:heard]:
            resource, numbers = ring["resource"], ring["numbers"]
            self.published[resource] = self.published.get(resource, 0) + 1
            self.numbers[resource] = {**self.numbers.get(resource, {}), **numbers}
            for listener in self.on_ring:
                listener(resource, numbers)
        return {"published": heard, "failed": len(rings) - heard}
