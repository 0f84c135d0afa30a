"""Layout of the portal: on a phone, on paper, and beside a fault."""

from datetime import date

import pytest
from playwright.sync_api import expect

from gridwix.mapping.days import format_day
from tests.browser.served import SECTIONS, Opener, Portal

PHONE = 390
"""Width of a phone in CSS pixels."""


def top(portal: Portal, selector: str) -> float:
    box = portal.find(selector).first.bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("locale", ["en", "de", "fr", "ar"])
@pytest.mark.parametrize("section", [*SECTIONS, "search"])
def test_content_begins_in_the_upper_third_of_a_phone(
    open_portal: Opener, section: str, locale: str
) -> None:
    portal = open_portal(section=section, locale=locale, width=PHONE)

    assert top(portal, "h3") < 300


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
