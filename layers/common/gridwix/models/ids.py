"""Typed identifiers, so that a partner's id cannot be passed where a data item's id is meant."""

from typing import NewType

CompanyId = NewType("CompanyId", str)
"""A Trading Grid BUID, such as ``GC00700011NR``."""

PartnerId = NewType("PartnerId", str)
"""The BUID of a trading partner; ``Partner.id`` of the community gateway profile."""

EntityId = NewType("EntityId", str)
"""The id of any community gateway entity, with its type prefix, such as ``chk_asn_timing_pgf``."""

WixItemId = NewType("WixItemId", str)
"""The ``_id`` of a Wix data item: at most 50 characters of ``[A-Za-z0-9._-]``, chosen by gridwix
and immutable.
"""

CollectionId = NewType("CollectionId", str)
"""The id of a Wix data collection, such as ``PartnerStatus``."""
