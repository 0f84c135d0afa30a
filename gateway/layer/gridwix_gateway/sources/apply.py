"""Applies a source's changes to records by a three-way merge, as part of a commit. Idempotent.

A field is written only if the source's value differs both from the value that the source gave last
and from the value in the record. So an unchanged row never overwrites what the portal or an
employee changed, and a change that is applied twice writes nothing.

A status that a source reports is a fact: no state machine refuses it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from gridwix_gateway.documents import Document
from gridwix_gateway.profile.nulls import forbids_null, without_forbidden_nulls
from gridwix_gateway.profile.steps import DONE, enrollment_progress
from gridwix_gateway.sources.changes import RecordChange
from gridwix_gateway.sources.mapping.members import SCHEMAS
from gridwix_gateway.store.commits import Draft

type Outcome = Literal["created", "changed", "deleted", "unchanged"]

MAX_STEP_EVENTS = 60
"""Maximum step events of one change. If more steps change, one event of the enrollment replaces
them, so that the change fits a commit.
"""

STEP_MEMBERS = ("title", "phase", "owner", "kind", "waitsOn", "requiredDocumentTypes")
"""Members that an enrollment's step takes from its definition in the program."""

OVER = frozenset({"resolved", "completed", "cancelled", "withdrawn"})
"""Statuses of a service notice that has ended."""

CREATED: Mapping[str, str] = {
    "partners": "partner.created",
    "onboarding-programs": "program.published",
    "enrollments": "enrollment.created",
    "compliance-checks": "compliance.status_changed",
    "cases": "case.created",
    "collaboration-requests": "request.received",
    "service-notices": "notice.published",
}
"""Event type of a record that a source creates, by collection."""

DELETED: Mapping[str, str] = {
    "partners": "partner.updated",
    "onboarding-programs": "program.published",
    "enrollments": "enrollment.status_changed",
    "compliance-checks": "compliance.status_changed",
    "cases": "case.updated",
    "collaboration-requests": "request.status_changed",
    "service-notices": "notice.updated",
}
"""Event type of a record that a source deletes (tombstone), by collection."""


class UnknownRecord(Exception):
    """A source changes a record that is missing and that this source may not create."""


def item_bound(change: RecordChange) -> int:
    """Return the maximum number of table items that a source's change can add to a commit."""
    return MAX_STEP_EVENTS + 3 if change.collection == "enrollments" else 2


def apply_change(draft: Draft, change: RecordChange) -> Outcome:
    """Apply a source's change to its record: create, merge or delete it. Idempotent.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        change: The source's last values and its values now.

    Returns:
        The effect on the record; for ``unchanged`` nothing was written.

    Raises:
        UnknownRecord: The record is missing, and the source does not own it.
    """
    current = draft.get(change.collection, change.id)
    alive = current is not None and current.get("deletedAt") is None
    if change.new is None:
        if current is None or not alive or not change.owner:
            return "unchanged"
        event_type = DELETED[change.collection]
        draft.change(change.collection, current, {"deletedAt": draft.at}, event_type)
        return "deleted"
    if current is None or not alive:
        if not change.owner:
            raise UnknownRecord(f"{change.collection} {change.id}")
        _create_record(draft, change, current)
        return "created"
    changes = merged_changes(current, change)
    if change.collection == "enrollments":
        return _change_enrollment(draft, current, changes, change)
    if not changes:
        return "unchanged"
    changes |= _derived_changes(draft, change.collection, current, changes)
    draft.change(
        change.collection,
        current,
        changes,
        _change_event(change.collection, current, changes),
        removed=_removed_members(change.collection, changes),
    )
    return "changed"


def merged_changes(current: Document, change: RecordChange) -> Document:
    """Return the fields that a source changes in a record, with their new values.

    >>> old, new = {"name": "A", "role": "x"}, {"name": "B", "role": "x"}
    >>> change = RecordChange("partners", "p", old, new)
    >>> merged_changes({"id": "p", "name": "A", "role": "desk's own"}, change)
    {'name': 'B'}

    Args:
        current: The record as it is stored now.
        change: The source's last values and its values now.

    Returns:
        The new values by field name. None stands for null, or for a field to remove: the source has
        no value for the field any more, and the OpenAPI contract does not permit null.
    """
    old, new = change.old or {}, change.new or {}
    changes: Document = {}
    for name, value in new.items():
        if name in old and old[name] == value:
            continue
        merged = value
        if name in change.gather:
            merged = merged_elements(
                current.get(name) or [], old.get(name) or [], value, change.gather[name]
            )
        stored = without_forbidden_nulls(SCHEMAS[change.collection], {name: merged}).get(name)
        if current.get(name) != stored:
            changes[name] = stored
    return changes


