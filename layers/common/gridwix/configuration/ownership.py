"""Model of ``config/ownership.yaml``: the system that owns each field of a row."""

from collections.abc import Mapping
from typing import Literal

from gridwix.configuration.base import Config

type Master = Literal["trading_grid", "portal"]
"""The system that owns a field."""


class Ownership(Config):
    """``config/ownership.yaml``: the owner of each field, by collection.

    Unlisted fields are never written.
    """

    onboarding_steps: Mapping[str, Master]
