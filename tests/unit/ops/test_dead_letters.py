"""Dead letters by cause: what the journal says, and what the message itself says."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner, Result

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.errors import UpstreamError
from gridwix.models.journal import JournalEntry, JournalOutcome
from ops.aws import Aws
from ops.cli import app
from ops.dead_letters import (
    RUNNERS,
    CauseFinder,
    Selection,
    choose_letters,
    examine_dead_letters,
)
from ops.plans.models import HAS_CHANGES
from ops.queues import Redriven, read_depth, redrive_messages
from ops.stack import GATEWAY_OUTPUT, Stack, snake_case
from tests.factories import change
from tests.fakes.aws import OneAtATime, create_journal_table
from tests.unit.template.rules import load

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

FUNCTION = "status_publisher"
NOW = 1_795_000_000.0


def envelope(event_id: str) -> str:
    """A message of the bus about a change."""
    detail = change(event_id).model_dump(mode="json", by_alias=True)
    return json.dumps({"version": "0", "source": "gridwix.trading_grid", "detail": detail})


def entry(event_id: str, reason: str = "", at: float = NOW, **fields: Any) -> JournalEntry:
    outcome = JournalOutcome.DEFERRED if reason else JournalOutcome.DONE
    whole = JournalEntry(
        record="compliance-checks/chk_1",
        at=at,
        function=FUNCTION,
        outcome=outcome,
        event_id=event_id,
        event_type="compliance.status_changed",
        reason=reason,
    )
    return replace(whole, **fields)


def message(body: str, **attributes: str) -> "MessageTypeDef":
    found: Any = {
        "MessageId": body,
        "Body": body,
        "Attributes": {"SentTimestamp": "1795000000000"},
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }
    return cast("MessageTypeDef", found)


def cause(body: str, *entries: JournalEntry, function: str = FUNCTION, **attributes: str) -> str:
    """The cause of one message, given the journal's entries of each event."""
    finder = CauseFinder(function, lambda event: [one for one in entries if one.event_id == event])
    (letter,) = finder.letters([message(body, **attributes)])
    return letter.cause


def test_cause_is_the_reason_of_the_newest_entry() -> None:
    entries = [entry("e1", "upstream_throttled", NOW), entry("e1", "upstream_forbidden", NOW + 9)]

    assert cause(envelope("e1"), *entries) == "upstream_forbidden"


def test_cause_ignores_other_functions_and_other_events() -> None:
    entries = [
        entry("e1", "row_held"),
        entry("e1", "upstream_forbidden", NOW + 9, function="notice_publisher"),
        entry("e2", "source_behind", NOW + 10),
    ]

    assert cause(envelope("e1"), *entries) == "row_held"


def test_message_that_was_processed_since_is_done() -> None:
    assert cause(envelope("e1"), entry("e1", "row_held"), entry("e1", at=NOW + 9)) == "done"


@pytest.mark.parametrize(
    "body", ["", "no JSON", "[]", '{"detail": {"eventId": "e1"}}', '{"no": "detail"}']
)
def test_message_that_the_function_cannot_parse_is_malformed(body: str) -> None:
    assert cause(body, entry("e1", "row_held")) == "malformed"


def test_message_that_the_bus_could_not_deliver_is_undelivered() -> None:
    assert cause(envelope("e1"), ERROR_CODE="NO_PERMISSIONS") == "undelivered"


def test_redriven_message_that_failed_again_is_no_longer_undelivered() -> None:
    failed = entry("e1", "row_held")

    assert cause(envelope("e1"), failed, ERROR_CODE="NO_PERMISSIONS") == "row_held"


@pytest.mark.parametrize(
    ("function", "body"),
    [
        (FUNCTION, envelope("e1")),
        ("form_intake", '{"reason": "schedule"}'),
        ("partner_messenger", '{"reason": "schedule"}'),
        ("reconciler", '{"mode": "sweep"}'),
        ("trading_grid_feed", "anything"),
    ],
)
def test_message_of_which_nothing_is_known_is_unknown(function: str, body: str) -> None:
    assert cause(body, function=function) == "unknown"


