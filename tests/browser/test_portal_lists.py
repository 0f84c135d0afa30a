"""Lists of sections: search, filters, order, pages, and their addresses."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect

from tests.browser.many import ISSUES, ROWS, open_many
from tests.browser.served import Opener, Portal
from tests.browser.test_portal_accessibility import LOOKS, picture, too_small, violations

SECTIONS = tuple(ROWS)
WIDTHS = (390, 1280)
LONGEST = 5_200
"""Pixels that 25 folded issues and an open one may take on a phone, at most."""


def shown(portal: Portal) -> str:
    return portal.find(".list-range").inner_text()


def address(portal: Portal) -> str | None:
    return portal.element.get_attribute("section")


def numbers(portal: Portal) -> list[str]:
    return portal.find(".issue .number").all_inner_texts()


@pytest.mark.parametrize("width", WIDTHS)
def test_many_issues_make_a_short_page_that_says_how_many_there_are(
    open_portal: Opener, width: int
) -> None:
    portal = open_many(open_portal, "issues", width=width)

    expect(portal.find(ROWS["issues"])).to_have_count(25)
    assert shown(portal) == f"1 to 25 of {ISSUES}"
    assert portal.page.evaluate("document.documentElement.scrollHeight") < LONGEST
    portal.button("Page 15 of 15").click()
    expect(portal.find(ROWS["issues"])).to_have_count(2)
    assert shown(portal) == f"351 to 352 of {ISSUES}"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_list_has_pages_and_a_search_of_its_own(open_portal: Opener, section: str) -> None:
    portal = open_many(open_portal, section, issues=60)
    rows = portal.find(ROWS[section])
    expect(rows).to_have_count(25)
    assert shown(portal) == "1 to 25 of 60"

    portal.button("Next").click()
    expect(portal.find(".list-range")).to_be_focused()
    assert shown(portal) == "26 to 50 of 60"
    last = {"documents": "Document 59", "onboarding": "Program 59", "requests": "CR-59"}
    wanted = last.get(section, f"{section[:-1].title()} 59" if section != "issues" else "TG-0059")
    portal.element.get_by_label("Find in this list").fill(wanted)

    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(wanted)
    assert shown(portal) == "1 to 1 of 1 found, out of 60"


def test_search_finds_all_words_anywhere_in_a_row_without_accents_or_case(
    open_portal: Opener,
) -> None:
    portal = open_many(open_portal, "issues", issues=60)
    portal.change("rows.issues[40].comments = [{author: 'hub', text: 'Étiquette déchirée'}]")
    field = portal.element.get_by_label("Find in this list")

    field.fill("DECHIREE  etiquette")
    expect(portal.find(".issue .number")).to_have_text(["TG-0040"])
    field.fill("etiquette 4500187734 ship")
    expect(portal.find(".issue .number")).to_have_text(["TG-0040"])

    field.fill("etiquette carton-9")
    expect(portal.find(".issue")).to_have_count(0)


def test_search_that_finds_nothing_differs_from_a_section_without_rows(
    open_portal: Opener,
) -> None:
    portal = open_many(open_portal, "issues", issues=60)
    field = portal.element.get_by_label("Find in this list")
    field.fill("nothing like this")

    expect(portal.find(".empty-title")).to_have_text(["Nothing matches"])
    assert shown(portal) == "None found, out of 60"
    portal.advance(1_000)
    assert portal.said() == "None found, out of 60"
    portal.button("Clear search and filters").click()

    expect(field).to_be_focused()
    expect(field).to_have_value("")
    assert shown(portal) == "1 to 25 of 60"
    assert address(portal) == "issues"


def test_filters_narrow_the_list_and_say_how_much_is_left(open_portal: Opener) -> None:
    portal = open_many(open_portal, "issues")
    choose = portal.element.get_by_label

    choose("State").select_option("All that are closed")
    assert shown(portal) == "1 to 25 of 176 found, out of 352"
    choose("Type").select_option("Labels")
    assert shown(portal) == "1 to 25 of 25 found, out of 352"
    choose("Opened", exact=True).select_option("In the last 7 days")

    assert shown(portal) == "None found, out of 352"
    assert address(portal) == "issues*state-all_closed*type-labels*since-7d"
    choose("State").focus()
    choose("State").select_option("Any state")
    # Hours 0 to 167 before, of which each seventh is about labels. Today began 8 hours ago.
    assert shown(portal) == "1 to 21 of 21 found, out of 352"
    portal.advance(1_000)
    assert portal.said() == "1 to 21 of 21 found, out of 352"
    expect(choose("State")).to_be_focused()


def test_filter_by_state_knows_what_waits_for_the_partner_and_each_status(
    open_portal: Opener,
) -> None:
    portal = open_many(open_portal, "issues", issues=60)
    portal.change(
        "Object.assign(rows.issues[3], {status: 'triaged', statusLabel: 'With the team'});"
    )
    state = portal.element.get_by_label("State")

    assert state.locator("option").all_inner_texts() == [
        "Any state",
        "All that are open",
        "Waiting for your answer",
        "All that are closed",
        "Waiting for you",
        "With the team",
        "Closed",
    ]
    state.select_option("Waiting for your answer")
    assert shown(portal) == "1 to 25 of 29 found, out of 60"
    state.select_option("With the team")
    assert numbers(portal) == ["TG-0003"]


@pytest.mark.parametrize(
    ("section", "label", "option", "count"),
    [
        ("notices", "State", "All that are over", 58),
        ("notices", "Type", "Maintenance", 30),
        ("documents", "Type", "Agreement", 20),
        ("documents", "Published", "In the last 30 days", 30),
        ("requests", "State", "All that are open", 30),
        ("requests", "Type", "Comment", 30),
        ("messages", "Type", "Important", 12),
        ("messages", "Sent", "In the last 7 days", 7),
        ("onboarding", "Last changed", "In the last 30 days", 30),
    ],
)
def test_each_list_has_the_filters_of_its_rows(
    open_portal: Opener, section: str, label: str, option: str, count: int
) -> None:
    portal = open_many(open_portal, section)

    portal.element.get_by_label(label, exact=True).select_option(option)

    assert shown(portal).endswith(f"of {count} found, out of 60")


def test_order_is_the_readers_to_choose(open_portal: Opener) -> None:
    portal = open_many(open_portal, "issues")
    sort = portal.element.get_by_label("Sort by")
    assert numbers(portal)[:2] == ["TG-0000", "TG-0001"]

    sort.select_option("Oldest first")
    assert numbers(portal)[:2] == ["TG-0351", "TG-0350"]
    sort.select_option("Due date")
    due = portal.find(".issue .due time").all()

    dates = [one.get_attribute("datetime") or "" for one in due]
    assert len(dates) > 10
    assert all(one <= other for one, other in pairwise(dates))
    assert address(portal) == "issues*sort-due"


def test_address_opens_the_list_as_it_was_and_follows_what_is_typed_when_it_is_done(
    open_portal: Opener,
) -> None:
    portal = open_many(open_portal, "issues*state-all_open*q-tg-01*page-2")
    field = portal.element.get_by_label("Find in this list")
    expect(field).to_have_value("tg-01")
    expect(portal.element.get_by_label("State")).to_have_value("all_open")
    assert shown(portal) == "26 to 50 of 76 found, out of 352"
    portal.page.evaluate(
        "window.opened = [];"
        " window.portal.element.addEventListener('gridwix-section',"
        " ({detail: {address, by}}) => window.opened.push([address, by]))"
    )

    field.fill("50% *")
    field.fill("50% * off")
    assert portal.page.evaluate("window.opened") == []
    field.press("Enter")

    assert portal.page.evaluate("window.opened") == [
        ["issues*q-50%25 %2A off*state-all_open", "member"]
    ]
    expect(field).to_be_focused()


def test_page_that_sets_another_address_changes_the_list_and_its_controls(
    open_portal: Opener,
) -> None:
    portal = open_many(open_portal, "issues*q-labels*state-all_open")
    set_address = "address => window.portal.element.setAttribute('section', address)"

    portal.page.evaluate(set_address, "issues*page-3")

    expect(portal.element.get_by_label("Find in this list")).to_have_value("")
    expect(portal.element.get_by_label("State")).to_have_value("")
    assert shown(portal) == "51 to 75 of 352"
    portal.page.evaluate(set_address, "issues*page-999*sort-nonsense*since-ever*x-7")
    assert shown(portal) == "351 to 352 of 352"


def test_record_of_an_address_is_on_the_page_that_is_shown(open_portal: Opener) -> None:
    portal = open_many(open_portal, "issues.issues-203")

    expect(portal.find("details.issue[open]")).to_contain_text("TG-0203")
    expect(portal.find("details.issue[open]")).to_be_in_viewport()
    assert shown(portal) == "201 to 225 of 352"
    portal.button("Next").click()
    assert address(portal) == "issues*page-10"


def test_part_of_a_section_is_never_taken_for_all_of_it(open_portal: Opener) -> None:
    portal = open_many(open_portal, "messages")
    portal.page.evaluate("window.portal.change((_, world) => { world.pages = {messages: 40}; })")
    portal.change("rows.messages[0].title = 'First'")
    field = portal.element.get_by_label("Find in this list")

    field.fill("Message 55")
    expect(portal.find(".more")).to_contain_text(
        "Only the newest 40 were searched. There are more."
    )
    assert shown(portal) == "None found, out of 40"
    portal.button("Load the rest").click()

    expect(portal.find(ROWS["messages"])).to_have_count(1)
    assert shown(portal) == "1 to 1 of 1 found, out of 60"
    expect(portal.element).to_contain_text("These are all 60.")


def test_short_list_has_no_controls(open_portal: Opener) -> None:
    portal = open_portal(section="issues")

    expect(portal.find(".issue")).to_have_count(3)
    expect(portal.find(".list-controls, .list-range, .pages")).to_have_count(0)


def test_list_stays_narrowed_while_its_rows_change(open_portal: Opener) -> None:
    portal = open_many(open_portal, "issues*state-all_closed*page-2")
    portal.element.get_by_label("Find in this list").focus()

    portal.change("rows.issues.forEach((row) => { row.open = row.id === 'issues-9'; })")

    assert shown(portal) == "26 to 50 of 351 found, out of 352"
    expect(portal.element.get_by_label("Find in this list")).to_be_focused()


def test_filters_fold_where_there_is_little_room(open_portal: Opener) -> None:
    portal = open_many(open_portal, "issues", width=390, issues=60)
    fold = portal.button("Filter and sort")
    expect(portal.element.get_by_label("State")).to_be_hidden()

    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    portal.element.get_by_label("State").select_option("All that are open")

    expect(portal.button("Filter and sort (1 filter)")).to_be_visible()


@pytest.mark.parametrize("look", [*LOOKS, "phone-spanish", "phone-french-dark"])
def test_list_has_no_violation_and_fits_its_screen(open_portal: Opener, look: str) -> None:
    looks = {
        **LOOKS,
        "phone-spanish": (390, {"locale": "es"}),
        "phone-french-dark": (390, {"locale": "fr", "theme": "dark"}),
    }
    width, query = looks[look]
    portal = open_many(open_portal, "issues*page-8", width=width, **query)
    if width < 760:
        portal.find(".list-fold").click()
    picture(portal, f"list-{look}")
    assert violations(portal) == []
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width
    assert too_small(portal) == []

    portal.find("#list-search").fill("nothing like this")
    picture(portal, f"list-none-{look}")

    assert violations(portal) == []
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width


def test_keyboard_turns_pages_and_clears(open_portal: Opener) -> None:
    portal = open_many(open_portal, "messages")
    keyboard = portal.page.keyboard
    portal.button("Page 2 of 3").focus()

    keyboard.press("Enter")
    expect(portal.find(".list-range")).to_be_focused()
    assert shown(portal) == "26 to 50 of 60"
    portal.element.get_by_label("Find in this list").focus()
    keyboard.type("carton")
    keyboard.press("Enter")

    assert address(portal) == "messages*q-carton"
    assert shown(portal) == "1 to 25 of 60 found, out of 60"


# -- pure functions


def evaluate(portal: Portal, module: str, expression: str, argument: Any) -> Any:
    return portal.page.evaluate(
        f"argument => import('/portal/element/{module}').then((module) => ({expression}))", argument
    )


TEXTS = ("q", "state", "type", "since", "sort")
LISTS = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.text("aé*-%.25 A", max_size=110) for name in TEXTS},
        "page": st.integers(-3, 20_000),
    },
)


def test_every_address_that_is_written_is_read_as_the_same(open_portal: Opener) -> None:
    portal = open_portal(world="empty")

    @given(
        st.sampled_from(SECTIONS),
        st.none() | st.from_regex(r"[\w.~:-]{1,40}", fullmatch=True),
        LISTS,
    )
    def check(section: str, record: str | None, found: dict[str, Any]) -> None:
        written, read, again = evaluate(
            portal,
            "addresses.js",
            "[module.addressOf(argument), module.readAddress(module.addressOf(argument)),"
            " module.addressOf(module.readAddress(module.addressOf(argument)))]",
            {"section": section, "record": record, "list": found},
        )
        assert (read["section"], read["record"]) == (section, record)
        assert again == written
        for name in TEXTS:
            wanted = found.get(name, "")[:100]
            assert read["list"].get(name, "") == (wanted if wanted.strip() else "")
        page = found.get("page", 1)
        assert read["list"].get("page", 1) == (page if 1 < page <= 9_999 else 1)

    check()


def test_page_numbers_lead_everywhere_and_leave_out_no_single_page(open_portal: Opener) -> None:
    portal = open_portal(world="empty")

    found = evaluate(
        portal,
        "lists/matching.js",
        "argument.map(([page, pages]) => module.pageNumbers(page, pages))",
        [[1, 1], [1, 15], [3, 15], [4, 15], [8, 15], [15, 15], [2, 4]],
    )

    assert found == [
        [1],
        [1, 2, None, 15],
        [1, 2, 3, 4, None, 15],
        [1, 2, 3, 4, 5, None, 15],
        [1, None, 7, 8, 9, None, 15],
        [1, None, 14, 15],
        [1, 2, 3, 4],
    ]


@pytest.mark.parametrize(
    ("search", "text", "found"),
    [
        ("strasse", "Hafenstraße 7", True),
        ("οδοσ", "ΟΔΌΣ", True),
        ("İstanbul", "istanbul", True),
        ("ﬁx", "prefix", True),
        ("a b", "ba", True),
        ("ab", "a b", False),
        ("", "anything", True),
    ],
)
def test_texts_match_by_words_in_any_script(
    open_portal: Opener, search: str, text: str, found: bool
) -> None:
    portal = open_portal(world="empty")

    assert (
        evaluate(
            portal,
            "lists/matching.js",
            "module.matches(module.wordsOf(argument[0]), module.normalize(argument[1]))",
            [search, text],
        )
        is found
    )


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es"])
def test_every_choice_of_a_filter_fits_on_a_phone(open_portal: Opener, locale: str) -> None:
    portal = open_many(open_portal, "issues", width=390, locale=locale)
    portal.find(".list-fold").click()

    cut = portal.find(".list-filters select").evaluate_all(
        """all => all.flatMap(select => {
          const style = getComputedStyle(select);
          const pen = document.createElement('canvas').getContext('2d');
          pen.font = style.font;
          const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
          return [...select.options].map(({text}) => text)
            .filter(text => pen.measureText(text).width > select.clientWidth - padding);
        })"""
    )

    assert cut == []
