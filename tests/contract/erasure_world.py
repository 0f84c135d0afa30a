"""A stack in moto and a site of the Wix emulator in which two persons have left something in every
store that may name one.
"""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import httpx
from moto import mock_aws

from gridwix.clients.aws.items import Value, encode_item
from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.form_intake.projection import attachment_label
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.models.portal.collection_ids import (
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    OPEN_ISSUES,
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PARTNER_REQUESTS,
    PARTNER_STATUS,
    PEOPLE_HISTORY,
)
from gridwix.models.wix import DataItem, Refusal
from gridwix.partner_messenger.dispatches import Dispatch
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from gridwix.partner_messenger.wix_inbox import CONVERSATIONS, MESSAGES
from gridwix.partner_requests.submission_table import INDEX, DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import Outcome
from gridwix.people.member_rows import INVITATION_ATTEMPTS
from gridwix.people.unlinking import INVITATION_REDEMPTIONS
from ops.aws import Aws
from ops.budgets import UnlimitedBudget
from ops.collections import collection_definitions, ensure_collection
from ops.connections import Connections
from ops.erasure.people import SitePeople, find_person
from ops.erasure.report import ErasureReport
from ops.erasure.run import erase, find_everywhere
from ops.erasure.stores import erasure_progress, personal_stores
from ops.erasure.subject import Subject
from ops.stack import Stack
from tests.contract.wix_media import PDF, a_file
from tests.contract.wix_site import Client, a_site
from tests.fakes.aws import REGION, OneAtATime, create_journal_table, create_table
from tests.personal_data import Dump, dump_logs, dump_queues, dump_site, dump_tables

FORM = "5b1f6a52-7f1e-4a53-9a3d-2d1e0c5a8f01"
"""The Wix form of ``config/forms/invoice-question.yaml``."""

PARTNER, OTHER_PARTNER = PartnerId("GC070000000101"), PartnerId("GC0700000001011")
LOGS = "/gridwix/gridwix/partner_messenger"
DEAD = "partner_messenger"


@dataclass(frozen=True)
class Person:
    """A member with an email address and a name that occur nowhere else."""

    member: str
    email: str
    first: str
    last: str
    partner: PartnerId

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


DANA = Person(str(uuid.uuid4()), "Dana.Lí@prairie.example", "Dana", "Lí-Moreau", PARTNER)
ERIK = Person(str(uuid.uuid4()), "erik@prairie.example", "Erik", "Dahl", OTHER_PARTNER)


class OneStack(Stack):
    """A stack whose only log group is ``LOGS``."""

    def read_resources(self) -> dict[str, dict[str, str]]:
        return {"AWS::Logs::LogGroup": {"PartnerMessengerLogs": LOGS}}


