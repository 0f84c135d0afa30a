"""A member who has reached a limit reads how much it may, and until when that counts."""

from playwright.sync_api import expect

from tests.browser.served import Opener

UNTIL = "2026-03-13T09:00:00.000Z"
"""Later on the day of the page's clock: 4:00 AM where its reader is."""

SENT = {"kind": "send", "most": 200, "until": UNTIL}
CALLS = {"kind": "call", "most": 500, "until": UNTIL}


def test_limit_of_an_action_is_said_with_its_end_and_what_was_typed_stays(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues")
    box = portal.element.get_by_label("Add a comment").first
    box.fill("Resent at 10:15.")
    portal.fail("addComment", "too_often", limit=SENT)

    portal.button("Send comment").first.click()

    said = (
        "You have sent 200 requests, answers or documents within an hour, the most for one"
        " person. You can go on at 4:00 AM."
    )
    expect(portal.find(".outcome")).to_have_text(said)
    assert portal.said() == said
    expect(box).to_have_value("Resent at 10:15.")
    # What a newer backend limits has a sentence as well.
    portal.fail("addComment", "too_often", limit={**SENT, "kind": "something-new"})
    portal.button("Send comment").first.click()
    expect(portal.find(".outcome")).to_have_text(
        "You have done this often in a short time. Please go on later."
    )


def test_limit_of_what_is_read_is_said_in_the_section_and_above_what_is_shown(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues")
    said = (
        "You have opened more within a minute than the portal shows to one person."
        " It goes on at 4:00 AM."
    )
    for method in ("getSections", "getChanges"):
        portal.fail(method, "too_often", limit=CALLS)

    portal.go("Documents")
    expect(portal.find(".section-failed")).to_contain_text(said)
    portal.reconnect()
    expect(portal.find(".band", "Not up to date.")).to_contain_text(said)
    assert portal.said() == said


def test_limit_is_said_beside_the_setting_that_was_not_saved(open_portal: Opener) -> None:
    portal = open_portal(section="settings")
    portal.fail("saveSettings", "too_often", limit=CALLS)

    portal.find("[role=switch]").first.click()

    expect(portal.find(".settings-result.bad")).to_have_text(
        "You have opened more within a minute than the portal shows to one person."
        " It goes on at 4:00 AM."
    )


def test_page_that_cannot_be_loaded_says_the_limit(open_portal: Opener) -> None:
    portal = open_portal(before="window.failFirst = 'getSession';")
    portal.fail("getSession", "too_often", limit=CALLS)

    portal.button("Try again").click()

    expect(portal.find(".alone")).to_contain_text("It goes on at 4:00 AM.")
