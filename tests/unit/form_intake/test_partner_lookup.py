"""The partner of a submission: by the member's links, by the directory, or left to a person."""

from datetime import timedelta
from typing import Any

import pytest

from gridwix.errors import Unavailable
from gridwix.form_intake.holding import MAX_WAIT
from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import HoldReason
from tests.factories import BALTIC, PRAIRIE_GOLD
from tests.unit.form_intake.intake_bench import GLN, VALUES, Bench


@pytest.mark.parametrize(
    ("chosen", "partner"),
    [(BALTIC, BALTIC), (PRAIRIE_GOLD, PRAIRIE_GOLD), ("GC-of-somebody-else", None), (None, None)],
)
def test_member_of_several_partners_chooses_whose_request_it_is(
    chosen: str | None, partner: str | None
) -> None:
    bench = Bench()
    bench.lookups.links["member-1"] = frozenset({PartnerId(PRAIRIE_GOLD), PartnerId(BALTIC)})
    bench.accept("sub-1", partner_id=chosen)

    bench.intake.run(["sub-1"])

    assert bench.desk.made[0][1].partner_id == partner


def test_visitor_is_matched_by_what_the_directory_knows() -> None:
    bench = Bench()
    bench.accept("sub-1", member=None, values={**VALUES, "gln": "06141 41000 52-4"})

    bench.intake.run(["sub-1"])

    assert (bench.desk.made[0][1].partner_id, bench.desk.made[0][1].partner_match) == (
        PRAIRIE_GOLD,
        "gln",
    )


@pytest.mark.parametrize(
    "values", [VALUES, {**VALUES, "gln": "9506000100012"}, {**VALUES, "gln": "no number"}]
)
def test_unmatched_visitor_is_for_a_person_and_never_guessed_by_the_address(
    values: dict[str, Any],
) -> None:
    bench = Bench()
    bench.accept("sub-1", member=None, values=values)

    report = bench.intake.run(["sub-1"])

    assert (bench.desk.made[0][1].partner_id, report.unmatched) == (None, 1)
    assert "partnerId" not in bench.row("sub-1")


def test_answer_of_the_directory_that_is_not_understood_stops_nobody_else_and_not_for_ever() -> (
    None
):
    bench = Bench()
    known = bench.lookups.partner_known_by

    def partner_known_by(scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        if identifier == "9506000100012":
            raise Unavailable(system="trading_grid", status=200, vendor_code="malformed-answer")
        return known(scheme, identifier)

    bench.lookups.partner_known_by = partner_known_by  # type: ignore[method-assign]
    bench.accept("sub-1", member=None, values={**VALUES, "gln": "9506000100012"})
    bench.accept("sub-2")
    bench.accept("sub-3", member=None, values={**VALUES, "gln": GLN})

    report = bench.intake.run()

    assert (list(report.failures), sorted(bench.desk.sources())) == (["sub-1"], ["sub-2", "sub-3"])
    bench.now += MAX_WAIT + timedelta(minutes=1)
    assert bench.intake.run().held == {"sub-1": HoldReason.UNREADABLE}
