"""The gateway on the local cloud, with the tools of whoever runs it. Needs ``--hub gateway``."""

import json
import os
import subprocess
import time
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from ops.gateway.check.access import CONSUMER_KEY, CONSUMER_SECRET
from ops.gateway.deployment import DeployedGateway
from ops.local_cloud import KEY, REGION
from ops.local_environment import LocalEnvironment
from ops.paths import ROOT
from ops.queues import read_depth
from ops.waiting import STANDSTILL

GRIDWIX_ONLY = (
    "ReadCursorsRefusedRowsTheBudgetAndTheConfiguration",
    "CountHeldSubmissions",
    "ReadLogs",
    "DoctorProbesWithTheSecretsAndTakesCallsFromTheBudget",
    "DoctorComparesRolesAndLooksForListenersOfAlarms",
)
"""Statements of the operator's policy that ``status`` of a gateway does not need."""

NOT_CHECKED = {
    # The table keeps its events for weeks, and nobody sets the clock of a deployed gateway back.
    "feed.cursor_expired",
    # The partner is being onboarded, and so it cannot be suspended.
    "transitions.partner",
}


OWN_PARTNERS = {f"GC08{number:010}" for number in range(150, 200)}
"""Generated partners that the tests of other modules leave alone."""

DONE = ("completed", "waived")


@dataclass(frozen=True)
class Hub:
    """The running environment and its gateway."""

    local: LocalEnvironment
    gateway: DeployedGateway

    def run(self, *arguments: str, **variables: str) -> tuple[int, str, str]:
        """Run the command. Return exit code, standard output and standard error."""
        environment = {
            **self.local.cloud.environment(),
            "PATH": "/usr/bin:/bin",
            # The command is that of this checkout, wherever it was installed from.
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            **variables,
        }
        done = subprocess.run(
            [str(ROOT / ".venv/bin/gridwix"), *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def hub(local_cloud: LocalEnvironment) -> Hub:
    if local_cloud.own_gateway is None:
        pytest.skip("the emulator keeps the community: run with --hub gateway")
    local_cloud.wait_until_idle()
    return Hub(local_cloud, local_cloud.own_gateway)


def test_status_shows_a_dead_letter_and_redrive_sends_it_back(hub: Hub) -> None:
    stack = hub.gateway.stack
    pair = stack.queue("target_sender")
    stack.aws.sqs.send_message(QueueUrl=pair.dead_letter_url, MessageBody='{"wake": "schedule"}')

    sick = hub.run("status", "--stack", stack.name)
    moved = hub.run("redrive", "--stack", stack.name, "target-sender", "--yes")
    hub.local.wait_until_idle()
    well = hub.run("status", "--stack", stack.name)

    assert sick[0] == 1, sick
    told = " ".join(sick[1].replace("│", " ").split())
    assert "1 dead letter" in told
    assert f"gridwix redrive --stack {stack.name} target-sender" in told
    assert (moved[0], "1 message is back in the queue" in moved[1]) == (0, True), moved
    assert read_depth(stack.aws.sqs, pair.dead_letter_url).total == 0
    assert (well[0], "Nothing is wrong" in well[1]) == (0, True), well
    queued = ("webhook_sender", "file_source", "rest_source", "directory_source", "target_sender")
    assert [name for name in queued if name not in well[1]] == []
    assert "Refused items" not in well[1]


def test_status_of_the_gateway_needs_no_more_than_the_operators_policy_allows(hub: Hub) -> None:
    session = boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name=REGION)
    iam = session.client("iam", endpoint_url=hub.local.cloud.endpoint)
    user, name = f"gateway-operator-{time.time_ns()}", hub.gateway.stack.name
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    own = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    policy = json.loads((ROOT / "docs/operator-policy.json").read_text())
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] not in GRIDWIX_ONLY]
    text = json.dumps(policy).replace("STACK", name)
    # The local cloud checks lambda:PutFunctionConcurrency where AWS checks
    # lambda:GetFunctionConcurrency.
    text = text.replace("lambda:GetFunctionConcurrency", "lambda:PutFunctionConcurrency")

    denied = hub.run("status", "--stack", name, **own)
    iam.put_user_policy(UserName=user, PolicyName="look", PolicyDocument=text)
    code, out, err = hub.run("status", "--stack", name, **own)

    assert denied[0] == 1
    assert "AWS: " in denied[2]
    assert len(policy["Statement"]) == 4
    assert (code, "Nothing is wrong" in out) == (0, True), out + err
    iam.delete_user_policy(UserName=user, PolicyName="look")
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=user)


def test_conformance_kit_with_writes_finds_nothing_and_leaves_nothing_open(hub: Hub) -> None:
    enrollment = _enrollment_to_move(hub)
    hub.local.trading_grid.clear(f"entities/compliance-checks/{_check_to_delete(hub)}")
    arguments = [
        hub.gateway.community_url,
        "--token-url",
        f"{hub.gateway.url}/v1/oauth2/tokens",
        "--write",
        "--partner",
        enrollment["partnerId"],
        "--enrollment",
        enrollment["id"],
        "--webhook-listen",
        "127.0.0.1:0",
        "--timeout",
        str(20 * STANDSTILL),
        "--patience",
        str(STANDSTILL),
        "--webhook-patience",
        str(STANDSTILL),
        "--json",
    ]
    variables = {
        CONSUMER_KEY: hub.gateway.credentials["consumerKey"],
        CONSUMER_SECRET: hub.gateway.credentials["consumerSecret"],
    }

    code, out, err = hub.run("gateway", "check", *arguments, **variables)
    hub.local.wait_until_idle()

    report = json.loads(out)
    rules = [rule for part in report["capabilities"] for rule in part["rules"]]
    skipped = {rule["rule"]: rule["reason"] for rule in rules if rule["verdict"] == "skipped"}
    assert [rule for rule in rules if rule["faults"]] == [], err
    assert set(skipped) <= NOT_CHECKED, skipped
    assert report["left"] == []
    assert code == 0
    endpoints = hub.local.gateway.list_records("webhook-endpoints")["items"]
    assert [endpoint["id"] for endpoint in endpoints] == [hub.local.webhook_id]


def _enrollment_to_move(hub: Hub) -> dict[str, Any]:
    """Return an enrollment in progress, with a step that waits on one alone."""
    return next(
        enrollment
        for enrollment in hub.local.gateway.iterate_records("enrollments")
        if enrollment["partnerId"] in OWN_PARTNERS
        and enrollment["status"] == "in_progress"
        and _has_step_that_waits_on_one(enrollment)
    )


def _has_step_that_waits_on_one(enrollment: dict[str, Any]) -> bool:
    states = {step["key"]: step["status"] for step in enrollment["steps"]}
    waited_for = [
        [states[key] for key in step["waitsOn"] if states[key] not in DONE]
        for step in enrollment["steps"]
        if step["status"] == "locked"
    ]
    return ["available"] in waited_for


def _check_to_delete(hub: Hub) -> str:
    return next(
        str(check["id"])
        for check in hub.local.gateway.iterate_records("compliance-checks")
        if check["partnerId"] in OWN_PARTNERS and check["status"] == "passed"
    )
