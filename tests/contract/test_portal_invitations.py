"""Invitations: one code makes one link, for the first member who redeems it in time."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.models.ids import PartnerId
from gridwix.people.codes import code_hash, invitation_code, invitation_id
from gridwix.people.unlinking import unlink_member
from ops.budgets import UnlimitedBudget
from ops.members import (
    Role,
    create_invitation,
    link_id,
    link_member,
    new_code,
)
from tests.contract.portal_site import NOW, Portal, Visitor, needs_node, portal

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

NOT_FOUND = {"error": {"code": "not_found"}}
PER_HOUR = 10


@pytest.fixture(scope="module")
def site() -> Portal:
    return portal()


@pytest.fixture(scope="module")
def wix(site: Portal) -> WixClient:
    auth = wix_auth({"apiKey": site.info["apiKey"]}, site.info["siteId"], base_url=site.wix)
    return WixClient(site.http, auth, UnlimitedBudget(), base_url=site.wix)


def a_code(wix: WixClient, partner: str, *, days: int = 14, role: Role = Role.FINANCE) -> str:
    return create_invitation(wix, PartnerId(partner), role, days=days, now=datetime.now(UTC)).code


def links(site: Portal, member: Visitor) -> list[tuple[str, str, str]]:
    return [
        (row["partnerId"], row["role"], row["verifiedBy"])
        for row in site.rows("PartnerLinks").values()
        if row["memberId"] == member.id
    ]


def test_a_code_when_redeemed_makes_the_member_act_for_the_partner(
    site: Portal, wix: WixClient
) -> None:
    partner, member = site.partner("Prairie Gold Foods"), site.member()
    code = a_code(wix, partner)

    answer = member.call("acceptInvitation", code)

    assert answer == {"partner": {"id": partner, "name": "Prairie Gold Foods", "role": "finance"}}
    assert links(site, member) == [(partner, "finance", "invitation")]
    assert member.call("getPortal", None, "en", [])["partner"]["id"] == partner
    invitation = site.rows("PartnerInvitations")[code_hash(code)]
    assert (invitation["status"], invitation["usedBy"]) == ("used", member.id)


def test_a_code_is_kept_nowhere_on_the_site(site: Portal, wix: WixClient) -> None:
    code = a_code(wix, site.partner())

    stored = str(site.rows("PartnerInvitations"))

    assert code_hash(code) in stored
    assert code not in stored
    assert code.replace("-", "") not in stored
    assert code not in repr(
        create_invitation(wix, PartnerId("GC1"), Role.EDI, days=1, now=datetime.now(UTC))
    )


@pytest.mark.parametrize(
    "written",
    [
        str.lower,
        lambda code: f"  {code}\n",
        lambda code: code.replace("-", " "),
        lambda code: code.replace("-", ""),
        lambda code: code.translate(str.maketrans("OIB", "018")),
    ],
)
def test_a_code_when_written_otherwise_is_the_same(
    site: Portal, wix: WixClient, written: Any
) -> None:
    member = site.member()

    answer = member.call("acceptInvitation", written(a_code(wix, site.partner())))

    assert answer["partner"]["role"] == "finance"


def test_a_code_when_many_members_bring_it_at_once_makes_one_link(
    site: Portal, wix: WixClient
) -> None:
    code = a_code(wix, site.partner())
    members = [site.member() for _ in range(8)]

    with ThreadPoolExecutor(len(members)) as pool:
        answers = list(pool.map(lambda member: member.call("acceptInvitation", code), members))

    winners = [
        member for member, answer in zip(members, answers, strict=True) if "partner" in answer
    ]
    assert len(winners) == 1
    assert [answer for answer in answers if "partner" not in answer] == [NOT_FOUND] * 7
    assert [member.id for member in members if links(site, member)] == [winners[0].id]


def test_a_code_when_brought_again_by_the_same_member_gives_the_same_answer(
    site: Portal, wix: WixClient
) -> None:
    partner, member = site.partner(), site.member()
    code = a_code(wix, partner)

    answers = [member.call("acceptInvitation", code) for _ in range(2)]

    assert answers[0] == answers[1] != NOT_FOUND
    assert len(links(site, member)) == 1


def test_a_code_that_was_used_is_nothing_to_another_member(site: Portal, wix: WixClient) -> None:
    code, other = a_code(wix, site.partner()), site.member()
    site.member().call("acceptInvitation", code)

    assert other.call("acceptInvitation", code) == NOT_FOUND
    assert links(site, other) == []


def test_a_code_when_the_link_was_taken_away_does_not_bring_it_back(
    site: Portal, wix: WixClient
) -> None:
    partner, member = site.partner(), site.member()
    code = a_code(wix, partner)
    member.call("acceptInvitation", code)

    assert unlink_member(wix, member.id, PartnerId(partner)).partners == [partner]

    assert member.call("acceptInvitation", code) == NOT_FOUND
    assert links(site, member) == []


def test_a_redemption_that_broke_off_is_gone_on_with_by_its_member_alone(
    site: Portal, wix: WixClient
) -> None:
    partner, member, other = site.partner(), site.member(), site.member()
    code = a_code(wix, partner)
    site.row(
        "InvitationRedemptions",
        code_hash(code),
        memberId=member.id,
        redeemedAt={"$date": "2026-03-12T09:00:00.000Z"},
    )

    assert other.call("acceptInvitation", code) == NOT_FOUND
    assert member.call("acceptInvitation", code)["partner"]["id"] == partner
    assert links(site, other) == []


def test_a_redemption_that_broke_off_does_not_bring_a_link_back_that_was_taken_away(
    site: Portal, wix: WixClient
) -> None:
    partner, member = site.partner(), site.member()
    code = a_code(wix, partner)
    site.row(
        "InvitationRedemptions",
        code_hash(code),
        memberId=member.id,
        redeemedAt={"$date": "2026-03-12T09:00:00.000Z"},
    )
    site.link(member.id, partner)

    unlink_member(wix, member.id, None)

    assert member.call("acceptInvitation", code) == NOT_FOUND
    assert links(site, member) == []


@pytest.mark.parametrize(
    "spoiled",
    [
        {"expiresAt": {"$date": "2026-01-01T00:00:00.000Z"}},
        {"expiresAt": None},
        {"expiresAt": "soon"},
        {"status": "revoked"},
    ],
)
def test_a_code_that_is_not_good_any_more_is_not_found(
    site: Portal, wix: WixClient, spoiled: dict[str, Any]
) -> None:
    partner, member, code = site.partner(), site.member(), new_code()
    good = {
        "partnerId": partner,
        "role": "edi",
        "status": "active",
        "expiresAt": {"$date": "2999-01-01T00:00:00.000Z"},
    }
    site.row("PartnerInvitations", code_hash(code), **{**good, **spoiled})

    assert member.call("acceptInvitation", code) == NOT_FOUND
    assert links(site, member) == []


def test_an_invitation_is_good_for_its_days(site: Portal, wix: WixClient) -> None:
    code = a_code(wix, site.partner(), days=3)

    expires = datetime.fromisoformat(
        site.rows("PartnerInvitations")[code_hash(code)]["expiresAt"]["$date"]
    )

    assert timedelta(days=2.99) < expires - datetime.now(UTC) < timedelta(days=3.01)
    assert site.member().call("acceptInvitation", a_code(wix, site.partner(), days=-1)) == NOT_FOUND


def test_guesses_when_there_are_too_many_are_not_looked_at_for_the_rest_of_the_hour(
    site: Portal, wix: WixClient
) -> None:
    member, code = site.member(), a_code(wix, site.partner())

    guesses = [member.call("acceptInvitation", new_code()) for _ in range(PER_HOUR)]

    assert guesses == [NOT_FOUND] * PER_HOUR
    error = member.call("acceptInvitation", code)["error"]
    assert (error["code"], error["limit"]["kind"], error["limit"]["most"]) == (
        "too_often",
        "redeem",
        PER_HOUR,
    )
    assert site.member().call("acceptInvitation", code)["partner"]["role"] == "finance"


def test_guesses_when_many_come_at_once_are_not_more(site: Portal) -> None:
    member = site.member()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: member.call("acceptInvitation", new_code()), range(30)))

    assert answers.count(NOT_FOUND) == PER_HOUR
    codes = [answer["error"]["code"] for answer in answers]
    assert codes.count("too_often") == 30 - PER_HOUR


def test_guesses_of_an_earlier_hour_are_forgotten(site: Portal) -> None:
    member = site.member()
    for number in range(PER_HOUR):
        site.row("InvitationAttempts", f"{member.id}-1-{number}", memberId=member.id, hour=1)

    assert member.call("acceptInvitation", new_code()) == NOT_FOUND
    assert [
        row["hour"] == 1
        for row in site.rows("InvitationAttempts").values()
        if row["memberId"] == member.id
    ] == [False]


@pytest.mark.parametrize(
    "code",
    [
        "",
        "ABCD",
        "A" * 33,
        "!" * 32,
        None,
        7,
        {"code": "x"},
        ["A" * 32],
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456é",
    ],
)
def test_what_is_no_code_is_said_to_be_none_and_is_no_guess(site: Portal, code: Any) -> None:
    member = site.member()

    assert member.call("acceptInvitation", code) == {"error": {"code": "invalid"}}
    assert not [
        row for row in site.rows("InvitationAttempts").values() if row["memberId"] == member.id
    ]


def test_a_newer_invitation_changes_the_role(site: Portal, wix: WixClient) -> None:
    partner = site.partner()
    member = site.member(partner, role="edi")

    member.call("acceptInvitation", a_code(wix, partner, role=Role.ADMIN))

    assert links(site, member) == [(partner, "admin", "invitation")]


def test_the_hubs_link_is_the_one_that_the_portal_reads(site: Portal, wix: WixClient) -> None:
    partner, member = site.partner(), site.member()

    link_member(wix, member.id, PartnerId(partner), Role.LOGISTICS, now=datetime.now(UTC))

    assert member.call("getSession")["partners"] == [
        {"id": partner, "name": "Prairie Gold Foods", "role": "logistics"}
    ]
    assert list(site.rows("PartnerLinks")).count(link_id(member.id, partner)) == 1
    assert unlink_member(wix, member.id, None).partners == [partner]
    assert member.call("getSession")["partners"] == []


def personal_rows(site: Portal, member: Visitor) -> list[tuple[str, str]]:
    """Setting, or partner of the marks, of each row with the member's own data."""
    return sorted(
        (collection, row.get("setting") or row["partnerId"])
        for collection in ("MemberSettings", "MemberReadMarks")
        for row in site.rows(collection).values()
        if row["memberId"] == member.id
    )


