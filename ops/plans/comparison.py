"""Compares a plan with a new plan for the same request, to find out what has changed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.plans.models import Change, IndexChange, Plan

NOT_COMPARED = frozenset({"format", "made_at", "made_by", "digest", "changes", "kind"})
"""Members of a plan that ``compare_plans`` does not compare as such, since they say nothing of its
effect or are compared one by one.
"""

UNKNOWN_LATER = frozenset({"losses"})
"""Members of a plan that its own application changes, so that they are not compared after an
interruption.
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of comparing a plan with a new plan for the same request.

    ``differences`` are sentences, in the plan's order; without any, the plan can be applied.
    ``pending`` are the names of the plan's changes that are still to be made, ``done`` those that
    an earlier application made, and ``new`` those that only the new plan has.
    """

    differences: Sequence[str]
    pending: frozenset[str]
    done: frozenset[str]
    new: frozenset[str]


def compare_plans(
    planned: Plan, now: Plan, *, begun: bool = False, leave_new: bool = False
) -> Comparison:
    """Compare a plan with a new plan for the same request.

    Args:
        planned: The plan that is to be applied.
        now: The new plan, of the same kind.
        begun: An earlier application of the plan was interrupted. A change that the new plan lacks
            was made by it, and is no difference.
        leave_new: Changes that only the new plan has are no difference: they are not made.
    """
    wanted = {change.name: change for change in planned.changes}
    found = {change.name: change for change in now.changes}
    gone = [name for name in wanted if name not in found]
    new = [name for name in found if name not in wanted]
    differences = _header_differences(planned, now, begun=begun)
    if not begun:
        differences += [f"{name}: {wanted[name].gone}" for name in gone]
    for name, change in wanted.items():
        if name in found:
            differences += _change_differences(
                *(_after_interruption(one) if begun else one for one in (change, found[name]))
            )
    if not leave_new:
        differences += [f"{name}: it is not in the plan" for name in new]
    return Comparison(
        tuple(differences),
        pending=frozenset(wanted.keys() & found),
        done=frozenset(gone) if begun else frozenset(),
        new=frozenset(new),
    )


def _header_differences(planned: Plan, now: Plan, *, begun: bool) -> list[str]:
    ignored = NOT_COMPARED | (UNKNOWN_LATER if begun else frozenset())
    return [
        f"{name} of the plan: {_text(before)} was planned, now it is {_text(after)}"
        for name in type(planned).model_fields
        if name not in ignored
        and (before := getattr(planned, name)) != (after := getattr(now, name))
    ]


def _change_differences(planned: Change, now: Change) -> list[str]:
    before, after = planned.model_dump(mode="json"), now.model_dump(mode="json")
    return [
        f"{planned.name}: {planned.labels[member]} has changed"
        if member in planned.labels
        else f"{planned.name}: {member} was {_text(value)}, now it is {_text(after.get(member))}"
        for member, value in before.items()
        if value != after.get(member)
    ]


def _after_interruption(change: Change) -> Change:
    """Return a planned change in the form that is compared after an interrupted run of its plan.

    The replacement of an index becomes its creation, because the interrupted run may have dropped
    the old index already. Other changes are returned as they are.
    """
    return change.without_history if isinstance(change, IndexChange) else change


def _text(value: Any) -> str:
    match value:
        case None | "" | () | []:
            return "none"
        case Mapping():
            return ", ".join(f"{name} {_text(member)}" for name, member in value.items()) or "none"
        case list() | tuple():
            return ", ".join(map(_text, value))
        case _ if hasattr(value, "model_dump"):
            return _text(value.model_dump(mode="json"))
        case _:
            return str(value)
