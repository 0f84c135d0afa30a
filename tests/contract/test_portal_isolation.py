"""Tenant isolation: each web method, called by everyone who must not get the partner's data.

A method of the web module without a case here fails ``test_every_web_method_has_a_case``.
"""

import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gridwix.people.codes import code_hash
from tests.contract.portal_backend.cases import SECTIONS
from tests.contract.portal_site import (
    NOW,
    Answer,
    Portal,
    Visitor,
    backend_methods,
    needs_node,
    portal,
)

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]


@dataclass(frozen=True)
class World:
    """A partner with a record of each kind, each marked with a secret word.

    ``own`` is its member, ``admin`` its administrator, ``other`` one of another partner.
    """

    site: Portal
    partner: str
    other_partner: str
    mark: str
    own: Visitor
    other: Visitor
    issue: str
    enrollment: str
    document: str
    file: str
    code: str
    request: str
    cursor: str
    admin: Visitor
    person: str
    invitation: str


@dataclass(frozen=True)
class Case:
    """The call of a method about a partner and its records, and the check of its success."""

    args: Callable[[World, str | None], list[Any]]
    works: Callable[[World, Answer], object]
    administrators: bool = False


def sent(world: World, answer: Answer) -> bool:
    return (
        bool(answer.get("reference")) and world.site.webhook.posts[-1]["memberId"] == world.own.id
    )


CASES = {
    "getSession": Case(
        lambda world, partner: [],
        lambda world, answer: [one["id"] for one in answer["partners"]] == [world.partner],
    ),
    "getPortal": Case(
        lambda world, partner: [partner, "en", SECTIONS],
        lambda world, answer: (
            json.dumps(answer).count(world.mark) >= 8 and answer["numbers"]["own"] == {"issues": 7}
        ),
    ),
    "getSections": Case(
        lambda world, partner: [partner, SECTIONS, "en"],
        lambda world, answer: json.dumps(answer).count(world.mark) >= 8,
    ),
    "getChanges": Case(
        lambda world, partner: [partner],
        lambda world, answer: answer["numbers"]["own"] == {"issues": 7},
    ),
    "getMore": Case(
        lambda world, partner: [partner, "messages", world.cursor, "en"],
        lambda world, answer: world.mark in json.dumps(answer["rows"]),
    ),
    "answerRequest": Case(
        lambda world, partner: [partner, world.request, "We agreed on 4.10"], sent
    ),
    "addComment": Case(lambda world, partner: [partner, world.issue, "Done"], sent),
    "answerResolution": Case(lambda world, partner: [partner, world.issue, True, ""], sent),
    "submitStep": Case(lambda world, partner: [partner, world.enrollment, "tax_form", {}], sent),
    "sendRequest": Case(
        lambda world, partner: [
            partner,
            "partner-question",
            {"topic": "tax", "question": "Which form?"},
        ],
        sent,
    ),
    "getAttachmentUrl": Case(
        lambda world, partner: [
            partner,
            "partner-question",
            {"fileName": "plan.pdf", "mimeType": "application/pdf", "sizeInBytes": 9},
        ],
        lambda world, answer: answer["uploadUrl"],
    ),
    "getRequestForms": Case(
        lambda world, partner: ["en"],
        lambda world, answer: {form["key"] for form in answer} >= {"partner-question"},
    ),
    "openDocument": Case(
        lambda world, partner: [partner, world.document],
        lambda world, answer: world.file in answer["url"],
    ),
    "getUploadUrl": Case(
        lambda world, partner: [
            partner,
            world.document,
            {"fileName": "coi.pdf", "mimeType": "application/pdf", "sizeInBytes": 9},
        ],
        lambda world, answer: answer["uploadUrl"],
    ),
    "submitDocument": Case(
        lambda world, partner: [partner, world.document, world.file, "coi.pdf", 1], sent
    ),
    "getSettings": Case(
        lambda world, partner: ["en"],
        lambda world, answer: answer["settings"]["language"] is None,
    ),
    "saveSettings": Case(
        lambda world, partner: [{"quietHours": None}],
        lambda world, answer: answer["settings"]["quietHours"] is None,
    ),
    "getReadMarks": Case(
        lambda world, partner: [partner],
        lambda world, answer: world.mark in json.dumps(answer["marks"]),
    ),
    "markRead": Case(
        lambda world, partner: [partner, {"notices": {"ids": {"ntc_1": NOW}}}],
        lambda world, answer: answer["marks"]["notices"]["ids"] == {"ntc_1": NOW},
    ),
    "acceptInvitation": Case(
        lambda world, partner: [world.code],
        lambda world, answer: answer["partner"]["id"] == world.partner,
    ),
    "getPeople": Case(
        lambda world, partner: [partner],
        lambda world, answer: json.dumps(answer).count(world.mark) >= 2,
        administrators=True,
    ),
    "invitePerson": Case(
        lambda world, partner: [partner, {"email": f"{uuid.uuid4()}@x.example", "role": "edi"}],
        lambda world, answer: answer == {},
        administrators=True,
    ),
    "changeRole": Case(
        lambda world, partner: [partner, world.person, "logistics"],
        lambda world, answer: answer == {},
        administrators=True,
    ),
    "sendAgain": Case(
        lambda world, partner: [partner, world.invitation],
        lambda world, answer: answer == {},
        administrators=True,
    ),
    "withdrawInvitation": Case(
        lambda world, partner: [partner, an_open_invitation(world.site, world.partner, world.mark)],
        lambda world, answer: answer == {},
        administrators=True,
    ),
    "removePerson": Case(
        lambda world, partner: [partner, world.person],
        lambda world, answer: answer == {},
        administrators=True,
    ),
}
ABOUT_NOBODY = {"getSession", "getRequestForms", "getSettings", "saveSettings"}
"""Methods without a partner argument: others get a response without this partner's data."""
ABOUT_NO_RECORD = ABOUT_NOBODY | {
    "getPortal",
    "getSections",
    "getChanges",
    "getMore",
    "sendRequest",
    "getAttachmentUrl",
    "getReadMarks",
    "markRead",
    "getPeople",
    "invitePerson",
}
"""Methods about a partner but no record: members of others get their own data."""


