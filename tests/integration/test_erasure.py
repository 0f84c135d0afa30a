"""An erasure through the deployed stack: a member sends requests with files, gets messages, has
links and settings; a dead letter names it. Afterwards every byte of every store is searched.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import boto3
import httpx
import pytest

from gridwix.clients.files import FileClient
from gridwix.clients.wix.bounced_addresses import CONTACTS
from gridwix.clients.wix.media import UPLOADS, MediaClient
from gridwix.form_intake.projection import attachment_label
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import (
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    PARTNER_LINKS,
    PARTNER_REQUESTS,
)
from gridwix.models.wix import DataItem
from gridwix.partner_messenger.dispatches import MemberMessage, Text
from gridwix.partner_messenger.wix_inbox import WixInbox
from ops.collections import collection_definitions
from ops.erasure.people import MEMBERS
from ops.local_cloud import KEY, REGION
from ops.local_environment import STACK_NAME, LocalEnvironment
from ops.paths import ROOT
from ops.waiting import wait_for
from tests.integration.test_commands import streams
from tests.personal_data import (
    Dump,
    dump_buckets,
    dump_logs,
    dump_queues,
    dump_tables,
    search,
    table_names,
)

FORM = "invoice-question"
WIX_FORM = "5b1f6a52-7f1e-4a53-9a3d-2d1e0c5a8f01"
FILES = ("never-sent.pdf", "sent.pdf")
NOBODY = PartnerId("")
PARTNERS = range(150, 190)
"""Numbers of the generated partners from which the two persons of this test come."""


@dataclass
class Person:
    """A member of a generated partner; its name and email address occur nowhere else."""

    first: str
    partner: PartnerId = NOBODY
    check: str = ""
    member: str = field(default_factory=lambda: str(uuid.uuid4()))
    contact: str = ""

    @property
    def email(self) -> str:
        return f"{self.first}.vandermeulen@{self.partner.lower()}.example"

    @property
    def name(self) -> str:
        return f"{self.first} Vandermeulen"

    @property
    def needles(self) -> list[str]:
        return [self.email, self.name, self.member, self.contact]


@pytest.fixture(scope="module")
def persons(local_cloud: LocalEnvironment) -> list[Person]:
    """Two members of two partners, each of which has left something in every store."""
    local_cloud.wait_until_idle()
    found = [Person("Ottoline"), Person("Bartholomew")]
    for person, (partner, check) in zip(found, partners_with_checks(local_cloud), strict=False):
        person.partner, person.check = partner, check
        become_member(local_cloud, person)
        send_requests(local_cloud, person)
        get_message(local_cloud, person)
        for body in (
            {"detail": {"subject": f"members/{person.member}"}},
            {"detail": {"subject": f"submissions/{person.email}"}},
        ):
            local_cloud.stack.aws.sqs.send_message(
                QueueUrl=local_cloud.stack.output("CaseOpenerDeadLetterQueueUrl"),
                MessageBody=json.dumps(body),
            )
    assert all(person.partner for person in found)
    local_cloud.wait_until_idle()
    return found


def partners_with_checks(local: LocalEnvironment) -> Iterable[tuple[PartnerId, str]]:
    """Partners with a compliance check that can be passed, and that check."""
    for number in PARTNERS:
        partner = PartnerId(f"GC08{number:010}")
        for check in local.connections.community.compliance_checks([partner]).records:
            if check.status in ("failed", "pending"):
                yield partner, check.id
                break


def become_member(local: LocalEnvironment, person: Person) -> None:
    created = local.wix.order(
        "members",
        {
            "id": person.member,
            "loginEmail": person.email,
            "status": "APPROVED",
            "contact": {"firstName": person.first, "lastName": "Vandermeulen"},
        },
    )["member"]
    person.contact = created["contactId"]
    own = {"memberId": person.member, "partnerId": person.partner}
    for collection, row in (
        (PARTNER_LINKS, {**own, "role": "admin"}),
        (MEMBER_READ_MARKS, {**own, "marks": {}}),
        (MEMBER_SETTINGS, {"memberId": person.member, "setting": "language", "value": "de"}),
    ):
        local.connections.wix.save_item(
            collection, DataItem(WixItemId(f"{collection}-{person.member}"), row)
        )


def send_requests(local: LocalEnvironment, person: Person) -> None:
    """One request is delivered, one is held, and a file is never sent. A visitor writes, too."""
    answers = {
        "invoice_number": "INV-1",
        "question": f"Please call {person.name}",
        "your_name": person.name,
        "email": person.email,
    }
    delivered, held = (f"erase-{uuid.uuid4().hex}" for _ in range(2))
    _, file = (upload_file(local, person, name) for name in FILES)
    attached = {"attachments": [{"fileId": file, "displayName": FILES[1], "sizeInBytes": 200}]}
    submit(local, person, delivered, {**answers, **attached})
    submit(local, person, held, {**answers, "website": "https://spam.example"})
    local.wix.order("submissions", {"formId": WIX_FORM, "submissions": answers})
    local.wait_for(
        lambda: (
            (row := local.connections.wix.get_item(PARTNER_REQUESTS, WixItemId(delivered)))
            is not None
            and row.data.get("number")
        ),
        "the number of the request",
    )


def submit(local: LocalEnvironment, person: Person, identifier: str, values: Any) -> None:
    """Submit a form as the portal's backend does, for a member and its partner."""
    body = json.dumps(
        {
            "submissionId": identifier,
            "memberId": person.member,
            "partnerId": person.partner,
            "values": values,
        }
    )
    code = local.site_code
    httpx.post(
        f"{code.url}/forms/{FORM}", content=body, headers=code.sign_headers(identifier, body)
    ).raise_for_status()


