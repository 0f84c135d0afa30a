"""The sentence that explains a row: one for each way in which the portal can differ."""

from dataclasses import replace

import pytest

from gridwix.clients.aws.refused import RefusedItem
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.models.wix import Refusal
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from ops.story.rows import Presence, RowState, explain_row

KEY = RowKey(CollectionId("OpenIssues"), WixItemId("case_1"))
SHOWN = LedgerEntry(
    KEY,
    revision=2,
    published=Versions(live={"cases/case_1": 7}),
    content_hash="abc",
    origin="evt_7",
)
CURRENT = RowState(KEY, SHOWN, wix=Presence.PRESENT, source={"cases/case_1": 7})
WAITING = JournalEntry(
    record="cases/case_1",
    at=1_780_000_000.25,
    function="notice_publisher",
    outcome=JournalOutcome.DEFERRED,
    event_id="evt_8",
    event_type="case.updated",
    version=8,
    attempt=2,
    reason="budget_exhausted",
    wait=4.0,
)
BEHIND = replace(CURRENT, source={"cases/case_1": 8}, attempts=[WAITING])


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (CURRENT, "The row is up to date: it was written for the event evt_7"),
        (
            BEHIND,
            "cases/case_1 version 8 is not on the row yet: notice_publisher waits"
            " (budget_exhausted, next attempt 2026-05-28 20:26:44.250)",
        ),
        (
            replace(
                BEHIND, attempts=[replace(WAITING, rows={"OpenIssues#case_1": "deferred:row_held"})]
            ),
            "cases/case_1 version 8 is not on the row yet: notice_publisher waits"
            " (row_held, next attempt 2026-05-28 20:26:44.250)",
        ),
        (
            replace(BEHIND, max_receives={"notice_publisher": 2}),
            "cases/case_1 version 8 is not on the row: notice_publisher gave up after 2 attempts"
            " (budget_exhausted), and the message is in its dead-letter queue."
            " After the cause is gone: `gridwix redrive notice-publisher`",
        ),
        (
            replace(CURRENT, source={"cases/case_1": 8}),
            "Trading Grid has version 8 of cases/case_1, and the row shows version 7:"
            " no event about it is waiting. The next sweep brings it, at the latest after"
            " SweepSchedule",
        ),
        (
            replace(CURRENT, wix=Presence.MISSING),
            "gridwix wrote the row, and Wix does not have it: somebody removed it."
            " `gridwix reconcile` writes it again",
        ),
        (
            replace(
                CURRENT,
                refusal=RefusedItem(Refusal(*KEY, "WDE0009", "too large"), "notice_publisher", 1.0),
            ),
            "Wix refused the row (WDE0009), so the portal shows its state before:"
            " correct the record (`gridwix refused` has the reason)",
        ),
        (
            replace(CURRENT, entry=replace(SHOWN, content_hash="")),
            "The row was removed, because its records say so",
        ),
        (
            replace(CURRENT, entry=None),
            "The row was never written, and no event about it is waiting:"
            " `gridwix resync` reads its records again",
        ),
        (
            replace(CURRENT, entry=replace(SHOWN, intended=Versions(live={"cases/case_1": 8}))),
            "A write was sent to Wix and its result is not known:"
            " the next attempt writes the row again",
        ),
    ],
)
def test_row_is_explained_in_one_sentence(state: RowState, sentence: str) -> None:
    assert explain_row(state) == sentence


def test_attempt_that_another_event_has_overtaken_is_no_reason() -> None:
    overtaken = replace(CURRENT, attempts=[replace(WAITING, version=6)])

    assert explain_row(overtaken) == explain_row(CURRENT)


def test_attempt_that_succeeded_later_is_no_reason() -> None:
    done = replace(WAITING, at=WAITING.at + 5, attempt=3, outcome=JournalOutcome.DONE)
    unversioned = [replace(attempt, version=None) for attempt in (WAITING, done)]

    assert explain_row(replace(CURRENT, attempts=unversioned)) == explain_row(CURRENT)
