"""A pause under load, and a redrive by cause: nothing lost and nothing doubled, with the documented
permissions and no more.

The local cloud runs alone here, with one small function that logs each message that it gets.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

import boto3
import pytest

from ops.aws import Aws
from ops.dead_letters import CauseFinder, Selection, choose_letters, examine_dead_letters
from ops.local_cloud import KEY, REGION, LocalCloud, local_cloud
from ops.logs import read_lines
from ops.paths import ROOT
from ops.pausing import pause_functions, read_switch, resume_functions
from ops.queues import read_depth, redrive_messages
from ops.stack import QueuePair, Stack
from ops.waiting import wait_for
from tests.factories import change
from tests.fakes.aws import OneAtATime, create_journal_table

CODE = """
def handler(event, context):
    for record in event["Records"]:
        print(record["body"])
"""

LAMBDA: Any = {"Service": "lambda.amazonaws.com"}
FUNCTION = "status_publisher"
BATCHED = ("sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
LOGS = "/aws/lambda/listener"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    with local_cloud(tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(scope="module")
def stack(cloud: LocalCloud) -> Stack:
    """A queue with its function, the dead-letter queue, and an empty journal."""
    aws = cloud.aws()
    dead = aws.sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = json.dumps({"deadLetterTargetArn": _arn(aws, dead), "maxReceiveCount": 2})
    queue = aws.sqs.create_queue(
        QueueName="queue", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "30"}
    )["QueueUrl"]
    _create_role(_session(cloud, KEY, KEY).client("iam", endpoint_url=cloud.endpoint))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("listener.py", CODE)
    aws.logs.create_log_group(logGroupName=LOGS)
    aws.functions.create_function(
        FunctionName="listener",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/listener",
        Handler="listener.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    aws.functions.create_event_source_mapping(
        EventSourceArn=_arn(aws, queue), FunctionName="listener", BatchSize=5
    )
    outputs = {
        "StatusPublisherQueueUrl": queue,
        "StatusPublisherDeadLetterQueueUrl": dead,
        "JournalTableName": create_journal_table(OneAtATime(aws.dynamodb)),
    }
    return Stack("gridwix", outputs, aws)


@pytest.fixture(scope="module")
def operator(cloud: LocalCloud, stack: Stack) -> Stack:
    """The stack, for somebody with the permissions that docs/command.md gives these commands."""
    iam = _session(cloud, KEY, KEY).client("iam", endpoint_url=cloud.endpoint)
    iam.create_user(UserName="ann")
    actions = documented_actions("`pause`, `resume`") | documented_actions("`redrive`")
    # AWS checks the single call's name for a batch of them, too; the local cloud checks the batch's
    # own.
    actions |= {f"{action}Batch" for action in actions if action in BATCHED}
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
    iam.put_user_policy(
        UserName="ann",
        PolicyName="control",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    session = _session(cloud, key["AccessKeyId"], key["SecretAccessKey"])
    return Stack(stack.name, stack.outputs, Aws(session, cloud.endpoint))


def documented_actions(command: str) -> set[str]:
    """The actions in the row of a command in the documentation's table of permissions."""
    (row,) = re.findall(
        rf"^\| {command} \| (.*(?:sqs|dynamodb):.*) \|$",
        (ROOT / "docs/command.md").read_text(),
        re.MULTILINE,
    )
    return set(re.findall(r"`(\w+:\w+)`", row))


def _session(cloud: LocalCloud, key: str, secret: str) -> boto3.Session:
    return boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)


def _arn(aws: Aws, url: str) -> str:
    found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(found["Attributes"]["QueueArn"])


def _create_role(iam: Any) -> None:
    trust = {"Effect": "Allow", "Principal": LAMBDA, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="listener",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    grant = {"Effect": "Allow", "Action": ["sqs:*", "logs:*"], "Resource": "*"}
    iam.put_role_policy(
        RoleName="listener",
        PolicyName="listen",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [grant]}),
    )


def envelope(event_id: str) -> str:
    """A message of the bus about a change."""
    return json.dumps({"detail": change(event_id).model_dump(mode="json", by_alias=True)})


def pair_of(stack: Stack) -> QueuePair:
    return stack.queue(FUNCTION)


def heard(stack: Stack) -> Mapping[int, int]:
    """How often the function got each number."""
    found: dict[int, int] = {}
    for line in read_lines(stack.aws.logs, LOGS, 0, limit=10_000):
        if "number" in line.fields:
            found[line.fields["number"]] = found.get(line.fields["number"], 0) + 1
    return found


def test_pause_under_load_loses_and_doubles_nothing(stack: Stack, operator: Stack) -> None:
    sent: list[int] = []
    stopped = Event()

    def send() -> None:
        while not stopped.wait(0.01):
            body = json.dumps({"number": len(sent)})
            stack.aws.sqs.send_message(QueueUrl=pair_of(stack).url, MessageBody=body)
            sent.append(len(sent))

    sender = Thread(target=send)
    sender.start()
    try:
        wait_for(lambda: heard(stack), "messages before the pause", poll=0.2)
        switch = read_switch(operator, pair_of(operator))
        pause_functions(operator, [switch], operator.aws.caller, datetime.now(UTC))
        wait_for(
            lambda: read_depth(stack.aws.sqs, pair_of(stack).url).in_flight == 0,
            "the last batch to end",
        )
        before, begun = sum(heard(stack).values()), len(sent)
        wait_for(lambda: len(sent) >= begun + 100, "messages during the pause")
        paused = read_switch(operator, pair_of(operator))
        during = sum(heard(stack).values())
        resume_functions(operator, [paused])
    finally:
        stopped.set()
        sender.join()
    wait_for(
        lambda: set(heard(stack)) == set(sent),
        "every message",
        progress=lambda: len(heard(stack)),
        poll=0.2,
    )

    assert during == before
    assert paused.is_paused
    assert paused.note is not None
    assert paused.note.by == "user/ann"
    assert paused.waiting >= 100
    assert set(heard(stack).values()) == {1}
    assert read_depth(stack.aws.sqs, pair_of(stack).dead_letter_url).total == 0
    assert read_switch(operator, pair_of(operator)).note is None


def test_redrive_by_cause_needs_no_more_than_its_documented_permissions(
    stack: Stack, operator: Stack
) -> None:
    pair, finder = pair_of(operator), CauseFinder.of(operator, FUNCTION)
    readable = envelope("evt_1")
    for number in range(13):
        body = "no JSON" if number % 2 else readable
        stack.aws.sqs.send_message(QueueUrl=pair.dead_letter_url, MessageBody=body)

    found = examine_dead_letters(operator, pair, finder, Selection("unknown"))
    visible = read_depth(stack.aws.sqs, pair.dead_letter_url).waiting
    moved = redrive_messages(
        operator.aws.sqs, pair, choose=choose_letters(finder, Selection("unknown"))
    )

    assert {name: (count.number, count.selected) for name, count in found.causes.items()} == {
        "malformed": (6, 0),
        "unknown": (7, 7),
    }
    assert visible == 13
    assert (moved.moved, moved.left) == (7, 6)
    assert read_depth(stack.aws.sqs, pair.dead_letter_url).waiting == 6


def test_documented_permissions_are_found() -> None:
    assert "lambda:UpdateEventSourceMapping" in documented_actions("`pause`, `resume`")
    assert "sqs:ChangeMessageVisibility" in documented_actions("`redrive`")
