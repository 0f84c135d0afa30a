"""Rows of the Wix collection ``ServiceNotices``: incidents, maintenance and advisories."""

from datetime import datetime
from typing import Annotated

from gridwix.models.ids import PartnerId
from gridwix.models.portal.rows import ByPeople, Prose, ProseOrNone, RowModel, Shrinking


class NoticeComponent(RowModel):
    """A component of the hub's service that a notice affects, with its state."""

    name: Prose
    state: str
    state_label: str


class NoticeEntry(RowModel):
    """An entry (update) in the timeline of a service notice.

    ``html`` holds only elements and attributes of the allow-list in ``gridwix.mapping.html``;
    ``shortened`` is true if the end of the text is missing.
    """

    at: datetime
    status: str
    status_label: str
    html: Annotated[str, ByPeople(is_html=True, flag="shortened")]
    shortened: bool | None = None


class ServiceNoticeRow(RowModel):
    """A service notice of the hub as the portal shows it to the partners that may see it.

    ``active`` notices are in the page's banner; all other notices are history.

    ``for_everybody`` or ``partner_ids`` restrict who may see the notice. gridwix computes
    ``partner_ids`` from the partners in Trading Grid, so that the portal only has to look for the
    reader's partner in the list. ``earlier_entries``, ``more_components`` and
    ``more_transaction_types`` count the entries that did not fit into the row; None for none.
    """

    kind: str
    kind_label: str
    title: Prose
    active: bool
    status: str
    status_label: str
    impact: str
    impact_label: str
    starts_at: datetime
    ends_at: datetime | None = None
    scheduled_for: datetime | None = None
    expected_until: datetime | None = None
    components: Annotated[tuple[NoticeComponent, ...], Shrinking("more_components")] = ()
    more_components: int | None = None
    transaction_types: Annotated[tuple[str, ...], Shrinking("more_transaction_types")] = ()
    more_transaction_types: int | None = None
    entries: Annotated[tuple[NoticeEntry, ...], Shrinking("earlier_entries")] = ()
    earlier_entries: int | None = None
    workaround: ProseOrNone = None
    for_everybody: bool
    partner_ids: tuple[PartnerId, ...] = ()
    updated_at: datetime
