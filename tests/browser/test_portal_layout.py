"""Layout of the portal: on a phone, on paper, and beside a fault."""

from datetime import date

import pytest
from playwright.sync_api import expect

from gridwix.mapping.days import format_day
from tests.browser.many import open_many
from tests.browser.served import SECTIONS, Opener, Portal

PHONE = 390
"""Width of a phone in CSS pixels."""


def top(portal: Portal, selector: str) -> float:
    box = portal.find(selector).first.bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("locale", ["en", "de", "fr", "ar"])
def test_content_begins_in_the_upper_third_of_a_phone(open_portal: Opener, locale: str) -> None:
    portal = open_portal(locale=locale, width=PHONE)
    tops = {}

    for section in (*SECTIONS, "search"):
        portal.show_section(section)
        portal.page.evaluate("scrollTo(0, 0)")
        tops[section] = top(portal, "h3")

    assert {section: place for section, place in tops.items() if place >= 300} == {}


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_navigation_of_a_phone_is_one_row_that_shows_the_open_section(
    open_portal: Opener, locale: str
) -> None:
    portal = open_portal(section="messages", locale=locale, width=PHONE)
    items = portal.find(".nav-item")

    assert {item.bounding_box()["y"] for item in items.all()} == {top(portal, ".nav-item")}  # type: ignore[index]
    expect(portal.find(".nav-item[aria-current]")).to_be_in_viewport(ratio=0.9)
    items.first.evaluate("item => item.click()")
    expect(portal.find(".nav-item[aria-current]")).to_be_in_viewport(ratio=0.9)
    expect(items.first).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("locale", ["en", "de", "ar"])
def test_item_of_the_navigation_that_has_the_focus_is_in_sight(
    open_portal: Opener, locale: str
) -> None:
    portal = open_portal(section="documents", locale=locale, width=PHONE)
    items = portal.find(".nav-item").all()
    portal.find(".banner summary").focus()

    for item in items:
        portal.page.keyboard.press("Tab")
        expect(item).to_be_focused()
        expect(item).to_be_in_viewport(ratio=1)


def test_notice_is_one_line_until_it_is_opened(open_portal: Opener) -> None:
    portal = open_portal(width=PHONE)
    banner = portal.find(".banner")
    folded = banner.bounding_box()
    assert folded

    banner.locator("summary").click()

    assert folded["height"] < 48
    expect(banner).to_contain_text("Do not resend. Queued invoices deliver in order.")
    expect(portal.button("Details")).to_be_visible()


