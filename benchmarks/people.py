"""Benchmark: 3,000 people of 1,000 partners are invited by ``gridwix people import``, beside
``gridwix invite`` in a loop.

Measures the calls to Wix against those of the loop, people planned per second, and people imported
per second against the emulator. A second run writes nothing.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

import httpx

from benchmarks.emulator_pair import MemoryBudget
from emulators.common.server import thread
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.configuration.people import People
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import (
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PARTNER_STATUS,
    PEOPLE_HISTORY,
)
from gridwix.models.wix import DataItem
from gridwix.people.history import add_lines
from gridwix.people.persons import Person
from gridwix.people.planning import plan_people
from gridwix.people.rows import invitation_row, read_invitation
from ops.collections import collection_definitions, ensure_collection
from ops.emulator import Emulator
from ops.members import Role, create_invitation
from ops.people.announcing import Invited
from ops.people.carrying import Outcome, PeopleImport, plan_lines
from ops.people.portal import PeoplePortal
from tests.fakes.people import Messenger

COLLECTIONS = (PARTNER_STATUS, PARTNER_LINKS, PARTNER_INVITATIONS, PEOPLE_HISTORY)
PARTNERS = 1_000
EACH = 3
SINGLE = 100
"""Number of invitations that the loop makes one by one."""

MOST_WRITES = 20
LEAST_RATIO = 50
"""Minimum ratio of the loop's calls to the import's, for as many people."""

LEAST_PLANNED = 10_000
"""Minimum number of people planned per second."""

RUNS = 5
KEY = b"k" * 64


@dataclass(frozen=True, slots=True)
class Figures:
    """Calls of the loop, of the import and of its second run, the import's writes, and people per
    second.

    ``history_writes`` are those of the import's writes that add to the history.
    """

    loop_calls: float
    calls: int
    writes: int
    history_writes: int
    second_calls: int
    second_writes: int
    imported: float
    planned: float


class CountingWix(WixClient):
    """A Wix client that counts its bulk writes, and those of them that add to the history."""

    writes = 0
    history_writes = 0

    def bulk_insert(self, collection, *arguments, **more):  # type: ignore[no-untyped-def]
        self.writes += 1
        self.history_writes += collection == PEOPLE_HISTORY
        return super().bulk_insert(collection, *arguments, **more)

    def bulk_set(self, *arguments, **more):  # type: ignore[no-untyped-def]
        self.writes += 1
        return super().bulk_set(*arguments, **more)


def wanted_people() -> list[Person]:
    """Return the people to import."""
    return [
        Person(PartnerId(f"GC{partner:06}"), f"p{number}@x{partner}.example", "edi", name="Ada")
        for partner in range(PARTNERS)
        for number in range(EACH)
    ]


def measure() -> Figures:
    """Invite people by the loop and by the import against the emulator, and time the plan alone."""
    people = wanted_people()
    budget = MemoryBudget(1_000_000, 100_000, time.monotonic)
    with thread(build_app(new_site(replica_lag=0.0))) as url, httpx.Client() as http:
        info = Emulator(url).info()
        auth = wix_auth({"apiKey": info["apiKey"]}, info["siteId"], base_url=url)
        wix = CountingWix(http, auth, budget, base_url=url)
        portal = PeoplePortal(wix, WixSite(http, auth, budget, base_url=url))
        for definition in collection_definitions():
            if definition["id"] in COLLECTIONS:
                ensure_collection(wix, definition)
        wix.bulk_save(
            PARTNER_STATUS,
            [
                DataItem(WixItemId(one), {"partnerId": one, "status": "active"})
                for one in sorted({person.partner_id for person in people})
            ],
        )
        before = budget.calls
        for person in people[:SINGLE]:
            # As the command does: it checks the partner first.
            wix.items_where(PARTNER_STATUS, "partnerId", person.partner_id)
            create_invitation(wix, person.partner_id, Role.EDI, days=14, now=datetime.now(UTC))
        loop_calls = (budget.calls - before) * len(people) / SINGLE
        messenger, before, begun = Messenger(), budget.calls, time.perf_counter()
        first = run_import(people, portal, wix, messenger)
        seconds, calls = time.perf_counter() - begun, budget.calls - before
        writes, history_writes = wix.writes, wix.history_writes
        assert first.invited == first.announced == len(people)
        messenger.handle_events()
        before = budget.calls
        assert run_import(people, portal, wix, messenger) == Outcome()
        return Figures(
            loop_calls,
            calls,
            writes,
            history_writes,
            budget.calls - before,
            wix.writes - writes,
            len(people) / seconds,
            planned_per_second(people),
        )


def run_import(
    people: list[Person], portal: PeoplePortal, wix: WixClient, messenger: Messenger
) -> Outcome:
    """Run an import, as the command does: the history comes first."""
    now, announcer = datetime.now(UTC), messenger.announcer()
    known = portal.people_of(portal.known_partners({one.partner_id for one in people}))
    plan = plan_people(people, known.links, known.invitations, now=now)
    waiting = [Invited(one.id, one.partner_id) for one in plan.waiting]
    add_lines(wix, plan_lines(plan, now))
    return PeopleImport(wix, announcer, KEY, People(), now).carry_out(
        plan, announcer.unannounced(waiting, now)
    )


def planned_per_second(people: list[Person]) -> float:
    """Return the number of people that the pure plan handles per second, while half of them are
    invited already.
    """
    now = datetime.now(UTC)
    rows = [
        read_invitation(invitation_row(new, KEY, bound=True, now=now, days=14))
        for new in plan_people(people[::2], (), (), now=now).new
    ]
    runs = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        plan = plan_people(people, (), rows, now=now + timedelta(days=1))
        assert all(new.id for new in plan.new)
        runs.append(len(people) / (time.perf_counter() - begun))
    return median(runs)


def main() -> None:
    """Print the figures of the import. Raises SystemExit if one misses its limit."""
    found = measure()
    ratio = found.loop_calls / found.calls
    print(f"people: {PARTNERS * EACH:,} of {PARTNERS:,} partners")
    print(f"  gridwix invite in a loop   {found.loop_calls:9,.0f} calls to Wix")
    print(
        f"  gridwix people import      {found.calls:9,} calls, {found.writes} of them writes,"
        f" {found.history_writes} of these to the history"
    )
    print(f"  the loop takes             {ratio:9,.0f} times as many (at least {LEAST_RATIO})")
    print(
        f"  second run                 {found.second_calls:9,} calls, {found.second_writes} writes"
    )
    print(f"  imported                   {found.imported:9,.0f} people per second")
    print(f"  planned                    {found.planned:9,.0f} people per second")
    passed = {
        "writes": found.writes <= MOST_WRITES and found.second_writes == 0,
        "calls": ratio >= LEAST_RATIO,
        "plan": found.planned >= LEAST_PLANNED,
    }
    if failed := [name for name, is_kept in passed.items() if not is_kept]:
        raise SystemExit(f"over the limits: {', '.join(failed)}")


if __name__ == "__main__":
    main()
