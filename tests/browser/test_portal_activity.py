"""The view Activity: its chart, its tables, its states; and the trends on the overview."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.served import Opener, Portal
from tests.browser.test_portal_accessibility import LOOKS, too_small, violations

SENT, GOOD, BAD = "Sent", "Without a problem", "With a problem"


def table(portal: Portal, name: str) -> list[list[str]]:
    """Return the texts of a table's cells by row."""
    rows = portal.element.get_by_role("table", name=name).locator("tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def numbers(cells: list[str]) -> list[int]:
    return [int(cell.replace(",", "")) for cell in cells]


def tile(portal: Portal, word: str) -> Locator:
    return portal.find(".tile", word)


def heights(portal: Portal) -> list[float]:
    """Return the height of each day's bar in the chart, in units of its view box."""
    found: list[float] = portal.page.evaluate("""() => {
      const sums = Array(30).fill(0);
      for (const bar of window.portal.element.shadowRoot.querySelectorAll('.volume rect')) {
        sums[Math.floor(bar.getAttribute('x') / 10)] += Number(bar.getAttribute('height'));
      }
      return sums;
    }""")
    return found


def test_table_has_each_type_by_direction_and_every_sum_agrees(open_portal: Opener) -> None:
    portal = open_portal(section="activity")

    head, *rows = table(portal, "Documents by type, 30 days")

    assert head == [
        *("Document", "Sent", "Delivered", "Acknowledged", "Rejected", "Late", "Failed"),
        "On the way",
    ]
    assert [row[0] for row in rows] == [
        *("from you to us", "856 ship notice", "810 invoice"),
        *("from us to you", "850 purchase order", "All documents"),
    ]
    lines = [numbers(row[1:]) for row in rows if len(row) > 1]
    assert [sent for sent, *states in lines if sent != sum(states)] == []
    assert [sum(column) for column in zip(*lines[:-1], strict=True)] == lines[-1]


def test_chart_table_of_days_and_sentences_have_the_same_numbers(open_portal: Opener) -> None:
    portal = open_portal(section="activity")
    *_, (_, sent, _, _, *problems, _) = table(portal, "Documents by type, 30 days")

    portal.find("summary", "The numbers of each day").click()
    head, *days = table(portal, "12 Feb 2026 to 13 Mar 2026, days in UTC")

    assert head == ["Day (UTC)", SENT, BAD]
    assert [days[0][0], days[-1][0], len(days)] == ["13 Mar 2026", "12 Feb 2026", 30]
    by_day = [numbers(day[1:]) for day in reversed(days)]
    assert sum(day[0] for day in by_day) == int(sent) == 298
    assert sum(day[1] for day in by_day) == sum(numbers(problems)) == 5
    highest = max(day[0] for day in by_day)
    assert heights(portal) == pytest.approx([day[0] / highest * 100 for day in by_day], abs=0.02)
    expect(portal.find(".bars-most")).to_have_text(str(highest))


def test_chart_is_said_aloud_with_its_trend(open_portal: Opener) -> None:
    portal = open_portal(section="activity")

    chart = portal.element.get_by_role("img")

    expect(chart).to_have_accessible_name(
        "298 documents in 30 days. 5 have a problem: rejected, failed, or the acknowledgment is"
        " late. Trend: 70 in the last 7 full days, more than in the 7 days before (69)."
    )


def test_reader_chooses_a_type_for_the_chart_by_keyboard(open_portal: Opener) -> None:
    portal = open_portal(section="activity")
    choice = portal.element.get_by_label("Show", exact=True)

    choice.focus()
    portal.page.keyboard.type("850")

    expect(choice).to_have_value("outbound/850")
    expect(choice).to_be_focused()
    expect(portal.element.get_by_role("img")).to_have_accessible_name(
        "105 documents in 30 days. None has a problem."
        " Trend: 24 in the last 7 full days, fewer than in the 7 days before (25)."
    )
    expect(portal.find(".volume .bar.marked")).to_have_count(0)
    portal.change("rows.activity[0].lines = rows.activity[0].lines.slice(0, 1)")
    expect(portal.find("figcaption")).to_contain_text("150 documents in 30 days.")
    expect(portal.find(".volume select")).to_have_count(0)


@pytest.mark.parametrize(
    ("recent", "before", "said"),
    [
        (1, 2, "Trend: 7 in the last 7 full days, fewer than in the 7 days before (14)."),
        (2, 2, "Trend: 14 in the last 7 full days, as many as in the 7 days before."),
        (3, 2, "Trend: 21 in the last 7 full days, more than in the 7 days before (14)."),
    ],
)
def test_trend_compares_full_days_and_leaves_today_out(
    open_portal: Opener, recent: int, before: int, said: str
) -> None:
    portal = open_portal(section="activity")

    portal.change(f"""const [row] = rows.activity;
      const daily = row.days.map((day, place) =>
        place === 29 ? 500 : place > 21 ? {recent} : place > 14 ? {before} : 9);
      const total = daily.reduce((all, one) => all + one);
      row.lines = [{{...row.lines[1], daily, failedDaily: daily.map(() => 0), total}}]""")

    expect(portal.find("figcaption")).to_contain_text(said)


def test_document_with_a_problem_leads_to_its_issue(open_portal: Opener) -> None:
    portal = open_portal(section="activity")
    first, second, third = portal.find(".todo li").all()

    expect(first).to_contain_text("856 ship notice")
    expect(first.locator(".chip")).to_have_text("Rejected")
    expect(second).to_contain_text("No issue yet")
    expect(third).to_contain_text("Document without a type")
    expect(portal.find(".card", "2 earlier ones are not listed here.")).to_have_count(1)
    first.get_by_role("button", name="Show the issue 856 ship notice SHP-0093321").click()

    expect(portal.element).to_have_attribute("section", "issues.case_01JA3B")
    expect(portal.find("details.issue[open] summary").first).to_be_focused()


def test_numbers_that_are_days_old_are_marked(open_portal: Opener) -> None:
    portal = open_portal(section="activity")
    expect(portal.find(".callout")).to_have_count(0)

    portal.change("rows.activity[0].until = '2026-03-11'")

    expect(portal.find(".content .callout")).to_have_text(
        "The documents are counted up to 11 Mar 2026 only. We are looking into it."
    )


def test_partner_without_a_document_is_told_so_and_has_no_tile(open_portal: Opener) -> None:
    portal = open_portal(section="activity")

    portal.change("rows.activity.length = 0")

    expect(portal.find(".empty-title")).to_have_text("No documents in the last 30 days")
    expect(portal.element.get_by_role("table")).to_have_count(0)
    portal.go("Overview")
    expect(portal.find(".tile")).to_have_count(3)


def test_activity_that_cannot_be_read_says_so_and_is_read_again(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.fail("getSections")
    portal.hold("getSections")

    portal.go("Activity")
    expect(portal.find(".content .skeleton").first).to_be_attached()
    portal.release("getSections")
    expect(portal.find("[role=alert]")).to_contain_text("This section could not be loaded")
    portal.fail("getSections", None)
    portal.button("Try again").click()

    expect(portal.element.get_by_role("img")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_states_of_the_activity_have_no_violation(open_portal: Opener, look: str) -> None:
    width, query = LOOKS[look]
    portal = open_portal(width=width, section="activity", **query)

    for change in (
        "rows.activity[0].until = '2026-03-01'",
        "rows.activity[0].lines.length = 1; rows.activity[0].failures.length = 0",
        "rows.activity.length = 0",
    ):
        portal.change(change)

        assert violations(portal) == []
        assert portal.page.evaluate("document.documentElement.scrollWidth") <= width
        assert too_small(portal) == []


def test_row_of_another_release_is_shown_as_far_as_it_is_known(open_portal: Opener) -> None:
    portal = open_portal(section="activity")

    portal.change("""const line = {documentType: 'XYZ', direction: 'sideways', total: 3};
      rows.activity[0].lines = [{...line, acknowledged: 2, quarantined: 1, daily: [1]}];
      delete rows.activity[0].failures""")

    *_, last = table(portal, "Documents by type, 30 days")
    assert last[:4] == ["All documents", "3", "0", "2"]
    expect(portal.find(".rows-of")).to_have_text("sideways")
    expect(portal.element.get_by_role("rowheader", name="XYZ")).to_be_visible()


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es", "ar"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_wide_table_scrolls_in_its_own_region_by_keyboard(
    open_portal: Opener, locale: str, theme: str
) -> None:
    portal = open_portal(section="activity", locale=locale, theme=theme, width=390)
    region = portal.find(".wide")

    region.focus()

    expect(region).to_have_role("region")
    # Not each browser lets the keyboard scroll a region on its own.
    expect(region).to_have_attribute("tabindex", "0")
    assert region.evaluate("one => one.scrollWidth > one.clientWidth")
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert region.evaluate("one => getComputedStyle(one).outlineStyle") != "none"


def test_chart_of_a_right_to_left_page_runs_the_other_way(open_portal: Opener) -> None:
    portal = open_portal(section="activity", locale="ar")

    first, last = (portal.find(".volume rect").nth(place).bounding_box() for place in (0, -1))
    begin, end = (portal.find(".bars-days span").nth(place).bounding_box() for place in (0, 1))

    assert first and last and begin and end
    assert first["x"] > last["x"]
    assert begin["x"] > end["x"]


def test_chart_and_tables_need_no_inline_style(open_portal: Opener) -> None:
    portal = open_portal(section="activity", csp="strict")

    expect(portal.find(".volume .bar").first).to_have_css("fill", "rgb(31, 79, 209)")
    expect(portal.find(".volume .bar.marked").first).to_have_css("fill", "rgb(165, 29, 29)")


def test_overview_has_the_problems_of_seven_days_and_the_days_to_go_live(
    open_portal: Opener,
) -> None:
    portal = open_portal()

    expect(tile(portal, "EDI documents with a problem")).to_contain_text("4")
    expect(tile(portal, "EDI documents with a problem")).to_contain_text("of 71 in the last 7 days")
    expect(portal.find(".standing .due")).to_have_text("Planned go-live 20 Apr 2026 (in 38 days)")
    tile(portal, "EDI documents with a problem").click()
    expect(portal.element).to_have_attribute("section", "activity")


def trend(portal: Portal) -> dict[str, Any] | None:
    """Return the trend of issues that the test sets as ``window.rows``, on 13 March, at noon."""
    found: dict[str, Any] | None = portal.page.evaluate(
        """import('/portal/element/issue-trend.js').then(({openIssueTrend}) =>
          openIssueTrend(window.section, Date.parse('2026-03-13T12:00:00Z'), 10))"""
    )
    return found


def test_trend_of_issues_counts_from_opening_to_closing(open_portal: Opener) -> None:
    portal = open_portal(world="empty")
    portal.page.evaluate("""() => {
      const day = number => `2026-03-${String(number).padStart(2, '0')}T00:00:00Z`;
      const open = openedAt => ({open: true, status: 'open', openedAt});
      const closed = (openedAt, updatedAt, ...history) =>
        ({open: false, status: 'closed', openedAt, updatedAt, history});
      window.section = {rows: [
        open('2026-01-01T00:00:00Z'),
        open(day(10)),
        closed(day(2), day(13), {status: 'closed', changedAt: day(8)}),
        closed(day(11), day(12)),
        closed(day(5), day(6), {status: 'open', changedAt: day(5)}),
        closed('2025-01-01T00:00:00Z', '2025-02-01T00:00:00Z'),
      ]};
    }""")

    found = trend(portal)

    # Day by day from 4 March, noon: until 8 March the one that closed then, and so on.
    assert found == {
        "counts": [2, 3, 2, 2, 1, 1, 2, 3, 2, 2],
        "before": 2,
        "now": 2,
        "opened": 3,
        "closed": 3,
    }
    assert found["now"] == found["before"] + found["opened"] - found["closed"]


@pytest.mark.parametrize(
    ("last", "is_shown"),
    [
        (
            "{open: true, openedAt: '2026-03-01T00:00:00Z', updatedAt: '2025-01-01T00:00:00Z'}",
            False,
        ),
        ("{open: false, updatedAt: '2026-03-12T00:00:00Z'}", False),
        ("{open: false, updatedAt: '2026-03-01T00:00:00Z'}", True),
    ],
)
def test_trend_of_issues_is_left_out_if_rows_that_count_may_be_missing(
    open_portal: Opener, last: str, is_shown: bool
) -> None:
    portal = open_portal(world="empty")

    portal.page.evaluate(f"window.section = {{rows: [{last}], next: 'cursor'}}")
    assert (trend(portal) is not None) is is_shown
    portal.page.evaluate("delete window.section.next")

    assert trend(portal) is not None


def test_overview_says_the_trend_of_issues_and_what_it_counts(open_portal: Opener) -> None:
    portal = open_portal()
    card = portal.find(".trend")

    expect(card).to_contain_text("Open now: 2. 30 days ago: 1. Opened since then: 2, closed: 1.")
    expect(card).to_contain_text("An issue counts from when it was opened until it was closed")
    expect(card.locator("svg")).to_have_attribute("aria-hidden", "true")
    expect(card.locator(".bars-most")).to_have_text("2")
    expect(card.locator(".bars-days span")).to_have_text(["12 Feb 2026", "13 Mar 2026"])
    portal.change("rows.issues.length = 0")
    expect(card).to_have_count(0)
