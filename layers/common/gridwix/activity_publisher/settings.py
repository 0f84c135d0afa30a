"""Environment variables of ``activity_publisher``."""

from pydantic import Field

from gridwix.runtime.settings import PublisherSettings, QueueSettings


class ActivitySettings(PublisherSettings, QueueSettings):
    """Settings of ``activity_publisher``.

    ``report_bucket`` holds the document counts and the index, which names the counts of each hour
    and day. ``cursor_table`` stores the name of the current index.
    """

    cursor_table: str = Field(min_length=1)
    report_bucket: str = Field(min_length=1)
