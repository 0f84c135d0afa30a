"""Any order, duplication and loss of events, any interleaving of workers, deaths, lost answers and
late reads: the portal ends on the newest rows, and no write on the way there goes back behind an
earlier one.
"""

from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gridwix.mapping.wix_items import data_item
from gridwix.models.events import RESYNC_REQUESTED, Change
from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.publication.publisher import Publisher
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.projection import status_row
from gridwix.status_publisher.service import PartnerStatusPublisher
from tests.examples import examples
from tests.factories import case, change, check, partner, texts
from tests.fakes.interleaving import Killed, Worker
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, lost_answer
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.trading_grid import FakeTradingGrid

PARTNERS = ("GC1", "GC2")
KINDS = ("partner", "check", "case")
RECORDS = tuple(
    f"{collection}_{partner_id}" for collection in ("check", "case") for partner_id in PARTNERS
)

FUNCTION_TIMEOUT = 60.0
LATEST_ARRIVAL = 25.0
"""Seconds after its caller gave up within which Wix may still carry out a request.

Time-out and arrival together stay below the hold.
"""
HOLD = 90.0

picks = st.integers(0, 5)
operations = st.one_of(
    st.tuples(
        st.just("change"),
        st.sampled_from(PARTNERS),
        st.sampled_from(KINDS),
        st.booleans(),
        st.booleans(),
    ),
    st.tuples(st.just("deliver"), st.lists(picks, min_size=1, max_size=4)),
    st.tuples(st.just("go_on"), picks, st.integers(1, 4)),
    st.tuples(st.just("go_on"), picks, st.integers(3, 12)),
    st.tuples(st.just("kill"), picks),
    st.tuples(st.just("lose_answer"), st.sampled_from([None, "now", "later"])),
    st.tuples(st.just("lag"), st.sets(st.sampled_from(RECORDS), max_size=2)),
    st.tuples(st.just("pass_time"), st.sampled_from([5.0, 30.0, 100.0])),
    st.tuples(st.just("land")),
    st.tuples(
        st.just("overtake"),
        st.sampled_from(PARTNERS),
        st.sampled_from(KINDS),
        st.integers(0, 12),
        st.integers(0, 14),
        st.booleans(),
        st.booleans(),
    ),
)


class Delivery:
    """A worker that has been at work on some changes since ``started``."""

    def __init__(self, worker: Worker, started: float) -> None:
        self.worker, self.started = worker, started