def merged_elements(
    current: Sequence[Document], old: Sequence[Document], new: Sequence[Document], key: str
) -> list[Document]:
    """Merge a source's list into a record's list, element by element.

    Args:
        current: The record's elements.
        old: The elements as the source gave them last.
        new: The elements as the source gives them now.
        key: Name of the field that identifies an element.

    Returns:
        The elements in the record's order, new ones at the end. Elements that the source gave
        before and no longer gives are left out; elements that the source never gave stay.
    """
    before = {element[key]: element for element in old}
    after = {element[key]: element for element in new}
    gone = before.keys() - after.keys()
    merged = [
        {**element, **_differences(before.get(element[key], {}), after.get(element[key], {}))}
        for element in current
        if element[key] not in gone
    ]
    known = {element[key] for element in merged}
    return [*merged, *(element for name, element in after.items() if name not in known)]


def _differences(old: Document, new: Document) -> Document:
    return {name: value for name, value in new.items() if name not in old or old[name] != value}


def _create_record(draft: Draft, change: RecordChange, tombstone: Document | None) -> None:
    collection = change.collection
    given = without_forbidden_nulls(SCHEMAS[collection], change.new or {})
    fields = {"id": change.id, **_default_fields(draft, change), **given}
    if collection == "enrollments":
        fields |= _new_enrollment(draft, fields)
    # A member that is null and not known to the record says nothing that its absence does not.
    fields = {name: value for name, value in fields.items() if value is not None}
    if tombstone is None:
        draft.create(collection, fields, CREATED[collection])
        return
    emptied = {name for name, value in (change.new or {}).items() if value is None}
    changes = {
        "deletedAt": None,
        **dict.fromkeys(sorted(emptied & tombstone.keys())),
        **fields,
    }
    del changes["id"]
    removed = _removed_members(collection, changes)
    draft.change(collection, tombstone, changes, CREATED[collection], removed=removed)


def _removed_members(collection: str, changes: Document) -> Collection[str]:
    """Return names of fields to remove: their value is null, which the OpenAPI contract forbids."""
    return {
        name
        for name, value in changes.items()
        if value is None and forbids_null(SCHEMAS[collection], name)
    }


def _default_fields(draft: Draft, change: RecordChange) -> Document:
    status = (change.new or {}).get("status")
    match change.collection:
        case "cases":
            return {
                "number": change.id,
                "documentIds": [],
                "transactionRefs": [],
                "statusHistory": [{"status": status, "at": draft.at, "visibility": "public"}],
            }
        case "service-notices":
            return {"affectedComponents": [], "affectedTransactionTypes": [], "updates": []}
        case "compliance-checks":
            return {"evaluatedAt": draft.at, "findings": []}
    return {}


def _derived_changes(
    draft: Draft, collection: str, current: Document, changes: Document
) -> Document:
    """Return record fields that the gateway sets because of a source's change, such as times.

    The status history and the next step's owner of a case are set, too. Fields that the source
    sets itself are left out.
    """
    derived: Document = {}
    status = changes.get("status")
    if collection == "cases":
        if status is not None and current.get("statusHistory") is not None:
            entry = {"status": status, "at": draft.at, "visibility": "public"}
            derived["statusHistory"] = [*current["statusHistory"], entry]
        for reached, member in (("resolved", "resolvedAt"), ("closed", "closedAt")):
            if status == reached:
                derived[member] = draft.at
        if "nextStep" in changes and current.get("nextStepOwner") is not None:
            # Nobody knows the owner of a step that was reworded.
            derived["nextStepOwner"] = None
    elif collection == "service-notices":
        if status in OVER and current.get("endsAt") is None:
            derived["endsAt"] = draft.at
    elif collection == "compliance-checks" and status is not None:
        derived["evaluatedAt"] = draft.at
    return {name: value for name, value in derived.items() if name not in changes}


def _change_event(collection: str, current: Document, changes: Document) -> str:
    """Return the type of the event that announces a source's change to a record."""
    has_status = "status" in changes
    match collection:
        case "partners":
            return "partner.status_changed" if has_status else "partner.updated"
        case "onboarding-programs":
            return "requirement.changed" if changes.keys() == {"steps"} else "program.published"
        case "cases":
            if has_status:
                return "case.status_changed"
            return "case.assigned" if "assigneeTeam" in changes else "case.updated"
        case "collaboration-requests":
            routed = not has_status and "routing" in changes
            return "request.routed" if routed else "request.status_changed"
        case "service-notices":
            over = changes.get("status") in OVER and current["status"] not in OVER
            return "notice.resolved" if over else "notice.updated"
    return "compliance.status_changed"


def _new_enrollment(draft: Draft, fields: Document) -> Document:
    """Return steps, progress and program version of a new enrollment.

    They are computed from the enrollment's onboarding program and from the fields that the source
    gives.
    """
    program = draft.get("onboarding-programs", fields["programId"]) or {"steps": []}
    given = {step["key"]: step for step in fields.get("steps") or []}
    definitions = {step["key"]: step for step in program["steps"]}
    steps = [
        _step_instance(definitions.get(key), given.get(key, {"key": key}))
        for key in (*definitions, *(key for key in given if key not in definitions))
    ]
    _unlock_steps(steps, given, draft.at)
    version = fields.get("programVersion") or program.get("version", 1)
    return {"programVersion": version, "steps": steps, **enrollment_progress(steps)}


