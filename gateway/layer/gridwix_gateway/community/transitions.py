"""Status transitions that all collections share: permission, reason, and owner of the next step."""

from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import ENTITY_NAMES, STATUS_EVENTS
from gridwix_gateway.profile.state_machines import MACHINES
from gridwix_gateway.store.commits import Draft


def status_changes(collection: str, record: Document, move: Document) -> Document:
    """Check a status transition, and return the new values of ``status`` and ``statusReason``.

    ``statusReason`` is the reason in ``move``. If ``move`` has no reason, the record's old reason
    no longer applies: ``statusReason`` is None if the record has a reason, and left out if it has
    none.

    Args:
        collection: The collection, such as ``cases``.
        record: The record.
        move: The new status ``to``, and maybe ``reason``.

    Raises:
        Problem: ``invalid-transition`` if the state machine forbids the move, ``validation`` if a
            required reason is missing.
    """
    target, reason = move["to"], move.get("reason")
    subject = f"{ENTITY_NAMES[collection]} {record['id']}"
    MACHINES[collection].require_transition(subject, record["status"], target, reason)
    changes: Document = {"status": target}
    if reason or record.get("statusReason") is not None:
        changes["statusReason"] = reason
    return changes


def move_record(draft: Draft, collection: str, record: Document, move: Document) -> Document:
    """Move a partner or an enrollment to another status.

    Args:
        draft: The commit: its reads and buffered writes.
        collection: The collection: ``partners`` or ``enrollments``.
        record: The record, as read within the commit.
        move: The new status ``to``, and maybe ``reason``.

    Returns:
        The record after the move.

    Raises:
        Problem: ``invalid-transition`` or ``validation``.
    """
    changes = status_changes(collection, record, move)
    return draft.change(collection, record, changes, STATUS_EVENTS[collection])


def next_step_changes(record: Document, changes: Document) -> Document:
    """Return ``changes``, with the next step's owner reset if they change the next step.

    If ``nextStep`` changes and ``nextStepOwner`` does not, the owner becomes None, which is
    unknown.

    Args:
        record: The case or collaboration request.
        changes: Members with their new values.

    >>> next_step_changes({"nextStepOwner": "partner"}, {"nextStep": "Send the label."})
    {'nextStepOwner': None, 'nextStep': 'Send the label.'}
    """
    if "nextStep" in changes and record.get("nextStepOwner") is not None:
        return {"nextStepOwner": None, **changes}
    return changes
