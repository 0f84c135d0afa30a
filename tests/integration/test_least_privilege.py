"""Least privilege: each function works with its own role, and fails without any single action.

So no action is missing and none is superfluous.
"""

import base64
import contextlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import httpx
import pytest
from standardwebhooks import Webhook

from gridwix.activity_publisher import service as activity
from gridwix.activity_publisher.count_store import S3CountStore
from gridwix.activity_publisher.index import ActivityIndex, ReadSlice
from gridwix.activity_publisher.slices import due_slices
from gridwix.models.cursors import FeedCursor
from gridwix.models.events import TRANSACTION_EXCEPTION
from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    PARTNER_ACTIVITY,
    PARTNER_DOCUMENTS,
    PARTNER_REQUESTS,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)
from gridwix.reconciler.sweep import CURSOR_NAME
from ops.local_cloud import REGION
from ops.local_environment import LocalEnvironment, start_local_environment
from ops.logs import parse_line, read_lines
from ops.paths import new_run
from ops.portal import DANA
from tests.factories import change, cloud_event
from tests.integration.conftest import OVERRIDES

FEW = 20
"""Number of generated partners: some are needed, and few are faster."""

PARTNERS = ("GC080000000001", "GC080000000002", "GC080000000003")
ENROLLMENTS = ("enr_000001", "enr_000002", "enr_000003")
NOTICES = ("ntc_written", "ntc_refused", "ntc_held")

ODD_CHECK, ODD_PARTNER = "compliance-checks/chk_000019_0", "GC080000000019"
"""A check that cannot be read, once the environment is prepared."""

DOCUMENTS = ("doc_written", "doc_refused", "doc_held")
REQUESTS = ("lp-written", "lp-refused", "lp-held")
OF_A_PARTNER = "lp-of-a-partner"
"""A submission whose row a partner sees, so that its pages are rung."""
SUBMITTED = {
    "topic": "orders",
    "question": "When?",
    "your_name": "Somebody",
    "email": "a@b.example",
}

PUBLISHING = [
    ["secretsmanager:GetSecretValue"],
    ["dynamodb:BatchGetItem"],
    ["dynamodb:GetItem"],
    ["dynamodb:UpdateItem"],
    ["dynamodb:BatchWriteItem"],
    ["sqs:SendMessage"],
    ["sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch"],
]

ACTIONS: Mapping[str, Sequence[Sequence[str]]] = {
    "trading_grid_webhook": [
        ["events:PutEvents"],
        ["secretsmanager:GetSecretValue"],
        ["dynamodb:PutItem"],
        ["dynamodb:UpdateItem"],
    ],
    "trading_grid_feed": [
        ["events:PutEvents"],
        ["secretsmanager:GetSecretValue"],
        ["dynamodb:GetItem"],
        ["dynamodb:PutItem"],
        ["dynamodb:BatchGetItem"],
        ["dynamodb:BatchWriteItem"],
    ],
    "status_publisher": PUBLISHING,
    "notice_publisher": PUBLISHING,
    "onboarding_sync": PUBLISHING,
    "transaction_monitor": [
        ["events:PutEvents"],
        ["secretsmanager:GetSecretValue"],
        ["dynamodb:GetItem"],
        ["dynamodb:PutItem"],
        ["dynamodb:BatchGetItem"],
        ["dynamodb:BatchWriteItem"],
    ],
    "activity_publisher": [
        ["secretsmanager:GetSecretValue"],
        ["dynamodb:GetItem"],
        ["dynamodb:PutItem"],
        ["dynamodb:BatchGetItem"],
        ["dynamodb:UpdateItem"],
        ["dynamodb:BatchWriteItem"],
        ["s3:GetObject"],
        ["s3:PutObject"],
        ["sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch"],
    ],
    "case_opener": [
        ["secretsmanager:GetSecretValue"],
        ["dynamodb:GetItem"],
        ["dynamodb:BatchWriteItem"],
        ["sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch"],
    ],
    "wix_webhook": [["events:PutEvents"], ["secretsmanager:GetSecretValue"], ["dynamodb:PutItem"]],
    "form_intake": [*PUBLISHING, ["dynamodb:Query"]],
    "document_sync": [*PUBLISHING, ["dynamodb:PutItem"], ["dynamodb:Query"]],
    "request_publisher": PUBLISHING,
    "partner_messenger": [
        ["secretsmanager:GetSecretValue"],
        ["dynamodb:BatchGetItem"],
        ["dynamodb:GetItem"],
        ["dynamodb:PutItem"],
        ["dynamodb:UpdateItem"],
        ["dynamodb:Query"],
        ["dynamodb:BatchWriteItem"],
        ["sqs:SendMessage"],
        ["sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch"],
    ],
    "portal_ringer": [
        ["secretsmanager:GetSecretValue"],
        ["dynamodb:GetItem"],
        ["dynamodb:UpdateItem"],
        ["dynamodb:BatchWriteItem"],
        ["sqs:SendMessage"],
        ["sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch"],
    ],
    "reconciler": [
        ["events:PutEvents"],
        ["secretsmanager:GetSecretValue"],
        ["dynamodb:GetItem"],
        ["dynamodb:PutItem"],
        ["dynamodb:BatchGetItem"],
        ["dynamodb:UpdateItem"],
        ["dynamodb:BatchWriteItem"],
        ["dynamodb:Scan"],
        ["dynamodb:Query"],
        ["s3:GetObject"],
        ["s3:PutObject"],
        ["sqs:SendMessage"],
        ["sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch"],
    ],
}
"""Actions that each function itself calls in AWS."""