def upload_file(local: LocalEnvironment, person: Person, name: str) -> str:
    """Upload a file as the portal's page does, with the label that its backend sets."""
    place = local.connections.site.call(
        "upload",
        "POST",
        "/site-media/v1/files/generate-upload-url",
        body={
            "mimeType": "application/pdf",
            "fileName": name,
            "private": True,
            "labels": [attachment_label(person.member, person.partner, FORM)],
            "filePath": f"/{UPLOADS}",
        },
    )
    put = httpx.put(
        place["uploadUrl"],
        params={"filename": name},
        content=f"%PDF-1.7 {person.name} {name}".encode(),
        headers={"content-type": "application/pdf"},
    )
    return str(put.raise_for_status().json()["file"]["id"])


def get_message(local: LocalEnvironment, person: Person) -> None:
    """Let the person get an email about a change, and a message in its inbox."""
    WixInbox(local.connections.site).send_message(
        MemberMessage(
            id=uuid.uuid4().hex,
            campaign="case-awaiting-partner",
            kind="transactional",
            contact_id=person.contact,
            email=person.email,
            locale="en",
            text=Text("Waiting for you", "<p>Please answer.</p>"),
        )
    )
    check = local.gateway.get_record("compliance-checks", person.check)
    if check["status"] == "failed":
        check = local.gateway.make_transition("compliance-checks", check, "pending")
    local.gateway.make_transition("compliance-checks", check, "passed", "Done.")
    local.wait_for(lambda: person.email in json.dumps(mails(local)), "the email")


def mails(local: LocalEnvironment) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", local.wix.read("automations/received")["received"])


def dump_everything(local: LocalEnvironment) -> Dump:
    """Every byte of every store of the stack, and of the site.

    The archive of the bus has no call that reads it; the report has to name it.
    """
    aws, stores = local.stack.aws, table_names(local.stack.read_resources())
    assert all(stores.values())
    return (
        dump_tables(aws, stores["tables"])
        | dump_buckets(aws, stores["buckets"])
        | dump_queues(aws, stores["queues"])
        | dump_logs(aws, stores["logs"])
        | dump_wix(local)
    )