def _step_instance(definition: Document | None, given: Document) -> Document:
    defined = {name: definition[name] for name in STEP_MEMBERS if definition and name in definition}
    blank = {
        "title": given["key"],
        "owner": "hub",
        "kind": "info",
        "waitsOn": [],
        "requiredDocumentTypes": [],
        "dueOn": None,
        "evidence": [],
        "note": None,
    }
    return {**blank, **defined, "status": "locked", **given}


def _unlock_steps(steps: Sequence[Document], given: Mapping[str, Document], at: str) -> None:
    """Make locked steps available, in place, if their prerequisites are done.

    A step is left alone if the source gives its status.

    Args:
        steps: All steps of an enrollment.
        given: The steps as the source gives them, by key.
        at: Time to write as ``unlockedAt``.
    """
    by_key = {step["key"]: step for step in steps}
    for step in steps:
        if step["status"] != "locked" or given.get(step["key"], {}).get("status") is not None:
            continue
        if all(other in by_key and by_key[other]["status"] in DONE for other in step["waitsOn"]):
            step["status"], step["unlockedAt"] = "available", at


def _change_enrollment(
    draft: Draft, current: Document, changes: Document, change: RecordChange
) -> Outcome:
    before = {step["key"]: step for step in current["steps"]}
    if "steps" in changes:
        given = {step["key"]: step for step in (change.new or {}).get("steps") or []}
        steps = [
            _kept_step(draft, current, step, before[step["key"]])
            if step["key"] in before
            else _added_step(draft, current, step)
            for step in changes["steps"]
        ]
        for step in steps:
            _stamp_step(step, before.get(step["key"], {}), given.get(step["key"], {}), draft.at)
        _unlock_steps(steps, given, draft.at)
        changes = {**enrollment_progress(steps), **changes, "steps": steps}
    changes = {name: value for name, value in changes.items() if current.get(name) != value}
    if not changes:
        return "unchanged"
    removed = _removed_members("enrollments", changes)
    changed = draft.change("enrollments", current, changes, None, removed=removed)
    moved = [
        step
        for step in changed["steps"]
        if step["status"] != before.get(step["key"], {}).get("status")
    ]
    if len(moved) > MAX_STEP_EVENTS:
        moved = []
    for step in moved:
        _append_step_event(draft, changed, step, before.get(step["key"], {}).get("status"))
    rest = changes.keys() - ({"steps", "percentComplete", "currentStepKeys"} if moved else set())
    if rest:
        draft.append_event(
            "enrollment.status_changed",
            "enrollments",
            changed,
            f"enrollments/{changed['id']}",
            sorted(rest),
            {name: current.get(name) for name in sorted(rest)},
        )
    return "changed"


def _added_step(draft: Draft, enrollment: Document, given: Document) -> Document:
    return _step_instance(_step_definition(draft, enrollment, given["key"]), given)


def _kept_step(draft: Draft, enrollment: Document, step: Document, before: Document) -> Document:
    """Return a merged step of an enrollment, with lost fields taken from its onboarding program.

    ``step`` is the result of merging the source's change into ``before``, the stored step. A field
    is lost if the source no longer gives a value; it gets the value that the program defines.
    """
    lost = [name for name in STEP_MEMBERS if name in before and name not in step]
    definition = _step_definition(draft, enrollment, step["key"]) if lost else None
    return {
        **step,
        **{name: definition[name] for name in lost if definition and name in definition},
    }


def _step_definition(draft: Draft, enrollment: Document, key: str) -> Document | None:
    program = draft.get("onboarding-programs", enrollment["programId"]) or {"steps": []}
    found: Document | None = next((step for step in program["steps"] if step["key"] == key), None)
    return found


def _stamp_step(step: Document, before: Document, given: Document, at: str) -> None:
    """Set ``submittedAt`` or ``completedAt`` to ``at`` if a step was just submitted or completed.

    A time that the source gives is kept.
    """
    if step["status"] == before.get("status"):
        return
    for statuses, member in (({"submitted"}, "submittedAt"), (DONE, "completedAt")):
        if step["status"] in statuses and member not in given:
            step[member] = at


def _append_step_event(
    draft: Draft, enrollment: Document, step: Document, before: str | None
) -> None:
    unlocked = step["status"] == "available" and before in (None, "locked")
    draft.append_event(
        "step.unlocked" if unlocked else "step.status_changed",
        "enrollments",
        enrollment,
        f"enrollments/{enrollment['id']}/steps/{step['key']}",
        ["status"],
        {"status": before},
        entity="step",
        after=step,
    )
