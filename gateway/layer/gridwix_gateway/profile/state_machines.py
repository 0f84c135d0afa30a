"""State machines of the community gateway profile: the permitted status transitions. Pure."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from gridwix_gateway.problems import FieldError, Problem


@dataclass(frozen=True, slots=True)
class StateMachine:
    """State machine of a collection: permitted transitions, and transitions that need a reason.

    Args:
        transitions: Permitted next statuses, by status. A status without an entry is final.
        with_reason: Transitions that need a reason, as pairs of old and new status.
    """

    transitions: Mapping[str, Set[str]]
    with_reason: Set[tuple[str, str]] = field(default_factory=frozenset)

    def require_transition(
        self, subject: str, current: str, target: str, reason: str | None = None
    ) -> None:
        """Check that a record may move from its current status to another one.

        Args:
            subject: The record in words, for errors: ``case case_1``.
            current: The record's current status.
            target: The new status.
            reason: The reason of the move; None if the request gives none.

        Raises:
            Problem: ``invalid-transition``, or ``validation`` if a reason is missing.
        """
        following = self.transitions.get(current, frozenset())
        if target not in following:
            choices = ", ".join(sorted(following)) or "nothing: it is final"
            raise Problem(
                "invalid-transition",
                f"{subject} is {current}; from there it can go to {choices}.",
            )
        if (current, target) in self.with_reason and not reason:
            raise Problem(
                "validation",
                f"Going from {current} to {target} needs a reason.",
                [FieldError("/reason", "required", "reason is missing")],
            )


def _machine(table: str, with_reason: Set[tuple[str, str]] = frozenset()) -> StateMachine:
    """Return the state machine in a text: each line has a status and its permitted next statuses.

    >>> dict(_machine("new: open cancelled").transitions) == {"new": {"open", "cancelled"}}
    True
    """
    rows = (line.split(":") for line in table.strip().splitlines())
    return StateMachine(
        {status.strip(): frozenset(following.split()) for status, following in rows}, with_reason
    )


STEP_STATUSES = (
    "locked",
    "available",
    "in_progress",
    "submitted",
    "changes_requested",
    "completed",
    "waived",
)

MACHINES: Mapping[str, StateMachine] = {
    "partners": _machine(
        """
        invited: onboarding terminated
        onboarding: active terminated
        active: suspended terminated
        suspended: active terminated
        """
    ),
    "enrollments": _machine(
        """
        invited: in_progress expired withdrawn rejected
        in_progress: on_hold completed withdrawn rejected
        on_hold: in_progress withdrawn rejected
        expired: invited
        """
    ),
    "compliance-checks": _machine(
        """
        not_started: pending waived
        pending: passed failed waived
        failed: pending waived
        passed: expired waived
        expired: pending waived
        """
    ),
    "cases": _machine(
        """
        new: open cancelled
        open: awaiting_partner awaiting_internal resolved cancelled
        awaiting_partner: open
        awaiting_internal: open
        resolved: closed open
        """,
        with_reason={("resolved", "open")},
    ),
    "collaboration-requests": _machine(
        """
        received: triaged
        triaged: in_progress rejected duplicate
        in_progress: waiting_on_partner completed
        waiting_on_partner: in_progress
        """
    ),
    "documents": _machine(
        """
        draft: in_review withdrawn
        in_review: draft withdrawn
        published: superseded expired withdrawn
        expired: published
        """
    ),
}
"""State machine of each collection's records."""

NOTICE_MACHINES: Mapping[str, StateMachine] = {
    "incident": _machine(
        """
        investigating: identified monitoring resolved
        identified: monitoring resolved
        monitoring: resolved
        resolved: investigating
        """
    ),
    "maintenance": _machine(
        """
        scheduled: in_progress cancelled
        in_progress: verifying completed cancelled
        verifying: completed cancelled
        """
    ),
    "advisory": _machine("published: withdrawn"),
}
"""State machine of service notices, by kind. The first status is that of a new notice."""

STEP_MACHINE = _machine(
    """
    locked: waived
    available: in_progress waived
    in_progress: submitted waived
    submitted: completed changes_requested waived
    changes_requested: in_progress waived
    completed: changes_requested
    """,
    with_reason={(status, "waived") for status in STEP_STATUSES},
)
"""State machine of onboarding steps. No client can unlock a step: finished prerequisites do."""

FINAL_STATUSES: Mapping[str, Set[str]] = {
    "cases": frozenset({"closed", "cancelled"}),
    "collaboration-requests": frozenset({"completed", "rejected", "duplicate"}),
}
"""Final statuses, by collection. The hub no longer works on such a record: no partner can
comment.
"""
