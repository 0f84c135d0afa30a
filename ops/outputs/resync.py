"""``gridwix resync --json``."""

from ops.json_output import JsonOutput


class ResyncOutput(JsonOutput):
    """A resync that was requested."""

    stack: str
    queued: bool
    """``trading_grid_feed`` was told; ``gridwix status`` shows its progress"""