def test_reconcilers_message_is_malformed_by_its_own_rules() -> None:
    assert cause('{"mode": "sideways"}', function="reconciler") == "malformed"


@pytest.mark.parametrize(("body", "expected"), [("{}", "unknown"), ("{", "malformed")])
def test_message_of_the_gateway_only_has_to_be_json(body: str, expected: str) -> None:
    assert cause(body, function="target_sender") == expected


def test_every_function_behind_a_queue_has_its_parser() -> None:
    outputs = load()["Outputs"]
    suffix = "DeadLetterQueueUrl"
    behind_queues = {
        snake_case(name.removesuffix(suffix)) for name in outputs if name.endswith(suffix)
    }

    assert behind_queues == set(RUNNERS)


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.queues.LONG_POLL", 0)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A stack of one function, with moto's queues and journal."""
    with mock_aws():
        session = boto3.Session(region_name="us-east-1")
        sqs, dynamodb = session.client("sqs"), session.client("dynamodb")
        outputs = {
            "StatusPublisherQueueUrl": sqs.create_queue(QueueName="queue")["QueueUrl"],
            "StatusPublisherDeadLetterQueueUrl": sqs.create_queue(QueueName="dead")["QueueUrl"],
            "JournalTableName": create_journal_table(OneAtATime(dynamodb)),
        }
        aws = SimpleNamespace(sqs=sqs, dynamodb=dynamodb)
        found = Stack("gridwix", outputs, cast("Aws", aws))
        monkeypatch.setattr(Stack, "read", lambda *_: found)
        yield found


def die(stack: Stack, *events: str, reason: str) -> None:
    """Leave dead letters of events, with their entries in the journal."""
    journal = DynamoDBJournal(stack.aws.dynamodb, stack.output("JournalTableName"), 86400)
    for event in events:
        bury(stack, envelope(event))
        journal.add([entry(event, "row_held", NOW - 60), entry(event, reason)])


def bury(stack: Stack, body: str) -> None:
    stack.aws.sqs.send_message(QueueUrl=stack.queue(FUNCTION).dead_letter_url, MessageBody=body)


def depths(stack: Stack) -> tuple[int, int]:
    """Numbers of messages that can be received now: of the queue, and of its dead letters."""
    pair = stack.queue(FUNCTION)
    return (
        read_depth(stack.aws.sqs, pair.url).waiting,
        read_depth(stack.aws.sqs, pair.dead_letter_url).waiting,
    )


def test_examination_counts_by_cause_and_leaves_everything_visible(stack: Stack) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    die(stack, *(f"f{number}" for number in range(12)), reason="upstream_forbidden")
    die(stack, "t1", "t2", reason="upstream_throttled")
    bury(stack, "no JSON")
    finder = CauseFinder.of(stack, FUNCTION)

    found = examine_dead_letters(
        stack, stack.queue(FUNCTION), finder, Selection("upstream_throttled")
    )

    assert {name: (count.number, count.selected) for name, count in found.causes.items()} == {
        "upstream_forbidden": (12, 0),
        "upstream_throttled": (2, 2),
        "malformed": (1, 0),
    }
    assert (found.number, found.selected, found.is_full) == (15, 2, False)
    assert all(before <= one.oldest <= one.newest for one in found.causes.values())
    assert depths(stack) == (0, 15)


def test_redrive_by_cause_moves_those_and_no_others(stack: Stack) -> None:
    die(stack, *(f"f{number}" for number in range(12)), reason="upstream_forbidden")
    die(stack, "t1", "t2", reason="upstream_throttled")
    choose = choose_letters(CauseFinder.of(stack, FUNCTION), Selection("upstream_forbidden"))

    result = redrive_messages(stack.aws.sqs, stack.queue(FUNCTION), choose=choose)

    assert result == Redriven(moved=12, refused=0, left=2)
    assert depths(stack) == (12, 2)


