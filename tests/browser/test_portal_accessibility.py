"""Accessibility of the portal: axe, keyboard, target sizes, and narrow screens."""

import os
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.served import INVITED, ROOT, SECTIONS, Opener, Portal

SCREENSHOTS = ROOT / ".state" / "screenshots" if os.environ.get("SCREENSHOTS") else None
"""Folder for screenshots of each section, for review by people, or None:
``make test-one T=tests/browser SCREENSHOTS=1`` takes them. A screenshot of a page takes as long as
opening it, so no other run does.
"""

AXE = Axe()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

LOOKS: dict[str, tuple[int, dict[str, Any]]] = {
    "wide": (1280, {"locale": "en"}),
    "narrow-german-dark": (360, {"locale": "de", "theme": "dark"}),
    "wide-dark": (1280, {"locale": "en", "theme": "dark"}),
    "narrow-right-to-left": (320, {"locale": "ar"}),
}


def unfold(portal: Portal) -> None:
    portal.page.evaluate(
        "window.portal.element.shadowRoot.querySelectorAll('details')"
        ".forEach(details => { details.open = true; })"
    )


def violations(portal: Portal) -> list[str]:
    # axe waits for timers of the page.
    portal.page.clock.resume()
    # Compiling axe takes a page a good part of a second, once.
    if portal.page.evaluate("typeof axe === 'undefined'"):
        portal.page.evaluate(AXE.axe_script)
    found: list[dict[str, Any]] = portal.page.evaluate(
        "options => axe.run(options).then(found => found.violations)",
        {"runOnly": RULES, "resultTypes": ["violations"]},
    )
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def picture(portal: Portal, name: str) -> None:
    """Keep a screenshot of the page, if this run is to take them."""
    if SCREENSHOTS is None:
        return
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    portal.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@pytest.mark.parametrize("look", LOOKS)
def test_sections_have_no_violation_and_fit_their_screen(open_portal: Opener, look: str) -> None:
    """All on one page: opening a page takes longer than showing a section."""
    width, query = LOOKS[look]
    portal = open_portal(width=width, **query)

    for section in (*SECTIONS, "search*q-issue"):
        portal.show_section(section)
        picture(portal, f"{section}-{look}")
        unfold(portal)

        assert violations(portal) == [], section
        assert portal.page.evaluate("document.documentElement.scrollWidth") <= width, section
        assert too_small(portal) == [], section


@pytest.mark.parametrize("look", ["wide", "narrow-german-dark"])
def test_states_without_rows_have_no_violation(open_portal: Opener, look: str) -> None:
    width, query = LOOKS[look]
    for world in ("unlinked", "empty"):
        portal = open_portal(width=width, world=world, **query)
        picture(portal, f"{world}-{look}")

        assert violations(portal) == []
    portal = open_portal(width=width, transport="none", wait=".waiting", **query)
    picture(portal, f"loading-{look}")
    assert violations(portal) == []
    portal.page.evaluate(
        "window.portal.failing.set('getSession', 'unavailable');"
        " window.portal.element.backend = window.portal.functions"
    )
    portal.find(".alone").wait_for()
    picture(portal, f"failed-{look}")
    assert violations(portal) == []


@pytest.mark.parametrize("look", LOOKS)
def test_offer_of_an_invitation_has_no_violation_and_fits_its_screen(
    open_portal: Opener, look: str
) -> None:
    width, query = LOOKS[look]
    for world in ("unlinked", "single"):
        portal = open_portal(width=width, world=world, fragment=f"#invitation={INVITED}", **query)
        portal.fail("acceptInvitation", "other_address")
        portal.find(".offer button").click()
        expect(portal.find(".offer .outcome")).to_be_visible()
        picture(portal, f"invitation-{world}-{look}")

        assert violations(portal) == []
        assert portal.page.evaluate("document.documentElement.scrollWidth") <= width
        assert too_small(portal) == []


