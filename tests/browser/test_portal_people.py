"""The section People: for administrators, with what is lost said before it is taken away."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.served import BALTIC, PRAIRIE, Opener, Portal
from tests.browser.test_portal_accessibility import picture, too_small, unfold, violations

LOOKS: dict[str, tuple[int, dict[str, Any]]] = {
    "wide": (1280, {"locale": "en"}),
    "narrow-german-dark": (360, {"locale": "de", "theme": "dark"}),
    "wide-spanish-dark": (1280, {"locale": "es", "theme": "dark"}),
    "narrow-french": (390, {"locale": "fr"}),
    "narrow-right-to-left": (320, {"locale": "ar"}),
}


def open_people(open_portal: Opener, **query: Any) -> Portal:
    portal = open_portal(world="administrator", section="people", **query)
    portal.find(".people .card").first.wait_for()
    return portal


def card(portal: Portal, name: str) -> Locator:
    return portal.find(".people .card", name)


def unfold_part(portal: Portal, name: str, part: str) -> Locator:
    """Unfold a part of a person's card, with the keyboard. Return it."""
    summary = card(portal, name).locator("summary", has_text=part)
    summary.focus()
    portal.page.keyboard.press("Enter")
    return card(portal, name).locator("details[open]", has_text=part)


@pytest.mark.parametrize("look", LOOKS)
def test_section_has_no_violation_and_fits_its_screen(open_portal: Opener, look: str) -> None:
    width, query = LOOKS[look]
    portal = open_people(open_portal, width=width, **query)
    picture(portal, f"people-{look}")
    unfold(portal)
    portal.find("[data-form='people/invite'] button").click()
    expect(portal.find("[aria-invalid]").first).to_be_focused()
    picture(portal, f"people-unfolded-{look}")

    assert violations(portal) == []
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width
    assert too_small(portal) == []


def test_section_is_in_the_navigation_of_administrators_and_marks_nothing(
    open_portal: Opener,
) -> None:
    portal = open_portal(world="administrator")

    portal.go("People")

    expect(portal.find("h3")).to_be_focused()
    expect(portal.element).to_have_attribute("section", "people")
    item = portal.find("nav .nav-item", "People")
    expect(item).to_have_attribute("aria-current", "page")
    expect(item.locator(".count, .new-count, .unread")).to_have_count(0)
    expect(portal.find("h5")).to_have_count(6)
    expect(card(portal, "Dana Whitfield").locator(".chip", has_text="You")).to_have_count(1)
    expect(card(portal, "Name not known yet")).to_contain_text("Not yet")
    expect(card(portal, "jo.with.a.rather")).to_contain_text("Expired")
    by_hand = card(portal, "Code that was given by hand")
    expect(by_hand.get_by_role("button", name="Send again")).to_have_count(0)


@pytest.mark.parametrize("world", ["restricted", "full"])
def test_others_and_pages_of_an_earlier_backend_have_no_such_section(
    open_portal: Opener, world: str
) -> None:
    portal = open_portal(section="people", world=world)

    expect(portal.find("[data-section=overview]")).to_have_count(1)
    expect(portal.find("nav .nav-item", "People")).to_have_count(0)
    assert portal.calls("getPeople") == []


def test_person_is_invited_and_the_list_shows_it(open_portal: Opener) -> None:
    portal = open_people(open_portal)
    portal.find("summary", "Invite somebody").click()
    form = portal.find("[data-form='people/invite']")

    form.get_by_label("Email address").fill("kim@prairiegold.example")
    form.get_by_label("Name").fill("Kim Park")
    form.get_by_label("Role").select_option("finance")
    form.get_by_label("Language of the email").select_option("fr")
    form.get_by_role("button", name="Send invitation").click()

    expect(card(portal, "Kim Park")).to_be_visible()
    wanted = {"email": "kim@prairiegold.example", "name": "Kim Park"}
    assert portal.calls("invitePerson") == [
        [PRAIRIE, {**wanted, "role": "finance", "language": "fr"}]
    ]
    expect(portal.find("[data-focus='people/said']")).to_be_focused()
    assert portal.said().startswith("kim@prairiegold.example is invited.")


@pytest.mark.parametrize(
    ("code", "question", "text"),
    [
        ("already_member", "email", "This person has access already."),
        ("already_invited", "email", "This person is invited already."),
        ("invalid", "email", "This answer could not be accepted."),
        ("too_often", "", "You have done this often in a short time."),
        ("too_many", "", "Your company has as many people as can be invited here."),
    ],
)
def test_refusal_is_told_beside_the_field_and_what_was_typed_stays(
    open_portal: Opener, code: str, question: str, text: str
) -> None:
    portal = open_people(open_portal)
    portal.fail("invitePerson", code, question or None)
    portal.find("summary", "Invite somebody").click()
    form = portal.find("[data-form='people/invite']")
    form.get_by_label("Email address").fill("kim@prairiegold.example")
    form.get_by_label("Role").select_option("edi")

    form.get_by_role("button", name="Send invitation").click()

    field = form.get_by_label("Email address")
    if question:
        expect(form.locator(".fault")).to_contain_text(text)
        expect(field).to_be_focused()
    else:
        expect(portal.find(".outcome")).to_contain_text(text)
    expect(field).to_have_value("kim@prairiegold.example")
    assert len(portal.calls("getPeople")) == 1


