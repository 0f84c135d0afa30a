"""What is new for the member: marks of rows, counts, the list in the header, and what is sent."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from ops.waiting import wait_for
from tests.browser.served import BALTIC, PRAIRIE, SIGHT, Opener, Portal
from tests.browser.test_portal_accessibility import picture, too_small, violations

MINUTE = 60_000
SECTIONS = ["issues", "notices", "documents", "requests", "messages"]

LOOKS: dict[str, tuple[int, dict[str, Any]]] = {
    "wide": (1280, {"locale": "en"}),
    "narrow-german-dark": (390, {"locale": "de", "theme": "dark"}),
    "wide-spanish-dark": (1280, {"locale": "es", "theme": "dark"}),
    "narrow-french": (390, {"locale": "fr"}),
    "narrow-right-to-left": (320, {"locale": "ar"}),
}

AGREEMENT = """async () => {
  const element = await import('/portal/element/read-marks.js');
  const backend = await import('/portal/backend/marks.js');
  const times = [
    '2026-03-12T09:00:00.000Z', '2026-03-12T09:00:01.000Z', '2026-03-13T00:00:00.000Z',
  ];
  const marks = [null, ...times].flatMap(upTo =>
    [{}, ...times.map(time => ({a: time})), {b: times[2]}].map(ids => ({upTo, ids})));
  const cases = marks.flatMap(mark => times.map(at => [mark, 'a', at]));
  return cases.map(one => [element.isRead(...one), backend.isRead(...one)]);
}"""


def marks(portal: Portal) -> Locator:
    return portal.find(".new-mark")


def bell(portal: Portal) -> Locator:
    return portal.find("[data-focus=bell]")


def news(portal: Portal) -> Locator:
    return portal.element.get_by_role("group", name="What is new")


def sent(portal: Portal) -> list[Any]:
    """Return the marks of each call."""
    return [marks for _, marks in portal.calls("markRead")]


def play_until(portal: Portal, done: Callable[[], bool]) -> None:
    """Let the page's clock go on until something has come about.

    The browser tells of what is on the screen when it renders, whatever the page's clock says.
    """

    def step() -> bool:
        portal.advance(500)
        return done()

    wait_for(step, "the page", standstill=20)


def read_all_on_screen(portal: Portal, left: int) -> None:
    play_until(portal, lambda: marks(portal).count() == left)


def test_element_and_backend_agree_on_what_is_read(open_portal: Opener) -> None:
    portal = open_portal(world="empty")

    found = portal.page.evaluate(AGREEMENT)

    assert {tuple(one) for one in found} == {(True, True), (False, False)}
    assert len(found) == 60


@pytest.mark.parametrize(
    ("section", "row", "changed"),
    [
        ("issues", {"updatedAt": "2026-03-13T09:01:00+01:00"}, "2026-03-13T08:01:00.000Z"),
        ("notices", {"updatedAt": "2026-03-13T08:01:00Z"}, "2026-03-13T08:01:00.000Z"),
        ("documents", {}, None),
        ("documents", {"updatedAt": "soon"}, None),
        ("messages", {"sentAt": "2026-03-01T09:00:00Z"}, "2026-03-01T09:00:00.000Z"),
        ("requests", {"kind": "request", "status": "triaged", "submittedAt": "2026-03-01"}, None),
        ("requests", {"kind": "case_comment", "status": "done", "submittedAt": "2026-03-01"}, None),
        ("requests", {"kind": "request", "status": "new", "changedAt": "2026-03-01"}, None),
        (
            "requests",
            {
                "kind": "request",
                "status": "awaiting_partner",
                "changedAt": "2026-03-02T01:00:00+02:00",
                "comments": [{"author": "hub", "createdAt": "2026-03-01T22:30:00Z"}],
            },
            "2026-03-01T23:00:00.000Z",
        ),
        (
            "requests",
            {"kind": "step_submission", "status": "not_possible", "submittedAt": "2026-03-01"},
            "2026-03-01T00:00:00.000Z",
        ),
        (
            "requests",
            {
                "kind": "request",
                "status": "triaged",
                "submittedAt": "2026-03-01T00:00:00Z",
                "comments": [
                    {"author": "hub", "createdAt": "2026-03-03T00:00:00Z"},
                    {"author": "hub", "createdAt": "2026-03-02T00:00:00Z"},
                    {"author": "partner", "createdAt": "2026-03-04T00:00:00Z"},
                ],
            },
            "2026-03-03T00:00:00.000Z",
        ),
    ],
)
def test_row_is_new_since_it_last_changed_for_its_reader(
    open_portal: Opener, section: str, row: dict[str, Any], changed: str | None
) -> None:
    portal = open_portal(world="empty")

    found = portal.page.evaluate(
        "async ([section, row]) =>"
        " (await import('/portal/element/read-marks.js')).changedAt(section, row)",
        [section, row],
    )

    assert found == changed


def test_new_rows_are_marked_and_counted(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, section="messages")

    expect(marks(portal)).to_have_count(3)
    expect(portal.find(".message .new-mark").first).to_have_text("New")
    navigation = portal.element.get_by_role("navigation")
    expect(navigation.get_by_role("button", name="Messages 3 new")).to_be_visible()
    expect(navigation.get_by_role("button", name="Notices 1 active 3 new")).to_be_visible()
    expect(bell(portal)).to_have_accessible_name("What is new: 6 entries")
    expect(bell(portal)).to_have_text("6")


def test_what_is_old_is_not_new_to_a_new_member(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, section="messages")

    portal.change(
        "rows.messages[0].sentAt = '2026-02-11T08:00:00Z';"
        " rows.messages[1].sentAt = '2026-03-14T08:00:00Z'"
    )

    expect(portal.find(".message .new-mark")).to_have_count(1)


def test_without_marks_of_the_backend_nothing_is_new_until_they_can_be_read(
    open_portal: Opener,
) -> None:
    portal = open_portal(
        world="new-member",
        still=True,
        section="messages",
        before="window.failFirst = 'getReadMarks'",
    )
    expect(marks(portal)).to_have_count(0)
    bell(portal).click()
    expect(news(portal)).to_contain_text("We could not look for everything that is new.")

    portal.fail("getReadMarks", None)
    portal.button("Try again").click()

    expect(marks(portal)).to_have_count(3)
    expect(bell(portal)).to_be_focused()


def test_unfolded_row_is_read_after_a_while_and_a_folded_one_is_not(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, section="issues")
    portal.page.set_viewport_size({"width": 1280, "height": 3000})
    folded = portal.find("details.issue", "TG-2026-004698")

    read_all_on_screen(portal, 2)
    expect(portal.find("details.issue", "TG-2026-004711").locator(".new-mark")).to_have_count(0)
    portal.advance(5_000)
    expect(folded.locator(".new-mark")).to_have_count(1)
    expect(portal.element.get_by_role("button", name="Issues 2 open 2 new")).to_be_visible()
    folded.locator("> summary").click()
    play_until(portal, lambda: folded.locator(".new-mark").count() == 0)

    expect(portal.element.get_by_role("button", name="Issues 2 open 1 new")).to_be_visible()


def test_row_that_is_folded_again_at_once_is_not_read(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, section="issues")
    portal.page.set_viewport_size({"width": 1280, "height": 3000})
    folded = portal.find("details.issue", "TG-2026-004698")
    folded.locator("> summary").click()
    folded.locator("> summary").click()

    read_all_on_screen(portal, 2)
    portal.advance(5_000)

    expect(folded.locator(".new-mark")).to_have_count(1)


def test_row_beyond_the_screen_is_not_read_before_it_is_seen(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, section="messages", width=390)
    portal.page.set_viewport_size({"width": 390, "height": 500})
    last = portal.find(".message").last.locator(".new-mark")

    play_until(portal, lambda: marks(portal).count() < 3)
    portal.advance(5_000)
    expect(last).to_have_count(1)
    last.scroll_into_view_if_needed()

    read_all_on_screen(portal, 0)


def test_hidden_page_reads_no_row(open_portal: Opener) -> None:
    portal = open_portal(
        world="new-member", still=True, section="messages", before=f"{SIGHT}; sight = 'hidden'"
    )

    portal.advance(30_000)
    expect(marks(portal)).to_have_count(3)
    portal.see("visible")
    portal.see("hidden")
    portal.advance(30_000)
    expect(marks(portal)).to_have_count(3)
    portal.see("visible")

    read_all_on_screen(portal, 0)


def test_row_that_changes_after_it_was_read_is_new_again(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, section="messages")
    read_all_on_screen(portal, 0)

    portal.change("rows.messages[2].sentAt = '2026-03-13T08:01:30Z'")

    expect(portal.find(".message").first.locator(".new-mark")).to_have_text("New")


def test_what_was_read_in_several_sections_is_sent_in_one_call_after_minutes(
    open_portal: Opener,
) -> None:
    portal = open_portal(
        world="new-member", still=True, section="messages", before="Math.random = () => 1"
    )
    read_all_on_screen(portal, 0)
    portal.go("Requests")
    marks(portal).scroll_into_view_if_needed()
    read_all_on_screen(portal, 0)
    portal.advance(MINUTE)
    assert sent(portal) == []

    portal.advance(3 * MINUTE)
    portal.advance(10 * MINUTE)

    assert sent(portal) == [
        {
            "messages": {
                "upTo": None,
                "ids": {
                    "dsp_0187": "2026-03-12T14:05:40.000Z",
                    "dsp_0171": "2026-03-13T07:00:00.000Z",
                    "dsp_0102": "2026-03-01T09:00:00.000Z",
                },
            },
            "requests": {"upTo": None, "ids": {"GX-1A1A-10ZZ": "2026-03-02T10:00:00.000Z"}},
        }
    ]


def test_page_that_is_left_sends_what_was_read_but_not_more_than_once_a_minute(
    open_portal: Opener,
) -> None:
    portal = open_portal(world="new-member", still=True, section="messages", before=SIGHT)
    read_all_on_screen(portal, 0)

    portal.see("hidden")
    assert len(sent(portal)) == 1
    for number in range(10):
        portal.see("visible")
        portal.change(f"rows.messages[0].sentAt = '2026-03-13T08:02:{10 + number}Z'")
        expect(marks(portal)).to_have_count(1)
        read_all_on_screen(portal, 0)
        portal.see("hidden")

    # Ten times about three seconds.
    assert len(sent(portal)) == 1
    portal.advance(MINUTE)
    portal.see("visible")
    portal.see("hidden")
    assert len(sent(portal)) == 2


def test_marks_that_could_not_be_sent_are_sent_later_ever_more_rarely(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, section="messages")
    read_all_on_screen(portal, 0)
    portal.fail("markRead")

    portal.advance(60 * MINUTE)

    assert 6 <= len(sent(portal)) <= 10
    expect(marks(portal)).to_have_count(0)
    bell(portal).click()
    expect(news(portal)).to_contain_text("What you have read could not be saved yet.")
    portal.fail("markRead", None)
    portal.advance(12 * MINUTE)
    expect(news(portal)).not_to_contain_text("could not be saved yet")
    before = len(sent(portal))
    assert set(sent(portal)[-1]["messages"]["ids"]) == {"dsp_0187", "dsp_0171", "dsp_0102"}
    portal.advance(30 * MINUTE)
    assert len(sent(portal)) == before


def test_marks_that_the_backend_refuses_are_not_sent_again(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, section="messages")
    read_all_on_screen(portal, 0)
    portal.fail("markRead", "invalid")

    portal.advance(30 * MINUTE)

    assert len(sent(portal)) == 1


def test_page_that_is_shown_again_agrees_with_another_device(open_portal: Opener) -> None:
    portal = open_portal(
        world="new-member", still=True, section="documents", before=SIGHT, width=320
    )
    expect(bell(portal)).to_have_text("7")
    portal.see("hidden")
    portal.page.evaluate(
        "window.portal.world.marks.GC070000000101 ="
        " {notices: {upTo: '2026-03-13T08:01:00.000Z', ids: {}}}"
    )

    portal.see("visible")
    assert len(portal.calls("getReadMarks")) == 1
    portal.see("hidden")
    portal.advance(6 * MINUTE)
    assert len(portal.calls("getReadMarks")) == 1
    portal.see("visible")

    expect(
        portal.element.get_by_role("button", name="Notices 1 active", exact=True)
    ).to_be_visible()
    assert len(portal.calls("getReadMarks")) == 2


def test_idle_page_asks_for_no_marks_and_sends_none(open_portal: Opener) -> None:
    portal = open_portal(section="messages")

    for _ in range(6):
        portal.advance(10 * MINUTE)

    assert portal.calls("getReadMarks") == [[PRAIRIE]]
    assert sent(portal) == []


def test_marks_of_a_partner_that_is_no_longer_shown_are_sent(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, section="messages")
    read_all_on_screen(portal, 0)

    portal.find("#switch").select_option(BALTIC)
    expect(portal.find("h2")).to_have_text("Baltic Home Textiles OÜ")
    portal.advance(5 * MINUTE)

    assert [partner for partner, _ in portal.calls("markRead")] == [PRAIRIE]
    assert portal.calls("getReadMarks") == [[PRAIRIE], [BALTIC]]


def test_bell_lists_the_newest_rows_with_links_and_reads_what_it_lacks_once(
    open_portal: Opener,
) -> None:
    portal = open_portal(world="new-member", still=True, section="messages")
    expect(bell(portal)).to_have_attribute("aria-expanded", "false")

    bell(portal).click()

    expect(bell(portal)).to_have_attribute("aria-expanded", "true")
    expect(news(portal).get_by_role("listitem")).to_have_count(8)
    expect(news(portal)).to_contain_text("and 6 more")
    assert [names for _, names, _ in portal.calls("getSections")] == [
        ["issues", "documents", "requests"]
    ]
    bell(portal).click()
    expect(news(portal)).to_have_count(0)
    bell(portal).click()
    assert len(portal.calls("getSections")) == 1
    news(portal).get_by_role("button", name="856 rejected for PO 4500187734").click()
    expect(portal.find("h3")).to_have_text("Issues")
    expect(portal.find("details.issue", "TG-2026-004711").locator("> summary")).to_be_focused()
    expect(portal.element).to_have_attribute("section", "issues.case_01JA3B")
    expect(news(portal)).to_have_count(0)


def test_all_is_marked_as_read_in_one_call_at_once(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True)
    bell(portal).click()

    portal.button("Mark all as read").click()
    portal.advance()

    expect(bell(portal)).to_have_accessible_name("What is new")
    expect(bell(portal)).to_be_focused()
    expect(portal.find(".new-count")).to_have_count(0)
    expect(news(portal)).to_contain_text("Nothing new.")
    assert portal.said() == "All entries are marked as read."
    assert sent(portal) == [
        {
            "issues": {"upTo": "2026-03-13T08:01:00.000Z", "ids": {}},
            "notices": {"upTo": "2026-03-13T08:01:00.000Z", "ids": {}},
            "documents": {"upTo": "2026-03-13T08:01:00.000Z", "ids": {}},
            "requests": {"upTo": "2026-03-02T10:00:00.000Z", "ids": {}},
            "messages": {"upTo": "2026-03-13T07:00:00.000Z", "ids": {}},
        }
    ]


def test_escape_and_navigation_close_the_list(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True)
    bell(portal).click()
    portal.page.keyboard.press("Tab")
    expect(portal.button("Mark all as read")).to_be_focused()

    portal.page.keyboard.press("Escape")

    expect(news(portal)).to_have_count(0)
    expect(bell(portal)).to_be_focused()
    portal.page.keyboard.press("Enter")
    expect(news(portal)).to_be_visible()
    portal.go("Issues")
    expect(news(portal)).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
def test_count_of_what_the_list_leaves_out_stays_in_sight(open_portal: Opener, width: int) -> None:
    portal = open_portal(world="new-member", still=True, width=width)
    bell(portal).click()
    panel, more = news(portal).bounding_box(), news(portal).get_by_text("and 6 more").bounding_box()

    assert panel
    assert more
    assert more["y"] + more["height"] < panel["y"] + panel["height"]
    news(portal).get_by_role("listitem").last.get_by_role("button").focus()
    expect(portal.button("Mark all as read")).to_be_in_viewport()


def test_list_closes_when_the_focus_or_a_click_goes_elsewhere(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, width=390)
    bell(portal).click()
    news(portal).get_by_role("listitem").last.get_by_role("button").focus()

    portal.page.keyboard.press("Tab")
    expect(news(portal)).to_be_visible()
    portal.page.keyboard.press("Tab")

    expect(news(portal)).to_have_count(0)
    expect(portal.find("#switch")).to_be_focused()
    bell(portal).click()
    portal.find(".news-title").click()
    expect(news(portal)).to_be_visible()
    portal.find(".monogram").click()
    expect(news(portal)).to_have_count(0)


def test_list_says_that_it_is_empty_loading_or_incomplete(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding")
    portal.hold("getSections")

    bell(portal).click()

    expect(news(portal)).to_contain_text("Looking for what is new…")
    expect(news(portal)).not_to_contain_text("Nothing new")
    portal.fail("getSections")
    portal.release("getSections")
    expect(news(portal)).to_contain_text("We could not look for everything that is new.")
    expect(news(portal)).not_to_contain_text("Nothing new")
    portal.fail("getSections", None)
    portal.button("Try again").click()
    expect(news(portal)).to_contain_text("Nothing new. You have read everything")


def test_each_new_row_is_said_once(open_portal: Opener) -> None:
    portal = open_portal(world="new-member", still=True, section="messages")
    portal.settle()
    assert portal.said() == "6 entries are new."
    portal.advance(7_000)
    assert portal.said() == ""

    portal.change("rows.notices[0].updatedAt = '2026-03-13T08:01:30Z'")
    assert portal.said() == "Updated: Notices. 1 entry is new."
    portal.advance(7_000)
    portal.change("rows.notices[0].title = 'The same time'")

    assert portal.said() == "Updated: Notices."


@pytest.mark.parametrize("look", LOOKS)
def test_marks_and_list_have_no_violation_and_fit_their_screen(
    open_portal: Opener, look: str
) -> None:
    width, query = LOOKS[look]
    portal = open_portal(width=width, world="new-member", still=True, section="issues", **query)
    expect(marks(portal)).to_have_count(3)
    bell(portal).click()
    expect(portal.find(".news-list > li")).to_have_count(8)
    picture(portal, f"news-{look}")

    assert violations(portal) == []
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width
    assert too_small(portal) == []


@pytest.mark.parametrize("look", ["wide", "narrow-german-dark"])
def test_list_without_rows_has_no_violation(open_portal: Opener, look: str) -> None:
    width, query = LOOKS[look]
    portal = open_portal(width=width, section="onboarding", **query)
    portal.fail("getSections")
    bell(portal).click()
    expect(portal.find(".news .callout")).to_be_visible()
    assert violations(portal) == []

    portal.fail("getSections", None)
    portal.find(".news .link").click()
    expect(portal.find(".news .callout")).to_have_count(0)
    picture(portal, f"news-empty-{look}")

    assert violations(portal) == []
