"""The journal's verdicts: each decision not to write has its own word."""

import pytest

from gridwix.errors import RowHeld
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.publication.changes import ChangeReport, journal_rows
from gridwix.publication.models import RowKey, Versions
from gridwix.publication.publisher import RowReport, Verdict
from tests.factories import change

ROW = RowKey(CollectionId("OpenIssues"), WixItemId("case_1"))
NAME = "OpenIssues#case_1"


def verdicts(rows: RowReport, version: int | None = 7) -> dict[str, str]:
    one = change(subject="cases/case_1", version=version)
    return journal_rows(ChangeReport.for_changes([one], [ROW]) + rows, one)


@pytest.mark.parametrize(
    ("announced", "shown", "verdict"),
    [(7, 7, "unchanged"), (7, 6, "unchanged"), (7, 8, "older"), (None, 8, "unchanged")],
)
def test_change_that_is_older_than_its_row_is_told_from_one_that_changes_nothing(
    announced: int | None, shown: int, verdict: str
) -> None:
    rows = RowReport.of_unchanged({ROW: Versions(live={"cases/case_1": shown})})

    assert verdicts(rows, announced) == {NAME: verdict}


def test_change_of_a_record_that_is_settled_in_a_newer_version_is_older() -> None:
    rows = RowReport.of_unchanged({ROW: Versions(settled={"cases/case_1": 9})})

    assert verdicts(rows) == {NAME: "older"}


def test_row_that_waits_has_its_reason() -> None:
    assert verdicts(RowReport.of_deferred({ROW: RowHeld()})) == {NAME: "deferred:row_held"}


def test_row_that_is_written_is_never_older() -> None:
    assert verdicts(RowReport.of_verdict(Verdict.WRITTEN, [ROW])) == {NAME: "written"}