@dataclass
class World:
    """A stack and a site in which persons have left something in every store."""

    aws: Aws
    site: Client
    state: Path
    http: httpx.Client
    names: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tables = OneAtATime(self.aws.dynamodb)
        for output, key in {
            "DispatchTableName": "id",
            "RefusedItemTableName": "row",
            "CursorTableName": "name",
        }.items():
            self.names[output] = create_table(tables, key)
        self.names["SubmissionTableName"] = create_table(
            tables, "id", index=(INDEX, "waiting", "receivedAt")
        )
        self.names["JournalTableName"] = create_journal_table(tables)
        for kind in ("QueueUrl", "DeadLetterQueueUrl"):
            self.names[f"PartnerMessenger{kind}"] = self.aws.sqs.create_queue(QueueName=kind)[
                "QueueUrl"
            ]
        self.aws.logs.create_log_group(logGroupName=LOGS)
        self.aws.logs.create_log_stream(logGroupName=LOGS, logStreamName="1")
        for definition in collection_definitions():
            ensure_collection(self.wix, definition)
        self.site.a_form({"target": "email"}, {"target": "question"}, id=FORM)

    @property
    def wix(self) -> WixClient:
        return self.connections.wix

    @property
    def connections(self) -> Connections:
        auth = wix_auth(
            {"apiKey": self.site.info["apiKey"]}, self.site.info["siteId"], base_url=self.site.url
        )
        options: Any = {"base_url": self.site.url}
        unused: Any = None
        return Connections(
            unused,
            unused,
            unused,
            unused,
            WixClient(self.http, auth, UnlimitedBudget(), **options),
            WixSite(self.http, auth, UnlimitedBudget(), **options),
            unused,
        )

    @property
    def stack(self) -> Stack:
        return OneStack("gridwix", self.names, self.aws, parameters={"LogRetentionInDays": "14"})

    def dump(self) -> Dump:
        tables = [name for output, name in self.names.items() if output.endswith("TableName")]
        queues = [url for output, url in self.names.items() if output.endswith("QueueUrl")]
        return (
            dump_tables(self.aws, tables)
            | dump_queues(self.aws, queues)
            | dump_logs(self.aws, [LOGS])
            | dump_site(self.state)
        )

    def find(self, wanted: str) -> Subject:
        return find_person(SitePeople(self.connections.site), erasure_progress(self.stack), wanted)

    def erase(self, subject: Subject, *, dry_run: bool = False) -> ErasureReport:
        now = datetime.now(UTC)
        stores = personal_stores(self.stack, self.connections, now)
        found = find_everywhere(stores, subject, now)
        return found if dry_run else erase(stores, found)

    def put_submission(self, person: Person | None, form: str, answers: dict[str, Any]) -> str:
        """A submission as the webhook stores it; None is a visitor."""
        identifier, now = f"sub-{uuid.uuid4().hex}", datetime.now(UTC).isoformat()
        item: dict[str, Value] = {
            "id": identifier,
            "form": form,
            "receivedAt": now,
            "submittedAt": now,
            "values": json.dumps(answers, ensure_ascii=False),
            "stage": "open",
            "waiting": "open",
        }
        if person is not None:
            item |= {"memberId": person.member, "partnerId": person.partner}
        self.aws.dynamodb.put_item(
            TableName=self.names["SubmissionTableName"], Item=encode_item(item)
        )
        return identifier

    def save(self, collection: CollectionId, identifier: str, **data: Any) -> None:
        self.wix.save_item(collection, DataItem(WixItemId(identifier), data))


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    """A world with Dana and Erik; the site's state is in a folder."""
    with mock_aws(), httpx.Client() as http:
        state = folder / "wix.sqlite"
        site = a_site(state=state, collection=False, replica_lag=0.0)
        site.control("POST", "media", {"readySeconds": 0})
        built = World(Aws(boto3.Session(region_name=REGION)), site, state, http)
        for person in (DANA, ERIK):
            leave_traces(built, person)
        yield built


def leave_traces(world: World, person: Person) -> None:
    """Let a person leave something in every store that may name one."""
    partner, member = person.partner, person.member
    created = world.site.control(
        "POST",
        "members",
        {
            "id": member,
            "loginEmail": person.email,
            "contact": {"firstName": person.first, "lastName": person.last},
        },
    )["member"]
    contact = world.contacts[member] = created["contactId"]
    conversation = world.site.ok("POST", CONVERSATIONS, {"participantId": {"contactId": contact}})
    world.site.ok(
        "POST",
        MESSAGES,
        {
            "conversationId": conversation["conversation"]["id"],
            "message": {
                "direction": "BUSINESS_TO_PARTICIPANT",
                "visibility": "BUSINESS_AND_PARTICIPANT",
                "content": {"basic": {"items": [{"text": "Your check is done."}]}},
            },
        },
    )
    fields = {"memberId": member, "partnerId": partner}
    world.save(
        PARTNER_LINKS, f"link-{member}", **fields, role="finance", email=person.email.lower()
    )
    world.save(MEMBER_READ_MARKS, f"marks-{member}", **fields, marks={})
    world.save(MEMBER_SETTINGS, f"set-{member}", memberId=member, setting="language", value="de")
    world.save(INVITATION_ATTEMPTS, f"try-{member}", memberId=member, hour=1)
    invitation = uuid.uuid4().hex
    world.save(PARTNER_INVITATIONS, invitation, partnerId=partner, status="used", usedBy=member)
    world.save(INVITATION_REDEMPTIONS, invitation, memberId=member)
    invited = {"email": person.email.lower(), "name": person.name, "userId": "GCP6U3F000001"}
    world.save(PARTNER_INVITATIONS, uuid.uuid4().hex, partnerId=partner, status="active", **invited)
    line = {"partnerId": partner, "act": "invited", "at": {"$date": "2026-11-01T09:00:00.000Z"}}
    world.save(PEOPLE_HISTORY, uuid.uuid4().hex, **line, actor="hub", email=person.email.lower())
    world.save(PEOPLE_HISTORY, uuid.uuid4().hex, **line, actor=member, memberId=member)
    world.save(PEOPLE_HISTORY, uuid.uuid4().hex, **line, actor=member, email="other@x.example")
    world.save(PARTNER_STATUS, partner, partnerId=partner, headline="Active")
    leave_submissions(world, person)
    leave_messages(world, person)
    said = [{"author": "partner", "text": f"Please call {person.name}."}]
    world.save(OPEN_ISSUES, f"case-{member[:8]}", partnerId=partner, comments=said)


