"""Environment variables of ``activity_publisher``."""

from pydantic import Field

from gridwix.runtime.settings import PublisherSettings, QueueSettings


class ActivitySettings(PublisherSettings, QueueSettings):
    """Settings of ``activity_publisher``.

    ``cursor_table`` stores the name of the current index; ``report_bucket`` holds the index and the
    counts.
    """

    cursor_table: str = Field(min_length=1)
    report_bucket: str = Field(min_length=1)
