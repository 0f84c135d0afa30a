"""Environment variables of ``transaction_monitor``."""

from pydantic import Field

from gridwix.runtime.settings import PollerSettings


class MonitorSettings(PollerSettings):
    """Settings of ``transaction_monitor``, which reads the entries of the Lens search.

    Each run looks back by ``lens_overlap_seconds`` from the end of the run before it. It reads
    entries again when they are ``lens_late_hours`` old, for those that Lens showed late.
    """

    exception_table: str = Field(min_length=1)
    lens_overlap_seconds: float = Field(default=900, ge=60)
    lens_late_hours: float = Field(default=24, ge=1, le=24 * 14)
