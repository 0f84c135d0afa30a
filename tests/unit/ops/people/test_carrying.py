"""A plan is carried out: what fails is named by person, and the rest goes on."""

from datetime import timedelta

import pytest

from gridwix.configuration.people import People
from gridwix.errors import Unavailable
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.people.persons import Invitation, LinkedMember, Person
from gridwix.people.planning import PeoplePlan, plan_people
from ops.people import announcing, carrying
from ops.people.announcing import Invited
from ops.people.carrying import Outcome, PeopleImport
from tests.fakes.people import NOW, FakeRows, Messenger, inviting

ONE = PartnerId("GC1")


def people(count: int, role: str = "edi") -> list[Person]:
    return [Person(ONE, f"p{number}@x.example", role) for number in range(count)]


def carry_out(plan: PeoplePlan, rows: FakeRows, messenger: Messenger) -> Outcome:
    return PeopleImport(rows, messenger.announcer(), b"key", People(), NOW).carry_out(plan, ())


def test_rows_when_wix_refuses_some_then_their_people_are_named_and_the_others_told() -> None:
    plan = plan_people(people(3), (), (), now=NOW)
    rows, messenger = FakeRows(refuses={plan.new[1].id: "WDE0009"}), Messenger()

    done = carry_out(plan, rows, messenger)

    assert [(one.key.email, one.code) for one in done.failures] == [("p1@x.example", "WDE0009")]
    assert (done.invited, done.announced) == (2, 2)
    assert {one.subject for one in messenger.bus.changes} == {
        f"invitations/{one.id}" for one in (plan.new[0], plan.new[2])
    }


def test_row_when_another_run_has_inserted_it_then_is_no_failure() -> None:
    plan = plan_people(people(2), (), (), now=NOW)
    rows, messenger = FakeRows(refuses={plan.new[0].id: "WDE0074"}), Messenger()

    done = carry_out(plan, rows, messenger)

    assert (done.invited, done.announced, done.failures) == (2, 2, ())


def test_role_when_a_link_is_gone_meanwhile_then_its_person_failed_once() -> None:
    links = [
        LinkedMember(WixItemId(f"l{number}"), "m", ONE, "admin", frozenset({"p0@x.example"}))
        for number in range(2)
    ]
    rows = FakeRows(refuses={WixItemId("l0"): "WDE0073", WixItemId("l1"): "WDE0073"})

    done = carry_out(plan_people(people(1), links, (), now=NOW), rows, Messenger())

    assert (done.changed, [one.code for one in done.failures]) == (0, ["WDE0073"])


def test_work_when_it_is_large_then_is_done_in_bulk_with_progress(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(carrying, "MAX_BULK_ITEMS", 2)
    monkeypatch.setattr(announcing, "PER_PUT", 3)
    rows, messenger, said = FakeRows(), Messenger(), list[tuple[str, int, int]]()
    plan = plan_people(people(5), (), (), now=NOW)

    PeopleImport(
        rows, messenger.announcer(), b"key", People(), NOW, lambda *step: said.append(step)
    ).carry_out(plan, ())

    assert rows.calls == ["insert"] * 3
    assert said == [
        ("Inviting people", 2, 5),
        ("Inviting people", 4, 5),
        ("Inviting people", 5, 5),
        ("Sending events", 3, 5),
        ("Sending events", 5, 5),
    ]


def test_settings_decide_how_long_and_for_whom_an_invitation_is() -> None:
    rows = FakeRows()
    settings = People(valid_days=30, bound=False)
    plan = plan_people(people(1), (), (), now=NOW)

    PeopleImport(rows, Messenger().announcer(), b"key", settings, NOW).carry_out(plan, ())

    (row,) = rows.kept.values()
    assert row.data["bound"] is False
    assert row.data["expiresAt"] == NOW + timedelta(days=30)


class TestAnnouncing:
    """Events are put for invitations of which the outbox knows nothing."""

    INVITED = Invited(WixItemId("i1"), ONE)

    def test_invitation_when_its_occasion_is_stored_then_is_not_announced(self) -> None:
        messenger = Messenger()
        announcer = messenger.announcer()
        assert announcer.unannounced([self.INVITED], NOW) == [self.INVITED]

        announcer.announce([self.INVITED], NOW)
        messenger.handle_events()

        later = NOW + timedelta(days=3)
        assert announcer.unannounced([self.INVITED], later) == []
        assert len(messenger.outbox.kept) == 2

    def test_campaigns_when_none_is_active_then_no_event_is_put(self) -> None:
        messenger = Messenger({"invitation": inviting(status="paused")})
        announcer = messenger.announcer()

        assert announcer.unannounced([self.INVITED], NOW) == ()
        assert announcer.announce([self.INVITED], NOW) == 0
        assert not announcer.has_campaign
        assert messenger.bus.changes == []

    def test_bus_when_it_fails_then_the_error_is_raised(self) -> None:
        messenger = Messenger()
        messenger.bus.fails = 1

        with pytest.raises(Unavailable):
            messenger.announcer().announce([self.INVITED], NOW)


def test_invitation_when_open_beside_a_link_then_is_not_waited_for() -> None:
    link = LinkedMember(WixItemId("l"), "m", ONE, "edi", frozenset({"p0@x.example"}))
    row = Invitation(WixItemId("i"), ONE, "p0@x.example", "edi", "active", NOW + timedelta(days=1))

    assert plan_people(people(1), [link], [row], now=NOW).waiting == ()
