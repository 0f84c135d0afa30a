"""The partner of a submission: by the member's links, by the directory, or left to a person."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from stdnum import ean

from gridwix.configuration.intake import VisitorLimits
from gridwix.errors import Forbidden, Unavailable, UpstreamError
from gridwix.form_intake.holding import MAX_WAIT
from gridwix.form_intake.partner_lookup import MAX_SILENT, MAX_UNANSWERED
from gridwix.form_intake.service import PAGE
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

    report = bench.intake.deliver_submissions(["sub-1"])

    # Somebody has to look at a member's request that is on no page, and at no other.
    assert (bench.desk.made[0][1].partner_id, report.unmatched) == (partner, int(not partner))


@pytest.mark.parametrize("member", [None, "member-without-a-partner"])
def test_identifier_of_a_stranger_is_a_hint_for_the_staff_who_assign_the_request(
    member: str | None,
) -> None:
    bench = Bench()
    bench.accept(
        "sub-1",
        member=member,
        values={**VALUES, "gln": "06141 41000 52-4", "trading_address": "ZZ:NOBODY"},
        partner_id=PRAIRIE_GOLD,
    )

    report = bench.intake.deliver_submissions(["sub-1"])

    [(_, made)] = bench.desk.made
    assert (made.partner_id, made.partner_match, report.unmatched) == (None, "hint", 0)
    assert [(one.scheme, one.partner_id) for one in made.submitter.claimed_identifiers] == [
        ("gln", PRAIRIE_GOLD),
        ("trading_address", None),
    ]
    assert "partnerId" not in bench.row("sub-1")

    (assigned,) = bench.desk.records.values()
    bench.inbox.submissions["sub-1"] = replace(bench.inbox.submissions["sub-1"], row_due=True)
    bench.desk.records[assigned.record] = assigned.model_copy(
        update={"partner_id": PartnerId(PRAIRIE_GOLD), "version": assigned.version + 1}
    )
    bench.intake.deliver_submissions()

    assert bench.row("sub-1")["partnerId"] == PRAIRIE_GOLD


@pytest.mark.parametrize(
    "values", [VALUES, {**VALUES, "gln": "9506000100012"}, {**VALUES, "gln": "no number"}]
)
def test_visitor_without_a_hint_is_never_guessed_by_the_address(values: dict[str, Any]) -> None:
    bench = Bench()
    bench.accept("sub-1", member=None, values=values)

    report = bench.intake.deliver_submissions(["sub-1"])

    [(_, made)] = bench.desk.made
    assert (made.partner_id, made.partner_match, report.unmatched) == (None, "", 0)
    assert "partnerId" not in bench.row("sub-1")


def test_identifiers_of_strangers_that_are_not_answered_keep_no_members_from_being_asked_for() -> (
    None
):
    bench = Bench()
    bench.lookups.links["member-1"] = frozenset({PartnerId(PRAIRIE_GOLD), PartnerId(BALTIC)})
    refuse(bench, Forbidden(system="trading_grid", status=403), lambda one: one != GLN)
    for number in range(MAX_UNANSWERED):
        gln = with_check_digit(f"95060001{number:04}")
        bench.accept(f"sub-{number}", member=None, values={**VALUES, "gln": gln})
    bench.accept("member", values={**VALUES, "gln": GLN})

    report = bench.intake.deliver_submissions()

    assert list(report.delivered) == ["member"]


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

    report = bench.intake.deliver_submissions()

    assert (list(report.failures), sorted(bench.desk.sources())) == (["sub-1"], ["sub-2", "sub-3"])
    bench.now += MAX_WAIT + timedelta(minutes=1)
    assert bench.intake.deliver_submissions().held == {"sub-1": HoldReason.UNREADABLE}


@pytest.mark.parametrize(
    "error",
    [
        Forbidden(system="trading_grid", status=403),
        Unavailable(system="trading_grid", status=500),
        Unavailable(system="trading_grid"),
    ],
)
def test_identifier_that_the_directory_does_not_answer_stops_nobody_else_and_not_for_ever(
    error: UpstreamError,
) -> None:
    bench = Bench()
    refuse(bench, error, lambda identifier: identifier != GLN)
    bench.accept("sub-1", member=None, values={**VALUES, "gln": "9506000100012"})
    bench.accept("sub-2")
    bench.accept("sub-3", member=None, values={**VALUES, "gln": GLN})

    report = bench.intake.deliver_submissions()

    assert (list(report.failures), report.interrupted) == (["sub-1"], False)
    assert sorted(bench.desk.sources()) == ["sub-2", "sub-3"]
    bench.accept("sub-4", member=None, values={**VALUES, "gln": GLN})
    bench.now += MAX_WAIT + timedelta(minutes=1)
    assert bench.intake.deliver_submissions().held == {"sub-1": HoldReason.UNREADABLE}


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (Unavailable(system="trading_grid", status=503), MAX_UNANSWERED),
        (Unavailable(system="trading_grid"), MAX_SILENT),
    ],
)
def test_directory_that_answers_nothing_holds_nobody_is_asked_little_and_stops_no_member(
    error: UpstreamError, asked: int
) -> None:
    bench = Bench()
    seen = refuse(bench, error, lambda _: True)
    for number in range(MAX_UNANSWERED + 5):
        gln = with_check_digit(f"95060001{number:04}")
        bench.accept(f"sub-{number}", member=None, values={**VALUES, "gln": gln})
    bench.accept("member")

    report = bench.intake.deliver_submissions()

    assert (report.held, len(report.failures), list(report.delivered)) == (
        {},
        MAX_UNANSWERED + 5,
        ["member"],
    )
    assert len(seen) == asked
    # Of a stranger an identifier is a hint at most: after a while the request arrives without it.
    bench.now += MAX_WAIT + timedelta(minutes=1)
    late = bench.intake.deliver_submissions()
    assert (late.held, late.failures, len(late.delivered)) == ({}, {}, MAX_UNANSWERED + 5)
    assert {(made.partner_id, made.partner_match) for _, made in bench.desk.made[1:]} == {
        (None, "")
    }


@pytest.mark.parametrize("account", ["", "account-"])
@pytest.mark.parametrize(
    ("error", "strangers"),
    [
        (Forbidden(system="trading_grid", status=403), MAX_UNANSWERED),
        (Unavailable(system="trading_grid"), MAX_SILENT),
    ],
)
def test_identifiers_of_strangers_that_nobody_answers_stop_no_partner_and_no_stranger_after_them(
    error: UpstreamError, strangers: int, account: str
) -> None:
    bench = Bench()
    bench.lookups.links["member-3"] = frozenset({PartnerId(PRAIRIE_GOLD), PartnerId(BALTIC)})
    refuse(bench, error, lambda identifier: identifier.startswith("95060001"))
    bench.accept("of-several", member="member-3", values={**VALUES, "gln": GLN})
    bench.accept("colleague")
    for number in range(strangers):
        gln = with_check_digit(f"95060001{number:04}")
        sender = f"{account}{number}" if account else None
        bench.accept(f"sub-{number}", member=sender, values={**VALUES, "gln": gln})
    bench.accept("visitor", member=None, values={**VALUES, "gln": "4012345000009"})

    report = bench.intake.deliver_submissions()

    assert set(report.delivered) == {"of-several", "colleague", "visitor"}
    assert len(report.failures) == strangers


def test_silent_directory_is_asked_no_more_for_strangers_of_later_pages() -> None:
    bench = Bench(limits={"visitor_submissions_per_hour": VisitorLimits(site=1000, partner=1000)})
    bench.lookups.links["member-3"] = frozenset({PartnerId(PRAIRIE_GOLD), PartnerId(BALTIC)})
    asked = refuse(bench, Unavailable(system="trading_grid"), lambda one: one != GLN)
    for number in range(2 * PAGE):
        values = {**VALUES, "gln": with_check_digit(f"95060001{number:04}")}
        bench.accept(
            f"sub-{number}", member=None, values={**values, "email": f"{number}@visitor.example"}
        )
    bench.accept("of-several", member="member-3", values={**VALUES, "gln": GLN})

    report = bench.intake.deliver_submissions()

    assert list(report.delivered) == ["of-several"]
    assert (len(asked), asked[-1]) == (MAX_SILENT + 1, GLN)


@pytest.mark.parametrize("status", [0, 200, 403])
def test_identifier_that_a_member_and_a_stranger_give_stops_no_member_whose_link_suffices(
    status: int,
) -> None:
    bench = Bench()
    bench.lookups.links["member-3"] = frozenset({PartnerId(PRAIRIE_GOLD), PartnerId(BALTIC)})
    error = Forbidden if status == HTTPStatus.FORBIDDEN else Unavailable
    refuse(bench, error(system="trading_grid", status=status), lambda _: True)
    bench.accept("stranger", member=None, values={**VALUES, "gln": GLN})
    bench.accept("member", values={**VALUES, "gln": GLN})
    bench.accept("of-several", member="member-3", values={**VALUES, "gln": GLN}, partner_id=BALTIC)

    report = bench.intake.deliver_submissions()

    assert sorted(report.delivered) == ["member", "of-several"]


def test_identifier_of_a_member_that_nobody_answers_stops_no_colleague() -> None:
    bench = Bench()
    bench.lookups.links["member-3"] = frozenset({PartnerId(PRAIRIE_GOLD), PartnerId(BALTIC)})
    refuse(bench, Forbidden(system="trading_grid", status=403), lambda _: True)
    bench.accept("of-several", member="member-3", values={**VALUES, "gln": GLN})
    bench.accept("colleague")

    report = bench.intake.deliver_submissions()

    assert (list(report.delivered), list(report.failures)) == (["colleague"], ["of-several"])


def refuse(bench: Bench, error: UpstreamError, is_refused: Callable[[str], bool]) -> Sequence[str]:
    """Have the directory raise for some identifiers. Returns those that it was asked for."""
    known, asked = bench.lookups.partner_known_by, list[str]()

    def partner_known_by(scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        asked.append(identifier)
        if is_refused(identifier):
            raise error
        return known(scheme, identifier)

    bench.lookups.partner_known_by = partner_known_by  # type: ignore[method-assign]
    return asked


def with_check_digit(digits: str) -> str:
    return digits + ean.calc_check_digit(digits)
