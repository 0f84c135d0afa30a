"""From a case and its comments to the partner's open issue."""

from datetime import timedelta
from typing import Any

import pytest

from gridwix.mapping.texts import Texts
from gridwix.models.portal.open_issues import OpenIssueRow
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.wix import MAX_ITEM_BYTES
from gridwix.notice_publisher.open_issues import MAX_AFFECTED, MAX_HISTORY, open_issue
from tests.factories import NOW, case, comment, texts


def row(of: Case, comments: list[Comment], words: Texts | None = None) -> OpenIssueRow:
    issue = open_issue(of, comments, words or texts())
    assert issue is not None
    return issue


def test_open_issue_says_what_is_affected_and_what_to_do() -> None:
    reference = {
        "editype": "856",
        "standard": "x12",
        "poNumber": "4500187734",
        "shipmentId": "SHP-0093321",
        "exception": "acknowledgment_rejected",
        "errorCode": "SSCC_MISMATCH",
        "message": "MAN02 0061",
    }

    issue = row(
        case(
            transactionRefs=[reference], nextStep="Send the 856 again.", status="awaiting_partner"
        ),
        [],
    )

    assert issue.affected[0].model_dump(exclude_none=True) == {
        "name": "856 (X12)",
        "po_number": "4500187734",
        "shipment_id": "SHP-0093321",
        "exception": "acknowledgment_rejected",
        "problem": "Rejected",
        "error_code": "SSCC_MISMATCH",
    }
    assert (issue.next_step, issue.status_label, issue.category_label) == (
        "Send the 856 again.",
        "Waiting for you",
        "Ship notice (ASN)",
    )


def test_open_issue_shows_no_text_in_the_place_of_an_error_code() -> None:
    issue = row(case(transactionRefs=[{"errorCode": "price 4.15 of Dana Whitfield is wrong"}]), [])

    assert issue.affected[0].error_code is None


@pytest.mark.parametrize("visibility", ["internal", "hub_only", ""])
def test_open_issue_keeps_back_every_comment_that_is_not_public(visibility: str) -> None:
    said = [comment("cmt_1", "Public."), comment("cmt_2", "Consider a chargeback.", visibility)]

    assert [shown.text for shown in row(case(), said).comments] == ["Public."]


def test_open_issue_says_which_side_wrote_and_not_who() -> None:
    issue = row(
        case(),
        [
            comment("cmt_1", author="partner"),
            comment("cmt_2", author="internal"),
            comment("cmt_3", author="system"),
        ],
    )

    assert [shown.author for shown in issue.comments] == ["partner", "hub", "hub"]
    assert "Robin" not in issue.model_dump_json()


def test_open_issue_when_the_case_is_closed_stays_as_history() -> None:
    issue = row(case(status="closed"), [])

    assert (issue.open, issue.status_label) == (False, "Closed")


def test_open_issue_when_the_case_was_deleted_has_no_row() -> None:
    assert open_issue(case(deletedAt=NOW), [], texts()) is None


def test_open_issue_when_a_value_is_unknown_keeps_it_shows_a_neutral_label_and_counts_it() -> None:
    labels = texts()

    issue = row(case(status="on_the_moon"), [], labels)

    assert (issue.status, issue.status_label, issue.open) == ("on_the_moon", "In progress", True)
    assert labels.unknown == {"case.status=on_the_moon": 1}


def test_open_issue_with_very_many_comments_keeps_the_newest_and_fits_into_an_item() -> None:
    said = [
        comment(f"cmt_{n:04}", "x" * 9_000).model_copy(
            update={"created_at": NOW + timedelta(minutes=n)}
        )
        for n in range(300)
    ]

    issue = row(case(), said)

    assert (issue.earlier_comments or 0) + len(issue.comments) == 300
    assert issue.comments[-1].created_at == NOW + timedelta(minutes=299)
    assert len(issue.model_dump_json()) < MAX_ITEM_BYTES


def test_open_issue_says_how_many_affected_documents_it_has_no_room_for() -> None:
    several = [{"correlationId": f"c{number}"} for number in range(MAX_AFFECTED + 3)]

    assert row(case(transactionRefs=several), []).more_affected == 3
    assert row(case(transactionRefs=several[:MAX_AFFECTED]), []).more_affected is None


def test_open_issue_whose_next_step_was_answered_waits_for_the_hub_and_asks_no_more() -> None:
    asked = case(status="open", nextStep="Send the 856 again.")

    before, after = (
        row(asked, [comment()]),
        row(asked, [comment("cmt_1"), comment("cmt_2", "Sent.", author="partner")]),
    )

    assert (before.waits_for, before.next_step) == ("partner", "Send the 856 again.")
    assert (after.waits_for, after.next_step) == ("hub", None)


def status_change(status: str, hours: int, visibility: str = "public") -> dict[str, str]:
    moment = (NOW - timedelta(hours=hours)).isoformat()
    return {"status": status, "at": moment, "visibility": visibility, "author": "Robin Vega"}


def test_history_has_the_public_changes_of_the_status_in_order_and_no_person() -> None:
    history = [status_change("open", 2), status_change("new", 3)]

    issue = row(case(status="open", statusHistory=history), [])

    assert [change.model_dump() for change in issue.history] == [
        {"status": "new", "status_label": "New", "changed_at": NOW - timedelta(hours=3)},
        {"status": "open", "status_label": "In progress", "changed_at": NOW - timedelta(hours=2)},
    ]
    assert issue.earlier_changes is None
    assert "Robin" not in issue.model_dump_json()


@pytest.mark.parametrize("visibility", ["internal", "unheard_of", ""])
def test_history_never_shows_a_change_that_is_not_public(visibility: str) -> None:
    history = [status_change("new", 2), status_change("awaiting_internal", 1, visibility)]

    issue = row(case(status="open", statusHistory=history), [])

    assert [change.status for change in issue.history] == ["new"]


def test_history_keeps_the_newest_changes_and_counts_the_earlier_ones() -> None:
    hidden = [status_change("open", 500 + number, "internal") for number in range(9)]
    public = [
        status_change("open" if number % 2 else "awaiting_partner", number + 1)
        for number in range(MAX_HISTORY + 3)
    ]

    issue = row(case(status="open", statusHistory=hidden + public), [])

    assert len(issue.history) == MAX_HISTORY
    assert issue.history[-1].changed_at == NOW - timedelta(hours=1)
    assert issue.earlier_changes == 3


@pytest.mark.parametrize("absent", [{}, {"statusHistory": None}])
def test_history_of_a_gateway_without_one_is_empty_and_never_derived(
    absent: dict[str, Any],
) -> None:
    issue = row(case(status="awaiting_partner", **absent), [])

    assert (issue.history, issue.earlier_changes) == ((), None)


def test_history_counts_a_status_that_has_no_label() -> None:
    words = texts()

    issue = row(case(status="open", statusHistory=[status_change("parked", 1)]), [], words)

    assert (issue.history[0].status, issue.history[0].status_label) == ("parked", "In progress")
    assert words.unknown["case.status=parked"] == 1
