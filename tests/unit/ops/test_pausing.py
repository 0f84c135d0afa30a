"""Pausing functions: messages wait, the state is told as it is, and repeating changes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner, Result

from ops import confirmation
from ops.aws import Aws
from ops.cli import app
from ops.consumers import Consumer, FunctionState, read_consumers
from ops.errors import StackError
from ops.pause_notes import PauseNote, read_note, write_note
from ops.pausing import pause_functions, read_switch, resume_functions
from ops.stack import Stack
from ops.waiting import Standstill
from tests.fakes.event_sources import CHANGED, SlowMappings

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
FOURTEEN_DAYS = 14 * 86400


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.pausing.POLL", 0.0)


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A stack of two functions that run, with moto's queues."""
    with mock_aws():
        session = boto3.Session(region_name="us-east-1")
        sqs, outputs, states = session.client("sqs"), dict[str, str](), dict[str, str]()
        for name in ("StatusPublisher", "NoticePublisher"):
            for kind, suffix in (("queue", "QueueUrl"), ("dead", "DeadLetterQueueUrl")):
                url = sqs.create_queue(
                    QueueName=f"{name}-{kind}",
                    Attributes={"MessageRetentionPeriod": str(FOURTEEN_DAYS)},
                )["QueueUrl"]
                outputs[f"{name}{suffix}"] = url
                if kind == "queue":
                    states[arn_of(sqs, url)] = "Enabled"
        aws = SimpleNamespace(
            sqs=sqs,
            functions=SlowMappings(states),
            cloudwatch=session.client("cloudwatch"),
            caller="assumed-role/Operations/ann@hub.example",
        )
        yield Stack("gridwix", outputs, cast("Aws", aws))


def arn_of(sqs: Any, url: str) -> str:
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(found["Attributes"]["QueueArn"])


def mappings(stack: Stack) -> SlowMappings:
    return cast("SlowMappings", stack.aws.functions)


def states(stack: Stack) -> set[str]:
    return set(mappings(stack).states.values())


def note_of(stack: Stack, name: str = "status_publisher") -> PauseNote | None:
    return read_note(stack.aws.sqs, stack.queue(name).url)


def pause(stack: Stack, *names: str, by: str = "user/ann", now: datetime = NOW) -> None:
    chosen = names or ("status_publisher",)
    pause_functions(stack, [read_switch(stack, stack.queue(name)) for name in chosen], by, now)


def resume(stack: Stack, *names: str) -> None:
    chosen = names or ("status_publisher",)
    resume_functions(stack, [read_switch(stack, stack.queue(name)) for name in chosen])


def consumers(stack: Stack) -> dict[str, Consumer]:
    return {one.name: one for one in read_consumers(stack, {}, {})}


def test_pause_waits_until_lambda_no_longer_reads_the_queue_and_notes_who_paused(
    stack: Stack,
) -> None:
    pause(stack)

    assert states(stack) == {"Disabled", "Enabled"}
    assert read_switch(stack, stack.queue("status_publisher")).is_paused
    assert note_of(stack) == PauseNote(NOW, "user/ann")
    assert note_of(stack, "notice_publisher") is None


def test_resume_waits_until_lambda_reads_the_queue_and_removes_the_note(stack: Stack) -> None:
    pause(stack)

    resume(stack)

    assert states(stack) == {"Enabled"}
    assert note_of(stack) is None


def test_pause_of_a_paused_function_changes_neither_its_mapping_nor_its_note(stack: Stack) -> None:
    pause(stack)

    pause(stack, by="user/bob", now=NOW + timedelta(days=1))

    assert note_of(stack) == PauseNote(NOW, "user/ann")
    assert sum(mappings(stack).updates.values()) == 1


def test_resume_of_a_running_function_updates_nothing(stack: Stack) -> None:
    resume(stack)

    assert sum(mappings(stack).updates.values()) == 0


def test_pause_of_a_function_that_was_disabled_by_hand_notes_the_time_of_that(
    stack: Stack,
) -> None:
    (arn,) = [arn for arn in mappings(stack).states if "Status" in arn]
    mappings(stack).states[arn] = "Disabled"

    pause(stack)

    assert note_of(stack) == PauseNote(CHANGED, "user/ann")


