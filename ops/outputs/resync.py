"""JSON document of ``gridwix resync``, which publishes all partners again."""

from ops.json_output import JsonOutput


class ResyncOutput(JsonOutput):
    """A request to read all partners and publish them on the portal again."""

    stack: str
    queued: bool
    """the request is in the queue of ``trading_grid_feed``; ``gridwix status`` shows its
    progress"""
