"""The customer's configuration (``config/``), compiled into the layer."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gridwix.configuration.everything import Configuration
from gridwix.publication.merge import Owner

FILE = Path(__file__).parent / "configuration.json"
"""Written by ``make config``; a test holds it against ``config/``."""


@cache
def configuration() -> Configuration:
    """Return the configuration, read once per execution environment."""
    return Configuration.model_validate_json(FILE.read_bytes())


def step_owners() -> Mapping[str, Owner]:
    """Return the system of record of each field of onboarding-step rows."""
    return {
        field: Owner(master) for field, master in configuration().ownership.onboarding_steps.items()
    }
