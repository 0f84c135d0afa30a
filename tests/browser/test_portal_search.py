"""Search in all sections, and shortcuts of one key."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.many import open_many
from tests.browser.served import PRAIRIE, Opener, Portal
from tests.browser.test_portal_accessibility import LOOKS, picture, too_small, violations

OTHERS = ["onboarding", "issues", "requests", "messages"]
"""Sections that a page that shows the documents has not read."""


def groups(portal: Portal) -> list[str]:
    return portal.find(".results h4").all_inner_texts()


def ask(portal: Portal, text: str) -> None:
    portal.element.get_by_label("Search all sections").fill(text)


def focused_id(portal: Portal) -> Any:
    return portal.page.evaluate("window.portal.element.shadowRoot.activeElement?.id ?? null")


def opened(portal: Portal) -> str | None:
    return portal.find("[data-section]").get_attribute("data-section")


def test_search_reads_what_is_missing_with_one_call_and_once(open_portal: Opener) -> None:
    portal = open_portal(section="documents")

    portal.button("Search").click()
    ask(portal, "label")
    expect(portal.find(".results")).to_have_count(3)
    portal.go("Issues")
    portal.button("Search").click()
    ask(portal, "insurance")
    expect(portal.find(".results").first).to_be_visible()

    assert portal.calls("getSections") == [[PRAIRIE, OTHERS, "en"]]


def test_results_are_by_section_and_lead_to_the_record(open_portal: Opener) -> None:
    portal = open_portal(section="search*q-label")
    assert groups(portal) == ["Onboarding (1)", "Issues (2)", "Documents (1)"]
    expect(portal.find(".list-range")).to_have_text("4 results")

    portal.find(".results").get_by_role("button", name="Label print quality").click()

    issue = portal.find("details.issue", "TG-2026-004698")
    expect(issue).to_have_attribute("open", "")
    expect(issue.locator("summary").first).to_be_focused()
    expect(portal.element).to_have_attribute("section", "issues.case_01JA4C")


def test_search_finds_what_a_message_and_a_step_say(open_portal: Opener) -> None:
    portal = open_portal(section="search")
    expect(portal.find(".hint", "Enter a number, a name or a word.")).to_be_visible()

    ask(portal, "acord 25 broker")
    assert groups(portal) == ["Onboarding (1)"]
    ask(portal, "goods expected 16 march")
    assert groups(portal) == ["Messages (1)"]
    portal.find(".results").get_by_role("button").first.click()

    expect(portal.find(".message h4").first).to_be_focused()


def test_section_with_many_results_leads_to_its_list(open_portal: Opener) -> None:
    portal = open_many(open_portal, "search*q-shipment")
    expect(portal.find(".results li")).to_have_count(5)

    portal.button("Show all 352 in Issues").click()

    expect(portal.element).to_have_attribute("section", "issues*q-shipment")
    expect(portal.find(".list-range")).to_have_text("1 to 25 of 352 found, out of 352")
    expect(portal.find("h3")).to_be_focused()


def test_search_says_where_it_has_seen_only_a_part(open_portal: Opener) -> None:
    portal = open_many(open_portal, "search*q-carton")
    portal.page.evaluate("window.portal.change((_, world) => { world.pages = {messages: 40}; })")
    portal.change("rows.messages[0].title = 'First'")
    expect(portal.find(".partial")).to_contain_text("Only the newest 40 were searched.")

    portal.button("Load the rest").click()

    expect(portal.find(".results h4", "Messages (60)")).to_be_visible()
    expect(portal.find(".partial .more")).to_have_count(0)


def test_nothing_found_is_said_once_nobody_types(open_portal: Opener) -> None:
    portal = open_portal(section="search", still=True)

    ask(portal, "nothing like this")
    assert portal.said() == ""
    portal.advance(1_000)

    assert portal.said() == "No results"
    expect(portal.find(".empty-title")).to_have_text("Nothing matches")
    expect(portal.element).to_have_attribute("section", "search")
    portal.element.get_by_label("Search all sections").press("Enter")
    expect(portal.element).to_have_attribute("section", "search*q-nothing like this")


def test_search_shows_what_it_has_while_the_rest_loads(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    portal.hold("getSections")

    portal.button("Search").click()
    ask(portal, "agreement")

    expect(portal.element.get_by_label("Search all sections")).to_be_focused()
    assert groups(portal) == ["Documents (1)"]
    expect(portal.find(".hint", "Loading the other sections")).to_be_visible()
    expect(portal.find(".content")).to_have_attribute("aria-busy", "true")
    ask(portal, "supplier day")
    expect(portal.find(".results")).to_have_count(0)
    # Whether there is none is not known yet.
    expect(portal.find(".empty")).to_have_count(0)
    portal.release("getSections")
    expect(portal.find(".results h4")).to_have_text(["Messages (1)"])
    expect(portal.find(".content")).not_to_have_attribute("aria-busy", "true")


def test_search_that_cannot_read_a_section_says_so_and_tries_again(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    portal.fail("getSections")

    portal.button("Search").click()
    ask(portal, "label")

    expect(portal.find("[role=alert]")).to_contain_text(
        "These sections could not be searched: Onboarding, Issues, Requests, Messages."
    )
    assert groups(portal) == ["Documents (1)"]
    portal.fail("getSections", None)
    portal.button("Try again").click()
    expect(portal.find(".results")).to_have_count(3)
    expect(portal.find("[role=alert]")).to_have_count(0)


def test_open_search_is_not_read_again_without_a_change(open_portal: Opener) -> None:
    # Regular reads are spread at random.
    portal = open_portal(section="search", before="Math.random = () => 0")

    portal.advance(31 * 60_000)

    assert portal.calls("getSections") == [[PRAIRIE, ["status", "notices"], "en"]]
    portal.change("rows.issues[0].subject = 'Pallet 7'")
    assert portal.calls("getSections")[-1][1] == ["issues"]


@pytest.mark.parametrize("look", LOOKS)
def test_states_of_the_search_have_no_violation(open_portal: Opener, look: str) -> None:
    width, query = LOOKS[look]
    portal = open_portal(section="documents", width=width, **query)
    portal.fail("getSections")
    portal.find(".head-tool").first.click()
    portal.find("#search").fill("label")
    expect(portal.find("[role=alert]")).to_be_visible()
    picture(portal, f"search-failed-{look}")
    assert violations(portal) == []
    portal.find("#search").fill("nothing like this")
    assert violations(portal) == []
    portal.page.keyboard.press("Tab")
    portal.page.keyboard.press("?")
    portal.find("dialog.keys").wait_for()
    picture(portal, f"keys-{look}")

    assert violations(portal) == []
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width
    assert too_small(portal) == []


# -- shortcuts


def test_slash_searches_from_anywhere_on_the_page(open_portal: Opener) -> None:
    portal = open_portal(section="documents")

    portal.page.keyboard.press("/")

    expect(portal.element.get_by_label("Search all sections")).to_be_focused()
    expect(portal.element.get_by_label("Search all sections")).to_have_value("")
    portal.page.keyboard.type("w-9 / ?")
    expect(portal.element.get_by_label("Search all sections")).to_have_value("w-9 / ?")


def test_g_and_a_letter_open_a_section(open_portal: Opener) -> None:
    portal = open_portal()

    portal.page.keyboard.press("i")
    assert opened(portal) == "overview"
    portal.page.keyboard.press("g")
    portal.page.keyboard.press("i")

    assert opened(portal) == "issues"
    expect(portal.find("h3")).to_be_focused()
    portal.page.keyboard.press("m")
    assert opened(portal) == "issues"


def test_every_section_of_the_navigation_has_a_letter(open_portal: Opener) -> None:
    portal = open_portal()
    names = portal.find(".nav-word").all_inner_texts()

    portal.page.keyboard.press("?")

    assert portal.find("dialog.keys dd").all_inner_texts()[2:] == names


def test_question_mark_lists_the_keys_and_escape_returns(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    portal.find("h3").focus()

    portal.page.keyboard.press("?")
    expect(portal.find("dialog.keys")).to_be_visible()
    portal.button("Close").focus()
    portal.page.keyboard.press("/")
    assert opened(portal) == "documents"
    portal.page.keyboard.press("Escape")

    expect(portal.find("dialog.keys")).to_be_hidden()
    expect(portal.find("h3")).to_be_focused()


@pytest.mark.parametrize("chord", ["Control+/", "Alt+/", "Meta+/", "Control+g", "Meta+g"])
def test_shortcut_with_a_modifier_is_the_browsers(open_portal: Opener, chord: str) -> None:
    portal = open_portal(section="documents")

    portal.page.keyboard.press(chord)
    portal.page.keyboard.press("i")

    assert opened(portal) == "documents"


@pytest.mark.parametrize("tag", ["input", "textarea", "select", "div contenteditable"])
def test_shortcut_does_nothing_in_a_field_of_the_page(open_portal: Opener, tag: str) -> None:
    portal = open_portal(section="documents")
    portal.page.evaluate(
        "tag => { document.querySelector('header').innerHTML = `<${tag} id=own tabindex=0>`;"
        " document.getElementById('own').focus(); }",
        tag,
    )

    for key in ("/", "?", "g", "i"):
        portal.page.keyboard.press(key)

    assert opened(portal) == "documents"
    expect(portal.find("dialog.keys")).to_be_hidden()


def test_shortcuts_can_be_turned_off_and_on_again(open_portal: Opener) -> None:
    portal = open_portal(section="search")
    portal.button("Keyboard shortcuts").click()
    switch = portal.element.get_by_label("Use keyboard shortcuts")

    switch.uncheck()
    portal.button("Close").click()
    portal.go("Documents")
    for key in ("/", "?", "g", "i"):
        portal.page.keyboard.press(key)

    assert opened(portal) == "documents"
    expect(portal.find("dialog.keys")).to_be_hidden()
    expect(portal.element).to_have_attribute("shortcuts", "off")
    portal.button("Search").click()
    portal.button("Keyboard shortcuts").click()
    expect(switch).not_to_be_checked()
    switch.check()
    portal.button("Close").click()
    portal.go("Documents")
    portal.page.keyboard.press("/")
    expect(portal.element.get_by_label("Search all sections")).to_be_focused()


def test_element_that_is_taken_away_hears_no_keys(open_portal: Opener) -> None:
    portal = open_portal(section="documents")

    portal.page.evaluate("window.portal.element.remove()")
    portal.page.keyboard.press("/")

    assert portal.page.evaluate("window.portal.element.getAttribute('section')") == "documents"
