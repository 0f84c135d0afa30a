"""What the role of a member does not allow is held, and the member reads why."""

from collections.abc import Mapping
from typing import Any

import pytest

from gridwix.configuration.everything import Configuration
from gridwix.configuration.roles import ROLE_NAMES, RolePermissions, Roles
from gridwix.models.ids import PartnerId
from gridwix.partner_requests.submissions import HoldReason
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, PRAIRIE_GOLD
from tests.unit.form_intake import intake_bench
from tests.unit.form_intake.intake_bench import GLN, Bench
from tests.unit.form_intake.test_document_uploads import send, uploaded
from tests.unit.form_intake.test_follow_ups import ACCEPT, ANSWER, COMMENT, STEP, bench, sentence

SENT: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "comment": ("issue-comment", COMMENT),
    "answer_resolution": ("issue-resolution", ACCEPT),
    "answer_request": ("request-answer", ANSWER),
    "submit_step": ("onboarding-step", STEP),
}
SECTION = {
    "comment": "issues",
    "answer_resolution": "issues",
    "answer_request": "requests",
    "submit_step": "onboarding",
}


def roles(**changed: Any) -> Configuration:
    """The shipped configuration, in which the roles ``edi`` and ``other`` allow less."""
    allowed = configuration().roles.edi.model_copy(update=changed)
    assert isinstance(allowed, RolePermissions)
    found = configuration().roles.model_copy(update={"edi": allowed, "other": allowed})
    return configuration().model_copy(update={"roles": found})


@pytest.fixture
def restrict(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let benches that are made from now on have roles with these permissions."""

    def change(**changed: Any) -> None:
        found = roles(**changed)
        monkeypatch.setattr(intake_bench, "configuration", lambda: found)

    return change


@pytest.mark.parametrize("action", SENT)
@pytest.mark.parametrize("missing", ["action", "section"])
def test_follow_up_of_a_role_without_the_action_or_its_section_is_held_and_told(
    restrict: Any, action: str, missing: str
) -> None:
    if missing == "action":
        restrict(actions=tuple(one for one in SENT if one != action))
    else:
        restrict(sections=tuple(one for one in set(SECTION.values()) if one != SECTION[action]))
    found = bench(case_status="resolved" if action == "answer_resolution" else "open")
    form, values = SENT[action]
    found.accept("sub-1", form=form, values=values, partner_id=PRAIRIE_GOLD)

    report = found.intake.deliver_submissions(["sub-1"])

    assert (report.held, found.cases.done) == ({"sub-1": HoldReason.NOT_ALLOWED}, [])
    assert (found.row("sub-1")["status"], sentence(found)) == ("not_possible", "not_allowed")


@pytest.mark.parametrize("action", SENT)
def test_follow_up_of_a_role_with_the_action_is_carried_out(restrict: Any, action: str) -> None:
    restrict(actions=(action,), sections=(SECTION[action],), forms=())
    found = bench(case_status="resolved" if action == "answer_resolution" else "open")
    form, values = SENT[action]
    found.accept("sub-1", form=form, values=values, partner_id=PRAIRIE_GOLD)

    found.intake.deliver_submissions(["sub-1"])

    assert found.row("sub-1")["status"] == "done"


@pytest.mark.parametrize("partner_id", [PRAIRIE_GOLD, None])
def test_request_with_a_form_that_the_role_may_not_send_is_held_and_told(
    restrict: Any, partner_id: str | None
) -> None:
    """Without a partner it came from a Wix form: the member's link says for whom it is."""
    restrict(forms=("partner-question",))
    found = Bench()
    found.accept("sub-1", partner_id=partner_id)

    report = found.intake.deliver_submissions(["sub-1"])

    assert (report.held, found.desk.made) == ({"sub-1": HoldReason.NOT_ALLOWED}, [])
    assert (found.row("sub-1")["status"], sentence(found)) == ("not_possible", "not_allowed")


def test_operator_cannot_release_what_the_role_does_not_allow_but_another_role_can(
    restrict: Any,
) -> None:
    restrict(forms=())
    found = Bench()
    found.accept("sub-1", partner_id=PRAIRIE_GOLD)
    found.intake.deliver_submissions()

    assert found.inbox.release_submission("sub-1")
    again = found.intake.deliver_submissions(["sub-1"])
    found.lookups.roles["member-1", PRAIRIE_GOLD] = "admin"
    assert found.inbox.release_submission("sub-1")
    last = found.intake.deliver_submissions(["sub-1"])

    assert again.held == {"sub-1": HoldReason.NOT_ALLOWED}
    assert last.delivered.keys() == {"sub-1"}


def test_visitor_has_no_role_and_is_served_as_before(restrict: Any) -> None:
    restrict(forms=(), actions=(), sections=())
    found = Bench()
    found.accept("sub-1", member=None, values={**intake_bench.VALUES, "gln": GLN})

    report = found.intake.deliver_submissions(["sub-1"])

    assert report.delivered.keys() == {"sub-1"}


@pytest.mark.parametrize("role", ["edi", "warehouse", ""])
def test_the_role_at_the_partner_of_the_record_counts_and_not_that_at_another(
    restrict: Any, role: str
) -> None:
    restrict(actions=())
    found = bench()
    found.lookups.links["member-1"] |= {PartnerId(BALTIC)}
    found.lookups.roles["member-1", PRAIRIE_GOLD] = role
    found.lookups.roles["member-1", BALTIC] = "admin"
    found.accept("sub-1", form="issue-comment", values=COMMENT, partner_id=BALTIC)
    found.accept("sub-2", form="issue-comment", values=COMMENT, partner_id=PRAIRIE_GOLD)

    report = found.intake.deliver_submissions(["sub-1", "sub-2"])

    # The case is that of Prairie Gold: for a member of Baltic it does not exist.
    assert report.held == {"sub-1": HoldReason.NOT_THEIRS, "sub-2": HoldReason.NOT_ALLOWED}
    assert found.cases.done == []


def test_upload_to_a_document_of_a_kind_that_the_role_does_not_see_is_held(restrict: Any) -> None:
    hidden = configuration().roles.edi.documents.model_copy(update={"categories": ("agreement",)})
    restrict(documents=hidden)
    found = uploaded(category="insurance")

    send(found)

    assert found.inbox.submissions["sub-1"].held_for is HoldReason.NOT_ALLOWED
    assert (found.documents.added, found.files.uploaded) == ([], {})


def test_every_role_of_the_file_is_one_of_the_model() -> None:
    assert set(Roles.model_fields) == set(ROLE_NAMES)
