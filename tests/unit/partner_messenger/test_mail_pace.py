"""Pace of emails: no more a minute than configured, and the others take turns."""

from datetime import timedelta

import pytest

from gridwix.errors import Unavailable
from gridwix.mapping.call_rate import SECOND, CallRate, RateState
from gridwix.partner_messenger.dispatches import DispatchState
from gridwix.partner_messenger.mail_pace import mail_burst
from gridwix.partner_messenger.mail_pace_table import DynamoDBMailPace
from gridwix.partner_messenger.ports import MailPace
from tests.factories import NOW
from tests.fakes.aws import as_client, create_table, dynamodb
from tests.fakes.messaging import INVITING, Stage, campaigns, check_passed, invited

PER_MINUTE = 60
"""``emails_per_minute`` as it is shipped."""


class Bucket(MailPace):
    """Token bucket of a stage, as the table has it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._rate = CallRate(PER_MINUTE, mail_burst(PER_MINUTE))
        self._state = RateState()
        self.sent: list[float] = []

    def take(self) -> float:
        decision = self._rate.take(self._state, now=int(self._stage.clock() * SECOND))
        self._state = decision.state
        if not decision.wait:
            self.sent.append(self._stage.clock())
        return decision.wait / SECOND


def test_mail_that_is_refused_is_sent_at_its_turn_and_counts_as_no_attempt() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.pace.waits = [20.0]

    report = stage.run(check_passed())

    (email,) = [one for one in stage.outbox.kept.values() if one.channel == "email"]
    assert report.dispatches.postponed == {"mail_pace": 1}
    assert (email.state, email.attempts) == (DispatchState.PLANNED, 0)
    assert email.due_at == NOW + timedelta(seconds=20)
    stage.run_after(seconds=19)
    assert stage.mails.calls == []
    stage.run_after(seconds=1)
    assert len(stage.mails.calls) == 1


def test_mail_does_not_grow_old_while_it_waits_for_its_turn() -> None:
    stage = Stage(campaigns(review={"channels": ["email"], "max_age_hours": 1}))
    stage.pace.waits = [3000.0, 3000.0]
    stage.run(check_passed())

    stage.run_after(seconds=3000)
    stage.run_after(seconds=3000)

    assert stage.state_counts("email") == {"sent": 1}


def test_mails_after_the_first_refused_one_are_not_claimed_and_other_channels_go_on() -> None:
    stage = Stage(campaigns(review={"channels": ["portal", "inbox", "email"]}))
    for number in range(9):
        stage.people.add_link(f"member{number}")
    stage.pace.waits = [5.0] * 100

    stage.run(check_passed())

    emails = [one for one in stage.outbox.kept.values() if one.channel == "email"]
    assert len(stage.pace.waits) == 99
    assert {one.attempts for one in emails} == {0}
    assert sorted((one.due_at - NOW).total_seconds() for one in emails) == [
        5.0 + 2 * number for number in range(10)
    ]
    assert (len(stage.rows), len(stage.inbox.messages)) == (1, 10)


def test_many_mails_go_out_once_each_and_never_more_than_the_pace() -> None:
    stage = Stage(campaigns(invitation={**INVITING, "channels": ["email"]}))
    bucket = Bucket(stage)
    stage.pace = bucket  # type: ignore[assignment]
    everybody = [stage.invitations.invite(f"p{number}@partner.example") for number in range(150)]

    for start in range(0, 150, 50):
        stage.run(*map(invited, everybody[start : start + 50]))
    minutes = 0
    while stage.state_counts("email")["sent"] < 150:
        stage.run_after(minutes=1)
        minutes += 1
        # The schedule alone, once a minute, sends half of what the pace allows.
        assert minutes <= 150 / (PER_MINUTE / 2) + 2

    addresses = [mail.email for mail in stage.mails.calls]
    assert sorted(addresses) == sorted({one.email for one in everybody})
    for since in bucket.sent:
        assert sum(since <= moment < since + 60 for moment in bucket.sent) <= PER_MINUTE


def test_pace_that_cannot_be_asked_sends_nothing() -> None:
    class Broken(MailPace):
        def take(self) -> float:
            raise Unavailable(system="aws")

    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.pace = Broken()  # type: ignore[assignment]

    report = stage.run(check_passed())

    assert (stage.mails.calls, report.dispatches.postponed) == ([], {"upstream_unavailable": 1})


@pytest.mark.parametrize("per_minute", [2, 60])
def test_pace_in_the_table_is_shared_by_workers_and_has_an_item_of_its_own(
    per_minute: int,
) -> None:
    burst = mail_burst(per_minute)
    with dynamodb() as fake:
        table = create_table(fake, "site")
        workers = [
            DynamoDBMailPace(
                as_client(fake), table, "site", per_minute=per_minute, clock=NOW.timestamp
            )
            for _ in range(2)
        ]

        granted = [workers[number % 2].take() == 0 for number in range(burst + 2)]

        (item,) = fake.scan(TableName=table)["Items"]
    assert granted == [True] * burst + [False] * 2
    assert item["site"] == {"S": "site/emails"}
