"""Rows of the Wix collection ``PartnerRequests``: the status of form submissions."""

from datetime import datetime
from typing import Annotated

from gridwix.models.ids import PartnerId
from gridwix.models.portal.comments import ShownComment
from gridwix.models.portal.rows import Prose, ProseOrNone, RowModel, Sentences, Shrinking


class PartnerRequestRow(RowModel):
    """Status of a form submission of a partner: a request or a follow-up.

    ``reference`` exists at once, ``number`` once Trading Grid has the request. ``member_id`` is the
    sender, if logged in; the row holds no answers of the form. ``team`` is the name of the team
    that handles the request. ``kind``: request, request_comment, case_comment, case_resolution,
    step_submission. ``record`` (``collection/id``) is the request, or the record that a follow-up
    is about. ``message`` is the reason if a submission was refused.

    ``comments`` are the public ones of a request; ``earlier_comments`` counts the older ones that
    did not fit into the row (None for none). ``answerable`` is set while a request waits for the
    partner: true if the gateway accepts an answer. ``changed_at`` is when Trading Grid last changed
    the request; None if Trading Grid has no such request.
    """

    partner_id: PartnerId | None = None
    member_id: str | None = None
    kind: str
    record: str | None = None
    reference: str
    number: str | None = None
    title: Prose
    status: str
    status_label: str
    open: bool
    team: str | None = None
    due_at: datetime | None = None
    next_step: ProseOrNone = None
    comments: Annotated[tuple[ShownComment, ...] | None, Shrinking("earlier_comments", "last")] = (
        None
    )
    earlier_comments: int | None = None
    answerable: bool | None = None
    message: ProseOrNone = None
    sentences: Sentences | None = None
    submitted_at: datetime | None = None
    changed_at: datetime | None = None
