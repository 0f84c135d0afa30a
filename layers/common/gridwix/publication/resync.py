"""Resync requests: events by which a record is read again and its portal rows published again."""

from collections.abc import Mapping
from datetime import UTC, datetime

from gridwix.models.events import HUB_RESYNC_REQUESTED, RESYNC_REQUESTED, Change
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.ports import Clock, EventBus


def resync_change(
    record: str,
    partner_id: PartnerId | None,
    *,
    event_id: str,
    at: float,
    company_id: CompanyId,
    version: int | None = None,
) -> Change:
    """Return the event that requests a resync: to read a record again and publish its rows again.

    Args:
        record: The record (``collection/id``), or ``EVERYTHING``.
        partner_id: The partner of the record; None if it has none.
        event_id: Id of the event. A second event of the same id is deduplicated.
        at: Time of the request in Unix seconds.
        company_id: The hub's company.
        version: Minimum version to read; None for any.
    """
    return Change(
        event_id=event_id,
        type=HUB_RESYNC_REQUESTED if partner_id is None else RESYNC_REQUESTED,
        subject=record,
        occurred_at=datetime.fromtimestamp(at, UTC),
        company_id=company_id,
        partner_id=partner_id,
        version=version,
        via="resync",
    )


class ResyncRequester:
    """Puts resync requests on the bus: events that ask to read and publish a record again."""

    def __init__(self, bus: EventBus, *, company_id: CompanyId, clock: Clock) -> None:
        self._bus = bus
        self._company_id = company_id
        self._clock = clock

    def request_resync(self, records: Mapping[str, PartnerId | None], run: str) -> None:
        """Request a resync of records, given by ``collection/id``, each with its partner or None.

        Idempotent: for the same record and the same ``run``, the event has the same id. Raises
        UpstreamError.
        """
        now = self._clock()
        self._bus.put(
            [
                resync_change(
                    record,
                    partner_id,
                    event_id=f"{run}-{record.replace('/', '-')}"[:200],
                    at=now,
                    company_id=self._company_id,
                )
                for record, partner_id in records.items()
            ]
        )