def test_read_marks_go_with_the_link_and_settings_with_the_last_one(
    site: Portal, wix: WixClient
) -> None:
    one, other = site.partner(), site.partner()
    member, colleague = site.member(one, other), site.member(one)
    for who in (member, colleague):
        who.call("saveSettings", {"language": "de"})
        who.call("markRead", one, {"issues": {"upTo": NOW}})
    member.call("markRead", other, {"issues": {"upTo": NOW}})

    first = unlink_member(wix, member.id, PartnerId(one))

    assert first == ([one], 1)
    assert personal_rows(site, member) == [
        ("MemberReadMarks", other),
        ("MemberSettings", "language"),
    ]
    assert unlink_member(wix, member.id, None) == ([other], 2)
    assert personal_rows(site, member) == []
    assert len(personal_rows(site, colleague)) == 2


def test_data_of_a_member_whose_links_somebody_removed_on_the_site_can_be_erased(
    site: Portal, wix: WixClient
) -> None:
    partner = site.partner()
    member = site.member(partner)
    member.call("saveSettings", {"language": "de"})
    site.unlink(member.id, partner)

    assert unlink_member(wix, member.id, None) == ([], 1)

    assert personal_rows(site, member) == []


KEY = b"a key of the stack"
LATER = {"$date": "2999-01-01T00:00:00.000Z"}
OTHER_ADDRESS = {"error": {"code": "other_address"}}
NOT_VERIFIED = {"error": {"code": "address_not_verified"}}


