"""Audiences of service notices and documents: the partners that may see them."""

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.entities import Payload


class Audience(Payload):
    """Audience of a notice or document: ``all`` partners, or those that one of three lists matches.

    ``partner_ids`` matches a partner by its id, ``roles`` by its role, ``regions`` by the region of
    its country. An empty audience matches no partner.
    """

    all: bool = False
    partner_ids: tuple[PartnerId, ...] = ()
    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
