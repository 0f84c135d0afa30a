"""Model of a public comment in the portal's rows of issues and requests."""

from datetime import datetime
from typing import Annotated

from gridwix.models.ids import EntityId
from gridwix.models.portal.rows import ByPeople, RowModel


class ShownComment(RowModel):
    """A public comment as the portal shows it.

    ``author`` is the side that wrote it (partner or hub), never a person. ``author`` and
    ``created_at`` are None if Trading Grid does not state them.

    ``text`` is plain text; ``shortened`` is true if its end is missing. ``html`` is the text with
    its formatting, limited to the allow-list in ``gridwix.mapping.html``; None for a comment
    without formatting.

    ``attachments`` are ids of documents; the portal's backend shows only those that the reader may
    open. ``more_attachments`` counts those that did not fit into the row; None for none.
    """

    author: str | None = None
    text: Annotated[str, ByPeople(flag="shortened")]
    created_at: datetime | None = None
    shortened: bool | None = None
    html: Annotated[str | None, ByPeople(is_html=True, flag="shortened")] = None
    attachments: tuple[EntityId, ...] | None = None
    more_attachments: int | None = None
