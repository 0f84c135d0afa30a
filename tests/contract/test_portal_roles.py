"""What each role sees and does: the portal's backend against the model of ``config/roles.yaml``.

Each web method is called by members in each role, under the shipped configuration, a restrictive
one and random ones. What the model allows has to work, and of what it does not allow no word may
leave.
A web method, a section or an action of a form that has no call here fails
``test_every_method_section_and_action_is_called``.
"""

import base64
import json
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, get_args

import pytest

from gridwix.configuration.forms import FormAction
from gridwix.configuration.roles import (
    ROLE_NAMES,
    Classification,
    DocumentCategory,
    MemberAction,
    RoleName,
    RolePermissions,
    Roles,
    Section,
)
from gridwix.files.types import file_label
from gridwix.runtime.configuration import configuration
from ops.backend import generate_modules
from tests.contract.portal_backend.cases import SECTIONS
from tests.contract.portal_site import NOW, Answer, Portal, Visitor, backend_methods, needs_node
from tests.contract.portal_site import portal as the_site

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

ALL_SECTIONS: tuple[Section, ...] = get_args(Section.__value__)
CATEGORIES: tuple[str, ...] = get_args(DocumentCategory.__value__)
CLASSIFICATIONS: tuple[str, ...] = get_args(Classification.__value__)
ACTIONS: tuple[MemberAction, ...] = get_args(MemberAction.__value__)
FORMS = sorted(key for key, form in configuration().forms.items() if form.action == "request")

ALL = {
    "sections": "all",
    "documents": {"categories": "all", "classifications": "all"},
    "forms": "all",
    "actions": "all",
}
RESTRICTIVE: Mapping[str, Any] = {
    "admin": ALL,
    "edi": {
        "sections": {"except": ["messages"]},
        "documents": {"categories": "all", "classifications": {"except": ["restricted"]}},
        "forms": ["partner-question"],
        "actions": {"except": ["answer_resolution"]},
    },
    "finance": {
        "sections": ["documents", "requests", "messages"],
        "documents": {"categories": ["agreement"], "classifications": ["public", "partner"]},
        "forms": ["invoice-question"],
        "actions": ["answer_request"],
    },
    "logistics": {
        "sections": ["issues", "notices", "activity"],
        "documents": {"categories": "all", "classifications": "all"},
        "forms": "all",
        "actions": "all",
    },
    "other": {
        "sections": [],
        "documents": {"categories": [], "classifications": []},
        "forms": [],
        "actions": [],
    },
}


def random_roles(seed: int) -> Mapping[str, Any]:
    """Any selections of any values; what they say in sections that are not seen has no effect."""
    chance = random.Random(seed)

    def selection(values: tuple[str, ...] | list[str]) -> Any:
        some = [value for value in values if chance.random() < 0.5]
        return chance.choice(["all", some, some, {"except": some or [values[0]]}])

    return {
        role: {
            "sections": selection(ALL_SECTIONS),
            "documents": {
                "categories": selection(CATEGORIES),
                "classifications": selection(CLASSIFICATIONS),
            },
            "forms": selection(FORMS),
            "actions": selection(ACTIONS),
        }
        for role in ROLE_NAMES
    }


CONFIGURATIONS: Mapping[str, Mapping[str, Any]] = {
    "shipped": configuration().roles.model_dump(mode="json", by_alias=True),
    "restrictive": RESTRICTIVE,
    "random": random_roles(1),
}


@dataclass(frozen=True)
class World:
    """A partner with rows of each kind. Each has a word of its own, which is in nothing else.

    ``words`` has a test for each word: whether a role may read it. ``documents`` are by category
    and classification.
    """

    site: Portal
    partner: str
    mark: str
    words: Mapping[str, Callable[[RolePermissions], bool]]
    documents: Mapping[tuple[str, str], str]

    def id(self, name: str) -> str:
        return f"w-{name}-{self.mark}"


@dataclass(frozen=True)
class Call:
    """A call of a web method: what it is made with, whether a role may make it, and its success.

    ``otherwise`` is the code of the refusal.
    """

    method: str
    args: Callable[[World, str, Visitor], list[Any]]
    may: Callable[[RolePermissions], bool]
    works: Callable[[Answer], object] = lambda answer: bool(answer["reference"])
    otherwise: str = "not_allowed"


