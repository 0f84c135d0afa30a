"""The expected rows of the portal, from the newest records. Pure.

From docs/functions (status_publisher, notice_publisher, onboarding_sync), docs/glossary.md and the
row models' fields. Where the documents are silent, the product's code was read for the rule, and
the function says so here.
"""

from collections.abc import Sequence
from typing import Any

from soak.judges.expected import Entry, Expected, Listed, key_by, key_by_tokens
from soak.judges.facts import (
    MOST_ENTRIES,
    MOST_LISTED,
    Case,
    Enrollment,
    Notice,
    Program,
)
from soak.judges.world import MOST_COMMENTS, Conversation

SETTLED = frozenset({"closed", "cancelled"})
"""Statuses of a case that is over."""

RUNNING = frozenset({"invited", "in_progress", "on_hold"})
"""Statuses of an enrollment that is not complete."""

OVER = frozenset({"resolved", "completed", "cancelled", "withdrawn"})
"""Statuses of a notice that is over (docs/community-gateway.openapi.yaml)."""

MOST_STEPS = 200
"""Maximum number of steps in an enrollment's row. The rule is the code's."""


def expected_issue(case: Case, said: Conversation | None, hub_rules: frozenset[str]) -> Expected:
    """Return the expected row of OpenIssues for a case.

    Args:
        case: The case.
        said: Its public comments.
        hub_rules: Keys of the case rules whose next step is the hub's.
    """
    comments = list(said.newest) if said else []
    last = comments[-1][3] if comments else ""
    answered = (
        case.head.status in ("new", "open")
        and not case.step_owner
        and case.rule not in hub_rules
        and last == "partner"
    )
    return Expected(
        fields={
            "partnerId": case.head.partner,
            "number": case.number,
            "open": case.head.status not in SETTLED,
            "status": case.head.status,
            "category": case.category,
            "priority": case.priority,
            "dueAt": case.due,
            "waitsFor": waits_for(case, last, hub_rules),
            "earlierChanges": max(0, case.changes - MOST_LISTED) or None,
        },
        texts={"subject": case.subject, "nextStep": () if answered else case.step},
        lists={
            "comments": expected_comments(said),
            "affected": Listed(
                [Entry("")] * case.references,
                lambda _: "",
                MOST_LISTED,
                "moreAffected",
            ),
            "history": Listed(
                [Entry(status) for status in case.history],
                key_by("status"),
                MOST_LISTED,
                total=len(case.history),
            ),
        },
    )


def expected_comments(said: Conversation | None) -> Listed:
    """Return the expected list of public comments of an issue or a request, with the side that
    wrote each.
    """
    comments = list(said.newest) if said else []
    return Listed(
        [Entry(" ".join(tokens), {"author": side}) for _, _, tokens, side in comments],
        key_by_tokens("text"),
        MOST_COMMENTS,
        "earlierComments",
        said.total if said else 0,
    )


def waits_for(case: Case, last: str, hub_rules: frozenset[str]) -> str:
    """Return the side that has to act next on a case
    (docs/functions/notice_publisher.md#who-acts-next).

    That a case without a next step waits for the hub, regardless of its owner, is the code's rule.

    Args:
        case: The case.
        last: Side that wrote the last public comment; "" without one.
        hub_rules: Keys of the case rules whose next step is the hub's.
    """
    if case.head.status in SETTLED:
        return "nobody"
    if case.head.status in ("awaiting_partner", "resolved"):
        return "partner"
    if not case.has_step:
        return "hub"
    if case.step_owner:
        return "partner" if case.step_owner == "partner" else "hub"
    if case.head.status not in ("new", "open") or case.rule in hub_rules:
        return "hub"
    return "hub" if last == "partner" else "partner"


def expected_notice(notice: Notice, audience: Sequence[str] | None) -> Expected:
    """Return the expected row of ServiceNotices for a notice.

    Args:
        notice: The notice.
        audience: The partners that it is for; None if they are not judged.
    """
    everybody = notice.audience.all
    fields: dict[str, Any] = {
        "kind": notice.kind,
        "impact": notice.impact,
        "status": notice.head.status,
        "active": notice.head.status not in OVER,
        "forEverybody": everybody,
    }
    if everybody or audience is not None:
        fields["partnerIds"] = () if everybody else tuple(audience or ())
    return Expected(
        fields,
        {"title": notice.title, "workaround": notice.workaround},
        {
            "entries": Listed(
                [Entry(" ".join(entry)) for entry in notice.entries],
                key_by_tokens("html"),
                MOST_ENTRIES,
                "earlierEntries",
                notice.updates,
            )
        },
    )


def expected_progress(enrollment: Enrollment) -> Expected:
    """Return the expected row of OnboardingProgress for an enrollment."""
    return Expected(
        fields={
            "partnerId": enrollment.head.partner,
            "programId": enrollment.program,
            "programVersion": enrollment.program_version,
            "status": enrollment.head.status,
            "active": enrollment.head.status in RUNNING,
            "percentComplete": enrollment.percent,
            "targetGoLive": enrollment.go_live,
        },
        lists={
            "steps": Listed(
                [
                    Entry(
                        step.key,
                        {"status": step.status, "owner": step.owner, "dueOn": step.due_on},
                        {"title": step.title, "note": step.note},
                    )
                    for step in enrollment.steps
                ],
                key_by("key"),
                MOST_STEPS,
                "moreSteps",
            )
        },
    )


def expected_program_rows(program: Program, past: frozenset[str]) -> dict[str, Expected]:
    """Return the expected rows of OnboardingSteps by id: one for each step and locale of a program.

    A step that the program no longer has is retired. In the soak test no editor changes them on the
    portal.

    Args:
        program: The program. A draft has no rows: the code says so.
        past: Ids of the rows of all steps that it has ever had.
    """
    rows = {identifier: Expected({"retired": True}) for identifier in past}
    if program.head.status == "draft":
        return rows
    retired = program.head.deleted or program.head.status == "retired"
    for key, locales, title in program.steps:
        for locale in locales:
            rows[f"{program.key}.{key}.{locale}"] = Expected(
                {"programKey": program.key, "stepKey": key, "locale": locale, "retired": retired},
                {
                    "title": title,
                    "programName": program.name,
                    "instructions": program.instructions,
                },
            )
    return rows
