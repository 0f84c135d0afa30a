"""Language, time zone, writing direction and colors of the portal."""

from playwright.sync_api import expect

from tests.browser.served import PRAIRIE, Opener


def test_dates_are_in_the_partners_language_and_time_zone(open_portal: Opener) -> None:
    portal = open_portal(section="issues", locale="de", time_zone="Europe/Tallinn")

    expect(portal.find(".as-of")).to_have_text("Stand 10:01")
    expect(portal.find(".timeline > li").first).to_contain_text("12.3.2026, 16:05")
    expect(portal.find(".callout .due").first).to_contain_text("Fällig 14.3.2026 (morgen)")


def test_calendar_day_is_the_same_day_everywhere(open_portal: Opener) -> None:
    portal = open_portal(section="documents", context={"timezone_id": "Pacific/Honolulu"})

    expect(portal.find(".document", "2026 Routing Guide")).to_contain_text(
        "In force from 1 Apr 2026"
    )


def test_unknown_time_zone_and_locale_fall_back(open_portal: Opener) -> None:
    portal = open_portal(section="issues", locale="not a locale", time_zone="Mars/Olympus")

    expect(portal.find("h3")).to_have_text("Issues")
    expect(portal.find(".as-of")).to_have_text("As of 3:01 AM")


def test_backend_without_texts_has_shipped_labels_in_german_and_other_wording_as_it_is(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues", locale="de")

    portal.change(
        "portals.GC070000000101.texts = []; rows.issues[0].categoryLabel = 'You are next'"
    )

    expect(portal.find(".issue").first).to_contain_text("Wartet auf Sie")
    expect(portal.find(".issue").first).to_contain_text("You are next")


def test_right_to_left_locale_turns_the_page(open_portal: Opener) -> None:
    portal = open_portal(locale="ar")

    expect(portal.find(".portal")).to_have_attribute("dir", "rtl")
    nav, content = portal.find("nav").bounding_box(), portal.find(".content").bounding_box()
    assert nav and content
    assert nav["x"] > content["x"]


def test_marks_of_a_list_in_the_other_direction_stay_beside_their_texts(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="onboarding", locale="ar")
    item = portal.find(".rich li").first

    expect(portal.find(".rich").first).to_have_css("direction", "ltr")
    expect(item).to_have_css("list-style-position", "inside")
    expect(portal.find(".rich ul").first).to_have_css("padding-left", "0px")


def test_another_language_can_be_added(open_portal: Opener) -> None:
    portal = open_portal()

    portal.page.evaluate(
        "import('/portal/element/index.js')"
        ".then(({addTexts}) => addTexts('it', {'nav.overview': 'Panoramica'}))"
    )
    portal.page.evaluate("window.portal.element.setAttribute('locale', 'it')")

    expect(portal.find("h3")).to_have_text("Panoramica")
    expect(portal.find(".portal")).to_have_attribute("lang", "it")
    assert portal.calls("getPortal")[-1][:2] == [PRAIRIE, "it"]


def test_colours_are_the_sites_to_set(open_portal: Opener) -> None:
    portal = open_portal()

    portal.page.add_style_tag(
        content=(
            "gridwix-portal { --gridwix-accent: rgb(120, 0, 80);"
            " --gridwix-ground: rgb(250, 240, 230) }"
        )
    )

    expect(portal.find(".monogram")).to_have_css("background-color", "rgb(120, 0, 80)")
    expect(portal.find(".portal")).to_have_css("background-color", "rgb(250, 240, 230)")


def test_theme_attribute_wins_over_the_page(open_portal: Opener) -> None:
    portal = open_portal(theme="light")
    expect(portal.find(".portal")).to_have_css("background-color", "rgb(244, 246, 250)")

    portal.page.evaluate("window.portal.element.setAttribute('theme', 'dark')")

    expect(portal.find(".portal")).to_have_css("background-color", "rgb(14, 19, 28)")


def test_element_works_under_a_strict_content_security_policy(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding", csp="strict")

    expect(portal.find(".rich strong").first).to_have_text("ACORD 25")
    expect(portal.find(".progress-fill").first).to_have_css("background-color", "rgb(31, 79, 209)")