def invite_person(site: Portal, partner: str, person: str, **fields: Any) -> tuple[str, str]:
    """Store the row of an invitation of a person, as the import does. Returns its id and code."""
    identifier = invitation_id(PartnerId(partner), person, 1)
    derived = invitation_code(KEY, identifier)
    known = {
        "partnerId": partner,
        "role": "finance",
        "status": "active",
        "expiresAt": LATER,
        "email": person,
        "bound": True,
        "codeHash": code_hash(derived),
        "source": "file",
    }
    site.row("PartnerInvitations", identifier, **{**known, **fields})
    return identifier, derived


def an_address() -> str:
    return f"{uuid.uuid4()}@partner.example"


def test_invitation_of_a_person_makes_a_link_that_says_who_accepted_it(site: Portal) -> None:
    partner, email = site.partner(), an_address()
    identifier, derived = invite_person(site, partner, email, name="Ada Moreno", userId="USR7")
    member = site.member(loginEmail=email, loginEmailVerified=True)

    answers = [member.call("acceptInvitation", derived) for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[0]["partner"] == {
        "id": partner,
        "name": "Prairie Gold Foods",
        "role": "finance",
    }
    link = site.rows("PartnerLinks")[link_id(member.id, partner)]
    assert {name: link.get(name) for name in ("email", "name", "source", "userId")} == {
        "email": email,
        "name": "Ada Moreno",
        "source": "file",
        "userId": "USR7",
    }
    assert (link["invitationId"], link["verifiedBy"]) == (identifier, "invitation")
    row = site.rows("PartnerInvitations")[identifier]
    assert (row["status"], row["usedBy"], row["email"]) == ("used", member.id, email)


def test_member_of_one_partner_accepts_the_invitation_to_another(site: Portal) -> None:
    one, other, email = site.partner(), site.partner(), an_address()
    member = site.member(one, loginEmail=email, loginEmailVerified=True)

    member.call("acceptInvitation", invite_person(site, other, email)[1])

    assert {found["id"] for found in member.call("getSession")["partners"]} == {one, other}


@pytest.mark.parametrize(
    ("login", "invited"),
    [
        ("Ada.{}@Partner.Example", "ada.{}@partner.example"),
        ("ada.{}@bücher.example", "ada.{}@xn--bcher-kva.example"),
        ("ada.{}@XN--BCHER-KVA.example", "ada.{}@xn--bcher-kva.example"),
        ("ze\u0301.{}@partner.example", "z\u00e9.{}@partner.example"),
        ("ada.{}@partner.example", " ADA.{}@partner.example "),
    ],
)
def test_address_when_written_otherwise_is_the_same(site: Portal, login: str, invited: str) -> None:
    mark = uuid.uuid4().hex[:8]
    member = site.member(loginEmail=login.format(mark), loginEmailVerified=True)

    answer = member.call(
        "acceptInvitation", invite_person(site, site.partner(), invited.format(mark))[1]
    )

    assert "partner" in answer


@pytest.mark.parametrize(
    ("login", "invited"),
    [
        ("ada.{}@partner.example", "bo.{}@partner.example"),
        ("ada.{}@partner.example.evil.example", "ada.{}@partner.example"),
        ("ada.{}@partner.example", "ada.{}@partner.example/evil.example"),
        ("ada.{}@partner.example", ""),
        ("ada.{}@partner.example", None),
        ("ada.{}@partner.example", 7),
    ],
)
def test_member_with_another_address_is_refused_and_redeems_nothing(
    site: Portal, login: str, invited: Any
) -> None:
    mark, partner = uuid.uuid4().hex[:8], site.partner()
    email = invited.format(mark) if isinstance(invited, str) else invited
    _, derived = invite_person(site, partner, f"{mark}@partner.example", email=email)
    member = site.member(loginEmail=login.format(mark), loginEmailVerified=True)

    assert member.call("acceptInvitation", derived) == OTHER_ADDRESS
    assert links(site, member) == []
    assert not [
        one for one in site.rows("InvitationRedemptions").values() if one["memberId"] == member.id
    ]


def test_member_whose_address_wix_has_not_verified_is_refused_until_it_has(site: Portal) -> None:
    partner, email = site.partner(), an_address()
    _, derived = invite_person(site, partner, email)
    member = site.member(loginEmail=email)

    assert member.call("acceptInvitation", derived) == NOT_VERIFIED

    site.control(f"members/{member.id}", {"loginEmailVerified": True})
    assert member.call("acceptInvitation", derived)["partner"]["id"] == partner


def test_two_members_whose_addresses_are_the_same_one_get_one_link(site: Portal) -> None:
    mark, partner = uuid.uuid4().hex[:8], site.partner()
    _, derived = invite_person(site, partner, f"ada.{mark}@xn--bcher-kva.example")
    members = [
        site.member(loginEmail=f"ada.{mark}@{domain}", loginEmailVerified=True)
        for domain in ("bücher.example", "xn--bcher-kva.example")
    ]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda member: member.call("acceptInvitation", derived), members))

    assert sorted("partner" in answer for answer in answers) == [False, True]
    assert NOT_FOUND in answers


