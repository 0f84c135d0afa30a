"""Models of service notices in the community gateway profile.

The profile is the API contract that the gateway to Trading Grid serves.
"""

from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.entities import Entity, Moment, Payload


class AffectedComponent(Payload):
    """A component of the hub's service that a notice affects, with its state.

    ``state``: operational, degraded, partial_outage, major_outage, under_maintenance.
    """

    key: str
    name: str
    state: str


class AffectedTransactionType(Payload):
    """A type of EDI transaction, such as 850, that a notice affects."""

    code: str
    standard: str
    direction: str | None = None


class NoticeUpdate(Payload):
    """An entry (update) in the timeline of a service notice. ``body_html`` is untrusted."""

    id: str
    at: Moment
    status: str
    body_html: str


class ServiceNotice(Entity):
    """An announcement of the hub about its service.

    ``kind``: incident, maintenance, advisory. ``scheduled_until`` is the expected end.
    """

    COLLECTION = "service-notices"

    kind: str
    title: str
    impact: str
    status: str
    starts_at: Moment
    ends_at: Moment | None = None
    scheduled_for: Moment | None = None
    scheduled_until: Moment | None = None
    audience: Audience
    affected_components: tuple[AffectedComponent, ...] = ()
    affected_transaction_types: tuple[AffectedTransactionType, ...] = ()
    updates: tuple[NoticeUpdate, ...] = ()
    workaround: str | None = None