@pytest.fixture(scope="module")
def world() -> World:
    site, mark = portal(), f"only-{uuid.uuid4().hex}"
    partner, other_partner = site.partner(f"Prairie {mark}"), site.partner()
    own, other = site.member(partner, role="finance"), site.member(other_partner, role="admin")
    admin, colleague = site.member(partner, role="admin"), f"colleague-{mark}"
    site.row(
        "PartnerLinks", colleague, memberId=mark, partnerId=partner, role="edi", name=f"Lee {mark}"
    )
    issue = site.row(
        "OpenIssues",
        f"case_{mark}",
        partnerId=partner,
        subject=mark,
        status="resolved",
        open=True,
        comments=[{"text": mark}],
    )
    site.row("PortalChanges", partner, issues=7)
    site.row("PortalChanges", other_partner, issues=8)
    steps = [{"key": "tax_form", "title": mark, "owner": "partner", "status": "available"}]
    enrollment = site.row(
        "OnboardingProgress",
        f"enr_{mark}",
        partnerId=partner,
        programId="prg_1",
        active=True,
        steps=steps,
    )
    site.row(
        "ServiceNotices",
        f"ntc_{mark}",
        forEverybody=False,
        partnerIds=[partner],
        title=mark,
        active=True,
    )
    site.row("PartnerActivity", partner, partnerId=partner, lines=[{"documentType": mark}])
    file = f"file-{mark}.pdf"
    document = site.row(
        "PartnerDocuments",
        f"doc_{mark}",
        partnerId=partner,
        partnerIds=[partner],
        forEverybody=False,
        title=mark,
        fileId=file,
        private=True,
        restricted=False,
    )
    asked = {
        "record": "collaboration-requests/req_1",
        "status": "waiting_on_partner",
        "answerable": True,
        "comments": [{"text": mark}],
    }
    request = site.row(
        "PartnerRequests",
        f"sub-{mark}",
        partnerId=partner,
        memberId=own.id,
        title=mark,
        reference="GX-1",
        kind="request",
        open=True,
        **asked,
    )
    site.row(
        "PartnerMessages",
        f"dsp_{mark}",
        partnerId=partner,
        roles=["finance"],
        texts={"en": {"title": mark, "body": f"<p>{mark}</p>"}},
        locale="en",
    )
    code = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[::-1]
    site.media.files[file] = {
        "id": file,
        "private": True,
        "labels": [],
        "sizeInBytes": "9",
        "url": f"https://static.wix.example/{file}",
    }
    # A cursor of this very site, behind which every message lies.
    cursor = (
        base64.urlsafe_b64encode(json.dumps([{"at": 4102444800000}, "~"]).encode())
        .decode()
        .rstrip("=")
    )
    world = World(
        site,
        partner,
        other_partner,
        mark,
        own,
        other,
        issue,
        enrollment,
        document,
        file,
        code,
        request,
        cursor,
        admin,
        colleague,
        an_open_invitation(site, partner, mark),
    )
    mark_the_upload(world)
    own.call("markRead", partner, {"issues": {"ids": {mark: NOW}}})
    an_invitation(world)
    return world


