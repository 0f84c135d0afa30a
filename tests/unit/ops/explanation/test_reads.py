"""What a row is made of is read once, and answered again without its parts."""

import pytest

from gridwix.errors import RecordFault
from gridwix.models.ids import PartnerId
from tests.factories import PRAIRIE_GOLD
from tests.unit.ops.explanation.world import World, row_key

PARTNER = PartnerId(PRAIRIE_GOLD)
STATUS = row_key("PartnerStatus", PRAIRIE_GOLD)


def test_what_was_read_is_not_read_again() -> None:
    world = World()
    reads = world.reads(STATUS)
    first = reads.open_cases([PARTNER])

    assert reads.seal().open_cases([PARTNER]) == first
    assert world.grid.calls == 1


def test_sealed_reads_send_no_call_for_another_question() -> None:
    world = World()
    reads = world.reads(STATUS).seal()

    with pytest.raises(RecordFault):
        reads.open_cases([PARTNER])
    assert world.grid.calls == 0


def test_record_that_is_left_out_counts_as_deleted() -> None:
    reads = World().reads(STATUS)
    reads.open_cases([PARTNER])

    cases = reads.seal(["cases/case_1"]).open_cases([PARTNER]).records

    assert {one.id: one.deleted_at is not None for one in cases} == {
        "case_1": True,
        "case_2": False,
    }


def test_own_record_is_no_part() -> None:
    reads = World().reads(row_key("PartnerRequests", "waiting"))
    reads.read_submissions(["waiting"])

    assert reads.parts == {}
    assert list(reads.seal(["submissions/waiting"]).read_submissions(["waiting"])) == ["waiting"]
