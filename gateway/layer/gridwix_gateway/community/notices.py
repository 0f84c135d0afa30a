"""Service notices (incident, maintenance, advisory), and their updates."""

from gridwix_gateway.documents import Document
from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.profile.state_machines import NOTICE_MACHINES
from gridwix_gateway.store.commits import Draft

COLLECTION = "service-notices"

OVER = frozenset({"resolved", "completed", "cancelled", "withdrawn"})
"""Statuses of a service notice that has ended."""


def publish_notice(draft: Draft, fields: Document) -> Document:
    """Publish a service notice.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        fields: ``kind`` and ``title``, other fields of the OpenAPI schema ``ServiceNotice``, and
            ``bodyHtml``, the text of the first update.

    Returns:
        The notice.

    Raises:
        Problem: ``validation``: the notice has an unknown kind.
    """
    machine = NOTICE_MACHINES.get(fields["kind"])
    if machine is None:
        raise Problem(
            "validation",
            "The notice is not valid.",
            [FieldError("/kind", "enum", f"one of {', '.join(NOTICE_MACHINES)}")],
        )
    status = fields.get("status") or next(iter(machine.transitions))
    body_html = fields.get("bodyHtml")
    updates = [] if body_html is None else [_notice_update(1, draft.at, status, body_html)]
    notice = {
        "impact": "none",
        "startsAt": draft.at,
        "endsAt": None,
        "scheduledFor": None,
        "scheduledUntil": None,
        "audience": {"all": True},
        "affectedComponents": [],
        "affectedTransactionTypes": [],
        "workaround": None,
        "supersedesId": None,
        "updates": updates,
        **{name: value for name, value in fields.items() if name != "bodyHtml"},
        "id": f"ntc_{draft.next_number:012}",
        "status": status,
    }
    return draft.create(COLLECTION, notice, "notice.published")


def update_notice(
    draft: Draft,
    notice: Document,
    *,
    target: str | None = None,
    body_html: str | None = None,
    changes: Document | None = None,
) -> Document:
    """Change the status or other fields of a service notice, or add an update to the notice.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        notice: The notice, as read within the commit.
        target: The new status, if it changes.
        body_html: Text of the update, if there is one.
        changes: New values of other fields, by field name.

    Returns:
        The notice after the change.

    Raises:
        Problem: ``invalid-transition``: the notice cannot move to the new status.
    """
    former, fresh = notice["status"], dict(changes or {})
    status = target or former
    if status != former:
        machine = NOTICE_MACHINES[notice["kind"]]
        machine.require_transition(f"notice {notice['id']}", former, status)
        fresh["status"] = status
    if body_html is not None:
        updates = notice.get("updates") or []
        update = _notice_update(len(updates) + 1, draft.at, status, body_html)
        fresh["updates"] = [update, *updates]
    if status in OVER and notice.get("endsAt") is None:
        fresh.setdefault("endsAt", draft.at)
    ends = status in OVER and former not in OVER
    event_type = "notice.resolved" if ends else "notice.updated"
    return draft.change(COLLECTION, notice, fresh, event_type)


def _notice_update(number: int, at: str, status: str, body_html: str) -> Document:
    return {"id": f"u{number}", "at": at, "status": status, "bodyHtml": body_html}