def test_member_who_changed_its_login_address_since_accepts_with_the_address_it_has(
    site: Portal,
) -> None:
    partner, old, new = site.partner(), an_address(), an_address()
    _, of_old = invite_person(site, partner, old)
    _, of_new = invite_person(site, partner, new)
    member = site.member(loginEmail=old, loginEmailVerified=True)

    site.control(f"members/{member.id}", {"loginEmail": new, "loginEmailVerified": True})

    assert member.call("acceptInvitation", of_old) == OTHER_ADDRESS
    assert member.call("acceptInvitation", of_new)["partner"]["id"] == partner


def test_invitation_that_is_not_bound_is_for_whoever_has_the_code(site: Portal) -> None:
    partner, member = site.partner(), site.member()
    _, derived = invite_person(site, partner, an_address(), bound=False)

    assert member.call("acceptInvitation", derived)["partner"]["id"] == partner


@pytest.mark.parametrize(
    "spoiled", [{"status": "revoked"}, {"expiresAt": {"$date": "2026-01-01T00:00:00.000Z"}}]
)
def test_invitation_of_a_person_that_is_over_tells_nobody_for_whom_it_was(
    site: Portal, spoiled: dict[str, Any]
) -> None:
    _, derived = invite_person(site, site.partner(), an_address(), **spoiled)

    assert site.member().call("acceptInvitation", derived) == NOT_FOUND


