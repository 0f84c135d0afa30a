"""Hostile and oversized input to the portal's web methods."""

import json
from typing import Any

import pytest

from tests.contract.portal_backend.cases import INVALID, NOT_FOUND, TOO_LARGE, an_issue, refused
from tests.contract.portal_site import Portal, Visitor, needs_node

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]


@pytest.mark.parametrize(
    ("method", "args", "expected"),
    [
        ("getPortal", [{"$ne": ""}, "en", []], INVALID),
        ("getPortal", [["GC1"], "en", []], INVALID),
        ("getPortal", ["", "en", []], {"error": {"code": "not_yours"}}),
        ("getPortal", [None, "en"], INVALID),
        ("getPortal", [None, "en", "issues"], INVALID),
        ("getPortal", [None, "en", ["issues", "PartnerLinks"]], INVALID),
        ("getPortal", [None, "en", ["__proto__"]], INVALID),
        ("getPortal", [None, "en", ["issues"] * 9], INVALID),
        ("getSections", [None, ["constructor"], "en"], INVALID),
        ("getSections", [None, [["issues"]], "en"], INVALID),
        ("getSections", [None, {"length": 1}, "en"], INVALID),
        ("getSections", [{"$ne": ""}, ["issues"], "en"], INVALID),
        ("getChanges", [7], INVALID),
        ("addComment", [None, {"$ne": ""}, "text"], INVALID),
        ("addComment", [None, "../PartnerLinks", "text"], INVALID),
        ("addComment", [None, "no-such-issue", "text"], NOT_FOUND),
        ("addComment", [None, "ISSUE", ""], INVALID),
        ("addComment", [None, "ISSUE", "   "], INVALID),
        ("addComment", [None, "ISSUE", "\ud800"], INVALID),
        ("addComment", [None, "ISSUE", {"text": "x"}], INVALID),
        ("addComment", [None, "ISSUE", "x" * 4001], TOO_LARGE),
        ("addComment", [None, "ISSUE", "x" * 70_000], TOO_LARGE),
        ("addComment", [None, "ISSUE"], INVALID),
        ("answerResolution", [None, "ISSUE", "true", "why"], INVALID),
        ("answerResolution", [None, "ISSUE", False, ""], INVALID),
        ("answerResolution", [None, "ISSUE", False, "x" * 1001], TOO_LARGE),
        ("submitStep", [None, "ENROLLMENT", "no_such_step", {}], NOT_FOUND),
        ("submitStep", [None, "ENROLLMENT", "tax_form", {"enrollment_id": "another"}], INVALID),
        (
            "submitStep",
            [None, "ENROLLMENT", "tax_form", {"comment": "x" * 1001}],
            refused("too_large", "comment"),
        ),
        ("submitStep", [None, "ENROLLMENT", "tax_form", [["comment", "x"]]], INVALID),
        ("sendRequest", [None, "no-such-form", {}], NOT_FOUND),
        ("sendRequest", [None, "__proto__", {}], NOT_FOUND),
        ("sendRequest", [None, "issue-comment", {"case_id": "case_1", "comment": "x"}], NOT_FOUND),
        ("sendRequest", [None, "partner-question", {}], refused("invalid", "topic")),
        (
            "sendRequest",
            [None, "partner-question", {"topic": "weather", "question": "?"}],
            refused("invalid", "topic"),
        ),
        (
            "sendRequest",
            [
                None,
                "partner-question",
                {"topic": "tax", "question": "?", "email": "ceo@partner.example"},
            ],
            INVALID,
        ),
        (
            "sendRequest",
            [None, "partner-question", {"topic": "tax", "question": "?", "gln": "0614141000524"}],
            INVALID,
        ),
        (
            "sendRequest",
            [None, "partner-question", {"topic": "tax", "question": {"deep": {"er": 1}}}],
            INVALID,
        ),
        (
            "sendRequest",
            [None, "partner-question", {str(number): "x" for number in range(101)}],
            TOO_LARGE,
        ),
        (
            "sendRequest",
            [
                None,
                "ship-notice-problem",
                {"po_number": "1", "question": "?", "arrives_on": "2026-02-30"},
            ],
            refused("invalid", "arrives_on"),
        ),
        (
            "sendRequest",
            [
                None,
                "ship-notice-problem",
                {"po_number": "1", "question": "?", "already_shipped": "yes"},
            ],
            refused("invalid", "already_shipped"),
        ),
        (
            "sendRequest",
            [
                None,
                "invoice-question",
                {"invoice_number": "1", "question": "?", "quantity": "1e999"},
            ],
            refused("invalid", "quantity"),
        ),
        (
            "sendRequest",
            [
                None,
                "invoice-question",
                {"invoice_number": "1", "question": "?", "line_number": "1.5"},
            ],
            refused("invalid", "line_number"),
        ),
        ("openDocument", [None, {"$exists": True}], INVALID),
        ("submitDocument", [None, "doc", "file", "a.pdf", 1.5], NOT_FOUND),
        ("getSession", ["x" * 70_000], TOO_LARGE),
    ],
)
def test_input_that_does_not_fit_gets_a_clear_answer_and_reaches_nobody(
    site: Portal, partner: str, member: Visitor, method: str, args: list[Any], expected: Any
) -> None:
    steps = [{"key": "tax_form", "title": "W-9", "owner": "partner", "status": "available"}]
    enrollment = site.row(
        "OnboardingProgress",
        f"enr-{partner}",
        partnerId=partner,
        programId="prg",
        active=True,
        steps=steps,
    )
    names = {"ISSUE": an_issue(site, partner), "ENROLLMENT": enrollment}
    before = site.webhook.seen

    answer = member.call(
        method, *(names.get(one, one) if isinstance(one, str) else one for one in args)
    )

    assert answer == expected
    assert site.webhook.seen == before


def test_what_somebody_writes_is_text_wherever_it_arrives(
    site: Portal, partner: str, member: Visitor
) -> None:
    issue, words = (
        an_issue(site, partner),
        "<script>alert(1)</script> ${7*7} '; DROP TABLE -- \u202e \x00",
    )

    member.call("addComment", partner, issue, words)

    assert site.webhook.posts[-1]["values"]["comment"] == words.strip()


def test_deeply_nested_arguments_are_refused(site: Portal, member: Visitor) -> None:
    body = "[" * 60_000 + "]" * 60_000
    headers = {"content-type": "application/json"}

    answer = member.http.post(
        f"{site.url}/_functions/web/getChanges", content=body, headers=headers
    )

    assert answer.json() in ({"result": INVALID}, {"result": TOO_LARGE})
    assert json.dumps(member.call("getSession"))


def test_name_of_a_member_when_it_is_too_long_then_is_cut_between_letters(site: Portal) -> None:
    family = "👩\u200d👩\u200d👧\u200d👦"
    person = site.member(contact={"firstName": family * 99})

    name = person.call("getSession")["member"]["name"]

    letters, rest = divmod(len(name.removesuffix("…")), len(family))
    assert name == f"{family * letters}…"
    assert (rest, len(name.encode("utf-16-le")) // 2 <= 200) == (0, True)
