"""Size and mixture of a workload: number of partners, events and members, and shares of each kind.
Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import cos, pi

DAY = 86_400.0

USUAL_QUOTA = 200
"""Calls in a minute that Wix grants each app (facts of Wix: 200 requests a minute)."""

SHARES: Mapping[str, float] = {
    "case": 0.40,
    "check": 0.14,
    "enrollment": 0.14,
    "partner": 0.08,
    "document": 0.06,
    "transaction": 0.05,
    "notice": 0.01,
    "program": 0.0005,
    "request": 0.03,
    "member": 0.02,
    "submission": 0.0695,
}
"""Share of the events that each kind of act has; the sum is 1."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Shares of webhook deliveries (0 to 1) that are lost, doubled, reordered, late or old."""

    lost: float = 0.02
    doubled: float = 0.03
    reordered: float = 0.05
    late: float = 0.02
    old: float = 0.001
    """sent with a time stamp of ten minutes ago, which has to be refused"""


CALM = Webhooks(lost=0.0, doubled=0.0, reordered=0.0, late=0.0, old=0.0)
"""Webhooks without faults: each arrives once, at once."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Size and mixture of a workload.

    ``per_minute`` is the mean rate of events, which the site's budget of 180 calls a minute can
    carry: most rows are written in bulk, files and messages are not. ``peak`` is the rate at noon
    as a multiple of the mean; at midnight it is ``2 - peak``. ``malformed`` is the share of changes
    that make a record unreadable until its next change.
    """

    partners: int = 100_000
    events: int = 1_000_000
    per_minute: float = 150.0
    peak: float = 1.8
    members: float = 0.3
    """Number of the site's members for each partner, at the beginning."""
    documents: float = 0.3
    """Number of documents for each partner, at the beginning."""
    library: int = 200
    """Number of documents of the shared library, at the beginning."""
    shares: Mapping[str, float] = field(default_factory=lambda: dict(SHARES))
    webhooks: Webhooks = Webhooks()
    malformed: float = 0.002
    giants: float = 0.02
    """Share of the events that make a record grow past every limit."""
    giant_comments: int = 500
    giant_updates: int = 200
    file_bytes: int = 2_000
    site_quota: int = USUAL_QUOTA
    """Calls of Wix that the site takes in a minute; nine tenths of them are the call budget."""
    calm_resync: float = 0.0
    """Seconds reserved for the first resync before traffic and storm begin; 0 lets all begin
    together.
    """

    @property
    def seconds(self) -> float:
        """Expected duration of the traffic, in virtual seconds."""
        return self.events / self.per_minute * 60


def small_world(partners: int = 10, events: int = 200) -> Shape:
    """Return a workload of some minutes, with giant records small enough to complete in that time.

    Args:
        partners: The number of partners.
        events: The number of events.
    """
    return Shape(
        partners=partners,
        events=events,
        per_minute=events / 20,
        members=1.0,
        documents=0.5,
        library=2,
        giant_comments=max(10, events // 10),
        giant_updates=max(10, events // 20),
    )


DENSE_SHARES: Mapping[str, float] = {
    "case": 0.5784,
    "check": 0.16,
    "enrollment": 0.16,
    "partner": 0.04,
    "document": 0.002,
    "transaction": 0.02,
    "notice": 0.0005,
    "program": 0.0001,
    "request": 0.02,
    "member": 0.005,
    "submission": 0.014,
}
"""Shares of a dense workload. Files and messages to members take calls of the site each, and the
site's budget would decide how long the workload takes."""


def full_size() -> Shape:
    """Return a workload of a million events over 100,000 partners, on a site whose quota has been
    raised for them.

    The first resync of all partners ends before the storm begins. Its half million messages would
    else circulate for hours beside the traffic, and most of the run would be theirs. Each shared
    document and each notice lists all partners, so they come as seldom as such a hub publishes
    some: a few hundred times a day.

    1,500 calls a minute are what Wix has long granted for writes, before any increase
    (https://dev.wix.com/docs/develop-websites/articles/databases/wix-data/understanding-wix-data-quotas).
    """
    return Shape(
        per_minute=900.0,
        peak=1.2,
        members=0.05,
        documents=0.02,
        library=20,
        shares={**DENSE_SHARES, "case": 0.5803, "document": 0.0005, "notice": 0.0001},
        malformed=0.001,
        giants=0.002,
        site_quota=1_500,
        calm_resync=2 * 3_600.0,
    )


def short_form() -> Shape:
    """Return a workload for two minutes of real time, with every kind of act in it."""
    return Shape(
        partners=200,
        events=3_000,
        per_minute=300.0,
        peak=1.0,
        members=0.3,
        documents=0.05,
        library=5,
        shares={
            **DENSE_SHARES,
            "case": 0.5284,
            "submission": 0.044,
            "document": 0.012,
            "member": 0.015,
        },
        malformed=0.003,
        giants=0.01,
        giant_comments=250,
        giant_updates=100,
    )


def rate_at(shape: Shape, when: float) -> float:
    """Return the events per second at a Unix time: a curve with its maximum at noon (UTC).

    Args:
        shape: The workload.
        when: Unix seconds.
    """
    curve = 1 - (shape.peak - 1) * cos(2 * pi * (when % DAY) / DAY)
    return shape.per_minute / 60 * max(curve, 0.02)
