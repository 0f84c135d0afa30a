"""Rules for unlocking onboarding steps. Pure."""

import uuid
from collections.abc import Sequence

from gridwix.models.trading_grid.onboarding import Enrollment

DONE = frozenset({"completed", "waived"})
"""Step statuses that count as a completed prerequisite."""

UNLOCKED = "available"
_KEYS = uuid.UUID("0d9a6a9e-3b2f-5f43-9d4c-7a5b1c2d3e4f")


def unlockable_steps(enrollment: Enrollment) -> Sequence[str]:
    """Return the keys of the locked steps with all prerequisites done.

    Empty unless the enrollment is in progress. A step stays locked if one of its prerequisites is
    missing in the enrollment.
    """
    if enrollment.deleted_at is not None or enrollment.status != "in_progress":
        return ()
    done = {step.key for step in enrollment.steps if step.status in DONE}
    return [
        step.key
        for step in enrollment.steps
        if step.status == "locked" and set(step.waits_on) <= done
    ]


def unlock_key(enrollment: Enrollment, step: str) -> str:
    """Return the idempotency key (a UUID) of the transition that unlocks a step.

    All workers that read the same version of the enrollment use the same key. If the step was
    locked again, the enrollment has a new version, so the key is another one.
    """
    return str(uuid.uuid5(_KEYS, f"{enrollment.id}\n{step}\n{enrollment.version}"))