FILE = {"fileName": "coi.pdf", "mimeType": "application/pdf", "sizeInBytes": 9}
CURSORS = {
    "onboarding": [True, {"at": 4102444800000}, "~"],
    "issues": [True, {"at": 4102444800000}, "~"],
    "notices": [True, {"at": 4102444800000}, "~"],
    "documents": [{"at": 4102444800000}, "~"],
    "requests": [True, {"at": 4102444800000}, "~"],
    "messages": [{"at": 4102444800000}, "~"],
}
VALUES = {
    "partner-question": {"topic": "tax", "question": "Which form?"},
}


def cursor(section: str) -> str:
    """A cursor before all rows of a section."""
    return base64.urlsafe_b64encode(json.dumps(CURSORS[section]).encode()).decode().rstrip("=")


def more(section: Section) -> Call:
    return Call(
        "getMore",
        lambda world, partner, member: [partner, section, cursor(section), "en"],
        lambda role: role.sees_section(section),
        lambda answer: isinstance(answer["rows"], list),
    )


def request_calls(form: str) -> Iterator[Call]:
    """A form is sent without answers: one that is allowed is refused for a missing one only."""
    yield Call(
        "sendRequest",
        lambda world, partner, member: [partner, form, VALUES.get(form, {})],
        lambda role: role.may_send(form, "request"),
        lambda answer: "reference" in answer or answer["error"]["code"] == "invalid",
    )
    if configuration().forms[form].action == "request":
        yield Call(
            "getAttachmentUrl",
            lambda world, partner, member: [partner, form, FILE],
            lambda role: role.may_send(form, "request"),
            lambda answer: "uploadUrl" in answer or answer["error"]["code"] == "not_found",
        )


def document_calls(category: str, classification: str) -> Iterator[Call]:
    def sees(role: RolePermissions) -> bool:
        return role.sees_document(category, classification)

    def may_upload(role: RolePermissions) -> bool:
        return sees(role) and role.may_act("upload_version")

    def the(world: World) -> str:
        return world.documents[category, classification]

    # A document of a kind that the role does not see is answered like one that does not exist.
    yield Call(
        "openDocument",
        lambda world, partner, member: [partner, the(world)],
        sees,
        lambda answer: answer["url"],
        "not_found",
    )
    yield Call(
        "getUploadUrl",
        lambda world, partner, member: [partner, the(world), FILE],
        may_upload,
        lambda answer: answer["uploadUrl"],
        "not_found",
    )
    yield Call(
        "submitDocument",
        lambda world, partner, member: [partner, the(world), f"{the(world)}.pdf", "coi.pdf", 1],
        may_upload,
        otherwise="not_found",
    )


SEEN = [
    ("agreement", "partner"),
    ("tax_form", "partner"),
    ("agreement", "public"),
    ("insurance", "restricted"),
]
ACTION_CALLS: Mapping[MemberAction, Call] = {
    "comment": Call(
        "addComment",
        lambda world, partner, member: [partner, world.id("case"), "Done"],
        lambda role: role.may_act("comment"),
    ),
    "answer_resolution": Call(
        "answerResolution",
        lambda world, partner, member: [partner, world.id("case"), True, ""],
        lambda role: role.may_act("answer_resolution"),
    ),
    "answer_request": Call(
        "answerRequest",
        lambda world, partner, member: [partner, world.id("sub"), "We agreed"],
        lambda role: role.may_act("answer_request"),
    ),
    "submit_step": Call(
        "submitStep",
        lambda world, partner, member: [partner, world.id("enr"), "tax_form", {}],
        lambda role: role.may_act("submit_step"),
    ),
    # Of the documents, see below; this one needs no document of a kind that the role sees.
    "upload_version": Call(
        "getUploadUrl",
        lambda world, partner, member: [partner, "no-such-document", FILE],
        lambda role: role.may_act("upload_version"),
        lambda answer: answer["error"]["code"] == "not_found",
    ),
}
EVERYBODYS = [
    Call(
        "getPortal",
        lambda world, partner, member: [partner, "en", SECTIONS],
        lambda role: True,
        lambda answer: answer["sections"],
    ),
    Call(
        "getSections",
        lambda world, partner, member: [partner, SECTIONS, "en"],
        lambda role: True,
        lambda answer: answer["sections"],
    ),
    Call(
        "getChanges",
        lambda world, partner, member: [partner],
        lambda role: True,
        lambda answer: "numbers" in answer,
    ),
    Call(
        "getReadMarks",
        lambda world, partner, member: [partner],
        lambda role: True,
        lambda answer: "marks" in answer,
    ),
    Call(
        "markRead",
        lambda world, partner, member: [partner, {name: {"upTo": NOW} for name in SECTIONS}],
        lambda role: True,
        lambda answer: "marks" in answer,
    ),
    Call(
        "getRequestForms",
        lambda world, partner, member: ["en", partner],
        lambda role: True,
        lambda answer: isinstance(answer, list),
    ),
]
PEOPLE_METHODS: Mapping[str, list[Any]] = {
    "getPeople": [],
    "invitePerson": [{"email": "nobody", "role": "edi"}],
    "changeRole": ["no-such-person", "admin"],
    "removePerson": ["no-such-person"],
    "sendAgain": ["no-such-invitation"],
    "withdrawInvitation": ["no-such-invitation"],
}
"""Methods about people, for administrators whatever the configuration says, and what is asked."""
CALLS = [
    *EVERYBODYS,
    *(more(section) for section in ALL_SECTIONS if section in CURSORS),
    *ACTION_CALLS.values(),
    *(call for form in FORMS for call in request_calls(form)),
    *(
        call
        for category, classification in SEEN
        for call in document_calls(category, classification)
    ),
]
ABOUT_NO_PARTNER = {"getSession", "getSettings", "saveSettings", "acceptInvitation"}
"""Methods about the member itself, or about a code; roles do not matter to them."""


