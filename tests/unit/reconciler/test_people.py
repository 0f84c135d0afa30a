"""People who leave lose access, nobody else does, and a source that fails locks out nobody."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from gridwix.configuration.people import Leaving
from gridwix.errors import NotFound, Unavailable
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.people_runs import EndReason, RowCounts
from gridwix.models.portal.collection_ids import (
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PEOPLE_HISTORY,
)
from gridwix.models.wix import BulkOutcome, DataItem
from gridwix.people.persons import Person, Source
from gridwix.people.planning import plan_people
from gridwix.people.rows import read_invitation, read_link
from gridwix.people.unlinking import INVITATION_REDEMPTIONS
from tests.examples import examples
from tests.fakes.leaving import LeavingWorld
from tests.fakes.people import NOW

PG, BALTIC = "GC1", "GC2"
NAMES = [f"p{number:02}" for number in range(40)]


def large_world() -> LeavingWorld:
    """40 people of the directory at one partner: two of them may lose access in one run."""
    world = LeavingWorld(settings=Leaving(most_share=0.05, least=1))
    for name in NAMES:
        world.add_person(PG, name)
    return world


def test_deleted_member_loses_its_link_and_what_is_stored_of_it() -> None:
    world = LeavingWorld()
    ada, bo = world.add_person(PG, "ada"), world.add_person(PG, "bo")
    for collection in (MEMBER_READ_MARKS, MEMBER_SETTINGS):
        row = WixItemId(f"row-{collection}")
        world.rows.rows[collection, row] = DataItem(
            row, {"memberId": "member-ada", "partnerId": PG}
        )
    del world.members["member-ada"]

    report = world.run()

    assert world.links == {bo}
    assert {name for name, _ in world.rows.rows} == {
        PARTNER_LINKS,
        PARTNER_INVITATIONS,
        PEOPLE_HISTORY,
    }
    assert report.ended[EndReason.MEMBER_DELETED].links == 1
    assert report.ids == (ada,)


def test_blocked_member_loses_its_link_and_its_other_invitation() -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada", source="file")
    world.add_person(PG, "ada", source="file", linked=False, round_number=2)
    world.blocked.add("member-ada")

    world.run()

    assert not world.links
    assert world.invitation(PG, "ada", 2)["status"] == "revoked"


def test_open_invitation_of_a_blocked_member_without_a_link_is_revoked_and_no_other() -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada", source="file")
    for partner, name in ((BALTIC, "ada"), (BALTIC, "bo")):
        world.add_person(partner, name, source="file", linked=False)
    # An earlier round that has expired would be listed as one to be invited again.
    world.add_person(BALTIC, "ada", source="file", linked=False, round_number=0, days=-1)
    del world.rows.rows[PARTNER_LINKS, next(iter(world.links))]
    world.blocked.add("member-ada")

    report = world.run()

    assert report.ended == {EndReason.MEMBER_BLOCKED: RowCounts(invitations=1)}
    for number in (0, 1):
        assert world.invitation(BALTIC, "ada", number)["status"] == "revoked"
        assert world.invitation(BALTIC, "ada", number)["endedFor"] == "member_blocked"
    assert world.invitation(BALTIC, "bo")["status"] == "active"
    assert not report.unused_of


def test_member_who_is_unblocked_before_its_invitation_ends_keeps_it() -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada", source="file", linked=False)
    world.members["member-ada"] = "ada@x.example"
    answers = iter([{"ada@x.example"}, set[str]()])
    sources: Any = world
    sources.find_blocked = lambda _: next(answers)

    report = world.run()

    assert report.found == {EndReason.MEMBER_BLOCKED: RowCounts(invitations=1)}
    assert world.invitation(PG, "ada")["status"] == "active"


@pytest.mark.parametrize("reason", ["deleted", "blocked", "left"])
def test_invitations_to_other_partners_end_with_the_member_and_not_with_a_partner(
    reason: str,
) -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada", source="file")
    world.add_person(BALTIC, "ada", source="file", linked=False)
    match reason:
        case "deleted":
            del world.members["member-ada"]
        case "blocked":
            world.blocked.add("member-ada")
        case _:
            world.statuses[PG] = "terminated"

    world.run()

    open_ones = world.invitation(BALTIC, "ada")["status"] == "active"
    assert open_ones is (reason == "left")


def test_guard_stops_the_end_of_many_invitations_of_blocked_members() -> None:
    world = LeavingWorld(settings=Leaving(most_share=0.05, least=1))
    for name in NAMES:
        world.add_person(PG, name, source="file", linked=False)
        world.members[f"member-{name}"] = f"{name}@x.example"
    world.blocked |= {"member-p00", "member-p01", "member-p02"}

    report = world.run()

    assert report.stopped == (EndReason.MEMBER_BLOCKED,)
    assert world.invitation(PG, "p00")["status"] == "active"


def test_link_of_a_member_that_a_query_does_not_show_yet_stays() -> None:
    world = LeavingWorld()
    ada = world.add_person(PG, "ada")
    world.unlisted.add("member-ada")

    report = world.run()

    assert world.links == {ada}
    assert report.found[EndReason.MEMBER_DELETED].links == 1
    assert not world.events


@pytest.mark.parametrize("status", ["terminated", "suspended", "deleted"])
def test_nobody_acts_for_a_partner_that_has_left(status: str) -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada", by_hand=True, source="hub")
    world.add_person(PG, "bo", source="file", linked=False)
    stays = world.add_person(BALTIC, "cy", source="file")
    world.statuses[PG] = status

    world.run()

    assert world.links == {stays}
    assert world.invitation(PG, "bo")["status"] == "revoked"
    assert world.invitation(PG, "bo")["endedFor"] == "partner"


def test_statuses_that_end_access_are_a_setting() -> None:
    world = LeavingWorld(settings=Leaving(statuses=("terminated",)))
    ada = world.add_person(PG, "ada")
    world.statuses[PG] = "suspended"

    world.run()

    assert world.links == {ada}


def test_partner_that_trading_grid_does_not_name_ends_nobody() -> None:
    world = LeavingWorld()
    ada = world.add_person(PG, "ada")
    del world.statuses[PG]

    world.run()

    assert world.links == {ada}


@pytest.mark.parametrize("inactive", [True, False])
def test_user_who_is_gone_from_the_directory_loses_access_at_the_second_look(
    inactive: bool,
) -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada")
    stays = {world.add_person(PG, "bo"), world.add_person(PG, "cy", source="file")}
    waits = world.add_person(PG, "di", linked=False)
    for name in ("ada", "di"):
        if inactive:
            world.add_user(PG, name, status="Inactive")
        else:
            del world.users[PG][name]

    first = world.run()
    kept = set(world.links)
    second = world.run()

    assert len(kept) == 3
    assert (first.waiting, first.ended) == (2, {})
    assert world.links == stays
    assert world.invitation(PG, "di")["status"] == "revoked"
    assert second.ended[EndReason.DIRECTORY].links == 1
    assert waits in second.ids


def test_second_look_has_to_be_some_minutes_after_the_first() -> None:
    world = LeavingWorld(settings=Leaving(second_look_minutes=90))
    ada = world.add_person(PG, "ada")
    world.add_person(PG, "bo")
    del world.users[PG]["ada"]

    world.run()
    world.run()
    assert ada in world.links
    world.run()

    assert ada not in world.links


def test_user_who_is_seen_between_two_looks_starts_over() -> None:
    world = LeavingWorld()
    ada = world.add_person(PG, "ada")
    world.add_person(PG, "bo")
    del world.users[PG]["ada"]
    world.run()
    world.add_user(PG, "ada")
    world.run()
    del world.users[PG]["ada"]

    world.run()

    assert ada in world.links


def test_user_with_another_id_and_the_same_address_stays() -> None:
    world = LeavingWorld()
    ada = world.add_person(PG, "ada")
    world.add_person(PG, "bo")
    user = world.users[PG].pop("ada")
    world.users[PG]["new"] = type(user)("user-new", "new", user.email.upper(), "Ada", "Active")

    world.run()
    world.run()

    assert ada in world.links


def test_user_with_a_status_that_nobody_knows_stays() -> None:
    world = LeavingWorld()
    ada = world.add_person(PG, "ada")
    world.add_user(PG, "ada", status="Incomplete")

    world.run()
    world.run()

    assert world.links == {ada}


@pytest.mark.parametrize("fault", ["unreadable", "empty", "silent"])
def test_company_that_is_not_read_completely_ends_nobody(fault: str) -> None:
    world = LeavingWorld()
    ada = world.add_person(PG, "ada")
    world.add_person(BALTIC, "bo")
    match fault:
        case "unreadable":
            world.unreadable.add(PG)
        case "empty":
            world.users[PG].clear()
        case _:
            world.silent = True

    first = world.run()
    world.run()

    assert ada in world.links
    assert first.companies.unread + first.companies.empty == (2 if fault == "silent" else 1)


def test_look_is_kept_while_the_company_cannot_be_read() -> None:
    world = LeavingWorld()
    ada = world.add_person(PG, "ada")
    world.add_person(PG, "bo")
    del world.users[PG]["ada"]
    world.run()
    world.unreadable.add(PG)
    world.run()
    assert ada in world.links
    world.unreadable.clear()

    world.run()

    assert ada not in world.links


def test_directory_that_does_not_answer_is_asked_five_times_a_page() -> None:
    world = LeavingWorld(silent=True)
    for number in range(20):
        world.add_person(f"GC{number}", f"p{number}")

    world.run()

    assert len(world.directory_calls) == 5


def test_directory_that_answers_half_then_nothing_then_all_locks_out_nobody() -> None:
    world = large_world()
    everybody, users = set(world.links), dict(world.users[PG])

    world.users[PG] = dict(list(users.items())[:20])
    half = [world.run(), world.run()]
    after_half = set(world.links)
    world.users[PG] = {}
    none = [world.run(), world.run()]
    after_none = set(world.links)
    world.users[PG] = users
    world.run()

    assert [one.stopped for one in half] == [(EndReason.DIRECTORY,)] * 2
    assert [one.companies.empty for one in none] == [1, 1]
    assert after_half == after_none == set(world.links) == everybody
    assert not world.events


def test_those_who_have_left_lose_access_after_the_directory_is_whole_again() -> None:
    world = large_world()
    users = dict(world.users[PG])
    world.users[PG] = dict(list(users.items())[:20])
    world.run()
    world.users[PG] = {name: user for name, user in users.items() if name != "p39"}

    first = world.run()
    second = world.run()

    # What the guard has stopped was no look.
    assert (first.waiting, first.ended) == (1, {})
    assert second.ended[EndReason.DIRECTORY].links == 1
    assert len(world.links) == 39


def test_stopped_reason_leaves_the_others_alone() -> None:
    world = large_world()
    del world.members["member-p00"]
    world.users[PG] = {"p39": world.users[PG]["p39"]}

    report = world.run()

    assert report.stopped == (EndReason.DIRECTORY,)
    assert report.ended[EndReason.MEMBER_DELETED].links == 1
    assert len(world.links) == 39


def test_person_can_accept_once_what_the_guard_has_stopped() -> None:
    world = large_world()
    world.users[PG] = {"p39": world.users[PG]["p39"]}

    dry = world.run(dry_run=True, accept_shrink=True)
    before = set(world.links)
    report = world.run(accept_shrink=True)

    assert (dry.ended, len(before)) == ({}, 40)
    assert report.ended[EndReason.DIRECTORY].links == 39
    assert len(world.links) == 1


def test_nobody_loses_access_while_the_history_is_missing_and_then_it_is_completed() -> None:
    world = LeavingWorld()
    ada = world.add_person(PG, "ada")
    del world.members["member-ada"]
    rows: Any = world.rows
    insert = rows.bulk_insert

    def refuse(collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        if collection == PEOPLE_HISTORY:
            raise NotFound(system="wix", vendor_code="WDE0025")
        found: BulkOutcome = insert(collection, items)
        return found

    rows.bulk_insert = refuse
    with pytest.raises(AssertionError, match="fails for ever"):
        world.run()
    before, said = set(world.links), list(world.events)
    rows.bulk_insert = insert
    world.run()

    assert (before, said) == ({ada}, [])
    assert not world.links


def test_dry_run_changes_nothing() -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada")
    del world.members["member-ada"]
    rows = dict(world.rows.rows)

    report = world.run(dry_run=True)

    assert world.rows.rows == rows
    assert report.found[EndReason.MEMBER_DELETED].links == 1
    assert not any(name.startswith("baselines/") for name in world.documents.texts)


def test_person_who_lost_access_by_itself_is_invited_when_it_is_back() -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada")
    world.add_person(PG, "bo")
    taken_away = world.add_person(PG, "cy")
    del world.users[PG]["ada"]
    world.run()
    world.run()
    del world.rows.rows[PARTNER_LINKS, taken_away]

    plan = plan_people(
        [
            Person(PartnerId(PG), f"{name}@x.example", "edi", source=Source.DIRECTORY)
            for name in ("ada", "bo", "cy")
        ],
        [read_link(row) for (name, _), row in world.rows.rows.items() if name == PARTNER_LINKS],
        [
            read_invitation(row)
            for (name, _), row in world.rows.rows.items()
            if name == PARTNER_INVITATIONS
        ],
        now=NOW + timedelta(days=1),
    )

    assert [(one.person.email, one.round) for one in plan.new] == [("ada@x.example", 2)]
    assert [one.email for one in plan.unchanged] == ["bo@x.example"]
    assert [one.person.email for one in plan.refused] == ["cy@x.example"]


def test_person_is_told_by_its_invitation_or_by_a_row_that_is_made_for_it() -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada", source="file")
    bo = world.add_person(PG, "bo", source="hub", by_hand=True)
    world.statuses[PG] = "terminated"

    world.run()

    invitations = {
        one: row.data for (name, one), row in world.rows.rows.items() if name == PARTNER_INVITATIONS
    }
    told = {event.record.removeprefix("invitations/") for event in world.events}
    assert told == set(invitations)
    assert {row["email"] for row in invitations.values()} == {"ada@x.example", "bo@x.example"}
    assert {row["endedFor"] for row in invitations.values()} == {"partner"}
    assert {event.type for event in world.events} == {"access.ended"}
    assert "@" not in "".join(event.model_dump_json() for event in world.events)
    assert bo not in world.links


def test_deleted_member_whose_address_nobody_knows_is_not_told() -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada", source="hub", by_hand=True)
    del world.members["member-ada"]

    world.run()

    assert not world.links
    assert not world.events


def test_redemption_that_was_interrupted_cannot_restore_the_link() -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada", source="file")
    invitation = WixItemId(f"invitation-{PG}-ada-1")
    world.rows.rows[INVITATION_REDEMPTIONS, invitation] = DataItem(
        invitation, {"memberId": "member-ada"}
    )
    world.rows.bulk_set(PARTNER_INVITATIONS, {invitation: {"status": "active"}})
    world.blocked.add("member-ada")

    world.run()

    assert world.invitation(PG, "ada")["status"] in ("used", "revoked")


def test_person_who_is_unblocked_while_a_run_is_interrupted_keeps_access_and_is_not_told() -> None:
    world = LeavingWorld()
    ada = world.add_person(PG, "ada", source="file")
    world.blocked.add("member-ada")
    interrupt_first_removal(world)
    report = world.run()

    assert world.links == {ada}
    assert report.ended == {}
    assert not world.events
    assert "endedFor" not in world.invitation(PG, "ada")


def test_invitation_whose_reason_ceased_before_it_was_revoked_counts_as_not_ended() -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada", source="file", linked=False)
    world.add_person(PG, "bo", source="file", linked=False)
    world.members |= {"member-ada": "ada@x.example", "member-bo": "bo@x.example"}
    world.blocked |= {"member-ada", "member-bo"}
    rows: Any = world.rows
    change, calls = rows.bulk_set, iter(range(2))

    def interrupt(*args: Any) -> BulkOutcome:
        if next(calls, None) == 1:
            rows.bulk_set = change
            world.blocked.clear()
            raise Unavailable(system="wix")
        found: BulkOutcome = change(*args)
        return found

    rows.bulk_set = interrupt
    report = world.run()

    assert [world.invitation(PG, name)["status"] for name in ("ada", "bo")] == ["revoked", "active"]
    assert report.ended == {EndReason.MEMBER_BLOCKED: RowCounts(invitations=1)}


def test_link_that_ends_later_than_first_begun_has_one_history_line_of_the_true_end() -> None:
    world = LeavingWorld()
    world.add_person(PG, "ada", source="file")
    world.blocked.add("member-ada")
    interrupt_first_removal(world)
    world.run()
    lines_before = history_times(world)
    world.blocked.add("member-ada")
    world.run()

    assert lines_before == []
    assert not world.links
    assert history_times(world) == [datetime.fromtimestamp(world.now, UTC)]


def test_history_line_of_a_link_without_a_time_is_not_removed_for_one_that_stays() -> None:
    world = LeavingWorld()
    ada = world.add_person(PG, "ada", source="file")
    row = world.rows.rows[PARTNER_LINKS, ada]
    timeless = {name: value for name, value in row.data.items() if name != "verifiedAt"}
    world.rows.rows[PARTNER_LINKS, ada] = DataItem(ada, timeless)
    world.blocked.add("member-ada")
    world.run()
    ended_at = datetime.fromtimestamp(world.now, UTC)
    world.rows.rows[PARTNER_LINKS, ada] = DataItem(ada, timeless)
    interrupt_first_removal(world)

    world.run()

    assert world.links == {ada}
    assert history_times(world) == [ended_at]


def interrupt_first_removal(world: LeavingWorld) -> None:
    """Fail the first removal of a row, and unblock everybody at that moment."""
    rows: Any = world.rows
    remove = rows.remove_item

    def interrupt(*_: object) -> None:
        rows.remove_item = remove
        world.blocked.clear()
        raise Unavailable(system="wix")

    rows.remove_item = interrupt


def history_times(world: LeavingWorld) -> Sequence[datetime]:
    """The times of the lines in the history of people."""
    return [row.data["at"] for (name, _), row in world.rows.rows.items() if name == PEOPLE_HISTORY]


def test_pages_cover_all_partners_in_few_calls() -> None:
    world = LeavingWorld(partners_per_page=7)
    for number in range(50):
        world.add_person(f"GC{number:02}", f"p{number}")

    report = world.run()

    assert report.total.links == 50
    assert sorted(world.directory_calls) == sorted(world.users)
    assert world.rows.calls == 2 * 8


def test_partner_with_more_rows_than_a_query_returns_is_read_completely() -> None:
    world = LeavingWorld(settings=Leaving(most_share=1))
    for number in range(1_100):
        world.add_person(PG, f"p{number}", source="file")
    world.add_person(BALTIC, "bo", source="file")
    del world.members["member-p1099"]

    report = world.run()

    assert report.total.links == 1_101
    assert report.ended[EndReason.MEMBER_DELETED].links == 1


def test_report_has_the_unused_invitations_of_each_partner_and_no_names() -> None:
    world = LeavingWorld(partners_per_page=1, bounced={"cy@x.example", "ed@x.example"})
    world.add_person(PG, "ada", source="file")
    # Ada has accepted: an earlier invitation of hers, and the bounce of another, are nothing to do.
    world.add_person(PG, "ada", source="file", linked=False, round_number=2, days=-1)
    world.add_person(PG, "bo", source="file", linked=False, days=-30)
    world.add_person(PG, "bo", source="file", linked=False, round_number=2, days=2)
    world.add_person(PG, "cy", source="file", linked=False)
    world.add_person(BALTIC, "di", source="file", linked=False, days=-1)
    world.add_person("GC3", "ed", source="file")
    world.add_person("GC3", "fi", source="file", linked=False)

    report = world.run()

    assert [
        (one.partner_id, one.counts.expired, one.counts.expiring, one.counts.bounced)
        for one in report.unused_of
    ] == [(PG, 0, 1, 1), (BALTIC, 1, 0, 0)]
    assert (report.unused.expired, report.unused.expiring, report.unused.bounced) == (1, 1, 1)
    assert "@" not in report.model_dump_json()


def test_invitation_that_ends_in_this_run_is_no_unused_one() -> None:
    world = LeavingWorld(bounced={"ada@x.example"})
    world.add_person(PG, "ada", source="file", linked=False)
    world.statuses[PG] = "terminated"

    assert not world.run().unused_of


def test_addresses_of_which_wix_says_nothing_are_counted_and_stop_no_comparison() -> None:
    world = LeavingWorld(bounced=None)
    world.add_person(PG, "ada", source="file")
    world.add_person(PG, "bo", source="file", linked=False)
    del world.members["member-ada"]

    report = world.run()

    assert not world.links
    assert (report.unused.bounced, report.unused.unknown) == (0, 1)


# Random histories.

PEOPLE = {"ada": PG, "bo": PG, "cy": BALTIC, "di": BALTIC}
STEPS = st.one_of(
    st.tuples(st.sampled_from(["leave", "return", "deactivate"]), st.sampled_from(["ada", "cy"])),
    st.tuples(st.sampled_from(["block", "unblock", "delete"]), st.sampled_from(sorted(PEOPLE))),
    st.tuples(
        st.sampled_from(["suspend", "activate", "unreadable", "readable"]),
        st.sampled_from([PG, BALTIC]),
    ),
    st.tuples(st.just("invite"), st.sampled_from(sorted(PEOPLE))),
    st.tuples(st.just("run"), st.tuples(st.integers(0, 30), st.booleans())),
)


def move(  # noqa: C901 - one case per step
    world: LeavingWorld, step: str, about: str
) -> None:
    """Change the world by one step."""
    match step:
        case "leave":
            world.users[PEOPLE[about]].pop(about, None)
        case "return":
            world.add_user(PEOPLE[about], about)
        case "deactivate":
            world.add_user(PEOPLE[about], about, status="Inactive")
        case "block":
            world.blocked.add(f"member-{about}")
        case "unblock":
            world.blocked.discard(f"member-{about}")
        case "delete":
            world.members.pop(f"member-{about}", None)
        case "suspend":
            world.statuses[about] = "suspended"
        case "activate":
            world.statuses[about] = "active"
        case "unreadable":
            world.unreadable.add(about)
        case "readable":
            world.unreadable.discard(about)
        case _:
            add_again(world, about)


def add_again(world: LeavingWorld, name: str) -> None:
    """Let a person in once more, by a further round, without a change of what the sources say."""
    users = {partner: dict(found) for partner, found in world.users.items()}
    source = "directory" if name in ("ada", "cy") else "file"
    rounds = sum(1 for _, one in world.rows.rows if f"-{name}-" in one)
    world.add_person(PEOPLE[name], name, source=source, round_number=rounds + 1)
    world.users = users


def ends(world: LeavingWorld) -> Mapping[WixItemId, str]:
    """The links that should end, each with whether that is sure, or seen in the directory."""
    found: dict[WixItemId, str] = {}
    for (collection, one), row in world.rows.rows.items():
        if collection != PARTNER_LINKS:
            continue
        name, partner = row.data["memberId"].removeprefix("member-"), row.data["partnerId"]
        user = world.users.get(partner, {}).get(name)
        is_gone = user is None or user.status == "Inactive"
        if (
            row.data["memberId"] not in world.members
            or row.data["memberId"] in world.blocked
            or world.statuses[partner] == "suspended"
        ):
            found[one] = "sure"
        elif row.data.get("source") == "directory" and is_gone:
            found[one] = "unreadable" if partner in world.unreadable else "missing"
    return found


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_random_histories_end_exactly_the_access_of_those_who_have_left(
    steps: list[tuple[str, object]],
) -> None:
    world = LeavingWorld(settings=Leaving(most_share=1, least=10_000))
    for name, partner in PEOPLE.items():
        world.add_person(partner, name, source="directory" if name in ("ada", "cy") else "file")
    for partner in (PG, BALTIC):
        # A company has an administrator.
        world.add_user(partner, "admin")
    missing_before: set[WixItemId] = set()
    for step, about in steps:
        if step != "run":
            move(world, step, str(about))
            continue
        assert isinstance(about, tuple)
        before, leaving, said = set(world.links), ends(world), len(world.events)

        world.run(at=about[0], after=about[1])

        missing = {one for one, why in leaving.items() if why == "missing"}
        unread = {one for one, why in leaving.items() if why == "unreadable"}
        sure = {one for one, why in leaving.items() if why == "sure"}
        assert before - world.links == sure | (missing & missing_before)
        missing_before = (missing - missing_before) | (unread & missing_before)
        told = {event.event_id for event in world.events[said:]}
        assert len(told) == len(before - world.links)
