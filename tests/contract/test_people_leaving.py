"""People leave on the Wix emulator: the site is read in pages, and written as `unlink` does."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.bounced_addresses import BouncedAddresses
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.clients.wix.site_members import SiteMembers
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.people_runs import EndReason
from gridwix.models.portal.collection_ids import (
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PEOPLE_HISTORY,
)
from gridwix.models.wix import DataItem
from gridwix.people.unlinking import INVITATION_REDEMPTIONS
from ops.budgets import UnlimitedBudget
from ops.collections import collection_definitions, ensure_collection
from ops.members import link_id
from tests.contract.wix_site import Client, a_site
from tests.fakes.leaving import LeavingWorld

COLLECTIONS = (
    PARTNER_LINKS,
    PARTNER_INVITATIONS,
    INVITATION_REDEMPTIONS,
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    PEOPLE_HISTORY,
)
ACTIVE, GONE = "GC1", "GC2"


class SiteWorld(LeavingWorld):
    """A world whose site is the emulator. Its partners and users are in memory."""

    def __init__(self, site: Client, http: httpx.Client) -> None:
        super().__init__(statuses={ACTIVE: "active", GONE: "active"})
        self.site = site
        auth = wix_auth({"apiKey": site.info["apiKey"]}, site.info["siteId"], base_url=site.url)
        budget = UnlimitedBudget()
        self.wix = WixClient(http, auth, budget, base_url=site.url)
        wix_site = WixSite(http, auth, budget, base_url=site.url)
        self.site_members = SiteMembers(wix_site)
        self.bounces = BouncedAddresses(wix_site)
        rows: Any = self.wix
        self.rows = rows
        for definition in collection_definitions():
            if definition["id"] in COLLECTIONS:
                ensure_collection(self.wix, definition)

    def find_members(self, ids: Any) -> Any:
        return self.site_members.find_members(ids)

    def read_member(self, member_id: str) -> Any:
        return self.site_members.read_member(member_id)

    def find_blocked(self, emails: Any) -> Any:
        return self.site_members.find_blocked(emails)

    def find_bounced(self, emails: Any) -> Any:
        return self.bounces.find_bounced(emails)

    def add_contact(self, *emails: str) -> str:
        """Add a contact that is no member's. The first address is its primary one."""
        items = [{"email": email} for email in emails]
        info = {"emails": {"items": items}}
        return str(self.site.ok("POST", "/contacts/v4/contacts", {"info": info})["contact"]["id"])

    def contact_of(self, member: str) -> str:
        path = f"/members/v1/members/{member}"
        return str(self.site.ok("GET", path, fieldsets="FULL")["member"]["contactId"])

    def merge(self, target: str, source: str) -> httpx.Response:
        """Merge a contact into another one."""
        path = f"/contacts/v4/contacts/{target}"
        revision = self.site.ok("GET", path)["contact"]["revision"]
        body = {"targetContactRevision": revision, "sourceContactIds": [source]}
        return self.site.post(f"{path}/merge", body)

    def add_member(self, name: str, partner: str, **fields: Any) -> str:
        """Add a member who acts for a partner, and has data of its own."""
        email = f"{name}@x.example"
        member = str(self.site.control("POST", "members", {"loginEmail": email})["member"]["id"])
        link = {"memberId": member, "partnerId": partner, "role": "edi", **fields}
        link["verifiedAt"] = datetime(2026, 3, 1, tzinfo=UTC)
        self.save(PARTNER_LINKS, link_id(member, partner), link)
        self.save(MEMBER_SETTINGS, f"setting-{name}", {"memberId": member})
        self.save(MEMBER_READ_MARKS, f"mark-{name}", {"memberId": member, "partnerId": partner})
        return member

    def save(self, collection: CollectionId, identifier: str, data: dict[str, Any]) -> None:
        self.wix.save_item(collection, DataItem(WixItemId(identifier), data))

    def members_of(self, collection: CollectionId) -> set[object]:
        return {row["memberId"] for row in self.site.stored(collection).values()}


@pytest.fixture
def world() -> Iterator[SiteWorld]:
    with httpx.Client() as http:
        yield SiteWorld(a_site(collection=False, replica_lag=0.0), http)


def test_members_who_are_deleted_or_blocked_and_those_of_a_former_partner_lose_access(
    world: SiteWorld,
) -> None:
    stays = world.add_member("ada", ACTIVE)
    blocked, deleted = world.add_member("bo", ACTIVE), world.add_member("cy", ACTIVE)
    former = world.add_member("di", GONE)
    world.site.call("POST", f"/members/v1/members/{blocked}/block", {})
    world.site.call("DELETE", f"/members/v1/members/{deleted}")
    world.statuses[GONE] = "terminated"

    report = world.run()

    assert {reason: found.links for reason, found in report.ended.items()} == {
        EndReason.MEMBER_DELETED: 1,
        EndReason.MEMBER_BLOCKED: 1,
        EndReason.PARTNER: 1,
    }
    for collection in (PARTNER_LINKS, MEMBER_SETTINGS, MEMBER_READ_MARKS):
        assert world.members_of(collection) == {stays}
    told = world.site.stored(PARTNER_INVITATIONS)
    assert {row["email"] for row in told.values()} == {"bo@x.example", "di@x.example"}
    assert {event.record for event in world.events} == {f"invitations/{one}" for one in told}
    lines = world.site.stored(PEOPLE_HISTORY).values()
    assert {(row["actor"], row["act"], row["memberId"]) for row in lines} == {
        ("gridwix", "ended", member) for member in (blocked, deleted, former)
    }
    assert former not in str(world.documents.texts)