@pytest.mark.parametrize("state", ["Enabling", "Disabling"])
def test_pause_of_a_mapping_that_is_changing_waits_for_it_first(stack: Stack, state: str) -> None:
    for arn in mappings(stack).states:
        mappings(stack).states[arn] = state

    pause(stack, "status_publisher", "notice_publisher")

    assert states(stack) == {"Disabled"}
    assert mappings(stack).refused == 0


def test_pause_when_another_change_comes_between_look_and_update_tries_again(
    stack: Stack,
) -> None:
    def interrupt(arn: str) -> None:
        mappings(stack).on_update = lambda arn: None
        mappings(stack).states[arn] = "Enabling"
        raise mappings(stack).exceptions.ResourceInUseException

    mappings(stack).on_update = interrupt

    pause(stack)

    assert read_switch(stack, stack.queue("status_publisher")).is_paused


def test_pause_that_lambda_never_carries_out_is_an_error_and_no_note(stack: Stack) -> None:
    mappings(stack)._looks = 10**9
    switches = [read_switch(stack, stack.queue("status_publisher"))]

    with pytest.raises(Standstill, match="Disabled of status_publisher"):
        pause_functions(stack, switches, "user/ann", NOW, wait=0.05)

    assert note_of(stack) is None


def test_interrupted_resume_leaves_no_note_that_is_out_of_date(stack: Stack) -> None:
    def fail(_: str) -> None:
        raise KeyboardInterrupt

    pause(stack)
    mappings(stack).on_update = fail

    with pytest.raises(KeyboardInterrupt):
        resume(stack)

    assert note_of(stack) is None


def test_queue_without_a_mapping_cannot_be_paused(stack: Stack) -> None:
    mappings(stack).states.clear()

    with pytest.raises(StackError, match="no event source mapping"):
        pause(stack)


def test_messages_of_a_paused_function_stay_in_its_queue(stack: Stack) -> None:
    pause(stack)
    stack.aws.sqs.send_message(QueueUrl=stack.queue("status_publisher").url, MessageBody="{}")

    assert read_switch(stack, stack.queue("status_publisher")).waiting == 1


def test_note_holds_only_what_a_tag_may_hold(stack: Stack) -> None:
    url = stack.queue("status_publisher").url

    write_note(stack.aws.sqs, url, PauseNote(NOW, "assumed-role/X/a,b!" + "c" * 300))

    found = read_note(stack.aws.sqs, url)
    assert found is not None
    assert found.by.startswith("assumed-role/X/a_b_ccc")
    assert len(found.by) == 256


def test_note_of_another_program_is_no_note(stack: Stack) -> None:
    url = stack.queue("status_publisher").url
    stack.aws.sqs.tag_queue(QueueUrl=url, Tags={"gridwix:paused-at": "yesterday"})

    assert read_note(stack.aws.sqs, url) is None


def test_status_says_since_when_and_by_whom_a_function_is_paused_and_how_it_runs_again(
    stack: Stack,
) -> None:
    began = datetime.now(UTC) - timedelta(hours=3)
    pause(stack, now=began)
    stack.aws.sqs.send_message(QueueUrl=stack.queue("status_publisher").url, MessageBody="{}")

    found = consumers(stack)

    fault = found["status_publisher"].fault
    assert fault is not None
    assert "paused for 3 h, since " + f"{began:%Y-%m-%d %H:%M} UTC by user/ann" in fault
    assert "`gridwix resume status-publisher`" in fault
    assert "1 messages wait; the queue keeps a message for 14 days" in fault
    assert "update-event-source-mapping" not in fault
    assert found["notice_publisher"].fault is None


def test_status_tells_a_mapping_that_was_disabled_by_hand_from_a_pause(stack: Stack) -> None:
    for arn in mappings(stack).states:
        mappings(stack).states[arn] = "Disabled"

    fault = consumers(stack)["status_publisher"].fault

    assert fault is not None
    assert "(Disabled, since 2026-11-26 08:15 UTC), and not by `gridwix pause`" in fault


