"""Long sources of rich text: their looks go before their words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.html import MAX_HTML, html_text, read_rich_text, sanitize_html
from gridwix.mapping.html_sources import MAX_SOURCE, shorten_source
from tests.html_table import RULES, Row, written

STYLE = "font-family:Arial,sans-serif;mso-line-height-rule:exactly;padding:0 18px 9px"
CELL = f"""<tr>
            <td class='mcnTextContent' valign='top' style='{STYLE}'>
              <span style="{STYLE}">Dock {{number}}</span><!--[if mso]><p>x</p><![endif]-->
            </td>
          </tr>
"""


def newsletter(cells: int) -> str:
    rows = "".join(CELL.format(number=number) for number in range(cells))
    sheet = f"<style type='text/css'>{'p{margin:10px 0}' * 500}</style>"
    return f"<html><head>{sheet}</head><body><table>{rows}</table></body></html>"


def test_newsletter_when_only_its_looks_are_long_then_no_word_is_missing() -> None:
    html = newsletter(100)
    assert len(html) > 2 * MAX_HTML

    rich = read_rich_text(html)

    lines = re.split(r"\s*\n\s*", html_text(rich.html))
    assert lines == [f"Dock {number}" for number in range(100)]
    assert not rich.shortened


def test_newsletter_when_its_words_are_too_long_then_it_is_cut() -> None:
    rich = read_rich_text(newsletter(1_000))

    assert rich.shortened
    assert len(rich.html) <= MAX_HTML
    assert re.search(r"Dock \d+…", rich.html)


def test_source_when_it_is_longer_than_what_is_looked_at_then_it_is_cut() -> None:
    rich = read_rich_text(f"<p>one<!--{'x' * MAX_SOURCE}-->two</p>")

    assert rich == ("<p>one…</p>", True)


@pytest.mark.parametrize("row", [*RULES, *written()], ids=lambda row: row.name)
def test_shorter_source_means_the_same(row: Row) -> None:
    found = sanitize_html(shorten_source(row.html))

    assert found.split() == row.clean.split()


@pytest.mark.parametrize(
    ("html", "shorter"),
    [
        ("a<!-->b<!--->c<!-- d -->e<!-- f", "abce"),
        ("<!--[if !mso]><!-->a<!--<![endif]-->", "a"),
        ("<STYLE>p{}</Style >a<style>b", "a"),
        ('<a class=x HREF = "https://a.example/?b>c" onclick="d">e</a>', None),
        ('<p hidden class="a">b', "<p hidden>b"),
        ("<img src='data:x' alt='a b' width=4>", "<img alt='a b'>"),
        ("<b style='FONT-WEIGHT: normal; color: red'>a", '<b style="FONT-WEIGHT: normal">a'),
        ("<p style='mso-display:none'>a", "<p>a"),
        ('<p title="it\'s > 4">a  b', '<p title="it\'s > 4">a b'),
        ("<pre class=a>b\n\n  c</pre>", "<pre>b\n\n  c</pre>"),
        ("1 < 2 and 'x", "1 < 2 and 'x"),
        ("<a href=it's class=b>c", "<a href=it's class=b>c"),
    ],
)
def test_source_loses_what_the_sanitizer_does_not_read(html: str, shorter: str | None) -> None:
    expected = '<a HREF = "https://a.example/?b>c">e</a>' if shorter is None else shorter

    assert shorten_source(html) == expected


LOOKS = st.sampled_from(
    (
        *("", " class='a b'", ' style="color:red"', " style='x:y;display:none'", " hidden", " a=b"),
        *(" title='1 > 0'", ' width = "4" ', " style=font-weight:400", " data-x='<b>'", "\n/"),
    )
)
NAMES = st.sampled_from(("p", "b", "span", "div", "h1", "li", "td", "a href='tel:1'", "pre"))
PLAIN = st.sampled_from(
    ("one ", "two", "&amp;", "1 < 2", "<!-- x > -->", "<style>p>b{}</style>", " ")
)
TREES = st.recursive(
    PLAIN,
    lambda inner: st.tuples(NAMES, LOOKS, st.lists(inner, min_size=1, max_size=4)).map(
        lambda one: f"<{one[0]}{one[1]}>{''.join(one[2])}</{one[0].split()[0]}>"
    ),
    max_leaves=20,
)


@given(TREES)
def test_any_shorter_source_means_the_same(html: str) -> None:
    assert sanitize_html(shorten_source(html)).split() == sanitize_html(html).split()
