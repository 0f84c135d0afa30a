"""Lambda's event source mappings: they change their state slowly, and take no update meanwhile."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

CHANGED = datetime(2026, 11, 26, 8, 15, tzinfo=UTC)
"""Time of the last change of each mapping."""


class ResourceInUse(Exception):
    """The mapping is changing its state."""


class SlowMappings:
    """One mapping per queue, by the queue's ARN. ``refused`` counts updates at a wrong time.

    Args:
        states: The state of each mapping.
        looks: Number of looks for which a change of state lasts.
    """

    exceptions = SimpleNamespace(ResourceInUseException=ResourceInUse)

    def __init__(self, states: Mapping[str, str], looks: int = 2) -> None:
        self.states = dict(states)
        self.updates: Counter[str] = Counter()
        self.refused = 0
        self.on_update: Callable[[str], None] = lambda arn: None
        self._looks = looks
        self._left: dict[str, int] = {}

    def list_event_source_mappings(self, *, EventSourceArn: str) -> Any:  # noqa: N803  # botocore's names
        found = [EventSourceArn] if EventSourceArn in self.states else []
        return {"EventSourceMappings": [self._described(arn) for arn in found]}

    def get_event_source_mapping(self, *, UUID: str) -> Any:  # noqa: N803  # botocore's names
        state, left = self.states[UUID], self._left.get(UUID, 0)
        if state.endswith("ing"):
            self._left[UUID] = left - 1
            if left <= 1:
                self.states[UUID] = "Enabled" if state == "Enabling" else "Disabled"
        return self._described(UUID)

    def update_event_source_mapping(self, *, UUID: str, Enabled: bool) -> Any:  # noqa: N803  # botocore's names
        if self.states[UUID].endswith("ing"):
            self.refused += 1
            raise ResourceInUse
        self.on_update(UUID)
        self.updates[UUID] += 1
        self.states[UUID] = "Enabling" if Enabled else "Disabling"
        self._left[UUID] = self._looks
        return self._described(UUID)

    def _described(self, arn: str) -> Any:
        return {"UUID": arn, "State": self.states[arn], "LastModified": CHANGED}
