"""The case opener: each exception has one case, however often it is told of and whoever is at work
on it at the same time.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.case_opener.service import CaseOpener, CaseReport
from gridwix.errors import (
    InvalidEvent,
    Refused,
    SourceBehind,
    Unavailable,
    UnknownPartner,
    UpstreamConflict,
)
from gridwix.models.events import TRANSACTION_EXCEPTION, Change
from gridwix.models.trading_grid.cases import Case
from gridwix.runtime.configuration import configuration
from tests.examples import examples
from tests.factories import BALTIC, PRAIRIE_GOLD, change, entry
from tests.fakes.interleaving import Worker
from tests.fakes.transactions import FakeCaseDesk, FakeDirectory, FakeLens


def told(correlation: str = "c-1", event_id: str | None = None) -> Change:
    return change(
        event_id or f"evt_{correlation}",
        type=TRANSACTION_EXCEPTION,
        subject=f"transactions/{correlation}",
        partnerId=None,
        version=None,
        via="poll",
    )


@dataclass
class World:
    lens: FakeLens = field(default_factory=FakeLens)
    directory: FakeDirectory = field(
        default_factory=lambda: FakeDirectory(
            {"ZZ:PRAIRIEGOLD": PRAIRIE_GOLD, "14:9506000100012": BALTIC}
        )
    )
    desk: FakeCaseDesk = field(default_factory=FakeCaseDesk)

    def fails(self, number: int, **fields: Any) -> Change:
        """A transaction that could not be delivered."""
        self.lens.put(entry(f"TG-{number}", f"c-{number}", **{"status": "F", **fields}))
        return told(f"c-{number}")

    def handle(self, *changes: Change) -> CaseReport:
        return CaseOpener(self.lens, self.directory, self.desk, configuration()).handle(changes)

    @property
    def cases(self) -> list[Case]:
        return list(self.desk.stored.values())

    def refs(self) -> list[str]:
        return sorted(
            ref.correlation_id or "" for known in self.cases for ref in known.transaction_refs
        )


def test_exception_opens_a_case_for_the_partner_it_belongs_to() -> None:
    world = World()

    report = world.handle(world.fails(1, status="V"))

    (opened,) = world.cases
    assert (report.opened, report.failures) == (1, {})
    assert (opened.partner_id, opened.category, opened.status) == (
        PRAIRIE_GOLD,
        "asn_rejection",
        "new",
    )
    assert (opened.transaction_refs[0].exception, opened.transaction_refs[0].direction) == (
        "validation_error",
        "inbound",
    )


def test_partner_is_found_as_receiver_too() -> None:
    world = World()

    world.handle(
        world.fails(
            1, editype="ORDERS", senderaddress="ZZ:NORTHWIND", receiveraddress="14:9506000100012"
        )
    )

    (opened,) = world.cases
    assert (opened.partner_id, opened.transaction_refs[0].direction) == (BALTIC, "outbound")


@pytest.mark.parametrize(("envelope", "opened"), [("UNB", 1), ("ISA", 0), ("", 1)])
def test_address_of_an_edifact_envelope_is_not_found_in_an_x12_one(
    envelope: str, opened: int
) -> None:
    world = World()
    world.directory.standards["14:9506000100012"] = "edifact"

    report = world.handle(world.fails(1, senderaddress="14:9506000100012", envelopetype=envelope))

    assert (report.opened, [type(error) for error in report.failures.values()]) == (
        opened,
        [] if opened else [UnknownPartner],
    )


def test_same_event_again_changes_nothing() -> None:
    world = World()
    event = world.fails(1)
    world.handle(event)

    report = world.handle(event, told("c-1", "evt_again"))

    assert (report.unchanged, world.desk.writes) == (1, 1)


def test_further_exception_joins_the_open_case() -> None:
    world = World()
    world.handle(world.fails(1))

    report = world.handle(world.fails(2), world.fails(3))

    assert (report.joined, len(world.cases), world.refs()) == (2, 1, ["c-1", "c-2", "c-3"])


def test_closed_case_takes_nothing_more_and_the_next_exception_opens_another() -> None:
    world = World()
    first = world.fails(1)
    world.handle(first)
    world.desk.close("case_1")

    world.handle(first)
    report = world.handle(world.fails(2))

    assert (report.opened, world.refs()) == (1, ["c-1", "c-2"])
    world.desk.close("case_2")
    assert world.handle(world.fails(3)).opened == 1


def test_change_of_an_exception_brings_its_case_up_to_date() -> None:
    world = World()
    event = world.fails(
        1,
        status="S",
        fastatus="T",
        editype="850",
        senderaddress="ZZ:NORTHWIND",
        receiveraddress="ZZ:PRAIRIEGOLD",
    )
    world.handle(event)
    world.lens.put(
        entry(
            "TG-1",
            "c-1",
            editype="850",
            fastatus="A",
            senderaddress="ZZ:NORTHWIND",
            receiveraddress="ZZ:PRAIRIEGOLD",
        )
    )

    report = world.handle(event)

    (opened,) = world.cases
    assert (report.updated, opened.transaction_refs[0].exception) == (1, "over")


def test_exception_that_is_over_before_anybody_came_opens_nothing() -> None:
    world = World()
    world.lens.put(entry("TG-1", "c-1"))

    report = world.handle(told())

    assert (report.unchanged, world.cases) == (1, [])


def test_transaction_of_nobody_fails_and_keeps_nobody_else_from_its_case() -> None:
    world = World()

    report = world.handle(
        world.fails(1, senderaddress="ZZ:NOBODY"),
        world.fails(2),
        told("c-3"),
        change("evt_odd", subject="cases/case_1"),
    )

    assert {event: type(error) for event, error in report.failures.items()} == {
        "evt_c-1": UnknownPartner,
        "evt_c-3": SourceBehind,
        "evt_odd": InvalidEvent,
    }
    assert world.refs() == ["c-2"]


def test_address_is_looked_up_once_for_a_batch() -> None:
    world = World()

    world.handle(*(world.fails(number) for number in range(5)))

    assert world.directory.calls == 1


def test_lost_answer_does_not_open_a_second_case() -> None:
    world = World()
    world.desk.lose = 1
    event = world.fails(1)
    assert isinstance(world.handle(event).failures["evt_c-1"], Unavailable)

    report = world.handle(event)

    assert (report.unchanged, len(world.cases)) == (1, 1)


def test_list_that_is_behind_does_not_open_a_second_case() -> None:
    world = World()
    event, other = world.fails(1), world.fails(2)
    world.handle(event)
    world.desk.lag = 1

    report = world.handle(event, other)

    assert len(world.cases) == 1
    assert isinstance(report.failures.get("evt_c-2"), Refused | type(None))
    world.desk.lag = 0
    world.handle(event, other)
    assert (len(world.cases), world.refs()) == (1, ["c-1", "c-2"])


def test_case_that_is_closed_in_between_is_a_conflict_and_heals() -> None:
    world = World()
    world.handle(world.fails(1))
    world.desk.close("case_1")
    world.desk.lag = 1

    report = world.handle(world.fails(2))

    assert isinstance(report.failures["evt_c-2"], UpstreamConflict)
    world.desk.lag = 0
    assert world.handle(told("c-2")).opened == 1


@pytest.mark.parametrize(
    "rule_fields", [{"status": "F"}, {"status": "V"}], ids=["joined by partner", "joined by order"]
)
@settings(max_examples=examples(50), deadline=None)
@given(data=st.data())
def test_workers_that_overtake_each_other_and_die_end_with_one_case_and_each_transaction_in_it_once(
    rule_fields: dict[str, Any], data: st.DataObject
) -> None:
    world = World()
    events = [world.fails(number, **rule_fields) for number in range(3)]

    def worker(batch: list[Change]) -> Worker:
        return Worker(
            lambda me: CaseOpener(
                me.pausing(world.lens),
                me.pausing(world.directory),
                me.pausing(world.desk),
                configuration(),
            ).handle(batch),
        )

    workers = [
        worker(
            data.draw(
                st.lists(
                    st.sampled_from(events),
                    min_size=1,
                    max_size=3,
                    unique_by=lambda one: one.event_id,
                )
            )
        )
        for _ in range(3)
    ]
    for pick, steps, kill in data.draw(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(1, 5), st.sampled_from([False] * 5 + [True])),
            max_size=12,
        )
    ):
        if kill:
            workers[pick].kill()
        else:
            workers[pick].steps(steps)
    for one in workers:
        one.run()

    world.handle(*events)
    report = world.handle(*events)

    assert (report.unchanged, report.failures) == (3, {})
    assert (len(world.cases), world.refs()) == (1, ["c-0", "c-1", "c-2"])
