"""Benchmark: 1,000 open pages of the portal, of members of 300 partners, on a Wix site with the
default quotas, while 5% of the rings are lost and 5% come twice.

The pages are opened over some minutes: each takes a dozen reads of Wix Data, so no site could open
1,000 at once. Then come ten minutes of ordinary changes, a notice to everybody, and the moment when
all pages lose their connection together.

The pages run without a browser (``open_pages.js``): the page's own code, the element's logic and
the portal's host. The publisher and the ringer run in this process, with the ledger and the
ringer's queue in memory, and read and write the emulators. ``benchmarks/portal.py`` measures the
way through the deployed functions.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import batched, count
from pathlib import Path
from statistics import quantiles
from typing import Any, override

import httpx

from benchmarks.emulator_pair import EmulatorPair, MemoryBudget, start_emulators
from benchmarks.reconcile import partner_resync, publish_batches
from emulators.portal.node import find_node
from gridwix.clients.aws.ring_queue import change_messages
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.wix.portal_changes import PortalChanges
from gridwix.clients.wix.ring_function import RingFunction, ring_client
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, PartnerId
from gridwix.models.portal.collection_ids import PARTNER_LINKS
from gridwix.models.portal.sections import SECTION_OF
from gridwix.models.portal_address import RING_PATH
from gridwix.models.wix import MAX_BULK_ITEMS, DataItem
from gridwix.notice_publisher.service import NoticePublisher
from gridwix.portal_ringer.messages import ChangesMessage, RingMessage, parse_message
from gridwix.portal_ringer.ports import RepeatQueue
from gridwix.portal_ringer.service import PortalRinger
from gridwix.publication.audiences import Audience
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.ports import PortalBell
from gridwix.publication.publisher import Publisher
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.service import PartnerStatusPublisher
from ops.collections import collection_definitions, ensure_collection
from ops.emulator import Emulator
from ops.gateway_client import GatewayClient
from ops.members import link_id
from ops.portal import run_portal_host
from ops.waiting import STANDSTILL
from tests.fakes.ledger import MemoryLedger
from tests.fakes.refreshes import audience_refreshes
from tests.fakes.stores import FakeRefusedItems

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CALLS_PER_MINUTE, BURST = 180, 60
"""The call budget of the functions: the template's defaults."""


class SiteBudget(MemoryBudget):
    """The functions' call budget, without the assertion that Wix never refuses a call.

    The open pages use up the site's quota, too, so that a call of the functions can be refused
    without their fault: it is counted and retried.
    """

    @override
    def exhaust(self, seconds: float) -> None:
        del seconds


RINGER_BATCH = 10
RETRY_SECONDS = 2.0
"""Seconds after which a failed message of the ringer's queue is received again."""

GOAL_SECONDS = 15.0
"""Maximum time in which every page shows a notice to everybody."""

VIEWS = ("overview",) * 5 + ("issues",) * 3 + ("documents", "messages")
"""Views of the portal that people have open."""

WITH_ISSUES = frozenset({"overview", "issues"})
"""Views of the portal that show issues."""

LATE_CHANGES = 10
"""Number of partners that change while no page is connected."""

LOOK = 0.25
"""Seconds between two polls of the site's quotas."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers of pages and changes of the benchmark, and durations in seconds.

    ``reconnecting`` is the time for all pages to find what they missed while they were not
    connected. ``pause``: before that, so that the reads after the notice belong to an earlier
    minute.
    """

    pages: int = 1000
    partners: int = 300
    opening: float = 420
    changing: float = 600
    changes_per_minute: int = 20
    pause: float = 60
    reconnecting: float = 150


SHORT = Scale(pages=200, partners=60, opening=40, changing=30, pause=1, reconnecting=20)
"""Scale of ``--short``: two minutes, in which nothing comes near a quota."""


