"""Environment variables of ``transaction_monitor``."""

from pydantic import Field

from gridwix.runtime.settings import PollerSettings


class MonitorSettings(PollerSettings):
    """Settings of ``transaction_monitor``, which reads Lens.

    Lens, the transaction search of Trading Grid, shows some entries late. So each run begins
    ``lens_overlap_seconds`` before the end of the run before it, and reads each slice of time again
    when it is ``lens_late_hours`` old.
    """

    exception_table: str = Field(min_length=1)
    lens_overlap_seconds: float = Field(default=900, ge=60)
    lens_late_hours: float = Field(default=24, ge=1, le=24 * 14)