def test_access_is_taken_away_after_it_is_said_what_is_lost(open_portal: Opener) -> None:
    portal = open_people(open_portal)
    part = unfold_part(portal, "Lee Marsh", "Take access away")
    expect(part).to_contain_text("Lee Marsh loses access at once")
    assert portal.calls("removePerson") == []

    part.get_by_role("button", name="Take access away now").press("Enter")

    expect(card(portal, "Lee Marsh")).to_have_count(0)
    assert portal.calls("removePerson") == [[PRAIRIE, "p-lee"]]
    expect(portal.find("[data-focus='people/said']")).to_be_focused()


def test_person_whose_name_is_not_known_is_this_person(open_portal: Opener) -> None:
    portal = open_people(open_portal)
    part = unfold_part(portal, "Name not known yet", "Change role")
    part.get_by_label("Role").select_option("edi")
    part.get_by_role("button", name="Save role").click()
    expect(portal.find("[data-focus='people/said']")).to_have_text(
        "This person has another role now."
    )

    part = unfold_part(portal, "Name not known yet", "Take access away")
    expect(part).to_contain_text("This person loses access at once")
    part.get_by_role("button", name="Take access away now").click()

    expect(portal.find("[data-focus='people/said']")).to_have_text(
        "This person has no access any more."
    )


def test_last_administrator_reads_why_it_stays(open_portal: Opener) -> None:
    portal = open_people(open_portal)
    portal.fail("removePerson", "last_admin")
    part = unfold_part(portal, "Dana Whitfield", "Take access away")
    expect(part).to_contain_text("You cannot undo it yourself")

    part.get_by_role("button", name="Take access away now").click()

    expect(part.locator(".outcome")).to_contain_text("needs at least one administrator")
    expect(part.locator("..").locator("h5")).to_have_text("Dana Whitfield")


def test_role_of_somebody_is_changed(open_portal: Opener) -> None:
    portal = open_people(open_portal)
    part = unfold_part(portal, "Lee Marsh", "Change role")

    expect(part.get_by_label("Role")).to_have_value("edi")
    part.get_by_label("Role").select_option("logistics")
    part.get_by_role("button", name="Save role").click()

    expect(card(portal, "Lee Marsh").locator(".chip")).to_have_text("Logistics")
    assert portal.calls("changeRole") == [[PRAIRIE, "p-lee", "logistics"]]


def test_member_who_gives_up_its_own_role_is_led_to_what_it_still_sees(
    open_portal: Opener,
) -> None:
    portal = open_people(open_portal)
    part = unfold_part(portal, "Dana Whitfield", "Change role")
    part.get_by_label("Role").select_option("edi")
    portal.page.evaluate(
        "partner => { window.portal.world.portals[partner].may.actions = []; }", PRAIRIE
    )

    part.get_by_role("button", name="Save role").click()

    expect(portal.find("[data-section=overview]")).to_have_count(1)
    expect(portal.find("nav .nav-item", "People")).to_have_count(0)


def test_invitation_is_sent_again_and_withdrawn(open_portal: Opener) -> None:
    portal = open_people(open_portal)

    card(portal, "jo.with.a.rather").get_by_role("button", name="Send again").click()
    expect(card(portal, "jo.with.a.rather").locator(".chip", has_text="Expired")).to_have_count(0)
    part = unfold_part(portal, "Ada Lovelace", "Withdraw invitation")
    part.get_by_role("button", name="Withdraw invitation now").click()

    expect(card(portal, "Ada Lovelace")).to_have_count(0)
    assert portal.calls("sendAgain") == [[PRAIRIE, "i-jo"]]
    assert portal.calls("withdrawInvitation") == [[PRAIRIE, "i-ada"]]


@pytest.mark.parametrize(
    ("name", "warning", "said"),
    [
        (
            "Ada Lovelace",
            "The link in the email stops working at once.",
            "withdrawn: Ada Lovelace.",
        ),
        ("jo.with.a.rather", "This invitation has expired already", "withdrawn: jo.with.a.rather"),
        (
            "Code that was given by hand",
            "The code stops working at once.",
            "Its code does not work any more.",
        ),
    ],
)
def test_withdrawal_says_what_stops_working(
    open_portal: Opener, name: str, warning: str, said: str
) -> None:
    portal = open_people(open_portal)
    part = unfold_part(portal, name, "Withdraw invitation")
    expect(part).to_contain_text(warning)

    part.get_by_role("button", name="Withdraw invitation now").click()

    expect(portal.find("[data-focus='people/said']")).to_contain_text(said)


