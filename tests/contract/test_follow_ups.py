"""Follow-ups of members on cases and steps: the real client and the Trading Grid emulator."""

from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid import app
from emulators.trading_grid.seed import PRAIRIE_GOLD
from emulators.trading_grid.tenant import new_tenant
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.errors import UpstreamError
from gridwix.files.attachments import Attachments
from gridwix.form_intake.document_uploads import DocumentUploads
from gridwix.form_intake.follow_ups import FollowUps
from gridwix.mapping.references import idempotency_key
from gridwix.mapping.step_actions import is_of_partner
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.cases import Case, NewCase
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.requests import (
    CollaborationRequest,
    NewRequest,
    RequestRouting,
    Submitter,
)
from gridwix.partner_requests.orders import (
    CommentOrder,
    FollowUp,
    RequestCommentOrder,
    ResolutionOrder,
    StepOrder,
)
from gridwix.runtime.configuration import configuration
from ops.emulator import Emulator
from ops.gateway_client import GatewayClient
from tests.fakes.intake import FakeFiles

OWNER = PartnerId(PRAIRIE_GOLD)


class World:
    """``case`` is a case of the partner; ``step`` of ``enrollment`` can be started."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url
        info = Emulator(url).info()
        auth = trading_grid_auth(
            "apigrid",
            {name: info[name] for name in ("consumerKey", "consumerSecret")},
            base_url=url,
        )
        self.community = CommunityClient(
            http, auth, base_url=info["communityBaseUrl"], sleep=lambda _: None
        )
        self.gateway = GatewayClient(info["communityBaseUrl"], auth, http)
        self.case = self.community.create_case(
            NewCase(
                partner_id=OWNER, subject="Labels", category="label_quality", priority="normal"
            ),
            idempotency_key("case"),
        )
        routing = RequestRouting(team_key="ap-disputes", rule_key="invoice")
        wish = {
            "type": "invoice_clarification",
            "form_key": "invoice-question",
            "form_version": 2,
            "priority": "normal",
            "source_submission_id": "sub-0",
        }
        order = NewRequest(
            partner_id=OWNER,
            submitter=Submitter(name="Dana"),
            answers={"question": "Which price?"},
            routing=routing,
            **wish,
        )
        self.request = self.community.create_request(order, idempotency_key("request"))
        enrollments = [
            one
            for one in self.community.enrollments([OWNER]).records
            if any(step.status == "available" for step in one.steps)
        ]
        nobody = FakeFiles()
        self.follow_ups = FollowUps(
            self.community,
            DocumentUploads(
                self.community, nobody, Attachments(nobody, nobody), configuration().documents
            ),
        )
        self.enrollment = enrollments[0]
        self.step = next(step.key for step in self.enrollment.steps if step.status == "available")
        self.hubs = next(step.key for step in self.enrollment.steps if not is_of_partner(step))

    def move_case(self, *statuses: str) -> None:
        for status in statuses:
            self.gateway.make_transition(
                "cases", self.gateway.get_record("cases", self.case.id), status
            )

    def move_request(self, *statuses: str) -> None:
        for status in statuses:
            self.gateway.make_transition(
                "collaboration-requests",
                self.gateway.get_record("collaboration-requests", self.request.id),
                status,
            )

    def said(self) -> Sequence[Comment]:
        """Return the comments of the request."""
        found = self.community.request_comments(self.request.id)
        assert found is not None
        return found.records

    def request_status(self) -> str:
        request = self.community.record(self.request.record)
        assert isinstance(request, CollaborationRequest)
        return request.status

    def fault(self, kind: str, **order: Any) -> None:
        Emulator(self.url).order("faults", {"kind": kind, **order})

    def carry_out(self, order: FollowUp, submission_id: str = "sub-1") -> str:
        """Apply a follow-up, with retries. Return the reason of a refusal."""
        for _ in range(5):
            try:
                return self.follow_ups.carry_out(submission_id, order).refusal
            except UpstreamError:
                continue
        raise AssertionError("it did not come through")

    def status(self) -> str:
        case = self.community.record(self.case.record)
        assert isinstance(case, Case)
        return case.status

    def step_status(self) -> str:
        enrollment = self.community.record(self.enrollment.record)
        assert isinstance(enrollment, Enrollment)
        return next(step.status for step in enrollment.steps if step.key == self.step)


@pytest.fixture
def world() -> Iterator[World]:
    with thread(app.build_app(new_tenant(partners=0))) as url, new_client() as http:
        yield World(url, http)


def comment(world: World) -> CommentOrder:
    return CommentOrder(partner_id=OWNER, case_id=world.case.id, body="Фото 李", author="Dana")


def step(world: World) -> StepOrder:
    return StepOrder(
        partner_id=OWNER,
        enrollment_id=world.enrollment.id,
        step_key=world.step,
        note="Done.",
        answers={"as2": "PRAIRIE", "price": "4.10"},
    )


def test_comment_is_added_once_however_often_it_is_tried(world: World) -> None:
    world.fault("drop_after", path="/community/v1/cases/*", method="POST")

    assert [world.carry_out(comment(world)) for _ in range(2)] == ["", ""]

    (said,) = world.community.comments(world.case.id).records
    assert (said.body, said.visibility, said.author_kind) == ("Фото 李", "public", "partner")


def test_comment_on_a_case_that_is_over_is_refused_with_its_reason(world: World) -> None:
    world.move_case("cancelled")

    assert world.carry_out(comment(world)) == "case_closed"
    assert world.community.comments(world.case.id).records == []


def test_comment_hands_back_a_case_that_waits_for_the_partner(world: World) -> None:
    world.move_case("open", "awaiting_partner")

    world.carry_out(comment(world))

    assert world.status() == "open"


def answer(world: World) -> RequestCommentOrder:
    return RequestCommentOrder(
        partner_id=OWNER, request_id=world.request.id, body="We agreed on 4,10 € 李", author="Dana"
    )


def test_answer_to_a_question_arrives_once_and_the_request_goes_on(world: World) -> None:
    world.move_request("in_progress", "waiting_on_partner")
    world.gateway.comment_on_request(world.request.id, "Which price did you agree on?")
    world.gateway.comment_on_request(world.request.id, "Do not tell.", visibility="internal")
    world.fault("drop_after", path="/community/v1/collaboration-requests/*", method="POST", times=2)

    assert [world.carry_out(answer(world)) for _ in range(3)] == ["", "", ""]

    said = world.said()
    assert [(one.author_kind, one.visibility, one.body) for one in said] == [
        ("internal", "public", "Which price did you agree on?"),
        ("internal", "internal", "Do not tell."),
        ("partner", "public", "We agreed on 4,10 € 李"),
    ]
    assert world.request_status() == "in_progress"
    events = world.gateway._call("GET", "/events")["items"]
    assert [event["type"].removeprefix("net.example.tg.") for event in events][-4:] == [
        *["request.commented"] * 3,
        "request.status_changed",
    ]


def test_answer_to_a_request_that_is_over_is_refused_with_its_reason(world: World) -> None:
    world.move_request("in_progress", "completed")

    assert world.carry_out(answer(world)) == "request_closed"
    assert world.said() == []


def test_gateway_without_comments_on_requests_is_told_from_a_request_without_comments(
    world: World,
) -> None:
    before = world.said()
    Emulator(world.url).order("settings", {"requestComments": False})

    assert (before, world.community.request_comments(world.request.id)) == ([], None)
    assert world.carry_out(answer(world)) == "not_found"


def test_next_step_of_the_partner_is_the_hubs_once_the_partner_has_answered(world: World) -> None:
    before = world.gateway.get_record("cases", "case_01JA3B")
    order = CommentOrder(
        partner_id=PartnerId(before["partnerId"]),
        case_id=before["id"],
        body="Sent.",
        author="Katrin",
    )

    assert world.carry_out(order) == ""

    after = world.gateway.get_record("cases", before["id"])
    assert [(one["status"], one["nextStepOwner"]) for one in (before, after)] == [
        ("awaiting_partner", "partner"),
        ("open", "hub"),
    ]


@pytest.mark.parametrize(("accepted", "status"), [(True, "closed"), (False, "open")])
def test_resolution_is_answered_although_the_case_changes_meanwhile(
    world: World, accepted: bool, status: str
) -> None:
    world.move_case("open", "resolved")
    world.fault("version_race", path="/community/v1/cases/*", times=2)
    order = ResolutionOrder(
        partner_id=OWNER,
        case_id=world.case.id,
        accepted=accepted,
        reason="" if accepted else "Still wrong.",
    )

    assert (world.carry_out(order), world.status()) == ("", status)
    assert world.carry_out(order) == ""


def test_resolution_of_a_case_that_was_opened_again_is_no_longer_there_to_answer(
    world: World,
) -> None:
    world.move_case("open", "resolved")
    world.gateway.make_transition(
        "cases", world.gateway.get_record("cases", world.case.id), "open", reason="Not yet."
    )

    assert (
        world.carry_out(
            ResolutionOrder(partner_id=OWNER, case_id=world.case.id, accepted=True, reason="")
        )
        == "not_resolved"
    )


def test_step_is_begun_and_submitted_once_with_its_evidence(world: World) -> None:
    world.fault("drop_after", path="/community/v1/enrollments/*", method="POST", times=2)

    assert [world.carry_out(step(world)) for _ in range(2)] == ["", ""]

    shown = next(
        one
        for one in world.gateway.get_record("enrollments", world.enrollment.id)["steps"]
        if one["key"] == world.step
    )
    assert (shown["status"], shown["evidence"]) == (
        "submitted",
        [{"kind": "formSubmission", "id": "sub-1", "answers": {"as2": "PRAIRIE", "price": "4.10"}}],
    )


def test_step_that_was_sent_back_after_our_first_attempt_is_not_sent_again(world: World) -> None:
    world.carry_out(step(world))
    world.gateway.make_step_transition(
        world.gateway.get_record("enrollments", world.enrollment.id),
        world.step,
        "changes_requested",
    )

    assert world.carry_out(step(world)) == ""
    assert world.step_status() == "changes_requested"
    assert (world.carry_out(step(world), "sub-2"), world.step_status()) == ("", "submitted")


def test_step_that_is_the_hubs_or_sent_already_says_so(world: World) -> None:
    world.carry_out(step(world))

    assert (
        world.carry_out(step(world).model_copy(update={"step_key": world.hubs}), "sub-3")
        == "step_not_yours"
    )
    assert world.carry_out(step(world), "sub-2") == "step_submitted"
    assert (
        world.carry_out(step(world).model_copy(update={"enrollment_id": "enr_no_such"}))
        == "not_found"
    )
