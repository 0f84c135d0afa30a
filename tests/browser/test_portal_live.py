"""The portal's element, page code and backend together, on the local host with Wix's Realtime."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from ops.emulator import Emulator
from ops.waiting import wait_for
from tests.browser.served import PATIENCE
from tests.contract.portal_backend.cases import an_issue
from tests.contract.portal_site import Portal, Visitor, needs_node, portal

pytestmark = needs_node

CONNECTED = """connected => {
  const text = document.querySelector('gridwix-portal').getAttribute('rings') ?? '{}';
  return JSON.parse(text).connected === connected;
}"""


REPEATS = """
window.firstCalls = [];
document.addEventListener('gridwix-call', ({ detail: { id, method } }) => {
  if (method === 'getSession') window.firstCalls.push(id);
}, true);
"""
"""Script that records the id of each ``getSession`` of the element, repeats included."""


@pytest.fixture
def site() -> Iterator[Portal]:
    site = portal()
    Emulator(site.url).clear("realtime")
    yield site
    Emulator(site.url).clear("realtime")


@pytest.fixture
def partner(site: Portal) -> str:
    return site.partner("Prairie Gold Foods")


@pytest.fixture
def live(browser: Browser, site: Portal, partner: str) -> Iterator[Page]:
    """The portal of a member, not opened yet. A script error on the page fails the test."""
    errors: list[str] = []
    page = open_context(browser, site, site.member(partner))
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.context.close()
    assert errors == []


def open_context(browser: Browser, site: Portal, member: Visitor) -> Page:
    context = browser.new_context(locale="en")
    [(name, value)] = member.http.cookies.items()
    context.add_cookies([{"name": name, "value": value, "url": site.url}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


def open_portal(page: Page, site: Portal, query: str = "", *, connected: bool = True) -> None:
    """Open the portal and wait for its rows, its connection, and the marks, which it reads last."""
    with page.expect_response("**/_functions/web/getReadMarks"):
        page.goto(f"{site.url}/portal{query}")
    expect(page.locator("gridwix-portal h2")).to_have_text("Prairie Gold Foods")
    page.wait_for_function(CONNECTED, arg=connected)


def rename(site: Portal, partner: str, subject: str, number: int) -> None:
    """Change a row of the partner, and count the change, as gridwix does."""
    an_issue(site, partner, subject=subject)
    site.row("PortalChanges", partner, issues=number)


def test_change_that_is_rung_appears_and_costs_two_reads(
    live: Page, site: Portal, partner: str
) -> None:
    rename(site, partner, "Before", 1)
    open_portal(live, site, "?section=issues")
    site.reads.collections.clear()

    rename(site, partner, "After", 2)
    for _ in range(3):
        site.ring((f"partner/{partner}", {"issues": 2}))
    expect(live.locator(".issue")).to_contain_text("After")
    site.ring((f"partner/{partner}", {"messages": 1}))
    expect(live.get_by_role("button", name="Messages Something has changed")).to_be_attached()

    assert [one for one in site.reads.collections if one != "PartnerLinks"] == ["OpenIssues"]


def test_ring_of_another_partner_or_section_costs_nothing(
    live: Page, site: Portal, partner: str
) -> None:
    rename(site, partner, "Mine", 1)
    open_portal(live, site, "?section=issues")
    site.reads.collections.clear()

    site.ring(
        (f"partner/{site.partner()}", {"issues": 9}), (f"partner/{partner}", {"documents": 1})
    )
    expect(live.get_by_role("button", name="Documents Something has changed")).to_be_attached()

    assert "OpenIssues" not in site.reads.collections
    assert "PartnerDocuments" not in site.reads.collections


def test_page_whose_realtime_is_blocked_is_used_as_before(
    live: Page, site: Portal, partner: str
) -> None:
    Emulator(site.url).order("realtime", {"blocked": True})
    rename(site, partner, "Without rings", 1)

    open_portal(live, site, "?section=issues", connected=False)

    expect(live.locator(".issue")).to_contain_text("Without rings")


def test_member_walks_back_and_forward_through_the_sections(
    live: Page, site: Portal, partner: str
) -> None:
    issue = an_issue(site, partner, subject="Walked by")
    open_portal(live, site)
    navigation = live.get_by_role("navigation", name="Portal sections")
    heading = live.locator("gridwix-portal h3")

    navigation.get_by_role("button", name="Documents").click()
    navigation.get_by_role("button", name="Issues").click()
    live.wait_for_function("() => document.title === 'Issues - Prairie Gold Foods'")
    live.go_back()
    expect(heading).to_have_text("Documents")
    live.wait_for_function("() => document.title === 'Documents - Prairie Gold Foods'")
    live.go_back()
    expect(heading).to_have_text("Overview")
    live.go_forward()
    expect(heading).to_have_text("Documents")
    live.goto(f"{site.url}/portal?section=issues.{issue}&partner={partner}")

    expect(live.locator("details.issue[open]")).to_contain_text("Walked by")
    expect(heading).to_have_text("Issues")


def test_member_walks_back_and_forward_through_what_a_list_showed(
    live: Page, site: Portal, partner: str
) -> None:
    for number in range(30):
        an_issue(site, partner, f"case_{number}", subject=f"Shipment {number:02}")
    open_portal(live, site, "?section=issues")
    shown = live.locator("gridwix-portal .list-range")
    expect(shown).to_have_text("1 to 25 of 30")

    live.get_by_role("button", name="Next").click()
    expect(shown).to_have_text("26 to 30 of 30")
    live.get_by_label("Find in this list").fill("shipment 07 %")
    live.get_by_label("Find in this list").fill("shipment 07")
    live.get_by_label("Find in this list").press("Enter")
    address = live.url
    live.go_back()
    expect(shown).to_have_text("26 to 30 of 30")
    expect(live.get_by_label("Find in this list")).to_have_value("")
    live.go_back()
    expect(shown).to_have_text("1 to 25 of 30")
    live.go_forward()
    live.go_forward()
    expect(shown).to_have_text("1 to 1 of 1 found, out of 30")
    live.goto(f"{site.url}/")
    live.goto(address)

    expect(shown).to_have_text("1 to 1 of 1 found, out of 30")
    expect(live.get_by_label("Find in this list")).to_have_value("shipment 07")
    assert "section=issues*q-shipment" in address


def test_search_that_is_opened_costs_one_read_of_each_collection_that_was_not_read(
    live: Page, site: Portal, partner: str
) -> None:
    an_issue(site, partner, subject="Pallet 7")
    open_portal(live, site, "?section=documents")
    site.reads.collections.clear()

    live.keyboard.press("/")
    live.get_by_label("Search all sections").fill("pallet 7")
    expect(live.locator("gridwix-portal .results")).to_contain_text("Pallet 7")
    live.get_by_role("button", name="Pallet 7").click()

    expect(live.locator("details.issue[open]")).to_contain_text("Pallet 7")
    assert sorted(site.reads.collections) == [
        "OnboardingProgress",
        "OpenIssues",
        "PartnerLinks",
        "PartnerMessages",
        "PartnerRequests",
    ]


def test_first_call_when_its_answer_is_late_then_the_backend_is_called_once(
    live: Page, site: Portal, partner: str
) -> None:
    live.clock.install()
    live.add_init_script(REPEATS)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    live.route("**/_functions/web/getSession", hold)

    live.goto(f"{site.url}/portal")
    wait_for(lambda: live.evaluate("window.firstCalls.length") and held, "the first call")
    live.clock.run_for(3_500)
    live.wait_for_function("() => window.firstCalls.length > 2")
    held[0].continue_()
    expect(live.locator("gridwix-portal h2")).to_have_text("Prairie Gold Foods")

    assert len(set(live.evaluate("window.firstCalls"))) == 1
    assert len(held) == 1


def test_what_was_read_and_the_language_follow_the_member_to_another_device(
    live: Page, site: Portal, partner: str
) -> None:
    an_issue(
        site, partner, subject="Late again", updatedAt={"$date": f"{datetime.now(UTC):%FT%TZ}"}
    )
    open_portal(live, site, "?section=issues")
    bell = live.get_by_role("button", name="What is new: 1 entry")
    bell.click()
    live.get_by_role("button", name="Mark all as read").click()
    expect(bell).to_have_count(0)
    live.get_by_role("button", name="Your settings").click()
    live.get_by_label("Language of this portal").select_option("de")
    live.get_by_role("button", name="Save").first.click()
    expect(live.locator("gridwix-portal h3")).to_have_text("Ihre Einstellungen")
    expect(live.locator("#language-result")).to_have_text("Gespeichert.")
    wait_for(lambda: site.rows("MemberReadMarks"), "the marks on the site")

    other = live.context.new_page()
    other.set_default_timeout(PATIENCE)
    site.reads.collections.clear()
    # Not where the issue is on the screen: after two seconds there it counts as read.
    open_portal(other, site, "?section=documents")

    expect(other.locator("gridwix-portal h3")).to_have_text("Dokumente")
    other.get_by_role("button", name="Was neu ist").click()
    expect(other.locator("#news")).to_contain_text("Nichts Neues.")
    other.get_by_role("button", name="Vorgänge").click()
    expect(other.locator(".issue")).to_contain_text("Late again")
    expect(other.locator(".new-mark")).to_have_count(0)
    own = [one for one in site.reads.collections if one.startswith("Member")]
    assert own == ["MemberSettings", "MemberReadMarks"]
