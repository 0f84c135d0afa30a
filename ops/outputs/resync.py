"""JSON document of ``gridwix resync``."""

from ops.json_output import JsonOutput


class ResyncOutput(JsonOutput):
    """A request to publish all partners again."""

    stack: str
    queued: bool
    """the request is in the queue of ``trading_grid_feed``; ``gridwix status`` shows its
    progress"""
