"""Adds the release of the IANA time zone database to the metrics line of each invocation.

``gridwix doctor`` reads the release from there.
"""

from gridwix.models.time_zones import VERSION
from gridwix.runtime.observability import metrics

MEMBER = "time_zones"
"""Member of a metrics line (CloudWatch embedded metric format) with the release, such as ``2026f``.

It is metadata and no dimension, so it adds no metric to the bill.
"""


def report_time_zones() -> None:
    """Add the release of the time zone database to this invocation's metrics line."""
    metrics.add_metadata(key=MEMBER, value=VERSION)
