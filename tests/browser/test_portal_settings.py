"""The member's own settings: what can be chosen, how it is saved, and the language of the page."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.served import PRAIRIE, Opener, Portal
from tests.browser.test_portal_accessibility import picture, too_small, violations

LOOKS: dict[str, tuple[int, dict[str, Any]]] = {
    "wide": (1280, {"locale": "en"}),
    "narrow-german-dark": (390, {"locale": "de", "theme": "dark"}),
    "wide-spanish-dark": (1280, {"locale": "es", "theme": "dark"}),
    "narrow-french": (390, {"locale": "fr"}),
    "narrow-right-to-left": (320, {"locale": "ar"}),
}


def is_sound(portal: Portal, width: int) -> bool:
    assert violations(portal) == []
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width
    assert too_small(portal) == []
    return True


def switch(portal: Portal, group: str) -> Locator:
    return portal.element.get_by_role("group", name=group).get_by_role("switch", name="Email")


def saved(portal: Portal) -> list[Any]:
    """Return what was saved, call by call."""
    return [changes for changes, *_ in portal.calls("saveSettings")]


def choose_language(portal: Portal, language: str) -> None:
    form = portal.find("form", "Language of this portal")
    form.get_by_label("Language of this portal").select_option(language)
    form.get_by_role("button", name="Save").click()


def test_settings_are_reached_from_the_header_and_have_an_address(open_portal: Opener) -> None:
    portal = open_portal()

    portal.button("Your settings").click()

    expect(portal.find("h3")).to_be_focused()
    expect(portal.find("h3")).to_have_text("Your settings")
    expect(portal.element).to_have_attribute("section", "settings")
    expect(portal.button("Your settings")).to_have_attribute("aria-current", "page")
    expect(portal.find("nav [aria-current]")).to_have_count(0)
    again = open_portal(section="settings")
    expect(again.find("h3")).to_have_text("Your settings")
    assert again.calls("getSettings") == [["en"]]


def test_language_applies_at_once_and_wins_over_that_of_the_page(open_portal: Opener) -> None:
    portal = open_portal(section="settings", locale="en-US")
    save = portal.find("form", "Language of this portal").get_by_role("button", name="Save")

    choose_language(portal, "de")

    expect(portal.find("h3")).to_have_text("Ihre Einstellungen")
    expect(portal.find(".portal")).to_have_attribute("lang", "de")
    assert portal.said() == "Gespeichert."
    assert portal.calls("saveSettings") == [[{"language": "de"}, "de"]]
    assert [locale for _, locale, _ in portal.calls("getPortal")] == ["en-US", "de"]
    assert portal.calls("getSettings") == [["en-US"]]
    expect(save).to_have_count(0)
    expect(portal.button("Speichern").first).to_be_focused()
    portal.page.evaluate("window.portal.element.setAttribute('locale', 'fr')")
    portal.settle()
    expect(portal.find("h3")).to_have_text("Ihre Einstellungen")
    assert len(portal.calls("getPortal")) == 2


def test_page_opens_in_the_language_that_the_member_has_chosen(open_portal: Opener) -> None:
    portal = open_portal(world="german", locale="fr")

    expect(portal.find("h3")).to_have_text("Übersicht")
    assert [locale for _, locale, _ in portal.calls("getPortal")] == ["de"]
    portal.go("Dokumente")
    portal.button("Ihre Einstellungen").click()
    form = portal.find("form", "Sprache dieses Portals")
    form.get_by_label("Sprache dieses Portals").select_option("")
    form.get_by_role("button", name="Speichern").click()

    expect(portal.find("h3")).to_have_text("Vos paramètres")
    assert portal.calls("saveSettings") == [[{"language": None}, "fr"]]
    assert portal.calls("getSettings") == [["de"]]


def test_labels_of_the_settings_come_with_the_language_that_is_saved(open_portal: Opener) -> None:
    portal = open_portal(section="settings")
    expect(portal.find("legend", "New issues")).to_be_visible()
    portal.page.evaluate("window.portal.world.choices.groups[0].label = 'Neue Vorgänge'")

    choose_language(portal, "de")

    expect(portal.find("h3")).to_have_text("Ihre Einstellungen")
    expect(portal.find("legend").first).to_have_text("Neue Vorgänge")
    assert len(portal.calls("getSettings")) == 1


def test_labels_of_the_settings_are_read_again_if_the_save_did_not_return_them(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="settings", locale="en")
    portal.page.evaluate("""() => {
      const { saveSettings } = window.portal.functions;
      window.portal.functions.saveSettings = changes => saveSettings(changes);
    }""")

    choose_language(portal, "de")

    expect(portal.find("h3")).to_have_text("Ihre Einstellungen")
    portal.settle()
    assert portal.calls("getSettings") == [["en"], ["de"]]


def test_labels_of_the_settings_follow_the_language_of_the_page(open_portal: Opener) -> None:
    portal = open_portal(section="settings", locale="en")
    expect(portal.find(".settings-card")).to_have_count(3)

    portal.page.evaluate("window.portal.element.setAttribute('locale', 'fr')")

    expect(portal.find("h3")).to_have_text("Vos paramètres")
    portal.settle()
    assert portal.calls("getSettings") == [["en"], ["fr"]]


@pytest.mark.parametrize(
    ("page", "chosen", "used"),
    [
        ("en-US", "en", "en-US"),
        ("fr_CA", "fr", "fr_CA"),
        ("en-US", "fr", "fr"),
        ("de", None, "de"),
        ("DE-at", "de", "DE-at"),
    ],
)
def test_region_of_the_page_stays_if_its_language_is_the_chosen_one(
    open_portal: Opener, page: str, chosen: str | None, used: str
) -> None:
    portal = open_portal(world="empty")

    found = portal.page.evaluate(
        "async ([page, chosen]) =>"
        " (await import('/portal/element/language.js')).chooseLocale(page, chosen)",
        [page, chosen],
    )

    assert found == used


def test_switch_is_saved_at_once_and_alone(open_portal: Opener) -> None:
    portal = open_portal(section="settings")
    expect(switch(portal, "New issues")).not_to_be_checked()

    switch(portal, "New issues").click()

    expect(portal.find(".settings-result.good", "Saved.")).to_be_visible()
    assert saved(portal) == [{"messages": {"new-issues": {"email": True}}}]
    expect(switch(portal, "New issues")).to_be_checked()
    expect(switch(portal, "New issues")).to_be_focused()
    expect(switch(portal, "New issues")).to_have_accessible_description("Saved.")
    assert portal.said() == "Saved."


def test_switch_that_could_not_be_saved_shows_what_is_saved_and_says_so(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="settings")
    portal.fail("saveSettings")

    switch(portal, "Agreements and guides").click()

    expect(portal.find(".settings-result.bad")).to_have_text(
        "This could not be saved. Please try again."
    )
    expect(switch(portal, "Agreements and guides")).to_be_checked()
    expect(switch(portal, "Agreements and guides")).to_be_focused()
    assert portal.said() == "This could not be saved. Please try again."
    portal.fail("saveSettings", None)
    switch(portal, "Agreements and guides").click()
    expect(switch(portal, "Agreements and guides")).not_to_be_checked()
    expect(portal.find(".settings-result.bad", "could not")).to_have_count(0)


def test_setting_that_is_being_saved_is_not_saved_again(open_portal: Opener) -> None:
    portal = open_portal(section="settings")
    portal.hold("saveSettings")

    switch(portal, "New issues").click()
    switch(portal, "New issues").click()
    expect(portal.find(".settings-result", "Saving…")).to_be_visible()
    portal.release("saveSettings")

    expect(portal.find(".settings-result", "Saved.")).to_be_visible()
    assert saved(portal) == [{"messages": {"new-issues": {"email": True}}}]
    expect(switch(portal, "New issues")).to_be_checked()


def test_what_is_always_on_says_why_and_is_no_control(open_portal: Opener) -> None:
    portal = open_portal(section="settings")
    group = portal.element.get_by_role("group", name="Issues that wait for you")

    expect(group.get_by_role("listitem")).to_have_text(
        [
            "In this portal Always on. The portal lists every message.",
            "Chat message Always on. These messages concern your work with us.",
            "Email Always on. These messages concern your work with us.",
        ]
    )
    expect(group.locator("input, button, select")).to_have_count(0)


def test_quiet_hours_are_saved_and_removed(open_portal: Opener) -> None:
    portal = open_portal(section="settings")
    form = portal.find("form", "Quiet hours")
    expect(form).to_contain_text("between 8:00 PM and 7:00 AM, in the time zone of your company")
    expect(form.get_by_label("Time zone")).to_have_value("America/Chicago")

    form.get_by_label("From").fill("21:30")
    form.get_by_label("To", exact=True).fill("06:15")
    form.get_by_label("Time zone").select_option("Asia/Tokyo")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Saved.")).to_be_visible()
    expect(form.get_by_text("You have no quiet hours of your own.")).to_have_count(0)
    expect(form.get_by_label("From")).to_have_value("21:30")
    form.get_by_role("button", name="Remove my quiet hours").click()

    expect(form.get_by_text("You have no quiet hours of your own.")).to_be_visible()
    expect(form.locator(".settings-result")).to_be_focused()
    assert saved(portal) == [
        {"quietHours": {"begins": "21:30", "ends": "06:15", "timeZone": "Asia/Tokyo"}},
        {"quietHours": None},
    ]


@pytest.mark.parametrize(
    ("begins", "ends", "fault", "field"),
    [
        ("22:00", "22:00", "Please choose two different times.", "To"),
        ("06:00", "23:00", "Please choose 16 hours at most", "To"),
        ("", "07:00", "Please enter a complete time", "From"),
        ("22:00", "", "Please enter a complete time", "To"),
    ],
)
def test_quiet_hours_that_cannot_be_are_not_sent(
    open_portal: Opener, begins: str, ends: str, fault: str, field: str
) -> None:
    portal = open_portal(section="settings")
    form = portal.find("form", "Quiet hours")

    form.get_by_label("From").fill(begins)
    form.get_by_label("To", exact=True).fill(ends)
    form.get_by_role("button", name="Save").click()

    expect(form.locator(".fault")).to_contain_text(fault)
    wrong = form.get_by_label(field, exact=True)
    expect(wrong).to_be_focused()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    assert saved(portal) == []
    form.get_by_label("From").fill("22:00")
    form.get_by_label("To", exact=True).fill("07:00")
    form.get_by_role("button", name="Save").click()
    expect(form.locator(".fault")).to_have_count(0)
    assert len(saved(portal)) == 1


def test_settings_that_cannot_be_loaded_say_so_and_can_be_loaded_again(
    open_portal: Opener,
) -> None:
    portal = open_portal()
    portal.fail("getSettings")

    portal.button("Your settings").click()

    expect(portal.find(".section-failed")).to_contain_text("Your settings could not be loaded")
    portal.fail("getSettings", None)
    portal.button("Try again").click()
    expect(portal.find(".settings-card")).to_have_count(3)
    expect(portal.find("h3")).to_be_focused()


def test_settings_are_the_members_whatever_partner_is_shown(open_portal: Opener) -> None:
    portal = open_portal(section="settings")
    switch(portal, "New issues").click()
    expect(portal.find(".settings-result.good", "Saved.")).to_be_visible()

    portal.find("#switch").select_option("GC055120098871")

    expect(portal.find("h2")).to_have_text("Baltic Home Textiles OÜ")
    expect(switch(portal, "New issues")).to_be_checked()
    assert portal.calls("getSettings") == [["en"]]


def test_member_reaches_each_setting_by_keyboard(open_portal: Opener) -> None:
    portal = open_portal(section="settings")
    keyboard = portal.page.keyboard
    portal.find("h3").focus()
    stops = []

    for _ in range(16):
        keyboard.press("Tab")
        stops.append(
            portal.page.evaluate("""() => {
              const one = window.portal.element.shadowRoot.activeElement;
              return one && (one.labels?.[0]?.textContent ?? one.textContent).trim();
            }""")
        )
        if stops[-1] == "Email" and len(saved(portal)) == 0:
            keyboard.press("Space")
            expect(portal.find(".settings-result.good", "Saved.")).to_be_visible()

    # A field for a time is several stops: hours, minutes, and whatever the browser adds.
    walked = [stop for place, stop in enumerate(stops) if place == 0 or stop != stops[place - 1]]
    assert walked[:6] == [
        "Language of this portal and of our messages",
        "Save",
        "Email",
        "From",
        "To",
        "Time zone",
    ]
    assert saved(portal) == [{"messages": {"new-issues": {"email": True}}}]


@pytest.mark.parametrize("look", LOOKS)
def test_settings_have_no_violation_and_fit_their_screen(open_portal: Opener, look: str) -> None:
    width, query = LOOKS[look]
    portal = open_portal(width=width, section="settings", **query)
    portal.find(".settings-card").first.wait_for()
    picture(portal, f"settings-{look}")
    assert is_sound(portal, width)

    portal.find("[role=switch]").first.click()
    expect(portal.find(".settings-result.good .icon")).to_have_count(1)
    portal.fail("saveSettings")
    portal.find("[role=switch]").last.click()
    expect(portal.find(".settings-result.bad .icon")).to_have_count(1)
    portal.find("input[type=time]").last.fill("")
    portal.find("button[type=submit]").last.click()
    expect(portal.find(".fault")).to_have_count(1)
    picture(portal, f"settings-results-{look}")

    assert is_sound(portal, width)


@pytest.mark.parametrize("look", ["wide", "narrow-german-dark", "narrow-right-to-left"])
def test_settings_without_values_have_no_violation(open_portal: Opener, look: str) -> None:
    width, query = LOOKS[look]
    portal = open_portal(width=width, **query)
    portal.hold("getSettings")
    portal.find(".own-tools > .head-tool").last.click()
    expect(portal.find(".content .skeleton").first).to_be_attached()
    assert is_sound(portal, width)

    portal.fail("getSettings")
    portal.release("getSettings")
    portal.find(".section-failed").wait_for()
    picture(portal, f"settings-failed-{look}")

    assert is_sound(portal, width)
    assert portal.calls("getPortal")[0][0] == PRAIRIE
