"""Number of examples of property tests: few in each run, many if asked for.

``HYPOTHESIS_PROFILE=deep`` asks for them. Most faults show in the first few dozen examples, and all
properties together take a large part of the time of ``make test``.
"""

import os

from hypothesis import HealthCheck, settings

NORMAL = 40
"""Number of examples of a property that names none."""

DEEP = 25
"""How many times as many examples the deep profile has."""

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "normal")


def examples(normal: int) -> int:
    """Return the number of examples of a property in the chosen profile."""
    return normal * (DEEP if PROFILE == "deep" else 1)


def load_profile() -> None:
    """Register both profiles with Hypothesis, and load the chosen one. Raises if it is unknown."""
    for name, number in (("normal", NORMAL), ("deep", NORMAL * DEEP)):
        # How long an example takes says something of the machine, and nothing of the code.
        settings.register_profile(
            name,
            max_examples=number,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        )
    settings.load_profile(PROFILE)