def dump_wix(local: LocalEnvironment) -> Dump:
    found: dict[str, Any] = {
        f"wix/{collection}/{item['_id']}": item
        for definition in collection_definitions()
        for collection in [definition["id"]]
        for item in local.wix.read("items", collection=collection)["items"]
    }
    site = local.connections.site
    for path, name in ((MEMBERS, "members"), (CONTACTS, "contacts")):
        body = {"query": {"paging": {"limit": 100, "offset": 0}}, "fieldsets": ["FULL"]}
        listed = site.call("dump", "POST", f"{path}/query", body=body, safe=True)[name]
        assert len(listed) < 100
        found |= {f"wix/{name}/{one['id']}": one for one in listed}
    for path, name in (("submissions", "submissions"), ("inbox", "messages")):
        found |= {f"wix/{path}/{one['id']}": one for one in local.wix.read(path)[name]}
    dump = {key: json.dumps(value).encode() for key, value in found.items()}
    media = MediaClient(site, FileClient())
    for file in local.wix.read("media/files")["files"]:
        content = (
            httpx.get(media.download_url(file["id"], 5)).content
            if file["operationStatus"] == "READY" and file["displayName"] in FILES
            else b""
        )
        dump[f"wix/file/{file['id']}"] = json.dumps(file).encode() + b"\n" + content
    return dump


def stores_of(found: Iterable[str]) -> set[str]:
    return {"/".join(key.split("/")[:2]) for key in found if key.startswith("wix/")}


def erase(local: LocalEnvironment, *options: str) -> dict[str, Any]:
    code, out, err = streams(local, "erase", *options, "--json")
    assert code == 0, out + err
    return cast("dict[str, Any]", json.loads(out))


def test_erased_person_is_in_no_byte_of_the_local_world_but_where_the_report_says(
    local_cloud: LocalEnvironment, persons: list[Person]
) -> None:
    person, other = persons
    before = dump_everything(local_cloud)
    assert stores_of(search(before, person.needles)) >= {
        f"wix/{name}"
        for name in (PARTNER_LINKS, MEMBER_SETTINGS, PARTNER_REQUESTS, "members", "contacts")
    } | {"wix/submissions", "wix/inbox"}
    assert len(search(before, [person.name])) >= 4
    assert "wix/file" in stores_of(search(before, [person.name]))
    others_before = search(before, other.needles)

    planned = erase(local_cloud, "--person", person.email, "--dry-run")
    code, _, err = streams(local_cloud, "erase", "--person", person.email)
    assert (code, "--yes" in err) == (2, True)
    assert (
        search(dump_everything(local_cloud), [person.member]).keys()
        == search(before, [person.member]).keys()
    )

    report = erase(local_cloud, "--person", person.email, "--yes")

    local_cloud.wait_until_idle()
    assert report["outcome"] == "erased"
    assert [one["ids"] for one in report["stores"]] == [one["ids"] for one in planned["stores"]]
    removed = {one["store"]: one["removed"] for one in report["stores"] if one["found"]}
    assert removed.keys() >= {
        "dead-letter queues",
        "Wix uploads",
        "Wix PartnerLinks",
        "Wix MemberSettings",
        "Wix MemberReadMarks",
        "Wix PartnerRequests",
        "Wix form submissions",
        "DispatchTable",
        "SubmissionTable",
        "Wix members",
        "Wix contacts",
    }
    assert removed["dead-letter queues"] == 2
    assert_nothing_is_left(local_cloud, person, report)
    text = json.dumps(report)
    assert not search({"report": text.encode()}, [person.email, person.name, *other.needles])
    others_after = search(dump_everything(local_cloud), other.needles)
    assert stores_of(others_after) == stores_of(others_before)
    assert {key for key in others_before if key.startswith("wix/")} <= others_after.keys()


