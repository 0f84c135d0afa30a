"""What a customer has set in ``config/``, as it was put into the layer."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gridwix.configuration.everything import Configuration
from gridwix.publication.merge import Owner

FILE = Path(__file__).parent / "configuration.json"
"""Written by ``make config``; a test holds it against ``config/``."""


@cache
def configuration() -> Configuration:
    """The customer's settings, read once for each sandbox."""
    return Configuration.model_validate_json(FILE.read_bytes())


def step_owners() -> Mapping[str, Owner]:
    """Which system owns each field of the rows of onboarding steps."""
    return {field: Owner(master) for field, master in configuration().ownership.onboarding_steps.items()}