OF_THE_SERVICE = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
}
"""Actions of Lambda in the function's name: it writes the log and polls the queue.

The local cloud does both without IAM, so they are only counted here.
"""

UNANSWERED = {
    "sqs:ChangeMessageVisibility",
    "trading_grid_webhook dynamodb:UpdateItem",
    "trading_grid_feed dynamodb:BatchGetItem",
    "form_intake dynamodb:BatchWriteItem",
    "trading_grid_feed dynamodb:BatchWriteItem",
    "case_opener dynamodb:BatchWriteItem",
    "portal_ringer dynamodb:BatchWriteItem",
    "case_opener dynamodb:GetItem",
    "partner_messenger dynamodb:BatchWriteItem",
    "reconciler dynamodb:Scan",
    "reconciler dynamodb:Query",
    "document_sync dynamodb:Query",
    "partner_messenger dynamodb:GetItem",
    "partner_messenger dynamodb:Query",
    "partner_messenger dynamodb:UpdateItem",
    *(
        f"activity_publisher {action}"
        for group in ACTIONS["activity_publisher"]
        for action in group
    ),
    "status_publisher sqs:SendMessage",
    "notice_publisher sqs:SendMessage",
    "onboarding_sync sqs:SendMessage",
    "form_intake sqs:SendMessage",
    "document_sync sqs:SendMessage",
    "request_publisher sqs:SendMessage",
    "partner_messenger sqs:SendMessage",
}
"""Actions whose denial does not change the response.

They affect rings of open pages, the time of the next delivery, handovers (without one a change
passes again), the journal, the version of the configuration (without it the bundled one serves),
the list of refused rows, the list of records that cannot be read, the next check of a pending file,
or messages that stay in the outbox. The one message of activity_publisher returns for a held row,
too.
"""

UNSEEN = {"s3:ListBucket"}
"""Permissions that AWS needs and the local cloud does not: a missing object is 404, not 403."""

USED_ELSEWHERE = {"activity_publisher": {"sqs:SendMessage"}}
"""Actions that are not taken away here. ``test_activity.py`` needs them for all of its hours: a
request for a further run, which would find a row held, would keep the queue busy for minutes.
"""

READ_RARELY = {"secretsmanager:GetSecretValue", "dynamodb:GetItem"}
"""Actions that a warm environment may not repeat: it keeps secrets and the configuration's version.

Their denial needs a cold start. All other actions are tried in a warm environment.
"""

LOOKS = 10
"""Number of invocations to get the rest of a function's log.

The local cloud waits only milliseconds for a line, which is too short for a busy machine.
"""

