"""Model of ``config/ownership.yaml``: the system that owns each field of a row."""

from collections.abc import Mapping
from typing import Literal

from gridwix.configuration.base import Config

type Master = Literal["trading_grid", "portal"]
"""The system that owns a field."""


class Ownership(Config):
    """``config/ownership.yaml``: the system that owns each field, by collection.

    The owner is Trading Grid or the portal. A field that is not listed is never written.
    """

    onboarding_steps: Mapping[str, Master]
