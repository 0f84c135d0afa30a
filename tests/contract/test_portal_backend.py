"""What the portal's page gets and sends: the rows, the pulse, and what reaches the door."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from gridwix.configuration.campaigns import Role
from gridwix.form_intake.document_uploads import upload_label
from gridwix.form_intake.follow_up_orders import follow_up_order
from gridwix.form_intake.forms import read_submission
from gridwix.form_intake.projection import attachment_label
from gridwix.mapping.references import reference
from gridwix.models.ids import PartnerId
from gridwix.partner_requests.orders import StepOrder
from gridwix.runtime.configuration import configuration
from tests import factories
from tests.contract.portal_site import Portal, Visitor, needs_node, portal

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

DAY = {"$date": "2026-03-12T09:00:00.000Z"}
INVALID, TOO_LARGE, NOT_FOUND = ({"error": {"code": code}} for code in ("invalid", "too_large", "not_found"))
UNAVAILABLE = {"error": {"code": "unavailable"}}


def refused(code: str, question: str) -> Any:
    """The answer to a form of which one question, known by its target, is not answered as it should be."""
    return {"error": {"code": code, "question": question}}


@pytest.fixture(scope="module")
def site() -> Portal:
    return portal()


@pytest.fixture
def partner(site: Portal) -> str:
    return site.partner()


@pytest.fixture
def member(site: Portal, partner: str) -> Visitor:
    return site.member(partner)


def sections(member: Visitor, locale: str = "en") -> dict[str, Any]:
    found: dict[str, Any] = member.call("getPortal", None, locale)["sections"]
    return found


def pulse(member: Visitor) -> str:
    found: dict[str, str] = member.call("getPulse", None)
    return found["pulse"]


def texts(member: Visitor, locale: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = member.call("getPortal", None, locale)["texts"]
    return found


def test_texts_are_those_of_the_readers_language_and_what_it_lacks_in_english(member: Visitor) -> None:
    (english,) = texts(member, "en-GB")
    german, rest = texts(member, "de-AT")
    (other,) = texts(member, "fr")

    assert (english["language"], german["language"], rest["language"], other) == ("en", "de", "en", english)
    assert english["sentences"]["headline.working"] == {"one": "{count} case is being worked on", "other": "{count} cases are being worked on"}
    assert german["labels"]["case.status"]["values"]["awaiting_partner"] == "Wartet auf Sie"
    assert all(code.startswith("question.") for code in rest["sentences"])
    assert rest["sentences"]["question.invoice-question.gln"] == "GLN"
    assert {group: found["neutral"] for group, found in rest["labels"].items()} == {group: found["neutral"] for group, found in english["labels"].items()}
    assert not any(found["values"] for found in rest["labels"].values())


def test_sentences_of_a_row_reach_the_page_with_their_instants_as_they_are(site: Portal, partner: str, member: Visitor) -> None:
    values = {"subject": {"code": "reference.order", "values": {"number": "1"}}, "at": {"at": DAY}, "count": 2}
    site.row("PartnerStatus", partner, partnerId=partner, headline="In English", sentences={"headline": {"code": "headline.answer", "values": values}})

    (row,) = sections(member)["status"]["rows"]

    assert row["headline"] == "In English"
    assert row["sentences"]["headline"] == {"code": "headline.answer", "values": {**values, "at": {"at": "2026-03-12T09:00:00.000Z"}}}


def an_issue(site: Portal, partner: str, name: str = "case_1", **more: Any) -> str:
    return site.row("OpenIssues", f"{name}-{partner}", **{"partnerId": partner, "subject": "856 was late", "open": True, "updatedAt": DAY, **more})


# -- what the page gets


def test_rows_come_without_what_is_not_the_pages(site: Portal, partner: str, member: Visitor) -> None:
    issue = an_issue(site, partner, comments=[{"text": "Hello", "createdAt": DAY}], internalNote="a column that somebody added on the site")
    site.row("PartnerRequests", f"sub-{partner}", partnerId=partner, memberId=member.id, reference="GX-1")
    site.row("ServiceNotices", f"ntc-{partner}", forEverybody=False, partnerIds=[partner, "GC1"], title="Delay")
    site.row("PartnerDocuments", f"doc-{partner}", partnerId=partner, partnerIds=[partner, "GC1"], forEverybody=False, title="Guide", fileId="")

    found = sections(member)

    [shown] = found["issues"]["rows"]
    comments = [{"text": "Hello", "createdAt": "2026-03-12T09:00:00.000Z"}]
    assert shown == {"id": issue, "subject": "856 was late", "open": True, "comments": comments, "updatedAt": "2026-03-12T09:00:00.000Z"}
    assert found["requests"]["rows"] == [{"id": f"sub-{partner}", "reference": "GX-1"}]
    assert {"id": f"ntc-{partner}", "title": "Delay"} in found["notices"]["rows"]
    assert {"id": f"doc-{partner}", "title": "Guide", "fileId": "", "uploadable": True} in found["documents"]["rows"]


def test_what_is_for_everybody_reaches_every_partner(site: Portal, member: Visitor) -> None:
    site.row("ServiceNotices", "ntc-all", forEverybody=True, partnerIds=[], title="Maintenance")
    site.row("PartnerDocuments", "doc-all", forEverybody=True, partnerIds=[], partnerId="", title="Routing guide")

    found = sections(member)

    assert "ntc-all" in {row["id"] for row in found["notices"]["rows"]}
    assert "doc-all" in {row["id"] for row in found["documents"]["rows"]}
    site.remove("ServiceNotices", "ntc-all")
    site.remove("PartnerDocuments", "doc-all")


def test_the_first_partner_by_name_is_meant_when_none_is_named(site: Portal) -> None:
    late, early = site.partner("Zebra Foods"), site.partner("Äpfel & Co")
    member = site.member(late, early)

    assert [partner["name"] for partner in member.call("getSession")["partners"]] == ["Äpfel & Co", "Zebra Foods"]
    assert member.call("getPortal", None, "en")["partner"] == {"id": early, "name": "Äpfel & Co", "role": "edi"}
    assert member.call("getPortal", late, "en")["partner"]["name"] == "Zebra Foods"


@pytest.mark.parametrize(
    ("locale", "title"),
    [
        ("en", "Tax form"),
        ("de", "Steuerformular"),
        ("de-AT", "Steuerformular"),
        ("DE_at", "Steuerformular"),
        ("fr", "Tax form"),
        (None, "Tax form"),
        (7, "Tax form"),
    ],
)
def test_steps_come_in_the_language_of_the_page(site: Portal, partner: str, member: Visitor, locale: Any, title: str) -> None:
    program = f"prg-{partner}"
    steps = [{"key": "tax_form", "title": "W-9", "status": "available", "dueOn": "2026-04-01"}]
    site.row("OnboardingProgress", f"enr-{partner}", partnerId=partner, programId=program, active=True, steps=steps)
    for language, words in (("en", "Tax form"), ("de", "Steuerformular")):
        facts = {"programId": program, "programName": "Supplier", "stepKey": "tax_form", "locale": language, "title": words, "agreed": {"title": "hash"}}
        site.row("OnboardingSteps", f"{program}.tax_form.{language}", **facts, phaseLabel="Compliance", conflicts=[])

    [enrollment] = sections(member, locale)["onboarding"]["rows"]

    assert enrollment["programName"] == "Supplier"
    assert enrollment["steps"] == [{"title": title, "phaseLabel": "Compliance", "key": "tax_form", "status": "available", "dueOn": "2026-04-01"}]


def test_a_step_that_the_program_does_not_have_any_more_keeps_its_own_words(site: Portal, partner: str, member: Visitor) -> None:
    steps = [{"key": "gone", "title": "Old step", "status": "available"}]
    site.row("OnboardingProgress", f"enr-{partner}", partnerId=partner, programId="prg-none", active=True, steps=steps)

    [enrollment] = sections(member)["onboarding"]["rows"]

    assert enrollment["steps"] == steps


@pytest.mark.parametrize(("locale", "title"), [("et", "Tere"), ("en", "Hello"), ("fr", "Tere"), ("__proto__", "Tere")])
def test_messages_come_in_the_language_of_the_page_or_the_partners(site: Portal, partner: str, member: Visitor, locale: str, title: str) -> None:
    texts = {"et": {"title": "Tere", "body": "<p>Tere</p>"}, "en": {"title": "Hello", "body": "<p>Hello</p>"}}
    site.row("PartnerMessages", f"msg-{partner}", partnerId=partner, texts=texts, locale="et", sentAt=DAY, importance="info")

    [message] = sections(member, locale)["messages"]["rows"]

    expected = title if locale != "__proto__" else "Hello"
    assert (message["title"], message["body"]) == (expected, f"<p>{expected}</p>")
    assert "texts" not in message


def test_a_section_shows_the_newest_rows_and_the_rest_behind_its_cursor(site: Portal, partner: str, member: Visitor) -> None:
    for number in range(51):
        at = {"$date": f"2026-03-12T09:{number:02}:00.000Z"}
        site.row("OnboardingProgress", f"enr-{partner}-{number}", partnerId=partner, programId="prg", active=True, steps=[], updatedAt=at)

    first = sections(member)["onboarding"]
    second = member.call("getMore", partner, "onboarding", first["next"], "en")

    assert len(first["rows"]) == 50
    assert f"enr-{partner}-0" not in {row["id"] for row in first["rows"]}
    assert [row["id"] for row in second["rows"]] == [f"enr-{partner}-0"]
    assert "next" not in second


def test_messages_for_other_roles_take_no_place_from_those_that_the_reader_may_see(site: Portal, partner: str) -> None:
    finance, edi = site.member(partner, role="finance"), site.member(partner, role="edi")
    site.save("PartnerMessages", [message(partner, number, roles=["edi"], minute=10_000 + number) for number in range(205)])
    site.save("PartnerMessages", [message(partner, 300 + number, roles=["finance"], minute=number) for number in range(7)])
    site.save(
        "PartnerMessages",
        [message(partner, 400, roles=[], minute=50), message(partner, 401, minute=51), message(partner, 402, roles=["edi", "finance"], minute=52)],
    )

    mine, theirs = (sections(member)["messages"] for member in (finance, edi))
    rest = edi.call("getMore", partner, "messages", theirs["next"], "en")

    assert [row["title"] for row in mine["rows"]] == ["402", "401", "400", "306", "305", "304", "303", "302", "301", "300"]
    assert "next" not in mine
    assert len(theirs["rows"]) == 200
    assert [row["title"] for row in rest["rows"]] == ["4", "3", "2", "1", "0", "402", "401", "400"]
    assert "next" not in rest


def message(partner: str, number: int, *, minute: int, **more: Any) -> dict[str, Any]:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    words = {"texts": {"en": {"title": str(number), "body": ""}}, "locale": "en"}
    return {"_id": f"msg-{partner}-{number:03}", "partnerId": partner, **words, "sentAt": {"$date": at.isoformat(timespec="milliseconds")}, **more}


@pytest.mark.parametrize(
    ("section", "collection", "size", "owner"),
    [
        ("onboarding", "OnboardingProgress", 50, {}),
        ("issues", "OpenIssues", 300, {}),
        ("notices", "ServiceNotices", 100, {"forEverybody": False}),
        ("documents", "PartnerDocuments", 500, {"forEverybody": False}),
        ("requests", "PartnerRequests", 300, {}),
        ("messages", "PartnerMessages", 200, {"texts": {"en": {"title": "", "body": ""}}}),
    ],
)
def test_every_list_says_that_there_is_more_and_gives_each_row_once(
    site: Portal, partner: str, member: Visitor, section: str, collection: str, size: int, owner: dict[str, Any]
) -> None:
    # Many rows of the same time, some without one, and some over: every border between pages.
    flag = {"onboarding": "active", "issues": "open", "notices": "active", "requests": "open"}.get(section)
    time_of = {"notices": "startsAt", "requests": "submittedAt", "messages": "sentAt"}.get(section, "updatedAt")
    items = []
    for number in range(2 * size + 7):
        times = {} if number % 11 == 0 else {time_of: {"$date": f"2026-03-{1 + number % 3:02}T09:00:00.000Z"}}
        state = {} if flag is None or number % 7 == 0 else {flag: number % 2 == 0}
        items.append({"_id": f"{section}-{partner}-{number:04}", "partnerId": partner, "partnerIds": [partner], **owner, **times, **state})
    site.save(collection, items)

    page = sections(member)[section]
    pages = [page["rows"]]
    while "next" in page:
        page = member.call("getMore", partner, section, page["next"], "en")
        pages.append(page["rows"])

    seen = [row["id"] for rows in pages for row in rows if row["id"].startswith(f"{section}-{partner}")]
    assert [len(rows) for rows in pages[:2]] == [size, size]
    assert (len(seen), set(seen)) == (len(items), {item["_id"] for item in items})
    if flag is not None:
        flags = [row.get(flag, False) for rows in pages for row in rows]
        assert flags == sorted(flags, reverse=True)
    for item in items:
        site.remove(collection, item["_id"])


def test_page_behind_a_cursor_stays_the_same_when_rows_come_and_change_meanwhile(site: Portal, partner: str, member: Visitor) -> None:
    site.save("PartnerMessages", [message(partner, number, minute=number) for number in range(203)])
    first = sections(member)["messages"]

    site.save("PartnerMessages", [message(partner, 900, minute=900)])
    site.remove("PartnerMessages", f"msg-{partner}-100")
    second = member.call("getMore", partner, "messages", first["next"], "en")

    assert [row["title"] for row in second["rows"]] == ["2", "1", "0"]


@pytest.mark.parametrize(
    "cursor",
    [None, "", "x", 7, {}, [], "A" * 601, "W10", "bnVsbA", "WyJhIiwiYiIsImMiLCJkIl0", "W3siYXQiOiJ4In0sImEiXQ", "W3siJGd0IjoxfSwiYSJd", "W251bGwsbnVsbF0"],
)
def test_cursor_that_is_none_is_refused(member: Visitor, partner: str, cursor: Any) -> None:
    assert member.call("getMore", partner, "messages", cursor, "en") == INVALID


@pytest.mark.parametrize("section", ["status", "PartnerLinks", "__proto__", "constructor", None, 7, ""])
def test_section_that_has_no_pages_is_refused(site: Portal, partner: str, member: Visitor, section: Any) -> None:
    assert member.call("getMore", partner, section, "W251bGwsImEiXQ", "en") == INVALID


def test_open_requests_come_before_newer_ones_that_are_over(site: Portal, partner: str, member: Visitor) -> None:
    at = {number: {"$date": f"2026-03-{number:02}T09:00:00.000Z"} for number in (1, 2)}
    site.row("PartnerRequests", f"sub-old-{partner}", partnerId=partner, reference="GX-1", open=True, submittedAt=at[1])
    site.row("PartnerRequests", f"sub-new-{partner}", partnerId=partner, reference="GX-2", open=False, submittedAt=at[2])

    assert [row["reference"] for row in sections(member)["requests"]["rows"]] == ["GX-1", "GX-2"]


def test_an_answer_to_a_teams_question_reaches_the_door_for_the_requests_own_id(site: Portal, partner: str, member: Visitor) -> None:
    facts = {"kind": "request", "record": "collaboration-requests/req_000007", "status": "waiting_on_partner", "answerable": True, "open": True}
    row = site.row("PartnerRequests", f"sub-{partner}", partnerId=partner, reference="GX-1", **facts)

    answer = member.call("answerRequest", partner, row, " We agreed on 4.10. ")

    post = site.door.posts[-1]
    assert answer == {"reference": reference(post["submissionId"])}
    assert (post["form"], post["memberId"], post["partnerId"]) == ("request-answer", member.id, partner)
    assert post["values"] == {"request_id": "req_000007", "comment": "We agreed on 4.10.", "your_name": "Dana Whitfield"}
    reading = read_submission(configuration().forms["request-answer"], post["values"])
    assert (reading.faults, reading.subject) == ((), {"request": "req_000007", "comment": "We agreed on 4.10."})


@pytest.mark.parametrize(("answer", "expected"), [("", INVALID), (None, INVALID), ({"a": 1}, INVALID), ("x" * 4001, TOO_LARGE)])
def test_an_answer_that_does_not_fit_is_refused(site: Portal, partner: str, member: Visitor, answer: Any, expected: Any) -> None:
    row = site.row("PartnerRequests", f"sub-{partner}", partnerId=partner, kind="request", record="collaboration-requests/req_1", open=True)

    assert member.call("answerRequest", partner, row, answer) == expected


def test_roles_of_messages_are_those_of_the_backend() -> None:
    text = (Path(__file__).parents[2] / "portal/backend/links.js").read_text()

    assert re.findall(r"'(\w+)'", re.findall(r"ROLES = \[(.*)\]", text)[0]) == list(get_args(Role.__value__))


# -- the pulse, and how old things are


def test_the_pulse_when_nothing_changes_stays(site: Portal, partner: str, member: Visitor) -> None:
    an_issue(site, partner)

    assert len({pulse(member) for _ in range(3)} | {member.call("getPortal", None, locale)["pulse"] for locale in ("en", "de")}) == 1


def test_the_pulse_changes_with_each_section_and_with_nothing_else(site: Portal, partner: str, member: Visitor) -> None:
    other = site.partner()
    program = f"prg-{partner}"
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("PartnerStatus", partner, {"partnerId": partner, "partnerName": "Prairie", "headline": "New"}),
        ("OnboardingProgress", f"enr-{partner}", {"partnerId": partner, "programId": program, "steps": [{"key": "a", "title": "A"}]}),
        ("OnboardingSteps", f"{program}.a.de", {"programId": program, "stepKey": "a", "locale": "de", "title": "Schritt"}),
        ("OpenIssues", f"case-{partner}", {"partnerId": partner, "subject": "Late"}),
        ("ServiceNotices", f"ntc-{partner}", {"forEverybody": False, "partnerIds": [partner], "title": "Delay"}),
        ("PartnerDocuments", f"doc-{partner}", {"forEverybody": False, "partnerIds": [partner], "title": "Guide"}),
        ("PartnerRequests", f"sub-{partner}", {"partnerId": partner, "reference": "GX-1"}),
        ("PartnerMessages", f"msg-{partner}", {"partnerId": partner, "roles": ["edi"], "texts": {"et": {"title": "Tere", "body": ""}}}),
    ]
    silent: list[tuple[str, str, dict[str, Any]]] = [
        ("OpenIssues", f"case-{other}", {"partnerId": other, "subject": "Late"}),
        ("ServiceNotices", f"ntc-{other}", {"forEverybody": False, "partnerIds": [other], "title": "Delay"}),
        ("PartnerMessages", f"msg-x-{partner}", {"partnerId": partner, "roles": ["finance"], "texts": {}}),
        ("OnboardingSteps", f"other-{partner}.a.de", {"programId": f"other-{partner}", "stepKey": "a", "locale": "de", "title": "Schritt"}),
        ("PartnerLinks", f"link-{partner}", {"memberId": "somebody", "partnerId": partner, "role": "edi"}),
    ]
    # What was written last is also how new the page is, and the page shows that: the portal has just been asked for.
    site.row("PortalFreshness", "trading-grid", asOf={"$date": "2099-01-01T00:00:00.000Z"})
    seen = [pulse(member)]
    for collection, identifier, data in changes:
        site.row(collection, identifier, **data)
        seen.append(pulse(member))
    for collection, identifier, data in silent:
        site.row(collection, identifier, **data)
    before, after = seen[-1], pulse(member)
    for collection, identifier, _ in changes[1:]:
        site.remove(collection, identifier)
    site.remove("PortalFreshness", "trading-grid")

    assert len(set(seen)) == len(changes) + 1
    assert before == after


def test_sections_are_stale_half_an_hour_after_trading_grid_was_asked_and_the_newest_row_was_written(site: Portal) -> None:
    partner = "GC-" + str(time.time_ns())
    member = site.member(partner)
    old, new = (datetime.now(UTC) - timedelta(minutes=minutes) for minutes in (31, 29))

    def known(moment: datetime) -> dict[str, Any]:
        site.row("PortalFreshness", "trading-grid", asOf={"$date": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")})
        found: dict[str, Any] = sections(member)["issues"]
        return found

    never = sections(member)["issues"]
    long_ago, lately = known(old), known(new)
    known(old)
    site.row("PartnerStatus", partner, partnerId=partner, partnerName="New")
    written = sections(member)["issues"]
    site.remove("PortalFreshness", "trading-grid")

    assert never == {"rows": [], "asOf": None, "stale": True}
    assert (long_ago["stale"], lately["stale"], written["stale"]) == (True, False, False)
    assert long_ago["asOf"] < lately["asOf"] < written["asOf"]


# -- what reaches the door


def test_a_comment_reaches_the_door_signed_and_for_the_member(site: Portal, partner: str, member: Visitor) -> None:
    issue = an_issue(site, partner)

    answer = member.call("addComment", partner, issue, " The corrected notice is out. ✓ ")

    post = site.door.posts[-1]
    assert answer == {"reference": reference(post["submissionId"])}
    assert (post["form"], post["memberId"], post["partnerId"]) == ("issue-comment", member.id, partner)
    assert post["values"] == {"case_id": issue, "comment": "The corrected notice is out. ✓", "your_name": "Dana Whitfield"}
    assert abs(datetime.fromisoformat(post["submittedAt"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_every_form_reads_what_the_backend_sends(site: Portal, partner: str, member: Visitor) -> None:
    issue = an_issue(site, partner)
    steps = [{"key": "tax_form", "title": "W-9", "status": "available"}]
    enrollment = site.row("OnboardingProgress", f"enr-{partner}", partnerId=partner, programId="prg", active=True, steps=steps)
    prices = {
        "invoice_number": "INV-1",
        "invoiced_unit_price": "4.15",
        "po_unit_price": "4,10",
        "line_number": "3",
        "currency": "USD",
        "question": "Which price?",
    }
    shipped = {"po_number": "PO-1", "arrives_on": "2026-02-28", "already_shipped": True, "question": "What now?"}
    member.call("addComment", partner, issue, "Done")
    member.call("answerResolution", partner, issue, True, None)
    member.call("answerResolution", partner, issue, False, "Still wrong")
    member.call("submitStep", partner, enrollment, "tax_form", {"comment": "It is in the mail"})
    member.call("sendRequest", partner, "invoice-question", prices)
    member.call("sendRequest", partner, "ship-notice-problem", shipped)
    member.call("sendRequest", partner, "partner-question", {"topic": "tax", "question": "Which form?"})

    posts = site.door.posts[-7:]
    readings = [read_submission(configuration().forms[post["form"]], post["values"]) for post in posts]

    assert [reading.faults for reading in readings] == [()] * 7
    assert [reading.subject.get("accepted") for reading in readings[1:3]] == ["True", "False"]
    assert readings[4].answers["poUnitPrice"] == "4.10"
    assert readings[4].email == readings[6].email != ""
    assert {form["key"] for form in member.call("getRequestForms", "en")} == {
        "invoice-question",
        "onboarding-question",
        "partner-question",
        "ship-notice-problem",
    }


def test_the_request_forms_ask_nothing_that_the_session_knows(member: Visitor) -> None:
    targets = {field["target"] for form in member.call("getRequestForms", "en") for field in form["fields"]}

    assert not targets & {"your_name", "email", "company", "gln", "duns", "trading_address", "website", "attachments"}
    assert {"question", "invoice_number", "po_number", "topic"} <= targets


def test_the_very_same_submission_twice_is_one(site: Portal, partner: str, member: Visitor) -> None:
    issue, begun = an_issue(site, partner), -1.0
    # The same within a minute of the clock: where the next one has begun meanwhile, once more.
    while begun != time.time() // 60:
        begun = time.time() // 60
        first, second, other = (member.call("addComment", partner, issue, words) for words in ("Any news?", "Any news?", "Any news!"))

    assert first == second != other


def test_the_door_when_it_fails_once_is_tried_again_under_the_same_id(site: Portal, partner: str, member: Visitor) -> None:
    issue, before = an_issue(site, partner), site.door.seen
    site.door.answers[:] = [503]

    answer = member.call("addComment", partner, issue, "Once more")

    assert answer["reference"]
    assert site.door.seen - before == 2


@pytest.mark.parametrize(("statuses", "expected", "attempts"), [([503, 502], UNAVAILABLE, 2), ([401], UNAVAILABLE, 1), ([413], TOO_LARGE, 1)])
def test_the_door_when_it_refuses_the_member_is_told_so(site: Portal, partner: str, member: Visitor, statuses: list[int], expected: Any, attempts: int) -> None:
    issue, before = an_issue(site, partner), site.door.seen
    site.door.answers[:] = statuses

    answer = member.call("addComment", partner, issue, f"Words for {statuses}")

    assert answer == expected
    assert site.door.seen - before == attempts
    assert site.door.answers == []


def test_wix_when_it_fails_the_member_is_told_to_come_back(site: Portal, member: Visitor) -> None:
    site.control("faults", {"kind": "status", "path": "/wix-data/v2/items/query", "status": 503, "times": 1})

    assert member.call("getPortal", None, "en") == UNAVAILABLE
    assert member.call("getPulse", None)["pulse"]


# -- steps with questions of their own


EDI_SETUP = {
    "standard": "X12",
    "connection": "AS2",
    "edi_address": "ZZ:PRAIRIEGOLD",
    "edi_contact": "edi@prairiegold.example",
    "test_from": "2026-04-01",
    "per_day": "120",
    "acknowledges": True,
    "comment": "Certificate follows",
}


def an_enrollment(site: Portal, partner: str, form_key: str | None = "edi-setup", **more: Any) -> str:
    """An enrollment in a program of its own, with a step that has a form and one that has none."""
    program = f"prg-{partner}"
    steps = [{"key": key, "title": key, "status": "available"} for key in ("edi_setup", "tax_form")]
    for key, form in (("edi_setup", form_key), ("tax_form", None)):
        for locale in ("de", "en"):
            facts = {"programId": program, "stepKey": key, "locale": locale, "title": key, "formKey": form}
            site.row("OnboardingSteps", f"{program}.{key}.{locale}", **facts)
    return site.row("OnboardingProgress", f"enr-{partner}", **{"partnerId": partner, "programId": program, "active": True, "steps": steps, **more})


def forms_of_steps(member: Visitor, locale: str = "en") -> dict[str, Any]:
    [enrollment] = sections(member, locale)["onboarding"]["rows"]
    return {step["key"]: step.get("form") for step in enrollment["steps"]}


@pytest.mark.parametrize(
    ("locale", "worded"), [("en", None), ("de", "Belege am Tag"), ("de-AT", "Belege am Tag"), ("fr", None), ("__proto__", None), (None, None)]
)
def test_a_step_comes_with_its_own_questions_in_the_language_of_the_page(site: Portal, partner: str, member: Visitor, locale: Any, worded: Any) -> None:
    an_enrollment(site, partner)

    forms = forms_of_steps(member, locale)

    asked = forms["edi_setup"]
    assert forms["tax_form"] is None
    assert {field["target"] for field in asked["fields"]} == EDI_SETUP.keys()
    address = next(field for field in asked["fields"] if field["target"] == "edi_address")
    assert (address["kind"], address["required"], address["hint"][:13]) == ("trading_address", True, "Qualifier and")
    assert asked["words"].get("Documents per day") == worded


@pytest.mark.parametrize("form", [None, "no-such-form", "partner-question", "document-version", "__proto__", ""])
def test_a_step_whose_form_asks_nothing_of_a_step_takes_remarks(site: Portal, partner: str, member: Visitor, form: str | None) -> None:
    enrollment = an_enrollment(site, partner, form)

    shown = forms_of_steps(member)
    answer = member.call("submitStep", partner, enrollment, "edi_setup", {"comment": "Done"})

    assert shown == {"edi_setup": None, "tax_form": None}
    assert answer["reference"]
    post = site.door.posts[-1]
    assert (post["form"], post["values"]) == ("onboarding-step", {"enrollment_id": enrollment, "step_key": "edi_setup", "comment": "Done"})


def test_questions_of_a_program_that_is_over_are_not_asked(site: Portal, partner: str, member: Visitor) -> None:
    an_enrollment(site, partner, active=False)

    assert forms_of_steps(member) == {"edi_setup": None, "tax_form": None}


def test_a_steps_answers_arrive_as_its_form_reads_them(site: Portal, partner: str, member: Visitor) -> None:
    enrollment = an_enrollment(site, partner)

    answer = member.call("submitStep", partner, enrollment, "edi_setup", EDI_SETUP)

    post = site.door.posts[-1]
    definition = configuration().forms[post["form"]]
    reading = read_submission(definition, post["values"])
    step = {"key": "edi_setup", "title": "EDI setup", "status": "available"}
    order = follow_up_order(definition, reading, factories.enrollment(enrollment, partnerId=partner, steps=[step]), {PartnerId(partner)})
    assert answer == {"reference": reference(post["submissionId"])}
    assert (post["form"], reading.faults) == ("edi-setup", ())
    assert isinstance(order, StepOrder)
    assert (order.enrollment_id, order.step_key, order.note) == (enrollment, "edi_setup", "Certificate follows")
    assert order.answers == {
        "standard": "X12",
        "connection": "AS2",
        "address": "ZZ:PRAIRIEGOLD",
        "contact": "edi@prairiegold.example",
        "testFrom": "2026-04-01",
        "perDay": 120,
        "acknowledges": True,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"invoice_number": "INV-1"}, INVALID),
        ({"enrollment_id": "another"}, INVALID),
        ({"standard": None}, refused("invalid", "standard")),
        ({"standard": "x12"}, refused("invalid", "standard")),
        ({"edi_address": "  "}, refused("invalid", "edi_address")),
        ({"edi_address": "x" * 61}, refused("too_large", "edi_address")),
        ({"edi_address": "PRAIRIEGOLD"}, {"error": {"code": "invalid", "question": "edi_address", "reason": "trading_address.address"}}),
        ({"edi_contact": "edi@prairiegold"}, refused("invalid", "edi_contact")),
        ({"test_from": "2026-02-30"}, refused("invalid", "test_from")),
        ({"per_day": "1.5"}, refused("invalid", "per_day")),
        ({"acknowledges": "yes"}, refused("invalid", "acknowledges")),
    ],
)
def test_answers_to_a_step_that_do_not_fit_are_refused_by_their_question(
    site: Portal, partner: str, member: Visitor, changes: dict[str, Any], expected: Any
) -> None:
    enrollment, before = an_enrollment(site, partner), site.door.seen

    answer = member.call("submitStep", partner, enrollment, "edi_setup", {**EDI_SETUP, **changes})

    assert answer == expected
    assert site.door.seen == before


def test_remarks_alone_do_not_submit_a_step_that_asks_more(site: Portal, partner: str, member: Visitor) -> None:
    enrollment = an_enrollment(site, partner)

    assert member.call("submitStep", partner, enrollment, "edi_setup", {"comment": "Done"}) == refused("invalid", "standard")


# -- documents


def test_a_private_document_is_opened_for_ten_minutes_and_a_public_one_where_it_is(site: Portal, partner: str, member: Visitor) -> None:
    for name, private in (("a.pdf", True), ("b.pdf", False)):
        site.media.files[name] = {"id": name, "private": private, "url": f"https://static.wix.example/{name}"}
        site.row(
            "PartnerDocuments",
            f"{name}-{partner}",
            partnerIds=[partner],
            forEverybody=False,
            fileId=name,
            fileName="Guide.pdf",
            private=private,
            restricted=False,
        )

    private_link, public_link = (member.call("openDocument", partner, f"{name}-{partner}") for name in ("a.pdf", "b.pdf"))

    asked = next(one for one in reversed(site.media.asked) if one["call"] == "generate-file-download-url")
    assert (asked["fileId"], asked["expirationInMinutes"], asked["downloadFileName"]) == ("a.pdf", 10, "Guide.pdf")
    assert private_link["url"].startswith("https://download.wix.example/a.pdf")
    assert timedelta(minutes=9) < datetime.fromisoformat(private_link["expiresAt"]) - datetime.now(UTC) < timedelta(minutes=11)
    assert public_link == {"url": "https://static.wix.example/b.pdf", "expiresAt": None}


def test_a_document_without_a_file_is_not_opened(site: Portal, partner: str, member: Visitor) -> None:
    document = site.row("PartnerDocuments", f"doc-{partner}", partnerIds=[partner], forEverybody=False, fileId="", title="On its way")

    assert member.call("openDocument", partner, document) == NOT_FOUND


def test_an_upload_is_private_marked_and_handed_in_with_the_version_that_was_seen(site: Portal, partner: str, member: Visitor) -> None:
    document = site.row("PartnerDocuments", f"doc-{partner}", partnerId=partner, partnerIds=[partner], forEverybody=False, version=3, restricted=False)

    place = member.call("getUploadUrl", partner, document, {"fileName": "..\\COI:2026.PDF", "mimeType": "application/pdf", "sizeInBytes": 1234})
    asked = site.media.asked[-1]
    site.media.files["up.pdf"] = {"id": "up.pdf", "private": True, "labels": asked["labels"], "sizeInBytes": "1234", "state": "OK"}
    answer = member.call("submitDocument", partner, document, "up.pdf", "COI 2026.pdf", 3)

    assert place["uploadUrl"].startswith("https://upload.wix.example/")
    assert (asked["private"], asked["mimeType"], asked["sizeInBytes"], asked["fileName"]) == (True, "application/pdf", "1234", ".._COI_2026.PDF")
    assert answer["reference"]
    file = [{"fileId": "up.pdf", "displayName": "COI 2026.pdf", "sizeInBytes": 1234}]
    assert site.door.posts[-1]["form"] == "document-version"
    values = site.door.posts[-1]["values"]
    assert values == {"document_id": document, "file": file, "base_version": 3}
    reading = read_submission(configuration().forms["document-version"], values)
    assert (reading.faults, reading.subject["document"], reading.subject["base_version"]) == ((), document, "3")
    assert asked["labels"] == [upload_label(PartnerId(partner), document)]


def test_a_library_document_takes_no_upload(site: Portal, partner: str, member: Visitor) -> None:
    document = site.row("PartnerDocuments", f"lib-{partner}", partnerId="", partnerIds=[partner], forEverybody=False, version=3, restricted=False)

    assert member.call("getUploadUrl", partner, document, {"fileName": "a.pdf", "mimeType": "application/pdf", "sizeInBytes": 1}) == NOT_FOUND


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ({"fileName": "a.exe", "mimeType": "application/pdf", "sizeInBytes": 9}, INVALID),
        ({"fileName": "pdf", "mimeType": "application/pdf", "sizeInBytes": 9}, INVALID),
        ({"fileName": "a.pdf", "mimeType": "no type", "sizeInBytes": 9}, INVALID),
        ({"fileName": "a.pdf", "mimeType": "application/pdf", "sizeInBytes": 26_214_401}, TOO_LARGE),
        ({"fileName": "a.pdf", "mimeType": "application/pdf", "sizeInBytes": 0}, INVALID),
        ({"fileName": "a.pdf", "mimeType": "application/pdf", "sizeInBytes": -1}, INVALID),
        ({"fileName": "a.pdf", "mimeType": "application/pdf", "sizeInBytes": "9"}, INVALID),
        ({"fileName": "a" * 300 + ".pdf", "mimeType": "application/pdf", "sizeInBytes": 9}, TOO_LARGE),
        ({"fileName": ["a.pdf"], "mimeType": "application/pdf", "sizeInBytes": 9}, INVALID),
        (None, INVALID),
        ([], INVALID),
    ],
)
def test_an_upload_of_what_may_not_come_along_is_refused(site: Portal, partner: str, member: Visitor, file: Any, expected: Any) -> None:
    document = site.row("PartnerDocuments", f"doc-{partner}", partnerId=partner, partnerIds=[partner], forEverybody=False, version=3, restricted=False)
    before = len(site.media.asked)

    assert member.call("getUploadUrl", partner, document, file) == expected
    assert len(site.media.asked) == before


# -- files of a request


QUESTION = {"topic": "tax", "question": "Which form?"}
A_FILE = {"fileName": "plan.pdf", "mimeType": "application/pdf", "sizeInBytes": 9}


def an_attachment(site: Portal, partner: str, member: Visitor, name: str, size: int = 9) -> dict[str, str]:
    """A file that the member has uploaded for a question, as it is handed in."""
    member.call("getAttachmentUrl", partner, "partner-question", A_FILE)
    file = f"up-{len(site.media.files)}.pdf"
    site.media.files[file] = {"id": file, "private": True, "labels": site.media.asked[-1]["labels"], "sizeInBytes": str(size), "state": "OK"}
    return {"fileId": file, "fileName": name}


def test_the_files_of_a_request_are_private_marked_and_arrive_as_its_form_reads_them(site: Portal, partner: str, member: Visitor) -> None:
    place = member.call("getAttachmentUrl", partner, "partner-question", {**A_FILE, "fileName": "..\\Plan:1.PDF"})
    asked = site.media.asked[-1]
    files = [an_attachment(site, partner, member, name) for name in ("Plan 1.pdf", "rates.csv")]

    answer = member.call("sendRequest", partner, "partner-question", QUESTION, files)

    assert place["uploadUrl"].startswith("https://upload.wix.example/")
    assert (asked["private"], asked["mimeType"], asked["sizeInBytes"], asked["fileName"]) == (True, "application/pdf", "9", ".._Plan_1.PDF")
    assert asked["labels"] == [attachment_label(member.id, partner, "partner-question")]
    post = site.door.posts[-1]
    reading = read_submission(configuration().forms[post["form"]], post["values"])
    assert answer == {"reference": reference(post["submissionId"])}
    assert reading.faults == ()
    assert [(file.file_id, file.name, file.size, file.url) for file in reading.files] == [(one["fileId"], one["fileName"], 9, "") for one in files]


def test_a_form_says_which_files_may_come_along(member: Visitor) -> None:
    forms = {form["key"]: form.get("attachments") for form in member.call("getRequestForms", "en")}

    rules = configuration().intake.attachments
    said = {"name": "files", "target": "attachments", "label": "Attachments", "types": list(rules.types), "most": rules.most, "mostBytes": rules.most_bytes}
    assert forms == {"invoice-question": said, "onboarding-question": said, "partner-question": said, "ship-notice-problem": None}


@pytest.mark.parametrize(
    ("form", "file", "expected"),
    [
        ("partner-question", {**A_FILE, "fileName": "a.exe"}, refused("invalid", "attachments")),
        ("partner-question", {**A_FILE, "sizeInBytes": 26_214_401}, refused("too_large", "attachments")),
        ("partner-question", {**A_FILE, "sizeInBytes": 0}, refused("invalid", "attachments")),
        ("partner-question", None, refused("invalid", "attachments")),
        ("ship-notice-problem", A_FILE, NOT_FOUND),
        ("onboarding-step", A_FILE, NOT_FOUND),
        ("__proto__", A_FILE, NOT_FOUND),
        ({"$ne": ""}, A_FILE, INVALID),
    ],
)
def test_a_file_that_may_not_come_along_has_no_place(site: Portal, partner: str, member: Visitor, form: Any, file: Any, expected: Any) -> None:
    before = len(site.media.asked)

    assert member.call("getAttachmentUrl", partner, form, file) == expected
    assert len(site.media.asked) == before


@pytest.mark.parametrize(
    ("form", "files", "expected"),
    [
        ("partner-question", "FILE", INVALID),
        ("partner-question", {"fileId": "FILE"}, INVALID),
        ("partner-question", ["FILE"], refused("invalid", "attachments")),
        ("partner-question", [{"fileId": "FILE"}], refused("invalid", "attachments")),
        ("partner-question", [{"fileId": "FILE", "fileName": "plan.exe"}], refused("invalid", "attachments")),
        ("partner-question", [{"fileId": {"$ne": ""}, "fileName": "plan.pdf"}], refused("invalid", "attachments")),
        ("partner-question", [{"fileId": "FILE", "fileName": "plan.pdf", "url": "https://x.example/a.pdf"}], refused("too_large", "attachments")),
        ("partner-question", [{"fileId": "FILE", "fileName": "plan.pdf"}] * 2, refused("invalid", "attachments")),
        ("partner-question", [{"fileId": f"f-{number}", "fileName": "plan.pdf"} for number in range(6)], refused("too_large", "attachments")),
        ("ship-notice-problem", [{"fileId": "FILE", "fileName": "plan.pdf"}], INVALID),
    ],
)
def test_files_that_do_not_fit_are_refused_with_their_request(site: Portal, partner: str, member: Visitor, form: str, files: Any, expected: Any) -> None:
    own = an_attachment(site, partner, member, "plan.pdf")["fileId"]
    values = QUESTION if form == "partner-question" else {"po_number": "1", "question": "?"}
    before = site.door.seen

    answer = member.call("sendRequest", partner, form, values, json.loads(json.dumps(files).replace("FILE", own)))

    assert answer == expected
    assert site.door.seen == before


def test_a_file_that_grew_on_the_way_is_too_large(site: Portal, partner: str, member: Visitor) -> None:
    file = an_attachment(site, partner, member, "plan.pdf", size=26_214_401)

    assert member.call("sendRequest", partner, "partner-question", QUESTION, [file]) == refused("too_large", "attachments")


def test_a_file_is_no_answer_to_a_question(site: Portal, partner: str, member: Visitor) -> None:
    file = an_attachment(site, partner, member, "plan.pdf")

    assert member.call("sendRequest", partner, "partner-question", {**QUESTION, "attachments": file["fileId"]}) == INVALID


# -- hostile and oversized input


@pytest.mark.parametrize(
    ("method", "args", "expected"),
    [
        ("getPortal", [{"$ne": ""}, "en"], INVALID),
        ("getPortal", [["GC1"], "en"], INVALID),
        ("getPortal", ["", "en"], {"error": {"code": "not_yours"}}),
        ("getPulse", [7], INVALID),
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
        ("submitStep", [None, "ENROLLMENT", "tax_form", {"comment": "x" * 1001}], refused("too_large", "comment")),
        ("submitStep", [None, "ENROLLMENT", "tax_form", [["comment", "x"]]], INVALID),
        ("sendRequest", [None, "no-such-form", {}], NOT_FOUND),
        ("sendRequest", [None, "__proto__", {}], NOT_FOUND),
        ("sendRequest", [None, "issue-comment", {"case_id": "case_1", "comment": "x"}], NOT_FOUND),
        ("sendRequest", [None, "partner-question", {}], refused("invalid", "topic")),
        ("sendRequest", [None, "partner-question", {"topic": "weather", "question": "?"}], refused("invalid", "topic")),
        ("sendRequest", [None, "partner-question", {"topic": "tax", "question": "?", "email": "ceo@partner.example"}], INVALID),
        ("sendRequest", [None, "partner-question", {"topic": "tax", "question": "?", "gln": "0614141000524"}], INVALID),
        ("sendRequest", [None, "partner-question", {"topic": "tax", "question": {"deep": {"er": 1}}}], INVALID),
        ("sendRequest", [None, "partner-question", {str(number): "x" for number in range(101)}], TOO_LARGE),
        ("sendRequest", [None, "ship-notice-problem", {"po_number": "1", "question": "?", "arrives_on": "2026-02-30"}], refused("invalid", "arrives_on")),
        ("sendRequest", [None, "ship-notice-problem", {"po_number": "1", "question": "?", "already_shipped": "yes"}], refused("invalid", "already_shipped")),
        ("sendRequest", [None, "invoice-question", {"invoice_number": "1", "question": "?", "quantity": "1e999"}], refused("invalid", "quantity")),
        ("sendRequest", [None, "invoice-question", {"invoice_number": "1", "question": "?", "line_number": "1.5"}], refused("invalid", "line_number")),
        ("openDocument", [None, {"$exists": True}], INVALID),
        ("submitDocument", [None, "doc", "file", "a.pdf", 1.5], NOT_FOUND),
        ("getSession", ["x" * 70_000], TOO_LARGE),
    ],
)
def test_input_that_does_not_fit_gets_a_clear_answer_and_reaches_nobody(
    site: Portal, partner: str, member: Visitor, method: str, args: list[Any], expected: Any
) -> None:
    steps = [{"key": "tax_form", "title": "W-9", "status": "available"}]
    enrollment = site.row("OnboardingProgress", f"enr-{partner}", partnerId=partner, programId="prg", active=True, steps=steps)
    names = {"ISSUE": an_issue(site, partner), "ENROLLMENT": enrollment}
    before = site.door.seen

    answer = member.call(method, *(names.get(one, one) if isinstance(one, str) else one for one in args))

    assert answer == expected
    assert site.door.seen == before


def test_what_somebody_writes_is_text_wherever_it_arrives(site: Portal, partner: str, member: Visitor) -> None:
    issue, words = an_issue(site, partner), "<script>alert(1)</script> ${7*7} '; DROP TABLE -- \u202e \x00"

    member.call("addComment", partner, issue, words)

    assert site.door.posts[-1]["values"]["comment"] == words.strip()


def test_deeply_nested_arguments_are_refused(site: Portal, member: Visitor) -> None:
    body = "[" * 60_000 + "]" * 60_000
    headers = {"content-type": "application/json"}

    answer = member.http.post(f"{site.url}/_functions/web/getPulse", content=body, headers=headers)

    assert answer.json() in ({"result": INVALID}, {"result": TOO_LARGE})
    assert json.dumps(member.call("getSession"))
