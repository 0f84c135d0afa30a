"""``config/ownership.yaml``."""

from collections.abc import Mapping
from typing import Literal

from gridwix.configuration.base import Config

type Master = Literal["trading_grid", "portal"]


class Ownership(Config):
    """``config/ownership.yaml``: whose each field is, by collection. A field that is not named is never touched."""

    onboarding_steps: Mapping[str, Master]
