"""Service notices."""

from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.entities import Entity, Moment, Payload


class AffectedComponent(Payload):
    """A component that a notice is about.

    ``state``: operational, degraded, partial_outage, major_outage, under_maintenance.
    """

    key: str
    name: str
    state: str


class AffectedTransactionType(Payload):
    """A transaction type that a notice is about."""

    code: str
    standard: str
    direction: str | None = None


class NoticeUpdate(Payload):
    """An entry of a notice's timeline. ``body_html`` is untrusted."""

    id: str
    at: Moment
    status: str
    body_html: str


class ServiceNotice(Entity):
    """An announcement of the hub.

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
