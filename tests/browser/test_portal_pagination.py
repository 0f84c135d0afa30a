"""Lists with more than one page: hints, further pages, and changes meanwhile."""

import pytest
from playwright.sync_api import expect

from tests.browser.served import PRAIRIE, Opener, Portal

MANY = """(() => {
  const at = (number) => new Date(Date.UTC(2026, 1, 1) + (100 - number) * 3600e3).toISOString();
  const copies = (name, row, more) => Array.from(
    {length: 25}, (_, number) => ({...row, id: `${name}-${number}`, ...more(number)}),
  );
  const {sections} = window.portal.world.portals.GC070000000101;
  const rows = (name) => sections[name].rows;
  sections.messages.rows = copies(
    'messages', rows('messages')[0], (n) => ({title: `Message ${n}`, sentAt: at(n)}),
  );
  sections.issues.rows = copies(
    'issues', rows('issues')[0], (n) => ({number: `TG-${n}`, openedAt: at(n)}),
  );
  sections.notices.rows = copies(
    'notices', rows('notices')[1], (n) => ({title: `Notice ${n}`, startsAt: at(n)}),
  );
  sections.documents.rows = copies(
    'documents', rows('documents')[0], (n) => ({title: `Document ${n}`}),
  );
  sections.requests.rows = copies(
    'requests', rows('requests')[0],
    (n) => ({reference: `GX-${n}`, number: `CR-${n}`, submittedAt: at(n)}),
  );
  sections.onboarding.rows = copies('onboarding', rows('onboarding')[0], () => ({active: false}));
  window.portal.world.pages = {
    messages: 10, issues: 10, notices: 10, documents: 10, requests: 10, onboarding: 10,
  };
})()"""
SHOWN = {
    "messages": ".messages > li",
    "issues": "details.issue",
    "notices": "details.notice",
    "documents": ".document",
    "requests": ".request",
    "onboarding": ".past details.card",
}


def opened(open_portal: Opener, section: str) -> Portal:
    portal = open_portal(section=section)
    portal.page.evaluate(f"window.portal.change(() => {MANY})")
    portal.ring()
    return portal


@pytest.mark.parametrize("section", SHOWN)
def test_list_that_goes_on_says_so_and_loads_the_rest(open_portal: Opener, section: str) -> None:
    portal = opened(open_portal, section)
    rows = portal.find(SHOWN[section])
    expect(rows).to_have_count(10)
    expect(portal.find(".more")).to_contain_text("Only the newest 10 are loaded. There are more.")

    portal.button("Load the rest").click()

    expect(rows).to_have_count(25)
    expect(portal.find(".hint", "These are all 25.")).to_be_focused()
    expect(portal.button("Load the rest")).to_have_count(0)
    assert portal.said() == "15 more are shown."
    assert portal.calls("getMore") == [
        [PRAIRIE, section, f"{section}-9", "en"],
        [PRAIRIE, section, f"{section}-19", "en"],
    ]


def test_rest_of_a_long_list_is_loaded_ten_pages_at_a_time(open_portal: Opener) -> None:
    portal = opened(open_portal, "messages")
    portal.page.evaluate("window.portal.change((_, world) => { world.pages.messages = 2; })")
    portal.change("rows.messages[0].title = 'Short pages'")
    expect(portal.find(".messages > li")).to_have_count(2)

    portal.button("Load the rest").click()

    expect(portal.find(".more")).to_contain_text("Only the newest 22 are loaded.")
    expect(portal.button("Load the rest")).to_be_focused()
    assert len(portal.calls("getMore")) == 10


def test_counts_of_lists_that_go_on_say_that_they_are_a_least(open_portal: Opener) -> None:
    portal = opened(open_portal, "overview")

    assert portal.find(".tile-count").all_inner_texts() == ["10+", "10+", "10+", "4"]


def test_list_on_one_page_says_nothing_of_more(open_portal: Opener) -> None:
    portal = open_portal(section="messages")

    expect(portal.find(".messages > li")).to_have_count(3)
    expect(portal.find(".more")).to_have_count(0)


