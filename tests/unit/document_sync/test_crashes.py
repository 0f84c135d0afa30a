"""A worker may crash before or after each of its actions; after redelivery each document has one
file.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gridwix.document_sync.projection import may_have_file
from gridwix.mapping.wix_items import item_id
from gridwix.models.events import HUB_RESYNC_REQUESTED
from gridwix.models.files import FileState
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.models.trading_grid.documents import Document
from gridwix.publication.models import RowKey
from tests.examples import examples
from tests.factories import document
from tests.fakes.documents import PDF
from tests.fakes.portal import lost_answer
from tests.unit.document_sync.documents_bench import HOLD, Bench, change_of

ONE, TWO = PDF + b"one", PDF + b"two"
MAX_STEPS = 60


class Death(BaseException):
    """Crash of the worker: no handler of its own catches this."""


@dataclass
class Reaper:
    """Crashes the worker at its ``at``-th step.

    Steps are the moments before and after each action that has an effect outside of the worker.
    """

    at: int
    steps: int = 0

    def __call__(self, _: str) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Death


def watch(bench: Bench, reaper: Callable[[str], None]) -> None:
    """Call ``reaper`` before and after each action of the workers."""
    bench.media.effect = bench.transfers.effect = bench.library.before = reaper
    for owner, name in (
        (bench.portal, "bulk_save"),
        (bench.portal, "bulk_remove"),
        (bench.ledger, "claim"),
        (bench.ledger, "commit"),
    ):
        vars(owner).pop(name, None)
        setattr(owner, name, _counted(getattr(owner, name), name, reaper))


def _counted[**P, R](
    method: Callable[P, R], name: str, reaper: Callable[[str], None]
) -> Callable[P, R]:
    def call(*arguments: P.args, **named: P.kwargs) -> R:
        reaper(f"before {name}")
        result = method(*arguments, **named)
        reaper(f"after {name}")
        return result

    return call


def at_rest(_: str) -> None:
    """No crash."""


def published_once(bench: Bench) -> Document:
    first = bench.library.put(document(), ONE)
    bench.publish(first)
    bench.library.add("doc_1", TWO)
    return bench.library.change("doc_1", current_version=2)


def withdrawn(bench: Bench) -> Document:
    bench.publish(bench.library.put(document(), ONE))
    return bench.library.change("doc_1", status="withdrawn")


def first(bench: Bench) -> Document:
    return bench.library.put(document(), ONE)


@pytest.mark.parametrize(("story", "end"), [(first, ONE), (published_once, TWO), (withdrawn, None)])
@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("at", range(1, MAX_STEPS))
def test_death_at_any_step_ends_after_redelivery_with_one_current_version(
    story: Callable[[Bench], Document], end: bytes | None, slow: bool, at: int
) -> None:
    bench = Bench()
    change = story(bench)
    bench.media.slow = slow
    reaper = Reaper(at)
    watch(bench, reaper)
    died = 0
    for work in (lambda: bench.publish(change), bench.media.finish, bench.sync.resume_transfers):
        try:
            work()
        except Death:
            died += 1
        if bench.portal.rows:
            bench.shown()

    watch(bench, at_rest)
    bench.media.slow = False
    bench.settle(change)

    assert died == (at <= reaper.steps)
    assert (bench.shown(), bench.is_tidy()) == (end, True)


@pytest.mark.parametrize("for_good", [False, True])
@pytest.mark.parametrize("at", range(1, MAX_STEPS))
def test_death_at_any_step_of_bringing_back_a_lost_file_ends_with_one_file(
    for_good: bool, at: int
) -> None:
    bench = Bench()
    made = first(bench)
    bench.publish(made)
    bench.media.throw_away(bench.row()["fileId"], for_good=for_good)
    reaper = Reaper(at)
    watch(bench, reaper)
    with suppress(Death):
        bench.publish(made, type=HUB_RESYNC_REQUESTED, version=None)

    watch(bench, at_rest)
    bench.now += HOLD + 1
    bench.publish(made, type=HUB_RESYNC_REQUESTED, version=None)
    bench.settle(made)

    assert (bench.shown(), bench.is_tidy(), bench.media.uploads) == (ONE, True, 2)


def test_deaths_above_reach_every_step() -> None:
    bench = Bench()
    change = published_once(bench)
    reaper = Reaper(0)
    watch(bench, reaper)

    bench.publish(change)

    assert 10 < reaper.steps < MAX_STEPS


class Documents(RuleBasedStateMachine):
    """All actions of the hub, the partners, the portal and two workers, in any order."""

    @initialize(ahead=st.sampled_from([0.0, 0.0, 120.0, 300.0]))
    def begin(self, ahead: float) -> None:
        self.bench = Bench()
        self.other = self.bench.worker(ahead)
        self.documents: list[Document] = []
        self.contents = 0
        self.past: list[Document] = []
        self.restricted: dict[str, int] = {}

    @rule(partner=st.booleans(), public=st.booleans())
    def publish(self, partner: bool, public: bool) -> None:
        if len(self.documents) < 3:
            owner: dict[str, Any] = {"partnerId": "GC070000000101"} if partner else {}
            made = document(
                f"doc_{len(self.documents)}",
                classification="public" if public else "partner",
                **owner,
            )
            self._remember(self.bench.library.put(made, self._bytes()))
            self.documents.append(made)

    @rule(which=st.integers(0, 2), same=st.booleans())
    def add_version(self, which: int, same: bool) -> None:
        if which < len(self.documents):
            identifier = self.documents[which].id
            numbers = self.bench.library.shelf[identifier]
            content = (
                self.bench.library.content_of[identifier, len(numbers)] if same else self._bytes()
            )
            version = self.bench.library.add(identifier, content)
            self._remember(self.bench.library.change(identifier, current_version=version.number))

    @rule(which=st.integers(0, 2), status=st.sampled_from(["published", "withdrawn", "expired"]))
    def move(self, which: int, status: str) -> None:
        if which < len(self.documents):
            self._remember(self.bench.library.change(self.documents[which].id, status=status))

    @rule(which=st.integers(0, 2))
    def restrict(self, which: int) -> None:
        if which < len(self.documents):
            identifier = self.documents[which].id
            self._remember(self.bench.library.change(identifier, classification="restricted"))
            self.restricted.setdefault(identifier, self.bench.media.uploads)

    @rule(data=st.data(), second=st.booleans(), death=st.integers(0, 40))
    def deliver(self, data: st.DataObject, second: bool, death: int) -> None:
        if self.past:
            batch = data.draw(st.lists(st.sampled_from(self.past), min_size=1, max_size=4))
            changes = {change_of(one).event_id: change_of(one) for one in batch}
            self._work(
                lambda: (self.other if second else self.bench.sync).publish(list(changes.values())),
                death,
            )

    @rule(death=st.integers(0, 40))
    def arrive(self, death: int) -> None:
        self._work(self.bench.sync.resume_transfers, death)

    @rule(slow=st.booleans())
    def media_is(self, slow: bool) -> None:
        self.bench.media.slow = slow

    @rule(state=st.sampled_from([FileState.READY, FileState.READY, FileState.FAILED]))
    def finish(self, state: FileState) -> None:
        self.bench.media.finish(state)

    @rule(lands=st.sampled_from([None, "now", "later"]))
    def lose_an_answer_of_wix(self, lands: str | None) -> None:
        self.bench.portal.troubles = [lost_answer(lands=lands)]

    @rule(refuses=st.booleans())
    def wix_refuses_rows(self, refuses: bool) -> None:
        self.bench.portal.refuse = lambda _: refuses

    @rule(late=st.booleans())
    def lose_an_answer_of_the_upload(self, late: bool) -> None:
        self.bench.media.lose, self.bench.media.late = 1, late

    @rule(seconds=st.sampled_from([1.0, 91.0, HOLD + 1]))
    def wait(self, seconds: float) -> None:
        # A request that is carried out late is so within the time for which a claim runs.
        if seconds > 90:
            self.bench.portal.land()
            self.bench.media.land()
        self.bench.now += seconds

    @invariant()
    def no_row_points_at_nothing(self) -> None:
        for one in self.documents:
            if not self.bench.portal.underway and not self._has_lost_its_file(one):
                self.bench.shown(one.id)

    def _has_lost_its_file(self, document: Document) -> bool:
        """Return True if nobody was to open a document's file, and Wix has refused to say so."""
        key = RowKey(PARTNER_DOCUMENTS, item_id(document.id))
        was_closed = any(one.id == document.id and not may_have_file(one) for one in self.past)
        return was_closed and key in self.bench.refused.items

    @invariant()
    def restricted_bytes_never_leave(self) -> None:
        for file, _, new, _ in self.bench.media.kept.values():
            uploads = next(
                (
                    uploads
                    for identifier, uploads in self.restricted.items()
                    if new.label.startswith(f"{identifier}-")
                ),
                self.bench.media.uploads,
            )
            assert int(file.file_id.removeprefix("file-").removesuffix(".pdf")) <= uploads

    def teardown(self) -> None:
        bench = self.bench
        watch(bench, at_rest)
        bench.media.slow, bench.media.lose, bench.portal.troubles = False, 0, []
        found = [bench.library.entities[one.record] for one in self.documents]
        current = [one for one in found if isinstance(one, Document)]
        bench.settle(*current)
        # While Wix refuses a row, there is the file that it shows, and the one that waits for it.
        waiting = {one.shown.file_id for one in bench.transfers.kept.values() if one.shown}
        pointed_at = {row.data["fileId"] for row in bench.portal.rows.values()}
        assert bench.media.kept.keys() <= waiting | pointed_at
        bench.portal.refuse = lambda _: False
        bench.settle(*current)
        for one in current:
            open_to_partners = one.status == "published" and one.classification != "restricted"
            assert bench.shown(one.id) == (
                bench.library.content_of[one.id, one.current_version] if open_to_partners else None
            )
        assert bench.is_tidy()
        assert not [
            transfer for transfer in bench.transfers.kept.values() if transfer.is_unfinished
        ]

    def _bytes(self) -> bytes:
        self.contents += 1
        return PDF + str(self.contents).encode()

    def _remember(self, changed: Document) -> None:
        self.past.append(changed)

    def _work(self, work: Callable[[], object], death: int) -> None:
        watch(self.bench, Reaper(death))
        try:
            work()
        except Death:
            pass
        finally:
            watch(self.bench, at_rest)


TestDocuments = Documents.TestCase
TestDocuments.settings = settings(
    max_examples=examples(50),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
