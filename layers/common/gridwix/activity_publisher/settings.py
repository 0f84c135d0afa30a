"""Environment variables of ``activity_publisher``."""

from pydantic import Field

from gridwix.runtime.settings import PublisherSettings, QueueSettings


class ActivitySettings(PublisherSettings, QueueSettings):
    """Settings of ``activity_publisher``.

    ``report_bucket`` holds the objects with the document counts of each hour and day, and the index
    object, which names all of them. ``cursor_table`` stores the name of the current index object.
    """

    cursor_table: str = Field(min_length=1)
    report_bucket: str = Field(min_length=1)
