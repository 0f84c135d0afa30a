"""Follow-ups, documents and errors: each action on the portal calls the right method once and shows
its result.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.served import PRAIRIE, Opener, Portal

ISSUE = "case_01JA3B"


def follow_up(portal: Portal, text: str) -> None:
    portal.element.get_by_label("Add a comment").first.fill(text)
    portal.button("Send comment").first.click()


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_comment_is_acknowledged_with_its_reference_and_then_appears(
    open_portal: Opener, transport: str
) -> None:
    portal = open_portal(section="issues", transport=transport)

    follow_up(portal, "  Resent at 10:15.\nPlease check.  ")

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    expect(portal.find(".outcome")).to_be_focused()
    expect(portal.element.get_by_label("Add a comment").first).to_have_value("")
    assert portal.calls("addComment") == [[PRAIRIE, ISSUE, "Resent at 10:15.\nPlease check."]]
    portal.change(
        "rows.issues[0].comments.push({author: 'partner', text: 'Resent at 10:15.',"
        " createdAt: '2026-03-13T08:02:30Z'})"
    )
    expect(portal.find(".timeline").first).to_contain_text("Resent at 10:15.")


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_solution_is_accepted(open_portal: Opener, transport: str) -> None:
    portal = open_portal(section="issues", transport=transport)
    portal.find(".issue summary", "TG-2026-004698").click()

    portal.button("Yes, it is solved").click()

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    expect(portal.button("Yes, it is solved")).to_have_count(0)
    assert portal.calls("answerResolution") == [[PRAIRIE, "case_01JA4C", True, ""]]


def test_solution_is_rejected_with_a_reason_and_not_without(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.find(".issue summary", "TG-2026-004698").click()
    portal.find("summary", "No, something is still wrong").click()

    portal.button("Open the issue again").click()
    reason = portal.element.get_by_label("What is still wrong?")
    expect(reason).to_be_focused()
    expect(reason).to_have_attribute("aria-invalid", "true")
    assert portal.calls("answerResolution") == []
    reason.fill("Pallet 2 still grades D.")
    portal.button("Open the issue again").click()

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    assert portal.calls("answerResolution") == [
        [PRAIRIE, "case_01JA4C", False, "Pallet 2 still grades D."]
    ]


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_document_opens_in_a_new_tab_and_its_link_stays(
    open_portal: Opener, transport: str
) -> None:
    portal = open_portal(section="documents", transport=transport)
    portal.page.context.route(
        "https://files.example/**", lambda route: route.fulfill(body="a file")
    )

    with portal.page.context.expect_page() as opened:
        portal.button("Open Trading partner agreement").click()

    assert opened.value.url == "https://files.example/doc_agr_101?token=t"
    assert opened.value.evaluate("window.opener") is None
    expect(portal.find(".outcome")).to_contain_text("(until 3:11 AM)")
    expect(portal.find(".outcome a")).to_have_attribute(
        "href", "https://files.example/doc_agr_101?token=t"
    )
    assert portal.calls("openDocument") == [[PRAIRIE, "doc_agr_101"]]


CODES = {
    "not_linked": "Your account is not connected to a trading partner any more.",
    "not_yours": "This does not belong to your company",
    "not_allowed": "Your role does not allow this.",
    "not_found": "This is not there any more.",
    "not_possible": "This cannot be done as things are now.",
    "invalid": "This could not be accepted.",
    "too_large": "This is too large.",
    "unavailable": "The service did not answer. What you entered is still here.",
    "throw": "The service did not answer. What you entered is still here.",
    "a_new_one": "The service did not answer. What you entered is still here.",
}


def test_each_error_is_said_in_words_and_what_was_typed_stays(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.element.get_by_label("Add a comment").first.fill("Resent at 10:15.")
    for code, words in CODES.items():
        portal.fail("addComment", code)
        portal.button("Send comment").first.click()

        expect(portal.find(".outcome")).to_contain_text(words)
        expect(portal.find(".outcome")).to_be_focused()
        expect(portal.element.get_by_label("Add a comment").first).to_have_value("Resent at 10:15.")
    portal.fail("addComment", None)
    portal.button("Send comment").first.click()
    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")


def test_action_that_is_under_way_is_not_sent_again(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.hold("addComment")
    follow_up(portal, "Resent at 10:15.")

    button = portal.button("Sending…")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    portal.release("addComment")

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    assert len(portal.calls("addComment")) == 1


def test_answer_that_never_comes_is_unavailable_after_a_while(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.hold("addComment")
    follow_up(portal, "Resent at 10:15.")

    portal.advance(31_000)

    expect(portal.find(".outcome")).to_contain_text("send it again only if it is not there")


def test_forms_that_cannot_be_had_are_asked_for_again(open_portal: Opener) -> None:
    portal = open_portal()
    portal.fail("getRequestForms")
    portal.go("Requests")
    expect(portal.find(".ask")).to_contain_text(
        "The service did not answer. Please try again in a moment."
    )

    portal.fail("getRequestForms", None)
    portal.button("Try again").click()

    expect(portal.find(".ask summary")).to_have_count(4)
