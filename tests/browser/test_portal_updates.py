"""The portal shows changes without a reload, and keeps focus and input."""

import pytest
from playwright.sync_api import expect

from tests.browser.served import BALTIC, PRAIRIE, Opener

BURST = """
  rows.issues.unshift({
    ...rows.issues[0], id: 'case_new', number: 'TG-2026-005000', subject: 'New one',
    openedAt: '2026-03-13T08:03:00Z',
  });
  rows.issues[1].comments.push({
    author: 'hub', text: 'We have seen it.', createdAt: '2026-03-13T08:03:00Z',
  });
  rows.issues[1].statusLabel = 'In progress';
"""


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_change_appears_without_reload_and_keeps_focus_text_selection_and_scroll(
    open_portal: Opener, transport: str
) -> None:
    portal = open_portal(section="issues", transport=transport)
    box = portal.element.get_by_label("Add a comment").first
    box.press_sequentially("half a thou")
    box.evaluate(
        "box => { box.setSelectionRange(2, 5); box.style.height = '300px'; window.kept = box; }"
    )

    portal.change(BURST)

    expect(portal.find(".issue")).to_have_count(4)
    expect(portal.find(".issue", "TG-2026-004711").locator(".timeline")).to_contain_text(
        "We have seen it."
    )
    state = portal.page.evaluate("""() => {
      const box = window.kept, root = window.portal.element.shadowRoot;
      return [
        box.isConnected, root.activeElement === box, box.value,
        box.selectionStart, box.selectionEnd, box.closest('details.issue').open,
      ];
    }""")
    assert state == [True, True, "half a thou", 2, 5, True]


