"""Rows of the Wix collection ``OpenIssues``: the hub's cases, as partners see them."""

from datetime import datetime
from typing import Annotated

from gridwix.models.ids import PartnerId
from gridwix.models.portal.comments import ShownComment
from gridwix.models.portal.rows import Prose, ProseOrNone, RowModel, Sentences, Shrinking


class AffectedDocument(RowModel):
    """A business document that an issue is about, with the numbers that both sides know.

    ``name`` is its type, such as ``856 (X12)``. ``exception`` is the code of what went wrong, and
    ``problem`` its label for people, such as ``Rejected``.
    """

    name: Prose
    sentences: Sentences | None = None
    po_number: str | None = None
    shipment_id: str | None = None
    invoice_number: str | None = None
    exception: str | None = None
    problem: str | None = None
    error_code: str | None = None


class ShownStatusChange(RowModel):
    """One entry in the history of an issue: the issue reached ``status`` at ``changed_at``.

    ``status_label`` is the text for people.
    """

    status: str
    status_label: str
    changed_at: datetime


class OpenIssueRow(RowModel):
    """A case of the hub as its partner sees it. A closed case keeps its row, with ``open`` false.

    ``status`` is the code of Trading Grid, ``status_label`` the text for people. ``waits_for`` is
    the side that acts next: ``partner``, ``hub`` or ``nobody``. ``history`` holds the public
    changes of the status, oldest first; it is empty if the gateway keeps no history.
    ``more_affected``, ``earlier_comments`` and ``earlier_changes`` count the entries that did not
    fit into the row; None for none.
    """

    partner_id: PartnerId
    number: str
    subject: Prose
    open: bool
    status: str
    status_label: str
    category: str
    category_label: str
    priority: str
    priority_label: str
    affected: Annotated[tuple[AffectedDocument, ...], Shrinking("more_affected")] = ()
    more_affected: int | None = None
    next_step: ProseOrNone = None
    waits_for: str
    due_at: datetime | None = None
    comments: Annotated[tuple[ShownComment, ...], Shrinking("earlier_comments", "last")] = ()
    earlier_comments: int | None = None
    history: Annotated[tuple[ShownStatusChange, ...], Shrinking("earlier_changes", "last")] = ()
    earlier_changes: int | None = None
    sentences: Sentences | None = None
    opened_at: datetime | None = None
    updated_at: datetime
