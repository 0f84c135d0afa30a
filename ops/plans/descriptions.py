"""Describes plans (changes of a deployed stack before they are applied) in words. Pure."""

from collections import Counter
from collections.abc import Mapping

from gridwix.models.reconciliation import RowVerdict
from ops.plans.models import (
    BackfillPlan,
    Change,
    CollectionChange,
    EventDelivery,
    IndexChange,
    MovedMessage,
    Plan,
    RecordRequest,
    RedrivePlan,
    ReplayPlan,
    RowChange,
)

ACTIONS: Mapping[RowVerdict, str] = {
    RowVerdict.DRIFTED: "publish",
    RowVerdict.MISSING: "publish",
    RowVerdict.EXTRA: "remove",
    RowVerdict.LOST: "copy the file of",
}
"""Verb for the action on a row, by the reconciler's verdict."""


def describe_change(change: Change) -> str:
    """Return one line on a change of a plan: its action, and the thing that changes.

    >>> describe_change(RecordRequest(record="cases/c1", partner=None, version=3))
    'publish what is made from cases/c1 (version 3)'
    """
    match change:
        case RowChange(verdict=RowVerdict.DRIFTED):
            fields = ", ".join(change.fields) or "no compared field"
            return f"publish {change.name}: {fields} {_verb(len(change.fields))}"
        case RowChange():
            return f"{ACTIONS[change.verdict]} {change.name}: {change.verdict}"
        case EventDelivery():
            return f"deliver {change.name} ({change.type}) to {', '.join(change.functions)}"
        case MovedMessage():
            event = "" if change.event is None else f", event {change.event}"
            return f"move {change.name}: {change.cause}{event}, sent {change.sent_at:%F %H:%M} UTC"
        case CollectionChange():
            return f"{change.action} {change.name}{_collection_details(change)}"
        case IndexChange():
            fields = f" on {', '.join(change.fields)}" if change.fields else ""
            return f"{change.action} {change.name}{fields}{' (unique)' * change.unique}"
        case RecordRequest():
            return f"publish what is made from {change.record} (version {change.version})"


def describe_plan(plan: Plan) -> str:
    """Return one line that sums up a plan's changes.

    >>> from datetime import UTC, datetime
    >>> from ops.plans.models import StackIdentity
    >>> describe_plan(BackfillPlan(
    ...     stack=StackIdentity(name="prod", id=""), made_at=datetime.now(UTC), made_by="1",
    ...     partner=None, since=None, collection=None,
    ...     changes=(RecordRequest(record="cases/c1", partner=None, version=3),),
    ... ))
    'read 1 record again, and publish the rows that differ'
    """
    number = len(plan.changes)
    match plan:
        case ReplayPlan():
            to = plan.consumer or "all functions"
            return (
                f"deliver the events from {plan.since:%F %H:%M} to {plan.until:%F %H:%M} UTC again"
                f" to {to} ({_count(number, 'event')} in the journal)"
            )
        case RedrivePlan():
            return f"move {_count(number, 'dead letter')} of {plan.function} back to its queue"
        case BackfillPlan():
            return f"read {_count(number, 'record')} again, and publish the rows that differ"
        case _:
            done = Counter(_action(change) for change in plan.changes)
            return ", ".join(f"{verb} {_count(many, what)}" for (verb, what), many in done.items())


def describe_field_drift(plan: Plan) -> Mapping[str, Counter[str]]:
    """Return the number of rows that differ, by collection and field.

    Empty for plans other than those of ``gridwix reconcile``.
    """
    found: dict[str, Counter[str]] = {}
    for change in plan.changes:
        if isinstance(change, RowChange):
            found.setdefault(change.collection, Counter()).update(change.fields)
    return found


def _action(change: Change) -> tuple[str, str]:
    match change:
        case RowChange():
            return ACTIONS[change.verdict], "row"
        case CollectionChange():
            return change.action, "collection"
        case IndexChange():
            return change.action, "index"
        case _:
            return "change", "item"


def _collection_details(change: CollectionChange) -> str:
    parts = []
    if change.added:
        parts.append(f"adds {', '.join(change.added)}")
    parts += [f"changes {', '.join(members)} of {key}" for key, members in change.changed.items()]
    if change.members:
        parts.append(f"changes {', '.join(change.members)}")
    return f": {'; '.join(parts)}" if parts else ""


def _count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("x") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def _verb(fields: int) -> str:
    return "differs" if fields == 1 else "differ"