def test_paper_has_no_navigation_and_no_forms_and_what_is_folded_is_open(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues")
    closed = portal.find("details.issue", "TG-2026-004698")
    expect(closed).not_to_have_attribute("open", "")

    portal.page.emulate_media(media="print")
    portal.page.evaluate("dispatchEvent(new Event('beforeprint'))")

    expect(portal.find("nav")).to_be_hidden()
    expect(portal.find(".switch")).to_be_hidden()
    expect(closed.locator(".timeline")).to_be_visible()
    assert [one for one in portal.find("form, button").all() if one.is_visible()] == []
    portal.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(closed).not_to_have_attribute("open", "")


def test_fault_of_a_field_does_not_move_the_field_beside_it(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    portal.find("summary", "Question about an invoice").click()
    form = portal.find("form[data-form='request/invoice-question']")
    place = "input => input.getBoundingClientRect().y - input.form.getBoundingClientRect().y"
    beside = form.get_by_label("Order number")
    before = beside.evaluate(place)

    form.get_by_role("button", name="Send request").click()
    expect(form.locator(".fault").first).to_be_visible()

    assert form.get_by_label("Invoice number").evaluate(place) == before
    assert beside.evaluate(place) == before


@pytest.mark.parametrize(
    ("locale", "language"),
    [("en", "en"), ("en-US", "en"), ("de-AT", "de"), ("fr", "fr"), ("es", "es")],
)
def test_days_look_like_those_in_gridwixs_own_sentences_and_messages(
    open_portal: Opener, locale: str, language: str
) -> None:
    portal = open_portal(section="documents", locale=locale)

    guide = portal.find(".document", "2026 Routing Guide")
    expect(guide.locator("time").last).to_be_attached()
    assert format_day(date(2026, 4, 1), language) in guide.inner_text()


def on_paper(portal: Portal) -> None:
    portal.page.emulate_media(media="print")
    portal.page.evaluate("dispatchEvent(new Event('beforeprint'))")


@pytest.mark.parametrize(
    ("locale", "head"),
    [
        ("en", ["Partner portal, Onboarding", "Partner GC070000000101", "Printed 13 Mar 2026"]),
        ("fr", ["Portail des partenaires, Intégration", "Partenaire GC070000000101", "Imprimé"]),
    ],
)
def test_onboarding_on_paper_says_whose_it_is_and_has_every_step(
    open_portal: Opener, locale: str, head: list[str]
) -> None:
    portal = open_portal(section="onboarding", locale=locale)
    expect(portal.find(".paper-head")).to_be_hidden()

    on_paper(portal)

    for text in head:
        expect(portal.find(".paper-head")).to_contain_text(text)
    expect(portal.find("h2")).to_be_visible()
    expect(portal.find(".steps > li")).to_have_count(7)
    for step in portal.find(".steps > li").all():
        expect(step.locator("h5").first).to_be_visible()
        expect(step.locator(".chip").first).to_be_visible()
        expect(step.locator(".meta > span").nth(1)).to_be_visible()
    insurance = portal.find(".step.yours").first
    expect(insurance.locator(".due")).to_be_visible()
    expect(insurance.locator(".rich")).to_be_visible()
    for selector in ("nav", "aside", ".head-tools", ".switch", "form", ".print"):
        for one in portal.find(selector).all():
            expect(one).to_be_hidden()


def test_paper_has_all_earlier_programs_with_their_steps(open_portal: Opener) -> None:
    portal = open_many(open_portal, "onboarding")
    expect(portal.find(".past details.card")).to_have_count(25)

    on_paper(portal)

    expect(portal.find(".past details.card")).to_have_count(60)
    expect(portal.find(".past .steps").last).to_be_visible()
    assert portal.find(".list-range").inner_text() == "1 to 60 of 60"
    portal.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(portal.find(".past details.card")).to_have_count(25)
    expect(portal.find(".past details.card[open]")).to_have_count(0)


def test_paper_of_a_long_list_says_that_it_is_a_part(open_portal: Opener) -> None:
    portal = open_many(open_portal, "issues*q-shipment")
    portal.page.evaluate("window.portal.change((_, world) => { world.pages = {issues: 300}; })")
    portal.change("rows.issues[0].subject = 'Shipment A'")

    on_paper(portal)

    expect(portal.find(".list-range")).to_be_visible()
    expect(portal.find(".more p")).to_be_visible()
    expect(portal.find(".more p")).to_have_text(
        "Only the newest 300 were searched. There are more."
    )
    expect(portal.find(".list-controls")).to_be_hidden()


def test_button_prints_the_page(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding", before="window.print = () => { window.prints = 1; }")

    portal.button("Print").click()

    assert portal.page.evaluate("window.prints") == 1


def test_overview_shows_ten_next_steps_and_unfolds_the_others(open_portal: Opener) -> None:
    portal = open_many(open_portal, "overview", issues=40)
    portal.change("rows.status[0].moreNextSteps = 18")
    card = portal.find(".card:has(> h4)", "Your next steps")
    steps, others = card.locator(".todo > li"), card.locator("details")

    # Of 3 steps in the status and 20 waiting issues, 18 of which the status counts.
    expect(steps).to_have_count(23)
    expect(steps.nth(9)).to_be_visible()
    expect(steps.nth(10)).to_be_hidden()
    expect(card).not_to_contain_text("which show once some of these are done")
    others.locator("summary", has_text="and 13 more").click()
    expect(steps.nth(22)).to_be_visible()


@pytest.mark.parametrize(
    ("section", "text"),
    [("onboarding", "Certificate of insurance"), ("requests", "12 Mar 2026, 11:05 AM")],
)
@pytest.mark.parametrize("width", [1280, PHONE])
def test_fact_that_fits_is_in_one_line(
    open_portal: Opener, section: str, text: str, width: int
) -> None:
    portal = open_portal(section=section, width=width)

    box = portal.find(".facts dd", text).first.bounding_box()

    assert box
    assert box["height"] < 30


@pytest.mark.parametrize(
    ("section", "texts"), [("notices", ".summary-title"), ("messages", ".card-head")]
)
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_texts_of_marked_and_other_cards_line_up(
    open_portal: Opener, section: str, texts: str, locale: str
) -> None:
    portal = open_portal(section=section, locale=locale)

    edges = portal.find(texts).evaluate_all(
        "(all, side) => all.map(one => one.getBoundingClientRect()[side])",
        "right" if locale == "ar" else "left",
    )

    assert len(edges) == 3
    assert len(set(edges)) == 1


def test_button_of_a_form_keeps_off_the_disclosure_below(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    forms = portal.find(".ask details")
    forms.first.locator("summary").click()

    button = forms.first.get_by_role("button", name="Send request").bounding_box()
    below = forms.nth(1).bounding_box()

    assert button
    assert below
    assert below["y"] - (button["y"] + button["height"]) >= 14
