"""Rich text keeps its words, the ends of its lines and its meaning, whatever program wrote it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.html import html_text, sanitize_html
from gridwix.mapping.html_rules import BLOCKS, DROPPED, HIGH_HEADINGS, KEPT, RENAMED
from ops.backend import HTML_RULES, html_rules_module
from tests.html_table import RULES, Row, written

TABLE = [*RULES, *written()]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_server_returns_what_the_table_says(row: Row) -> None:
    assert sanitize_html(row.html) == row.clean


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_sanitized_text_is_not_changed_again(row: Row) -> None:
    assert sanitize_html(row.clean) == row.clean


def test_page_has_the_same_list() -> None:
    assert HTML_RULES.read_text() == html_rules_module(), "make config writes it anew"


def test_element_is_in_one_list_and_becomes_one_that_is_kept() -> None:
    assert not DROPPED & (KEPT | RENAMED.keys() | HIGH_HEADINGS.keys())
    assert not KEPT & (RENAMED.keys() | HIGH_HEADINGS.keys())
    assert set(RENAMED.values()) | BLOCKS <= KEPT


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("one<div>two</div>three", "one\ntwo\nthree"),
        ("<h3>A</h3>b<hr>c<dl><dt>d</dt><dd>e</dd></dl>", "A\nb\nc\nd\ne"),
        ("<p>a</p><div><br></div><p>b</p>", "a\n\nb"),
        (
            "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>",
            "a b\nc",
        ),
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
    ],
)
def test_text_of_blocks_has_a_line_for_each(html: str, text: str) -> None:
    assert html_text(html) == text


WORDS = st.integers(0, 9).map(lambda number: f"w{number}")
ELEMENTS = st.sampled_from(sorted((KEPT | RENAMED.keys() | {"h1", "h2"}) - {"br", "hr"}))
TREES = st.recursive(
    WORDS,
    lambda inner: st.tuples(ELEMENTS, st.lists(inner, min_size=1, max_size=4)).map(
        lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"
    ),
    max_leaves=20,
)


@given(TREES)
def test_no_word_is_lost_and_only_elements_of_the_list_are_left(html: str) -> None:
    clean = sanitize_html(html)

    words = re.compile(r"w\d")
    assert sorted(words.findall(clean)) == sorted(words.findall(html))
    assert set(re.findall(r"<(\w+)", clean)) <= KEPT
    assert sanitize_html(clean) == clean


@given(st.lists(st.sampled_from(sorted(BLOCKS - {"hr", "tr", "caption"})), min_size=2, max_size=5))
def test_words_of_two_blocks_never_meet(tags: list[str]) -> None:
    clean = sanitize_html("".join(f"<{tag}>w</{tag}>" for tag in tags))

    assert "ww" not in html_text(clean)
    assert html_text(clean).split() == ["w"] * len(tags)


@given(st.text(alphabet="<>/=\"'ab href tel:&;#!-\n\x00", max_size=80))
def test_any_text_is_sanitized(html: str) -> None:
    assert set(re.findall(r"<(\w+)", sanitize_html(html))) <= KEPT
