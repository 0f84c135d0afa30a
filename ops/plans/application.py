"""Applies a plan: makes exactly its changes, or stops before it changes anything."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ops.plans.comparison import Comparison, compare_plans
from ops.plans.files import PlanError, Progress, read_progress, write_progress
from ops.plans.models import Plan

MOST_NAMED = 20
"""Maximum number of differences that the message of ``PlanOutdated`` names."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of applying a plan.

    ``made`` is the number of changes that were made. ``left`` are sentences about changes that were
    not made, because something changed just before. ``notes`` are further sentences for the user.
    """

    made: int
    left: Sequence[str] = ()
    notes: Sequence[str] = ()


class PlanKind[P: Plan](Protocol):
    """Makes and carries out plans of one kind, such as redrives or backfills."""

    def remake(self, plan: P) -> P:
        """Return a new plan for the request of an earlier plan, from the present state.

        Changes nothing.
        """

    def carry_out(self, plan: P, pending: Collection[str]) -> Outcome:
        """Make only those changes of a plan that ``pending`` names.

        Idempotent: an interrupted application can be repeated.
        """


@dataclass(frozen=True, slots=True)
class Application:
    """The result of ``apply_plan``.

    ``applied_before`` is the time at which an earlier application completed the plan, so that this
    call did nothing; None otherwise. ``done`` is the number of changes that an earlier application
    made. ``new`` is the number of changes that are needed now and that the plan does not have.
    """

    outcome: Outcome
    done: int = 0
    new: int = 0
    applied_before: datetime | None = None


class PlanOutdated(PlanError):
    """A plan is out of date: a new plan for the same request differs from it.

    Raised before any change is made.
    """

    def __init__(self, path: Path, comparison: Comparison) -> None:
        self.differences = tuple(comparison.differences)
        named = "\n  ".join(self.differences[:MOST_NAMED])
        more = len(self.differences) - MOST_NAMED
        super().__init__(
            f"{path} is out of date, and nothing was changed:\n  {named}"
            + (f"\n  and {more} more" if more > 0 else ""),
            "make the plan again with --plan"
            + (
                ". With --leave-new, what has come since the plan is left alone"
                if comparison.new
                else ""
            ),
        )


def apply_plan[P: Plan](
    path: Path,
    plan: P,
    kind: PlanKind[P],
    *,
    leave_new: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Application:
    """Make the changes of a plan once, if the plan is still up to date.

    It is up to date if a new plan for its request has the same changes. Resumable: the progress is
    stored before the first change, and the same call continues an interrupted application.

    Args:
        path: The plan's file, next to which the progress is stored.
        plan: The plan.
        kind: Makes and carries out plans of this kind.
        leave_new: Apply the plan even if further changes are needed by now.
        now: The current time.

    Raises:
        PlanOutdated: Something differs from the plan; nothing was changed.
        PlanError: The progress cannot be read or stored; nothing was changed.
    """
    progress = read_progress(path, plan)
    if progress is not None and progress.finished_at is not None:
        return Application(Outcome(0), len(plan.changes), applied_before=progress.finished_at)
    comparison = compare_plans(
        plan, kind.remake(plan), begun=progress is not None, leave_new=leave_new
    )
    if comparison.differences:
        raise PlanOutdated(path, comparison)
    if progress is None:
        progress = Progress(digest=plan.digest, begun_at=now())
        write_progress(path, progress)
    outcome = kind.carry_out(plan, comparison.pending)
    if not outcome.left:
        write_progress(path, progress.model_copy(update={"finished_at": now()}))
    return Application(outcome, len(comparison.done), len(comparison.new))
