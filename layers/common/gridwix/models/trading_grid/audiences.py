"""Audiences of service notices and documents: the partners that may see them."""

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.entities import Payload


class Audience(Payload):
    """Audience of a notice or document: ``all``, or each partner that one of the lists matches.

    An empty audience matches no partner.
    """

    all: bool = False
    partner_ids: tuple[PartnerId, ...] = ()
    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