def test_more_that_cannot_be_had_says_so_and_can_be_asked_for_again(open_portal: Opener) -> None:
    portal = opened(open_portal, "messages")
    portal.fail("getMore")
    portal.button("Load the rest").click()
    expect(portal.find(".more .outcome")).to_contain_text(
        "The service did not answer. Please try again in a moment."
    )
    expect(portal.find(".messages > li")).to_have_count(10)

    portal.fail("getMore", None)
    portal.button("Load the rest").click()

    expect(portal.find(".messages > li")).to_have_count(25)
    expect(portal.find(".more .outcome")).to_have_count(0)


def test_row_that_comes_after_the_rest_was_loaded_pushes_none_out_of_the_list(
    open_portal: Opener,
) -> None:
    portal = opened(open_portal, "messages")
    portal.button("Load the rest").click()
    expect(portal.find(".messages > li")).to_have_count(25)

    portal.change(
        "rows.messages.unshift({...rows.messages[0], id: 'fresh', title: 'Fresh',"
        " sentAt: '2026-03-13T08:00:00Z'})"
    )

    expect(portal.find(".messages > li").first).to_contain_text("Fresh")
    expect(portal.find(".list-range")).to_have_text("1 to 25 of 26")
    titles = portal.find(".messages h4").all_inner_texts()
    assert titles == ["Fresh", *(f"Message {number}" for number in range(24))]


def test_row_that_is_taken_away_behind_the_first_page_goes_with_the_next_change(
    open_portal: Opener,
) -> None:
    portal = opened(open_portal, "documents")
    portal.button("Load the rest").click()
    expect(portal.find(".document", "Document 15")).to_have_count(1)

    portal.change("rows.documents.splice(15, 1); rows.documents[0].changeNote = 'New'")

    expect(portal.find(".document", "Document 15")).to_have_count(0)
    expect(portal.find(".document")).to_have_count(24)


def test_pages_that_cannot_be_read_anew_go_rather_than_stay_wrong(open_portal: Opener) -> None:
    portal = opened(open_portal, "documents")
    portal.button("Load the rest").click()
    expect(portal.find(".document")).to_have_count(25)
    portal.fail("getMore")

    portal.change("rows.documents.splice(15, 1); rows.documents[0].changeNote = 'New'")

    expect(portal.find(".document")).to_have_count(10)
    expect(portal.button("Load the rest")).to_have_count(1)


LATE = """() => {
  const {functions} = window.portal;
  const read = functions.getMore;
  window.late = [];
  functions.getMore = async (...args) => {
    const rows = await read(...args);
    await new Promise((arrive) => window.late.push(arrive));
    return rows;
  };
}"""
"""Script that lets the rows of further pages arrive late, when ``arrive`` is called."""


def arrive(portal: Portal, pages: int) -> None:
    """Let pages arrive in the order in which they were asked for, the next of them included."""
    for _ in range(pages):
        portal.page.evaluate("window.late.shift()?.()")
        portal.settle()


def test_change_behind_the_first_page_is_shown_though_these_pages_are_being_read_again(
    open_portal: Opener,
) -> None:
    portal = opened(open_portal, "requests")
    portal.button("Load the rest").click()
    expect(portal.find(".request")).to_have_count(25)
    portal.page.evaluate(LATE)

    portal.change("rows.requests[0].title = 'One'")
    portal.change("rows.requests[12].title = 'Two'")
    arrive(portal, 8)

    expect(portal.find(".request", "Two")).to_have_count(1)
    expect(portal.find(".request")).to_have_count(25)


@pytest.mark.parametrize("loaded", [0, 1])
def test_change_behind_the_first_page_is_shown_though_more_is_being_loaded(
    open_portal: Opener, loaded: int
) -> None:
    portal = opened(open_portal, "requests")
    portal.page.evaluate(LATE)
    portal.button("Load the rest").click()
    arrive(portal, loaded)
    expect(portal.find(".request")).to_have_count(10 + 10 * loaded)

    portal.change("rows.requests[12].title = 'Two'")
    arrive(portal, 8)

    expect(portal.find(".request", "Two")).to_have_count(1)
    expect(portal.find(".request")).to_have_count(25)


