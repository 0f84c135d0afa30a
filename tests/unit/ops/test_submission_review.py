"""``gridwix submissions``: pages, filters, and what an operator does, one by one and in bulk."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.errors import RecordFault
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Stage, SubmissionPage
from ops.cli import app
from ops.commands import submissions
from ops.stack import Stack
from tests.factories import NOW, submission
from tests.fakes.aws import OneAtATime, as_client, create_journal_table, create_table
from tests.fakes.intake import FakeInbox

SPAM = 281


class Desk:
    """A stack whose inbox has a real question under a pile of spam."""

    def __init__(self, patch: pytest.MonkeyPatch, tables: OneAtATime) -> None:
        self.inbox, self.sent = FakeInbox(), list[str]()
        self.journal = DynamoDBJournal(as_client(tables), create_journal_table(tables))
        sqs = SimpleNamespace(send_message=lambda **sent: self.sent.append(sent["MessageBody"]))
        aws: Any = SimpleNamespace(dynamodb=as_client(tables), sqs=sqs)
        outputs = {
            "SubmissionTableName": "table",
            "FormIntakeQueueUrl": "url",
            "JournalTableName": self.journal.table,
        }
        patch.setattr(Stack, "read", lambda *_: Stack("gridwix", outputs, aws))
        patch.setattr(submissions, "DynamoDBSubmissionInbox", lambda *_, **__: self.inbox)
        for number in range(SPAM):
            self.hold(f"spam-{number:03}", HoldReason.HONEYPOT, number)
        self.hold("real", HoldReason.TOO_MANY, SPAM)
        self.inbox.accept(submission("open", values={"question": "Dana?"}))

    def hold(self, identifier: str, reason: HoldReason, minutes: int) -> None:
        self.inbox.accept(
            submission(
                identifier,
                stage=Stage.HELD,
                held_for=reason,
                held_detail="KeyError in form_intake/x:1" if reason is HoldReason.FAILED else "",
                received_at=NOW + timedelta(minutes=minutes),
                values={"email": f"{identifier}@spam.example", "accepted": True}
                if reason is HoldReason.HONEYPOT
                else {"email": "ap@prairiegold.example"},
            )
        )

    def run(self, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, ["submissions", *arguments])
        assert result.exit_code == code, result.output
        return result

    def read(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)

    def stages(self) -> set[Stage]:
        return {one.stage for name, one in self.inbox.submissions.items() if name != "open"}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tables: OneAtATime) -> Desk:
    return Desk(monkeypatch, tables)


def test_list_has_pages_and_says_how_many_there_are(desk: Desk) -> None:
    pages = [desk.read("--page", str(page)) for page in (1, 2, 3, 4)]

    assert [len(page["submissions"]) for page in pages] == [100, 100, 82, 0]
    assert [page["more"] for page in pages] == [True, True, False, False]
    assert {page["total"] for page in pages} == {SPAM + 1}
    assert "Page 1 of 3" in desk.run().output
    assert "281 honeypot, 1 too_many" in desk.run().output
    assert "There is no page 4: the last one is 3" in desk.run("--page", "4").output
    assert "No submission that the filters match is held" in desk.run("--form", "none").output


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["--reason", "too_many"], ["real"]),
        (["--form", "no-such-form"], []),
        (["--since", "2026-03-12T18:45"], ["spam-280", "real"]),
        (["--until", "2026-03-12T14:06"], ["spam-000"]),
        (["--waiting"], ["open"]),
        (["--email", " AP@prairiegold.example"], ["real"]),
        (["--email", "ap"], []),
    ],
)
def test_filter_finds_what_is_buried(desk: Desk, filters: list[str], found: list[str]) -> None:
    entries = desk.read(*filters)["submissions"]

    assert [entry["id"] for entry in entries] == found


def test_all_that_a_filter_matches_is_removed_for_good_and_is_in_the_journal(desk: Desk) -> None:
    answer = desk.read("--reason", "honeypot", "--remove-all", "--yes")

    assert (answer["change"], len(answer["changed"])) == ("removed", SPAM)
    assert [one["id"] for one in desk.read()["submissions"]] == ["real"]
    gone = desk.inbox.submissions["spam-007"]
    assert (gone.stage, gone.values, gone.row_due) == (Stage.REMOVED, {}, True)
    (entry,) = desk.journal.of_record("submissions/spam-007", limit=5)
    assert (entry.function, entry.reason) == ("gridwix submissions", "removed by an operator")
    assert desk.sent == ['{"reason": "release"}']


def test_several_are_released_at_once_and_one_that_is_not_held_is_named(desk: Desk) -> None:
    answer = desk.read("--release", "real", "--release", "open", "--yes")

    assert (answer["changed"], answer["unchanged"]) == (["real"], ["open"])
    assert desk.inbox.submissions["real"].released


@pytest.mark.parametrize("again", [False, True])
def test_one_that_waits_is_held_and_no_run_delivers_it(desk: Desk, again: bool) -> None:
    desk.run("--hold", "open", "--yes")
    # The same once more, as after an answer that was lost.
    answer = desk.read("--hold", "open", "--yes") if again else None

    held = desk.inbox.submissions["open"]
    assert (held.stage, held.held_for) == (Stage.HELD, HoldReason.OPERATOR)
    assert answer is None or answer["changed"] == ["open"]
    assert desk.sent == []


@pytest.mark.parametrize("option", ["--remove", "--hold", "--release"])
def test_change_needs_an_answer_and_without_one_nothing_is_changed(desk: Desk, option: str) -> None:
    before = dict(desk.inbox.submissions)

    desk.run(option, "real", code=2)

    assert desk.inbox.submissions == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--remove-all", "--yes"], "with a filter (--reason, --form, --since, --until, --email)"),
        (["--remove-all", "--email", " ", "--yes"], "with a filter"),
        (["--release-all", "--waiting", "--form", "x", "--yes"], "leave out --waiting"),
        (["--release", "real", "--remove", "open", "--yes"], "one at a time"),
        (["--release", "real", "--release-all", "--yes"], "one at a time"),
        (["--remove-all", "--reason", "refused", "--yes"], "no submission matches"),
        (["--release", "open", "--yes"], "`gridwix trace open` tells what became"),
        (["--hold", "real", "--yes"], "no submission real is waiting"),
    ],
)
def test_change_that_means_everything_or_nothing_is_refused(
    desk: Desk, arguments: list[str], said: str
) -> None:
    before = dict(desk.inbox.submissions)

    shown = desk.run(*arguments, code=1)

    assert said in str(shown.exception)
    assert desk.inbox.submissions == before


def test_what_cannot_be_read_is_listed_with_the_reason_and_can_be_removed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = RecordFault("submissions/spam-000", "ValueError in partner_requests/x:1")
    page = SubmissionPage((), None, (fault,))
    monkeypatch.setattr(desk.inbox, "list_submissions", lambda *_: page)

    (entry,) = desk.read("--reason", "unreadable")["submissions"]
    desk.run("--remove", "spam-000", "--yes")

    assert (entry["id"], entry["detail"]) == ("spam-000", fault.reason)
    assert desk.inbox.submissions["spam-000"].stage is Stage.REMOVED


def test_what_waits_and_cannot_be_read_is_held_and_then_removed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tables: OneAtATime
) -> None:
    table = create_table(tables, "id", index=("waiting", "waiting", "receivedAt"))
    inbox = DynamoDBSubmissionInbox(as_client(tables), table)
    monkeypatch.setattr(desk, "inbox", inbox)
    item = {"id": "odd", "waiting": "open", "stage": "open", "receivedAt": "some day"}
    as_client(tables).put_item(TableName=table, Item={key: {"S": item[key]} for key in item})

    held = desk.run("--hold", "odd", "--yes").output
    (entry,) = desk.read()["submissions"]
    removed = desk.run("--remove", "odd", "--yes").output

    assert "Submission odd is held for review" in held
    assert "cannot be read. `gridwix submissions --remove odd` removes" in " ".join(held.split())
    assert (entry["id"], entry["heldFor"]) == ("odd", "unreadable")
    assert [one.reason for one in desk.journal.of_record("submissions/odd", limit=5)] == [
        "held by an operator",
        "removed by an operator",
    ]
    assert "is removed" in removed
    assert desk.read()["total"] == 0