def mark_the_upload(world: World) -> None:
    """Label the file as uploaded for this document, as its upload URL does."""
    world.own.call(
        "getUploadUrl",
        world.partner,
        world.document,
        {"fileName": "coi.pdf", "mimeType": "application/pdf", "sizeInBytes": 9},
    )
    world.site.media.files[world.file]["labels"] = world.site.media.asked[-1]["labels"]


def an_invitation(world: World) -> None:
    """Create an invitation that the partner's own member has redeemed."""
    facts = {
        "partnerId": world.partner,
        "role": "finance",
        "status": "active",
        "expiresAt": {"$date": "2999-01-01T00:00:00.000Z"},
    }
    world.site.row("PartnerInvitations", code_hash(world.code), **facts)
    assert world.own.call("acceptInvitation", world.code)["partner"]["role"] == "finance"


def an_open_invitation(site: Portal, partner: str, mark: str) -> str:
    """Create an invitation of somebody. Return its id."""
    email = f"{uuid.uuid4()}@x.example"
    return site.row(
        "PartnerInvitations",
        f"{uuid.uuid4().hex}",
        partnerId=partner,
        role="edi",
        status="active",
        expiresAt={"$date": "2999-01-01T00:00:00.000Z"},
        email=email,
        name=mark,
        round=1,
    )


def test_every_web_method_has_a_case(world: World) -> None:
    served = world.site.http.get(f"{world.site.url}/host/backend.js").text

    assert backend_methods() == CASES.keys()
    assert {
        line.split()[2] for line in served.splitlines() if line.startswith("export const")
    } == CASES.keys()


@pytest.mark.parametrize("method", CASES)
def test_the_partners_own_member_gets_what_is_its_own(world: World, method: str) -> None:
    caller = world.admin if CASES[method].administrators else world.own

    answer = caller.call(method, *CASES[method].args(world, world.partner))

    assert CASES[method].works(world, answer), answer


@pytest.mark.parametrize("method", [name for name, case in CASES.items() if case.administrators])
def test_a_member_who_is_no_administrator_learns_and_changes_nothing_of_people(
    world: World, method: str
) -> None:
    args, before = CASES[method].args(world, world.partner), effects(world)

    answer = world.own.call(method, *args)

    assert answer == {"error": {"code": "not_allowed"}}
    assert effects(world) == before


@pytest.mark.parametrize("method", CASES)
@pytest.mark.parametrize("named", ["the partner", "no such partner"])
def test_a_member_of_another_partner_gets_nothing(world: World, method: str, named: str) -> None:
    args = CASES[method].args(world, world.partner if named == "the partner" else "GC999999999999")
    before = effects(world)

    answer = world.other.call(method, *args)

    assert world.mark not in json.dumps(answer)
    if method not in ABOUT_NOBODY:
        assert answer == {
            "error": {"code": "not_found" if method == "acceptInvitation" else "not_yours"}
        }
    assert effects(world) == before


@pytest.mark.parametrize("method", CASES)
@pytest.mark.parametrize("named", ["its own", "none"])
def test_a_member_of_another_partner_gets_no_record_of_this_one(
    world: World, method: str, named: str
) -> None:
    args = CASES[method].args(world, world.other_partner if named == "its own" else None)
    before = effects(world)

    answer = world.other.call(method, *args)

    assert world.mark not in json.dumps(answer)
    if method not in ABOUT_NO_RECORD:
        assert answer == {"error": {"code": "not_found"}}
        assert effects(world) == before


