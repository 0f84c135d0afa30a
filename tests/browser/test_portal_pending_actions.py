"""Pending actions: counts on the overview, a team's question, and answered items."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.served import PRAIRIE, Opener, Portal

QUIET = """rows.status[0].nextSteps = [];
for (const issue of rows.issues) Object.assign(issue, {status: 'closed', open: false});"""
WAITING = """Object.assign(rows.requests[0], {
  status: 'waiting_on_partner', statusLabel: 'Waiting for you', answerable: true,
  comments: [
    {author: 'hub', text: 'Which price did you agree on?', createdAt: '2026-03-12T11:00:00Z'},
  ],
});"""


def issue(**fields: Any) -> str:
    """Return JavaScript that makes the first issue the only open one, with these fields."""
    open_issue = "{open: true, dueAt: null, nextStep: null, comments: []}"
    change = f"Object.assign(rows.issues[0], {open_issue}, {fields!r});"
    return f"{QUIET} {change}".replace("None", "null")


def tile(portal: Portal, name: str) -> Locator:
    return portal.find(".tile", name).locator(".tile-detail")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"status": "awaiting_internal"}, "None is waiting for you"),
        ({"status": "awaiting_internal", "dueAt": "2026-03-14T17:00:00Z"}, "1 is due tomorrow"),
        ({"status": "awaiting_internal", "dueAt": "2026-03-11T17:00:00Z"}, "1 is overdue"),
        (
            {"status": "awaiting_internal", "dueAt": "2026-03-30T17:00:00Z"},
            "None is waiting for you",
        ),
        ({"status": "new", "nextStep": "Send the 856 again."}, "1 is waiting for you"),
        ({"status": "open", "nextStep": "Send the 856 again."}, "1 is waiting for you"),
        (
            {"status": "awaiting_internal", "nextStep": "Send it.", "waitsFor": "partner"},
            "1 is waiting for you",
        ),
        (
            {"status": "new", "nextStep": "We are looking into it.", "waitsFor": "hub"},
            "None is waiting for you",
        ),
        ({"status": "resolved", "waitsFor": "partner"}, "1 to confirm"),
    ],
)
def test_overview_says_whether_an_issue_waits_or_is_due(
    open_portal: Opener, fields: dict[str, Any], told: str
) -> None:
    portal = open_portal()

    portal.change(issue(**fields))

    expect(tile(portal, "open issue")).to_have_text(told)


def test_overview_counts_each_that_is_at_stake(open_portal: Opener) -> None:
    portal = open_portal()

    portal.change(f"""{issue(status="awaiting_partner")}
      const made = (id, more) => ({{...rows.issues[0], id, ...more}});
      rows.issues.push(
        made('a', {{status: 'open', nextStep: 'Send it.'}}),
        made('b', {{status: 'resolved'}}),
        made('f', {{status: 'closed', open: false, dueAt: '2026-03-14T10:00:00Z'}}),
        ...[12, 15, 16].map((day) => made(
          String(day), {{status: 'awaiting_internal', dueAt: `2026-03-${{day}}T10:00:00Z`}},
        )),
      );""")

    expect(tile(portal, "open issues")).to_have_text(
        "2 are waiting for you · 1 to confirm · 1 is overdue · 2 are due soon, the first in 2 days"
    )


def test_issue_that_waits_comes_before_steps_of_the_onboarding_and_by_its_due_date(
    open_portal: Opener,
) -> None:
    portal = open_portal()

    portal.change(f"""{issue(status="new", nextStep="Due first.", dueAt="2026-03-14T17:00:00Z")}
      const step = (kind, text, dueOn, reference) => ({{kind, text, dueOn, reference}});
      rows.status[0].nextSteps = [
        step('compliance_check', 'Failed.', '2026-04-20', 'compliance-checks/c'),
        step('case', 'Due second.', '2026-03-20', 'cases/second'),
        step('step', 'A step.', '2026-03-13', 'enrollments/x/steps/y'),
      ];""")

    expect(portal.page.locator(".todo").first.locator("li > div > :first-child")).to_have_text(
        ["Failed.", "Due first.", "Due second.", "A step."]
    )


@pytest.mark.parametrize(
    ("due", "shown"),
    [
        ("dueAt: '2026-11-28T03:00:00.000Z'", "27 Nov 2026"),
        ("dueOn: '2026-11-28'", "28 Nov 2026"),
    ],
)
def test_next_step_is_due_on_the_day_of_its_reader_as_its_issue_is(
    open_portal: Opener, due: str, shown: str
) -> None:
    portal = open_portal(context={"timezone_id": "America/New_York"})

    portal.change(f"""{QUIET} rows.status[0].nextSteps =
      [{{kind: 'case', text: 'Answer.', {due}, reference: 'cases/other'}}];""")

    expect(portal.find(".todo li", "Answer.")).to_contain_text(shown)


def test_issue_that_waits_without_being_listed_by_the_hub_is_a_next_step(
    open_portal: Opener,
) -> None:
    portal = open_portal()

    portal.change(issue(status="new", nextStep="Send the 856 again.", dueAt="2026-03-14T17:00:00Z"))

    step = portal.find(".todo li", "Send the 856 again.")
    expect(step).to_contain_text("(tomorrow)")
    step.get_by_role("button").click()
    expect(portal.find("details.issue", "TG-2026-004711").locator("summary").first).to_be_focused()


def test_next_step_no_longer_asks_as_soon_as_the_answer_was_accepted(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    asked = portal.find("details.issue", "TG-2026-004711")
    expect(asked.locator(".callout.warn")).to_contain_text("Correct MAN*GM")

    asked.get_by_label("Add a comment").fill("The corrected 856 is out.")
    asked.get_by_role("button", name="Send comment").click()

    expect(asked).to_contain_text("You have answered. Our team goes on with it.")
    expect(asked).not_to_contain_text("Correct MAN*GM")
    portal.go("Overview")
    expect(portal.find(".todo li", "Correct MAN*GM")).to_have_count(0)
    expect(tile(portal, "open issue")).to_have_text("1 to confirm · 1 is due tomorrow")


def test_hub_that_asks_again_is_heard_again(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    asked = portal.find("details.issue", "TG-2026-004711")
    asked.get_by_label("Add a comment").fill("The corrected 856 is out.")
    asked.get_by_role("button", name="Send comment").click()
    expect(asked).to_contain_text("You have answered.")

    portal.change(
        "Object.assign(rows.issues[0],"
        " {nextStep: 'Now send the 810.', updatedAt: '2026-03-13T08:30:00Z'})"
    )

    expect(asked.locator(".callout.warn")).to_contain_text("Now send the 810.")


def test_answer_that_was_refused_leaves_the_question(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.fail("addComment", "unavailable")
    asked = portal.find("details.issue", "TG-2026-004711")

    asked.get_by_label("Add a comment").fill("The corrected 856 is out.")
    asked.get_by_role("button", name="Send comment").click()

    expect(asked.locator(".outcome")).to_contain_text("The service did not answer.")
    expect(asked.locator(".callout.warn").first).to_contain_text("Correct MAN*GM")


@pytest.mark.parametrize(
    ("status", "asks"), [("received", False), ("done", False), ("not_possible", True)]
)
def test_answer_that_was_sent_on_another_device_counts_until_the_issue_changes(
    open_portal: Opener, status: str, asks: bool
) -> None:
    portal = open_portal()

    portal.change(
        "Object.assign(rows.requests[1],"
        f" {{status: '{status}', submittedAt: '2026-03-13T08:01:30Z'}})"
    )

    expect(portal.find(".todo li", "Correct MAN*GM")).to_have_count(int(asks))


def test_step_that_was_just_submitted_is_no_next_step_any_more(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding")
    portal.change(
        "rows.status[0].nextSteps[1].reference = 'enrollments/enr_01J9QK/steps/label_cert';"
        " rows.status[0].nextSteps[1].text = 'Labels'"
    )

    step = portal.find(".step.yours", "GS1-128 label certification")
    step.get_by_text("Report this step as done").click()
    step.get_by_label("Remarks").fill("Certified.")
    step.get_by_role("button", name="Submit step").click()
    expect(step).to_contain_text("Thank you, we have it.")
    portal.go("Overview")

    expect(portal.find(".todo li", "Labels")).to_have_count(0)


# -- a team's question


def test_question_of_the_team_is_shown_counted_and_answered_once(open_portal: Opener) -> None:
    portal = open_portal()
    portal.change(WAITING)
    expect(tile(portal, "open requests")).to_have_text("1 is waiting for your answer")

    portal.find(".todo li", "Answer our question: Question about an invoice").get_by_role(
        "button"
    ).click()
    request = portal.find(".request", "CR-2026-01877")
    expect(request.locator("h5")).to_be_focused()
    expect(request.locator(".timeline .theirs")).to_contain_text("Which price did you agree on?")
    portal.hold("answerRequest")
    request.get_by_label("Your answer").fill("We agreed on 4.10.")
    request.get_by_role("button", name="Send answer").click()
    request.get_by_role("button", name="Sending").click(force=True)
    portal.release("answerRequest")

    expect(request.locator(".outcome")).to_contain_text("Your reference is GX-7K3M-001")
    assert portal.calls("answerRequest") == [[PRAIRIE, "GX-5T2P-81QD", "We agreed on 4.10."]]
    expect(request.get_by_label("Your answer")).to_have_count(0)
    portal.go("Overview")
    expect(tile(portal, "open requests")).to_have_text("Ask us something")
    expect(portal.find(".todo li", "Answer our question")).to_have_count(0)


def test_request_that_went_on_shows_what_was_said_and_asks_no_more(open_portal: Opener) -> None:
    portal = open_portal(section="requests")

    portal.change(f"""{WAITING}
      Object.assign(rows.requests[0], {{
        status: 'in_progress', statusLabel: 'In progress', answerable: undefined,
      }});
      rows.requests[0].comments.push({{
        author: 'partner', text: 'We agreed on 4.10.', createdAt: '2026-03-12T12:00:00Z',
      }});""")

    request = portal.find(".request", "CR-2026-01877")
    assert [
        re.split(r"\d", entry)[0].strip()
        for entry in request.locator(".timeline > li").all_inner_texts()
    ] == ["Sent", "Our team", "Your company"]
    expect(request.get_by_label("Your answer")).to_have_count(0)


def test_gateway_that_takes_no_answers_says_how_to_answer_instead(open_portal: Opener) -> None:
    portal = open_portal(section="requests")

    portal.change(
        f"{WAITING} Object.assign(rows.requests[0],"
        " {answerable: false, comments: undefined, nextStep: 'Tell us the price.'})"
    )

    request = portal.find(".request", "CR-2026-01877")
    expect(request).to_contain_text("Tell us the price.")
    expect(request).to_contain_text(
        "Please send us a new request above, and name the number CR-2026-01877."
    )
    expect(request.get_by_label("Your answer")).to_have_count(0)


def test_request_that_waits_comes_first(open_portal: Opener) -> None:
    portal = open_portal(section="requests")

    newer = (
        "{...rows.requests[0], id: 'x', number: 'CR-9', status: 'triaged',"
        " submittedAt: '2026-03-13T07:00:00Z'}"
    )
    portal.change(f"{WAITING} rows.requests.unshift({newer})")

    assert portal.find(".request .number").all_inner_texts()[:2] == ["CR-2026-01877", "CR-9"]


def test_question_in_german(open_portal: Opener) -> None:
    portal = open_portal(locale="de")
    portal.change(WAITING)

    expect(
        portal.find(".todo li", "Unsere Frage beantworten: Frage zu einer Rechnung")
    ).to_have_count(1)
    portal.go("Anfragen")
    expect(
        portal.find(".request", "CR-2026-01877").get_by_role("button", name="Antwort senden")
    ).to_be_visible()