def test_selection_by_time_takes_what_was_sent_then_or_later() -> None:
    finder = CauseFinder(FUNCTION, None)
    (letter,) = finder.letters([message(envelope("e1"))])
    at = datetime.fromtimestamp(NOW, UTC)

    assert letter.sent_at == at
    assert Selection(since=at).matches(letter)
    assert not Selection(since=at + timedelta(milliseconds=1)).matches(letter)
    assert not Selection("row_held", since=at).matches(letter)


def test_redrive_when_the_journal_cannot_be_read_moves_nothing(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    die(stack, "e1", "e2", reason="row_held")
    stack.aws.dynamodb.delete_table(TableName=stack.output("JournalTableName"))
    choose = choose_letters(CauseFinder.of(stack, FUNCTION), Selection("row_held"))

    with pytest.raises(UpstreamError):
        redrive_messages(stack.aws.sqs, stack.queue(FUNCTION), choose=choose)

    assert depths(stack) == (0, 2)


def test_gateways_stack_is_asked_for_no_journal() -> None:
    gateway = Stack("hub", {GATEWAY_OUTPUT: "https://hub.example"}, cast("Aws", None))

    (letter,) = CauseFinder.of(gateway, "target_sender").letters([message("{}")])

    assert letter.cause == "unknown"


def redrive(*arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["redrive", "status-publisher", *arguments], env={"COLUMNS": "200"}
    )


def test_command_lists_by_cause_without_a_question_and_moves_nothing(stack: Stack) -> None:
    die(stack, "a", "b", "c", reason="upstream_forbidden")
    die(stack, "t", reason="row_held")

    result = redrive("--dry-run", "--cause", "upstream_forbidden", "--limit", "2")

    assert result.exit_code == HAS_CHANGES, result.output
    lines = [line.replace("│", " ").split() for line in result.stdout.splitlines()]
    assert ["upstream_forbidden", "3", "3"] in [line[:3] for line in lines]
    assert ["row_held", "1", "0"] in [line[:3] for line in lines]
    assert "2 of 4 would be moved" in result.stdout
    assert depths(stack) == (0, 4)


def test_command_moves_what_matches_and_tells_what_stays(stack: Stack) -> None:
    die(stack, "a", "b", reason="upstream_forbidden")
    die(stack, "t", reason="row_held")

    late = redrive("--since", "2100-01-01", "--yes")
    moved = redrive("--cause", "upstream_forbidden", "--since", "2020-01-01", "--yes")

    assert (late.exit_code, moved.exit_code) == (0, 0)
    assert "0 messages are back" in late.stdout
    assert "2 messages are back in the queue of status_publisher" in moved.stdout
    assert "1 other stays in the dead-letter queue" in moved.stdout
    assert depths(stack) == (2, 1)


def test_command_without_dead_letters_says_so(stack: Stack) -> None:
    result = redrive("--dry-run")

    assert (result.exit_code, "no dead letters of status_publisher" in result.stdout) == (0, True)


def test_command_asks_for_exactly_what_it_would_move(stack: Stack) -> None:
    die(stack, "a", reason="row_held")

    result = redrive("--cause", "row_held", "--since", "2026-11-28T09:30", "--limit", "3")

    assert result.exit_code == 2
    assert (
        "Move at most 3 dead letters of status_publisher with cause row_held"
        " sent since 2026-11-28 09:30 UTC back to its queue?"
    ) in result.stderr
    assert depths(stack) == (0, 1)


def test_command_says_when_messages_stay_hidden_and_when_there_may_be_more(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "ChangeMessageVisibilityBatch")

    die(stack, "a", "b", "c", reason="row_held")
    monkeypatch.setattr(stack.aws.sqs, "change_message_visibility_batch", denied)
    monkeypatch.setattr("ops.queues.MAX_HELD", 2)

    result = redrive("--dry-run")

    assert result.exit_code == HAS_CHANGES
    assert "SQS refused to show 2 messages at once: they are visible again in 15 min" in (
        result.stderr
    )
    assert "There may be more: one run looks at" in result.stderr
