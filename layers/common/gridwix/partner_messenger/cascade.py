"""Which onboarding steps are no longer to wait. Pure."""

import uuid
from collections.abc import Sequence

from gridwix.models.trading_grid.onboarding import Enrollment

DONE = frozenset({"completed", "waived"})
"""The statuses of a step that others need not wait for any more."""

UNLOCKED = "available"
_KEYS = uuid.UUID("0d9a6a9e-3b2f-5f43-9d4c-7a5b1c2d3e4f")


def unlockable(enrollment: Enrollment) -> Sequence[str]:
    """The keys of the locked steps whose predecessors are all done. A step that waits on one that the enrollment does not have stays locked."""
    if enrollment.deleted_at is not None or enrollment.status != "in_progress":
        return ()
    done = {step.key for step in enrollment.steps if step.status in DONE}
    return [step.key for step in enrollment.steps if step.status == "locked" and set(step.waits_on) <= done]


def unlock_key(enrollment: Enrollment, step: str) -> str:
    """The idempotency key (a UUID): the same for all who have read the same version, and another when the step was locked again since."""
    return str(uuid.uuid5(_KEYS, f"{enrollment.id}\n{step}\n{enrollment.version}"))