def test_further_pages_are_in_the_language_that_the_reader_changes_to(open_portal: Opener) -> None:
    portal = opened(open_portal, "messages")
    portal.button("Load the rest").click()
    expect(portal.find(".messages > li")).to_have_count(25)

    portal.page.evaluate(
        "window.portal.change((portals) => portals.GC070000000101.sections.messages.rows"
        ".forEach((row) => { row.title = `Nachricht ${row.id}` }))"
    )
    portal.page.evaluate("window.portal.element.setAttribute('locale', 'de')")

    expect(portal.find(".messages h4", "Nachricht messages-15")).to_have_count(1)
    assert portal.calls("getMore")[-1][-1] == "de"
    expect(portal.find(".messages > li")).to_have_count(25)


def test_more_of_one_partner_is_never_shown_with_another(open_portal: Opener) -> None:
    portal = opened(open_portal, "messages")
    portal.hold("getMore")
    portal.button("Load the rest").click()
    portal.element.get_by_label("Showing").select_option(label="Baltic Home Textiles OÜ")
    expect(portal.find(".head h2")).to_have_text("Baltic Home Textiles OÜ")

    portal.release("getMore")
    portal.settle()
    portal.page.evaluate("window.portal.ring({own: {status: 1}, everybody: {}})")
    portal.advance()

    expect(portal.find(".messages > li")).to_have_count(0)
    expect(portal.element).to_contain_text("No messages yet")


def test_rows_say_how_much_of_a_list_they_have_no_room_for(open_portal: Opener) -> None:
    portal = open_portal()
    portal.change("""
      Object.assign(rows.status[0], {
        moreNextSteps: 2, moreDocumentRequests: 1, moreCurrentSteps: 3,
      });
      Object.assign(rows.issues[0], {earlierComments: 7, moreAffected: 4});
      rows.issues[0].comments[0].shortened = true;
      Object.assign(rows.notices[1], {
        earlierEntries: 5, moreComponents: 8, moreTransactionTypes: 12,
      });
      rows.notices[1].entries[0].shortened = true;
      rows.documents[0].earlierVersions = 9;
      rows.onboarding[0].moreSteps = 6;
    """)

    expect(portal.element).to_contain_text("and 2 more, which show once some of these are done")
    expect(portal.element).to_contain_text("and 1 more document")
    expect(portal.element).to_contain_text("and 3 more")
    portal.go("Issues")
    issue = portal.find("details.issue").first
    expect(issue.locator(".timeline")).to_contain_text("7 earlier comments are not shown here.")
    expect(issue.locator(".timeline")).to_contain_text(
        "This text is longer than what is shown here."
    )
    expect(issue).to_contain_text("and 4 more documents")
    portal.go("Notices")
    notice = portal.find("details.notice", "Delayed delivery")
    expect(notice).to_contain_text("5 earlier entries are not shown here.")
    expect(notice).to_contain_text("and 8 more services")
    expect(notice).to_contain_text("and 12 more documents")
    expect(notice).to_contain_text("This text is longer than what is shown here.")
    portal.go("Documents")
    guide = portal.find(".document", "2026 Routing Guide")
    expect(guide).to_contain_text("11 earlier versions")
    guide.get_by_text("11 earlier versions").click()
    expect(guide).to_contain_text("9 still earlier versions are not listed.")
    portal.go("Onboarding")
    expect(portal.find(".steps")).to_contain_text("6 more steps are not listed here.")


def test_member_of_more_partners_than_can_be_listed_is_told_so(open_portal: Opener) -> None:
    portal = open_portal(world="many-partners")

    expect(portal.find(".head")).to_contain_text(
        "Your account acts for more companies than these 2."
    )
