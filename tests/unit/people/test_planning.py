"""The comparison of wanted people with those whom the portal knows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_INVITATIONS, PARTNER_LINKS
from gridwix.people.codes import invitation_id
from gridwix.people.persons import Invitation, LinkedMember, Person, Source
from gridwix.people.planning import PeoplePlan, plan_people, rows_to_change

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
ONE, TWO = PartnerId("GC1"), PartnerId("GC2")
ADA, BO = "ada@x.example", "bo@x.example"


def person(email: str = ADA, role: str = "edi", partner: PartnerId = ONE, **more: Any) -> Person:
    return Person(partner, email, role, **more)


def link(
    *emails: str, role: str = "edi", partner: PartnerId = ONE, member: str = "m1", **more: Any
) -> LinkedMember:
    identifier = WixItemId(f"{member}-{partner}")
    return LinkedMember(identifier, member, partner, role, frozenset(emails), **more)


def invitation(
    email: str = ADA,
    status: str = "active",
    *,
    role: str = "edi",
    days: int = 3,
    number: int = 1,
    partner: PartnerId = ONE,
    **more: Any,
) -> Invitation:
    return Invitation(
        invitation_id(partner, email, number),
        partner,
        email,
        role,
        status,
        NOW + timedelta(days=days),
        number,
        **more,
    )


def plan(*wanted: Person, **known: Any) -> PeoplePlan:
    return plan_people(
        wanted, known.pop("links", ()), known.pop("invitations", ()), now=NOW, **known
    )


def test_person_when_nobody_knows_it_then_is_invited_for_the_first_time() -> None:
    found = plan(person())

    (new,) = found.new
    assert (new.person, new.round, new.id) == (person(), 1, invitation_id(ONE, ADA, 1))
    assert found == PeoplePlan(new=(new,))


def test_person_when_it_is_linked_with_the_role_then_is_unchanged() -> None:
    assert plan(person(), links=[link(ADA)]) == PeoplePlan(unchanged=(person(),))


def test_person_when_it_is_invited_with_the_role_then_waits_for_its_mail() -> None:
    row = invitation()

    assert plan(person(), invitations=[row]) == PeoplePlan(unchanged=(person(),), waiting=(row,))


def test_role_when_it_differs_then_changes_in_each_row_that_grants_it() -> None:
    links = [link(ADA, role="admin"), link(ADA, role="edi", member="m2"), link(BO, member="m3")]
    rows = [invitation(role="finance"), invitation(days=-1, role="logistics", number=2)]

    found = plan(person(), links=links, invitations=rows)

    (change,) = found.changed
    assert change.before == ("admin", "finance")
    assert rows_to_change(found.changed) == {
        PARTNER_LINKS: {links[0].id: {"role": "edi"}},
        PARTNER_INVITATIONS: {rows[0].id: {"role": "edi"}},
    }
    assert not found.waiting


def test_member_when_its_login_address_differs_from_the_one_it_accepted_with_then_is_both() -> None:
    member = link("new@x.example", ADA)

    assert plan(person(), links=[member]).unchanged
    assert plan(person("new@x.example"), links=[member]).unchanged


def test_member_when_its_two_addresses_are_wanted_in_two_roles_then_neither_counts() -> None:
    """Each run would give it the role of the other address."""
    member, new = link("new@x.example", ADA), "new@x.example"

    found = plan(person(), person(new, "admin"), links=[member])
    agreed = plan(person(), person(new), links=[member])

    assert [one.person.email for one in found.refused] == [ADA, new]
    assert not found.changed
    assert len(agreed.unchanged) == 2


def test_user_whom_a_person_has_removed_is_refused_under_a_new_address() -> None:
    user: dict[str, Any] = {"user_id": "U1", "source": Source.DIRECTORY}
    used = invitation(status="used", user_id="U1")
    ended = invitation(status="used", user_id="U1", ended_for="directory")
    wanted = person("new@x.example", **user)

    assert [one.person for one in plan(wanted, invitations=[used]).refused] == [wanted]
    assert plan(wanted, invitations=[used], invite_again=True).new
    assert plan(wanted, invitations=[ended]).new


def test_member_when_it_acts_for_another_partner_then_is_new_here() -> None:
    found = plan(person(partner=TWO), links=[link(ADA)], invitations=[invitation()])

    assert [(one.person.partner_id, one.round) for one in found.new] == [(TWO, 1)]


@pytest.mark.parametrize(
    ("rows", "round_number"),
    [
        ([invitation(days=-1)], 2),
        ([invitation(days=0)], 2),
        ([invitation(status="revoked"), invitation(days=-1, number=2)], 3),
        ([invitation(status="used"), invitation(days=-1, number=7)], 8),
    ],
)
def test_person_when_the_last_invitation_has_expired_then_is_invited_in_a_new_round(
    rows: list[Invitation], round_number: int
) -> None:
    (new,) = plan(person(), invitations=reversed(rows)).new

    assert new.round == round_number
    assert new.id not in {row.id for row in rows}


@pytest.mark.parametrize(
    ("status", "word"),
    [("used", "taken away"), ("revoked", "revoked"), ("", "status"), ("odd", "status")],
)
def test_person_whose_access_was_ended_when_wanted_again_then_is_refused_until_it_is_asked_for(
    status: str, word: str
) -> None:
    rows = [invitation(days=-1), invitation(status=status, number=2)]

    found = plan(person(), invitations=rows)
    again = plan(person(), invitations=rows, invite_again=True)

    assert not found.new
    assert word in found.refused[0].reason
    assert [one.round for one in again.new] == [3]


def test_code_given_by_hand_when_somebody_is_imported_then_is_nobodys() -> None:
    by_hand = invitation("")

    assert plan(person(), invitations=[by_hand]).new


class TestLeaving:
    """People of the directory who are no longer there."""

    def test_person_when_gone_from_a_complete_partner_then_is_leaving(self) -> None:
        links = [link(BO, source="directory", role="admin")]
        rows = [invitation("cy@x.example", source="directory")]

        found = plan(person(), links=links, invitations=rows, complete=[ONE])

        assert [(one.key.email, one.role, one.is_linked) for one in found.leaving] == [
            (BO, "admin", True),
            ("cy@x.example", "edi", False),
        ]

    @pytest.mark.parametrize(
        "known",
        [
            {"links": [link(BO, source="directory")], "complete": [TWO]},
            {"links": [link(BO, source="directory")]},
            {"links": [link(BO, source="file")], "complete": [ONE]},
            {"links": [link(BO)], "complete": [ONE]},
            {"links": [link(ADA, BO, source="directory")], "complete": [ONE]},
            {"invitations": [invitation(BO, days=-1, source="directory")], "complete": [ONE]},
            {"invitations": [invitation(BO, "used", source="directory")], "complete": [ONE]},
        ],
    )
    def test_person_when_not_of_the_directory_or_not_readable_then_stays(
        self, known: dict[str, Any]
    ) -> None:
        assert plan(person(), **known).leaving == ()

    def test_user_when_the_address_has_changed_then_is_the_same_person(self) -> None:
        member = link(BO, source="directory", user_id="U1")
        user = person(source=Source.DIRECTORY, user_id="U1")

        found = plan(user, links=[member], complete=[ONE])

        assert found == PeoplePlan(unchanged=(user,))


ROWS = st.builds(
    invitation,
    st.sampled_from([ADA, BO]),
    st.sampled_from(["active", "used", "revoked", "odd"]),
    role=st.sampled_from(["edi", "admin"]),
    days=st.integers(-2, 2),
    number=st.integers(1, 4),
    partner=st.sampled_from([ONE, TWO]),
)
LINKS = st.builds(
    lambda emails, role, partner, member: link(*emails, role=role, partner=partner, member=member),
    st.sets(st.sampled_from([ADA, BO])),
    st.sampled_from(["edi", "admin"]),
    st.sampled_from([ONE, TWO]),
    st.sampled_from(["m1", "m2"]),
)
WANTED = st.lists(
    st.builds(person, st.sampled_from([ADA, BO]), partner=st.sampled_from([ONE, TWO])),
    unique_by=lambda one: one.key,
)


@given(
    WANTED, st.lists(LINKS, max_size=4), st.lists(ROWS, max_size=4, unique_by=lambda row: row.id)
)
def test_each_person_is_in_one_place_and_no_row_is_written_twice(
    wanted: list[Person], links: list[LinkedMember], rows: list[Invitation]
) -> None:
    found = plan(*wanted, links=links, invitations=rows)

    places = [
        *(one.person.key for one in found.new),
        *(one.person.key for one in found.changed),
        *(one.key for one in found.unchanged),
        *(one.person.key for one in found.refused),
    ]
    assert sorted(places) == sorted(one.key for one in wanted)
    ids = [one.id for one in found.new]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {row.id for row in rows}


@pytest.mark.parametrize("status", ["used", "revoked"])
def test_person_whose_access_has_ended_by_itself_is_invited_in_the_next_round(status: str) -> None:
    ended = invitation(status=status, ended_for="directory")

    found = plan(person(), invitations=[ended])

    assert [one.round for one in found.new] == [2]


def test_person_whose_access_a_person_took_away_after_it_had_come_back_is_refused() -> None:
    rows = [invitation(status="used", ended_for="directory"), invitation(status="used", number=2)]

    found = plan(person(), invitations=rows)

    assert len(found.refused) == 1


@pytest.mark.parametrize("again", [True, False])
def test_nobody_is_invited_to_a_partner_that_has_left(again: bool) -> None:
    found = plan(person(), person(BO, partner=TWO), closed=[ONE], invite_again=again)

    assert [one.person.email for one in found.refused] == [ADA]
    assert [one.person.email for one in found.new] == [BO]
