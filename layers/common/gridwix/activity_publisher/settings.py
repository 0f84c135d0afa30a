"""Environment variables of ``activity_publisher``."""

from pydantic import Field

from gridwix.runtime.settings import PublisherSettings, QueueSettings


class ActivitySettings(PublisherSettings, QueueSettings):
    """Settings of ``activity_publisher``.

    ``cursor_table`` stores which index is current; ``report_bucket`` holds it, with the counts.
    """

    cursor_table: str = Field(min_length=1)
    report_bucket: str = Field(min_length=1)
