"""Words for people in the place of Trading Grid's values."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from gridwix.models.configuration import LabelGroup

type LabelField = Literal[
    "case.status",
    "case.category",
    "case.priority",
    "notice.kind",
    "notice.status",
    "notice.impact",
    "component.state",
    "enrollment.status",
    "step.status",
    "step.phase",
    "step.owner",
    "step.kind",
    "transaction.type",
    "transaction.exception",
    "request.title",
    "request.status",
    "document.category",
    "document.status",
    "document.review",
]
"""The fields that are asked for: ``config/labels.yaml`` has to have each of them, and no other (``make config`` checks it)."""


class Labels:
    """Labels by field and value. What has no label gets its field's neutral one, and ``unknown`` counts it as ``field=value``."""

    def __init__(self, groups: Mapping[str, LabelGroup]) -> None:
        self._groups = groups
        self.unknown: Counter[str] = Counter()

    def __contains__(self, field: str) -> bool:
        """Whether a field has labels."""
        return field in self._groups

    def of(self, field: LabelField, value: str) -> str:
        """The label of a value. Raises KeyError for a field that has no labels at all."""
        group = self._groups[field]
        label = group.values.get(value)
        if label is None:
            self.unknown[f"{field}={value[:50]}"] += 1
            return group.neutral
        return label

    def neutral(self, field: LabelField) -> str:
        """The label for no value at all. Raises KeyError for a field that has no labels."""
        return self._groups[field].neutral