def assert_nothing_is_left(local: LocalEnvironment, person: Person, report: dict[str, Any]) -> None:
    """Assert that what is found of a person is named in the report."""
    stays = {
        (one["store"], part["what"]): part for one in report["stores"] for part in one["stays"]
    }
    groups = set(stays.get(("logs", "log lines"), {}).get("ids", ()))
    # The site's replica is some seconds behind.
    left = wait_for_left(local, person)
    unexplained = {
        key: hits
        for key, hits in left.items()
        if key.rpartition("/")[0] not in groups and not key.startswith("wix/inbox/")
    }
    assert not unexplained
    assert all(hits == {person.contact} for key, hits in left.items() if "wix/inbox" in key)
    assert person.contact in stays["Wix contacts", "conversations in Wix Inbox"]["ids"]
    assert person.email in json.dumps(mails(local))
    assert ("Wix contacts", "emails that were sent") in stays
    archived = local.stack.parameters["EventArchive"] == "enabled"
    assert (("event archive", "events") in stays) is archived
    assert stays["SubmissionTable", "records in Trading Grid that it sent"]["ids"]


def wait_for_left(local: LocalEnvironment, person: Person) -> dict[str, set[str]]:
    """What is left, as soon as the site's replica has caught up."""
    wait_for(
        lambda: not [key for key in dump_wix(local) if key == f"wix/contacts/{person.contact}"],
        "the replica of the contacts",
    )
    return search(dump_everything(local), person.needles)


def test_documented_policy_is_enough_to_erase_and_nothing_is_erased_without_it(
    local_cloud: LocalEnvironment, persons: list[Person]
) -> None:
    iam = boto3.Session(
        aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name=REGION
    ).client("iam", endpoint_url=local_cloud.cloud.endpoint)
    iam.create_user(UserName="eraser")
    key = iam.create_access_key(UserName="eraser")["AccessKey"]
    own = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    person, command = persons[1], ("erase", "--person", persons[1].email, "--yes", "--json")

    denied = streams(local_cloud, *command, **own)
    policy = json.loads((ROOT / "docs/eraser-policy.json").read_text().replace("STACK", STACK_NAME))
    for statement in policy["Statement"]:
        if "sqs:DeleteMessage" in statement["Action"]:
            # AWS checks the single call's name for a batch, too; the local cloud the batch's own.
            statement["Action"] += [
                "sqs:DeleteMessageBatch",
                "sqs:ChangeMessageVisibilityBatch",
            ]
        # The local cloud knows no keys of items.
        statement.pop("Condition", None)
    iam.put_user_policy(UserName="eraser", PolicyName="erase", PolicyDocument=json.dumps(policy))
    code, out, err = streams(local_cloud, *command, **own)

    assert denied[0] == 1
    assert code == 0, out + err
    report = json.loads(out)
    assert report["outcome"] == "erased"
    assert_nothing_is_left(local_cloud, person, report)
    iam.delete_user_policy(UserName="eraser", PolicyName="erase")
    iam.delete_access_key(UserName="eraser", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="eraser")


def test_erased_person_does_not_come_back(
    local_cloud: LocalEnvironment, persons: list[Person]
) -> None:
    person = persons[0]
    erase(local_cloud, "--person", person.email, "--yes")

    local_cloud.publish_all()
    for name in ("FormIntakeQueueUrl", "PartnerMessengerQueueUrl"):
        local_cloud.stack.aws.sqs.send_message(
            QueueUrl=local_cloud.stack.output(name), MessageBody='{"reason": "schedule"}'
        )
    local_cloud.wait_until_idle()
    again = erase(local_cloud, "--person", person.member, "--yes")

    assert [one["store"] for one in again["stores"] if one["found"]] == []
    rows = local_cloud.connections.wix.items_where(
        CollectionId(PARTNER_REQUESTS), "memberId", person.member
    )
    assert list(rows) == []