def test_update_does_not_move_what_is_in_view(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    button = portal.button("Send comment").first
    button.scroll_into_view_if_needed()
    before = portal.page.evaluate("scrollY")

    portal.change(
        "rows.issues[0].comments[0].text += ' Thank you.';"
        " rows.issues[0].statusLabel = 'In progress'"
    )

    expect(portal.find(".timeline").first).to_contain_text("Thank you.")
    assert before > 0
    assert portal.page.evaluate("scrollY") == before


def test_focus_survives_when_rows_change_places(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    portal.change("rows.requests.forEach(row => { row.open = true })")
    expect(portal.find(".request").first).to_contain_text("GX-2B9K-44RT")
    last = portal.find(".request", "GX-1A1A-10ZZ").get_by_role("button")
    last.focus()

    portal.change("rows.requests[2].submittedAt = '2026-03-13T08:03:00Z'")

    expect(portal.find(".request").first).to_contain_text("GX-1A1A-10ZZ")
    expect(last).to_be_focused()


def test_focus_survives_a_move_in_a_browser_that_cannot_move_nodes_whole(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="requests", before="delete Element.prototype.moveBefore")
    portal.change("rows.requests.forEach(row => { row.open = true })")
    last = portal.find(".request", "GX-1A1A-10ZZ").get_by_role("button")
    last.focus()

    portal.change("rows.requests[2].submittedAt = '2026-03-13T08:03:00Z'")

    expect(portal.find(".request").first).to_contain_text("GX-1A1A-10ZZ")
    expect(last).to_be_focused()


def test_draft_survives_a_look_at_another_section_and_stays_with_its_partner(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="requests")
    portal.find("summary", "Question to the partner desk").click()
    portal.element.get_by_label("Your question").last.fill("When do you")

    portal.go("Overview")
    portal.go("Requests")
    expect(portal.element.get_by_label("Your question").last).to_have_value("When do you")
    portal.element.get_by_label("Showing").select_option(BALTIC)
    expect(portal.find("h2")).to_have_text("Baltic Home Textiles OÜ")

    assert portal.element.get_by_label("Your question").last.input_value() == ""


def test_comment_box_with_text_stays_when_the_issue_is_closed_meanwhile(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues")
    portal.element.get_by_label("Add a comment").first.fill("half a thought")

    portal.change(
        "Object.assign(rows.issues[0], {open: false, status: 'closed', statusLabel: 'Closed'})"
    )

    expect(
        portal.find(".past .issue", "TG-2026-004711").get_by_label("Add a comment")
    ).to_have_value("half a thought")


def test_disclosure_that_was_closed_stays_closed(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.find(".issue summary").first.click()

    portal.change("rows.issues[0].statusLabel = 'In progress'")

    expect(portal.find(".issue", "In progress").first).not_to_have_attribute("open", "")


def test_what_changed_is_told_to_who_cannot_see_it(open_portal: Opener) -> None:
    portal = open_portal()

    portal.change(
        "rows.messages.push({...rows.messages[0], id: 'dsp_9', title: 'New'});"
        " rows.issues[0].statusLabel = 'New'"
    )

    assert portal.said() == "Updated: Issues, Messages."
    expect(portal.find("[role=status]")).to_have_attribute("aria-live", "polite")


def test_failed_check_keeps_what_is_shown_and_says_that_it_is_not_current(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues")
    box = portal.element.get_by_label("Add a comment").first
    box.fill("half a thought")
    portal.fail("getChanges", "throw")

    portal.reconnect()

    expect(portal.find(".band", "Not up to date.")).to_contain_text(
        "This is how it was at 3:02 AM."
    )
    expect(portal.find(".issue")).to_have_count(3)
    expect(box).to_have_value("half a thought")
    expect(box).to_be_focused()
    assert portal.said() == "The service cannot be reached. What you see may not be up to date."
    portal.fail("getChanges", None)
    portal.button("Try now").click()
    expect(portal.find(".band", "Not up to date.")).to_have_count(0)


def test_checks_that_go_on_failing_become_rarer(open_portal: Opener) -> None:
    portal = open_portal(still=True)
    portal.fail("getChanges")
    portal.reconnect()

    portal.advance(300_000)

    assert 5 <= len(portal.calls("getChanges")) <= 8


def test_portal_that_could_not_be_loaded_comes_by_itself(open_portal: Opener) -> None:
    portal = open_portal(transport="none", wait=".waiting")
    portal.page.evaluate(
        "window.portal.failing.set('getSession', 'unavailable');"
        " window.portal.element.backend = window.portal.functions"
    )
    expect(portal.find("h2")).to_have_text("Your portal could not be loaded")

    portal.fail("getSession", None)
    portal.advance(6_000)

    expect(portal.find("h2")).to_have_text("Prairie Gold Foods")


def test_partner_that_is_taken_away_is_no_longer_shown(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    portal.page.evaluate(
        "const {session} = window.portal.world;"
        " session.partners = session.partners.filter(one => one.id !== 'GC070000000101')"
    )
    portal.fail("getSections", "not_yours")
    portal.change("rows.documents.pop()")

    expect(portal.find("h2")).to_have_text("Baltic Home Textiles OÜ")
    expect(portal.find(".document")).to_have_count(0)


def test_late_answer_for_another_partner_is_dropped(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    portal.hold("getPortal")
    portal.element.get_by_label("Showing").select_option(BALTIC)
    portal.page.evaluate(f"window.portal.element.setAttribute('partner', '{PRAIRIE}')")
    expect(portal.find("h2")).to_have_text("Prairie Gold Foods")
    portal.release("getPortal")
    portal.settle()

    expect(portal.find("h2")).to_have_text("Prairie Gold Foods")
    expect(portal.find(".document")).to_have_count(4)


def test_event_transport_waits_for_page_code_that_listens_late(open_portal: Opener) -> None:
    portal = open_portal(transport="events", listen="2500", still=True, wait=".waiting")
    assert portal.calls("getSession") == []

    portal.advance(4_000)

    expect(portal.find("h2")).to_have_text("Prairie Gold Foods")
    assert len(portal.calls("getSession")) == 1


def test_event_transport_has_one_call_at_a_time_and_ignores_other_answers(
    open_portal: Opener,
) -> None:
    portal = open_portal(transport="events", section="issues")
    portal.hold("addComment")
    portal.element.get_by_label("Add a comment").first.fill("One")
    portal.button("Send comment").first.click()

    for answer in ("no json", "null", '{"id": "x-1", "result": {"reference": "GX-FAKE"}}'):
        portal.page.evaluate(
            "answer => window.portal.element.setAttribute('answer', answer)", answer
        )
    portal.change("rows.issues.pop()")
    assert portal.calls("getSections") == []
    portal.release("addComment")

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    expect(portal.find(".issue")).to_have_count(2)


def test_attributes_move_it_without_taking_the_focus(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.page.evaluate(
        "window.seen = []; window.portal.element.addEventListener("
        "'gridwix-section', event => window.seen.push(event.detail))"
    )

    portal.page.evaluate("window.portal.element.setAttribute('section', 'documents')")

    expect(portal.find("h3")).to_have_text("Documents")
    assert portal.page.evaluate("document.activeElement.localName") == "body"
    assert portal.page.evaluate("window.seen") == [
        {
            "section": "documents",
            "record": None,
            "address": "documents",
            "partner": PRAIRIE,
            "title": "Documents - Prairie Gold Foods",
            "by": "page",
        }
    ]


def test_element_that_leaves_the_page_asks_nothing_and_starts_again_when_it_is_back(
    open_portal: Opener,
) -> None:
    portal = open_portal()
    portal.page.evaluate("window.portal.element.remove()")
    before = portal.page.evaluate("window.portal.calls.length")

    portal.ring()
    portal.advance(700_000)
    assert portal.page.evaluate("window.portal.calls.length") == before
    portal.page.evaluate("document.querySelector('main').append(window.portal.element)")

    expect(portal.find("h2")).to_have_text("Prairie Gold Foods")
    assert len(portal.calls("getPortal")) == 2