def test_list_is_loading_fails_and_is_loaded_again(open_portal: Opener) -> None:
    portal = open_portal(world="administrator")
    portal.hold("getPeople")
    portal.fail("getPeople")
    portal.go("People")
    expect(portal.find(".waiting")).to_be_visible()
    assert violations(portal) == []

    portal.release("getPeople")
    expect(portal.find(".section-failed")).to_be_visible()
    assert violations(portal) == []
    portal.fail("getPeople", None)
    portal.button("Try again").click()

    expect(card(portal, "Lee Marsh")).to_be_visible()


def test_nobody_invited_is_said_and_another_partner_shows_none_of_these(
    open_portal: Opener,
) -> None:
    portal = open_portal(world="administrator")
    portal.page.evaluate("window.portal.world.people.invitations = []")
    portal.go("People")
    expect(portal.find(".people", "Nobody is invited at the moment.")).to_be_visible()

    portal.find("#switch").select_option(BALTIC)

    expect(portal.find("[data-section=overview]")).to_have_count(1)
    expect(portal.find(".people")).to_have_count(0)


def open_many_people(open_portal: Opener, **query: Any) -> Portal:
    """Open the section with sixty more people, half of them named Zoë."""
    portal = open_portal(world="administrator", **query)
    portal.page.evaluate(
        """() => {
          const { people } = window.portal.world.people;
          for (let number = 0; number < 60; number += 1) {
            people.push({
              id: `p-${number}`,
              name: `${number % 2 ? 'Zoë' : 'Max'} Nr ${number}`,
              email: `p${number}@x.example`,
              role: number % 3 ? 'finance' : 'logistics',
              since: '2026-01-12T15:00:00Z',
              lastSeen: null,
              self: false,
            });
          }
        }"""
    )
    portal.go("People")
    portal.find(".people .card").first.wait_for()
    return portal


def names(portal: Portal) -> list[str]:
    return portal.find(".people h5").all_inner_texts()


def test_many_people_are_searched_by_name_and_address_with_the_keyboard(
    open_portal: Opener,
) -> None:
    portal = open_many_people(open_portal)
    assert portal.find(".list-range").inner_text() == "1 to 25 of 66"

    portal.element.get_by_label("Find in this list").focus()
    portal.page.keyboard.type("zoe 57")
    expect(portal.find(".people h5")).to_have_text(["Zoë Nr 57"])
    expect(portal.find("#people-invited")).to_have_count(0)
    portal.page.keyboard.press("Enter")
    expect(portal.element).to_have_attribute("section", "people*q-zoe 57")
    part = unfold_part(portal, "Zoë Nr 57", "Take access away")
    part.get_by_role("button", name="Take access away now").press("Enter")

    # The search stays, and finds nobody now.
    expect(portal.find(".empty-title")).to_have_text("Nothing matches")
    portal.button("Clear search and filters").press("Enter")
    expect(portal.element.get_by_label("Find in this list")).to_be_focused()
    portal.page.keyboard.type("p13@x.example")
    expect(portal.find(".people h5")).to_have_text(["Zoë Nr 13"])
    assert portal.calls("getPeople") != []


def test_many_people_are_filtered_by_role_and_state(open_portal: Opener) -> None:
    portal = open_many_people(open_portal, width=1280)
    state = portal.element.get_by_label("State")

    assert state.locator("option").all_inner_texts() == [
        "Any state",
        "Invited",
        "Expired",
        "With access",
    ]
    state.select_option("Expired")
    assert names(portal) == ["jo.with.a.rather.long.address.of.a.department@prairiegold.example"]
    state.select_option("With access")
    portal.find("#list-type").select_option("logistics")

    expect(portal.find(".people h5")).to_have_count(20)
    assert portal.find(".list-range").inner_text() == "1 to 20 of 20 found, out of 66"
    expect(portal.element).to_have_attribute("section", "people*state-member*type-logistics")


@pytest.mark.parametrize("width", [320, 1280])
def test_search_of_people_fits_right_to_left_and_has_no_violation(
    open_portal: Opener, width: int
) -> None:
    portal = open_many_people(open_portal, width=width, locale="ar")
    portal.element.get_by_label("Find in this list").fill("zoe")
    expect(portal.find(".people h5")).to_have_count(25)
    portal.button("Next").press("Enter")
    expect(portal.find(".people h5")).to_have_count(5)
    picture(portal, f"people-search-{width}")

    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(portal) == []
    assert too_small(portal) == []
