"""Which release of IANA's time zones a function runs with, beside its metrics: ``gridwix doctor`` reads it from the log."""

from gridwix.models.time_zones import VERSION
from gridwix.runtime.observability import metrics

MEMBER = "timeZones"
"""The member of a metrics line (CloudWatch embedded metric format) that holds the release, such as ``2026f``. It is no dimension, so it costs no metric."""


def report_time_zones() -> None:
    """Add the release to this invocation's metrics line."""
    metrics.add_metadata(key=MEMBER, value=VERSION)
