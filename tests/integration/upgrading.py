"""A stack of the first release with data, on the local cloud, and what an upgrade does to it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from gridwix.models.ids import CollectionId
from ops.bundle import deploy_bundle
from ops.local_environment import (
    STACK_NAME,
    LocalEnvironment,
)
from ops.paths import ROOT
from ops.pausing import pause_functions, read_switch, resume_functions
from ops.site import SiteCode, mail_automation, register_webhook
from ops.stack import Stack

OWN_FIELDS = ("_createdDate", "_updatedDate", "_owner")
"""Fields of a row that Wix writes."""

RUN = "from ops.cli import main; main()"
"""The command of this checkout, whichever one the environment has installed."""

type Items = dict[str, list[dict[str, Any]]]
"""The items of each table, by the table's logical id, as DynamoDB has them."""
type Rows = dict[str, dict[str, Mapping[str, Any]]]
"""The rows of each collection by id, with the fields that Wix writes."""


@dataclass(frozen=True)
class OldWorld:
    """A running stack that began as one of the first release, between both emulators."""

    local: LocalEnvironment
    run: Path
    http: httpx.Client
    parameters: Mapping[str, str]
    collections: Sequence[CollectionId]

    @property
    def stack(self) -> Stack:
        return self.local.stack

    def items(self) -> Items:
        """All items of all tables."""
        tables = self.stack.read_resources()["AWS::DynamoDB::Table"]
        return {
            logical: [
                item
                for page in self.stack.aws.dynamodb.get_paginator("scan").paginate(TableName=name)
                for item in page["Items"]
            ]
            for logical, name in sorted(tables.items())
        }

    def rows(self) -> Rows:
        """All rows of the collections of the first release."""
        return {
            collection: {
                row["_id"]: row
                for row in self.local.wix.read("items", collection=collection)["items"]
            }
            for collection in self.collections
        }

    def last_writes(self) -> dict[str, int]:
        """The number of the last write to each collection."""
        return {
            collection: max((one["number"] for one in self.local.wix.writes(collection)), default=0)
            for collection in self.collections
        }

    def writes_since(self, last: Mapping[str, int]) -> list[tuple[str, str]]:
        """Each write to the collections since then: collection and row."""
        return [
            (collection, str(one["id"]))
            for collection in self.collections
            for one in self.local.wix.writes(collection, last[collection])
        ]

    def gridwix(self, *arguments: str) -> str:
        """Run a command of this release. Returns its output; fails if it does."""
        done = subprocess.run(
            [sys.executable, "-c", RUN, *arguments, "--stack", STACK_NAME],
            cwd=ROOT,
            env={
                **self.local.cloud.environment(),
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def pause(self) -> None:
        """Pause all functions behind queues: what arrives waits."""
        switches = [read_switch(self.stack, pair) for pair in self.stack.queues]
        pause_functions(self.stack, switches, "test", datetime.now(UTC))

    def resume(self) -> None:
        """Let all functions run again."""
        resume_functions(self.stack, [read_switch(self.stack, pair) for pair in self.stack.queues])

    def start_full_comparison(self) -> None:
        """Have the reconciler do the first page of a comparison: the second one waits then."""
        message = {
            "messageId": "run-1",
            "receiptHandle": "none",
            "body": '{"mode": "full"}',
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": str(int(time.time() * 1000)),
            },
        }
        answer = self.stack.aws.functions.invoke(
            FunctionName=self.stack.output("ReconcilerFunctionName"),
            Payload=json.dumps({"Records": [message]}),
        )
        assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}

    def bury_a_message(self, name: str) -> None:
        """Move one of the messages that wait for a function to its dead-letter queue."""
        pair, sqs = self.stack.queue(name), self.stack.aws.sqs
        (message,) = sqs.receive_message(QueueUrl=pair.url)["Messages"]
        sqs.send_message(QueueUrl=pair.dead_letter_url, MessageBody=message["Body"])
        sqs.delete_message(QueueUrl=pair.url, ReceiptHandle=message["ReceiptHandle"])

    def repeat_webhooks(self, cursor: str) -> int:
        """Send the webhook of each event after a cursor of the feed again, to the present URL and
        with the secret of the first release's endpoint. Returns their number.
        """
        stack, events = self.stack, self.local.connections.community.read_events(cursor, 200).items
        name = stack.output("TradingGridWebhookSecretName")
        stored = stack.aws.secrets.get_secret_value(SecretId=name)["SecretString"]
        url = self.local.cloud.local_url(stack.output("TradingGridWebhookUrl"))
        sender = SiteCode(url, json.loads(stored)["secrets"][0], self.http)
        for event in events:
            body = json.dumps(event)
            headers = {
                **sender.sign_headers(event["id"], body),
                "content-type": "application/json",
            }
            self.http.post(url, content=body, headers=headers).raise_for_status()
        return len(events)

    def deploy_this_release(self, template: Path) -> "OldWorld":
        """Update the stack, as ``docs/upgrades.md`` says, and give new secrets their values.

        Returns the world with the updated stack.
        """
        local, site = self.local, self.local.wix.info()
        deploy_bundle(
            local.cloud, template, STACK_NAME, self.parameters, self.run / "sam-update.log"
        )
        stack = Stack.read(STACK_NAME, local.cloud.aws())
        url = local.cloud.local_url(stack.output("TradingGridWebhookUrl"))
        endpoint = local.gateway.register_webhook(url)
        former = stack.aws.secrets.get_secret_value(
            SecretId=stack.output("TradingGridWebhookSecretName")
        )
        secrets = [*json.loads(former["SecretString"])["secrets"], *endpoint["secrets"]]
        stack.put_secret("TradingGridWebhookSecretName", {"secrets": secrets})
        webhook_url = local.cloud.local_url(stack.output("WixWebhookUrl"))
        keys = register_webhook(local.wix, webhook_url)
        stack.put_secret("WixWebhookSecretName", keys)
        email_url = mail_automation(local.wix.url, site["siteId"])
        stack.put_secret("WixAutomationSecretName", {"emailUrl": email_url})
        site_code = SiteCode(webhook_url, keys["signingSecrets"][0], self.http)
        updated = replace(local, stack=stack, site_code=site_code, webhook_id=endpoint["id"])
        return replace(self, local=updated)


def content(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without the fields that Wix writes."""
    return {name: value for name, value in row.items() if name not in OWN_FIELDS}
