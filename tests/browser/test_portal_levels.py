"""A hub whose sources fill only some sections: the others are hidden until they have a source."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.served import PRAIRIE, Opener, Portal
from tests.browser.test_portal_accessibility import LOOKS, picture, violations

HIDDEN = ("onboarding", "notices", "documents")
SHOWN = ["Overview", "Issues", "Activity", "Requests", "Messages"]


NEW_DOCUMENT = "rows.documents.push({...rows.issues[0], id: 'doc_1', title: 'Routing guide'})"


def navigation(portal: Portal) -> list[str]:
    return portal.find(".nav-word").all_inner_texts()


def documents_tile(portal: Portal) -> Locator:
    return portal.find(".tile-detail", "in review")


def hide(portal: Portal, *areas: str) -> None:
    """Let the next check say that these areas have no source."""
    portal.page.evaluate(
        f"areas => {{ window.portal.world.portals.{PRAIRIE}.hidden = areas; }}", list(areas)
    )


def asked_for(portal: Portal) -> set[str]:
    """Return the sections that the page has asked for since it knows which are hidden."""
    return {name for args in portal.calls("getSections") for name in args[1]}


def test_sections_without_a_source_are_in_no_navigation_overview_or_list_of_keys(
    open_portal: Opener,
) -> None:
    portal = open_portal(world="first-level")

    assert navigation(portal) == SHOWN
    expect(portal.find(".tile")).to_have_count(3)
    expect(documents_tile(portal)).to_have_count(0)
    expect(portal.find("progress, [role=progressbar]")).to_have_count(0)
    expect(portal.find(".empty")).to_have_count(0)
    portal.page.keyboard.press("?")
    expect(portal.find("dialog.keys dt")).to_have_count(2 + len(SHOWN))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("section", ["overview", "settings", "search*q-issue"])
def test_first_level_has_no_violation_and_fits_its_screen(
    open_portal: Opener, section: str, look: str
) -> None:
    width, query = LOOKS[look]
    portal = open_portal(width=width, world="first-level", section=section, **query)
    if section == "settings":
        portal.find(".message-group").first.wait_for()
    picture(portal, f"first-level-{section}-{look}")

    assert violations(portal) == []
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("letter", ["b", "n", "d"])
def test_key_of_a_hidden_section_opens_nothing(open_portal: Opener, letter: str) -> None:
    portal = open_portal(world="first-level", section="issues")

    portal.page.keyboard.press("g")
    portal.page.keyboard.press(letter)

    expect(portal.element).to_have_attribute("section", "issues")
    expect(portal.find("h3")).to_have_text("Issues")


@pytest.mark.parametrize("section", ["documents", "onboarding", "notices.ntc_0098"])
def test_address_of_a_hidden_section_leads_to_the_overview(
    open_portal: Opener, section: str
) -> None:
    portal = open_portal(world="first-level", section=section)

    expect(portal.find("h3").first).to_have_text("Overview")
    expect(portal.element).to_have_attribute("section", "overview")
    expect(portal.find(".tile")).to_have_count(3)

    portal.element.evaluate(
        "(element, section) => element.setAttribute('section', section)", section
    )
    expect(portal.element).to_have_attribute("section", "overview")


def test_search_and_news_read_no_hidden_section(open_portal: Opener) -> None:
    portal = open_portal(world="first-level", section="search*q-issue")
    expect(portal.find(".results").first).to_be_visible()
    expect(portal.find(".hint", "Reading")).to_have_count(0)

    portal.find("[data-focus=bell]").click()
    expect(portal.find(".news")).to_be_visible()
    portal.settle()

    assert not asked_for(portal) & set(HIDDEN)


def test_settings_have_no_messages_of_a_hidden_area(open_portal: Opener) -> None:
    everything = open_portal(section="settings")
    portal = open_portal(world="first-level", section="settings")

    expect(everything.find(".message-group", "Agreements and guides")).to_have_count(1)
    expect(portal.find(".message-group", "New issues")).to_have_count(1)
    expect(portal.find(".message-group", "Agreements and guides")).to_have_count(0)


def test_section_lights_up_with_the_next_check_and_is_read_at_once_where_it_is_needed(
    open_portal: Opener,
) -> None:
    portal = open_portal(still=True, world="first-level")
    assert "Documents" not in navigation(portal)
    assert not asked_for(portal) & set(HIDDEN)

    hide(portal, "onboarding", "compliance", "notices")
    portal.reconnect()

    expect(documents_tile(portal)).to_have_count(1)
    assert navigation(portal) == [*SHOWN[:3], "Documents", *SHOWN[3:]]
    assert asked_for(portal) & set(HIDDEN) == {"documents"}


def test_section_lights_up_with_a_ring_for_the_partners_first_row(open_portal: Opener) -> None:
    portal = open_portal(still=True, world="first-level")

    portal.change(NEW_DOCUMENT)

    expect(documents_tile(portal)).to_have_count(1)
    assert asked_for(portal) & set(HIDDEN) == {"documents"}
    portal.go("Documents")
    expect(portal.find(".document", "Routing guide")).to_have_count(1)


def test_ring_for_everybody_lights_up_no_section_before_the_next_check(open_portal: Opener) -> None:
    portal = open_portal(still=True, world="first-level")
    portal.page.evaluate("window.portal.numbers.everybody.documents = 1")

    portal.ring()

    assert "Documents" not in navigation(portal)
    assert not asked_for(portal) & set(HIDDEN)


def test_section_that_lights_up_hears_its_rings_from_then_on(open_portal: Opener) -> None:
    portal = open_portal(still=True, world="first-level", section="issues")
    hide(portal)
    portal.reconnect()
    portal.go("Documents")

    portal.change(NEW_DOCUMENT)

    expect(portal.find(".document", "Routing guide")).to_have_count(1)


def test_section_that_loses_its_source_closes_and_shows_the_overview(open_portal: Opener) -> None:
    portal = open_portal(still=True, section="documents")
    assert len(navigation(portal)) == 8

    hide(portal, "documents")
    portal.reconnect()

    expect(portal.find("h3").first).to_have_text("Overview")
    assert "Documents" not in navigation(portal)
    expect(documents_tile(portal)).to_have_count(0)


def test_page_of_a_backend_that_names_no_hidden_areas_shows_everything(
    open_portal: Opener,
) -> None:
    portal = open_portal()
    portal.page.evaluate("""() => {
      const { functions, element } = window.portal;
      const without = (method) => async (...args) => {
        const { hidden, ...answer } = await functions[method](...args);
        return answer;
      };
      element.backend = {
        ...functions, getPortal: without('getPortal'), getChanges: without('getChanges'),
      };
    }""")
    portal.find(".tile").first.wait_for()

    assert len(navigation(portal)) == 8
    expect(documents_tile(portal)).to_have_count(1)
