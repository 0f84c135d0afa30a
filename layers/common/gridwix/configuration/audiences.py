"""Model of ``config/audiences.yaml``: the countries of each region.

A row of the portal can be for the partners of a region (its audience).
"""

from collections.abc import Mapping

from gridwix.configuration.base import Config, Country


class Audiences(Config):
    """Model of ``config/audiences.yaml``: the countries of each region.

    A row of the portal can be for the partners of a region (its audience).
    """

    regions: Mapping[str, tuple[Country, ...]]
