"""One suite for the publication ledgers, so that services tested against the one in memory hold
with the one in DynamoDB, and the figures of the benchmark's, in a file, are those of a true ledger.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from benchmarks.peers.sqlite_ledger import SqliteLedger
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey, Versions
from tests.examples import examples
from tests.fakes.aws import OneAtATime, as_client, create_table
from tests.fakes.ledger import MemoryLedger

if TYPE_CHECKING:
    from gridwix.publication.ports import PublicationLedger

NOW = 1_780_000_000.25
UNTIL = NOW + 90.5


def key(number: int = 1) -> RowKey:
    return RowKey(CollectionId("PartnerStatus"), WixItemId(f"partner-{number}"))


def versions(version: int = 1) -> Versions:
    return Versions(
        live={"partners/p1": version, "cases/c9": 4}, settled={"cases/c7": 3, "cases/c2": 8}
    )


def claim(number: int = 1, revision: int = 0, version: int = 1) -> Claim:
    return Claim(key(number), revision, versions(version))


def publication(number: int = 1, version: int = 1) -> Publication:
    return Publication(
        key(number), versions(version), content_hash=f"hash-{version}", origin=f"evt-{version}"
    )


@pytest.fixture(params=["memory", "dynamodb", "file"])
def ledger(
    request: pytest.FixtureRequest, tables: OneAtATime, tmp_path: Path
) -> "PublicationLedger":
    if request.param == "memory":
        return MemoryLedger()
    if request.param == "file":
        return SqliteLedger(tmp_path / "ledger.sqlite")
    return DynamoDBLedger(as_client(tables), create_table(tables, "row"))


class TestPublicationLedger:
    def test_read_of_an_unknown_row_leaves_it_out(self, ledger: "PublicationLedger") -> None:
        assert ledger.read_entries([key()]) == {}

    def test_first_claim_is_granted_and_stored(self, ledger: "PublicationLedger") -> None:
        granted = ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)

        assert granted == {key()}
        assert ledger.read_entries([key()]) == {
            key(): LedgerEntry(key(), revision=1, intended=versions(), held_until=UNTIL)
        }

    def test_audience_is_that_of_the_claim_then_that_of_the_commit(
        self, ledger: "PublicationLedger"
    ) -> None:
        both, one = frozenset({"GC1", "GC2"}), frozenset({"GC2"})

        ledger.claim([claim()._replace(audience=both)], holder="a", now=NOW, until=UNTIL)
        claimed = ledger.read_entries([key()])[key()].audience
        ledger.commit([publication()._replace(audience=one)], holder="a")

        assert (claimed, ledger.read_entries([key()])[key()].audience) == (both, one)

    def test_claim_without_an_audience_keeps_that_of_the_entry(
        self, ledger: "PublicationLedger"
    ) -> None:
        nobody = frozenset[str]()
        ledger.claim([claim()._replace(audience=nobody)], holder="a", now=NOW, until=UNTIL)
        ledger.commit([publication()._replace(audience=nobody)], holder="a")

        ledger.claim([claim(revision=2)], holder="b", now=NOW, until=UNTIL)
        kept = ledger.read_entries([key()])[key()].audience
        ledger.commit([publication()], holder="b")

        assert (kept, ledger.read_entries([key()])[key()].audience) == (nobody, nobody)

    def test_commit_keeps_the_time_of_the_write_until_the_next_one_has_another(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)
        ledger.commit([publication()._replace(written_at=NOW + 0.25)], holder="a")
        ledger.claim([claim(revision=2)], holder="b", now=NOW, until=UNTIL)
        during = ledger.read_entries([key()])[key()].written_at

        ledger.commit([publication()._replace(written_at=NOW + 1.5)], holder="b")

        assert (during, ledger.read_entries([key()])[key()].written_at) == (NOW + 0.25, NOW + 1.5)

    def test_claim_of_a_row_that_has_an_entry_as_if_it_had_none_is_refused(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)
        ledger.commit([publication()], holder="a")

        granted = ledger.claim([claim(revision=0)], holder="b", now=NOW, until=UNTIL)

        assert granted == frozenset()

    def test_claim_from_a_revision_before_the_first_is_refused(
        self, ledger: "PublicationLedger"
    ) -> None:
        granted = ledger.claim([claim(revision=1)], holder="a", now=NOW, until=UNTIL)

        assert granted == frozenset()
        assert ledger.read_entries([key()]) == {}

    def test_claim_of_a_held_row_is_refused_until_the_hold_lapses(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)

        before = ledger.claim(
            [claim(revision=1, version=2)], holder="b", now=UNTIL - 0.25, until=UNTIL + 90
        )
        at_the_end = ledger.claim(
            [claim(revision=1, version=2)], holder="b", now=UNTIL, until=UNTIL + 90
        )

        assert before == frozenset()
        assert at_the_end == {key()}
        assert ledger.read_entries([key()])[key()] == LedgerEntry(
            key(), revision=2, intended=versions(2), held_until=UNTIL + 90
        )

    def test_holder_itself_cannot_claim_again_while_it_holds(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)

        granted = ledger.claim([claim(revision=1)], holder="a", now=NOW, until=UNTIL)

        assert granted == frozenset()

    def test_claim_of_many_rows_leaves_out_only_those_that_are_refused(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim(
            [claim(number) for number in range(0, 250, 7)], holder="a", now=NOW, until=UNTIL
        )

        granted = ledger.claim(
            [claim(number) for number in range(250)], holder="b", now=NOW, until=UNTIL
        )

        assert granted == {key(number) for number in range(250) if number % 7}

    def test_row_claimed_twice_in_one_call_is_an_error_and_grants_nothing(
        self, ledger: "PublicationLedger"
    ) -> None:
        with pytest.raises(ValueError, match="twice"):
            ledger.claim([claim(), claim(2), claim(version=2)], holder="a", now=NOW, until=UNTIL)

        assert ledger.read_entries([key(), key(2)]) == {}

    def test_commit_records_what_was_written_and_lets_go(self, ledger: "PublicationLedger") -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)

        recorded = ledger.commit([publication()], holder="a")

        assert recorded == {key()}
        assert ledger.read_entries([key()]) == {
            key(): LedgerEntry(
                key(), revision=2, published=versions(), content_hash="hash-1", origin="evt-1"
            )
        }

    def test_commit_of_a_removed_row_records_the_empty_hash(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)

        ledger.commit([Publication(key(), versions(), content_hash="", origin="")], holder="a")

        assert ledger.read_entries([key()]) == {
            key(): LedgerEntry(key(), revision=2, published=versions())
        }

    def test_commit_after_the_hold_has_lapsed_counts_while_nobody_else_has_claimed(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=NOW)

        recorded = ledger.commit([publication()], holder="a")

        assert recorded == {key()}

    def test_commit_after_somebody_else_has_claimed_is_not_recorded(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim([claim(), claim(2)], holder="a", now=NOW, until=UNTIL)
        ledger.claim([claim(revision=1, version=2)], holder="b", now=UNTIL, until=UNTIL + 90)

        recorded = ledger.commit([publication(), publication(2)], holder="a")

        assert recorded == {key(2)}
        assert ledger.read_entries([key()])[key()] == LedgerEntry(
            key(), revision=2, intended=versions(2), held_until=UNTIL + 90
        )

    def test_commit_of_a_row_that_nobody_claimed_is_not_recorded(
        self, ledger: "PublicationLedger"
    ) -> None:
        recorded = ledger.commit([publication()], holder="a")

        assert recorded == frozenset()
        assert ledger.read_entries([key()]) == {}

    def test_second_commit_under_one_claim_is_not_recorded(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)
        ledger.commit([publication()], holder="a")

        recorded = ledger.commit([publication(version=2)], holder="a")

        assert recorded == frozenset()
        assert ledger.read_entries([key()])[key()].content_hash == "hash-1"

    def test_row_committed_twice_in_one_call_is_an_error(self, ledger: "PublicationLedger") -> None:
        with pytest.raises(ValueError, match="twice"):
            ledger.commit([publication(), publication(version=2)], holder="a")

    def test_release_removes_the_hold_and_keeps_what_was_intended(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)

        ledger.release([key(), key()], holder="a")

        assert ledger.read_entries([key()]) == {
            key(): LedgerEntry(key(), revision=1, intended=versions())
        }
        assert ledger.claim([claim(revision=1)], holder="b", now=NOW, until=UNTIL) == {key()}

    def test_release_keeps_what_was_published_before(self, ledger: "PublicationLedger") -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)
        ledger.commit([publication()], holder="a")
        ledger.claim([claim(revision=2, version=2)], holder="a", now=NOW, until=UNTIL)

        ledger.release([key()], holder="a")

        expected = LedgerEntry(
            key(),
            revision=3,
            published=versions(),
            content_hash="hash-1",
            origin="evt-1",
            intended=versions(2),
        )
        assert ledger.read_entries([key()]) == {key(): expected}

    def test_release_by_somebody_else_changes_nothing(self, ledger: "PublicationLedger") -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)

        ledger.release([key(), key(2)], holder="b")

        assert ledger.read_entries([key(), key(2)]) == {
            key(): LedgerEntry(key(), revision=1, intended=versions(), held_until=UNTIL)
        }

    def test_version_vectors_keep_the_order_in_which_records_were_settled(
        self, ledger: "PublicationLedger"
    ) -> None:
        ledger.claim([claim()], holder="a", now=NOW, until=UNTIL)

        intended = ledger.read_entries([key()])[key()].intended

        assert intended is not None
        assert list(intended.settled) == ["cases/c7", "cases/c2"]

    def test_calls_about_no_rows_do_nothing(self, ledger: "PublicationLedger") -> None:
        assert ledger.read_entries([]) == {}
        assert ledger.claim([], holder="a", now=NOW, until=UNTIL) == frozenset()
        assert ledger.commit([], holder="a") == frozenset()
        ledger.release([], holder="a")

    def test_row_has_one_holder_at_a_time_however_many_workers_race(
        self, ledger: "PublicationLedger"
    ) -> None:
        rows = [key(number) for number in range(5)]
        writing: dict[RowKey, str] = {}
        written: list[RowKey] = []

        def work(holder: str) -> None:
            for _ in range(12):
                entries = ledger.read_entries(rows)
                wishes = [
                    Claim(row, entries.get(row, LedgerEntry(row)).revision, versions())
                    for row in rows
                ]
                granted = ledger.claim(wishes, holder=holder, now=NOW, until=UNTIL)
                for row in granted:
                    assert writing.setdefault(row, holder) == holder
                for row in granted:
                    del writing[row]
                assert (
                    ledger.commit(
                        [Publication(row, versions(), "hash", holder) for row in granted],
                        holder=holder,
                    )
                    == granted
                )
                written.extend(granted)

        with ThreadPoolExecutor(4) as workers:
            for done in [workers.submit(work, f"worker-{number}") for number in range(4)]:
                done.result()

        assert {row: entry.revision for row, entry in ledger.read_entries(rows).items()} == {
            row: 2 * written.count(row) for row in rows
        }


class BothLedgers(RuleBasedStateMachine):
    """The ledgers in memory and in DynamoDB answer any sequence of calls alike."""

    client: OneAtATime
    numbers = st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True)
    holders = st.sampled_from(["a", "b"])

    def __init__(self) -> None:
        super().__init__()
        self.memory = MemoryLedger()
        self.stored = DynamoDBLedger(as_client(self.client), create_table(self.client, "row"))
        self.now = NOW
        self.step = 0

    def entries(self) -> dict[RowKey, LedgerEntry]:
        rows = [key(number) for number in range(4)]
        assert self.stored.read_entries(rows) == self.memory.read_entries(rows)
        return dict(self.memory.read_entries(rows))

    @rule(numbers=numbers, holder=holders, behind=st.integers(0, 1), seconds=st.integers(0, 3))
    def claim(self, numbers: list[int], holder: str, behind: int, seconds: int) -> None:
        entries = self.entries()
        self.step += 1
        wishes = [
            claim(
                number,
                max(entries.get(key(number), LedgerEntry(key(number))).revision - behind, 0),
                self.step,
            )
            for number in numbers
        ]

        granted = [
            ledger.claim(wishes, holder=holder, now=self.now, until=self.now + seconds)
            for ledger in (self.memory, self.stored)
        ]

        assert granted[0] == granted[1]
        self.entries()

    @precondition(lambda self: self.step)
    @rule(numbers=numbers, holder=holders)
    def commit(self, numbers: list[int], holder: str) -> None:
        written = [
            publication(number, self.step)._replace(written_at=self.now) for number in numbers
        ]

        recorded = [ledger.commit(written, holder=holder) for ledger in (self.memory, self.stored)]

        assert recorded[0] == recorded[1]
        self.entries()

    @precondition(lambda self: self.step)
    @rule(numbers=numbers, holder=holders)
    def release(self, numbers: list[int], holder: str) -> None:
        for ledger in (self.memory, self.stored):
            ledger.release([key(number) for number in numbers], holder=holder)

        self.entries()

    @rule(seconds=st.integers(1, 3))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds


def test_both_ledgers_answer_alike_whatever_is_done_to_them(tables: OneAtATime) -> None:
    machine = type("BothLedgersInMoto", (BothLedgers,), {"client": tables})

    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples(5), stateful_step_count=20, deadline=None)
    )
