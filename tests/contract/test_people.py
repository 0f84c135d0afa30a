"""People are imported into the Wix emulator: whatever ends a run, in few calls."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.configuration.people import People
from gridwix.errors import Unavailable
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import (
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PARTNER_STATUS,
)
from gridwix.models.wix import MAX_BULK_ITEMS, DataItem
from gridwix.people.persons import Person
from gridwix.people.planning import PeoplePlan, plan_people
from gridwix.people.unlinking import INVITATION_REDEMPTIONS, unlink_member
from ops.budgets import UnlimitedBudget
from ops.collections import collection_definitions, ensure_collection
from ops.members import (
    Role,
    create_invitation,
    link_id,
    link_member,
    require_partner,
)
from ops.people import announcing, carrying
from ops.people.announcing import Invited
from ops.people.carrying import Outcome, PeopleImport
from ops.people.portal import PeoplePortal
from ops.people.reminding import plan_reminders
from tests.contract.wix_site import Client, a_site
from tests.fakes.people import Interrupted, InterruptedRows, Messenger

KEY = b"key of the stack"
COLLECTIONS = (
    *(PARTNER_STATUS, PARTNER_LINKS, PARTNER_INVITATIONS),
    *(INVITATION_REDEMPTIONS, MEMBER_READ_MARKS, MEMBER_SETTINGS),
)


@dataclass
class World:
    """A site with the collections of people, and the messenger. ``calls`` are those of Wix."""

    site: Client
    http: httpx.Client
    calls: Counter[str]
    messenger: Messenger = field(default_factory=Messenger)

    def __post_init__(self) -> None:
        auth = wix_auth(
            {"apiKey": self.site.info["apiKey"]}, self.site.info["siteId"], base_url=self.site.url
        )
        url = self.site.url
        self.wix = WixClient(self.http, auth, UnlimitedBudget(), base_url=url)
        self.portal = PeoplePortal(
            self.wix, WixSite(self.http, auth, UnlimitedBudget(), base_url=url)
        )
        for definition in collection_definitions():
            if definition["id"] in COLLECTIONS:
                ensure_collection(self.wix, definition)
        self.calls.clear()

    def add_partners(self, partners: Sequence[PartnerId], status: str = "active") -> None:
        rows = [DataItem(WixItemId(one), {"partnerId": one, "status": status}) for one in partners]
        for start in range(0, len(rows), MAX_BULK_ITEMS):
            self.wix.bulk_save(PARTNER_STATUS, rows[start : start + MAX_BULK_ITEMS])

    def add_member(self, email: str, *partners: str, role: str = "edi") -> str:
        member = str(self.site.control("POST", "members", {"loginEmail": email})["member"]["id"])
        for partner in partners:
            row = {"memberId": member, "partnerId": partner, "role": role}
            self.wix.save_item(PARTNER_LINKS, DataItem(WixItemId(f"{partner}-{member}"), row))
        return member

    def plan(self, people: Sequence[Person]) -> tuple[PeoplePlan, Sequence[Invited]]:
        """Plan an import, as the command does."""
        partners = self.portal.known_partners({one.partner_id for one in people})
        known = self.portal.people_of(partners)
        now = datetime.now(UTC)
        plan = plan_people(people, known.links, known.invitations, now=now)
        waiting = [Invited(one.id, one.partner_id) for one in plan.waiting]
        return plan, self.messenger.announcer().unannounced(waiting, now)

    def run(self, people: Sequence[Person], interrupted: Interrupted | None = None) -> Outcome:
        """Run an import once."""
        at = interrupted or Interrupted()

        def put(changes: Sequence[Change]) -> None:
            at.write(lambda: self.messenger.bus.put(changes))

        return PeopleImport(
            InterruptedRows(self.wix, at),
            self.messenger.announcer(put),
            KEY,
            People(),
            datetime.now(UTC),
        ).carry_out(*self.plan(people))

    def remind(self, at: datetime, interrupted: Interrupted | None = None) -> Outcome:
        """Invite again who has not accepted, as the command does at a time."""
        ended = interrupted or Interrupted()

        def put(changes: Sequence[Change]) -> None:
            ended.write(lambda: self.messenger.bus.put(changes))

        known = self.portal.people_of(None)
        plan = plan_reminders(known.links, known.invitations, now=at, waited=timedelta(days=1))
        waiting = [Invited(one.id, one.partner_id) for one in plan.waiting]
        announcer = self.messenger.announcer(put)
        return PeopleImport(
            InterruptedRows(self.wix, ended), announcer, KEY, People(), at
        ).carry_out(plan, announcer.unannounced(waiting, at))

    def rows(self) -> dict[str, dict[str, object]]:
        return self.site.stored(PARTNER_INVITATIONS)

    @property
    def wix_writes(self) -> int:
        """Calls that change items. Others read: queries are POST requests as well."""
        return sum(
            count for path, count in self.calls.items() if not re.search(r"/query$|^GET ", path)
        )


@pytest.fixture
def world() -> Iterator[World]:
    calls = Counter[str]()
    hooks = {"request": [lambda one: calls.update([f"{one.method} {one.url.path}"])]}
    with httpx.Client(event_hooks=hooks) as http:
        yield World(a_site(collection=False, replica_lag=0.0), http, calls)


def people(partners: int, each: int) -> list[Person]:
    return [
        Person(PartnerId(f"GC{partner}"), f"p{number}@x{partner}.example", "edi")
        for partner in range(partners)
        for number in range(each)
    ]


def test_person_when_known_in_any_way_then_is_found_at_its_partner(world: World) -> None:
    world.add_partners([PartnerId("GC0"), PartnerId("GC1")])
    world.add_member("P0@X0.example", "GC0", "GC1", role="admin")
    wanted = [
        Person(PartnerId("GC0"), "p0@x0.example", "edi"),
        Person(PartnerId("GC1"), "p0@x0.example", "admin"),
        Person(PartnerId("GC1"), "p1@x1.example", "edi"),
    ]

    done = world.run(wanted)

    assert (done.invited, done.changed, done.announced, done.failures) == (1, 1, 1, ())
    roles = {row["partnerId"]: row["role"] for row in world.site.stored(PARTNER_LINKS).values()}
    assert roles == {"GC0": "edi", "GC1": "admin"}
    (row,) = world.rows().values()
    assert (row["email"], row["status"], row["round"]) == ("p1@x1.example", "active", 1)
    assert world.portal.partners_to_import() == ["GC0", "GC1"]


def test_link_when_the_hub_gives_another_role_then_keeps_what_is_known_of_the_person(
    world: World,
) -> None:
    identifier, known = link_id("m-1", "GC0"), {"email": "p0@x0.example", "source": "directory"}
    row = {"memberId": "m-1", "partnerId": "GC0", "role": "edi", **known}
    world.wix.save_item(PARTNER_LINKS, DataItem(identifier, row))

    link_member(world.wix, "m-1", PartnerId("GC0"), Role.ADMIN, now=datetime.now(UTC))

    stored = world.site.stored(PARTNER_LINKS)[identifier]
    assert (stored["role"], stored["verifiedBy"]) == ("admin", "hub")
    assert known.items() <= stored.items()


def test_unlinked_person_when_it_has_an_open_invitation_then_cannot_come_back_by_it(
    world: World,
) -> None:
    partners = [PartnerId("GC0"), PartnerId("GC1")]
    world.add_partners(partners)
    wanted = [Person(one, "p0@x0.example", "edi") for one in partners]
    world.run([*wanted, Person(partners[0], "p1@x0.example", "edi")])
    member = world.add_member("P0@x0.example", "GC0")

    unlink_member(world.wix, member, partners[0], ["P0@x0.example"])

    assert sorted(
        (row["partnerId"], row["email"], row["status"]) for row in world.rows().values()
    ) == [
        ("GC0", "p0@x0.example", "revoked"),
        ("GC0", "p1@x0.example", "active"),
        ("GC1", "p0@x0.example", "active"),
    ]
    plan, _ = world.plan(wanted)
    assert [one.person.partner_id for one in plan.refused] == ["GC0"]


def the_world_before(world: World) -> list[Person]:
    """Seven wanted people: one is linked and one invited, both in another role."""
    wanted = people(1, 7)
    world.add_partners([PartnerId("GC0")])
    world.add_member("p0@x0.example", "GC0", role="admin")
    world.run([Person(PartnerId("GC0"), "p1@x0.example", "finance")])
    return wanted


WRITES = 2 + 3 + 3
"""Two changed roles, three inserts of two rows, and three steps of events."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, WRITES + 1))
def test_run_when_it_ends_at_any_write_then_the_next_one_completes_it(
    world: World, monkeypatch: pytest.MonkeyPatch, at: int, after: bool
) -> None:
    monkeypatch.setattr(carrying, "MAX_BULK_ITEMS", 2)
    monkeypatch.setattr(announcing, "PER_PUT", 2)
    wanted = the_world_before(world)
    with pytest.raises(Unavailable):
        world.run(wanted, Interrupted(at, after))

    second = Interrupted()
    world.run(wanted, second)

    rows = world.rows()
    assert sorted(str(row["email"]) for row in rows.values()) == [
        f"p{number}@x0.example" for number in range(1, 7)
    ]
    assert {
        row["role"] for row in (*rows.values(), *world.site.stored(PARTNER_LINKS).values())
    } == {"edi"}
    events = {(one.subject, one.event_id) for one in world.messenger.bus.changes}
    assert events == {(f"invitations/{one}", f"invitation-{one}") for one in rows}

    world.messenger.handle_events()
    third = Interrupted()
    done = world.run(wanted, third)
    assert third.writes == 0
    assert done == Outcome()


