"""Every combination that decides whether a partner may act on a step, with the right answer.

The page, the portal's backend and the form intake each have the rule; all are tested with these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

OWNERS = ("partner", "joint", "hub", "carrier", "", None)
"""``carrier`` is an owner that no release knows; None: the step names none."""

KINDS = ("form", "document", "check", "test", "approval", "info", "ritual", None)
STATUSES = (
    *("locked", "available", "in_progress", "submitted", "changes_requested"),
    *("completed", "waived", "quantum"),
)
RUNNING = ("invited", "in_progress", "on_hold")
OVER = ("completed", "withdrawn", "rejected", "expired", "quantum")

ALLOWED = frozenset(
    product(
        ("partner", "joint"),
        ("form", "document", "check", "test", "info", "ritual", None),
        ("available", "in_progress", "changes_requested"),
        RUNNING,
    )
)
"""The combinations in which the partner may act; in no other."""


@dataclass(frozen=True, slots=True)
class StepCase:
    """A step of an enrollment. ``enrollment`` is the enrollment's status."""

    owner: str | None
    kind: str | None
    status: str
    enrollment: str

    @property
    def allowed(self) -> bool:
        """True if the partner may report the step as done."""
        return (self.owner, self.kind, self.status, self.enrollment) in ALLOWED

    def step(self, key: str = "tax_form") -> Mapping[str, Any]:
        """The step, as Trading Grid and the portal's rows have it."""
        named = {"owner": self.owner, "kind": self.kind}
        known = {name: value for name, value in named.items() if value is not None}
        return {"key": key, "title": key, "status": self.status, **known}


CASES = tuple(StepCase(*one) for one in product(OWNERS, KINDS, STATUSES, RUNNING + OVER))
