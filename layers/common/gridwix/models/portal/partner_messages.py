"""Rows of PartnerMessages."""

from datetime import datetime

from gridwix.models.ids import PartnerId
from gridwix.models.portal.rows import RowModel


class MessageWords(RowModel):
    """A message in one language. ``body`` is HTML that holds only what the allow-list in ``gridwix.mapping.html`` lets through."""

    title: str
    body: str


class PartnerMessageRow(RowModel):
    """What was said to a partner, for its members of these roles (all of them without ``roles``). ``locale`` is the partner's; ``record`` (``collection/id``)
    is what it is about."""

    partner_id: PartnerId
    roles: tuple[str, ...] = ()
    campaign: str
    texts: dict[str, MessageWords]
    locale: str
    kind: str
    importance: str
    record: str
    sent_at: datetime
