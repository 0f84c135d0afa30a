"""Ids that an operator copies from a list into the next command are printed whole."""

from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from gridwix.models.ids import PartnerId
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from gridwix.partner_requests.submissions import HoldReason, SubmissionPage
from ops.cli import app
from ops.commands import campaign, submissions
from tests.factories import NOW, PRAIRIE_GOLD, submission
from tests.printed import one_line_rows

IDS = [str(uuid4()) for _ in range(3)]


def printed(*arguments: str) -> list[list[str]]:
    """The rows of a list that a command prints into a pipe, by cell."""
    shown = CliRunner().invoke(app, arguments)
    assert shown.exit_code == 0, shown.output
    return [line.split(" | ") for line in one_line_rows(shown.output).splitlines() if "|" in line]


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(
        aws=SimpleNamespace(dynamodb=None), output=lambda name: name, parameters={}
    )
    for command in (campaign, submissions):
        monkeypatch.setattr(command, "Stack", SimpleNamespace(read=lambda *_: found))


def test_id_of_a_held_submission_is_printed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    form = str(uuid4())
    held = tuple(submission(one, form=form, held_for=HoldReason.REFUSED) for one in IDS)
    inbox = SimpleNamespace(list_submissions=lambda *_: SubmissionPage(held, None))
    monkeypatch.setattr(submissions, "DynamoDBSubmissionInbox", lambda *_, **__: inbox)

    rows = printed("submissions")

    assert [row[0] for row in rows] == IDS
    assert {row[2] for row in rows} == {form}


def test_id_of_a_failed_dispatch_is_printed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = "enrollments/enr_01J9PG/steps/insurance_certificate"

    def listed(state: DispatchState, _: int) -> list[Dispatch]:
        if state is not DispatchState.FAILED:
            return []
        whole = Dispatch(
            id="",
            campaign="compliance-review-completed",
            occasion="evt_1",
            subject=subject,
            partner_id=PartnerId(PRAIRIE_GOLD),
            since=NOW,
            due_at=NOW,
            channel="email",
            state=state,
            reason="upstream_not_found",
        )
        return [replace(whole, id=one) for one in IDS]

    outbox = SimpleNamespace(list_in_state=listed)
    monkeypatch.setattr(campaign, "DynamoDBOutbox", lambda *_: outbox)

    rows = printed("campaign", "failed")

    assert [row[0] for row in rows] == IDS
    assert {row[2] for row in rows} == {subject}
    assert {row[6] for row in rows} == {"upstream_not_found"}
