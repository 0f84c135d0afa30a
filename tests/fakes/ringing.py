"""The ringer's ports in memory: the numbers, the site, and the own queue."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gridwix.errors import GridwixError
from gridwix.models.portal.sections import Section
from gridwix.portal_ringer.messages import RingMessage
from gridwix.portal_ringer.rings import Rings


@dataclass
class FakeNumbers:
    """Implements ``ChangeNumbers``. ``errors`` are raised, one per call, before anything is
    counted. ``refused`` are partners whose numbers Wix refuses.
    """

    rows: dict[str, dict[Section, int]] = field(default_factory=lambda: defaultdict(dict))
    errors: list[GridwixError] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    calls: int = 0

    def increase(
        self, changes: Mapping[str, Collection[Section]]
    ) -> Mapping[str, Mapping[Section, int]]:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        changes = {name: changes[name] for name in changes.keys() - self.refused}
        for reader, sections in changes.items():
            for section in sections:
                self.rows[reader][section] = self.rows[reader].get(section, 0) + 1
        return {
            reader: {section: self.rows[reader][section] for section in sections}
            for reader, sections in changes.items()
        }


@dataclass
class FakeSite:
    """Implements ``RingSite``. An entry of ``errors`` is raised by the next call, None by none.

    ``heard`` is the greatest number of each section that a page would know.
    """

    requests: list[Rings] = field(default_factory=list)
    errors: list[GridwixError | None] = field(default_factory=list)
    unpublished: int = 0
    heard: dict[str, dict[Section, int]] = field(default_factory=lambda: defaultdict(dict))

    def ring(self, rings: Rings) -> int:
        self.requests.append(rings)
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error
        for reader, numbers in rings.items():
            for section, number in numbers.items():
                self.heard[reader][section] = max(self.heard[reader].get(section, 0), number)
        return self.unpublished


@dataclass
class FakeRepeats:
    """Implements ``RepeatQueue``. ``errors`` are raised, one per message."""

    sent: list[tuple[RingMessage, int]] = field(default_factory=list)
    errors: list[GridwixError | None] = field(default_factory=list)

    def send(self, message: RingMessage, *, delay: int) -> None:
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error
        self.sent.append((message, delay))
