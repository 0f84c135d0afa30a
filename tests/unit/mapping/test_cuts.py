"""A cut is at a word, never inside a letter, a tag or a character reference, and it is marked."""

import re
from html import unescape

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.cuts import CUT, LONGEST_WORD, Width, cut_text, utf16_width
from gridwix.mapping.html import MAX_HTML, html_text, read_rich_text, sanitize_html
from gridwix.mapping.html_cuts import cut_html
from gridwix.mapping.row_sizes import wire_size

LETTERS = st.sampled_from(
    [
        *("a", "B", "é", "e\u0301", "n\u0303\u0323", "李", "か\u3099", "한", "\u1112\u1161\u11ab"),
        *("\u0915\u094d\u0937\u093f", "😀", "👍🏽", "👩\u200d👩\u200d👧\u200d👦", "🇩🇪"),
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        *(" ", "\n", "&", '"', "<", "\x07"),
    ]
)
TEXTS = st.lists(LETTERS, max_size=150).map("".join)


def letters(text: str) -> list[str]:
    found: list[str] = regex.findall(r"\X", text)
    return found


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("Send the labels", 15, "Send the labels"),
        ("Send the labels", 14, "Send the…"),
        ("Send the labels", 9, "Send the…"),
        ("Send the labels", 8, "Send…"),
        ("Send the\n\nlabels", 12, "Send the…"),
        ("x" * 99, 10, "x" * 9 + "…"),
        ("short " + "x" * 99, LONGEST_WORD + 9, "short " + "x" * (LONGEST_WORD + 2) + "…"),
        ("ラベルが足りません", 5, "ラベルが…"),
        ("cafe\u0301cafe\u0301", 5, "caf…"),
        (" " + "x" * 99, 10, " " + "x" * 8 + "…"),
        ("👩‍👩‍👧‍👦" * 3, 8, "👩‍👩‍👧‍👦…"),
        ("👩‍👩‍👧‍👦", 3, "…"),
    ],
)
def test_cut_of_a_text_when_it_is_too_long_then_is_at_a_word_or_else_a_letter(
    text: str, most: int, cut: str
) -> None:
    assert cut_text(text, most) == cut


@given(TEXTS, st.integers(1, 160), st.sampled_from([len, utf16_width, wire_size]))
def test_cut_of_any_text_when_made_then_fits_and_has_whole_letters_of_its_beginning(
    text: str, most: int, width: Width
) -> None:
    most += width(CUT)

    cut = cut_text(text, most, width)

    assert width(cut) <= most
    assert cut_text(cut, most, width) == cut
    if cut != text:
        kept = letters(cut.removesuffix(CUT))
        assert cut.endswith(CUT)
        assert letters(text)[: len(kept)] == kept


@pytest.mark.parametrize(
    ("html", "most", "cut"),
    [
        ("<p>one</p>", 10, "<p>one</p>"),
        ("<p>one two</p>", 13, "<p>one…</p>"),
        ("<p>a &amp; b</p>", 15, "<p>a &amp;…</p>"),
        ("<p>a &amp; b</p>", 14, "<p>a…</p>"),
        ("<ul><li>one</li><li>two</li></ul>", 27, "<ul><li>one…</li></ul>"),
        ("<p>one</p><table><tbody><tr><td>two</td></tr></tbody></table>", 55, "<p>one…</p>"),
        ('<p>see <a href="https://a.example/?a&gt;b">the guide</a></p>', 30, "<p>see…</p>"),
        ("one<br>two", 9, "one…"),
        ("one <b>two</b> three", 14, "one…"),
        ("<p>onetwo</p>", 11, "<p>one…</p>"),
        ("<p>李李李</p>", 9, "<p>李…</p>"),
        ("<p>" + "x" * 30 + "</p>", 3, "…"),
    ],
)
def test_cut_of_html_when_it_is_too_long_then_keeps_tags_closed_and_references_whole(
    html: str, most: int, cut: str
) -> None:
    assert cut_html(html, most) == cut


TREES = st.recursive(
    TEXTS.filter(str.strip).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.tuples(
        st.sampled_from(["p", "ul><li", "b", 'a href="https://a.example/?b&amp;c"', "blockquote"]),
        st.lists(inner, min_size=1, max_size=3),
    ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}"),
    max_leaves=6,
)


@given(TREES, st.integers(9, 600), st.sampled_from([len, utf16_width, wire_size]))
def test_cut_of_any_html_when_made_then_is_well_formed_and_shows_the_beginning(
    tree: str, most: int, width: Width
) -> None:
    html = sanitize_html(tree)

    cut = cut_html(html, most, width)

    assert width(cut) <= most or cut == html
    assert cut_html(cut, most, width) == cut
    if cut != html:
        words = re.sub(r"\s+", "", html_text(cut))
        assert words.endswith(CUT)
        assert re.sub(r"\s+", "", html_text(html)).startswith(words.removesuffix(CUT))
        assert tags_are_closed(cut)


def tags_are_closed(html: str) -> bool:
    opened: list[str] = []
    for end, name in re.findall(r"<(/?)([a-z0-9]+)", html):
        if name in {"br", "hr"}:
            continue
        if not end:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened


@pytest.mark.parametrize(
    ("source", "end"),
    [
        ("<p>" + "word " * MAX_HTML, "word…</p>"),
        ("<p>" + "&" * MAX_HTML, "&amp;…</p>"),
        ("<p>" + "&amp;" * MAX_HTML, "&amp;…</p>"),
        ("<p>" + "e&#x301;" * MAX_HTML, "e\u0301…</p>"),
        ("<p>" + "李" * MAX_HTML, "李…</p>"),
        ("<p>" + "😀" * MAX_HTML, "😀…</p>"),
        ("<ul><li>one</li><textarea>" + "x" * MAX_HTML, "<li>one…</li></ul>"),
        ("<p>one</p>" + "<b class='" + "x" * MAX_HTML, "<p>one…</p>"),
    ],
)
def test_rich_text_when_it_is_too_long_then_ends_with_a_whole_letter_and_the_mark(
    source: str, end: str
) -> None:
    rich = read_rich_text(source)

    assert rich.shortened
    assert rich.html.endswith(end)
    assert utf16_width(rich.html) <= MAX_HTML
    assert sanitize_html(rich.html) == rich.html


@pytest.mark.parametrize("shift", range(9))
def test_rich_text_when_cut_near_a_reference_then_shows_no_part_of_it(shift: int) -> None:
    rich = read_rich_text("x" * (MAX_HTML - shift) + "&amp;&#233;e&#x301;" * 9)

    assert re.fullmatch(r"x+&?(é)?(e\u0301)?…", unescape(rich.html))


def test_rich_text_when_it_has_just_the_longest_length_then_is_not_cut() -> None:
    rich = read_rich_text("x" * MAX_HTML)

    assert rich == ("x" * MAX_HTML, False)
