"""Model of ``config/audiences.yaml``: the countries of each region, for audiences."""

from collections.abc import Mapping

from gridwix.configuration.base import Config, Country


class Audiences(Config):
    """``config/audiences.yaml``: the countries of each region."""

    regions: Mapping[str, tuple[Country, ...]]