class TradingDays(RuleBasedStateMachine):
    """Trading Grid, a portal, and workers that stop before each call of a port, so that any of them
    may go on next.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000_000.0
        self.grid, self.portal, self.ledger = FakeTradingGrid(), FakePortal(), MemoryLedger()
        self.versions: dict[str, int] = defaultdict(int)
        self.deliveries: list[Delivery] = []
        self.events: list[Change] = []
        self.underway_since: float | None = None
        self.lagging: set[str] = set()
        self.grid.lag = lambda name: 1 if name in self.lagging else 0
        for partner_id in PARTNERS:
            self.change(partner_id, "partner", closed=False, lost=False)

    @rule(todo=st.lists(operations, min_size=10, max_size=40))
    def things_happen(self, todo: list[tuple[Any, ...]]) -> None:
        for name, *arguments in todo:
            getattr(self, name)(*arguments)

    def change(self, partner_id: str, kind: str, closed: bool, lost: bool) -> None:
        """A record changes; its text says which version it is, so that the portal's rows tell what
        they were made from.
        """
        identifier = partner_id if kind == "partner" else f"{kind}_{partner_id}"
        self.versions[identifier] += 1
        version = self.versions[identifier]
        text = f"{identifier}@{version}"
        if kind == "partner":
            self.grid.put(partner(identifier, version, name=text))
        elif kind == "check":
            self.grid.put(check(identifier, version, partnerId=partner_id, nextAction=text))
        else:
            self.grid.put(
                case(
                    identifier,
                    version,
                    partnerId=partner_id,
                    nextStep=text,
                    status="closed" if closed else "awaiting_partner",
                )
            )
        subject = {"partner": "partners", "check": "compliance-checks", "case": "cases"}[kind]
        if not lost:
            self.events.append(
                change(
                    f"evt_{text}",
                    type=f"{kind}.updated",
                    subject=f"{subject}/{identifier}",
                    partnerId=partner_id,
                    version=version,
                )
            )

    def deliver(self, chosen: list[int]) -> None:
        """A worker gets some of the newest events, for the first time or again, in any order: 0
        chooses the newest, 1 the one before it.
        """
        changes = list(
            {
                c.event_id: c
                for c in (self.events[-1 - pick % len(self.events)] for pick in chosen)
            }.values()
        )

        def job(worker: Worker) -> Any:
            ledger = worker.pausing(self.ledger)
            publisher = self.publisher(worker.pausing(self.portal), ledger)
            # One call at a time, so that the worker has one next step.
            return PartnerStatusPublisher(
                worker.pausing(self.grid), ledger, publisher, configuration(), reads_in_flight=1
            ).publish(changes)

        self.deliveries.append(Delivery(Worker(job), self.now))

    def overtake(
        self,
        partner_id: str,
        kind: str,
        first_steps: int,
        second_steps: int,
        *late_and_lagging: bool,
    ) -> None:
        """One worker stops on its way, another overtakes it with a newer version and perhaps dies;
        then the first goes on, or its events come again.
        """
        late, lagging = late_and_lagging
        self.change(partner_id, kind, closed=False, lost=False)
        self.deliver([0])
        first = self.deliveries[-1].worker
        first.steps(first_steps)
        self.change(partner_id, kind, closed=False, lost=False)
        self.deliver([0])
        second = self.deliveries[-1].worker
        second.steps(second_steps)
        second.kill()
        if late:
            self.pass_time(HOLD + 10)
        if lagging and kind != "partner":
            self.lag({f"{kind}_{partner_id}"})
        if first.finished:
            self.deliver([1])
            first = self.deliveries[-1].worker
        first.run()
        self.lag(set())

    def publisher(self, portal: FakePortal, ledger: MemoryLedger) -> Publisher:
        return Publisher(
            collections=portal,
            ledger=ledger,
            refused_items=FakeRefusedItems(),
            function="test",
            clock=lambda: self.now,
            hold=HOLD,
        )

    def go_on(self, pick: int, steps: int) -> None:
        if alive := [
            delivery.worker for delivery in self.deliveries if not delivery.worker.finished
        ]:
            alive[pick % len(alive)].steps(steps)

    def kill(self, pick: int) -> None:
        if alive := [
            delivery.worker for delivery in self.deliveries if not delivery.worker.finished
        ]:
            alive[pick % len(alive)].kill()

    def lose_answer(self, lands: str | None) -> None:
        if not self.portal.troubles:
            self.portal.troubles.append(lost_answer(lands=lands))

    def lag(self, names: set[str]) -> None:
        """Trading Grid answers from a replica that is one version late with these records."""
        self.lagging = {
            f"compliance-checks/{name}" if name.startswith("check") else f"cases/{name}"
            for name in names
        }

    def pass_time(self, seconds: float) -> None:
        """Lambda ends a worker that has run for too long, and Wix has carried out a late request
        before the claim behind it lapses.
        """
        if not self.portal.underway:
            self.underway_since = None
        elif self.underway_since is None:
            self.underway_since = self.now
        self.now += seconds
        for delivery in self.deliveries:
            if not delivery.worker.finished and self.now - delivery.started > FUNCTION_TIMEOUT:
                delivery.worker.kill()
        if self.underway_since is not None and self.now - self.underway_since > LATEST_ARRIVAL:
            self.land()

    def land(self) -> None:
        self.portal.land()

    @invariant()
    def no_write_goes_back_behind_an_earlier_one(self) -> None:
        assert self.portal.fallen_versions() == []

    @invariant()
    def no_worker_fails(self) -> None:
        assert [
            d.worker.error for d in self.deliveries if not isinstance(d.worker.error, Killed | None)
        ] == []

    def teardown(self) -> None:
        """Publish every partner once more, after which the portal has the newest state."""
        self.portal.troubles.clear()
        self.lagging = set()
        for delivery in self.deliveries:
            delivery.worker.run()
        self.portal.land()
        self.now += HOLD
        resync = [
            change(
                f"resync_{p}",
                type=RESYNC_REQUESTED,
                subject=f"partners/{p}",
                partnerId=p,
                version=None,
            )
            for p in PARTNERS
        ]
        report = PartnerStatusPublisher(
            self.grid, self.ledger, self.publisher(self.portal, self.ledger), configuration()
        ).publish(resync)
        assert not report.reasons
        self.no_worker_fails()
        self.no_write_goes_back_behind_an_earlier_one()
        for partner_id in PARTNERS:
            expected = status_row(self.grid.current(PartnerId(partner_id)), texts())
            assert expected is not None
            item = data_item(partner_id, expected)
            assert self.portal.rows[(PARTNER_STATUS, item.id)] == item


TestConvergence = TradingDays.TestCase
TestConvergence.settings = settings(
    max_examples=examples(30),
    stateful_step_count=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
