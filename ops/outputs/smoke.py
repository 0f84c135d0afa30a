"""``gridwix smoke --json``."""

from ops.json_output import JsonOutput


class SmokeOutput(JsonOutput):
    """A probe that reached the portal."""

    event: str
    """id of the probe's event"""
    row: str
    verdict: str
    """``written`` or ``unchanged``"""
    seconds: float
