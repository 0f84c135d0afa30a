"""Environment variables of ``reconciler``."""

from pydantic import Field

from gridwix.runtime.settings import DocumentTableSettings, QueueSettings, RequestSettings


class ReconcilerSettings(RequestSettings, DocumentTableSettings, QueueSettings):
    """Settings of ``reconciler``.

    ``delete_guard_share`` (0 to 1) and ``delete_guard_allowed`` (rows) are the thresholds above
    which a run removes nothing: ``docs/functions/reconciler.md``. ``upload_days`` is the age in
    days from which an uploaded file is removed if no submission names it. A new submission cannot
    name such a file: the portal accepts only files that were uploaded in the last two days.
    """

    bus_name: str = Field(min_length=1)
    cursor_table: str = Field(min_length=1)
    handover_table: str = Field(min_length=1)
    report_bucket: str = Field(min_length=1)
    delete_guard_share: float = Field(default=0.2, ge=0, le=1)
    delete_guard_allowed: int = Field(default=10, ge=0)
    reconcile_rows_per_page: int = Field(default=500, ge=100, le=1000)
    upload_days: int = Field(default=7, ge=4)
    sweep_overlap_seconds: float = Field(default=120, ge=120)