CASES = [(function, actions) for function, groups in ACTIONS.items() for actions in groups]


class Roles:
    """The roles of the deployed functions; the block can remove actions from their policies."""

    def __init__(self, local: LocalEnvironment) -> None:
        environment = local.cloud.environment()
        session = boto3.Session(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        self._iam = session.client("iam", endpoint_url=local.cloud.endpoint)
        self._functions = local.stack.aws.functions
        self._world = local

    def name(self, function: str) -> str:
        """Return the function's name in AWS."""
        return self._world.stack.output(
            "".join(word.capitalize() for word in function.split("_")) + "FunctionName"
        )

    def policy(self, function: str) -> tuple[str, str, dict[str, Any]]:
        """Return role name, policy name and document."""
        role = self._functions.get_function_configuration(FunctionName=self.name(function))[
            "Role"
        ].rpartition("/")[2]
        (policy,) = self._iam.list_role_policies(RoleName=role)["PolicyNames"]
        return (
            role,
            policy,
            dict(self._iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]),
        )

    @contextmanager
    def without(self, function: str, actions: Sequence[str], *, cold: bool) -> Iterator[None]:
        """Remove the actions from the function's role. ``cold``: also force a cold start."""
        # What earlier work has left to do needs all actions. Also, a sandbox must not be ended in
        # the middle of a batch: that leaves its messages invisible for minutes.
        self._world.wait_until_idle(0)
        role, policy, document = self.policy(function)
        left = [
            {**statement, "Action": [one for one in _actions(statement) if one not in actions]}
            for statement in document["Statement"]
        ]
        cut = {**document, "Statement": [statement for statement in left if statement["Action"]]}
        self._iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(cut))
        if cold:
            self._start_anew(function)
        try:
            yield
        finally:
            self._iam.put_role_policy(
                RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document)
            )

    def _start_anew(self, function: str) -> None:
        """Update the code, which ends each warm sandbox with its caches."""
        code = self._functions.get_function(FunctionName=self.name(function))["Code"]["Location"]
        self._functions.update_function_code(
            FunctionName=self.name(function), ZipFile=httpx.get(code).raise_for_status().content
        )