@pytest.fixture(scope="module")
def world() -> World:
    """The rows of a partner, for all configurations."""
    site, mark = the_site(), uuid.uuid4().hex[:12]
    partner = site.partner()

    def word(name: str) -> str:
        # With a prefix, no word is the end of another.
        return f"w-{name}-{mark}"

    next_sentence = {"code": "case.x.next_step", "values": {"reference": word("next-sentence")}}
    both = {"partnerId": partner, "updatedAt": {"$date": NOW}}
    site.row(
        "PartnerStatus",
        partner,
        **both,
        partnerName="Prairie Gold",
        status="active",
        headline=word("headline"),
        nextStep=word("case-step"),
        openCases=1,
        cases=[{"subject": word("status-case")}],
        currentSteps=[word("current-step")],
        nextSteps=[
            {
                "kind": "case",
                "text": word("case-step"),
                "reference": "cases/c",
                "sentences": {"text": next_sentence},
            },
            {"kind": "step", "text": word("enrollment-step"), "reference": "enrollments/e/steps/s"},
            {
                "kind": "compliance_check",
                "text": word("check-step"),
                "reference": "compliance-checks/c",
            },
        ],
        documentRequests=[
            {"title": word("wanted-by-step"), "reference": "enrollments/e/steps/s"},
            {"title": word("wanted-by-check"), "reference": "compliance-checks/c"},
        ],
        sentences={
            "headline": {"code": "headline.answer", "values": {"subject": word("sentence")}},
            "nextStep": next_sentence,
        },
    )
    documents = {}
    for category, classification in SEEN:
        name = f"doc-{category.replace('_', '')}-{classification}"
        documents[category, classification] = site.row(
            "PartnerDocuments",
            word(name),
            **both,
            partnerIds=[partner],
            forEverybody=False,
            title=word(name),
            category=category,
            classification=classification,
            fileId=f"{word(name)}.pdf",
            private=True,
            # A document that stays in Trading Grid is not opened, whoever asks.
            restricted=False,
        )
        site.media.files[f"{word(name)}.pdf"] = {
            "id": f"{word(name)}.pdf",
            "private": True,
            "labels": [file_label(partner, word(name))],
            "sizeInBytes": "9",
        }
    attached = [{"text": word("issue"), "attachments": list(documents.values())}]
    site.row(
        "OpenIssues",
        word("case"),
        **both,
        subject=word("issue"),
        status="resolved",
        open=True,
        comments=attached,
    )
    steps = [{"key": "tax_form", "title": word("step"), "owner": "joint", "status": "available"}]
    site.row(
        "OnboardingProgress", word("enr"), **both, programId=word("prg"), active=True, steps=steps
    )
    site.row("ServiceNotices", word("ntc"), partnerIds=[partner], title=word("notice"), active=True)
    site.row(
        "PartnerActivity",
        partner,
        **both,
        lines=[{"documentType": word("activity")}],
        failures=[{"kind": "late", "reference": f"cases/{word('failure')}"}],
    )
    for name, kind in (
        ("sub", "request"),
        ("sent-comment", "case_comment"),
        ("sent-step", "step_submission"),
        ("sent-version", "document_version"),
    ):
        site.row(
            "PartnerRequests",
            word(name),
            **both,
            title=word(name),
            kind=kind,
            open=True,
            record="collaboration-requests/req_1",
            answerable=True,
            submittedAt={"$date": NOW},
        )
    for name, record in (
        ("message-of-check", "compliance-checks/x"),
        ("message-of-case", "cases/x"),
        ("message-of-step", "enrollments/x"),
    ):
        site.row(
            "PartnerMessages",
            word(name),
            partnerId=partner,
            record=record,
            texts={"en": {"title": word(name), "body": ""}},
            locale="en",
            sentAt={"$date": NOW},
        )
    site.row(
        "PortalChanges", partner, **{name: 4000 + place for place, name in enumerate(SECTIONS)}
    )

    def sees(*sections: Section) -> Callable[[RolePermissions], bool]:
        return lambda role: all(role.sees_section(section) for section in sections)

    words = {
        "headline": sees("issues"),
        "sentence": sees("issues"),
        "next-sentence": sees("issues"),
        "case-step": sees("issues"),
        "status-case": sees("issues"),
        "current-step": sees("onboarding"),
        "enrollment-step": sees("onboarding"),
        "check-step": sees(),
        "wanted-by-step": sees("documents", "onboarding"),
        "wanted-by-check": sees("documents"),
        "issue": sees("issues"),
        "step": sees("onboarding"),
        "notice": sees("notices"),
        "activity": sees("activity"),
        "failure": sees("activity", "issues"),
        "sub": sees("requests"),
        "sent-comment": sees("requests", "issues"),
        "sent-step": sees("requests", "onboarding"),
        "sent-version": sees("requests", "documents"),
        "message-of-check": sees("messages"),
        "message-of-case": sees("messages", "issues"),
        "message-of-step": sees("messages", "onboarding"),
    }
    found = {word(name): test for name, test in words.items()}
    found |= {identifier: sees_kind(*kind) for kind, identifier in documents.items()}
    return World(site, partner, mark, found, documents)


