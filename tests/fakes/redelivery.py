"""A fake queue that records the delays of returned messages."""

from collections.abc import Mapping

from gridwix.errors import UpstreamError


class Redelivery:
    """Implements ``gridwix.runtime.queue_runner.Redelivery``: keeps the ``delays`` (seconds by
    receipt handle), or fails with ``error``.
    """

    def __init__(self) -> None:
        self.delays: dict[str, float] = {}
        self.error: UpstreamError | None = None

    def defer(self, delays: Mapping[str, float]) -> None:
        if self.error:
            raise self.error
        self.delays |= delays
