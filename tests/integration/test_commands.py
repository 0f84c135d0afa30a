"""The command against a running stack, configured by the AWS environment like an operator's."""

import json
import os
import re
import subprocess
import time
from typing import Any

import boto3
import pytest
from jsonschema import Draft202012Validator

from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.models.cursors import FeedCursor
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import Refusal
from gridwix.publication.models import RowKey
from gridwix.runtime.configuration import configuration
from gridwix.trading_grid_feed.service import CURSOR_NAME
from ops.collections import collection_definitions
from ops.commands.demo import command_line, export_line
from ops.local_cloud import KEY, REGION
from ops.local_environment import STACK_NAME, LocalEnvironment
from ops.paths import ROOT
from ops.queues import read_depth
from ops.schemas import schema_path
from tests.factories import PRAIRIE_GOLD

PATIENTLY = ("--timeout", "60")
"""Options of a doctor that counts its rows: the machine also runs everything that it looks at."""

EVERY_SECRET = ("consumerSecret", "apiKey", "appSecret")


def gridwix(local: LocalEnvironment, *arguments: str) -> tuple[int, str]:
    """Run the command. Return exit code and output."""
    code, out, err = streams(local, *arguments)
    return code, out + err


def command_environment(local: LocalEnvironment) -> dict[str, str]:
    """Return the variables of an operator's shell, for the local cloud."""
    # A checkout that uses another one's environment names its own packages here.
    packages = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    return {**local.cloud.environment(), "PATH": "/usr/bin:/bin", **packages}