def test_state_after_an_action_has_no_violation(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    portal.find("summary", "Question to the partner desk").click()
    form = portal.find("form[data-form='request/partner-question']")
    form.get_by_label("Attachments").set_input_files(
        {"name": "zones.exe", "mimeType": "text/csv", "buffer": b"7"}
    )
    form.get_by_role("button", name="Send request").click()
    expect(form.locator(".fault")).to_have_count(3)
    picture(portal, "faults")
    assert violations(portal) == []
    form.get_by_label("Attachments").set_input_files([])

    form.get_by_label("What is it about?").select_option("freight")
    form.get_by_label("Your question").fill("When is zone 7 open?")
    portal.fail("sendRequest", "invalid")
    form.get_by_role("button", name="Send request").click()
    expect(portal.find(".outcome")).to_be_visible()
    assert violations(portal) == []
    portal.fail("sendRequest", None)
    form.get_by_role("button", name="Send request").click()
    expect(portal.find(".waiting-row")).to_be_visible()
    portal.fail("getChanges")
    portal.reconnect()
    picture(portal, "sent-and-not-current")

    assert violations(portal) == []


@pytest.mark.parametrize("look", ["wide", "narrow-german-dark", "narrow-right-to-left"])
def test_states_of_a_section_have_no_violation(open_portal: Opener, look: str) -> None:
    width, query = LOOKS[look]
    portal = open_portal(width=width, section="issues", **query)
    portal.find(".banner summary").click()
    portal.change("rows.issues[0].statusLabel = 'New'; rows.messages.pop()")
    expect(portal.find(".fresh")).to_have_count(1)
    expect(portal.find(".unread")).to_have_count(1)
    picture(portal, f"changed-{look}")
    assert violations(portal) == []

    portal.hold("getSections")
    portal.find(".nav-item").last.click()
    expect(portal.find(".content .skeleton").first).to_be_attached()
    picture(portal, f"section-loading-{look}")
    assert violations(portal) == []
    portal.fail("getSections")
    portal.release("getSections")
    portal.find(".section-failed").wait_for()
    picture(portal, f"section-failed-{look}")

    assert violations(portal) == []
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width
    assert too_small(portal) == []


@pytest.mark.parametrize("look", ["wide", "narrow-german-dark"])
def test_questions_of_a_step_have_no_violation_with_their_faults(
    open_portal: Opener, look: str
) -> None:
    width, query = LOOKS[look]
    portal = open_portal(width=width, section="onboarding", **query)
    unfold(portal)

    portal.find(".step.yours form button").first.click()
    expect(portal.find(".fault")).to_have_count(4)
    picture(portal, f"step-faults-{look}")

    assert violations(portal) == []
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_sees_into_the_element(open_portal: Opener) -> None:
    portal = open_portal()

    portal.page.evaluate(
        "window.portal.element.shadowRoot.querySelector('.headline').style.color = '#ddd'"
    )

    assert any("color-contrast" in violation for violation in violations(portal))


def too_small(portal: Portal) -> list[str]:
    """Return controls smaller than 24 by 24 CSS pixels, except links within a sentence."""
    found: list[str] = portal.page.evaluate("""() => {
      const root = window.portal.element.shadowRoot;
      return [...root.querySelectorAll('button, summary, select, input, textarea')]
        .filter(one => one.getClientRects().length)
        .map(one => [one, (one.closest('label') ?? one).getBoundingClientRect()])
        .filter(([, {width, height}]) => width < 24 || height < 24)
        .map(([one]) => one.outerHTML.slice(0, 120));
    }""")
    return found


FOCUSED = """() => {
  const one = window.portal.element.shadowRoot.activeElement;
  const name = one && (
    one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent
  ).trim();
  return one && [one.localName, name, getComputedStyle(one).outlineStyle !== 'none'];
}"""


def test_keyboard_reaches_everything_in_reading_order_and_the_focus_is_seen(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues")

    walked: list[list[Any]] = []
    for _ in range(60):
        portal.page.keyboard.press("Tab")
        stop = portal.page.evaluate(FOCUSED)
        if stop is None:
            break
        walked.append(stop)

    assert all(seen for _, _, seen in walked)
    names = [name for _, name, _ in walked]
    assert [re.split(r"\d", name)[0].strip() for name in names[:14]] == [
        "Skip to the content", "Search", "What is new", "Your settings", "Showing",
        "MajorDelayed delivery of", "Overview", "Onboarding", "Issues", "Notices", "Activity",
        "Documents", "Requests", "Messages",
    ]  # fmt: skip
    assert names[14].startswith("TG-2026-004711")
    assert names[15:17] == ["Add a comment", "Send comment"]
    assert [name[:14] for name in names[17:]] == ["TG-2026-004698", "TG-2026-004402"]


def test_keyboard_skips_header_and_navigation_with_a_button_that_is_seen_only_then(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues")
    skip = portal.button("Skip to the content")
    clipped = "button => getComputedStyle(button).clipPath"
    hidden = skip.evaluate(clipped)

    portal.page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    shown = skip.evaluate(clipped)
    portal.page.keyboard.press("Enter")

    assert (hidden, shown) == ("inset(50%)", "none")
    expect(portal.find("h3")).to_be_focused()
    portal.page.keyboard.press("Tab")
    expect(portal.find(".issue summary").first).to_be_focused()


def test_keyboard_alone_gets_to_an_issue_and_comments(open_portal: Opener) -> None:
    portal = open_portal()
    keyboard = portal.page.keyboard
    nav = portal.element.get_by_role("navigation").get_by_role("button", name="Issues")
    nav.focus()

    keyboard.press("Enter")
    expect(portal.find("h3")).to_be_focused()
    for _ in range(2):
        keyboard.press("Tab")
    keyboard.type("Typed by keyboard.")
    keyboard.press("Tab")
    keyboard.press("Space")

    expect(portal.find(".outcome")).to_be_focused()
    assert portal.calls("addComment")[0][2] == "Typed by keyboard."
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect(portal.find(".issue").first).not_to_have_attribute("open", "")


def test_page_is_in_landmarks_and_says_where_one_is(open_portal: Opener) -> None:
    portal = open_portal(section="documents")

    expect(portal.element.get_by_role("region", name="Partner portal")).to_be_visible()
    expect(portal.element.get_by_role("complementary", name="Service notice")).to_be_visible()
    nav = portal.element.get_by_role("navigation", name="Portal sections")
    expect(nav.locator("[aria-current=page]")).to_have_text("Documents")
    expect(nav.get_by_role("button", name="Issues 2 open")).to_be_visible()
    levels = portal.page.evaluate(
        "[...window.portal.element.shadowRoot.querySelectorAll('h2, h3, h4, h5')]"
        ".map(one => Number(one.localName[1]))"
    )
    assert levels[0] == 2
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_nothing_moves_for_who_wants_no_motion(open_portal: Opener) -> None:
    loading = open_portal(context={"reduced_motion": "reduce"}, transport="none", wait=".waiting")
    ready = open_portal(context={"reduced_motion": "reduce"})

    assert [moving(portal) for portal in (loading, ready)] == [0, 0]


def moving(portal: Portal) -> int:
    found: int = portal.page.evaluate("""() =>
      [...window.portal.element.shadowRoot.querySelectorAll('*')]
        .map(one => getComputedStyle(one))
        .filter(style => style.animationName !== 'none'
          || style.transitionProperty !== 'none' && style.transitionDuration !== '0s')
        .length""")
    return found


def test_text_can_be_spaced_out_without_loss(open_portal: Opener) -> None:
    portal = open_portal(width=320, section="documents", locale="de")
    portal.page.evaluate("""() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`* {
        line-height: 1.5 !important;
        letter-spacing: 0.12em !important;
        word-spacing: 0.16em !important;
      }`);
      const root = window.portal.element.shadowRoot;
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    }""")

    assert portal.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_screenshots_are_not_kept_in_git() -> None:
    assert ".state/" in Path(ROOT / ".gitignore").read_text().splitlines()
