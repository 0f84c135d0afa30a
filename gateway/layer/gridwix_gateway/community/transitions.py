"""Status transitions that all collections share: checks, reasons, next steps."""

from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import ENTITY_NAMES, STATUS_EVENTS
from gridwix_gateway.profile.state_machines import MACHINES
from gridwix_gateway.store.commits import Draft


def status_changes(collection: str, record: Document, move: Document) -> Document:
    """Check a transition, and return the new values of ``status`` and ``statusReason``.

    ``statusReason`` is the reason in ``move``; without one, None if the record has a reason, which
    is out of date, else left out. The hub needs the reason when a partner rejects a resolution.

    Args:
        collection: The collection, such as ``cases``.
        record: The record.
        move: The status ``to``, and maybe ``reason``, as in the profile's schema ``Transition``.

    Raises:
        Problem: ``invalid-transition`` or ``validation``.
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
        draft: The commit's draft.
        collection: The collection.
        record: The record as the draft has read it.
        move: As in :func:`status_changes`.

    Returns:
        The record after the move.

    Raises:
        Problem: ``invalid-transition`` or ``validation``.
    """
    changes = status_changes(collection, record, move)
    return draft.change(collection, record, changes, STATUS_EVENTS[collection])


def next_step_changes(record: Document, changes: Document) -> Document:
    """Return changes of a case or request, completed by the owner of a new next step.

    If ``nextStep`` changes and ``nextStepOwner`` does not, the owner becomes None: unknown.

    Args:
        record: The record.
        changes: Members with their new values.

    >>> next_step_changes({"nextStepOwner": "partner"}, {"nextStep": "Send the label."})
    {'nextStepOwner': None, 'nextStep': 'Send the label.'}
    """
    if "nextStep" in changes and record.get("nextStepOwner") is not None:
        return {"nextStepOwner": None, **changes}
    return changes