def sees_kind(category: str, classification: str) -> Callable[[RolePermissions], bool]:
    return lambda role: role.sees_document(category, classification)


@pytest.fixture(scope="module")
def hosts(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Return the URL of a host whose backend has the named configuration of roles."""
    urls: dict[str, str] = {"shipped": world.site.url}
    with ExitStack() as stack:

        def host(name: str) -> str:
            if name not in urls:
                folder = tmp_path_factory.mktemp("portal")
                backend = world.site.copy_backend(folder)
                roles = Roles.model_validate_json(json.dumps(CONFIGURATIONS[name]))
                changed = configuration().model_copy(update={"roles": roles})
                (backend / "roles.js").write_text(generate_modules(changed)["roles.js"])
                urls[name] = stack.enter_context(world.site.host("--portal", str(folder)))
            return urls[name]

        yield host


def permissions(name: str, role: RoleName) -> RolePermissions:
    return Roles.model_validate_json(json.dumps(CONFIGURATIONS[name])).named(role)


def link_role(role: RoleName) -> str:
    """The role in the link: ``other`` is one that gridwix does not know."""
    return "warehouse" if role == "other" else role


def leaked(world: World, answer: Answer, role: RolePermissions) -> list[str]:
    text = json.dumps(answer)
    return [word for word, may_read in world.words.items() if word in text and not may_read(role)]


def test_every_method_section_and_action_is_called() -> None:
    called = {call.method for call in CALLS} | PEOPLE_METHODS.keys()
    assert called | ABOUT_NO_PARTNER == backend_methods()
    assert set(ALL_SECTIONS) == {*CURSORS, "activity"} == {*SECTIONS} - {"status"}
    assert ACTION_CALLS.keys() == set(ACTIONS)
    by_role = RolePermissions.model_validate_json(json.dumps(RESTRICTIVE["other"]))
    for action in get_args(FormAction.__value__):
        assert not by_role.may_send("partner-question", action), action


@pytest.mark.parametrize("role", ROLE_NAMES)
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_member_gets_and_does_what_its_role_allows_and_nothing_else(
    world: World, hosts: Callable[[str], str], name: str, role: RoleName
) -> None:
    allowed = permissions(name, role)
    member = world.site.member(world.partner, role=link_role(role), url=hosts(name))

    for call in CALLS:
        answer = member.call(call.method, *call.args(world, world.partner, member))
        assert leaked(world, answer, allowed) == [], call
        if call.may(allowed):
            assert call.works(answer), (call, answer)
        else:
            upload = call.method in ("openDocument", "getUploadUrl", "submitDocument")
            codes = {call.otherwise, "not_allowed"} if upload else {call.otherwise}
            assert answer["error"]["code"] in codes, (call, answer)


@pytest.mark.parametrize("role", ROLE_NAMES)
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_page_has_each_word_that_the_role_may_read_and_is_told_what_it_may_do(
    world: World, hosts: Callable[[str], str], name: str, role: RoleName
) -> None:
    allowed = permissions(name, role)
    member = world.site.member(world.partner, role=link_role(role), url=hosts(name))
    seen = [section for section in ALL_SECTIONS if allowed.sees_section(section)]

    portal = member.call("getPortal", world.partner, "en", SECTIONS)
    changes = member.call("getChanges", world.partner)
    marks = member.call("markRead", world.partner, {one: {"upTo": NOW} for one in SECTIONS})
    forms = member.call("getRequestForms", "en", world.partner)

    text = json.dumps(portal)
    assert {word for word in world.words if word in text} == {
        word for word, may_read in world.words.items() if may_read(allowed)
    }
    assert set(portal["numbers"]["own"]) == set(changes["numbers"]["own"]) == {"status", *seen}
    assert set(portal["hidden"]) & set(ALL_SECTIONS) == set(ALL_SECTIONS) - set(seen)
    assert portal["may"] == changes["may"]
    assert set(portal["may"]["sections"]) == set(seen)
    sendable = {form for form in FORMS if allowed.may_send(form, "request")}
    assert set(portal["may"]["actions"]) == {
        *(action for action in ACTIONS if allowed.may_act(action)),
        *(["send_request"] if sendable else []),
        *(["manage_people"] if role == "admin" else []),
    }
    assert {form["key"] for form in forms} == sendable
    assert set(marks["marks"]) == {"status", *seen}
    [row, *_] = portal["sections"]["documents"]["rows"] or [{}]
    assert row.get("uploadable", False) == (bool(row) and allowed.may_act("upload_version"))


@pytest.mark.parametrize("role", ROLE_NAMES)
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_people_are_for_administrators_in_every_configuration(
    world: World, hosts: Callable[[str], str], name: str, role: RoleName
) -> None:
    member = world.site.member(world.partner, role=link_role(role), url=hosts(name))

    answers = {
        method: member.call(method, world.partner, *args).get("error", {}).get("code")
        for method, args in PEOPLE_METHODS.items()
    }

    if role != "admin":
        assert answers == dict.fromkeys(PEOPLE_METHODS, "not_allowed")
        return
    assert answers.pop("getPeople") is None
    assert answers.pop("invitePerson") == "invalid"
    assert set(answers.values()) == {"not_found"}


def is_within(role: RolePermissions, own: RolePermissions) -> bool:
    """True if nothing is allowed to a role that is not allowed to another, of new values too."""
    documents = [(one, kind) for one in (*CATEGORIES, "new") for kind in (*CLASSIFICATIONS, "new")]
    return (
        all(own.sees_section(one) for one in ALL_SECTIONS if role.sees_section(one))
        and all(own.may_act(one) for one in ACTIONS if role.may_act(one))
        and all(
            own.may_send(one, "request") for one in [*FORMS, "new"] if role.may_send(one, "request")
        )
        and all(own.sees_document(*one) for one in documents if role.sees_document(*one))
    )


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_administrator_gives_no_role_that_may_more_than_its_own(
    world: World, hosts: Callable[[str], str], name: str
) -> None:
    partner = world.site.partner()
    member = world.site.member(partner, role="admin", url=hosts(name))
    named = [role for role in ROLE_NAMES if role != "other"]

    offered = member.call("getPeople", partner)["roles"]
    given = [
        role
        for role in named
        if member.call("invitePerson", partner, {"email": f"{role}@x.example", "role": role}) == {}
    ]

    allowed = [r for r in named if is_within(permissions(name, r), permissions(name, "admin"))]
    assert offered == given == allowed


@pytest.mark.parametrize("name", ["shipped", "restrictive"])
@pytest.mark.parametrize("who", ["another partner's", "nobody's", "just unlinked"])
def test_a_role_at_another_partner_or_at_none_gives_nothing(
    world: World, hosts: Callable[[str], str], name: str, who: str
) -> None:
    partners = {"another partner's": [world.site.partner()], "nobody's": []}
    member = world.site.member(*partners.get(who, [world.partner]), role="admin", url=hosts(name))
    if who == "just unlinked":
        assert member.call("getChanges", world.partner)["numbers"]["own"]
        world.site.unlink(member.id, world.partner)
    posts = world.site.webhook.seen

    answers = [member.call(call.method, *call.args(world, world.partner, member)) for call in CALLS]

    code = "not_yours" if who == "another partner's" else "not_linked"
    assert answers == [{"error": {"code": code}}] * len(CALLS)
    assert world.site.webhook.seen == posts


def test_a_member_of_two_partners_has_the_role_of_the_partner_that_it_names(
    world: World, hosts: Callable[[str], str]
) -> None:
    second = world.site.partner()
    member = world.site.member(second, role="admin", url=hosts("restrictive"))
    world.site.link(member.id, world.partner, "logistics")

    here = member.call("getPortal", world.partner, "en", SECTIONS)
    there = member.call("getPortal", second, "en", SECTIONS)
    # An element of an earlier release does not say for which partner it asks.
    forms = member.call("getRequestForms", "en")
    sent = member.call("sendRequest", world.partner, "partner-question", VALUES["partner-question"])

    assert set(here["may"]["sections"]) == {"issues", "notices", "activity"}
    assert set(there["may"]["sections"]) == set(ALL_SECTIONS)
    assert {form["key"] for form in forms} == set(FORMS)
    assert sent == {"error": {"code": "not_allowed"}}


def test_a_role_that_changes_counts_at_once(world: World, hosts: Callable[[str], str]) -> None:
    member = world.site.member(world.partner, role="admin", url=hosts("restrictive"))
    assert "issues" not in member.call("getChanges", world.partner)["hidden"]

    world.site.link(member.id, world.partner, "finance")

    assert "issues" in member.call("getChanges", world.partner)["hidden"]
    assert member.call("addComment", world.partner, world.id("case"), "Done") == {
        "error": {"code": "not_allowed"}
    }


def test_a_limit_counts_only_documents_that_the_role_sees(
    world: World, hosts: Callable[[str], str]
) -> None:
    """A page of 500 whose newest 500 rows are of another kind holds the one that is seen."""
    partner = world.site.partner()
    hidden = [
        {
            "_id": f"{partner}-{number}",
            "partnerId": partner,
            "partnerIds": [partner],
            "category": "tax_form",
            "classification": "partner",
            "updatedAt": {"$date": "2026-03-12T09:00:00.000Z"},
        }
        for number in range(501)
    ]
    seen = {
        **hidden[0],
        "_id": f"{partner}-seen",
        "category": "agreement",
        "updatedAt": {"$date": "2026-01-01T09:00:00.000Z"},
    }
    # As a release before this one has written it: of an unknown classification.
    unknown = {name: value for name, value in seen.items() if name != "classification"}
    world.site.save("PartnerDocuments", [*hidden, seen, {**unknown, "_id": f"{partner}-old"}])
    finance, edi = (
        world.site.member(partner, role=role, url=hosts("restrictive"))
        for role in ("finance", "edi")
    )

    section = finance.call("getSections", partner, ["documents"], "en")["sections"]["documents"]
    rest = edi.call("getSections", partner, ["documents"], "en")["sections"]["documents"]

    assert [row["id"] for row in section["rows"]] == [seen["_id"]]
    assert "next" not in section
    assert all("classification" not in row for row in section["rows"])
    assert f"{partner}-old" not in {row["id"] for row in rest["rows"]}