def test_code_of_a_key_that_was_replaced_is_not_found(site: Portal) -> None:
    email = an_address()
    identifier, derived = invite_person(site, site.partner(), email, codeHash="0" * 40)
    member = site.member(loginEmail=email, loginEmailVerified=True)

    assert member.call("acceptInvitation", derived) == NOT_FOUND
    assert site.rows("PartnerInvitations")[identifier]["status"] == "active"


def test_redemption_of_a_persons_invitation_that_broke_off_does_not_restore_a_removed_link(
    site: Portal, wix: WixClient
) -> None:
    partner, email = site.partner(), an_address()
    identifier, derived = invite_person(site, partner, email)
    member = site.member(loginEmail=email, loginEmailVerified=True)
    redeemed = {"$date": "2026-03-12T09:00:00.000Z"}
    site.row("InvitationRedemptions", identifier, memberId=member.id, redeemedAt=redeemed)
    site.link(member.id, partner)

    unlink_member(wix, member.id, PartnerId(partner))

    assert member.call("acceptInvitation", derived) == NOT_FOUND


def test_codes_have_at_least_128_bits_and_are_written_in_groups() -> None:
    codes = {new_code() for _ in range(200)}

    assert len(codes) == 200
    for code in codes:
        groups = code.split("-")
        assert {len(group) for group in groups} == {4}
        assert len("".join(groups)) * 5 >= 128
        assert set("".join(groups)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


@pytest.mark.parametrize(
    "fault",
    [
        # After the attempt and the redemption: the link. Then the invitation, which is used.
        {"method": "POST", "path": "/wix-data/v2/items", "skip": 2},
        {"method": "PUT", "path": "/wix-data/v2/items/*"},
    ],
    ids=["link", "use"],
)
def test_wix_when_it_fails_in_the_middle_the_member_can_try_again(
    site: Portal, wix: WixClient, fault: dict[str, Any]
) -> None:
    partner, member = site.partner(), site.member()
    code = a_code(wix, partner)
    site.control("faults", {"kind": "status", "status": 503, **fault})

    broken, again = member.call("acceptInvitation", code), member.call("acceptInvitation", code)

    assert broken == {"error": {"code": "unavailable"}}
    assert again["partner"]["id"] == partner
