"""Every row that Wix wrote is announced to those who saw it and to those who see it, whatever
happens on the way; and nothing writes rows of the portal without announcing them.
"""

import ast
from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import Forbidden
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import SERVICE_NOTICES
from gridwix.models.wix import BulkOutcome, DataItem
from gridwix.publication.audiences import ALL_PARTNERS, NOBODY, Audience, row_audience
from gridwix.publication.models import Claim, LedgerEntry, RowKey, Versions
from gridwix.publication.publisher import Projection, Publisher, Verdict
from tests.fakes.bell import FakeBell
from tests.fakes.interleaving import Worker
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, Trouble, lost_answer
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.wire import ManualClock

LAYER = Path(__file__).parents[3] / "layers/common/gridwix"
KEY = RowKey(SERVICE_NOTICES, WixItemId("n1"))
HOLD = 90.0

type Event = tuple[str, Audience]
"""``wrote`` with the readers that the row then has, or ``rang`` with those who are told."""


class Street:
    """One row, its publishers, and what was written and announced, in order."""

    def __init__(self) -> None:
        self.clock, self.portal, self.ledger = ManualClock(), FakePortal(), MemoryLedger()
        self.bell, self.version, self.events = FakeBell(), 0, list[Event]()

    def bulk_save(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        return self._noting(lambda: self.portal.bulk_save(collection, items))

    def bulk_remove(self, collection: CollectionId, ids: Sequence[WixItemId]) -> BulkOutcome:
        return self._noting(lambda: self.portal.bulk_remove(collection, ids))

    def _noting(self, write: Callable[[], BulkOutcome]) -> BulkOutcome:
        before = len(self.portal.writes)
        try:
            return write()
        finally:
            self.events += [
                ("wrote", row_audience(SERVICE_NOTICES, item))
                for _, item in self.portal.writes[before:]
            ]

    def ring(self, collection: CollectionId, audience: Audience) -> None:
        self.bell.ring(collection, audience)
        self.events.append(("rang", audience))

    def publisher(self, worker: Worker | None = None) -> Publisher:
        def port[T](one: T) -> T:
            return one if worker is None else worker.pausing(one)

        return Publisher(
            collections=port(self),
            ledger=port(self.ledger),
            refused_items=FakeRefusedItems(),
            function="test",
            clock=self.clock,
            hold=HOLD,
            bell=port(self),
        )

    def notice(self, readers: Sequence[str] | None) -> Projection:
        """The next version of the notice; None removes it."""
        self.version += 1
        data = {
            "forEverybody": "everybody" in (readers or ()),
            "partnerIds": tuple(one for one in readers or () if one != "everybody"),
            "text": f"v{self.version}",
        }
        return Projection(
            KEY,
            Versions(live={"service-notices/n1": self.version}),
            None if readers is None else DataItem(KEY.item_id, data),
            f"evt_{self.version}",
        )

    def unannounced(self) -> list[tuple[int, str]]:
        """The writes after which somebody who saw the row, or sees it, was told nothing."""
        missed = []
        seen: Audience = NOBODY
        for number, (kind, readers) in enumerate(self.events):
            if kind == "wrote":
                told = frozenset[str]().union(
                    *(who for what, who in self.events[number:] if what == "rang")
                )
                missed += [
                    (number, one)
                    for one in sorted(seen | readers)
                    if one not in told and not told >= ALL_PARTNERS
                ]
                seen = readers
        return missed


readers = st.one_of(
    st.none(),
    st.just(["everybody"]),
    st.lists(st.sampled_from([f"GC{number}" for number in range(12)]), unique=True, max_size=10),
)
fates = st.one_of(
    st.just(("done", 0)),
    st.tuples(st.just("killed"), st.integers(1, 5)),
    st.tuples(st.sampled_from(["lost before", "lost after"]), st.just(0)),
    st.just(("refused", 0)),
)


@given(st.lists(st.tuples(readers, fates), min_size=1, max_size=6))
def test_whatever_happens_on_the_way_every_written_row_is_announced_to_old_and_new_readers(
    days: list[tuple[list[str] | None, tuple[str, int]]],
) -> None:
    street = Street()

    for who, (fate, steps) in days:
        wanted = street.notice(who)
        if fate.startswith("lost"):
            street.portal.troubles.append(
                lost_answer(lands="now" if fate == "lost after" else None)
            )
        if fate == "refused":
            street.portal.troubles.append(Trouble(Forbidden(system="wix", status=403)))
        if fate == "killed":

            def job(worker: Worker, wanted: Projection = wanted) -> object:
                return street.publisher(worker).publish([wanted])

            worker = Worker(job)
            worker.steps(steps)
            worker.kill()
        else:
            street.publisher().publish([wanted])
        street.portal.troubles.clear()
        street.clock.now += HOLD + 1
    # The retry of the last one, which the queue brings.
    street.publisher().publish([street.notice(["GC0"])])

    assert street.unannounced() == []


def test_row_that_leaves_a_partner_is_announced_to_it() -> None:
    street = Street()
    street.publisher().publish([street.notice(["GC1", "GC2"])])

    street.publisher().publish([street.notice(["GC2"])])
    street.publisher().publish([street.notice(None)])

    assert [audience for _, audience in street.bell.rings] == [
        {"GC1", "GC2"},
        {"GC1", "GC2"},
        {"GC2"},
    ]


def test_unchanged_and_refused_rows_are_not_announced() -> None:
    street = Street()
    wanted = street.notice(["GC1"])
    street.publisher().publish([wanted])
    street.portal.refuse = lambda _: True

    street.publisher().publish([wanted])
    report = street.publisher().publish([street.notice(["GC1"])])

    assert report.count(Verdict.REFUSED) == 1
    assert len(street.bell.rings) == 1


def test_removal_of_a_row_from_before_audiences_were_kept_is_announced_to_everybody() -> None:
    street = Street()
    street.ledger._entries[KEY] = LedgerEntry(KEY, revision=2, content_hash="before")

    street.publisher().publish([street.notice(None)])

    assert [audience for _, audience in street.bell.rings] == [ALL_PARTNERS]


def test_row_that_the_reconciler_distrusts_keeps_its_audience() -> None:
    street = Street()
    street.publisher().publish([street.notice(["GC1"])])
    entry = street.ledger.read_entries([KEY])[KEY]

    granted = street.ledger.claim(
        [Claim(KEY, entry.revision, entry.floor)], holder="r", now=0.0, until=30.0
    )
    street.ledger.release(granted, holder="r")
    street.publisher().publish([street.notice(None)])

    assert street.bell.rings[-1][1] == {"GC1"}


def test_thousand_rows_of_a_thousand_partners_are_one_ring() -> None:
    street = Street()
    projections = [
        Projection(
            RowKey(SERVICE_NOTICES, WixItemId(f"n{number}")),
            Versions(live={f"service-notices/n{number}": 1}),
            DataItem(
                WixItemId(f"n{number}"), {"forEverybody": False, "partnerIds": (f"GC{number}",)}
            ),
            "evt",
        )
        for number in range(1000)
    ]

    street.publisher().publish(projections)

    ((_, audience),) = street.bell.rings
    assert audience == {f"GC{number}" for number in range(1000)}


WRITES = {
    "bulk_save",
    "bulk_remove",
    "bulk_set",
    "bulk_patch",
    "bulk_insert",
    "save_item",
    "insert_item",
    "patch_item",
    "remove_item",
}

WRITERS = {
    "publication/publisher.py": "rings",
    "partner_messenger/portal_rows.py": "rings",
    "partner_messenger/retention.py": "rings",
    # The publisher's own collections, for rows that editors write, too: the publisher rings.
    "onboarding_sync/co_owned_rows.py": "through the publisher",
    # The numbers that a ring carries; no page shows them.
    "clients/wix/portal_changes.py": "no section",
    # What members chose and read; only the member's own pages show it.
    "partner_messenger/erasure.py": "no section",
    # Hashes of codes; no page shows them.
    "partner_messenger/invitation_rows.py": "no section",
    # Who acts for a partner: an administrator's page reads it when it is opened.
    "reconciler/people_ending.py": "no section",
    "people/history.py": "no section",
    "people/unlinking.py": "no section",
    "people/member_rows.py": "no section",
}


def test_no_other_module_writes_rows_and_those_that_do_ring() -> None:
    writers = {
        path.relative_to(LAYER).as_posix(): path.read_text()
        for path in LAYER.rglob("*.py")
        if any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in WRITES
            for node in ast.walk(ast.parse(path.read_text()))
        )
    }

    assert writers.keys() == WRITERS.keys()
    assert all("_bell.ring(" in text for name, text in writers.items() if WRITERS[name] == "rings")


def test_every_publisher_of_a_function_has_the_bell() -> None:
    makers = {
        path.relative_to(LAYER).as_posix()
        for path in LAYER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Publisher"
    }

    assert makers == {"runtime/publication.py"}
    assert "bell=portal_bell(settings)" in (LAYER / "runtime/publication.py").read_text()
    assert "bell=portal_bell(settings)" in (LAYER / "partner_messenger/wiring.py").read_text()
