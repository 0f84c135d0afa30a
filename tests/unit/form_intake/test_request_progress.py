"""A delivered request and ``request_publisher``: progress and questions reach the same row."""

from gridwix.errors import SourceBehind
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PARTNER_REQUESTS
from gridwix.request_publisher.service import RequestPublisher
from gridwix.runtime.configuration import configuration
from tests.factories import change, comment, request
from tests.fakes.trading_grid import FakeTradingGrid
from tests.unit.form_intake.intake_bench import Bench


class Grid(FakeTradingGrid):
    """Trading Grid with collaboration requests."""


def test_progress_of_a_request_is_followed_to_the_portal() -> None:
    bench = Bench()
    grid = Grid()
    bench.accept("sub-1")
    bench.intake.deliver_submissions()
    publisher = RequestPublisher(grid, bench.inbox, bench.rows, configuration())
    grid.put(
        request(
            "req_1",
            2,
            number="CR-1",
            status="waiting_on_partner",
            nextStep="Send us the price file.",
            sourceSubmissionId="sub-1",
        )
    )
    moved = change(type="request.status_changed", subject="collaboration-requests/req_1", version=2)

    reports = [publisher.publish([moved]) for _ in range(2)]

    row = bench.row("sub-1")
    assert (row["statusLabel"], row["nextStep"], row["memberId"]) == (
        "Waiting for you",
        "Send us the price file.",
        "member-1",
    )
    assert all(report.failure(moved) is None for report in reports)
    assert len(list(bench.portal.history((PARTNER_REQUESTS, WixItemId("sub-1"))))) == 2


def test_question_of_the_team_reaches_the_row_and_no_comment_of_an_unseen_request_is_read() -> None:
    bench = Bench()
    grid = Grid(
        asked={
            "req_1": [comment("cmt_1", "Which price?"), comment("cmt_2", "Careful.", "internal")]
        }
    )
    bench.accept("sub-1")
    bench.intake.deliver_submissions()
    publisher = RequestPublisher(grid, bench.inbox, bench.rows, configuration())
    grid.put(
        request("req_1", 3, number="CR-1", status="waiting_on_partner", sourceSubmissionId="sub-1"),
        request("req_2", 1, sourceSubmissionId=None),
    )
    asked = [
        change(
            f"e{n}", type="request.commented", subject=f"collaboration-requests/req_{n}", version=1
        )
        for n in (1, 2)
    ]

    report = publisher.publish(asked)

    row = bench.row("sub-1")
    assert [one["text"] for one in row["comments"]] == ["Which price?"]
    assert (row["answerable"], report.reasons, grid.calls) == (True, {}, 3)


def test_gateway_without_comments_on_requests_gives_a_row_that_takes_no_answer() -> None:
    bench = Bench()
    grid = Grid(asked=None)
    grid.put(request("req_1", 3, status="waiting_on_partner", sourceSubmissionId="sub-1"))
    publisher = RequestPublisher(grid, bench.inbox, bench.rows, configuration())

    publisher.publish(
        [change(type="request.status_changed", subject="collaboration-requests/req_1", version=3)]
    )

    assert bench.row("sub-1")["answerable"] is False


def test_progress_that_cannot_be_read_yet_comes_again_and_one_from_elsewhere_is_nothing() -> None:
    bench = Bench()
    grid = Grid()
    publisher = RequestPublisher(grid, bench.inbox, bench.rows, configuration())
    grid.put(request("req_1", 1), request("req_2", 1, sourceSubmissionId=None))
    behind, foreign, unknown = (
        change(
            f"e{number}",
            type="request.status_changed",
            subject=f"collaboration-requests/req_{number}",
            version=version,
        )
        for number, version in ((1, 2), (2, 1), (3, 1))
    )

    report = publisher.publish([behind, foreign, unknown])

    assert isinstance(report.failure(behind), SourceBehind)
    assert report.failure(foreign) is None
    assert isinstance(report.failure(unknown), SourceBehind)
    assert bench.portal.rows == {}