def test_open_invitation_of_a_former_partner_is_revoked_and_a_used_one_says_why(
    world: SiteWorld,
) -> None:
    until = datetime(2030, 1, 1, tzinfo=UTC)
    member = world.add_member("ada", GONE, invitationId="used", email="ada@x.example")
    common = {"partnerId": GONE, "role": "edi", "expiresAt": until, "round": 1}
    used = {"status": "used", "usedBy": member, "email": "ada@x.example"}
    world.save(PARTNER_INVITATIONS, "used", {**common, **used})
    world.save(PARTNER_INVITATIONS, "open", {**common, "status": "active", "email": "bo@x.example"})
    blocked = world.site.control("POST", "members", {"loginEmail": "cy@x.example"})["member"]["id"]
    world.site.call("POST", f"/members/v1/members/{blocked}/block", {})
    to_blocked = {**common, "partnerId": ACTIVE, "status": "active", "email": "cy@x.example"}
    world.save(PARTNER_INVITATIONS, "blocked", to_blocked)
    world.statuses[GONE] = "suspended"

    world.run()

    rows = world.site.stored(PARTNER_INVITATIONS)
    assert {one: (row["status"], row["endedFor"]) for one, row in rows.items()} == {
        "used": ("used", "partner"),
        "open": ("revoked", "partner"),
        "blocked": ("revoked", "member_blocked"),
    }
    assert [event.record for event in world.events] == ["invitations/used"]


def test_address_that_bounces_is_that_of_a_contact_whose_primary_one_it_is(
    world: SiteWorld,
) -> None:
    bounces = world.add_contact("Bo@x.example", "second@x.example")
    world.add_contact("cy@x.example")
    world.site.control("POST", f"contacts/{bounces}", {"deliverabilityStatus": "BOUNCED"})
    world.site.advance(60)

    found = world.find_bounced({"bo@x.example", "second@x.example", "cy@x.example"})

    assert found == {"bo@x.example"}


def test_contact_that_wix_merges_into_a_members_changes_nobodys_access(world: SiteWorld) -> None:
    member, stays = world.add_member("ada", ACTIVE), world.add_member("bo", ACTIVE)
    until = datetime(2030, 1, 1, tzinfo=UTC)
    invitation = {"partnerId": ACTIVE, "role": "admin", "status": "active", "expiresAt": until}
    world.save(PARTNER_INVITATIONS, "open", {**invitation, "email": "second@x.example"})
    contact = world.contact_of(member)
    other, second = world.contact_of(stays), world.add_contact("second@x.example")
    before = world.site.stored(PARTNER_LINKS), world.site.stored(PARTNER_INVITATIONS)

    refused = world.merge(contact, other)
    merged = world.merge(contact, second)
    report = world.run()

    # Wix merges no member away: its contact can be the target alone.
    assert (refused.status_code, merged.status_code) == (428, 200)
    emails = merged.json()["contact"]["info"]["emails"]["items"]
    assert [one["email"] for one in emails] == ["ada@x.example", "second@x.example"]
    assert world.contact_of(member) == contact
    assert (world.site.stored(PARTNER_LINKS), world.site.stored(PARTNER_INVITATIONS)) == before
    assert report.found == {}


def test_one_of_two_accounts_of_a_person_when_deleted_ends_its_own_link_alone(
    world: SiteWorld,
) -> None:
    until = datetime(2030, 1, 1, tzinfo=UTC)
    stays = world.add_member("ada", ACTIVE, email="ada@x.example")
    gone = world.add_member("second", ACTIVE, email="second@x.example", invitationId="second")
    used = {"partnerId": ACTIVE, "role": "edi", "status": "used", "expiresAt": until}
    world.save(PARTNER_INVITATIONS, "second", {**used, "usedBy": gone, "email": "second@x.example"})
    contact = world.contact_of(gone)
    world.site.call("DELETE", f"/members/v1/members/{gone}")
    assert world.merge(world.contact_of(stays), contact).status_code == 200

    world.run()

    (link,) = world.site.stored(PARTNER_LINKS).values()
    assert (link["memberId"], link["role"]) == (stays, "edi")
    # An import may invite the address again: gridwix has ended the access, and no person.
    assert world.site.stored(PARTNER_INVITATIONS)["second"]["endedFor"] == "member_deleted"
