"""Steps of the ``gridwix desk`` commands that resolve or close a record, or decide an approval."""

from collections.abc import Mapping, Sequence

from ops.errors import OpsError
from ops.gateway.desk.client import DeskClient, Record

WAYS_TO_RESOLVED: Mapping[str, Sequence[str]] = {
    "new": ("open", "resolved"),
    "open": ("resolved",),
    "awaiting_partner": ("open", "resolved"),
    "awaiting_internal": ("open", "resolved"),
}
"""Transitions that lead a case to ``resolved``, by its present status."""

ENDS_OF_NOTICES: Mapping[str, str] = {
    "incident": "resolved",
    "maintenance": "completed",
    "advisory": "withdrawn",
}
"""Final status of a service notice, by its kind."""


def resolve_case(client: DeskClient, case: Record, summary: str) -> Record:
    """Resolve a case. A case that waits or is new is moved to the status ``open`` first.

    Args:
        client: Client of the gateway.
        case: The case as it was last read from the gateway.
        summary: Text on what was done. The partner can read it.

    Returns:
        The resolved case.

    Raises:
        OpsError: The case is resolved or closed already.
    """
    for status in ways_to_resolved(case):
        fields = {"to": status, **({"reason": summary} if status == "resolved" else {})}
        case = client.move_record("cases", case, fields)
    return case


def ways_to_resolved(case: Record) -> Sequence[str]:
    """Return the statuses through which a case gets to ``resolved``, in order.

    Raises OpsError if the case is resolved or closed already.
    """
    way = WAYS_TO_RESOLVED.get(case["status"])
    if way is None:
        raise OpsError(
            f"the case is {case['status']}, from which it cannot be resolved",
            "`gridwix desk show` shows it, and `gridwix desk move` moves it",
        )
    return way


def closing_status(collection: str, record: Record) -> str:
    """Return the status to which a case or service notice has to be moved to close it.

    The status of a notice depends on the kind of the notice. Raises OpsError for records of any
    other collection.
    """
    if collection == "cases":
        return "closed"
    if collection == "service-notices":
        return ENDS_OF_NOTICES.get(record["kind"], "resolved")
    raise OpsError("only cases and notices are closed", "use move for others")


def pending_approval(client: DeskClient, identifier: str, version: int | None) -> Record:
    """Return the pending approval with an id, or the pending approval of the document with that id.

    Args:
        client: Client of the gateway.
        identifier: Id of an approval or a document.
        version: Version of the document that waits for approval; None if only one version waits.

    Raises:
        OpsError: No approval is pending for the id, or several versions of the document wait.
    """
    approval = client.get_record("approvals", identifier)
    if approval is not None:
        if approval["status"] != "pending":
            raise OpsError(
                f"the approval is {approval['status']}, so it is decided",
                "publish a new version of the document",
            )
        return approval
    waiting = [
        one
        for one in client.list_records("approvals", statuses=["pending"])
        if _is_about(one, identifier, version)
    ]
    if not waiting:
        raise OpsError(
            f"nothing of {identifier} waits for approval",
            "`gridwix desk list documents` lists what waits",
        )
    if len(waiting) > 1:
        versions = ", ".join(one["subject"]["id"].rpartition("/")[2] for one in waiting)
        raise OpsError(f"several versions wait ({versions})", "name one with --version")
    return waiting[0]


def _is_about(approval: Record, document: str, version: int | None) -> bool:
    found, _, number = str(approval["subject"]["id"]).rpartition("/")
    return found == document and version in (None, int(number) if number.isdecimal() else -1)
