"""A bell in memory, which records what it was asked to announce."""

from dataclasses import dataclass, field
from threading import Lock

from gridwix.models.ids import CollectionId
from gridwix.publication.audiences import Audience


@dataclass
class FakeBell:
    """Implements ``PortalBell``, for any number of threads."""

    rings: list[tuple[CollectionId, Audience]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def ring(self, collection: CollectionId, audience: Audience) -> None:
        with self.lock:
            self.rings.append((collection, audience))

    def heard_by(self, partner: str) -> int:
        """Number of rings that this partner, or everybody, was to hear."""
        return sum(not audience.isdisjoint({partner, "everybody"}) for _, audience in self.rings)