def test_status_without_the_permission_for_tags_still_tells_that_a_function_is_off(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause(stack)
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListQueueTags")

    def deny(*_: object) -> None:
        raise denied

    monkeypatch.setattr("ops.consumers.read_note", deny)

    fault = consumers(stack)["status_publisher"].fault

    assert fault is not None
    assert "is disabled" in fault


def test_status_reads_no_tags_of_functions_that_run(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.consumers.read_note", lambda *_: pytest.fail("read"))

    assert all(one.fault is None for one in consumers(stack).values())


def test_a_function_that_is_broken_and_paused_is_told_by_its_fault(stack: Stack) -> None:
    pause(stack)

    broken = {"status_publisher": FunctionState(reserved=0)}
    (found, _) = read_consumers(stack, broken, {})

    assert found.fault is not None
    assert found.fault.startswith("the function is throttled")


def run(stack: Stack, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.setattr("ops.commands.pause.Stack.read", lambda *_: stack)
    monkeypatch.setattr("ops.commands.pause.Aws", lambda: None)
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


def test_command_pauses_and_resumes_and_says_so(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused = run(stack, monkeypatch, "pause", "status-publisher", "--yes")
    again = run(stack, monkeypatch, "pause", "status-publisher")
    note = note_of(stack)
    resumed = run(stack, monkeypatch, "resume", "status-publisher", "--yes")
    once_more = run(stack, monkeypatch, "resume", "status-publisher")

    assert [one.exit_code for one in (paused, again, resumed, once_more)] == [0, 0, 0, 0]
    assert "status_publisher is paused: its queue keeps a message for 14 days" in paused.output
    assert note is not None
    assert note.by == "assumed-role/Operations/ann@hub.example"
    assert "is paused already, since" in again.output
    assert "by assumed-role/Operations/ann@hub.example" in again.output
    assert "status_publisher runs again" in resumed.output
    assert "status_publisher is not paused" in once_more.output


def test_command_pauses_and_resumes_all(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    run(stack, monkeypatch, "pause", "notice-publisher", "--yes")

    paused = run(stack, monkeypatch, "pause", "--all", "--yes")
    assert (paused.exit_code, states(stack)) == (0, {"Disabled"})
    assert "notice_publisher is paused already" in paused.output

    assert run(stack, monkeypatch, "resume", "--all", "--yes").exit_code == 0
    assert states(stack) == {"Enabled"}


@pytest.mark.parametrize("command", ["pause", "resume"])
@pytest.mark.parametrize("arguments", [(), ("status-publisher", "--all")])
def test_command_needs_one_function_or_all(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, command: str, arguments: tuple[str, ...]
) -> None:
    result = run(stack, monkeypatch, command, *arguments, "--yes")

    assert (result.exit_code, states(stack)) == (2, {"Enabled"})
    assert "name one function, or --all" in result.output


def test_command_without_a_terminal_refuses_and_changes_nothing(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause(stack, "notice_publisher")

    refused = run(stack, monkeypatch, "pause", "status-publisher")
    still = run(stack, monkeypatch, "resume", "notice-publisher")

    assert (refused.exit_code, still.exit_code) == (2, 2)
    assert "--yes" in refused.stderr
    assert sum(mappings(stack).updates.values()) == 1
    assert note_of(stack, "notice_publisher") is not None


def test_command_in_a_terminal_asks_and_does_what_is_answered(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmation, "has_terminal", lambda: True)
    monkeypatch.setattr("ops.commands.pause.Stack.read", lambda *_: stack)

    no = CliRunner().invoke(app, ["pause", "status-publisher"], input="n\n")
    unchanged = states(stack)
    yes = CliRunner().invoke(app, ["pause", "status-publisher"], input="y\n")

    assert (no.exit_code, unchanged) == (1, {"Enabled"})
    assert (yes.exit_code, states(stack)) == (0, {"Disabled", "Enabled"})
    assert "Pause status_publisher?" in yes.stderr