def test_run_when_nothing_ends_it_then_has_all_the_writes_of_the_test_above(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "MAX_BULK_ITEMS", 2)
    monkeypatch.setattr(announcing, "PER_PUT", 2)
    wanted = the_world_before(world)
    counted = Interrupted()

    world.run(wanted, counted)

    assert counted.writes == WRITES


def test_three_thousand_people_take_a_fiftieth_of_the_calls_of_single_invitations(
    world: World,
) -> None:
    wanted = people(1_000, 3)
    world.add_partners([PartnerId(f"GC{number}") for number in range(1_000)])
    world.calls.clear()
    single = 20
    for one in wanted[:single]:
        partner = require_partner(world.wix, one.partner_id)
        create_invitation(world.wix, partner, Role.EDI, days=14, now=datetime.now(UTC))
    in_a_loop = world.calls.total() * len(wanted) / single
    world.calls.clear()

    done = world.run(wanted)

    assert (done.invited, done.announced) == (3_000, 3_000)
    assert 0 < world.wix_writes <= 20, world.calls
    assert world.calls.total() <= in_a_loop / 50, world.calls
    world.messenger.handle_events()
    world.calls.clear()
    assert world.run(wanted) == Outcome()
    assert world.wix_writes == 0
    assert world.calls.total() <= in_a_loop / 50


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("after", [False, True])
def test_reminder_when_it_ends_anywhere_then_a_second_run_completes_it_with_one_mail(
    world: World, at: int, after: bool
) -> None:
    world.add_partners([PartnerId("GC0")])
    world.run(people(1, 1))
    world.messenger.handle_events()
    later = datetime.now(UTC) + timedelta(days=2)

    with pytest.raises(Unavailable):
        world.remind(later, Interrupted(at, after))
    world.remind(later)
    world.messenger.handle_events()
    third = world.remind(later)

    rounds = {row["round"]: row["status"] for row in world.rows().values()}
    # Ended between two writes, the former link is good until it expires: for the same person.
    assert rounds == {
        1: "active" if (at, after) in {(1, True), (2, False)} else "revoked",
        2: "active",
    }
    assert len({change.event_id for change in world.messenger.bus.changes}) == 2
    assert third == Outcome()
