"""The page sanitizes rich text by the same table as the server, with whatever parser it has."""

from collections.abc import Sequence
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page

from gridwix.mapping.html import sanitize_html
from tests.html_table import RULES, Row, written

TABLE = [*RULES, *written()]

COMPARE = """async ([rows, withParser]) => {
  if (withParser) delete Document.parseHTML;
  const { sanitizeHtml } = await import('/portal/element/sanitize.js');
  const { patch } = await import('/portal/element/html.js');
  // Elements with what a reader gets of them; the headings of the page are above those of a text.
  const HEADINGS = {h3: 'h5', h4: 'h6', h5: 'h6'};
  const outline = (node, below) => [...node.childNodes].map(child => {
    if (child.nodeType === Node.TEXT_NODE) return child.data;
    const tag = below ? HEADINGS[child.localName] ?? child.localName : child.localName;
    const href = child.getAttribute('href') ?? '';
    return `<${tag} ${href}>${outline(child, below)}</${tag}>`;
  }).join('').replace(/\\n+$/, '');
  return rows.map(({html, clean}) => {
    const shown = document.createElement('div');
    patch(shown, [], sanitizeHtml(html));
    const wanted = new DOMParser().parseFromString(clean, 'text/html').body;
    return [outline(shown, false).trim(), outline(wanted, true).trim()];
  });
}"""


def compare(page: Page, address: str, rows: Sequence[Row], parser: str) -> list[list[str]]:
    """Return for each row what the page shows and what it should show, as outlines."""
    page.goto(urljoin(address, "/portal/element/html.js"))
    arguments = [[row._asdict() for row in rows], parser == "parser"]
    found: list[list[str]] = page.evaluate(COMPARE, arguments)
    return found


@pytest.mark.parametrize("parser", ["sanitizer", "parser"])
def test_page_shows_what_the_table_says(page: Page, portal_address: str, parser: str) -> None:
    found = compare(page, portal_address, TABLE, parser)

    assert {
        row.name: shown
        for row, (shown, wanted) in zip(TABLE, found, strict=True)
        if shown != wanted
    } == {}


def test_page_changes_nothing_of_what_the_server_has_sanitized(
    page: Page, portal_address: str
) -> None:
    rows = [Row(row.name, sanitize_html(row.html), row.clean) for row in TABLE]

    found = compare(page, portal_address, rows, "sanitizer")

    assert [shown for shown, wanted in found if shown != wanted] == []


LONG = {
    "words": ("<p>" + "word " * 9_000, "word…"),
    "references": ("<p>" + "&amp;" * 9_000, "&…"),
    "letters": ("<p>x" + "👩‍👩‍👧‍👦" * 9_000, "👩‍👩‍👧‍👦…"),
    "dropped element": ("<p>one</p><svg>" + "x" * 30_000, "one…"),
    "broken tag": ("<p>one</p><b title='" + "x" * 30_000, "one…"),
}

SHOWN = """async (html) => {
  const { sanitizeHtml, textOf } = await import('/portal/element/sanitize.js');
  return textOf(sanitizeHtml(html));
}"""


@pytest.mark.parametrize("name", LONG)
def test_page_when_a_text_of_an_editor_is_too_long_then_cuts_it_at_a_word_and_says_so(
    page: Page, portal_address: str, name: str
) -> None:
    html, end = LONG[name]
    page.goto(urljoin(portal_address, "/portal/element/html.js"))

    shown = page.evaluate(SHOWN, html)

    assert shown.endswith(end)
    assert shown.count("…") == 1
    assert "\u200d…" not in shown
