"""The expected row of PartnerStatus, from a partner's newest records. Pure.

From docs/functions/status_publisher.md and the row model's fields. Rules that only the product's
code has are named at their place.
"""

from collections.abc import Iterator, Mapping, Sequence

from soak.judges.expected import Entry, Expected, Listed, key_by
from soak.judges.facts import MOST_LISTED, Case, Check, Enrollment, Partner, Step
from soak.judges.rows import RUNNING, SETTLED
from soak.judges.tokens import Tokens

FAILING = frozenset({"failed", "expired"})
"""Statuses of a compliance check that counts as failed. That an expired one does is the code's
rule.
"""

ACTIONABLE = frozenset({"available", "in_progress", "changes_requested"})
"""Statuses of a step that its owner can work on. The list is the code's."""


def expected_status(
    partner_id: str,
    partner: Partner,
    enrollments: Mapping[str, Enrollment],
    checks: Mapping[str, Check],
    cases: Mapping[str, Case],
) -> Expected:
    """Return the expected row of PartnerStatus for a partner.

    Two rules are the code's: of several enrollments the running ones go first, then the one that
    was created last; and the cases that wait for the partner are those that are awaiting_partner,
    and those whose gateway names the partner as the owner of the next step.

    Args:
        partner_id: The partner.
        partner: Its facts.
        enrollments: Its enrollments by id; those that were deleted are left out.
        checks: Its checks, in the same way.
        cases: Its cases, in the same way.
    """
    enrollment_id, enrollment = max(
        enrollments.items(),
        key=lambda one: (one[1].head.status in RUNNING, one[1].created or 0, one[0]),
        default=("", None),
    )
    running = enrollment is not None and enrollment.head.status in RUNNING
    steps = [
        step
        for step in (enrollment.steps if enrollment is not None and running else ())
        if step.status in ACTIONABLE
        and step.owner in ("partner", "joint")
        and step.kind != "approval"
    ]
    failing = {key: check for key, check in checks.items() if check.head.status in FAILING}
    opened = {key: case for key, case in cases.items() if case.head.status not in SETTLED}
    tasks = list(_tasks(failing, opened, enrollment_id, steps))
    return Expected(
        fields={
            "partnerId": partner_id,
            "status": partner.head.status,
            "onboardingPercent": None if enrollment is None else enrollment.percent,
            "targetGoLive": enrollment.go_live if enrollment is not None and running else None,
            "failedChecks": len(failing),
            "openCases": len(opened),
        },
        texts={
            "partnerName": partner.name,
            "currentSteps": _all_tokens(step.title for step in steps[:MOST_LISTED]),
        },
        lists={
            "cases": Listed(
                [_open_case(case) for case in opened.values()], key_by("number"), MOST_LISTED
            ),
            "nextSteps": Listed(tasks, key_by("reference"), MOST_LISTED, "moreNextSteps"),
            "documentRequests": Listed(
                list(_document_requests(failing, enrollment_id, steps)),
                key_by("reference"),
                MOST_LISTED,
                "moreDocumentRequests",
            ),
        },
    )


def _tasks(
    failing: Mapping[str, Check],
    opened: Mapping[str, Case],
    enrollment_id: str,
    steps: Sequence[Step],
) -> Iterator[Entry]:
    for key, check in failing.items():
        yield Entry(f"compliance-checks/{key}", {"dueOn": check.due_on}, {"text": check.action})
    for key, case in opened.items():
        if case.head.status == "awaiting_partner" or (
            case.has_step and case.step_owner == "partner"
        ):
            yield Entry(f"cases/{key}", {}, {"text": case.step if case.has_step else case.subject})
    for step in steps:
        yield Entry(
            f"enrollments/{enrollment_id}/steps/{step.key}",
            {"dueOn": step.due_on},
            {"text": step.note or step.title},
        )


def _document_requests(
    failing: Mapping[str, Check], enrollment_id: str, steps: Sequence[Step]
) -> Iterator[Entry]:
    for step in steps:
        if step.types:
            reference = f"enrollments/{enrollment_id}/steps/{step.key}"
            yield Entry(reference, {"documentTypes": step.types}, {"title": step.title})
    for key, check in failing.items():
        if check.document_type:
            yield Entry(
                f"compliance-checks/{key}",
                {"documentTypes": (check.document_type,)},
                {"title": check.title},
            )


def _open_case(case: Case) -> Entry:
    return Entry(
        case.number,
        {
            "status": case.head.status,
            "category": case.category,
            "priority": case.priority,
            "dueAt": case.due,
        },
        {"subject": case.subject, "nextStep": case.step},
    )


def _all_tokens(texts: Iterator[Tokens]) -> Tokens:
    return tuple(dict.fromkeys(token for text in texts for token in text))
