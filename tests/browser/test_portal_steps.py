"""Onboarding steps on the portal: reports, questions of a step's own form, and rejected answers."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.served import PRAIRIE, REFUSED, Opener, Portal


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_step_is_reported(open_portal: Opener, transport: str) -> None:
    portal = open_portal(section="onboarding", transport=transport)
    step = portal.find(".step", "GS1-128 label certification").first
    step.locator("summary", has_text="Report this step as done").click()

    step.get_by_label("Remarks").fill("Sample sent by courier.")
    step.get_by_role("button", name="Submit step").click()

    expect(step.locator(".outcome")).to_contain_text("GX-7K3M-001")
    assert portal.calls("submitStep") == [
        [PRAIRIE, "enr_01J9QK", "label_cert", {"comment": "Sample sent by courier."}]
    ]


def own_questions(portal: Portal) -> Locator:
    """Return the expanded form of the step that has questions of its own."""
    step = portal.find(".step.yours").first
    step.locator(".act > summary").click()
    return step.locator("form")


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_step_with_questions_of_its_own_asks_them_and_sends_the_answers(
    open_portal: Opener, transport: str
) -> None:
    portal = open_portal(section="onboarding", transport=transport)
    form = own_questions(portal)
    expect(form.locator("label")).to_have_text(
        [
            "Insurer",
            "Cover",
            "Currency",
            "Expires",
            "Claims last year (optional)",
            "E-mail address (optional)",
            "Northwind is named as holder",
            "Remarks (optional)",
        ]
    )
    expect(form.get_by_label("Insurer")).to_have_accessible_description(
        "As the certificate names it."
    )
    form.get_by_label("Insurer").fill("Great Plains Mutual")
    form.get_by_label("Cover").fill("2000000.50")
    form.get_by_label("Currency").select_option("Something else")
    form.get_by_label("Expires").fill("2027-03-01")
    form.get_by_label("Northwind is named as holder").check()

    form.get_by_role("button", name="Submit step").click()

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    answers = {
        "insurer": "Great Plains Mutual",
        "cover_each": "2000000.50",
        "currency": "other",
        "expires_on": "2027-03-01",
        "holder": True,
    }
    assert portal.calls("submitStep") == [[PRAIRIE, "enr_01J9QK", "insurance", answers]]


def test_step_asks_in_the_forms_own_words_of_the_language_and_else_in_the_elements(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="onboarding", locale="de")
    german = (
        "import('/tests/browser/portal/forms.js')"
        ".then(({insuranceInGerman}) => { window.german = insuranceInGerman; })"
    )
    portal.page.evaluate(german)

    portal.change("rows.onboarding[0].steps[2].form.words = window.german")

    form = own_questions(portal)
    expect(form.get_by_label("Versicherer")).to_have_accessible_description(
        "Wie er auf der Bescheinigung steht."
    )
    expect(form.get_by_label("Währung").locator("option")).to_have_text(
        ["Bitte wählen", "USD", "Andere Währung"]
    )
    expect(form.get_by_label("Anmerkungen")).to_be_visible()


def test_required_questions_of_a_step_are_asked_for_beside_them(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding")
    form = own_questions(portal)

    form.get_by_role("button", name="Submit step").click()

    expect(form.locator(".fault")).to_have_text(["Please fill this in."] * 4)
    expect(form.get_by_label("Insurer")).to_be_focused()
    expect(form.get_by_label("Insurer")).to_have_accessible_description(
        "As the certificate names it. Please fill this in."
    )
    assert portal.calls("submitStep") == []


@pytest.mark.parametrize("code", REFUSED)
def test_what_the_backend_refuses_of_a_question_is_said_beside_it(
    open_portal: Opener, code: str
) -> None:
    portal = open_portal(section="requests")
    portal.find("summary", "Question to the partner desk").click()
    form = portal.find("form[data-form='request/partner-question']")
    form.get_by_label("What is it about?").select_option("freight")
    form.get_by_label("Your question").fill("When is zone 7 open?")
    portal.fail("sendRequest", code, question="question")
    form.get_by_role("button", name="Send request").click()

    expect(form.locator(".fault")).to_have_text(REFUSED[code])
    expect(form.get_by_label("Your question")).to_be_focused()
    expect(form.get_by_label("Your question")).to_have_accessible_description(REFUSED[code])
    expect(form.get_by_label("Your question")).to_have_value("When is zone 7 open?")
    expect(portal.find(".outcome")).to_have_count(0)
    portal.fail("sendRequest", None)
    form.get_by_role("button", name="Send request").click()
    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")


def test_refusal_of_a_steps_question_is_said_beside_it_and_one_of_none_that_is_shown_above(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="onboarding")
    form = own_questions(portal)
    for label, answer in {
        "Insurer": "Great Plains Mutual",
        "Cover": "2000000",
        "Expires": "2027-03-01",
    }.items():
        form.get_by_label(label).fill(answer)
    form.get_by_label("Currency").select_option("USD")

    portal.fail("submitStep", "invalid", question="cover_each")
    form.get_by_role("button", name="Submit step").click()
    expect(form.get_by_label("Cover")).to_be_focused()
    expect(form.get_by_label("Cover")).to_have_accessible_description(REFUSED["invalid"])

    portal.fail("submitStep", "invalid", question="a_new_question")
    form.get_by_role("button", name="Submit step").click()
    expect(portal.find(".outcome")).to_contain_text("This could not be accepted.")
    expect(form.locator(".fault")).to_have_count(0)
    expect(form.get_by_label("Cover")).to_have_value("2000000")