def leave_submissions(world: World, person: Person) -> None:
    """Requests in each state, an upload that waits, one that was never sent, and a form of Wix."""
    partner, member = person.partner, person.member
    label = attachment_label(member, partner, "invoice-question")
    options: dict[str, Any] = {"filePath": "/gridwix-uploads", "private": True}
    never_sent = a_file(world.site, PDF + person.name.encode(), labels=[label], **options)
    waiting = a_file(world.site, PDF + person.email.encode(), labels=["gridwix-other"], **options)
    assert never_sent["id"] != waiting["id"]
    answers = {"your_name": person.name, "email": person.email, "files": [{"id": waiting["id"]}]}
    open_one = world.put_submission(person, "invoice-question", answers)
    delivered = world.put_submission(person, "invoice-question", answers)
    inbox = DynamoDBSubmissionInbox(world.aws.dynamodb, world.names["SubmissionTableName"])
    note = f"We could not read 1.234, {person.name}"
    inbox.settle_submission(delivered, Outcome("collaboration-requests/req_1", "REQ-1", note=note))
    world.put_submission(None, "contact", {"email": person.email.upper(), "name": person.name})
    fields = {"memberId": member, "partnerId": partner, "kind": "request"}
    world.save(PARTNER_REQUESTS, open_one, **fields, status="received")
    world.save(PARTNER_REQUESTS, delivered, **fields, status="completed", number="REQ-1")
    world.site.submit(FORM, {"email": person.email, "question": "Why?"})
    world.site.submit(FORM, {"question": "And this?"}, memberId=member)


def leave_messages(world: World, person: Person) -> None:
    """Dispatches, a refused item, an entry of the journal, a log line, and dead letters."""
    member, now = person.member, datetime.now(UTC)
    outbox = DynamoDBOutbox(world.aws.dynamodb, world.names["DispatchTableName"], time.time)
    to_partner = Dispatch(
        id=uuid.uuid4().hex,
        campaign="check-done",
        occasion="evt_1",
        subject="compliance-checks/chk_1",
        partner_id=person.partner,
        since=now,
        due_at=now,
        channel="portal",
    )
    to_member = replace(to_partner, id=uuid.uuid4().hex, channel="email", recipient=member)
    outbox.add_dispatches([to_partner, to_member])
    DynamoDBRefusedItems(world.aws.dynamodb, world.names["RefusedItemTableName"]).add(
        [
            Refusal(
                MEMBER_SETTINGS,
                WixItemId(f"set-{member}"),
                "WDE0080",
                f"{person.email} is not valid",
            )
        ],
        function="partner_messenger",
        at=now.timestamp(),
    )
    DynamoDBJournal(world.aws.dynamodb, world.names["JournalTableName"], 86_400).add(
        [
            JournalEntry(
                record=f"members/{member}",
                at=now.timestamp(),
                function="partner_messenger",
                outcome=JournalOutcome.DONE,
                event_id=f"evt-{member}",
                event_type="member.updated",
            )
        ]
    )
    world.aws.logs.put_log_events(
        logGroupName=LOGS,
        logStreamName="1",
        logEvents=[
            {
                "timestamp": int((time.time() - 86_400) * 1000),
                "message": json.dumps({"record": f"members/{member}", "reason": "contactId"}),
            }
        ],
    )
    for body in (
        json.dumps({"detail": {"subject": f"members/{member}"}}),
        json.dumps({"detail": json.dumps({"name": person.name})}),
    ):
        world.aws.sqs.send_message(
            QueueUrl=world.names["PartnerMessengerDeadLetterQueueUrl"], MessageBody=body
        )


def needles(world: World, person: Person) -> list[str]:
    return [person.email, person.name, person.member, world.contacts[person.member]]