@pytest.mark.parametrize("method", CASES)
@pytest.mark.parametrize("named", ["the partner", "none"])
def test_an_unlinked_member_gets_nothing(world: World, method: str, named: str) -> None:
    args = CASES[method].args(world, world.partner if named == "the partner" else None)
    stranger, before = world.site.member(), effects(world)

    answer = stranger.call(method, *args)

    if method == "getSession":
        assert answer == {"member": {"name": "Dana Whitfield", "language": None}, "partners": []}
    else:
        assert answer == {
            "error": {"code": "not_found" if method == "acceptInvitation" else "not_linked"}
        }
    assert effects(world) == before


@pytest.mark.parametrize("method", CASES)
def test_a_visitor_who_is_not_logged_in_gets_nothing(world: World, method: str) -> None:
    args = CASES[method].args(world, world.partner)
    visitor, before = world.site.nobody(), effects(world)

    answer = visitor.send(method, args)

    assert answer.status_code == 403
    assert world.mark not in answer.text
    assert effects(world) == before


@pytest.mark.parametrize("method", CASES)
def test_a_blocked_member_gets_nothing(world: World, method: str) -> None:
    args = CASES[method].args(world, world.partner)
    blocked, before = world.site.member(world.partner, role="admin"), effects(world)
    headers = {"authorization": world.site.info["apiKey"], "wix-site-id": world.site.info["siteId"]}
    world.site.http.post(
        f"{world.site.wix}/members/v1/members/{blocked.id}/block", json={}, headers=headers
    ).raise_for_status()

    answer = blocked.call(method, *args)

    assert answer == {"error": {"code": "not_linked"}}
    assert effects(world) == before


@pytest.mark.parametrize("forged", ["spoiled signature", "another member", "no signature"])
def test_a_forged_session_is_none(world: World, forged: str) -> None:
    name, value = next((cookie.name, str(cookie.value)) for cookie in world.own.http.cookies.jar)
    member, expires, signature = value.split(".")
    other = {
        "spoiled signature": f"{member}.{expires}.{signature[::-1]}",
        "another member": f"{world.other.id}.{expires}.{signature}",
        "no signature": f"{member}.{expires}.",
    }
    visitor = world.site.nobody()

    answer = visitor.http.post(
        f"{visitor.portal}/_functions/web/getSession",
        json=[],
        headers={"cookie": f"{name}={other[forged]}"},
    )

    assert answer.status_code == 403


def test_a_link_that_is_taken_away_counts_at_once(world: World) -> None:
    member = world.site.member(world.partner)
    assert member.call("getChanges", world.partner)["numbers"]
    world.site.control("settings", {"replicaLag": 30})

    world.site.unlink(member.id, world.partner)
    answers = {
        method: member.call(method, *case.args(world, world.partner))
        for method, case in CASES.items()
    }
    world.site.control("settings", {"replicaLag": 0})

    assert answers.pop("getSession")["partners"] == []
    assert answers.pop("acceptInvitation") == {"error": {"code": "not_found"}}
    assert set(map(json.dumps, answers.values())) == {json.dumps({"error": {"code": "not_linked"}})}


def test_a_message_for_other_roles_is_not_there(world: World) -> None:
    logistics = world.site.member(world.partner, role="logistics")

    mine = world.own.call("getSections", world.partner, ["messages"], "en")["sections"]["messages"][
        "rows"
    ]
    theirs = logistics.call("getSections", world.partner, ["messages"], "en")["sections"][
        "messages"
    ]["rows"]

    assert [row["title"] for row in mine] == [world.mark]
    assert theirs == []


def test_a_page_behind_a_cursor_holds_no_message_for_other_roles(world: World) -> None:
    logistics = world.site.member(world.partner, role="logistics")

    assert logistics.call("getMore", world.partner, "messages", world.cursor, "en") == {"rows": []}


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "case_comment", "record": "cases/case_1"},
        {"kind": "request"},
        {"kind": "request", "record": "cases/case_1"},
        {"kind": "request", "record": "collaboration-requests/"},
        {"kind": "request", "record": "collaboration-requests/req_2", "answerable": False},
    ],
)
def test_what_is_no_request_that_takes_an_answer_cannot_be_answered(
    world: World, row: dict[str, Any]
) -> None:
    identifier = world.site.row(
        "PartnerRequests",
        f"no-{uuid.uuid4().hex}",
        partnerId=world.partner,
        reference="GX-2",
        open=True,
        **row,
    )
    before = effects(world)

    assert world.own.call("answerRequest", world.partner, identifier, "4.10") == {
        "error": {"code": "not_found"}
    }
    assert effects(world) == before
    world.site.remove("PartnerRequests", identifier)


