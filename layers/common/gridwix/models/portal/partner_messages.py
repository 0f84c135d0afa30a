"""Rows of the Wix collection ``PartnerMessages``: messages to partners."""

from datetime import datetime
from typing import Annotated

from gridwix.models.ids import PartnerId
from gridwix.models.portal.rows import ByPeople, Prose, RowModel


class MessageWords(RowModel):
    """Title and body of a message in one language.

    ``body`` is HTML of the allow-list in ``gridwix.mapping.html``.
    """

    title: Prose
    body: Annotated[str, ByPeople(is_html=True)]


class PartnerMessageRow(RowModel):
    """A message to the members of a partner that have one of ``roles``; no roles: all members.

    ``locale`` is the partner's language; ``record`` (``collection/id``) is the subject of the
    message.
    """

    partner_id: PartnerId
    roles: tuple[str, ...] = ()
    campaign: str
    texts: dict[str, MessageWords]
    locale: str
    kind: str
    importance: str
    record: str
    sent_at: datetime