def streams(local: LocalEnvironment, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """Run the command. Return exit code, standard output and standard error."""
    environment = {**command_environment(local), **variables}
    command = [str(ROOT / ".venv/bin/gridwix"), *arguments, "--stack", STACK_NAME]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_doctor_finds_nothing_wrong_however_often_it_is_run_and_tells_no_secret(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()

    runs = [streams(local_cloud, "doctor", *PATIENTLY) for _ in range(3)]

    for code, out, err in runs:
        assert code == 0, out + err
        assert "✗" not in out
        assert "Nothing is wrong" in out
        # Fourteen of Trading Grid and six of its levels; the stack, its clocks, time zones, build
        # (four), settings and secrets (ten), roles, webhooks and emails; two of config/; the
        # portal's items, media, members, contacts, campaigns, page and rings; its forms and
        # collections. No alarm topic is set, which is marked `-`.
        forms = sum(len(form.wix_forms) for form in configuration().forms.values())
        assert len(re.findall("✓", out)) == 20 + 28 + forms + len(collection_definitions()), out
        # Checks are listed while they run, but only for somebody who watches.
        assert "Trading Grid: partner directory" not in err
        secrets = {**local_cloud.trading_grid.info(), **local_cloud.wix.info()}
        assert not [name for name in EVERY_SECRET if secrets[name] in out + err]


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["doctor", *PATIENTLY],
        ["refused"],
        ["submissions"],
        ["campaign", "failed"],
        ["links"],
        ["trace", PRAIRIE_GOLD],
        ["explain", f"PartnerStatus/{PRAIRIE_GOLD}"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_command_prints_one_document_of_the_deployed_stack(
    local_cloud: LocalEnvironment, command: list[str]
) -> None:
    words = " ".join(command[:2]) if command[0] == "campaign" else command[0]
    local_cloud.wait_until_idle()

    code, out, err = streams(
        local_cloud, *command, "--json", "--region", REGION, AWS_DEFAULT_REGION="eu-central-1"
    )

    assert code == 0, out + err
    schema = json.loads(schema_path(words).read_text())
    Draft202012Validator(schema).validate(json.loads(out))


def test_doctor_costs_wix_few_calls(local_cloud: LocalEnvironment) -> None:
    local_cloud.wait_until_idle()
    begun = time.time()

    code, out, err = streams(local_cloud, "doctor")

    asked = [
        entry["path"]
        for entry in local_cloud.wix.requests(begun)
        if entry["path"] == "/wix-data/v2/indexes"
        or entry["path"].startswith("/wix-data/v2/collections")
    ]
    assert code == 0, out + err
    assert len(asked) <= 2 + len(collection_definitions())


def test_doctor_when_trading_grid_does_not_know_the_key_says_so_once_and_goes_on(
    local_cloud: LocalEnvironment,
) -> None:
    output = "TradingGridCredentialsSecretName"
    gateway = local_cloud.own_gateway
    good = {
        **{
            name: local_cloud.trading_grid.info()[name]
            for name in ("consumerKey", "consumerSecret")
        },
        **({} if gateway is None else gateway.community_credentials),
    }
    rotated = {name: "rotated-elsewhere" for name in good if name.endswith("Secret")}
    local_cloud.stack.put_secret(output, {**good, **rotated})
    try:
        code, out, err = streams(local_cloud, "doctor", *PATIENTLY)
    finally:
        local_cloud.stack.put_secret(output, good)

    assert code == 1
    # A gateway with credentials of its own has lost two secrets, and each is one row.
    causes = 1 if gateway is None else 2
    assert out.count("upstream_unauthenticated") == causes, out
    assert ("14 capabilities" if gateway is None else "11 capabilities") in out
    assert f"{causes} fault" in out
    assert "trading-grid/credentials" in re.sub(r"\s+", "", out)
    assert "rotated-elsewhere" not in out + err
    assert "administrators only" in out


def test_doctor_and_status_need_no_more_than_the_operators_policy_allows(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()
    session = boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name=REGION)
    iam = session.client("iam", endpoint_url=local_cloud.cloud.endpoint)
    user = f"operator-{time.time_ns()}"
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    own = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    denied = streams(local_cloud, "status", **own)
    policy = (ROOT / "docs/operator-policy.json").read_text().replace("STACK", STACK_NAME)
    # The local cloud checks lambda:PutFunctionConcurrency where AWS checks
    # lambda:GetFunctionConcurrency.
    policy = policy.replace("lambda:GetFunctionConcurrency", "lambda:PutFunctionConcurrency")
    iam.put_user_policy(UserName=user, PolicyName="look", PolicyDocument=policy)
    allowed = [
        streams(local_cloud, *command, **own)
        for command in (
            ["status"],
            ["status", "--watch", "--snapshots", "1"],
            ["doctor", *PATIENTLY],
        )
    ]

    assert denied[0] == 1
    assert "AWS: " in denied[2]
    assert [code for code, _, _ in allowed] == [0, 0, 0], "\n".join(
        out + err for _, out, err in allowed
    )
    iam.delete_user_policy(UserName=user, PolicyName="look")
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=user)


def test_the_lines_that_the_demo_prints_work_as_they_are_pasted(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()
    lines = f"{export_line(local_cloud)}\n{command_line(local_cloud, 'status')}"

    done = subprocess.run(
        ["/bin/sh", "-c", lines],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "status_publisher" in done.stdout


def test_a_field_that_was_deleted_on_the_site_is_found_made_anew_and_filled(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()
    before = {
        identifier: row.get("headline") for identifier, row in local_cloud.partner_rows().items()
    }
    local_cloud.connections.wix._site.call(
        "delete field",
        "POST",
        "/wix-data/v2/collections/delete-field",
        body={"dataCollectionId": "PartnerStatus", "fieldKey": "headline"},
    )

    sick, found = gridwix(local_cloud, "doctor")
    code, shown = gridwix(local_cloud, "setup", "--reconcile", "--yes")
    local_cloud.wait_until_idle()
    after = {
        identifier: row.get("headline") for identifier, row in local_cloud.partner_rows().items()
    }

    assert (sick, "1 field missing: headline" in found) == (1, True), found
    assert code == 0, shown
    assert "Empty is: headline of PartnerStatus" in shown
    assert any(before.values())
    assert after == before


def test_setup_of_a_portal_that_is_set_up_changes_nothing(local_cloud: LocalEnvironment) -> None:
    code, shown = gridwix(local_cloud, "setup", "--yes")
    dry, said = gridwix(local_cloud, "setup", "--dry-run")
    assert (dry, "would be" in said) == (0, False), said

    assert (code, "PartnerStatus: unchanged" in shown) == (0, True), shown


def test_status_of_a_stack_that_works_shows_no_dead_letters(local_cloud: LocalEnvironment) -> None:
    local_cloud.wait_until_idle()

    code, shown = gridwix(local_cloud, "status")

    assert code == 0, shown
    assert "status_publisher" in shown
    assert re.search(r"Refused items +none", shown), shown
    assert "Nothing is wrong" in shown


def test_status_and_doctor_find_an_event_source_mapping_that_is_off(
    local_cloud: LocalEnvironment,
) -> None:
    functions = local_cloud.stack.aws.functions
    name = local_cloud.stack.output("NoticePublisherFunctionName")
    (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        found = [gridwix(local_cloud, command) for command in ("status", "doctor")]
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    for code, shown in found:
        assert code == 1, shown
        assert "notice_publisher" in shown
        assert mapping["UUID"] in shown.replace("\n", "")


def test_status_finds_a_schedule_and_a_rule_that_are_off_and_a_throttled_function(
    local_cloud: LocalEnvironment,
) -> None:
    stack, resources = local_cloud.stack, local_cloud.stack.read_resources()
    schedule, rule = (
        resources["AWS::Scheduler::Schedule"]["DocumentTimer"],
        resources["AWS::Events::Rule"]["DoorbellRule"].rpartition("|")[2],
    )
    bus, function = stack.output("BusName"), stack.output("WixWebhookFunctionName")
    as_it_is = stack.aws.scheduler.get_schedule(Name=schedule)
    target: Any = {
        name: as_it_is[name] for name in ("ScheduleExpression", "FlexibleTimeWindow", "Target")
    }
    stack.aws.scheduler.update_schedule(Name=schedule, State="DISABLED", **target)
    stack.aws.events.disable_rule(Name=rule, EventBusName=bus)
    stack.aws.functions.put_function_concurrency(
        FunctionName=function, ReservedConcurrentExecutions=0
    )
    try:
        code, shown = gridwix(local_cloud, "status")
    finally:
        stack.aws.scheduler.update_schedule(Name=schedule, State="ENABLED", **target)
        stack.aws.events.enable_rule(Name=rule, EventBusName=bus)
        stack.aws.functions.delete_function_concurrency(FunctionName=function)

    assert code == 1
    assert all(
        words in shown
        for words in (
            "DocumentTimer",
            "DoorbellRule",
            "its state is DISABLED",
            "wix_webhook",
            "reserved concurrency is 0",
        )
    ), shown


def test_status_finds_a_feed_that_has_not_been_read_for_three_days(
    local_cloud: LocalEnvironment,
) -> None:
    dynamodb, key = local_cloud.stack.aws.dynamodb, {"name": {"S": CURSOR_NAME}}
    local_cloud.wait_until_idle()

    def age(at: float) -> None:
        values: Any = {":at": {"N": repr(at)}}
        dynamodb.update_item(
            TableName=local_cloud.stack.output("CursorTableName"),
            Key=key,
            UpdateExpression="SET updatedAt = :at",
            ExpressionAttributeValues=values,
        )

    def aged() -> tuple[int, str]:
        # The schedule reads the feed every minute, and may be faster.
        age(time.time() - 3 * 86400)
        return gridwix(local_cloud, "status")

    code, shown = next(seen for seen in (aged() for _ in range(5)) if seen[0] == 1)
    age(time.time())

    assert code == 1
    assert "it was last read 3 days ago" in shown


def test_a_quiet_feed_that_is_read_stays_fresh(local_cloud: LocalEnvironment) -> None:
    local_cloud.wait_until_idle()
    before, begun = local_cloud.cursors.read_cursor(CURSOR_NAME), time.time()

    local_cloud.request_feed_poll()

    local_cloud.wait_for(
        lambda: (local_cloud.cursors.update_time(CURSOR_NAME) or 0) > begun, "the feed to be read"
    )
    assert local_cloud.cursors.read_cursor(CURSOR_NAME).cursor == before.cursor


def test_status_finds_an_alarm_that_rings(local_cloud: LocalEnvironment) -> None:
    alarms = local_cloud.stack.read_resources()["AWS::CloudWatch::Alarm"]
    local_cloud.stack.aws.cloudwatch.set_alarm_state(
        AlarmName=alarms["MassDeleteGuardAlarm"], StateValue="ALARM", StateReason="a test"
    )
    try:
        code, shown = gridwix(local_cloud, "status")
    finally:
        local_cloud.stack.aws.cloudwatch.set_alarm_state(
            AlarmName=alarms["MassDeleteGuardAlarm"], StateValue="OK", StateReason="a test"
        )

    assert code == 1
    assert "MassDeleteGuardAlarm" in shown


def test_resync_publishes_every_partner_anew_and_writes_no_row_that_is_right(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()
    before, revision = (
        local_cloud.wix.writes("PartnerStatus"),
        local_cloud.cursors.read_cursor(CURSOR_NAME).revision,
    )

    code, shown = gridwix(local_cloud, "resync", "--yes")

    assert code == 0, shown
    local_cloud.wait_for(
        lambda: _has_resynced(local_cloud.cursors.read_cursor(CURSOR_NAME), revision),
        "the resync to end",
    )
    local_cloud.wait_until_idle()
    assert local_cloud.wix.writes("PartnerStatus") == before


def test_redrive_sends_dead_letters_back_to_be_worked_on(local_cloud: LocalEnvironment) -> None:
    sqs, pair = local_cloud.stack.aws.sqs, local_cloud.stack.queue("trading_grid_feed")
    sqs.send_message(QueueUrl=pair.dead_letter_url, MessageBody=json.dumps({"reason": "schedule"}))
    assert gridwix(local_cloud, "status")[0] == 1

    code, shown = gridwix(local_cloud, "redrive", "trading-grid-feed", "--yes")

    assert (code, "1 message is back" in shown) == (0, True), shown
    assert read_depth(sqs, pair.dead_letter_url).total == 0
    local_cloud.wait_until_idle()


def test_refused_lists_what_wix_did_not_take(local_cloud: LocalEnvironment) -> None:
    refused = DynamoDBRefusedItems(
        local_cloud.stack.aws.dynamodb, local_cloud.stack.output("RefusedItemTableName")
    )
    key = RowKey(CollectionId("PartnerStatus"), WixItemId("GC055120098871"))
    refused.add(
        [Refusal(key.collection, key.item_id, "WDE0009", "Too large [for Wix]")],
        function="status_publisher",
        at=time.time(),
    )
    try:
        code, shown = gridwix(local_cloud, "refused")
        unhealthy, _ = gridwix(local_cloud, "status")
    finally:
        refused.clear([key])

    assert (code, unhealthy) == (0, 1)
    assert re.search(r"GC055120098871.*WDE0009.*\[for Wix\]", shown), shown


@pytest.mark.parametrize(
    "arguments", [("redrive", "nobody"), ("status", "--stack", "no-such-stack")]
)
def test_a_mistake_is_told_in_a_line(
    local_cloud: LocalEnvironment, arguments: tuple[str, ...]
) -> None:
    environment = {**local_cloud.cloud.environment(), "PATH": "/usr/bin:/bin"}
    stack = () if "--stack" in arguments else ("--stack", STACK_NAME)

    done = subprocess.run(
        [ROOT / ".venv/bin/gridwix", *arguments, *stack],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_reconcile_of_one_collection_shows_what_it_found(local_cloud: LocalEnvironment) -> None:
    local_cloud.wait_until_idle()

    code, shown = gridwix(local_cloud, "reconcile", "--collection", "OnboardingSteps", "--dry-run")

    assert code == 0, shown
    assert re.search(r"OnboardingSteps +│ +\d+ +│ +\d+ +│ +0 +│ +0", shown), shown


def test_reconcile_of_a_collection_that_there_is_not_names_those_that_there_are(
    local_cloud: LocalEnvironment,
) -> None:
    code, shown = gridwix(local_cloud, "reconcile", "--collection", "Nothing")

    assert code == 1
    assert "PartnerStatus" in shown


def _has_resynced(cursor: FeedCursor, revision: int) -> bool:
    """True after at least three advances of the cursor: reset, started and listed."""
    return cursor.revision >= revision + 3 and cursor.cursor is not None and not cursor.resyncing