def test_a_file_that_was_not_uploaded_for_the_document_does_not_exist(world: World) -> None:
    site, file = world.site, "another-partners.pdf"
    site.media.files[file] = {
        "id": file,
        "private": True,
        "labels": ["gridwix-of-somebody-else"],
        "sizeInBytes": "9",
    }

    answer = world.own.call("submitDocument", world.partner, world.document, file, "coi.pdf", 1)

    assert answer == {"error": {"code": "not_found"}}


def an_attachment(
    world: World, member: Visitor, partner: str, form: str = "partner-question"
) -> str:
    """Return a file that a member has uploaded for a request."""
    member.call(
        "getAttachmentUrl",
        partner,
        form,
        {"fileName": "plan.pdf", "mimeType": "application/pdf", "sizeInBytes": 9},
    )
    file = f"{uuid.uuid4()}.pdf"
    labels = world.site.media.asked[-1]["labels"]
    world.site.media.files[file] = {
        "id": file,
        "private": True,
        "labels": labels,
        "sizeInBytes": "9",
    }
    return file


def send_with(member: Visitor, partner: str, file: str) -> Answer:
    return member.call(
        "sendRequest",
        partner,
        "partner-question",
        {"topic": "tax", "question": file},
        [{"fileId": file, "fileName": "plan.pdf"}],
    )


def test_a_file_that_is_not_the_members_own_for_this_request_does_not_exist(world: World) -> None:
    colleague, both = (
        world.site.member(world.partner),
        world.site.member(world.partner, world.other_partner),
    )
    not_found = {"error": {"code": "not_found", "question": "attachments"}}
    before = world.site.webhook.seen
    theirs = {
        "another partner's": send_with(
            world.other, world.other_partner, an_attachment(world, world.own, world.partner)
        ),
        "a colleague's": send_with(
            colleague, world.partner, an_attachment(world, world.own, world.partner)
        ),
        "another form's": send_with(
            world.own,
            world.partner,
            an_attachment(world, world.own, world.partner, "invoice-question"),
        ),
        "the member's own for another partner": send_with(
            both, world.partner, an_attachment(world, both, world.other_partner)
        ),
        "a document's": send_with(world.own, world.partner, world.file),
        "nobody's": send_with(world.own, world.partner, "no-such-file.pdf"),
    }
    refused = world.site.webhook.seen - before

    own = send_with(world.own, world.partner, an_attachment(world, world.own, world.partner))

    assert theirs == dict.fromkeys(theirs, not_found)
    assert refused == 0
    assert own["reference"]


def test_a_public_file_is_nobodys_attachment(world: World) -> None:
    file = an_attachment(world, world.own, world.partner)
    world.site.media.files[file]["private"] = False

    assert send_with(world.own, world.partner, file)["error"]["code"] == "not_found"


def test_a_restricted_document_is_neither_opened_nor_uploaded(world: World) -> None:
    document = world.site.row(
        "PartnerDocuments",
        f"doc_w9_{world.mark}",
        partnerId=world.partner,
        partnerIds=[world.partner],
        fileId=world.file,
        private=True,
        restricted=True,
    )

    opened = world.own.call("openDocument", world.partner, document)
    uploaded = world.own.call(
        "getUploadUrl",
        world.partner,
        document,
        {"fileName": "w9.pdf", "mimeType": "application/pdf", "sizeInBytes": 9},
    )

    assert opened == uploaded == {"error": {"code": "not_found"}}


def effects(world: World) -> tuple[int, list[Any], list[str], list[str], list[Any]]:
    """Return the side effects of calls on the partner's data and that of its own member."""
    return (
        world.site.webhook.seen,
        list(world.site.media.asked),
        sorted(world.site.rows("PartnerLinks")),
        [
            json.dumps(row)
            for collection in ("MemberSettings", "MemberReadMarks")
            for row in world.site.rows(collection).values()
            if row["memberId"] == world.own.id or row.get("partnerId") == world.partner
        ],
        [
            (row["_id"], row.get("role"), row.get("status"))
            for collection in ("PartnerLinks", "PartnerInvitations", "PeopleHistory")
            for row in world.site.rows(collection).values()
            if row["partnerId"] == world.partner
        ],
    )
