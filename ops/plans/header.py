"""The header of a plan: the time, the release and the stack with which the plan was made."""

from datetime import UTC, datetime
from typing import Any

from gridwix.clients.http import VERSION
from ops.plans.files import PlanError
from ops.plans.models import MAX_CHANGES, StackIdentity
from ops.stack import Stack


def new_header(stack: Stack) -> dict[str, Any]:
    """Return the members of a new plan that tell its stack, its time and the release of gridwix."""
    return {
        "stack": StackIdentity(name=stack.name, id=stack.id),
        "made_at": datetime.now(UTC),
        "made_by": VERSION,
    }


def check_size(number: int, advice: str) -> None:
    """Raise PlanError if a plan would have more than ``MAX_CHANGES`` changes.

    ``advice`` says how to make the plan smaller.
    """
    if number > MAX_CHANGES:
        raise PlanError(f"there is more to change than a plan holds ({MAX_CHANGES:,})", advice)
