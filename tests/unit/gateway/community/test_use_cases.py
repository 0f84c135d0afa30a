"""Use cases of the hub itself: programs, enrollments, notices, deletion."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from gridwix_gateway.community.checks import move_check
from gridwix_gateway.community.enrollments import (
    MAX_EVENTS,
    enroll_partner,
    move_enrollment_step,
)
from gridwix_gateway.community.notices import publish_notice, update_notice
from gridwix_gateway.community.programs import change_program, publish_program
from gridwix_gateway.community.records import delete_record, read_open_record
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.commits import Draft
from tests.fakes.gateway.server import GatewayParts

INCIDENT = {"kind": "incident", "title": "Mailbox delay"}


def definition(key: str, *waits_on: str) -> Document:
    return {
        "key": key,
        "title": key,
        "phase": "setup",
        "owner": "partner",
        "kind": "form",
        "waitsOn": list(waits_on),
        "dueInDays": 5,
    }


class World:
    """A gateway whose drafts a test runs one by one."""

    def __init__(self) -> None:
        self.parts = GatewayParts()

    def run[T](self, work: Callable[[Draft], T]) -> T:
        return self.parts.commits.run(work)

    def types(self, after: int = 0) -> list[str]:
        events = self.parts.services.feed.read_page(after, 200).events
        return [str(event["type"]).removeprefix("net.example.tg.") for event in events]

    def enroll(self, steps: Sequence[Document]) -> Document:
        program = self.run(
            lambda draft: publish_program(draft, {"id": "prg_1", "key": "edi", "steps": steps})
        )
        return self.run(lambda draft: enroll_partner(draft, "enr_1", "p1", program, {}))


def test_enrollment_takes_the_steps_of_its_program_and_unlocks_the_first() -> None:
    world = World()

    enrollment = world.enroll([definition("a"), definition("b", "a")])

    assert [(step["key"], step["status"]) for step in enrollment["steps"]] == [
        ("a", "available"),
        ("b", "locked"),
    ]
    assert "dueInDays" not in enrollment["steps"][0]
    assert (enrollment["programVersion"], enrollment["currentStepKeys"]) == (1, ["a"])
    assert world.types() == ["program.published", "enrollment.created"]


def test_steps_that_change_at_once_fit_into_one_commit_or_are_refused() -> None:
    def wide(count: int) -> list[Document]:
        return [definition("first"), *(definition(f"s{n}", "first") for n in range(count))]

    fitting, too_wide = World(), World()
    enrollments = fitting.enroll(wide(MAX_EVENTS)), too_wide.enroll(wide(MAX_EVENTS + 1))

    moved = fitting.run(
        lambda draft: move_enrollment_step(
            draft, enrollments[0], "first", {"to": "waived", "reason": "Known partner"}
        )
    )
    with pytest.raises(Problem) as refused:
        too_wide.run(
            lambda draft: move_enrollment_step(
                draft, enrollments[1], "first", {"to": "waived", "reason": "Known partner"}
            )
        )

    assert moved.enrollment["percentComplete"] == 1
    assert fitting.types(2) == ["step.status_changed", *["step.unlocked"] * MAX_EVENTS]
    assert refused.value.code == "payload-too-large"


def test_program_with_other_steps_is_a_changed_requirement() -> None:
    world = World()
    world.enroll([definition("a")])

    def change(changes: Document, draft: Draft) -> Document:
        program = read_open_record(draft, "onboarding-programs", "prg_1")
        return change_program(draft, program, changes)

    world.run(partial(change, {"steps": []}))
    world.run(partial(change, {"name": "EDI", "steps": []}))

    assert world.types(2) == ["requirement.changed", "program.published"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [("incident", "investigating"), ("maintenance", "scheduled"), ("advisory", "published")],
)
def test_new_notice_has_the_first_status_of_its_kind(kind: str, status: str) -> None:
    world = World()

    notice = world.run(
        lambda draft: publish_notice(draft, {"kind": kind, "title": "x", "bodyHtml": "<p>a</p>"})
    )

    assert (notice["status"], notice["audience"]) == (status, {"all": True})
    assert [(one["status"], one["bodyHtml"]) for one in notice["updates"]] == [(status, "<p>a</p>")]
    assert "bodyHtml" not in notice


def test_notice_is_updated_newest_first_and_ends_once() -> None:
    world = World()
    notice = world.run(lambda draft: publish_notice(draft, {**INCIDENT, "bodyHtml": "<p>a</p>"}))

    resolved = world.run(
        lambda draft: update_notice(draft, notice, target="resolved", body_html="<p>b</p>")
    )
    after = world.run(
        lambda draft: update_notice(draft, resolved, changes={"workaround": "Use AS2."})
    )

    assert [update["bodyHtml"] for update in after["updates"]] == ["<p>b</p>", "<p>a</p>"]
    assert after["endsAt"] == resolved["endsAt"] is not None
    assert after["workaround"] == "Use AS2."
    assert world.types() == ["notice.published", "notice.resolved", "notice.updated"]


def test_notice_of_no_kind_or_with_a_wrong_transition_is_refused() -> None:
    world = World()
    notice = world.run(lambda draft: publish_notice(draft, INCIDENT))

    with pytest.raises(Problem, match="not valid"):
        world.run(lambda draft: publish_notice(draft, {**INCIDENT, "kind": "party"}))
    with pytest.raises(Problem, match="from there it can go to"):
        world.run(lambda draft: update_notice(draft, notice, target="completed"))


def test_record_is_deleted_once_and_then_takes_no_changes() -> None:
    world = World()
    notice = world.run(lambda draft: publish_notice(draft, INCIDENT))

    first = world.run(lambda draft: delete_record(draft, "service-notices", notice["id"]))
    second = world.run(lambda draft: delete_record(draft, "service-notices", notice["id"]))

    assert first == second
    assert (first["version"], world.types()) == (2, ["notice.published", "notice.updated"])
    for identifier in (notice["id"], "nothing"):
        with pytest.raises(Problem) as refused:
            world.run(partial(read_notice, identifier))
        assert refused.value.code == "not-found"
    with pytest.raises(Problem):
        world.run(lambda draft: delete_record(draft, "service-notices", "nothing"))


def read_notice(identifier: str, draft: Draft) -> Document:
    return read_open_record(draft, "service-notices", identifier)


def test_check_that_passes_takes_its_validity_from_the_source_alone() -> None:
    world = World()
    check = world.run(
        lambda draft: draft.create(
            "compliance-checks",
            {
                "id": "chk_1",
                "partnerId": "p1",
                "ruleKey": "insurance",
                "status": "pending",
                "validUntil": "2026-01-01",
                "findings": [{"text": "expired"}],
            },
            "compliance.status_changed",
        )
    )

    passed = world.run(lambda draft: move_check(draft, check, {"to": "passed"}))
    dated = world.run(
        lambda draft: move_check(draft, check, {"to": "passed", "validUntil": "2027-01-01"})
    )

    assert (passed["validUntil"], passed["findings"]) == (None, [])
    assert passed["nextAction"] == "No action needed."
    assert dated["validUntil"] == "2027-01-01"
