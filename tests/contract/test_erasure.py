"""An erasure over moto's AWS and the Wix emulator: afterwards every byte is searched for the
person, and another person's data is as it was.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gridwix.clients.aws.configuration_versions import DynamoDBConfigurationVersions
from gridwix.clients.wix.bounced_addresses import CONTACTS
from gridwix.configuration.everything import Configuration
from gridwix.form_intake.document_uploads import upload_label
from gridwix.form_intake.projection import attachment_label
from gridwix.models.configuration_versions import ConfigurationPointer
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import (
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PARTNER_MESSAGES,
    PARTNER_STATUS,
    PEOPLE_HISTORY,
)
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import Outcome, Stage
from gridwix.runtime.configuration import FILE
from ops import queues
from ops.erasure import messages
from ops.erasure.report import ErasureReport
from ops.erasure.report import Outcome as Result
from ops.erasure.run import erase, find_everywhere
from ops.erasure.stores import erasure_progress, personal_stores
from ops.erasure.subject import Subject
from ops.outputs.erase import erase_output
from tests.contract.erasure_world import (
    DANA,
    DEAD,
    ERIK,
    LOGS,
    PARTNER,
    Person,
    World,
    a_world,
    needles,
)
from tests.contract.wix_media import PDF, a_file
from tests.fakes.aws import OneAtATime, create_configuration_table
from tests.personal_data import dump_tables, search

UPLOADS = "/gridwix-uploads"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # One server has all messages, and says at once that there are no more.
    monkeypatch.setattr(queues, "LONG_POLL", 0)
    monkeypatch.setattr(queues, "EMPTY_RECEIVES", 1)
    with a_world(tmp_path) as built:
        yield built


def reported(report: ErasureReport) -> str:
    return erase_output(report).model_dump_json(by_alias=True)


@pytest.mark.parametrize("by", [lambda one: one.email, lambda one: one.member])
def test_nothing_names_an_erased_person_but_what_the_report_says(
    world: World, by: Callable[[Person], str]
) -> None:
    contact, before = world.contacts[DANA.member], world.dump()
    assert len(search(before, [DANA.name])) == 8
    assert len(search(before, needles(world, DANA))) >= 25

    report = world.erase(world.find(by(DANA)))

    assert report.outcome is Result.ERASED, reported(report)
    left = search(world.dump(), needles(world, DANA))
    rows = {key for key in left if key.startswith("wix/OpenIssues/")}
    logs = {key for key in left if key.startswith(LOGS)}
    inbox = {key for key in left if key.startswith("wix/$conversations/")}
    assert left.keys() == rows | logs | inbox
    assert len(rows) == len(logs) == len(inbox) == 1
    assert left[rows.pop()] == {DANA.name}
    assert left[logs.pop()] == {DANA.member}
    assert left[inbox.pop()] == {contact}
    stays = {(store.name, one.ids) for store in report.stores for one in store.stays if one.ids}
    assert {
        ("Wix OpenIssues", (f"case-{DANA.member[:8]}",)),
        ("logs", (LOGS,)),
        ("Wix contacts", (contact,)),
        ("SubmissionTable", ("collaboration-requests/req_1",)),
    } <= stays
    assert not search({"report": reported(report).encode()}, [DANA.email, DANA.name])


def test_other_persons_data_stays_as_it_was(world: World) -> None:
    before = search(world.dump(), needles(world, ERIK))

    world.erase(world.find(DANA.email))

    after = search(world.dump(), needles(world, ERIK))
    assert sorted(map(sorted, after.values())) == sorted(map(sorted, before.values()))
    assert {key for key in before if key.startswith("wix/")} == {
        key for key in after if key.startswith("wix/")
    }


def test_report_names_nobody_else(world: World) -> None:
    text = reported(world.erase(world.find(DANA.email)))

    assert not search({"report": text.encode()}, needles(world, ERIK))


def test_dry_run_finds_as_much_and_changes_nothing(world: World) -> None:
    before = world.dump()

    planned = world.erase(world.find(DANA.email), dry_run=True)

    assert {key: value for key, value in world.dump().items() if "/$" not in key}.keys() == {
        key for key in before if "/$" not in key
    }
    done = world.erase(world.find(DANA.email))
    assert [store.ids for store in planned.stores] == [store.ids for store in done.stores]
    assert [store.removed for store in done.stores] == [len(one.ids) for one in planned.stores]
    assert sum(len(store.ids) for store in planned.stores) >= 20


def test_second_run_finds_nothing(world: World) -> None:
    world.erase(world.find(DANA.email))

    for wanted in (DANA.email, DANA.member):
        again = world.erase(world.find(wanted))
        assert again.outcome is Result.ERASED
        assert [store.name for store in again.stores if store.ids] == []


@pytest.mark.parametrize("number", range(24))
def test_run_after_an_interruption_ends_the_same(world: World, number: int) -> None:
    now, subject = datetime.now(UTC), world.find(DANA.member)
    stores = list(personal_stores(world.stack, world.connections, now))
    found = find_everywhere(stores, subject, now)
    if number >= len(stores):
        pytest.skip("there are fewer stores")
    # The process ends within the store of this number: something there may be removed.
    for store, part in list(zip(stores, found.stores, strict=True))[:number]:
        store.remove(subject, part.ids)
    stores[number].remove(subject, found.stores[number].ids[:1])

    report = world.erase(world.find(DANA.member))

    assert report.outcome is Result.ERASED, reported(report)
    left = search(world.dump(), needles(world, DANA))
    kinds = {"/".join(key.split("/")[:2]) for key in left}
    assert kinds == {"wix/OpenIssues", "/gridwix", "wix/$conversations"}


def test_erased_submission_is_not_delivered_and_not_stored_again(world: World) -> None:
    inbox = DynamoDBSubmissionInbox(world.aws.dynamodb, world.names["SubmissionTableName"])
    waiting = inbox.list_submissions(Stage.OPEN, None, 100).submissions
    own = [one.id for one in waiting if one.member_id == DANA.member]

    world.erase(world.find(DANA.email))

    stored = inbox.read_submissions(own)
    assert {one.stage for one in stored.values()} == {Stage.DELIVERED}
    assert all(one.values == {} and one.member_id is None for one in stored.values())
    assert {one.member_id for one in inbox.list_submissions(Stage.OPEN, None, 100).submissions} == {
        None,
        ERIK.member,
    }


def test_note_of_a_submission_that_is_delivered_during_the_erasure_is_removed(
    world: World,
) -> None:
    now, subject = datetime.now(UTC), world.find(DANA.email)
    stores = personal_stores(world.stack, world.connections, now)
    found = find_everywhere(stores, subject, now)
    inbox = DynamoDBSubmissionInbox(world.aws.dynamodb, world.names["SubmissionTableName"])
    waiting = inbox.list_submissions(Stage.OPEN, None, 100).submissions
    (open_one,) = [one.id for one in waiting if one.member_id == DANA.member]
    outcome = Outcome("collaboration-requests/req_2", "REQ-2", note=f"Thank you, {DANA.name}")
    inbox.settle_submission(open_one, outcome)

    report = erase(stores, found)

    assert report.outcome is Result.ERASED
    table = dump_tables(world.aws, [world.names["SubmissionTableName"]])
    assert not search(table, [DANA.name, DANA.member, DANA.email])
    assert search(table, ["collaboration-requests/req_2"])


def test_partner_loses_what_its_members_left_and_keeps_what_trading_grid_says(
    world: World,
) -> None:
    world.save(PARTNER_MESSAGES, "msg-1", partnerId=PARTNER, campaign="check-done")
    draft = a_file(
        world.site,
        labels=[upload_label(PARTNER, "doc_1")],
        filePath=UPLOADS,
        private=True,
    )
    world.save(CollectionId("PartnerDocuments"), "doc_1", partnerId=PARTNER, title="Agreement")

    report = world.erase(Subject(partner=PARTNER))

    removed = {store.name: store.removed for store in report.stores if store.ids}
    assert removed == {
        "Wix uploads": 3,
        "Wix PartnerLinks": 1,
        "Wix PartnerInvitations": 2,
        "Wix InvitationRedemptions": 1,
        "Wix PeopleHistory": 3,
        "Wix MemberReadMarks": 1,
        "Wix PartnerRequests": 2,
        "Wix PartnerMessages": 1,
        "DispatchTable": 1,
        "SubmissionTable": 2,
    }
    left = search(world.dump(), [DANA.member])
    assert {"/".join(key.split("/")[:2]) for key in left} >= {"wix/$members"}
    stays = {one.what: one for store in report.stores for one in store.stays}
    assert stays["members who acted for it"].ids == (DANA.member,)
    assert draft["id"] not in {key.rpartition("/")[2] for key in world.dump()}
    assert world.wix.get_item(PARTNER_STATUS, WixItemId(PARTNER)) is not None
    assert world.wix.get_item(PARTNER_LINKS, WixItemId(f"link-{ERIK.member}")) is not None


def test_invitation_of_somebody_else_loses_the_id_of_the_erased_inviter(world: World) -> None:
    invited = {"partnerId": PARTNER, "status": "active", "email": "new@prairiegold.example"}
    world.save(PARTNER_INVITATIONS, "inv-1", **invited, invitedBy=DANA.member)

    world.erase(world.find(DANA.member))

    row = world.wix.get_item(PARTNER_INVITATIONS, WixItemId("inv-1"))
    assert row is not None
    assert (row.data["email"], row.data.get("invitedBy")) == ("new@prairiegold.example", None)


def test_line_of_somebody_else_loses_the_id_of_the_erased_actor(world: World) -> None:
    line = {"partnerId": PARTNER, "act": "removed", "memberId": ERIK.member}
    world.save(PEOPLE_HISTORY, "line-1", **line, actor=DANA.member)

    world.erase(world.find(DANA.member))

    row = world.wix.get_item(PEOPLE_HISTORY, WixItemId("line-1"))
    assert row is not None
    assert (row.data["memberId"], row.data.get("actor")) == (ERIK.member, None)


def test_person_who_never_became_a_member_is_erased_by_the_address(world: World) -> None:
    invited = {"partnerId": PARTNER, "status": "active", "name": "Nia New"}
    world.save(PARTNER_INVITATIONS, "inv-1", **invited, email="nia@xn--bcher-kva.example")
    world.save(PARTNER_LINKS, "link-nia", memberId="gone", email="nia@xn--bcher-kva.example")

    report = world.erase(world.find("Nia@Bücher.example"))

    removed = {store.name: store.removed for store in report.stores if store.ids}
    assert removed == {"Wix PartnerLinks": 1, "Wix PartnerInvitations": 1}
    assert not search(world.dump(), ["nia@xn--bcher-kva.example", "Nia New"])


def test_log_lines_stay_for_the_retention_of_the_newest(world: World) -> None:
    report = world.erase(world.find(DANA.email), dry_run=True)

    (store,) = (store for store in report.stores if store.name == "logs")
    (lines,) = store.stays
    assert lines.until is not None
    expected = datetime.now(UTC) - timedelta(days=1) + timedelta(days=14)
    assert abs(lines.until - expected) < timedelta(minutes=10)


def test_contact_of_a_member_who_is_gone_is_found_by_the_progress(world: World) -> None:
    subject = world.find(DANA.member)
    erasure_progress(world.stack).keep(DANA.member, subject.contacts)
    world.site.ok("DELETE", f"/members/v1/members/{DANA.member}")

    report = world.erase(world.find(DANA.member))

    assert world.contacts[DANA.member] in reported(report)
    assert world.site.call("GET", f"{CONTACTS}/{world.contacts[DANA.member]}").status_code == 404
    assert not search(dump_tables(world.aws, [world.names["CursorTableName"]]), [DANA.member])


def test_interrupted_run_is_completed_by_the_address_as_well(world: World) -> None:
    subject = world.find(DANA.email)
    erasure_progress(world.stack).keep(DANA.member, subject.contacts)
    world.site.ok("DELETE", f"/members/v1/members/{DANA.member}")

    assert world.find(DANA.email).members == {DANA.member}
    world.erase(world.find(DANA.email))

    assert not dump_tables(world.aws, [world.names["CursorTableName"]])


def test_dead_letters_that_another_command_holds_are_reported(world: World) -> None:
    url = world.names["PartnerMessengerDeadLetterQueueUrl"]
    world.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=900)

    report = world.erase(world.find(DANA.email))

    (held,) = report.stores[0].stays
    assert (report.stores[0].name, held.ids) == ("dead-letter queues", (DEAD,))


def test_more_dead_letters_than_can_be_looked_at_stop_the_erasure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MAX_HELD", 3)
    monkeypatch.setattr(queues, "MAX_HELD", 3)

    report = world.erase(world.find(DANA.email))

    assert report.outcome is Result.INCOMPLETE
    assert report.stores[0].fault.startswith(f"too_large: {DEAD}")
    assert search(world.dump(), [DANA.member])


def test_upload_for_a_form_that_only_the_version_in_effect_has_is_removed(world: World) -> None:
    bundled = json.loads(FILE.read_bytes())
    bundled["forms"]["new-form"] = bundled["forms"]["edi-setup"]
    content = json.dumps(bundled).encode()
    Configuration.model_validate_json(content)
    table = create_configuration_table(OneAtATime(world.aws.dynamodb))
    world.names["ConfigurationTableName"] = table
    versions = DynamoDBConfigurationVersions(world.aws.dynamodb, table)
    version = versions.add_version(content)
    assert versions.move_pointer(ConfigurationPointer(), version, "apply", datetime.now(UTC))
    label = attachment_label(DANA.member, DANA.partner, "new-form")
    file = a_file(world.site, PDF + b"new", labels=[label], filePath=UPLOADS, private=True)

    report = world.erase(world.find(DANA.email))

    assert report.outcome is Result.ERASED, reported(report)
    assert file["id"] in report.stores[1].ids


def test_upload_for_a_partner_to_which_the_link_is_gone_is_removed(world: World) -> None:
    label = attachment_label(DANA.member, ERIK.partner, "invoice-question")
    other = attachment_label(ERIK.member, ERIK.partner, "edi-setup")
    own, others = (
        a_file(world.site, PDF + one.encode(), labels=[one], filePath=UPLOADS, private=True)["id"]
        for one in (label, other)
    )

    report = world.erase(world.find(DANA.email))

    assert own in report.stores[1].ids
    assert others not in report.stores[1].ids


def test_progress_is_cleared_although_the_contact_is_gone_already(world: World) -> None:
    subject = world.find(DANA.member)
    erasure_progress(world.stack).keep(DANA.member, subject.contacts)
    world.site.ok("DELETE", f"/members/v1/members/{DANA.member}")
    world.site.ok("DELETE", f"{CONTACTS}/{world.contacts[DANA.member]}")

    world.erase(world.find(DANA.member))

    assert not dump_tables(world.aws, [world.names["CursorTableName"]])