@dataclass(frozen=True, slots=True)
class Page:
    """The changes that an open page has shown: the time (Unix seconds) of each mark."""

    partner: str
    view: str
    connected: bool
    failures: int
    shown: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """A change that open pages should show, identified by its text. ``partner`` is None for all
    partners.
    """

    number: int
    partner: str | None
    at: float

    def concerns(self, page: Page) -> bool:
        return self.partner is None or (self.partner == page.partner and page.view in WITH_ISSUES)


@dataclass(frozen=True, slots=True)
class Figures:
    """Latencies of the open pages, missed changes, and calls of Wix.

    ``changes``: seconds until a page showed a change. ``notice``: the same of the notice to all,
    and ``reconnection`` of the changes that came while no page was connected. ``missed`` are pairs
    of a change and a page that did not show it. ``reads`` and ``writes`` are the most in one
    minute, and ``refused`` the calls over a quota, by phase. ``failures`` are those of web methods.
    """

    pages: int
    connected: int
    changes: Sequence[float]
    notice: Sequence[float]
    reconnection: Sequence[float]
    missed: int
    refused: Mapping[str, int]
    failures: int
    reads: Mapping[str, int]
    writes: Mapping[str, int]
    faults: Mapping[str, int]

    @property
    def shortfalls(self) -> Sequence[str]:
        """The goals that the benchmark missed, in words."""
        goals = {
            "a page has no connection": self.connected == self.pages,
            f"a page showed the notice after {GOAL_SECONDS:.0f} s": len(self.notice) == self.pages
            and max(self.notice) <= GOAL_SECONDS,
            "Wix refused calls over a quota": not any(self.refused.values()),
            "a web method failed": self.failures == 0,
            "a page missed a change": self.missed == 0,
        }
        return [shortfall for shortfall, is_met in goals.items() if not is_met]


class MemoryRingerQueue(PortalBell, RepeatQueue):
    """The ringer's queue in memory, and one worker that empties it, as one environment of the
    function does.
    """

    def __init__(self) -> None:
        self._messages: list[tuple[float, int, str]] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._is_closed = False

    @override
    def ring(self, collection: CollectionId, audience: Audience) -> None:
        section = SECTION_OF.get(collection)
        if section is not None:
            for body in change_messages(section, audience):
                self._put(body, 0)

    @override
    def send(self, message: RingMessage, *, delay: int) -> None:
        self._put(message.model_dump_json(), delay)

    @contextmanager
    def consumed_by(self, ringer: PortalRinger) -> Iterator[None]:
        """Let the ringer consume the queue for a ``with`` block."""
        worker = threading.Thread(target=self._consume, args=(ringer,))
        worker.start()
        try:
            yield
        finally:
            with self._changed:
                self._is_closed = True
                self._changed.notify()
            worker.join()

    def _put(self, body: str, delay: float) -> None:
        with self._changed:
            heappush(self._messages, (time.monotonic() + delay, next(self._numbers), body))
            self._changed.notify()

    def _take(self) -> Sequence[str]:
        """Return the visible messages of the queue, at most a batch; none after the end."""
        with self._changed:
            while not self._is_closed:
                wait = self._messages[0][0] - time.monotonic() if self._messages else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                taken: list[str] = []
                while (
                    self._messages
                    and len(taken) < RINGER_BATCH
                    and self._messages[0][0] <= time.monotonic()
                ):
                    taken.append(heappop(self._messages)[2])
                return taken
        return ()

    def _consume(self, ringer: PortalRinger) -> None:
        while bodies := self._take():
            messages = {str(place): parse_message(body) for place, body in enumerate(bodies)}
            report = ringer.send_rings(
                {key: one for key, one in messages.items() if isinstance(one, ChangesMessage)},
                {key: one for key, one in messages.items() if isinstance(one, RingMessage)},
                NO_DEADLINE,
            )
            for key in report.failures:
                self._put(bodies[int(key)], RETRY_SECONDS)


