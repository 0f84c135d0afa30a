"""Messages to people who are invited: whom, when, in which language, and with which code."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridwix.errors import Unavailable
from gridwix.partner_messenger.dispatches import Contact, DispatchState
from gridwix.partner_messenger.invitations import InvitationRow
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.people.codes import code_hash, invitation_code
from tests.factories import BALTIC, NOW, PRAIRIE_GOLD, change, partner
from tests.fakes.messaging import INVITING, KEY, PORTAL_URL, Stage, campaigns, invited

ADA = "ada@partner.example"
ENDING: dict[str, Any] = {
    "trigger": {"events": ["access.ended"]},
    "channels": ["email", "inbox"],
    "texts": {"en": {"title": "Over", "body": "<p>{{ record.role }} {{ record.reason }}</p>"}},
}
"""Settings of a campaign for access that has ended."""


def stage_of(**fields: Any) -> tuple[Stage, InvitationRow]:
    """A stage on which Ada is invited to Prairie Gold."""
    stage = Stage(campaigns(invitation=INVITING))
    return stage, stage.invitations.invite(ADA, **fields)


def code_of(invitation: InvitationRow, key: str = KEY) -> str:
    return invitation_code(key.encode(), invitation.id)


def test_person_without_a_contact_gets_one_mail_with_code_and_link() -> None:
    stage, invitation = stage_of()

    stage.run(invited(invitation), invited(invitation))
    stage.run(invited(invitation))

    (mail,) = stage.mails.calls
    code = code_of(invitation)
    assert (mail.email, mail.contact_id) == (ADA, "")
    link = f"{PORTAL_URL}#invitation={code.replace('-', '')}"
    assert mail.text.body == f"<p>{code} {link}</p>"
    assert stage.inbox.messages == []
    assert stage.state_counts(None) == {"expanded": 1}


def test_person_with_a_contact_gets_it_in_the_inbox_too_and_no_member_of_the_partner_does() -> None:
    stage, invitation = stage_of()
    stage.people.known["ada"] = Contact("", "contact-ada", ADA)

    stage.run(invited(invitation))

    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-ada"]
    assert [contact for contact, _ in stage.inbox.messages] == ["contact-ada"]
    assert code_of(invitation) in stage.inbox.messages[0][1]


def test_code_is_kept_nowhere_but_its_hash_at_the_row(caplog: pytest.LogCaptureFixture) -> None:
    stage, invitation = stage_of()
    caplog.set_level(logging.DEBUG)

    report = stage.run(invited(invitation))

    code = code_of(invitation)
    stored = repr((stage.outbox, report, stage.invitations.rows, stage.mails.calls, caplog.text))
    assert stage.invitations.rows[invitation.id].code_hash == code_hash(code)
    for secret in (code, code.replace("-", ""), KEY, ADA):
        assert secret not in stored


@pytest.mark.parametrize("before", ["", "0123456789abcdef"])
def test_hash_of_another_key_is_replaced_before_the_mail_is_sent(before: str) -> None:
    stage, invitation = stage_of(code_hash=before)
    stage.mails.errors = [Unavailable(system="wix", ambiguous=True)]

    stage.run(invited(invitation))

    assert stage.mails.calls == []
    assert stage.invitations.rows[invitation.id].code_hash == code_hash(code_of(invitation))


def test_reminder_after_a_change_of_the_key_has_the_code_that_the_portal_knows() -> None:
    reminding = {**INVITING, "trigger": {**INVITING["trigger"], "after_hours": [24]}}
    stage = Stage(campaigns(invitation=INVITING, reminder=reminding))
    invitation = stage.invitations.invite(ADA)
    stage.run(invited(invitation))

    stage.key = "another key"
    stage.run_after(hours=24)

    first, second = stage.mails.calls
    assert code_of(invitation) in first.text.body
    assert code_of(invitation, stage.key) in second.text.body
    assert stage.invitations.rows[invitation.id].code_hash == code_hash(
        code_of(invitation, stage.key)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"status": "used"},
        {"status": "revoked"},
        {"expires_at": NOW + timedelta(hours=23)},
        {"email": ""},
    ],
)
def test_invitation_that_is_over_when_the_reminder_is_due_is_not_spoken_of(
    change: dict[str, Any],
) -> None:
    reminding = {**INVITING, "trigger": {**INVITING["trigger"], "after_hours": [24]}}
    stage = Stage(campaigns(reminder=reminding))
    invitation = stage.invitations.invite(ADA)
    stage.run(invited(invitation))

    stage.invitations.set_row(invitation, **change)
    stage.run_after(hours=24)

    assert stage.mails.calls == []
    assert stage.state_counts(None) == {"suppressed:reason_gone": 1}


def test_invitation_that_is_used_between_planning_and_quiet_hours_end_is_not_sent() -> None:
    stage, invitation = stage_of()
    stage.now = datetime(2026, 3, 12, 4, tzinfo=UTC)
    stage.run(invited(invitation, occurredAt=stage.now))
    assert stage.state_counts("email") == {"planned": 1}

    stage.invitations.set_row(invitation, status="used")
    stage.run_at("2026-03-12T14:00")

    assert stage.state_counts("email") == {"suppressed:reason_gone": 1}


@pytest.mark.parametrize("fields", [{"email": ""}, {"status": "used"}, {"status": "revoked"}])
def test_code_that_is_given_by_hand_and_one_that_is_over_start_nothing(
    fields: dict[str, Any],
) -> None:
    stage = Stage(campaigns(invitation=INVITING))
    invitation = stage.invitations.invite(**{"email": ADA, **fields})

    report = stage.run(invited(invitation))

    assert (report.planned, report.failures) == (0, {})


def test_partner_that_has_left_invites_nobody() -> None:
    stage, invitation = stage_of()
    stage.source.put(partner(version=2, status="terminated"))

    stage.run(invited(invitation))

    assert stage.mails.calls == []


@pytest.mark.parametrize(
    ("language", "contact", "country", "title"),
    [
        ("de", "en-US", "US", "Willkommen"),
        ("", "de-DE", "US", "Willkommen"),
        ("", "", "DE", "Willkommen"),
        ("", "", "US", "Welcome"),
        ("xx", "", "DE", "Willkommen"),
    ],
)
def test_language_is_that_of_the_row_then_the_contact_then_the_country(
    language: str, contact: str, country: str, title: str
) -> None:
    stage, invitation = stage_of(language=language)
    stage.source.put(partner(version=2, country=country))
    stage.people.known["ada"] = Contact("", "contact-ada", ADA, locale=contact)

    stage.run_at("2026-03-12T14:00")
    stage.run(invited(invitation))

    assert stage.mails.calls[0].text.title == title


def test_address_that_bounces_gets_no_mail_and_the_outbox_says_so() -> None:
    stage, invitation = stage_of()
    stage.people.known["ada"] = Contact("", "contact-ada", ADA, deliverability="BOUNCED")

    stage.run(invited(invitation))

    assert stage.state_counts("email") == {"suppressed:no_address": 1}
    assert len(stage.inbox.messages) == 1


def test_campaign_for_the_inbox_alone_reaches_nobody_without_a_contact() -> None:
    stage = Stage(campaigns(invitation={**INVITING, "channels": ["inbox"]}))

    stage.run(invited(stage.invitations.invite(ADA)))

    assert stage.state_counts(None) == {"suppressed:no_address": 1}


def test_row_that_cannot_be_read_fails_its_own_event_alone() -> None:
    stage, invitation = stage_of()
    broken = stage.invitations.invite("bo@partner.example")
    stage.invitations.unreadable.add(broken.id)

    report = stage.run(invited(invitation), invited(broken))

    assert list(report.failures) == [invited(broken).event_id]
    assert [mail.email for mail in stage.mails.calls] == [ADA]


def test_site_that_cannot_be_read_fails_the_events_of_invitations_and_no_other() -> None:
    stage, invitation = stage_of()
    stage.invitations.errors = [Unavailable(system="wix")]

    report = stage.run(invited(invitation))
    again = stage.run(invited(invitation))

    assert list(report.failures) == [invited(invitation).event_id]
    assert (again.failures, len(stage.mails.calls)) == ({}, 1)


def test_hundred_invitations_are_read_in_as_many_calls_as_one() -> None:
    stage = Stage(campaigns(invitation=INVITING))
    few = Stage(campaigns(invitation=INVITING))
    few.run(invited(few.invitations.invite(ADA)))
    all_ = [
        stage.invitations.invite(f"person{number}@partner.example", of)
        for number in range(50)
        for of in (PRAIRIE_GOLD, BALTIC)
    ]

    stage.run(*map(invited, all_))

    assert len(stage.mails.calls) == 100
    assert stage.people.calls <= few.people.calls + 1
    assert stage.invitations.queries <= few.invitations.queries + 1


def test_secret_without_a_key_is_a_setting_that_somebody_has_to_correct() -> None:
    stage, invitation = stage_of()
    stage.key = ""

    report = stage.run(invited(invitation))

    assert report.dispatches.postponed == {"configuration": 1}
    (email,) = [one for one in stage.outbox.kept.values() if one.channel == "email"]
    assert email.state is DispatchState.PLANNED


def test_invitation_is_read_anew_for_each_page_of_a_run() -> None:
    stage, invitation = stage_of()
    records = RecordCache(stage.source, stage.people, stage.invitations)
    stage.run(invited(invitation))
    (dispatch,) = [one for one in stage.outbox.kept.values() if one.channel == "email"]
    records.prefetch_recipients([dispatch])
    stage.invitations.set_row(invitation, status="revoked")

    records.prefetch_recipients([dispatch])

    found = records.invitation(invitation.id)
    assert found is not None
    assert found.status == "revoked"


def ended(invitation: InvitationRow) -> Any:
    """Event that the access which an invitation gave has ended."""
    return change(
        f"access-ended-{invitation.id}",
        type="access.ended",
        subject=invitation.record,
        partnerId=invitation.partner_id,
        version=None,
        status={},
        changed=(),
        via="poll",
    )


@pytest.mark.parametrize("status", ["active", "suspended", "terminated"])
def test_person_whose_access_has_ended_is_told_once_and_gets_no_code(status: str) -> None:
    stage = Stage(campaigns(ended=ENDING, invitation=INVITING))
    invitation = stage.invitations.invite(
        ADA, status="used", ended_for="directory", expires_at=NOW - timedelta(days=90)
    )
    stage.source.put(partner(version=2, status=status))

    stage.run(ended(invitation), ended(invitation))
    stage.run(ended(invitation))

    (mail,) = stage.mails.calls
    assert mail.email == ADA
    assert mail.text.body == "<p>edi directory</p>"
    assert stage.invitations.rows[invitation.id].code_hash == ""


@pytest.mark.parametrize("fields", [{"ended_for": ""}, {"email": ""}])
def test_access_that_has_not_ended_or_has_no_address_starts_nothing(fields: dict[str, Any]) -> None:
    stage = Stage(campaigns(ended=ENDING))
    invitation = stage.invitations.invite(
        **{"email": ADA, "status": "used", "ended_for": "partner", **fields}
    )

    report = stage.run(ended(invitation))

    assert (report.planned, report.failures) == (0, {})


def test_campaign_can_be_for_some_reasons_only() -> None:
    trigger = {"events": ["access.ended"], "when": {"reason": ["partner"]}}
    stage = Stage(campaigns(ended={**ENDING, "trigger": trigger}))
    told = stage.invitations.invite(ADA, status="used", ended_for="partner")
    untold = stage.invitations.invite("bo@partner.example", status="used", ended_for="directory")

    stage.run(ended(told), ended(untold))

    assert [mail.email for mail in stage.mails.calls] == [ADA]
