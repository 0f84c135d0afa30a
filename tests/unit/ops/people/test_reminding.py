"""Who has not accepted is invited again: once, and nobody else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gridwix.models.ids import PartnerId, WixItemId
from gridwix.people.persons import Invitation, LinkedMember
from gridwix.people.planning import PARTNER_HAS_LEFT, PeoplePlan
from ops.people.reminding import plan_reminders
from tests.fakes.people import NOW

DAY = timedelta(days=1)
GC1 = PartnerId("GC1")
ADA = "ada@x.example"
OLD = Invitation(
    WixItemId("i1"),
    GC1,
    ADA,
    "edi",
    "active",
    NOW + DAY,
    name="Ada",
    source="directory",
    user_id="U1",
    invited_at=NOW - 3 * DAY,
    language="de",
)


def plan(*invitations: Invitation, **options: Any) -> PeoplePlan:
    return plan_reminders((), invitations, now=NOW, waited=DAY, **options)


@pytest.mark.parametrize("days", [-1, 1])
def test_person_when_its_invitation_is_open_or_expired_then_gets_the_next(days: int) -> None:
    (new,) = plan(replace(OLD, expires_at=NOW + days * DAY)).new

    assert (new.round, new.replaces) == (2, ("i1",))
    person = new.person
    assert (person.key, person.role, person.name) == ((GC1, ADA), "edi", "Ada")
    assert (person.language, person.source, person.user_id) == ("de", "directory", "U1")


def test_person_when_two_rounds_are_active_then_both_end() -> None:
    (new,) = plan(replace(OLD, id=WixItemId("i2"), round=2), OLD).new

    assert (new.round, new.replaces) == (3, ("i1", "i2"))


def test_person_when_invited_again_a_moment_ago_then_is_left_and_its_mail_is_looked_for() -> None:
    last = replace(OLD, id=WixItemId("i2"), round=2, invited_at=NOW - DAY / 2)

    found = plan(OLD, last)

    assert (found.new, [one.id for one in found.waiting]) == ((), ["i2"])
    assert [one.email for one in found.unchanged] == [ADA]


@pytest.mark.parametrize(
    "change",
    [{"status": "used"}, {"status": "revoked"}, {"ended_for": "partner"}, {"email": ""}],
    ids=str,
)
def test_person_when_somebody_has_decided_then_is_left_alone(change: dict[str, Any]) -> None:
    assert plan(replace(OLD, **change)) == PeoplePlan()


def test_person_when_it_has_a_link_then_is_left_alone() -> None:
    link = LinkedMember(WixItemId("l1"), "m1", GC1, "edi", frozenset({ADA}))

    assert plan_reminders([link], [OLD], now=NOW, waited=DAY) == PeoplePlan()


def test_person_when_its_partner_has_left_then_is_refused() -> None:
    found = plan(OLD, closed={GC1})

    assert (found.new, [one.reason for one in found.refused]) == ((), [PARTNER_HAS_LEFT])


def test_one_person_when_named_then_only_that_one_is_invited() -> None:
    other = replace(OLD, id=WixItemId("i9"), email="bo@x.example")

    assert [one.person.email for one in plan(OLD, other, email=ADA).new] == [ADA]
