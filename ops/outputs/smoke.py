"""JSON document of ``gridwix smoke``."""

from ops.json_output import JsonOutput


class SmokeOutput(JsonOutput):
    """A probe of one test partner that reached the portal."""

    event: str
    """id of the probe's event"""
    row: str
    verdict: str
    """verdict on the partner's row: ``written`` or ``unchanged``"""
    seconds: float
