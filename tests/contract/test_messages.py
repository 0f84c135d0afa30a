"""The messenger against both emulators over HTTP, with an outbox in memory.

Messages to members, lost responses, unlocked steps, and retention.
"""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid import app
from emulators.trading_grid.tenant import new_tenant
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.errors import Unavailable
from gridwix.mapping.cloud_events import to_change
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.events import Change
from gridwix.models.files import FileFacts
from gridwix.models.ids import CompanyId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import (
    MEMBER_SETTINGS,
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PARTNER_MESSAGES,
)
from gridwix.models.trading_grid.documents import NewDocumentVersion
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.partner_messenger.dispatches import DispatchState
from gridwix.partner_messenger.erasure import LAST_SLOT, SLOTS, SLOTS_PER_DAY
from gridwix.partner_messenger.invitation_rows import WixInvitations
from gridwix.partner_messenger.invitations import InvitationCodes
from gridwix.partner_messenger.mail_automation import MailAutomation
from gridwix.partner_messenger.members import WixMemberDirectory
from gridwix.partner_messenger.retention import RetentionReport
from gridwix.partner_messenger.service import MessengerReport, PartnerMessenger
from gridwix.partner_messenger.wix_inbox import WixInbox
from gridwix.people.codes import code_hash, invitation_code, invitation_id, invitation_link
from gridwix.runtime.configuration import configuration
from ops.collections import collection_definitions
from ops.emulator import Emulator
from ops.gateway_client import GatewayClient
from tests.contract.wix_site import Client, a_site
from tests.fakes.messaging import COMPANY, KEY, PORTAL_URL, FakeOutbox, FakePace
from tests.fakes.wire import CountingBudget

BALTIC, CASE, ENROLLMENT = "GC055120098871", "case_01JA3B", "enr_01J9QK"


