"""Rules for the onboarding steps that a partner may report as done. Pure.

``portal/backend/steps.js`` and ``portal/element/steps.js`` have the same rule. The cases in
``tests/step_cases.py`` test all three.
"""

from gridwix.mapping.statuses import RUNNING_ENROLLMENT_STATUSES
from gridwix.models.trading_grid.onboarding import Enrollment, StepInstance

ACTIONABLE_STEP_STATUSES = frozenset({"available", "in_progress", "changes_requested"})
"""Statuses of a step that can be reported as done."""

PARTNER_STEP_OWNERS = frozenset({"partner", "joint"})
"""Values of a step's owner for which the step is the partner's to do."""

DECISION = "approval"
"""Kind of an onboarding step in which the hub decides, regardless of its owner."""


def is_running(enrollment: Enrollment) -> bool:
    """Return True if an enrollment still has steps to do, by its status.

    >>> [is_running(Enrollment.model_construct(status=one)) for one in ("in_progress", "completed")]
    [True, False]
    """
    return enrollment.status in RUNNING_ENROLLMENT_STATUSES


def step_owner(step: StepInstance) -> str:
    """Return the owner of an onboarding step; ``hub`` for a step without an owner.

    So no partner can report a step without an owner as done.

    >>> step_owner(StepInstance.model_construct(owner=None))
    'hub'
    """
    return step.owner or "hub"


def is_of_partner(step: StepInstance) -> bool:
    """Return True if an onboarding step is one for the partner to do, regardless of its status.

    Its owner is ``partner`` or ``joint``, and it is no approval, which only the hub can give.

    >>> is_of_partner(StepInstance.model_construct(owner="joint", kind="form"))
    True
    >>> is_of_partner(StepInstance.model_construct(owner="partner", kind="approval"))
    False
    """
    return step_owner(step) in PARTNER_STEP_OWNERS and step.kind != DECISION


def is_for_partner(enrollment: Enrollment, step: StepInstance) -> bool:
    """Return True if a step waits for the partner, who may report it as done.

    >>> step = StepInstance.model_construct(owner="partner", kind="form", status="available")
    >>> [is_for_partner(Enrollment.model_construct(status=one), step)
    ...  for one in ("in_progress", "completed")]
    [True, False]
    """
    return (
        is_running(enrollment) and is_of_partner(step) and step.status in ACTIONABLE_STEP_STATUSES
    )
