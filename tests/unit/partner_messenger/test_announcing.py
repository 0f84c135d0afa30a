"""Invitations of the portal: found without an event, one mail each, whatever fails in between."""

from typing import Any

import pytest

from gridwix.errors import RecordFault, Unavailable
from gridwix.models.deadline import NO_DEADLINE
from gridwix.partner_messenger.invitations import InvitationRow
from gridwix.people.codes import code_hash, invitation_code
from tests.factories import change
from tests.fakes.messaging import INVITING, KEY, Stage, campaigns, invited

ADA = "ada@partner.example"


def stage_of(**fields: Any) -> tuple[Stage, InvitationRow]:
    """A stage on which an administrator has invited Ada: her row has no hash of a code."""
    stage = Stage(campaigns(invitation=INVITING))
    return stage, stage.invitations.invite(ADA, **fields)


def hash_of(invitation: InvitationRow) -> str:
    return code_hash(invitation_code(KEY.encode(), invitation.id))


def test_invitation_of_the_portal_gets_one_mail_within_the_next_run_of_the_schedule() -> None:
    stage, invitation = stage_of()

    first = stage.run_schedule()
    again = stage.run_schedule(minutes=1)

    assert [mail.email for mail in stage.mails.calls] == [ADA]
    assert stage.invitations.rows[invitation.id].code_hash == hash_of(invitation)
    assert (first.planned, again.planned) == (1, 0)


def test_only_the_schedule_looks_and_with_a_campaign_alone() -> None:
    stage, _ = stage_of()
    without = Stage(campaigns())
    without.invitations.invite(ADA)

    stage.run(change("evt_1", type="case.created"))
    without.run_schedule()

    assert (stage.invitations.searches, without.invitations.searches) == (0, 0)
    assert [row.code_hash for row in without.invitations.rows.values()] == [""]


def test_mail_that_waits_for_the_morning_is_planned_once_and_its_code_is_known() -> None:
    stage, invitation = stage_of()
    stage.now = stage.now.replace(hour=5)

    for _ in range(3):
        stage.run_schedule(minutes=1)

    assert stage.mails.calls == []
    assert stage.invitations.rows[invitation.id].code_hash == hash_of(invitation)
    assert stage.state_counts(None).total() == 1


def test_run_that_ends_before_the_hash_is_stored_is_completed_by_the_next_one() -> None:
    stage, invitation = stage_of()
    stage.now = stage.now.replace(hour=5)
    store = stage.invitations.store_code_hashes
    stage.invitations.store_code_hashes = broken  # type: ignore[method-assign]

    report = stage.run_schedule()
    stage.invitations.store_code_hashes = store  # type: ignore[method-assign]
    stage.run_schedule(hours=12)

    assert isinstance(report.announced, Unavailable)
    assert len(stage.mails.mails) == len(stage.mails.calls) == 1
    assert stage.invitations.rows[invitation.id].code_hash == hash_of(invitation)


def broken(hashes: object) -> None:
    raise Unavailable(system="wix")


def test_search_that_fails_keeps_no_other_message() -> None:
    stage, invitation = stage_of()
    stage.invitations.errors = [Unavailable(system="wix")]

    report = stage.run_schedule()

    assert isinstance(report.announced, Unavailable)
    assert stage.mails.calls == []
    stage.run_schedule(minutes=1)
    assert len(stage.mails.calls) == 1
    assert invitation.email == ADA


def test_invitation_whose_planning_fails_is_reported_and_waits_for_the_next_run() -> None:
    stage, invitation = stage_of()
    name = f"partners/{invitation.partner_id}"
    stage.source.faults[name] = "status missing"

    report = stage.run_schedule()
    code_hash_before = stage.invitations.rows[invitation.id].code_hash
    del stage.source.faults[name]
    stage.run_schedule(minutes=1)

    (error,) = report.unannounced
    assert isinstance(error, RecordFault)
    assert (error.record, report.failures, code_hash_before) == (name, {}, "")
    assert [mail.email for mail in stage.mails.calls] == [ADA]


def test_failed_call_that_keeps_many_invitations_waiting_is_reported_once() -> None:
    stage, _ = stage_of()
    stage.invitations.invite("bo@partner.example")
    partners, error = stage.source.partners, Unavailable(system="trading_grid")

    def unsteady(ids: Any) -> Any:
        stage.source.partners = partners  # type: ignore[method-assign]
        raise error

    stage.source.partners = unsteady  # type: ignore[method-assign]
    report = stage.run_schedule()

    assert report.unannounced == (error,)


def test_event_of_an_import_and_the_search_send_one_mail() -> None:
    stage, invitation = stage_of()

    stage.messenger().process_changes([invited(invitation)], NO_DEADLINE, scheduled=True)
    stage.run_schedule(minutes=1)

    assert len(stage.mails.calls) == 1


@pytest.mark.parametrize("over", [{"status": "revoked"}, {"status": "used"}, {"email": ""}])
def test_invitation_that_is_over_or_has_no_address_is_left_alone(over: dict[str, Any]) -> None:
    stage, invitation = stage_of()
    stage.invitations.set_row(invitation, **over)

    stage.run_schedule()

    assert stage.mails.calls == []
    assert stage.invitations.rows[invitation.id].code_hash == ""
