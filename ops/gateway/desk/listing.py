"""Rows of the desk's list: records that wait for the hub's people. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ops.gateway.desk.client import Record

KINDS: Mapping[str, str] = {
    "requests": "collaboration-requests",
    "cases": "cases",
    "steps": "enrollments",
    "documents": "approvals",
    "notices": "service-notices",
    "checks": "compliance-checks",
}
"""Collection that a kind of row is read from."""

DEFAULT_KINDS = ("requests", "cases", "steps", "documents")

OPEN_STATUSES: Mapping[str, Sequence[str]] = {
    "requests": ("received", "triaged", "in_progress", "waiting_on_partner"),
    "cases": ("new", "open", "awaiting_partner", "awaiting_internal", "resolved"),
    "steps": ("submitted",),
    "documents": ("pending",),
    "notices": (
        "investigating",
        "identified",
        "monitoring",
        "scheduled",
        "in_progress",
        "verifying",
        "published",
    ),
    "checks": ("not_started", "pending", "failed", "expired"),
}
"""Statuses of the records that the list shows by default, by kind."""


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A row of the desk's list: one record that waits for the hub's people.

    Args:
        kind: Kind of the record, a key of ``KINDS``.
        id: The record's id, which the other commands take.
        number: The record's number that people quote; empty if there is none.
        status: The record's status.
        partner: Id of the record's partner; empty if there is none.
        team: The record's team; empty if there is none.
        subject: What the record is about.
        updated: Time of the record's last change.
    """

    kind: str
    id: str
    number: str
    status: str
    partner: str
    team: str
    subject: str
    updated: str


def desk_rows(kind: str, records: Iterable[Record], statuses: Sequence[str]) -> Iterator[DeskRow]:
    """Yield the rows of the desk's list for records, or for the steps of enrollments.

    Args:
        kind: The kind of the rows.
        records: Records of the kind's collection.
        statuses: Only rows with these statuses.

    >>> step = {"key": "tax", "title": "Tax form", "status": "submitted"}
    >>> enrollment = {"id": "e1", "partnerId": "p1", "updatedAt": "t", "steps": [step]}
    >>> [row.subject for row in desk_rows("steps", [enrollment], ["submitted"])]
    ['tax: Tax form']
    """
    for record in records:
        if kind == "steps":
            yield from (
                _row(kind, record, step["status"], f"{step['key']}: {step['title']}")
                for step in record["steps"]
                if step["status"] in statuses
            )
        elif record["status"] in statuses:
            yield _row(kind, record, record["status"], _subject(kind, record))


def _row(kind: str, record: Record, status: str, subject: str) -> DeskRow:
    return DeskRow(
        kind=kind,
        id=str(record["id"]),
        number=str(record.get("number") or ""),
        status=status,
        partner=str(record.get("partnerId") or ""),
        team=_team(record),
        subject=subject,
        updated=str(record["updatedAt"]),
    )


def _subject(kind: str, record: Record) -> str:
    match kind:
        case "requests":
            return f"{record['type']}: {record.get('formKey', '')}"
        case "documents":
            return f"version {record['subject']['id']}"
        case "cases":
            return str(record["subject"])
    return str(record.get("title", ""))


def _team(record: Record) -> str:
    routing, team = record.get("routing") or {}, record.get("assigneeTeam") or {}
    return str(routing.get("teamKey") or team.get("key") or record.get("approverTeam") or "")
