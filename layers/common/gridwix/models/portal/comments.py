"""Public comments, as entries of rows."""

from datetime import datetime

from gridwix.models.portal.rows import RowModel


class ShownComment(RowModel):
    """A public comment. ``author`` says which side wrote, never who: partner or hub. ``text`` is plain text; ``shortened`` if its end is missing."""

    author: str
    text: str
    created_at: datetime
    shortened: bool | None = None
