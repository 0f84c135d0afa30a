"""People of a partner: what its administrators see and change, and nobody else."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.models.ids import PartnerId
from gridwix.partner_messenger.invitation_rows import WixInvitations
from gridwix.people.addresses import normal_email
from gridwix.people.codes import code_hash, invitation_code, invitation_id
from ops.budgets import UnlimitedBudget
from ops.members import link_id
from tests.contract.portal_site import Answer, Portal, Visitor, needs_node, portal

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

PER_HOUR = 30
ADA = {"email": " Ada@Bücher.Example ", "name": "Ada  Lovelace", "role": "edi", "language": "de"}
ADAS = "ada@xn--bcher-kva.example"


@pytest.fixture(scope="module")
def site() -> Portal:
    return portal()


def refused(code: str, question: str = "", reason: str = "") -> Answer:
    told = {"code": code, "question": question, "reason": reason}
    return {"error": {name: value for name, value in told.items() if value}}


def administrator(site: Portal, partner: str, **more: Any) -> Visitor:
    return site.member(partner, role="admin", **more)


def person(member: Visitor, partner: str) -> str:
    return link_id(member.id, partner)


def invitations(site: Portal, partner: str) -> list[dict[str, Any]]:
    rows = site.rows("PartnerInvitations").values()
    return sorted(
        (one for one in rows if one["partnerId"] == partner), key=lambda one: one["round"]
    )


def roles(site: Portal, partner: str) -> dict[str, str]:
    rows = site.rows("PartnerLinks").values()
    return {one["memberId"]: one["role"] for one in rows if one["partnerId"] == partner}


def history(site: Portal, partner: str) -> list[tuple[str, str, str | None]]:
    lines = [one for one in site.rows("PeopleHistory").values() if one["partnerId"] == partner]
    lines.sort(key=lambda one: str(one["at"]))
    return [(one["actor"], one["act"], one.get("email") or one.get("memberId")) for one in lines]


def sent_code(site: Portal, row: dict[str, Any]) -> str:
    """The code of an invitation, which gridwix has sent."""
    code = invitation_code(b"key", row["_id"])
    site.row("PartnerInvitations", row["_id"], **{**row, "codeHash": code_hash(code)})
    return code


def accept(site: Portal, row: dict[str, Any], member: Visitor) -> Answer:
    return member.call("acceptInvitation", sent_code(site, row))


def verified(site: Portal, email: str) -> Visitor:
    return site.member(loginEmail=email, loginEmailVerified=True)


def test_administrator_sees_who_acts_for_the_company_and_who_is_invited(site: Portal) -> None:
    partner = site.partner()
    admin = administrator(site, partner, loginEmail="dana@prairie.example")
    colleague = site.member(partner, role="finance")
    assert admin.call("getSession")["partners"][0]["id"] == partner
    hand = {"partnerId": partner, "role": "edi", "status": "active"}
    site.row("PartnerInvitations", f"hand-{partner}", **hand, expiresAt={"$date": "2999-01-01"})
    admin.call("invitePerson", partner, ADA)

    found = admin.call("getPeople", partner)

    people = {one["id"]: one for one in found["people"]}
    own = people[person(admin, partner)]
    assert own["self"] is True
    assert (own["email"], own["name"]) == ("dana@prairie.example", "Dana Whitfield")
    assert own["lastSeen"][:10] == datetime.now(UTC).date().isoformat()
    other = people[person(colleague, partner)]
    assert (other["role"], other["self"], other["lastSeen"]) == ("finance", False, None)
    by_hand, ada = sorted(found["invitations"], key=lambda one: one["email"])
    assert (by_hand["byHub"], by_hand["email"]) == (True, "")
    assert (ada["email"], ada["name"], ada["role"]) == (ADAS, "Ada Lovelace", "edi")
    assert (ada["byHub"], ada["by"], ada["expired"]) == (False, "Dana Whitfield", False)
    assert found["roles"] == ["admin", "edi", "finance", "logistics"]
    assert {one["key"] for one in found["languages"]} >= {"de", "en"}
    assert admin.id not in str(found)
    assert colleague.id not in str(found)


def test_invitation_is_a_row_that_gridwix_can_send_and_the_person_accept(site: Portal) -> None:
    partner = site.partner()
    admin = administrator(site, partner)
    email = f"ada@{partner.lower()}.example"

    assert admin.call("invitePerson", partner, {**ADA, "email": email}) == {}

    [row] = invitations(site, partner)
    assert row["_id"] == invitation_id(PartnerId(partner), email, 1)
    assert (row["status"], row["bound"], row["source"]) == ("active", True, "portal")
    assert (row["invitedBy"], row["round"], row["language"]) == (admin.id, 1, "de")
    assert "codeHash" not in row
    ada = verified(site, email)
    assert accept(site, row, ada)["partner"]["role"] == "edi"
    assert history(site, partner) == [
        (admin.id, "invited", email),
        (ada.id, "accepted", email),
    ]
    assert admin.call("getPeople", partner)["invitations"] == []


def test_messenger_finds_invitations_of_the_portal_until_it_has_stored_their_hashes(
    site: Portal,
) -> None:
    auth = wix_auth({"apiKey": site.info["apiKey"]}, site.info["siteId"], base_url=site.wix)
    store = WixInvitations(WixClient(site.http, auth, UnlimitedBudget(), base_url=site.wix))
    # Those that other tests have left.
    while others := store.unannounced_invitations(datetime.now(UTC), 100):
        store.store_code_hashes({one.id: "1" * 40 for one in others})
    partner = site.partner()
    admin = administrator(site, partner)
    for name in ("ada", "old", "gone"):
        admin.call("invitePerson", partner, {**ADA, "email": f"{name}@{partner.lower()}.example"})
    # One that is never read would be in the way of all others for ever.
    longest = f"a@{'.'.join(['x' * 61] * 3)}.{partner.lower()}{'x' * 30}.example"
    admin.call("invitePerson", partner, {**ADA, "email": longest})
    ada, old, gone = (
        invitation_id(PartnerId(partner), f"{name}@{partner.lower()}.example", 1)
        for name in ("ada", "old", "gone")
    )
    rows = site.rows("PartnerInvitations")
    past = {"$date": "2026-01-01T00:00:00.000Z"}
    site.row("PartnerInvitations", old, **{**rows[old], "expiresAt": past})
    admin.call("withdrawInvitation", partner, gone)

    def found() -> set[str]:
        return {one.id for one in store.unannounced_invitations(datetime.now(UTC), 100)}

    long = invitation_id(PartnerId(partner), longest, 1)
    assert found() == {ada, long}
    store.store_code_hashes({ada: "0" * 40, long: "0" * 40})
    assert found() == set()
    assert site.rows("PartnerInvitations")[ada]["codeHash"] == "0" * 40


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        ({"email": "ada@localhost"}, refused("invalid", "email", "person.email")),
        ({"email": "Ada <ada@x.example>"}, refused("invalid", "email", "person.email")),
        ({"email": None}, refused("invalid", "email", "person.email")),
        ({"name": "x" * 201}, refused("too_large", "name")),
        ({"name": 7}, refused("invalid", "name")),
        ({"role": "owner"}, refused("invalid", "role")),
        ({"role": ["admin"]}, refused("invalid")),
        ({"language": "tlh"}, refused("invalid", "language")),
        ({"partnerId": "GC1"}, refused("too_large")),
    ],
)
def test_invitation_with_something_wrong_names_the_field(
    site: Portal, wrong: dict[str, Any], answer: Answer
) -> None:
    partner = site.partner()

    assert administrator(site, partner).call("invitePerson", partner, {**ADA, **wrong}) == answer

    assert invitations(site, partner) == []
    assert history(site, partner) == []


@pytest.mark.parametrize(
    "written",
    [
        *("ada@x.example", " ADA@X.EXAMPLE", "a.b@x.example", "ada@bücher.example", "ä@x.example"),
        *("@x.example", "a@b@x.example", ".a@x.example", "a..b@x.example", '"a"@x.example'),
        *(
            "a@x",
            "a@x.1",
            "a@[127.0.0.1]",
            "a@-x.example",
            "a b@x.example",
            f"{'a' * 65}@x.example",
        ),
        *(
            "a@x.example.",
            "a@x..example",
            f"a@{'x' * 64}.example",
            "a,b@x.example",
            "a@x_y.example",
        ),
        *("a\u200bda@x.example", "a\u009b31mda@x.example", "ada@ab--cd.example"),
    ],
)
def test_address_is_valid_here_if_it_is_for_an_import(site: Portal, written: str) -> None:
    partner = site.partner()

    answer = administrator(site, partner).call("invitePerson", partner, {**ADA, "email": written})

    stored = [row["email"] for row in invitations(site, partner)]
    normal = normal_email(written)
    assert stored == ([normal] if normal else []), answer


def test_person_who_is_there_or_invited_is_not_invited_again(site: Portal) -> None:
    partner = site.partner()
    admin = administrator(site, partner, loginEmail=f"boss@{partner.lower()}.example")
    member = verified(site, f"lee@{partner.lower()}.example")
    admin.call("invitePerson", partner, {**ADA, "email": f"lee@{partner.lower()}.example"})

    def again(name: str) -> Answer:
        email = f"{name}@{partner.lower()}.example"
        return admin.call("invitePerson", partner, {**ADA, "email": email})

    assert again("LEE") == refused("already_invited", "email")
    accept(site, invitations(site, partner)[0], member)
    assert again("lee") == refused("already_member", "email")
    assert again("boss") == refused("already_member", "email")


def test_expired_invitation_is_followed_by_the_next_round(site: Portal) -> None:
    partner = site.partner()
    admin = administrator(site, partner)
    admin.call("invitePerson", partner, ADA)
    [first] = invitations(site, partner)
    past = datetime.now(UTC) - timedelta(days=1)
    site.row(
        "PartnerInvitations", first["_id"], **{**first, "expiresAt": {"$date": past.isoformat()}}
    )
    assert admin.call("getPeople", partner)["invitations"][0]["expired"] is True

    assert admin.call("invitePerson", partner, ADA) == {}

    assert [(one["round"], one["status"]) for one in invitations(site, partner)] == [
        (1, "revoked"),
        (2, "active"),
    ]
    assert len(admin.call("getPeople", partner)["invitations"]) == 1


def test_sending_again_makes_the_next_round_and_the_old_code_is_of_no_use(site: Portal) -> None:
    partner = site.partner()
    admin = administrator(site, partner)
    email = f"ada@{partner.lower()}.example"
    admin.call("invitePerson", partner, {**ADA, "email": email})
    [first] = invitations(site, partner)

    assert admin.call("sendAgain", partner, first["_id"]) == {}
    assert admin.call("sendAgain", partner, first["_id"]) == refused("not_found")

    old, new = invitations(site, partner)
    assert (old["status"], new["status"]) == ("revoked", "active")
    assert new["_id"] == invitation_id(PartnerId(partner), email, 2)
    assert [new[name] for name in ("email", "name", "role", "language")] == [
        *(email, "Ada Lovelace", "edi", "de")
    ]
    ada = verified(site, email)
    assert accept(site, old, ada) == refused("not_found")
    assert accept(site, new, ada)["partner"]["role"] == "edi"
    assert [act for _, act, _ in history(site, partner)] == ["invited", "sent_again", "accepted"]


def test_interrupted_sending_again_is_completed_by_a_repetition(site: Portal) -> None:
    """The next round was written, and the former one is still active."""
    partner = site.partner()
    admin = administrator(site, partner)
    admin.call("invitePerson", partner, ADA)
    [first] = invitations(site, partner)
    second = invitation_id(PartnerId(partner), ADAS, 2)
    site.row("PartnerInvitations", second, **{**first, "_id": second, "round": 2})

    assert [one["id"] for one in admin.call("getPeople", partner)["invitations"]] == [second]
    assert admin.call("sendAgain", partner, first["_id"]) == refused("already_invited")
    assert admin.call("sendAgain", partner, second) == {}

    assert [one["status"] for one in invitations(site, partner)] == [
        *("revoked", "revoked", "active")
    ]


def test_withdrawn_invitation_is_of_no_use(site: Portal) -> None:
    partner = site.partner()
    admin = administrator(site, partner)
    email = f"ada@{partner.lower()}.example"
    admin.call("invitePerson", partner, {**ADA, "email": email})
    [row] = invitations(site, partner)

    assert admin.call("withdrawInvitation", partner, row["_id"]) == {}
    assert admin.call("withdrawInvitation", partner, row["_id"]) == refused("not_found")

    [row] = invitations(site, partner)
    assert accept(site, row, verified(site, email)) == refused("not_found")
    assert [act for _, act, _ in history(site, partner)] == ["invited", "withdrawn"]


def test_removed_person_loses_access_at_once_and_no_code_brings_it_back(site: Portal) -> None:
    partner = site.partner()
    admin = administrator(site, partner)
    email = f"lee@{partner.lower()}.example"
    admin.call("invitePerson", partner, {**ADA, "email": email})
    [row] = invitations(site, partner)
    lee = verified(site, email)
    accept(site, row, lee)
    # A second invitation of the same person, and one whose redemption was interrupted.
    for name, fields in (("open", {"email": email}), ("begun", {"email": None})):
        site.row("PartnerInvitations", f"{name}-{partner}", **{**row, "_id": "", **fields})
    site.row("InvitationRedemptions", f"begun-{partner}", memberId=lee.id)

    assert admin.call("removePerson", partner, person(lee, partner)) == {}

    assert lee.call("getPeople", partner) == refused("not_linked")
    assert lee.id not in roles(site, partner)
    rows = site.rows("PartnerInvitations")
    assert rows[f"open-{partner}"]["status"] == "revoked"
    assert rows[f"begun-{partner}"]["status"] == "used"
    assert history(site, partner)[-1] == (admin.id, "removed", email)


def test_changed_role_counts_at_once_and_leaves_the_rest_of_the_link(site: Portal) -> None:
    partner = site.partner()
    admin, lee = administrator(site, partner), site.member(partner, role="edi")
    before = site.rows("PartnerLinks")[person(lee, partner)]

    assert admin.call("changeRole", partner, person(lee, partner), "logistics") == {}
    assert admin.call("changeRole", partner, person(lee, partner), "logistics") == {}

    after = site.rows("PartnerLinks")[person(lee, partner)]
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"role", "_updatedDate"}
    assert lee.call("getSession")["partners"][0]["role"] == "logistics"
    assert history(site, partner) == [(admin.id, "role_changed", lee.id)]


def at_once(*calls: tuple[Any, ...]) -> list[Answer]:
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = [pool.submit(who.call, method, *args) for who, method, *args in calls]
        return [answer.result() for answer in answers]


def test_invitation_that_is_withdrawn_while_it_is_accepted_ends_one_way_for_both(
    site: Portal,
) -> None:
    """Three times, so that the calls meet in different ways."""
    for _ in range(3):
        partner = site.partner()
        admin = administrator(site, partner)
        email = f"ada@{partner.lower()}.example"
        admin.call("invitePerson", partner, {**ADA, "email": email})
        [row] = invitations(site, partner)
        code, ada = sent_code(site, row), verified(site, email)

        accepted, withdrawn = at_once(
            (ada, "acceptInvitation", code), (admin, "withdrawInvitation", partner, row["_id"])
        )

        has_access = ada.id in roles(site, partner)
        assert has_access is ("partner" in accepted), (accepted, withdrawn)
        assert not (has_access and withdrawn == {}), (accepted, withdrawn)


def test_person_who_is_removed_while_accepting_another_invitation_has_no_access(
    site: Portal,
) -> None:
    for _ in range(3):
        partner = site.partner()
        admin = administrator(site, partner)
        email = f"lee@{partner.lower()}.example"
        lee = site.member(partner, role="edi", loginEmail=email, loginEmailVerified=True)
        # From now on its link has its address.
        lee.call("getSession")
        row = {
            **{"_id": f"again-{partner}".lower(), "partnerId": partner, "email": email},
            **{"role": "admin", "status": "active", "bound": True, "round": 1},
            "expiresAt": {"$date": "2999-01-01T00:00:00.000Z"},
        }
        code = sent_code(site, row)

        _, removed = at_once(
            (lee, "acceptInvitation", code), (admin, "removePerson", partner, person(lee, partner))
        )

        assert removed == {}
        assert lee.id not in roles(site, partner)


def test_invitation_with_another_role_does_not_take_the_last_administrator(site: Portal) -> None:
    partner = site.partner()
    admin = administrator(site, partner)
    row = {
        **{"_id": f"hand-{partner}".lower(), "partnerId": partner, "role": "edi", "round": 1},
        **{"status": "active", "expiresAt": {"$date": "2999-01-01T00:00:00.000Z"}},
    }

    assert accept(site, row, admin) == refused("last_admin")
    assert roles(site, partner) == {admin.id: "admin"}

    administrator(site, partner)
    assert accept(site, row, admin)["partner"]["role"] == "edi"


METHODS: dict[str, list[Any]] = {
    "getPeople": [],
    "invitePerson": [ADA],
    "changeRole": ["own", "edi"],
    "removePerson": ["own"],
    "sendAgain": ["invitation"],
    "withdrawInvitation": ["invitation"],
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("role", ["edi", "finance", "logistics", "warehouse"])
def test_nobody_but_an_administrator_does_anything(site: Portal, method: str, role: str) -> None:
    partner, other = site.partner(), site.partner()
    member = site.member(partner, role=role)
    # Being an administrator elsewhere is of no use here.
    site.link(member.id, other, "admin")
    before = (site.rows("PartnerLinks"), site.rows("PartnerInvitations"))

    assert member.call(method, partner, *METHODS[method]) == refused("not_allowed")

    assert (site.rows("PartnerLinks"), site.rows("PartnerInvitations")) == before
    assert "manage_people" not in member.call("getChanges", partner)["may"]["actions"]
    assert "manage_people" in member.call("getChanges", other)["may"]["actions"]


def test_rows_of_another_partner_do_not_exist(site: Portal) -> None:
    mine, theirs = site.partner(), site.partner()
    admin, other = administrator(site, mine), administrator(site, theirs)
    colleague = site.member(theirs)
    other.call("invitePerson", theirs, ADA)
    [row] = invitations(site, theirs)
    before = (roles(site, theirs), invitations(site, theirs), history(site, theirs))

    answers = [
        admin.call("changeRole", mine, person(colleague, theirs), "edi"),
        admin.call("removePerson", mine, person(colleague, theirs)),
        admin.call("removePerson", mine, person(other, theirs)),
        admin.call("sendAgain", mine, row["_id"]),
        admin.call("withdrawInvitation", mine, row["_id"]),
    ]

    assert answers == [refused("not_found")] * 5
    assert (roles(site, theirs), invitations(site, theirs), history(site, theirs)) == before


@pytest.mark.parametrize("act", ["changeRole", "removePerson"])
def test_last_administrator_stays(site: Portal, act: str) -> None:
    partner = site.partner()
    admin = administrator(site, partner)
    site.member(partner, role="edi")
    args = ["finance"] if act == "changeRole" else []

    assert admin.call(act, partner, person(admin, partner), *args) == refused("last_admin")

    assert roles(site, partner)[admin.id] == "admin"
    assert history(site, partner) == []


@pytest.mark.parametrize("act", ["changeRole", "removePerson"])
def test_administrator_can_leave_while_there_is_another(site: Portal, act: str) -> None:
    partner = site.partner()
    admin, other = administrator(site, partner), administrator(site, partner)
    args = ["finance"] if act == "changeRole" else []

    assert admin.call(act, partner, person(admin, partner), *args) == {}

    assert admin.call("getPeople", partner)["error"]["code"] in ("not_allowed", "not_linked")
    assert other.call(act, partner, person(other, partner), *args) == refused("last_admin")


def demote(caller: Visitor, target: Visitor, partner: str) -> Answer:
    return caller.call("changeRole", partner, person(target, partner), "edi")


def remove(caller: Visitor, target: Visitor, partner: str) -> Answer:
    return caller.call("removePerson", partner, person(target, partner))


@pytest.mark.parametrize("first", [demote, remove])
@pytest.mark.parametrize("second", [demote, remove])
@pytest.mark.parametrize("whom", ["one another", "themselves"])
def test_two_administrators_at_the_same_moment_leave_one(
    site: Portal, first: Callable[..., Answer], second: Callable[..., Answer], whom: str
) -> None:
    """Four times, so that their calls meet in different ways."""
    for _ in range(4):
        partner = site.partner()
        one, other = administrator(site, partner), administrator(site, partner)
        targets = (other, one) if whom == "one another" else (one, other)

        with ThreadPoolExecutor(2) as pool:
            answers = [
                pool.submit(first, one, targets[0], partner),
                pool.submit(second, other, targets[1], partner),
            ]
            told = [answer.result() for answer in answers]

        left = roles(site, partner)
        assert "admin" in left.values(), (told, history(site, partner))
        # Who was told that it was done, finds it done; who was not, finds it as it was.
        for target, answer in zip(targets, told, strict=True):
            is_there = left.get(target.id) == "admin"
            assert is_there is ("error" in answer), (told, left)


def test_same_person_invited_by_two_at_once_has_one_invitation(site: Portal) -> None:
    partner = site.partner()
    admins = [administrator(site, partner) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: one.call("invitePerson", partner, ADA), admins))

    assert sorted(answers, key=len) == [{}, *[refused("already_invited", "email")] * 3]
    assert len(invitations(site, partner)) == 1


def test_member_makes_a_bounded_number_of_invitations_an_hour(site: Portal) -> None:
    partner = site.partner()
    admin, hour = administrator(site, partner), int(datetime.now(UTC).timestamp() // 3600)
    # Attempts to redeem do not count here, nor those of the hour before.
    for number in range(PER_HOUR - 1):
        for at, kind in ((hour, "invite"), (hour, "redeem"), (hour - 1, "invite")):
            site.row(
                "InvitationAttempts",
                f"{admin.id}-{kind}-{at}-{number}",
                memberId=admin.id,
                hour=at,
                kind=kind,
                number=number,
            )

    answers = [
        admin.call("invitePerson", partner, {**ADA, "email": f"p{number}@x.example"})
        for number in range(2)
    ]

    # At the turn of an hour the count begins anew.
    if int(datetime.now(UTC).timestamp() // 3600) == hour:
        assert answers[0] == {}
        error = answers[1]["error"]
        assert (error["code"], error["limit"]["kind"], error["limit"]["most"]) == (
            "too_often",
            "invite",
            PER_HOUR,
        )


def test_partner_has_a_bounded_number_of_people(site: Portal) -> None:
    partner = site.partner()
    admin = administrator(site, partner)
    rows = [
        {"_id": hashlib.sha256(f"{partner}{number}".encode()).hexdigest()[:32], "role": "edi"}
        for number in range(499)
    ]
    site.save(
        "PartnerLinks",
        [{**row, "memberId": row["_id"], "partnerId": partner} for row in rows],
    )

    assert admin.call("invitePerson", partner, ADA) == refused("too_many")


def test_visit_is_noted_once_a_day_and_never_ends_the_session(site: Portal) -> None:
    partner, other = site.partner(), site.partner()
    member = site.member(partner, other)
    site.row(
        "PartnerLinks",
        person(member, other),
        memberId=member.id,
        partnerId=other,
        role="edi",
        email="own@x.example",
        lastSeenAt={"$date": "2026-01-01T00:00:00.000Z"},
    )

    member.call("getSession")
    first = site.rows("PartnerLinks")
    member.call("getSession")

    assert site.rows("PartnerLinks") == first
    new, known = first[person(member, partner)], first[person(member, other)]
    assert new["name"] == "Dana Whitfield"
    assert "@partner.example" in new["email"]
    assert (known["email"], known.get("name")) == ("own@x.example", None)
    today = datetime.now(UTC).date().isoformat()
    assert all(today in str(row["lastSeenAt"]) for row in (new, known))