@dataclass
class QuotaWatch:
    """Records, by phase, the most reads and writes that the site granted in one minute, and the
    calls that it refused.
    """

    wix: Emulator
    phase: str
    refused: dict[str, int] = field(default_factory=dict)
    most: dict[str, dict[str, int]] = field(default_factory=lambda: {"reads": {}, "writes": {}})
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        watcher = threading.Thread(target=self._watch)
        watcher.start()
        try:
            yield
        finally:
            self._ended.set()
            watcher.join()

    def _watch(self) -> None:
        while not self._ended.wait(LOOK):
            usage = self.wix.read("usage")
            for quota, most in self.most.items():
                used = usage["minute"][quota]["used"]
                most[self.phase] = max(most.get(self.phase, 0), used)
            earlier = sum(times for phase, times in self.refused.items() if phase != self.phase)
            self.refused[self.phase] = sum(usage["refused"].values()) - earlier


class PageDriver:
    """The Node.js process that runs the open pages."""

    def __init__(self, portal_url: str) -> None:
        script = Path(__file__).with_suffix(".js")
        command = [
            str(find_node()),
            "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON",
            str(script),
            "--portal",
            portal_url,
        ]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def open(self, pages: Sequence[Mapping[str, str]], seconds: float) -> None:
        """Open pages (``member``, ``partner``, ``view``), evenly spread over some seconds."""
        self._order({"open": pages, "over": 1000 * seconds})

    def pages(self) -> Sequence[Page]:
        """Return the changes that the pages have shown so far."""
        return [
            Page(
                one["partner"],
                one["view"],
                one["connected"],
                one["failures"],
                {int(mark): at / 1000 for mark, at in one["shown"].items()},
            )
            for one in self._order({"report": True})["pages"]
        ]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _order(self, order: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@dataclass
class Hub:
    """Changes records in Trading Grid and publishes them with gridwix."""

    pair: EmulatorPair
    gateway: GatewayClient
    notices: NoticePublisher
    cases: Mapping[str, Sequence[str]]
    marks: list[Mark] = field(default_factory=list)

    def comment(self, partner: str) -> Mark:
        """Comment on a case of a partner."""
        mark = self._new_mark(partner)
        case = self.cases[partner][mark.number % len(self.cases[partner])]
        self.gateway.comment_on_case(case, f"We look into it. [mark {mark.number}]")
        self._publish(f"cases/{case}", "case.commented")
        return mark

    def publish_notice(self) -> Mark:
        """Publish a notice to all partners."""
        mark = self._new_mark(None)
        fields = {"kind": "maintenance", "title": f"Maintenance tonight [mark {mark.number}]"}
        notice = Emulator(self.pair.grid_url).order("notices", fields)
        self._publish(f"service-notices/{notice['id']}", "notice.published")
        return mark

    def _new_mark(self, partner: str | None) -> Mark:
        mark = Mark(len(self.marks), partner, time.time())
        self.marks.append(mark)
        return mark

    def _publish(self, record: str, event: str) -> None:
        change = Change(
            event_id=uuid.uuid4().hex,
            type=event,
            subject=record,
            occurred_at=datetime.now(UTC),
            company_id=self.pair.grid_info["companyId"],
            via="webhook",
        )
        # What the site's quota defers comes again, as from the queue.
        while self.notices.publish([change]).reasons:
            time.sleep(RETRY_SECONDS)


def create_members(
    pair: EmulatorPair, partners: Sequence[str], pages: int
) -> Sequence[Mapping[str, str]]:
    """Create a member for each page, with a link to one partner."""
    rows: list[DataItem] = []
    wanted: list[Mapping[str, str]] = []
    with httpx.Client(timeout=STANDSTILL) as http:
        wix = Emulator(pair.wix_url, http)
        for number in range(pages):
            partner = partners[number % len(partners)]
            member = wix.order(
                "members",
                {
                    "loginEmail": f"person{number}@partner.example",
                    "contact": {"firstName": "Person", "lastName": str(number)},
                },
            )["member"]["id"]
            facts = {"memberId": member, "partnerId": partner, "role": "edi", "verifiedBy": "hub"}
            rows.append(DataItem(link_id(member, partner), facts))
            # Not in step with the partners.
            view = VIEWS[(number + number // len(partners)) % len(VIEWS)]
            wanted.append({"member": member, "partner": partner, "view": view})
    client = pair.wix_client(MemoryBudget(100_000, 50_000, time.time))
    for some in batched(rows, MAX_BULK_ITEMS, strict=False):
        client.bulk_save(PARTNER_LINKS, some)
    return wanted


def start_hub(pair: EmulatorPair, bell: PortalBell, budget: MemoryBudget) -> Hub:
    """Publish all partners with their cases and the notices, and return the hub."""
    ledger, community = MemoryLedger(), pair.community()
    ids = [PartnerId(partner.id) for partner in community.every_partner().records]
    for definition in collection_definitions():
        ensure_collection(pair.wix_client(MemoryBudget(100_000, 50_000, time.time)), definition)
    resyncs = [partner_resync(one) for one in ids]
    first = pair.publisher(budget, ledger, time.time)
    publish_batches(PartnerStatusPublisher(community, ledger, first, configuration()), resyncs)
    NoticePublisher(
        source=community,
        partners=HubPartners(community, time.time),
        ledger=ledger,
        publisher=first,
        refreshes=audience_refreshes(time.time),
        configuration=configuration(),
    ).publish(resyncs)
    publisher = Publisher(
        collections=pair.wix_client(budget),
        ledger=ledger,
        refused_items=FakeRefusedItems(),
        function="notice_publisher",
        clock=time.time,
        hold=90,
        bell=bell,
    )
    cases: dict[str, list[str]] = {}
    for case in community.open_cases(ids).records:
        cases.setdefault(case.partner_id, []).append(case.id)
    credentials = {name: pair.grid_info[name] for name in ("consumerKey", "consumerSecret")}
    auth = trading_grid_auth("apigrid", credentials, base_url=pair.grid_url)
    gateway = GatewayClient(
        pair.grid_info["communityBaseUrl"], auth, httpx.Client(timeout=STANDSTILL)
    )
    notices = NoticePublisher(
        source=community,
        partners=HubPartners(community, time.time),
        ledger=ledger,
        publisher=publisher,
        refreshes=audience_refreshes(time.time),
        configuration=configuration(),
    )
    return Hub(pair, gateway, notices, cases)


def change_for(hub: Hub, partners: Sequence[str], seconds: float, per_minute: int) -> None:
    """Make changes at a constant rate, each of another partner."""
    begun = time.monotonic()
    for number in range(max(1, round(seconds * per_minute / 60))):
        time.sleep(max(0.0, begun + 60 * number / per_minute - time.monotonic()))
        hub.comment(partners[number % len(partners)])
    time.sleep(max(0.0, begun + seconds - time.monotonic()))


def wait_for_mark(driver: PageDriver, mark: Mark, seconds: float) -> None:
    """Wait until all pages show a change, or some seconds have passed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pages = [page for page in driver.pages() if mark.concerns(page)]
        if all(mark.number in page.shown for page in pages):
            return
        time.sleep(1)


def latencies(marks: Iterable[Mark], pages: Sequence[Page]) -> Sequence[float]:
    """Return, for each change and each page that it concerns, the seconds until the page
    showed it.
    """
    return [
        page.shown[mark.number] - mark.at
        for mark in marks
        for page in pages
        if mark.number in page.shown and mark.concerns(page)
    ]


def measure(scale: Scale) -> Figures:
    """Open the pages, make the changes, and compare the changes with those that the pages have
    shown.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pair = stack.enter_context(
            start_emulators(partners=scale.partners - 3, calls_per_minute=None)
        )
        wix = Emulator(pair.wix_url)
        budget = SiteBudget(CALLS_PER_MINUTE, BURST, time.time)
        queue = MemoryRingerQueue()
        hub = start_hub(pair, queue, budget)
        partners = sorted(hub.cases)
        wanted = create_members(pair, sorted({*partners})[: scale.partners], scale.pages)
        portal_url = stack.enter_context(
            run_portal_host(
                pair.wix_url,
                pair.wix_info,
                "http://127.0.0.1:9/",
                SECRET,
                port=0,
                log=folder / "portal.log",
                patience=10,
            )
        )
        realtime = Emulator(portal_url)
        realtime.order("realtime", {"lost": 0.05, "doubled": 0.05})
        ringer = PortalRinger(
            PortalChanges(pair.wix_client(budget)),
            RingFunction(
                ring_client(), f"{portal_url}{RING_PATH}", lambda: {"signingSecrets": [SECRET]}
            ),
            queue,
        )
        stack.enter_context(queue.consumed_by(ringer))
        driver = PageDriver(portal_url)
        stack.callback(driver.close)
        watch = QuotaWatch(wix, "opening")
        stack.enter_context(watch.running())
        wix.clear("usage")

        driver.open(wanted, scale.opening)
        watch.phase = "changes"
        change_for(hub, partners, scale.changing, scale.changes_per_minute)
        watch.phase = "notice"
        notice = hub.publish_notice()
        wait_for_mark(driver, notice, 4 * GOAL_SECONDS)
        changed = hub.marks[:-1]
        watch.phase = "reconnection"
        time.sleep(scale.pause)
        # All pages lose their connection, and some partners change before they find it.
        realtime.order("realtime", {"blocked": True})
        late = [hub.comment(partner) for partner in partners[:LATE_CHANGES]]
        realtime.order("realtime", {"blocked": False})
        # Not only until all is shown: every page checks once.
        time.sleep(scale.reconnecting)
        pages = driver.pages()
        faults = realtime.read("realtime")
    return Figures(
        pages=len(pages),
        connected=sum(page.connected for page in pages),
        changes=latencies(changed, pages),
        notice=latencies([notice], pages),
        reconnection=latencies(late, pages),
        missed=sum(
            mark.number not in page.shown
            for mark in hub.marks
            for page in pages
            if mark.concerns(page)
        ),
        refused=watch.refused,
        failures=sum(page.failures for page in pages),
        reads=watch.most["reads"],
        writes=watch.most["writes"],
        faults={name: faults[name] for name in ("delivered", "lost", "doubled")},
    )


def show(name: str, seconds: Sequence[float]) -> None:
    """Print percentiles of latencies."""
    if len(seconds) < 2:
        print(f"  {name:15} shown {len(seconds)} times")
        return
    cuts = quantiles(seconds, n=100, method="inclusive")
    print(
        f"  {name:15} shown {len(seconds):,} times, p50 {cuts[49]:.1f} s, p95 {cuts[94]:.1f} s,"
        f" slowest {max(seconds):.1f} s"
    )


def main(options: Sequence[str] = ()) -> None:
    """Run the benchmark of open pages and print its figures. Exits with 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks open_pages", description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="200 pages for two minutes, far from any quota"
    )
    scale = SHORT if parser.parse_args(options).short else Scale()
    figures = measure(scale)
    print(
        f"open pages: {figures.pages:,} pages of {scale.partners} partners, opened over"
        f" {scale.opening:.0f} s, then {scale.changing:.0f} s with {scale.changes_per_minute}"
        " changes a minute (publisher and ringer in this process, the portal's host, no browser)"
    )
    print(
        f"  rings           {figures.faults['delivered']:,} heard, {figures.faults['lost']:,} lost,"
        f" {figures.faults['doubled']:,} doubled"
    )
    show("changes", figures.changes)
    show("notice", figures.notice)
    print(f"                  goal: all {figures.pages:,} within {GOAL_SECONDS:.0f} s")
    show("reconnection", figures.reconnection)
    print(f"  missed          {figures.missed}   goal: 0")
    print(f"  failed          {figures.failures} calls of web methods   goal: 0")
    for name, by_phase in (
        ("over a quota", figures.refused),
        ("most reads", figures.reads),
        ("most writes", figures.writes),
    ):
        print(f"  {name:15} " + ", ".join(f"{phase} {used:,}" for phase, used in by_phase.items()))
    print("                  goal: none over a quota of 3,000 reads and 1,500 writes a minute")
    if figures.shortfalls:
        print(f"  goals missed: {'; '.join(figures.shortfalls)}")
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