@dataclass
class World:
    """Both emulators and a messenger. Baltic has one member, Katrin: German, role admin."""

    url: str
    http: httpx.Client
    site: Client = field(default_factory=lambda: a_site(collection=False))
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    cascade: bool = True
    now: float = field(default_factory=lambda: datetime.now(UTC).timestamp())

    def __post_init__(self) -> None:
        info = Emulator(self.url).info()
        auth = trading_grid_auth(
            "apigrid",
            {name: info[name] for name in ("consumerKey", "consumerSecret")},
            base_url=self.url,
        )
        self.community = CommunityClient(
            self.http, auth, base_url=info["communityBaseUrl"], sleep=lambda _: None
        )
        self.gateway = GatewayClient(info["communityBaseUrl"], auth, self.http)
        self.cursor = self.community.head()
        for definition in collection_definitions():
            self.site.ok("POST", "/wix-data/v2/collections", {"collection": definition})
        self.member = self.site.control("POST", "members", {"loginEmail": "katrin@baltic.example"})[
            "member"
        ]
        self.site.ok(
            "PATCH",
            f"/contacts/v4/contacts/{self.member['contactId']}",
            {"revision": 1, "info": {"locale": "de-DE"}},
        )
        link = {"memberId": self.member["id"], "partnerId": BALTIC, "role": "admin"}
        self.site.ok(
            "POST",
            "/wix-data/v2/items",
            {"dataCollectionId": PARTNER_LINKS, "dataItem": {"data": link}},
        )
        wix_login = wix_auth(
            {"apiKey": self.site.info["apiKey"]}, self.site.info["siteId"], base_url=self.site.url
        )
        options: dict[str, Any] = {"base_url": self.site.url, "sleep": lambda _: None}
        self.budget = CountingBudget()
        wix, site = (
            WixClient(self.http, wix_login, self.budget, **options),
            WixSite(self.http, wix_login, self.budget, **options),
        )
        address = f"{self.site.url}/_api/webhook-trigger/report/{self.site.info['siteId']}/mails"
        chosen = configuration()
        chosen = chosen.model_copy(
            update={"messaging": chosen.messaging.model_copy(update={"quiet_hours": None})}
        )
        self.messenger = PartnerMessenger(
            source=self.community,
            directory=WixMemberDirectory(wix, site),
            outbox=self.outbox,
            portal=wix,
            channels={
                "inbox": WixInbox(site),
                "email": MailAutomation(
                    self.http,
                    lambda: {"emailUrl": address},
                    clock=lambda: self.now,
                    sleep=lambda _: None,
                ),
            },
            invitations=WixInvitations(wix),
            codes=InvitationCodes(lambda: {"invitationKey": KEY}, PORTAL_URL),
            pace=FakePace(),
            enrollments=self.community,
            configuration=chosen,
            company_id=COMPANY,
            clock=lambda: self.now,
        )

    def events(self) -> list[Change]:
        """All events of the feed since the start."""
        page = self.community.read_events(self.cursor, 200)
        return [
            Change.model_validate(to_change(event, prefix="net.example.tg.", via="feed"))
            for event in page.items
        ]

    def run(self, *, minutes: float = 0) -> MessengerReport:
        self.now += 60 * minutes
        return self.messenger.process_changes(self.events(), NO_DEADLINE)

    def run_retention(self, **time: float) -> tuple[RetentionReport, int]:
        """Move the clock and run the schedule.

        Returns its retention report and the number of calls.
        """
        self.now += timedelta(**time).total_seconds()
        # All parts of the members' data are looked through, so that only its own calls count.
        self.outbox.versions[LAST_SLOT] = 10**9
        before = self.budget.taken
        return self.messenger.process_changes(
            [], NO_DEADLINE, scheduled=True
        ).retention, self.budget.taken - before

    def rows(self) -> list[dict[str, Any]]:
        return list(self.site.stored(PARTNER_MESSAGES).values())

    def mails(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.site.control("GET", "mails")["mails"]
        return found

    def inbox(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.site.control("GET", "inbox")["messages"]
        return found

    def save_setting(self, setting: str, value: str, *, member: str = "", prefix: str = "") -> None:
        """Store a setting of a member, Katrin by default, as the portal's backend does."""
        identifier = prefix + uuid.uuid4().hex[len(prefix) :]
        data = {"memberId": member or self.member["id"], "setting": setting, "value": value}
        self.site.ok(
            "POST",
            "/wix-data/v2/items/save",
            {
                "dataCollectionId": MEMBER_SETTINGS,
                "dataItem": {"id": identifier, "data": {"_id": identifier, **data}},
            },
        )

    def invite(self, person: str, **fields: Any) -> WixItemId:
        """Store the row of an invitation to Baltic, as the import does, without its hash."""
        identifier = invitation_id(PartnerId(BALTIC), person, 1)
        expires = datetime.fromtimestamp(self.now, UTC) + timedelta(days=14)
        data = {
            "_id": identifier,
            "partnerId": BALTIC,
            "role": "edi",
            "status": "active",
            "expiresAt": {"$date": expires.isoformat()},
            "email": person,
            "bound": True,
            **fields,
        }
        item = {"id": identifier, "data": data}
        self.site.ok(
            "POST",
            "/wix-data/v2/items/save",
            {"dataCollectionId": PARTNER_INVITATIONS, "dataItem": item},
        )
        return identifier

    def add_contact(self, email: str) -> str:
        """Create a contact that queries find. Returns its id."""
        info = {"emails": {"items": [{"email": email, "tag": "MAIN"}]}}
        created = self.site.ok("POST", "/contacts/v4/contacts", {"info": info})
        self.site.advance(60)
        return str(created["contact"]["id"])

    def invitation_event(self, invitation: WixItemId) -> Change:
        return Change(
            event_id=f"invitation-{invitation}",
            type="invitation.created",
            subject=f"invitations/{invitation}",
            occurred_at=datetime.fromtimestamp(self.now, UTC),
            company_id=CompanyId("HUB"),
            partner_id=PartnerId(BALTIC),
            via="poll",
        )

    def suppressed(self) -> set[str]:
        """Reasons of the suppressed dispatches."""
        return {
            dispatch.reason
            for dispatch in self.outbox.kept.values()
            if dispatch.state is DispatchState.SUPPRESSED and dispatch.channel == "email"
        }

    def hand_over_the_case(self) -> None:
        """Move the case to ``awaiting_partner``, from which it is taken back first."""
        for status in ("open", "awaiting_partner"):
            self.gateway.make_transition("cases", self.gateway.get_record("cases", CASE), status)

    def change_library(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Change the hub's document library."""
        return Emulator(self.url).order(f"library{path}", body)

    def send_version(self, document_id: str, content: bytes) -> str:
        """Send a version as a partner. Returns the id of its pending approval."""
        facts = FileFacts(hashlib.sha256(content).hexdigest(), len(content))
        place = self.community.announce_upload(
            "Signed.pdf", "application/pdf", facts, "document_version"
        )
        httpx.put(place.put_url, content=content).raise_for_status()
        self.community.add_version(
            document_id, NewDocumentVersion(upload_id=place.upload_id), str(uuid.uuid4())
        )
        (approval,) = [
            one
            for one in self.gateway.list_records("approvals")["items"]
            if one["status"] == "pending"
        ]
        return str(approval["id"])

    def titles(self) -> list[tuple[str, str]]:
        """Campaign and title of each message on the portal, oldest first."""
        return [(row["campaign"], row["texts"]["en"]["title"]) for row in self.rows()]

    def complete(self, step: str) -> None:
        for to in ("in_progress", "submitted", "completed"):
            self.gateway.make_step_transition(
                self.gateway.get_record("enrollments", ENROLLMENT), step, to
            )

    def statuses(self) -> dict[str, str]:
        enrollment = self.community.record(f"enrollments/{ENROLLMENT}")
        assert isinstance(enrollment, Enrollment)
        return {step.key: step.status for step in enrollment.steps}


@pytest.fixture
def world() -> Iterator[World]:
    with thread(app.build_app(new_tenant(partners=0))) as url, new_client() as http:
        yield World(url, http)


def test_case_that_waits_is_told_over_all_channels_in_the_members_language_and_once(
    world: World,
) -> None:
    world.hand_over_the_case()

    report = world.run()
    world.run(minutes=5)

    assert report.failures == {}
    (row,), (mail,), (message,) = world.rows(), world.mails(), world.inbox()
    case = world.gateway.get_record("cases", CASE)
    assert (row["texts"]["en"]["title"], row["locale"], row["importance"]) == (
        f"Issue {case['number']} waits for you",
        "en",
        "important",
    )
    assert mail["subject"] == f"Vorgang {case['number']} wartet auf Sie"
    assert (mail["email"], mail["contactId"], mail["locale"]) == (
        "katrin@baltic.example",
        world.member["contactId"],
        "de",
    )
    assert message["content"]["basic"]["items"][0]["text"].startswith(mail["subject"])
    assert message["contactId"] == world.member["contactId"]


def test_settings_of_a_member_decide_its_language_and_optional_mails(world: World) -> None:
    world.save_setting("language", "en")
    world.save_setting("messages/documents/email", "off")
    world.save_setting("messages/issues/email", "off")
    world.hand_over_the_case()
    body = {"partnerId": BALTIC, "type": "guide", "title": "Guide", "category": "routing_guide"}
    document = world.change_library("", {**body, "classification": "partner"})["id"]
    world.gateway.decide_approval(world.send_version(document, b"%PDF"), "approved")

    world.run()
    world.run(minutes=25 * 60)

    (mail,) = world.mails()
    case = world.gateway.get_record("cases", CASE)
    assert mail["subject"] == f"Issue {case['number']} waits for you"
    assert len(world.rows()) == 2
    assert "turned_off" in world.suppressed()


def test_data_of_members_who_are_gone_is_erased_and_that_of_others_is_not(world: World) -> None:
    gone = world.site.control("POST", "members", {"loginEmail": "ann@baltic.example"})["member"]
    slot = datetime.fromtimestamp(world.now, UTC).toordinal() * SLOTS_PER_DAY
    part, other = f"{slot % SLOTS:02x}", f"{(slot - 1) % SLOTS:02x}"
    for member in (gone["id"], world.member["id"]):
        for prefix in (part, other):
            world.save_setting("language", "de", member=member, prefix=prefix)
    world.site.ok("DELETE", f"/members/v1/members/{gone['id']}", None)

    report = world.messenger.process_changes([], NO_DEADLINE, scheduled=True)

    assert (report.erasure.erased, report.erasure.stopped) == (1, None)
    assert sorted(
        (row["memberId"] == gone["id"], identifier[:2] == part)
        for identifier, row in world.site.stored(MEMBER_SETTINGS).items()
    ) == [(False, False), (False, True), (True, False)]


def test_site_without_the_collection_of_settings_gets_what_is_required(world: World) -> None:
    world.site.ok("DELETE", f"/wix-data/v2/collections/{MEMBER_SETTINGS}", None)
    world.hand_over_the_case()

    world.run()

    assert (len(world.rows()), len(world.mails()), len(world.inbox())) == (1, 1, 1)


@pytest.mark.parametrize("after", [True, False], ids=["carried-out", "not-carried-out"])
def test_lost_answers_make_no_second_message_and_an_unsure_one_is_unknown(
    world: World, after: bool
) -> None:
    kind = "drop_after" if after else "drop"
    for path in ("/_api/webhook-trigger/*", "/inbox/v2/messages", "/wix-data/v2/bulk/items/save"):
        world.site.fault(kind, path, method="POST", times=1)
    world.hand_over_the_case()

    report = world.run()
    for _ in range(4):
        world.run(minutes=16)

    assert (len(world.rows()), len(world.mails()), len(world.inbox())) == (1, 1, int(after))
    assert report.dispatches.unknown == 1


def test_member_who_is_blocked_gets_nothing(world: World) -> None:
    world.site.ok("POST", f"/members/v1/members/{world.member['id']}/block")
    world.hand_over_the_case()

    world.run()

    assert (len(world.rows()), world.mails(), world.inbox()) == (1, [], [])


def test_person_who_is_invited_gets_one_mail_with_a_code_that_the_portal_knows(
    world: World,
) -> None:
    invitation = world.invite("ada@baltic.example", language="de")
    world.site.fault("drop_after", "/_api/webhook-trigger/*", method="POST", times=1)
    event = world.invitation_event(invitation)

    report = world.messenger.process_changes([event, event], NO_DEADLINE)
    for _ in range(3):
        world.now += 1000
        world.messenger.process_changes([event], NO_DEADLINE)

    (mail,) = world.mails()
    code = invitation_code(KEY.encode(), invitation)
    assert report.failures == {}
    assert (mail["email"], mail["contactId"], mail["locale"]) == ("ada@baltic.example", "", "de")
    assert code in mail["body"]
    assert invitation_link(PORTAL_URL, code) in mail["body"]
    stored = world.site.stored(PARTNER_INVITATIONS)[invitation]
    assert stored["codeHash"] == code_hash(code)
    assert (stored["status"], stored["partnerId"]) == ("active", BALTIC)
    assert world.inbox() == []
    assert len(world.site.control("GET", "automations/received")["received"]) == 2


def test_person_who_is_invited_and_a_contact_is_found_by_its_address(world: World) -> None:
    contact = world.add_contact("ada@baltic.example")
    invitation = world.invite("ada@baltic.example")

    world.messenger.process_changes([world.invitation_event(invitation)], NO_DEADLINE)

    (mail,), (message,) = world.mails(), world.inbox()
    assert mail["contactId"] == message["contactId"] == contact
    text = message["content"]["basic"]["items"][0]["text"]
    assert invitation_code(KEY.encode(), invitation) in text


def test_address_that_bounces_gets_no_invitation(world: World) -> None:
    contact = world.add_contact("ada@baltic.example")
    world.site.control("POST", f"contacts/{contact}", {"deliverabilityStatus": "BOUNCED"})
    world.site.advance(60)
    invitation = world.invite("ada@baltic.example")

    world.messenger.process_changes([world.invitation_event(invitation)], NO_DEADLINE)

    assert (world.mails(), world.suppressed()) == ([], {"no_address"})


@pytest.mark.parametrize(
    "broken", [{"partnerId": ""}, {"expiresAt": "soon"}, {"email": "Ada <ada@baltic.example>"}]
)
def test_row_of_an_invitation_that_somebody_broke_is_a_fault_and_stops_no_other(
    world: World, broken: dict[str, Any]
) -> None:
    bad, good = world.invite("bad@baltic.example", **broken), world.invite("ada@baltic.example")
    events = [world.invitation_event(one) for one in (bad, good)]

    report = world.messenger.process_changes(events, NO_DEADLINE)

    assert list(report.failures) == [events[0].event_id]
    assert [mail["email"] for mail in world.mails()] == ["ada@baltic.example"]


def test_steps_are_unlocked_and_announced_where_trading_grid_does_not_cascade(world: World) -> None:
    Emulator(world.url).order("settings", {"cascade": False})
    world.complete("tax_form")
    world.complete("edi_setup")
    assert world.statuses()["edi_testing"] == "locked"

    first = world.run()
    second = world.run()

    assert (first.unlocked, first.failures, second.unlocked) == (2, {}, 0)
    assert {world.statuses()[key] for key in ("edi_testing", "label_cert")} == {"available"}
    assert world.statuses()["go_live"] == "locked"
    announced = sorted(row["texts"]["en"]["title"] for row in world.rows())
    assert announced == [
        "You can start: GS1-128 label certification (SSCC-18)",
        "You can start: Test 850 > 855 > 856 > 810 round trip",
    ]
    assert len(world.mails()) == 2


def test_unlocking_whose_answer_is_lost_or_that_meets_a_change_comes_to_its_end(
    world: World,
) -> None:
    Emulator(world.url).order("settings", {"cascade": False})
    world.complete("tax_form")
    world.complete("edi_setup")
    for kind in ("drop_after", "version_race"):
        order = {
            "kind": kind,
            "path": "/community/v1/enrollments/*",
            "times": 1,
            **({"method": "POST"} if kind == "drop_after" else {}),
        }
        Emulator(world.url).order("faults", order)

    world.run()
    world.run()
    world.run()

    assert {world.statuses()[key] for key in ("edi_testing", "label_cert")} == {"available"}
    unlocked = [event for event in world.events() if event.type == "step.unlocked"]
    assert len(unlocked) == 2
    assert len(world.rows()) == 2


def test_document_is_told_when_it_is_published_and_once_for_each_version_that_becomes_current(
    world: World,
) -> None:
    body = {
        "partnerId": BALTIC,
        "type": "supplier_agreement",
        "title": "Terms",
        "category": "agreement",
        "classification": "partner",
    }
    document = world.change_library("", body)["id"]
    first = world.send_version(document, b"%PDF first")
    world.run()
    assert world.titles() == []

    world.gateway.decide_approval(first, "approved")
    world.run()
    assert world.titles() == [("document-published", "New in your document center: Terms")]

    rejected = world.send_version(document, b"%PDF second")
    world.run(minutes=1)
    world.gateway.decide_approval(rejected, "rejected", "Page 3 is missing.")
    approved = world.send_version(document, b"%PDF third")
    world.run(minutes=1)
    assert len(world.rows()) == 1

    world.gateway.decide_approval(approved, "approved")
    for _ in range(2):
        world.run(minutes=1)
    assert world.titles()[1:] == [("document-updated", "Updated agreement: Terms")]
    assert "version 3 takes" in world.rows()[1]["texts"]["en"]["body"]

    world.change_library(f"/{document}/versions", {"fileName": "v4.pdf", "text": "Version 4"})
    world.gateway.make_transition(
        "documents", world.gateway.get_record("documents", document), "expired"
    )
    world.gateway.make_transition(
        "documents", world.gateway.get_record("documents", document), "published"
    )
    world.run(minutes=1)
    assert [campaign for campaign, _ in world.titles()] == [
        "document-published",
        "document-updated",
        "document-updated",
    ]


def test_messages_leave_the_portal_by_their_age_and_an_old_event_brings_none_back(
    world: World,
) -> None:
    world.hand_over_the_case()
    world.run()
    (sent_at,) = [datetime.fromisoformat(row["sentAt"]["$date"]) for row in world.rows()]
    # At noon, whatever the time of the test: an hour later it is the same day, and none is too old.
    world.now = (sent_at + timedelta(days=364)).replace(hour=12).timestamp()

    assert (world.run_retention(), len(world.rows())) == ((RetentionReport(), 3), 1)
    assert world.run_retention(hours=1) == (RetentionReport(), 1)
    assert (world.run_retention(days=2), world.rows()) == ((RetentionReport(removed=1), 5), [])
    world.run()
    assert world.rows() == []


def test_page_of_messages_is_removed_although_wix_refuses_some_and_an_answer_is_lost(
    world: World,
) -> None:
    site, sent = world.site, datetime.fromtimestamp(world.now, UTC) - timedelta(days=400)
    made = [
        {
            "_id": f"m-{number:04}",
            "sentAt": {"$date": (sent + timedelta(minutes=number)).isoformat()},
        }
        for number in range(1200)
    ]
    young = {
        "_id": "young",
        "sentAt": {"$date": datetime.fromtimestamp(world.now, UTC).isoformat()},
    }
    for chunk in (made[:1000], [*made[1000:], young]):
        items = {
            "dataCollectionId": PARTNER_MESSAGES,
            "dataItems": [{"id": item["_id"], "data": item} for item in chunk],
        }
        site.ok("POST", "/wix-data/v2/bulk/items/save", items)
    site.control("POST", "refusals", {"ids": ["m-0007", "m-1100"]})
    site.fault("drop_after", "/wix-data/v2/bulk/items/remove", method="POST", times=1)

    (lost, _), stored = world.run_retention(), len(world.rows())
    (gone, calls), left = world.run_retention(minutes=1), set(site.stored(PARTNER_MESSAGES))

    assert (type(lost.stopped), stored) == (Unavailable, 202)
    assert (gone.removed, gone.refused.total(), calls, left) == (
        199,
        2,
        5,
        {"m-0007", "m-1100", "young"},
    )
    # The look for invitations of the portal.
    assert world.run_retention(minutes=1)[1] == 1
