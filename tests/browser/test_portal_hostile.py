"""Hostile content in each text of each row is inert: no script, no request, no script URL."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.served import PRAIRIE, SECTIONS, Opener, Portal
from tests.browser.test_notice_html import HOSTILE

# Every text of every row, form and partner becomes an attack; ids, dates and what the element
# branches on stay, so that all is shown.
POISON = """([attack, all]) => {
  const BRANCHES = [
    'status', 'kind', 'impact', 'owner', 'target', 'is',
    'programId', 'role', 'importance', 'state', 'author', 'fileId',
  ];
  const KEPT = new Set(['id', 'key', ...(all ? [] : BRANCHES)]);
  const poisoned = (value, name) => {
    if (Array.isArray(value)) return value.map(one => poisoned(one, name));
    if (value && typeof value === 'object') {
      const entries = Object.entries(value);
      return Object.fromEntries(entries.map(([key, one]) => [key, poisoned(one, key)]));
    }
    if (typeof value !== 'string' || KEPT.has(name)) return value;
    return /^\\d{4}-\\d{2}-\\d{2}/.test(value) ? value : attack;
  };
  const {world} = window.portal;
  window.portal.change((portals) => {
    for (const portal of Object.values(portals)) {
      portal.partner.name = attack;
      for (const section of Object.values(portal.sections)) {
        section.rows = section.rows.map(row => poisoned(row));
      }
    }
    for (const form of world.forms) {
      form.title = attack;
      for (const field of form.fields) {
        Object.assign(field, {label: attack, choices: field.choices.map(() => attack)});
      }
    }
    world.session.member.name = attack;
    world.session.partners.forEach(one => { one.name = attack; });
  });
}"""

POKE = """() => {
  const ADDRESSES = [
    'href', 'src', 'action', 'formaction', 'srcset', 'xlink:href', 'data', 'poster',
  ];
  const KINDS = [
    'mouseover', 'focus', 'toggle', 'error', 'load', 'animationstart', 'pointerenter',
  ];
  const root = window.portal.element.shadowRoot;
  root.querySelectorAll('details').forEach(details => { details.open = true; });
  for (const element of root.querySelectorAll('.content *')) {
    if (element.matches('button, summary, select, input')) continue;
    for (const kind of KINDS) element.dispatchEvent(new Event(kind));
  }
  const elements = [...root.querySelectorAll('*')];
  return {
    tags: elements.map(element => element.localName),
    listeners: elements
      .flatMap(element => [...element.attributes].map(({name}) => name))
      .filter(name => name.startsWith('on')),
    addresses: elements.flatMap(element => ADDRESSES
      .filter(name => element.hasAttribute(name))
      .map(name => element.getAttribute(name))),
    shown: root.textContent,
  };
}"""

NEVER = {
    "script",
    "iframe",
    "object",
    "embed",
    "base",
    "meta",
    "link",
    "img",
    "video",
    "audio",
    "style",
    "template",
    "math",
    "image",
    "animate",
    "foreignobject",
}


def poison(portal: Portal, attack: str, *, everywhere: bool = False) -> list[str]:
    """Fill each text with the attack. Return the list of later requests.

    With ``everywhere``, values that the element branches on are filled too.
    """
    asked: list[str] = []
    portal.page.on("request", lambda request: asked.append(request.url))
    portal.page.on("dialog", lambda dialog: asked.append(dialog.message))
    portal.page.evaluate(POISON, [attack, everywhere])
    portal.reopen()
    return asked


def poke(portal: Portal) -> dict[str, Any]:
    found: dict[str, Any] = portal.page.evaluate(POKE)
    portal.settle()
    found["hit"] = portal.page.evaluate("window.hit || 0")
    return found


@pytest.mark.parametrize(
    ("parser", "sections"), [("sanitizer", SECTIONS), ("parser", ("onboarding", "notices"))]
)
def test_hostile_content_in_every_field_is_inert(
    open_portal: Opener, parser: str, sections: tuple[str, ...]
) -> None:
    portal = open_portal(before="" if parser == "sanitizer" else "delete Document.parseHTML")
    asked = poison(portal, "\n".join(HOSTILE))

    for section in sections:
        portal.show_section(section)
        found = poke(portal)

        assert (found["hit"], asked) == (0, []), section
        assert not NEVER & set(found["tags"]), section
        assert found["listeners"] == [], section
        assert all(one.startswith(("https://", "mailto:")) for one in found["addresses"]), section
        assert "<script>window.hit = 1</script>" in found["shown"], section


@pytest.mark.parametrize("word", ["constructor", "__proto__", "toString"])
def test_word_that_every_object_has_is_a_word(open_portal: Opener, word: str) -> None:
    portal = open_portal()
    poison(portal, word, everywhere=True)

    for section in SECTIONS:
        portal.show_section(section)

        expect(portal.find("h2")).to_have_text(word)
        assert "native code" not in poke(portal)["shown"], section


def test_hostile_rich_text_is_inert_whatever_parser_a_browser_has(open_portal: Opener) -> None:
    portal = open_portal(section="messages", before="delete Document.parseHTML")

    for attack in HOSTILE:
        asked = poison(portal, attack)
        found = poke(portal)

        assert (found["hit"], asked, found["listeners"]) == (0, [], []), attack
        assert not NEVER & set(found["tags"]), attack
        assert all(address.startswith(("https://", "mailto:")) for address in found["addresses"]), (
            attack
        )


def test_deeply_nested_and_endless_rich_text_is_shown_up_to_a_bound(open_portal: Opener) -> None:
    portal = open_portal(section="messages")

    poison(portal, "<blockquote>" * 1500 + "deep" + "x" * 100_000)

    expect(portal.find(".message")).to_have_count(3)
    elements = portal.page.evaluate(
        "window.portal.element.shadowRoot.querySelectorAll('.message .rich')[0]"
        ".querySelectorAll('*').length"
    )
    assert elements < 60


def test_address_that_is_not_a_safe_one_is_not_opened(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    pages: list[Any] = []
    portal.page.context.on("page", lambda opened: pages.append(opened))  # noqa: PLW0108  Playwright marks its listeners, which a built-in method does not allow.
    outcome = portal.find(".document", "Trading partner agreement").locator(".outcome")
    for address in (
        "javascript:window.opener.hit=1",
        "data:text/html,<script>1</script>",
        "http://files.example/a",
        "//files.example/a",
        "",
        None,
        7,
    ):
        portal.page.evaluate(
            "address => { window.portal.functions.openDocument = async () => ({url: address}) }",
            address,
        )
        portal.button("Open Trading partner agreement").click()

        expect(outcome).to_contain_text("The service did not answer.")
        expect(outcome.locator("a")).to_have_count(0)
    assert pages == []


def test_upload_address_that_is_not_a_safe_one_gets_no_bytes(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    asked: list[str] = []
    portal.page.on("request", lambda request: asked.append(request.url))
    portal.page.evaluate(
        "window.portal.functions.getUploadUrl = async () => ({uploadUrl: 'http://upload.example/place'})"
    )
    document = portal.find(".document", "Trading partner agreement")
    document.locator("summary", has_text="Send a new version").click()
    document.get_by_label("File").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    )

    document.get_by_role("button", name="Send for review").click()

    expect(document.locator(".outcome")).to_contain_text("The service did not answer.")
    assert asked == []


def test_picture_of_a_step_comes_from_the_sites_media_alone(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding")
    change = (
        "image => window.portal.change(portals => Object.assign("
        f"portals.{PRAIRIE}.sections.onboarding.rows[0].steps[2], {{image, note: image}}))"
    )
    images = (
        "https://tracker.example/a.png",
        "javascript:window.hit=1",
        "wix:image://v1/../../x",
        "wix:image://v1/a%2f..%2f/x.png",
        "<img src=x>",
    )
    for image in images:
        portal.page.evaluate(change, image)
        portal.ring()

        expect(portal.find(".step .callout")).to_have_text(image)
        expect(portal.find("img")).to_have_count(0)


def test_reference_to_nothing_harms_nothing(open_portal: Opener) -> None:
    portal = open_portal(section="messages")
    change = (
        "([record, title]) => window.portal.change(portals => Object.assign("
        f"portals.{PRAIRIE}.sections.messages.rows[1], {{record, title}}))"
    )
    references = (
        "cases/../x",
        "__proto__/x",
        "toString/x",
        "",
        None,
        "nowhere",
        "cases/unknown",
        5,
    )
    for reference in references:
        portal.page.evaluate(change, [reference, f"About {reference}"])
        portal.ring()

        expect(portal.find(".message").first).to_contain_text(f"About {reference}")
