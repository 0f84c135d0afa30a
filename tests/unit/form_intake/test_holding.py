"""Manual review: the reasons for it, the release, and the end of waiting."""

from datetime import timedelta
from typing import Any

import pytest

from gridwix.errors import NotFound, UpstreamConflict, UpstreamError
from gridwix.form_intake.holding import MAX_WAIT
from gridwix.models.trading_grid.requests import CollaborationRequest, NewRequest
from gridwix.partner_requests.submissions import HoldReason, Stage
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, PRAIRIE_GOLD
from tests.unit.form_intake.intake_bench import VALUES, Bench


@pytest.mark.parametrize(
    ("values", "fields", "reason"),
    [
        ({**VALUES, "website": "https://spam.example"}, {}, HoldReason.HONEYPOT),
        ({**VALUES, "email": "nobody"}, {"member": None}, HoldReason.INVALID),
        (VALUES, {"form": "no-such-form"}, HoldReason.UNKNOWN_FORM),
        (
            {**VALUES, "attachments": [{"url": "https://x.example/a.exe", "displayName": "a.exe"}]},
            {},
            HoldReason.ATTACHMENTS,
        ),
        (
            {
                **VALUES,
                "attachments": [
                    {
                        "url": "https://x.example/a.pdf",
                        "displayName": "a.pdf",
                        "fileSize": 99_999_999,
                    }
                ],
            },
            {},
            HoldReason.ATTACHMENTS,
        ),
        (
            {
                **VALUES,
                "attachments": [{"url": "https://x.example/a.pdf", "displayName": "a.pdf"}] * 6,
            },
            {},
            HoldReason.ATTACHMENTS,
        ),
        (
            {
                **VALUES,
                "attachments": [{"url": "https://x.example/gone.pdf", "displayName": "a.pdf"}],
            },
            {},
            HoldReason.ATTACHMENTS,
        ),
        (
            {
                **VALUES,
                "attachments": [{"url": "https://x.example/page.html", "displayName": "a.pdf"}],
            },
            {},
            HoldReason.ATTACHMENTS,
        ),
    ],
)
def test_what_looks_wrong_waits_for_a_person_and_shows_nowhere(
    values: dict[str, Any], fields: dict[str, Any], reason: HoldReason
) -> None:
    bench = Bench()
    bench.accept("sub-1", values=values, **fields)

    report = bench.intake.deliver_submissions(["sub-1"])

    assert (report.held, report.failures) == ({"sub-1": reason}, {})
    assert (bench.stage("sub-1"), bench.desk.made, bench.portal.rows) == (Stage.HELD, [], {})


def test_held_submission_that_is_released_is_delivered() -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "website": "https://no-spam.example"})
    bench.intake.deliver_submissions(["sub-1"])

    assert bench.inbox.release_submission("sub-1")
    bench.intake.deliver_submissions()

    assert bench.desk.sources() == ["sub-1"]
    assert not bench.inbox.release_submission("sub-1")


def test_flood_of_one_member_is_held_beyond_the_limit_and_nobody_elses() -> None:
    bench = Bench()
    limit = configuration().intake.submissions_per_hour
    for number in range(limit + 3):
        bench.accept(f"sub-{number:02}")
    bench.accept("other", member="member-2")

    bench.intake.deliver_submissions()

    assert len(bench.desk.sources(PRAIRIE_GOLD)) == limit
    assert bench.desk.sources(BALTIC) == ["other"]
    assert [one.id for one in bench.inbox.list_submissions(Stage.HELD, None, 100).submissions] == [
        f"sub-{number:02}" for number in range(limit, limit + 3)
    ]


def test_request_that_trading_grid_will_not_have_is_held_and_does_not_block() -> None:
    bench = Bench()
    bench.desk.refuse = lambda order: order.source_submission_id == "sub-1"
    bench.accept("sub-1")
    bench.accept("sub-2")

    report = bench.intake.deliver_submissions(["sub-1", "sub-2"])

    assert (report.held, list(report.delivered)) == ({"sub-1": HoldReason.REFUSED}, ["sub-2"])
    assert [error.code for error in report.refusals] == ["upstream_refused"]


@pytest.mark.parametrize(
    "error",
    [
        NotFound(system="trading_grid", status=404),
        UpstreamConflict(system="trading_grid", status=409),
    ],
)
def test_request_that_is_not_found_or_in_conflict_for_hours_holds_up_the_partner_no_longer(
    error: UpstreamError,
) -> None:
    bench = Bench()
    create_request = bench.desk.create_request

    def picky(request: NewRequest, key: str) -> CollaborationRequest:
        if request.source_submission_id == "sub-1":
            raise error
        return create_request(request, key)

    bench.desk.create_request = picky  # type: ignore[method-assign, assignment]
    bench.accept("sub-1")
    bench.accept("sub-2")

    assert list(bench.intake.deliver_submissions().failures) == ["sub-1", "sub-2"]
    bench.now += MAX_WAIT + timedelta(minutes=1)
    report = bench.intake.deliver_submissions()

    assert (report.held, list(report.delivered), report.failures) == (
        {"sub-1": HoldReason.REFUSED},
        ["sub-2"],
        {},
    )
