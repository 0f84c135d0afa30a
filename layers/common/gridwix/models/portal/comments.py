"""Public comments, as entries of rows."""

from datetime import datetime

from gridwix.models.portal.rows import RowModel


class ShownComment(RowModel):
    """A public comment. ``author`` is the side that wrote it (partner or hub), never a person.
    ``author`` and ``created_at`` are None if Trading Grid does not say.

    ``text`` is plain text; ``shortened`` is true if its end is missing.
    """

    author: str | None = None
    text: str
    created_at: datetime | None = None
    shortened: bool | None = None
