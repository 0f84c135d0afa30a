"""The expected rows of PartnerRequests: of a submission, and of the request made of it.

Rules: docs/functions/form_intake.md and request_publisher.md.
"""

from soak.judges.deliveries import Sent
from soak.judges.expected import Expected, Row
from soak.judges.facts import Request
from soak.judges.rows import expected_comments
from soak.judges.verdict import Findings, Kind
from soak.judges.world import Conversation

CLOSED = frozenset({"completed", "rejected", "duplicate"})
"""Final statuses of a request."""


def expected_request(
    identifier: str, request: Request, sent: Sent, said: Conversation | None
) -> Expected:
    """Return the expected row of a submission that has become a request.

    Args:
        identifier: The request.
        request: Its facts.
        sent: The submission.
        said: Its public comments.
    """
    return Expected(
        fields={
            "partnerId": request.head.partner,
            "memberId": sent.member,
            "kind": "request",
            "record": f"collaboration-requests/{identifier}",
            "number": request.number,
            "status": request.head.status,
            "open": request.head.status not in CLOSED,
            "dueAt": request.due,
        },
        texts={"nextStep": request.step},
        lists={"comments": expected_comments(said)},
    )


def judge_follow_up(name: str, row: Row, sent: Sent, *, held: bool, findings: Findings) -> None:
    """Judge the row of a follow-up submission: done, or not possible, with the reason.

    Args:
        name: How the findings call the row.
        row: The row.
        sent: The follow-up.
        held: True if it still waits, for a person or in a dead-letter queue.
        findings: Gets what is wrong.
    """
    status = row.get("status")
    if status == "received":
        if not held:
            findings.add(Kind.STALE, f"{name} still says received")
    elif status not in ("done", "not_possible"):
        findings.add(Kind.STALE, f"{name} says {status}")
    elif status == "not_possible" and not row.get("message"):
        findings.add(Kind.LOST, f"{name} does not say why it is not possible")
    for field, value in (
        ("kind", sent.action),
        ("memberId", sent.member),
        ("partnerId", sent.partner),
    ):
        if row.get(field) != value:
            findings.add(Kind.STALE, f"{name} shows {field} {row.get(field)}, not {value}")
