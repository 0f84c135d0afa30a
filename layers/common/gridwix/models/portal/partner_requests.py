"""Rows of PartnerRequests."""

from datetime import datetime

from gridwix.models.ids import PartnerId
from gridwix.models.portal.comments import ShownComment
from gridwix.models.portal.rows import RowModel, Sentences


class PartnerRequestRow(RowModel):
    """What became of something that a partner has sent. ``reference`` is known at once, ``number`` once Trading Grid has it. Whoever sent it, if logged in, is
    ``member_id``; nothing of what the form asked is here. ``team`` is the team's name. ``kind``: request, request_comment, case_comment, case_resolution,
    step_submission; ``record`` (``collection/id``) is the request, or what a follow-up is about. ``message`` says why something could not be done.

    ``comments`` are the public ones of a request, ``earlier_comments`` how many older ones the row has no room for (None for none). ``answerable`` is there
    while a request waits for the partner: whether the gateway takes an answer.
    """

    partner_id: PartnerId | None = None
    member_id: str | None = None
    kind: str
    record: str | None = None
    reference: str
    number: str | None = None
    title: str
    status: str
    status_label: str
    open: bool
    team: str | None = None
    due_at: datetime | None = None
    next_step: str | None = None
    comments: tuple[ShownComment, ...] | None = None
    earlier_comments: int | None = None
    answerable: bool | None = None
    message: str | None = None
    sentences: Sentences | None = None
    submitted_at: datetime | None = None
