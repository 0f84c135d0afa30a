"""Rows of the Wix collection ``PartnerActivity``: counts of exchanged documents."""

from datetime import date, datetime
from typing import Annotated

from gridwix.models.ids import PartnerId
from gridwix.models.portal.rows import RowModel, Shrinking


class ActivityLine(RowModel):
    """Counts of a partner's documents of one type and direction, over the days of the row.

    Every document of ``total`` is counted in exactly one of these: ``delivered`` (and not
    acknowledged), ``acknowledged``, ``rejected``, ``late`` (the acknowledgment is overdue),
    ``failed``, ``underway`` and ``other``. ``daily`` has the number of documents by day of arrival,
    ``failed_daily`` the number of rejected, late and failed ones. Both have one number for each of
    the row's ``days``.

    ``document_type`` is None for documents without a type, and for all types that did not fit into
    the row. ``direction`` is from the hub's point of view: the partner sends an ``inbound``
    document.
    """

    document_type: str | None = None
    direction: str
    total: int
    delivered: int = 0
    acknowledged: int = 0
    rejected: int = 0
    late: int = 0
    failed: int = 0
    underway: int = 0
    other: int = 0
    daily: tuple[int, ...]
    failed_daily: tuple[int, ...]


class ActivityFailure(RowModel):
    """A document that was rejected, that failed, or that has a late acknowledgment.

    ``kind`` is the kind of the document's exception (transaction fault). ``number`` is the
    shipment, invoice or purchase order number. ``reference`` is the case of the exception, as
    ``cases/id``; None if there is none.
    """

    document_type: str | None = None
    direction: str
    number: str | None = None
    kind: str
    at: datetime
    reference: str | None = None


class PartnerActivityRow(RowModel):
    """Counts of the documents that a partner and the hub exchanged in 30 days, taken from Lens.

    ``since`` and ``until`` are the first and the last of ``days``, which are days in UTC. ``lines``
    has counts for each document type and direction, those with the most documents first.
    ``failures`` lists documents that were rejected, late or failed, newest first, and
    ``more_failures`` is the number of those that did not fit into the row; None for none.
    ``updated_at`` is the time of the last change of any counted document, not the current time, so
    that equal counts give an equal row.
    """

    partner_id: PartnerId
    since: date
    until: date
    days: tuple[date, ...]
    lines: tuple[ActivityLine, ...]
    failures: Annotated[tuple[ActivityFailure, ...], Shrinking("more_failures")] = ()
    more_failures: int | None = None
    updated_at: datetime
