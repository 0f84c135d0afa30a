"""Audiences of service notices and documents."""

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.entities import Payload


class Audience(Payload):
    """Whom a notice is for: ``all``, or whoever one of the lists names; nobody if it says nothing."""

    all: bool = False
    partner_ids: tuple[PartnerId, ...] = ()
    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
