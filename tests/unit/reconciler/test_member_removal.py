"""A member whom the site has deleted: its access ends at once, and its rows go, once each."""

import json
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.people_runs import EndReason, PersonDeleted
from gridwix.models.portal.collection_ids import (
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PEOPLE_HISTORY,
)
from gridwix.models.reconciliation import RUN_MESSAGE
from gridwix.models.wix import DataItem
from gridwix.people.member_rows import INVITATION_ATTEMPTS, OWN_COLLECTIONS
from gridwix.people.unlinking import INVITATION_REDEMPTIONS
from tests.examples import examples
from tests.fakes.leaving import LeavingWorld

PG, BALTIC = "GC1", "GC2"
ADA, BO = "member-ada", "member-bo"


def world_without_ada() -> LeavingWorld:
    """Ada acted for two partners, Bo for one. The site has deleted Ada."""
    world = LeavingWorld()
    for partner, name in ((PG, "ada"), (BALTIC, "ada"), (PG, "bo")):
        world.add_person(partner, name)
    for member in (ADA, BO):
        for collection in OWN_COLLECTIONS:
            row = WixItemId(f"{collection}-{member}")
            data = {"memberId": member, "partnerId": PG}
            world.rows.rows[collection, row] = DataItem(row, data)
    del world.members[ADA]
    return world


def rows_of(world: LeavingWorld, member: str) -> set[CollectionId]:
    return {
        name for (name, _), row in world.rows.rows.items() if row.data.get("memberId") == member
    }


def state(world: LeavingWorld) -> tuple[object, set[str]]:
    """All rows, and the ids of the events: one that is put twice is the same event."""
    rows = sorted(
        (name, key, str(sorted(row.data.items()))) for (name, key), row in world.rows.rows.items()
    )
    return rows, {event.event_id for event in world.events}


def test_deleted_member_loses_access_at_once_and_all_rows_of_its_own() -> None:
    world = world_without_ada()

    report = world.remove(f"members/{ADA}")

    # A line of the history says that it had access, until the person is forgotten.
    assert rows_of(world, ADA) == {PEOPLE_HISTORY}
    assert rows_of(world, BO) == {PARTNER_LINKS, *OWN_COLLECTIONS}
    assert report.ended[EndReason.MEMBER_DELETED].links == 2
    # The end of its links has removed settings and read marks.
    assert report.removed == 2
    assert len(world.events) == 2
    assert world.invitation(PG, "ada")["endedFor"] == "member_deleted"


def test_member_without_a_link_loses_its_rows() -> None:
    world = world_without_ada()
    del world.members[BO]
    world.rows.rows = {
        key: row for key, row in world.rows.rows.items() if key[0] in OWN_COLLECTIONS
    }

    report = world.remove(f"members/{BO}")

    assert rows_of(world, BO) == set()
    assert (report.ended, report.removed) == ({}, len(OWN_COLLECTIONS))


@pytest.mark.parametrize("subject", [f"members/{BO}", f"contacts/{BO}"])
def test_event_about_a_member_whom_the_site_still_has_changes_nothing(subject: str) -> None:
    world = world_without_ada()
    before = state(world)

    report = world.remove(subject)

    assert report.exists
    assert state(world) == before


def test_deleted_contact_that_is_no_member_costs_one_read() -> None:
    world = world_without_ada()
    before = state(world)

    world.remove("contacts/somebody-else")

    assert state(world) == before
    assert (world.rows.calls, world.member_queries) == (1, 0)


def test_deleted_contact_with_the_id_of_a_deleted_member_ends_its_access() -> None:
    world = world_without_ada()

    world.remove(f"contacts/{ADA}")

    assert rows_of(world, ADA) == {PEOPLE_HISTORY}


@settings(max_examples=examples(13), deadline=None)
@given(at=st.integers(1, 30), after=st.booleans())
def test_interrupted_removal_ends_as_one_that_was_not(at: int, after: bool) -> None:
    smooth, interrupted = world_without_ada(), world_without_ada()
    smooth.remove(f"members/{ADA}")

    interrupted.remove(f"members/{ADA}", at=at, after=after)

    assert state(interrupted) == state(smooth)


def test_second_delivery_of_the_event_changes_nothing() -> None:
    world = world_without_ada()
    world.remove(f"members/{ADA}")
    before = state(world)

    world.remove(f"members/{ADA}")

    assert state(world) == before


def test_sample_event_is_a_message_of_the_queue() -> None:
    sample = Path(__file__).parents[3] / "events/reconciler/member_deleted.json"
    (record,) = json.loads(sample.read_text())["Records"]

    message = RUN_MESSAGE.validate_json(record["body"])

    assert isinstance(message, PersonDeleted)
    assert message.person_id
    assert not message.is_contact


def test_collections_are_those_of_the_portal() -> None:
    assert {*OWN_COLLECTIONS} == {
        MEMBER_SETTINGS,
        MEMBER_READ_MARKS,
        INVITATION_REDEMPTIONS,
        INVITATION_ATTEMPTS,
    }
    assert PARTNER_INVITATIONS not in OWN_COLLECTIONS
