"""Limits of what is sent in an hour: of a member, of visitors, and of those who name a partner."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridwix.configuration.intake import VisitorLimits
from gridwix.errors import Forbidden, Unavailable
from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import PARTNER_REQUESTS
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import HoldReason, Stage
from tests.factories import BALTIC, NOW, PRAIRIE_GOLD, case
from tests.unit.form_intake.intake_bench import GLN, VALUES, Bench

BALTIC_GLN, UNKNOWN_GLN, REFUSED_GLN = "5412345000013", "9506000100012", "4012345000009"
SILENT_GLNS = ("9506000100029", "9506000100036")
type Sent = tuple[str, dict[str, str], str | None]
type Visit = tuple[tuple[str, dict[str, str]], tuple[str | None, str | None], int, int]
LIMITS = {
    "submissions_per_hour": 3,
    "visitor_submissions_per_hour": VisitorLimits(site=5, partner=2),
}


def bench_with_limits() -> Bench:
    bench = Bench(limits=LIMITS)
    bench.lookups.identifiers[IdentifierScheme.GLN, BALTIC_GLN] = PartnerId(BALTIC)
    bench.lookups.links["member-3"] = frozenset({PartnerId(PRAIRIE_GOLD), PartnerId(BALTIC)})
    known = bench.lookups.partner_known_by

    def partner_known_by(scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        if identifier == REFUSED_GLN:
            raise Forbidden(system="trading_grid", status=403)
        if identifier in SILENT_GLNS:
            raise Unavailable(system="trading_grid")
        return known(scheme, identifier)

    bench.lookups.partner_known_by = partner_known_by  # type: ignore[method-assign]
    return bench


def visit(bench: Bench, identifier: str, **more: str) -> None:
    """A visitor with an address of its own sends something."""
    values = {**VALUES, "email": f"{identifier}@visitor.example", **more}
    bench.accept(identifier, member=None, values=values)


def test_visitors_above_a_limit_are_held_with_its_reason_and_released_ones_are_delivered() -> None:
    bench = bench_with_limits()
    for number in range(3):
        visit(bench, f"named-{number}", gln=GLN)
    visit(bench, "other-partner", gln=BALTIC_GLN)
    visit(bench, "no-partner")
    visit(bench, "one-too-many")

    report = bench.intake.deliver_submissions()
    bench.intake.deliver_submissions()

    assert report.held == {
        "named-2": HoldReason.TOO_MANY_FOR_PARTNER,
        "one-too-many": HoldReason.TOO_MANY_ON_SITE,
    }
    for identifier in report.held:
        assert bench.inbox.release_submission(identifier)
    assert sorted(bench.intake.deliver_submissions().delivered) == sorted(report.held)


def test_visitors_of_the_next_hour_count_anew() -> None:
    bench = bench_with_limits()
    visit(bench, "first", gln=GLN)
    visit(bench, "second", gln=GLN)
    bench.now += timedelta(hours=1)
    visit(bench, "third", gln=GLN)

    assert bench.intake.deliver_submissions().held == {}


def test_submission_that_waits_is_counted_once_and_not_held_for_itself() -> None:
    bench = bench_with_limits()
    bench.desk.down = lambda _: True
    visit(bench, "first", gln=GLN)
    visit(bench, "second", gln=GLN)
    for _ in range(4):
        bench.intake.deliver_submissions()

    bench.desk.down = lambda _: False

    assert sorted(bench.intake.deliver_submissions().delivered) == ["first", "second"]


def test_visitors_with_a_members_address_use_up_nothing_of_the_member() -> None:
    bench = bench_with_limits()
    for number in range(10):
        bench.accept(f"visitor-{number}", member=None)
    for number in range(3):
        bench.accept(f"member-{number}")

    report = bench.intake.deliver_submissions()

    assert {f"member-{number}" for number in range(3)} <= report.delivered.keys()
    assert report.held["visitor-9"] is HoldReason.TOO_MANY


@pytest.mark.parametrize("members", [1, 5])
def test_members_count_under_no_limit_of_visitors(members: int) -> None:
    bench = bench_with_limits()
    for number in range(members * 3):
        member = f"account-{number // 3}"
        bench.accept(f"sub-{number}", member=member, values={**VALUES, "gln": GLN})

    assert len(bench.intake.deliver_submissions().delivered) == members * 3


def test_member_who_sends_too_many_from_the_page_sees_them_received_until_they_are_released() -> (
    None
):
    bench = bench_with_limits()
    for number in range(3):
        bench.accept(f"sub-{number}", partner_id=PRAIRIE_GOLD)
    bench.accept("fourth", partner_id=PRAIRIE_GOLD)
    bench.accept("of-a-form")

    report = bench.intake.deliver_submissions()

    assert report.held == dict.fromkeys(["fourth", "of-a-form"], HoldReason.TOO_MANY)
    row = bench.row("fourth")
    assert (row["status"], row["partnerId"]) == ("received", PRAIRIE_GOLD)
    assert "of-a-form" not in {identifier for _, identifier in bench.portal.rows}
    bench.inbox.release_submission("fourth", bench.now)
    bench.intake.deliver_submissions()
    assert bench.row("fourth")["number"]


MEMBERS = st.lists(
    st.tuples(
        st.sampled_from(["member-1", "member-2", "member-3"]),
        st.sampled_from([{}, {"gln": GLN}, {"gln": BALTIC_GLN}]),
        st.sampled_from([None, PRAIRIE_GOLD, BALTIC]),
    ),
    min_size=1,
    max_size=5,
)
VALID = st.fixed_dictionaries(
    {"topic": st.just("freight")},
    optional={
        "email": st.sampled_from(["a@visitor.example", "b@visitor.example"]),
        "gln": st.sampled_from(
            [GLN, BALTIC_GLN, UNKNOWN_GLN, REFUSED_GLN, *SILENT_GLNS, "no number"]
        ),
        "trading_address": st.sampled_from(["ZZ:PRAIRIEGOLD", "ZZ:ANY"]),
    },
)
INVALID = st.sampled_from(
    [
        {"email": "member-1"},
        {"website": "https://spam.example"},
        {"case_id": "case_1", "comment": "This is closed."},
    ]
)
VISITS = st.lists(
    st.tuples(
        st.tuples(st.sampled_from(["invoice-question", "partner-question"]), VALID)
        | st.tuples(st.sampled_from(["invoice-question", "issue-comment", "no-form"]), INVALID),
        st.sampled_from([(None, None), (None, PRAIRIE_GOLD), (None, BALTIC), ("account", None)]),
        st.integers(0, 5),
        st.integers(1, 4),
    ),
    max_size=8,
)
"""What strangers send: a form with its answers, the account that they have, the partner that they
claim, the place among the members' submissions, and how often."""


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(members=MEMBERS, visits=VISITS, runs=st.integers(1, 3))
def test_whatever_visitors_send_members_requests_arrive_and_no_partners_page_changes(
    members: list[Sent],
    visits: list[Visit],
    runs: int,
) -> None:
    alone, crowded = (
        pages_after(members, given_visits, runs=runs) for given_visits in ([], visits)
    )

    assert crowded == alone


