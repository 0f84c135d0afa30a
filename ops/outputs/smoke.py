"""JSON document of ``gridwix smoke``, which tests that a stack publishes a partner."""

from ops.json_output import JsonOutput


class SmokeOutput(JsonOutput):
    """Result of a smoke test that succeeded.

    Its event made the functions read one partner, and the partner's row is on the portal.
    """

    event: str
    """id of the probe's event"""
    row: str
    verdict: str
    """verdict on the partner's row: ``written`` or ``unchanged``"""
    seconds: float