def _actions(statement: Mapping[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else list(action)


def invoke(
    local: LocalEnvironment, function: str, event: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    """Invoke a function. Return its response and the end of its log.

    The local cloud omits the log if it was too slow to read it.
    """
    name = Roles(local).name(function)
    answer = local.stack.aws.functions.invoke(
        FunctionName=name, Payload=json.dumps(event), LogType="Tail"
    )
    return json.loads(answer["Payload"].read()), base64.b64decode(
        answer.get("LogResult", "")
    ).decode()


def webhook(local: LocalEnvironment) -> Mapping[str, Any]:
    """A new signed webhook."""
    stored = local.stack.aws.secrets.get_secret_value(
        SecretId=local.stack.output("TradingGridWebhookSecretName")
    )["SecretString"]
    identifier, now = f"evt_{uuid.uuid4().hex}", time.time()
    body = json.dumps(cloud_event(id=identifier, data={"version": 1}))
    signature = Webhook(json.loads(stored)["secrets"][0]).sign(
        identifier, datetime.fromtimestamp(now, UTC), body
    )
    headers = {
        "webhook-id": identifier,
        "webhook-timestamp": str(int(now)),
        "webhook-signature": signature,
    }
    return {"headers": headers, "body": body, "isBase64Encoded": False}


def feed(local: LocalEnvironment) -> Mapping[str, Any]:
    """A poll of the feed with a new event, and a message that is not an event."""
    local.trading_grid.order("faults", {"kind": "malformed_event", "times": 1})
    local.trading_grid.order("faults", {"kind": "webhook_drop", "times": 1})
    local.trading_grid.order("changes", {"count": 1, "seed": 1, "partnerIds": ["GC080000000010"]})
    return {"Records": [{"messageId": "poll", "body": "{}"}]}


def batch(
    local: LocalEnvironment, collection: CollectionId, records: Mapping[str, str]
) -> Mapping[str, Any]:
    """Three rows by id with their records.

    One is written, one refused by Wix, one claimed by another worker.
    """
    dynamodb, table = local.stack.aws.dynamodb, local.stack.output("LedgerTableName")
    keys = [ledger_key(collection, identifier) for identifier in records]
    for key in keys:
        dynamodb.delete_item(TableName=table, Key=key)
    held = {
        "revision": {"N": "1"},
        "holder": {"S": "another"},
        "heldUntil": {"N": str(time.time() + 300)},
    }
    dynamodb.put_item(
        TableName=table, Item={**keys[2], **held, "intended": {"S": '{"live":{},"settled":{}}'}}
    )
    return {"Records": [_record(identifier, subject) for identifier, subject in records.items()]}


def ledger_key(collection: CollectionId, identifier: str) -> dict[str, Any]:
    return {"row": {"S": f"{collection}#{identifier}"}}


def statuses(local: LocalEnvironment) -> Mapping[str, Any]:
    return batch(local, PARTNER_STATUS, {partner: f"partners/{partner}" for partner in PARTNERS})


def notices(local: LocalEnvironment) -> Mapping[str, Any]:
    return batch(
        local, SERVICE_NOTICES, {notice: f"service-notices/{notice}" for notice in NOTICES}
    )


def progress(local: LocalEnvironment) -> Mapping[str, Any]:
    return batch(
        local,
        ONBOARDING_PROGRESS,
        {enrollment: f"enrollments/{enrollment}" for enrollment in ENROLLMENTS},
    )


def documents(local: LocalEnvironment) -> Mapping[str, Any]:
    """Three unknown documents, and a check of pending files."""
    for identifier in DOCUMENTS:
        local.stack.aws.dynamodb.delete_item(
            TableName=local.stack.output("TransferTableName"), Key={"document": {"S": identifier}}
        )
    records = batch(
        local,
        PARTNER_DOCUMENTS,
        {identifier: f"documents/{identifier}" for identifier in DOCUMENTS},
    )["Records"]
    return {"Records": [*records, _message("schedule", {"reason": "schedule"})]}


def exceptions(local: LocalEnvironment) -> Mapping[str, Any]:
    """A transaction exception since the last search."""
    failed_document(local)
    return {"Records": [{"messageId": "poll", "body": "{}"}]}


def documents_to_count(local: LocalEnvironment) -> Mapping[str, Any]:
    """A document for each of three rows, as in :func:`batch`, in the only hour that is due."""
    for partner in PARTNERS:
        local.trading_grid.order("documents", {"partnerId": partner, "documentType": "850"})
    batch(local, PARTNER_ACTIVITY, {partner: f"activity/{partner}" for partner in PARTNERS})
    now = datetime.now(UTC)
    read = due_slices({}, now)[1:]
    index = ActivityIndex(until=now.date(), slices={start: ReadSlice(now, "") for start in read})
    counts = S3CountStore(local.stack.aws.s3, local.stack.output("ReportBucketName"))
    local.cursors.advance(
        activity.CURSOR_NAME,
        FeedCursor(
            cursor=counts.write_index(index),
            revision=local.cursors.read_cursor(activity.CURSOR_NAME).revision,
        ),
    )
    return {"Records": [_message("schedule", {"reason": "schedule"})]}


def failed_document(local: LocalEnvironment) -> str:
    """Return the process (correlation id) of a document that fails validation."""
    order = {
        "partnerId": "GC080000000012",
        "documentType": "856",
        "order": "4800000001",
        "fault": "validation_error",
    }
    sent: dict[str, str] = local.trading_grid.order("documents", order)
    return sent["correlationId"]


def cases_to_open(local: LocalEnvironment) -> Mapping[str, Any]:
    """A transaction exception, an unknown one, and one whose entry cannot be read."""
    process = f"odd-{uuid.uuid4().hex}"
    local.trading_grid.order(
        "transactions",
        {
            "transactionid": f"TG-{process}",
            "correlationid": process,
            "status": "F",
            "fastatusdate": "n/a",
        },
    )
    return {
        "Records": [
            _exception("known", failed_document(local)),
            _exception("strange", "no-such-process"),
            _exception("odd", process),
        ]
    }


def _exception(identifier: str, process: str) -> dict[str, Any]:
    detail = change(
        f"evt_{uuid.uuid4().hex}",
        type=TRANSACTION_EXCEPTION,
        subject=f"transactions/{process}",
        partnerId=None,
        version=None,
        via="poll",
    )
    return _message(
        identifier, {"detail": detail.model_dump(mode="json", by_alias=True, exclude_none=True)}
    )


def form_post(local: LocalEnvironment) -> Mapping[str, Any]:
    """A new signed submission from site code."""
    body = json.dumps({"submissionId": uuid.uuid4().hex, "values": SUBMITTED})
    stored = local.stack.aws.secrets.get_secret_value(
        SecretId=local.stack.output("WixWebhookSecretName")
    )["SecretString"]
    now = time.time()
    signature = Webhook(json.loads(stored)["signingSecrets"][0]).sign(
        "m-1", datetime.fromtimestamp(now, UTC), body
    )
    headers = {
        "webhook-id": "m-1",
        "webhook-timestamp": str(int(now)),
        "webhook-signature": signature,
    }
    return {
        "headers": headers,
        "body": body,
        "isBase64Encoded": False,
        "pathParameters": {"form": "partner-question"},
    }


def submissions(local: LocalEnvironment) -> Mapping[str, Any]:
    """A member's submission whose row Wix refuses, a partner's, and one that is not in the
    inbox.
    """
    for identifier in (REQUESTS[1], OF_A_PARTNER):
        local.stack.aws.dynamodb.delete_item(
            TableName=local.stack.output("LedgerTableName"),
            Key=ledger_key(PARTNER_REQUESTS, identifier),
        )
    at = {
        "receivedAt": {"S": datetime.now(UTC).isoformat()},
        "submittedAt": {"S": datetime.now(UTC).isoformat()},
    }
    texts = {
        "form": "partner-question",
        "values": json.dumps(SUBMITTED),
        "stage": "open",
        "waiting": "open",
        "memberId": "somebody",
    }
    ((partner, _),) = DANA.roles.items()
    for identifier, own in (
        (REQUESTS[1], {}),
        (OF_A_PARTNER, {"memberId": DANA.id, "partnerId": partner}),
    ):
        item = {name: {"S": text} for name, text in {"id": identifier, **texts, **own}.items()}
        local.stack.aws.dynamodb.put_item(
            TableName=local.stack.output("SubmissionTableName"), Item=item | at
        )
    return {
        "Records": [
            _ring("known", REQUESTS[1]),
            _ring("partner", OF_A_PARTNER),
            _ring("strange", "no-such-submission"),
        ]
    }


def _ring(identifier: str, submission: str) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    detail = {
        "contract": 1,
        "eventId": identifier,
        "type": "form.submitted",
        "subject": f"submissions/{submission}",
        "occurredAt": at,
    }
    return _message(identifier, {"detail": detail})


def moved_requests(local: LocalEnvironment) -> Mapping[str, Any]:
    known = {
        request["sourceSubmissionId"]: f"collaboration-requests/{request['id']}"
        for request in local.gateway.list_records("collaboration-requests")["items"]
    }
    return batch(local, PARTNER_REQUESTS, {row: known[row] for row in REQUESTS})


def runs(local: LocalEnvironment) -> Mapping[str, Any]:
    """Four pieces of a reconcile run.

    The end of a sweep with drift, the first page of a comparison, the removal of an orphan row, and
    an unknown collection.
    """
    begun = datetime.now(UTC)
    # What came by webhook is left out by a sweep.
    local.trading_grid.order("faults", {"kind": "webhook_drop", "times": 1})
    local.trading_grid.order("changes", {"count": 1, "seed": 1, "partnerIds": ["GC080000000010"]})
    swept = {
        "run": "sweep-1",
        "since": begun.isoformat(),
        "revision": local.cursors.read_cursor(CURSOR_NAME).revision,
    }
    run = f"full-{uuid.uuid4().hex}"
    stray = {
        "rows": 1,
        "shown": 1,
        "findings": [{"id": "ntc_stray", "verdict": "extra", "key": "ntc_stray"}],
        "done": True,
    }
    name = f"runs/{run}/{SERVICE_NOTICES}/compared-0.json"
    local.stack.aws.s3.put_object(
        Bucket=local.stack.output("ReportBucketName"), Key=name, Body=json.dumps(stray).encode()
    )
    removal = {
        "run": run,
        "begun": begun.isoformat(),
        "collection": SERVICE_NOTICES,
        "phase": "remove",
        "compared": 1,
        "acceptShrink": True,
    }
    return {
        "Records": [
            _message("sweep", {"mode": "sweep", **swept}),
            _message("list", {"mode": "full", "collection": ONBOARDING_STEPS}),
            _message("remove", {"mode": "full", **removal}),
            _message("nothing", {"mode": "full", "collection": "Nothing"}),
        ]
    }


def messages(local: LocalEnvironment) -> Mapping[str, Any]:
    """A passed check with a message, an unknown check, an unreadable one, and the schedule."""
    changes = [
        change(
            f"evt_{uuid.uuid4().hex}",
            subject="compliance-checks/chk_997_pgf",
            occurredAt=datetime.now(UTC),
            version=version,
        )
        for version in (1, 9_999)
    ]
    changes.append(
        change(
            f"evt_{uuid.uuid4().hex}",
            subject=ODD_CHECK,
            partnerId=ODD_PARTNER,
            occurredAt=datetime.now(UTC),
            version=None,
        )
    )
    known, ahead, odd = (
        {"detail": one.model_dump(mode="json", by_alias=True, exclude_none=True)} for one in changes
    )
    return {
        "Records": [
            _message("known", known),
            _message("ahead", ahead),
            _message("odd", odd),
            _message("schedule", {"reason": "schedule"}),
        ]
    }


def rings(local: LocalEnvironment) -> Mapping[str, Any]:
    """A change, and a ring with a number that the site refuses, together with the change's."""
    del local
    return {
        "Records": [
            _message("change", {"changes": {PARTNERS[0]: ["issues"]}}),
            _message("ring", {"rings": {PARTNERS[1]: {"issues": 2**60}}, "repeat": 0}),
        ]
    }


def _record(identifier: str, subject: str) -> dict[str, Any]:
    detail = change(
        f"evt_{identifier}",
        type="test",
        subject=subject,
        partnerId=identifier if subject.startswith("partners/") else None,
        version=None,
    )
    return _message(
        identifier, {"detail": detail.model_dump(mode="json", by_alias=True, exclude_none=True)}
    )


def _message(identifier: str, body: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": str(int(time.time() * 1000))}
    return {
        "messageId": identifier,
        "receiptHandle": uuid.uuid4().hex,
        "attributes": attributes,
        "body": json.dumps(body),
    }


WORK = {
    "trading_grid_webhook": webhook,
    "trading_grid_feed": feed,
    "status_publisher": statuses,
    "notice_publisher": notices,
    "onboarding_sync": progress,
    "transaction_monitor": exceptions,
    "activity_publisher": documents_to_count,
    "case_opener": cases_to_open,
    "wix_webhook": form_post,
    "form_intake": submissions,
    "document_sync": documents,
    "request_publisher": moved_requests,
    "partner_messenger": messages,
    "portal_ringer": rings,
    "reconciler": runs,
}

GOOD: Mapping[str, Any] = {
    "trading_grid_webhook": 202,
    "trading_grid_feed": [],
    "status_publisher": [PARTNERS[2]],
    "notice_publisher": [NOTICES[2]],
    "onboarding_sync": [ENROLLMENTS[2]],
    "transaction_monitor": [],
    "activity_publisher": ["schedule"],
    "case_opener": ["strange", "odd"],
    "wix_webhook": 200,
    "form_intake": ["strange"],
    "document_sync": [DOCUMENTS[2]],
    "request_publisher": [REQUESTS[2]],
    "partner_messenger": ["ahead", "odd"],
    "portal_ringer": ["ring"],
    "reconciler": ["nothing"],
}
"""The expected response of each work item without denials: the status, or the failed messages."""


@pytest.fixture(scope="module")
def local() -> Iterator[LocalEnvironment]:
    """A small local environment of its own, in which Wix refuses one row of each collection."""
    with start_local_environment(
        new_run("denials"), lambda _: contextlib.nullcontext(), partners=FEW, overrides=OVERRIDES
    ) as running:
        for notice in NOTICES:
            running.trading_grid.order(
                "notices", {"id": notice, "kind": "advisory", "title": "For a test"}
            )
        for identifier in DOCUMENTS:
            said = {
                "id": identifier,
                "type": "guide",
                "title": "For a test",
                "category": "other",
                "classification": "partner",
            }
            running.trading_grid.order("library", said)
            running.trading_grid.order(
                f"library/{identifier}/versions", {"fileName": "a.pdf", "text": identifier}
            )
        for identifier in REQUESTS:
            running.gateway.create_request(
                {
                    "type": "support",
                    "partnerId": PARTNERS[0],
                    "submitter": {},
                    "formKey": "f",
                    "formVersion": 1,
                    "answers": {},
                    "sourceSubmissionId": identifier,
                }
            )
        # Whatever the feed would bring later, of rows that are held then, comes now.
        running.request_feed_poll()
        running.wait_until_idle()
        running.trading_grid.order("spoilt", {"record": ODD_CHECK, "as": None})
        running.wix.order(
            "refusals",
            {"ids": [PARTNERS[1], NOTICES[1], ENROLLMENTS[1], REQUESTS[1], DOCUMENTS[1]]},
        )
        yield running


def outcome(answer: Mapping[str, Any]) -> Any:
    if "statusCode" in answer:
        return answer["statusCode"]
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def shows_denial(local: LocalEnvironment, function: str, tail: str, begun: float) -> bool:
    """True if the log of a function shows that AWS has denied a call since ``begun``.

    The tail has only 4 KB, so the log itself is read if the tail does not show it. A tail may begin
    with lines of the invocation before, whose actions were others.
    """
    recent = [
        text
        for text in tail.splitlines()
        if (line := parse_line(text, begun)) is not None and line.at >= begun
    ]
    if any("AccessDenied" in text or '"RingsNotQueued":[1.0]' in text for text in recent):
        return True
    lines = read_lines(local.stack.aws.logs, f"/gridwix/{local.stack.name}/{function}", begun)
    return any("AccessDenied" in json.dumps(line.fields) for line in lines)


def test_every_action_of_every_role_is_either_taken_away_below_or_done_by_lambda_itself(
    local: LocalEnvironment,
) -> None:
    for function, groups in ACTIONS.items():
        _, _, document = Roles(local).policy(function)
        granted = {action for statement in document["Statement"] for action in _actions(statement)}

        granted -= OF_THE_SERVICE | UNSEEN | USED_ELSEWHERE.get(function, set())
        assert granted == {action for group in groups for action in group}


@pytest.mark.parametrize("function", ACTIONS)
def test_function_with_its_own_role_does_all_of_its_work(
    local: LocalEnvironment, function: str
) -> None:
    with Roles(local).without(function, [], cold=True):
        answer, log = invoke(local, function, WORK[function](local))

    assert outcome(answer) == GOOD[function]
    assert "AccessDenied" not in log


@pytest.mark.parametrize(
    ("function", "actions"), CASES, ids=[f"{function}-{actions[0]}" for function, actions in CASES]
)
def test_function_that_lacks_an_action_cannot_do_part_of_its_work(
    local: LocalEnvironment, function: str, actions: Sequence[str]
) -> None:
    cold = not READ_RARELY.isdisjoint(actions)
    with Roles(local).without(function, actions, cold=cold):
        begun = time.time()
        answer, log = invoke(local, function, WORK[function](local))
        for _ in range(LOOKS):
            # The local cloud may have read one line of the log and not yet the other, which comes
            # with the next answer then.
            if not shows_denial(local, function, log, begun):
                answer, log = invoke(local, function, WORK[function](local))

    assert shows_denial(local, function, log, begun)
    assert outcome(answer) != GOOD[function] or UNANSWERED & {
        actions[0],
        f"{function} {actions[0]}",
    }