def pages_after(
    members: list[Sent],
    visits: list[Visit],
    *,
    runs: int,
) -> tuple[Any, ...]:
    """What became of the members' submissions, and each partner's page.

    Numbers are left out: all requests share them.
    """
    bench = bench_with_limits()
    bench.cases.put(case(id="case_1"))
    for place in range(6):
        for number, ((form, values), (account, claimed), at, times) in enumerate(visits):
            for time in range(times if at == place else 0):
                bench.accept(
                    f"visit-{number}-{time}",
                    member=account,
                    form=form,
                    values={**VALUES, **values},
                    partner_id=claimed,
                )
        if place < len(members):
            member, values, partner = members[place]
            bench.now = NOW + timedelta(minutes=place + 1)
            bench.accept(
                f"member-{place}", member=member, values={**VALUES, **values}, partner_id=partner
            )
    bench.now = NOW + timedelta(minutes=10)
    for _ in range(runs):
        bench.intake.deliver_submissions()
    made = [
        (order.source_submission_id, order.partner_id, order.partner_match)
        for _, order in bench.desk.made
        if order.source_submission_id.startswith("member")
    ]
    stages = [bench.stage(f"member-{place}") for place in range(len(members))]
    assert set(stages) <= {Stage.DELIVERED, Stage.HELD}
    assert bench.cases.comments == []
    pages = {
        identifier: {
            name: value for name, value in row.data.items() if name not in ("number", "record")
        }
        for (collection, identifier), row in bench.portal.rows.items()
        if collection == PARTNER_REQUESTS and row.data.get("partnerId") is not None
    }
    return sorted(made), stages, pages
