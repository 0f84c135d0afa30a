"""The page of a member whose role sees some sections and may do few things."""

import pytest
from playwright.sync_api import expect

from tests.browser.served import BALTIC, PRAIRIE, Opener
from tests.browser.test_portal_accessibility import unfold, violations

SEEN = ["overview", "onboarding", "issues", "documents", "requests"]


def test_sections_that_the_role_does_not_see_are_not_there_and_never_read(
    open_portal: Opener,
) -> None:
    portal = open_portal(world="restricted")
    names = portal.find("nav .nav-word").all_inner_texts()

    portal.show_section("search")
    portal.element.get_by_label("Search").last.fill("a")
    portal.settle()

    assert names == ["Overview", "Onboarding", "Issues", "Documents", "Requests"]
    expect(portal.find(".banner")).to_have_count(0)
    expect(portal.find(".latest")).to_have_count(0)
    read = {name for _, names, *_ in portal.calls("getSections") for name in names}
    assert not read & {"notices", "messages", "activity"}


def test_a_ring_or_an_old_link_shows_no_section_that_the_role_does_not_see(
    open_portal: Opener,
) -> None:
    portal = open_portal(world="restricted", section="messages", still=True)
    expect(portal.find("[data-section=overview]")).to_have_count(1)

    numbers = {"own": {"messages": 9, "activity": 9, "notices": 9}, "everybody": {"notices": 9}}
    portal.page.evaluate("numbers => window.portal.ring(numbers)", numbers)
    portal.advance(120_000)

    read = {name for _, names, *_ in portal.calls("getSections") for name in names}
    assert not read & {"notices", "messages", "activity"}
    expect(portal.find("nav .nav-item")).to_have_count(len(SEEN))


def test_only_what_the_role_may_do_is_offered(open_portal: Opener) -> None:
    portal = open_portal(world="restricted", section="issues")
    comments = portal.element.get_by_label("Add a comment").count()
    unfold(portal)
    expect(portal.find(".resolution")).to_have_count(0)
    portal.show_section("onboarding")
    expect(portal.find(".step", "Report this step as done")).to_have_count(0)
    portal.show_section("documents")
    expect(portal.find(".document", "Send a new version")).to_have_count(0)
    portal.show_section("requests")
    expect(portal.find(".ask summary")).to_have_count(1)
    expect(portal.find(".requests .follow-up")).to_have_count(0)

    assert comments > 0
    assert [partner for _, partner in portal.calls("getRequestForms")] == [PRAIRIE]


def test_another_partner_has_the_forms_and_actions_of_the_role_there(open_portal: Opener) -> None:
    portal = open_portal(world="restricted", section="requests")
    portal.find(".ask summary").first.wait_for()

    portal.find("#switch").select_option(BALTIC)

    expect(portal.find("nav .nav-item")).to_have_count(8)
    expect(portal.find(".ask summary")).not_to_have_count(1)


def test_role_that_loses_a_section_while_the_page_is_open_is_led_to_the_overview(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues", still=True)
    expect(portal.find("[data-section=issues]")).to_have_count(1)

    portal.page.evaluate(
        """partner => Object.assign(window.portal.world.portals[partner], {
          hidden: ['issues'], may: { sections: ['documents'], actions: [] },
        })""",
        PRAIRIE,
    )
    portal.reconnect()

    expect(portal.find("[data-section=overview]")).to_have_count(1)
    expect(portal.find("nav .nav-word", "Issues")).to_have_count(0)


def test_backend_of_an_earlier_release_says_nothing_of_roles_and_all_is_offered(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="requests")

    expect(portal.find(".ask summary").nth(1)).to_be_visible()
    expect(portal.find("nav .nav-item")).to_have_count(8)


@pytest.mark.parametrize("section", SEEN)
def test_page_of_a_restricted_role_has_no_axe_violation(open_portal: Opener, section: str) -> None:
    portal = open_portal(world="restricted", section=section)
    portal.find(f"[data-section={section}]").wait_for()
    unfold(portal)

    assert violations(portal) == []
